/* SPDX-License-Identifier: MIT */
/* part_sum.h - what windows have counted, added up. */
#ifndef PART_SUM_H
#define PART_SUM_H

#include "order/part.h"
#include "order/select_counts.h"

/* What is counted over all windows. */
struct part_counts {
    uint64_t records, lost, unknown, cut_arrays;
    uint16_t flags; /* of chunks */
    struct select_counts select;
};

/* What windows have counted whose turn was; all zero at first. */
struct part_sum {
    uint64_t printed[CUT_CPUS]; /* of windows by place: the time of the last item of each CPU */
    _Alignas(16) uint8_t answer[SINK_SUM_BYTES]; /* sink->put */
};

/* What was counted in this window; and adds that of those before it. */
void part_sum_take(const struct part *p, struct part_counts *c);
void part_sum_give(struct part *p, const struct part_counts *c);
/* The turn of this window has come: its answer is added to that of those before it. False: it has to be decoded by one that
 * begins with what they have counted. */
bool part_sum_hand(struct part *p, struct part_sum *sum);
/* Begins or goes on with what they have counted. False: it has to begin with it. */
bool part_sum_receive(struct part *p, const struct part_sum *sum);
/* Adds what a window has counted to those before it. */
void part_sum_add(struct part_counts *all, const struct part_counts *one);

#endif
