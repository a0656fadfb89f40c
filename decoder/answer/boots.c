/* SPDX-License-Identifier: MIT */
/* boots.c - are captures known to be of one boot? */
#include "answer/boots.h"

#include <inttypes.h>

void boots_add(struct boots *b, const struct stream *s)
{
    __int128 zero_ns = 0;
    bool known = clock_zero_ns(&s->pairs, s->clock.hz, &zero_ns);

    if (s->others)
        return;
    if (!b->count++) {
        b->zero_known = known;
        b->zero_ns = zero_ns;
    }
    if (!known || !b->zero_known || !clock_is_same_zero(zero_ns, b->zero_ns))
        b->unsure = true;
}

void boots_end(const struct boots *b, struct diag *diag, const char *what)
{
    if (b->count > 1 && b->unsure)
        diag_line(diag,
                  "%s: the times of %" PRIu32 " captures are taken as if of one boot, and not all "
                  "are known to be: --capture has one by itself",
                  what, b->count);
}
