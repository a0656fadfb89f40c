/* SPDX-License-Identifier: MIT */
/*
 * timeline.h - --timeline: how dense records are, a line for each CPU.
 *
 * In one pass: a column begins as one nanosecond, and whenever a time does not fit, all become
 * twice as wide. The first column starts at the first item; at least half of them are used then.
 */
#ifndef TIMELINE_H
#define TIMELINE_H

#include "answer/loss.h"
#include "order/sink.h"

#define TIMELINE_CPUS 256u /* with a line of their own, the first that are seen */
#define TIMELINE_COLUMNS_LEAST 10u
#define TIMELINE_COLUMNS_MOST 400u
#define TIMELINE_LABEL 12u /* characters of a line that are not columns */

struct timeline_cell {
    uint64_t count, lost;
    bool damaged; /* records were lost, how many is not known */
};

struct timeline {
    struct sink sink;
    bool json, ascii;
    uint32_t columns;
    struct timeline_cell *cells; /* of each row, column modulo `columns` */
    uint16_t *rows;              /* by CPU: row + 1 */
    uint32_t cpus[TIMELINE_CPUS];
    uint32_t row_count; /* the others have the one at TIMELINE_CPUS */
    bool based, others;
    struct loss loss;
    uint64_t base_ns;
    unsigned shift; /* a column is 2^shift ns */
    __int128 first, last;
};

/* width: of the terminal, in characters. */
struct sink *timeline_open(struct timeline *t, struct out *o, uint32_t width, bool ascii,
                           bool json);

#endif
