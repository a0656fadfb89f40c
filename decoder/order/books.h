/* SPDX-License-Identifier: MIT */
/*
 * books.h - the numbers and counts of one CPU: which records were there, and how many were lost.
 *
 * Chunks are entered in their order; each says what was lost before it.
 */
#ifndef BOOKS_H
#define BOOKS_H

#include <tp/wire.h>

#include "order/gap.h"

struct books {
    bool synced;                   /* they have started */
    uint64_t expected;             /* number of the next record */
    uint64_t lost[TP_LOST_CAUSES]; /* as the last chunk said */
    struct gap_list gaps;          /* what did not come */
};

struct books_entry {
    uint64_t lost[TP_LOST_CAUSES]; /* before the chunk's first record */
    uint64_t missing;              /* numbers, too: those that were not overwritten */
    uint32_t skip;                 /* records of it that were there before */
};

/* Starts them at the first chunk. `middle`: it is not the first that there was. */
void books_start(struct books *b, const struct tp_wire_chunk *h, bool middle);
struct books_entry books_enter(struct books *b, const struct tp_wire_chunk *h);
/* Numbers first..end are expected no more, and did not come. Returns how many. */
uint64_t books_miss(struct books *b, uint64_t first, uint64_t end);
/* A record that is there. False: it was there before. `late`: it had been counted as lost. */
bool books_record(struct books *b, uint64_t number, bool *late);

#endif
