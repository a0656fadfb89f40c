/* SPDX-License-Identifier: MIT */
/* bounds.c - the times that are asked for, as counts of a capture. */
#include "order/bounds.h"

void bounds_find(struct bounds *b, const struct select_options *o, struct stream *from, bool *late)
{
    bool day = o->from.kind == MOMENT_DAY || o->to.kind == MOMENT_DAY, again = b->ready;
    bool before = select_ends(o);
    bool wall = o->from.kind == MOMENT_DAY || (before && from->by_wall);

    b->ready = true;
    b->pairs = from->pairs.version;
    b->nothing = day && !from->day_known;
    b->first = 0;
    b->last = UINT64_MAX;
    if (b->nothing) {
        if (!again)
            diag_fail(&from->diag,
                      "no clock pair before the first record: a time of day cannot be found");
        return;
    }
    if (before && !from->end_known) {
        b->nothing = true;
        if (!again)
            diag_fail(&from->diag,
                      "where it ends is not known before it is read, so no time counts "
                      "from there: save it to a file");
        return;
    }
    if (o->from.kind)
        b->first = moment_first(&o->from, from);
    if (o->to.kind)
        *late = b->nothing = !moment_last(&o->to, from, &b->last);
    if (!again && b->first)
        stream_leave_out(from, wall ? moment_early(b->first, from) : b->first);
}
