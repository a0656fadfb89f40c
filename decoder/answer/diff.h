/* SPDX-License-Identifier: MIT */
/*
 * diff.h - --diff: what is different between two dumps.
 *
 * The first input and the second are counted apart; rates are over the time of each.
 */
#ifndef DIFF_H
#define DIFF_H

#include "answer/tally.h"

struct diff_row {
    const char *name;
    uint32_t bytes;
    struct tally_cell cell[2];
};

struct diff {
    struct sink sink;
    bool json;
    const char *names[2];
    struct tally tally[2];
    struct tally_input inputs[2];
    struct diff_row *rows;
    uint32_t row_count;
    uint64_t same; /* rows without a difference */
};

struct sink *diff_open(struct diff *d, struct out *o, const char *first, const char *second,
                       bool json);

#endif
