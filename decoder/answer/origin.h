/* SPDX-License-Identifier: MIT */
/*
 * origin.h - the captures that --stats has counted: how many records each has, and how fast its counter
 * counts by its clock pairs.
 */
#ifndef ORIGIN_H
#define ORIGIN_H

#include "answer/tally.h"

#define ORIGIN_MAX 1024u /* captures that are listed */
/* If a counter is so much faster or slower than it is said to be, that is shown: parts of a million. */
#define ORIGIN_PPM 100u

struct origin {
    const char *input; /* NULL: there is one only */
    uint32_t number, capture;
    uint64_t count, lost;
    uint64_t told_hz, measured_hz; /* 0: not known */
};

struct origin_list {
    struct origin *all;
    uint32_t count, room;
    uint64_t more; /* that are not listed */
};

/* A capture is at its end, before its tally is folded. */
void origin_add(struct origin_list *l, const struct tally_input *in);
/* By input, in their order. */
void origin_sort(struct origin_list *l);
/* If there are several, or a counter is not as fast as it is said to be. */
void origin_text(const struct origin_list *l, struct out *o);
void origin_json(const struct origin_list *l, struct out *o);
void origin_close(struct origin_list *l);

#endif
