/* SPDX-License-Identifier: MIT */
/*
 * latency.h - --latency: the time from one event to another with the same key.
 *
 * An end is paired with the last start of its key in its capture. Starts that wait are in a
 * table of LATENCY_OPEN; when it is full the oldest goes.
 */
#ifndef LATENCY_H
#define LATENCY_H

#include "answer/quantile.h"
#include "answer/spread.h"
#include "order/key.h"

#define LATENCY_OPEN 16384u
#define LATENCY_WORST 10u

struct latency_options {
    struct metadata_text sys[2], name[2]; /* of start and end */
    const char *key;
};

struct latency_open;

struct latency_pair {
    uint64_t ns, start_ns, end_ns;
    uint32_t start_cpu, end_cpu;
    struct key key;
};

struct latency {
    struct sink sink;
    bool json;
    const struct latency_options *options;
    struct diag *diag;
    struct key_by by;
    struct latency_open *open; /* LATENCY_OPEN; place 0 is no place */
    uint32_t *heads;           /* by hash */
    uint32_t unused, newest, oldest;

    struct quantile *quantile;
    struct spread spread;
    struct latency_pair worst[LATENCY_WORST];
    uint32_t worst_count;
    /* What was not paired: starts that were started again, dropped, or left; ends; what has no
     * key; ends earlier than their start. */
    uint64_t restarted, dropped, left, ends, without, backwards;
    bool seen[2];  /* some capture has the event */
    bool finished; /* some capture was read to its end */
};

/* NULL, or what is wrong with SYS:START:SYS:END. */
const char *latency_read(struct latency_options *o, const char *text);
struct sink *latency_open(struct latency *l, struct out *o, const struct latency_options *options,
                          bool json, struct diag *diag);

#endif
