/* SPDX-License-Identifier: MIT */
/* bounds.h - the times that are asked for, as counts of a capture. */
#ifndef BOUNDS_H
#define BOUNDS_H

#include "order/select.h"

struct bounds {
    bool ready;     /* first and last are known */
    bool nothing;   /* no time is in them, or they cannot be found */
    unsigned pairs; /* version of the clock pairs they were made by */
    uint64_t first, last;
};

/* Finds them, or finds them again when there are more clock pairs. *late: all of the capture is after them. */
void bounds_find(struct bounds *b, const struct select_options *o, struct stream *from, bool *late);

#endif
