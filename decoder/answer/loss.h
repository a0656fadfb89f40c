/* SPDX-License-Identifier: MIT */
/* loss.h - how much was lost, for answers that say no more of it than that. */
#ifndef LOSS_H
#define LOSS_H

#include "base/out.h"
#include "order/stream.h"

struct loss {
    uint64_t lost;
    uint64_t damaged; /* places where an unknown number more were lost */
};

void loss_add(struct loss *l, const struct stream_lane *lane);
/* At the end of a capture: what was lost on CPUs that it does not have. */
void loss_finish(struct loss *l, const struct stream *s);
/* A line, if there was any. */
void loss_text(const struct loss *l, struct out *o);
/* ,"lost":... */
void loss_json(const struct loss *l, struct out *o);

#endif
