/* SPDX-License-Identifier: MIT */
/* loss.c - how much was lost, for answers that say no more of it than that. */
#include "answer/loss.h"

#include "base/number.h"

void loss_add(struct loss *l, const struct stream_lane *lane)
{
    for (unsigned i = 0; i < STREAM_LOST_CAUSES; i++)
        l->lost = number_add(l->lost, lane->loss[i]);
    l->damaged += lane->loss_damage;
}

void loss_finish(struct loss *l, const struct stream *s)
{
    l->lost = number_add(l->lost, stream_strangers(s));
}

void loss_text(const struct loss *l, struct out *o)
{
    if (!l->lost && !l->damaged)
        return;
    out_u64(o, l->lost);
    out_text(o, " records lost");
    if (l->damaged) {
        out_text(o, ", and how many more is not known at ");
        out_u64(o, l->damaged);
        out_text(o, " places that are damaged");
    }
    out_text(o, "\n");
}

void loss_json(const struct loss *l, struct out *o)
{
    number_json(o, "lost", l->lost);
    if (l->damaged)
        number_json(o, "damaged", l->damaged);
}
