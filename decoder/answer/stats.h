/* SPDX-License-Identifier: MIT */
/*
 * stats.h - --stats: how many records there are of each event and each CPU.
 *
 * Rates are over the time from the first record of all to the last.
 */
#ifndef STATS_H
#define STATS_H

#include "answer/boots.h"
#include "answer/origin.h"

struct stats {
    struct sink sink;
    bool json;
    struct tally tally;
    struct origin_list origins;
    struct boots boots;
    struct diag *diag;
    struct tally_input *inputs; /* by number */
    struct tally_cpu **cpus;    /* sorted */
    uint32_t input_count;
};

struct sink *stats_open(struct stats *st, struct out *o, bool json, uint32_t inputs,
                        struct diag *diag);

#endif
