/* SPDX-License-Identifier: MIT */
/* gap.h - numbers of records of one CPU that did not come, and still may. */
#ifndef GAP_H
#define GAP_H

#include <stdbool.h>
#include <stdint.h>

/* Gaps of a CPU that are remembered. Of more, the oldest is forgotten. */
#define GAP_MAX 32u

struct gap {
    uint64_t first, end;
    bool counted; /* as lost */
};

struct gap_list {
    struct gap *at; /* most CPUs have none, and there may be many CPUs */
    uint32_t count, room;
};

void gap_add(struct gap_list *g, struct gap gap);
/* Takes out what one of them has of first..end; false: none has anything. */
bool gap_take(struct gap_list *g, uint64_t first, uint64_t end, struct gap *taken);
void gap_free(struct gap_list *g);

#endif
