/* SPDX-License-Identifier: MIT */
/* select_counts.h - what the selection has counted, of a part of an input. */
#ifndef SELECT_COUNTS_H
#define SELECT_COUNTS_H

#include "order/select.h"

/* What is counted, of a part of an input, and what of that there is which was asked for. */
struct select_counts {
    uint64_t shown, records, lost;
    bool cpu[RANGE_MAX], pid[RANGE_MAX];
    uint32_t pids[ASKED_PIDS];
    uint32_t pid_count;
};

void select_counts_clear(struct select *s);
void select_counts_take(const struct select *s, struct select_counts *c);
/* Adds what was counted before. */
void select_counts_give(struct select *s, const struct select_counts *before);
/* Adds what was counted after. */
void select_counts_add(struct select_counts *all, const struct select_counts *after);

#endif
