/* SPDX-License-Identifier: MIT */
/* single.c - for formats that have one capture. */
#include "export/single.h"

bool single_begin(struct single *o, const struct stream *s)
{
    if (!o->any) {
        o->any = true;
        o->serial = join_serial(s);
        o->input = s->number;
        o->number = s->captures;
    }
    if (single_has(o, s))
        return true;
    if (!o->others)
        diag_wrong(s->diag.diag,
                   "--format %s has one capture: the others are not in it; give one input, and "
                   "choose one by --capture",
                   o->word);
    o->others = true;
    return false;
}
