/* SPDX-License-Identifier: MIT */
/*
 * latency.h - --latency: the time from one event to another with the same key (match.h), of one capture; or, if that is
 * asked for, of any: then all inputs are one, whose times are comparable.
 */
#ifndef LATENCY_H
#define LATENCY_H

#include "answer/choice.h"
#include "answer/loss.h"
#include "answer/match.h"
#include "answer/quantile.h"
#include "answer/share.h"
#include "answer/spread.h"

#define LATENCY_WORST 10u
#define LATENCY_FIELDS_BYTES 256u /* of their names, in a message */

struct latency_options {
    struct choice_name event[2]; /* of start and end */
    const char *key;             /* as it was given */
    struct metadata_text by[2];
    bool across; /* inputs */
};

/* Start, or end. */
struct latency_side {
    struct choice choice;
    struct key_by by;
    bool seen[2];                      /* the key is no field of it, or it is: in some capture */
    char fields[LATENCY_FIELDS_BYTES]; /* if it is none: what the event has */
};

struct latency {
    struct sink sink;
    bool json;
    const struct latency_options *options;
    struct diag *diag;
    struct latency_side side[2];
    struct share share;
    struct match match;
    struct loss loss;

    struct quantile *quantile;
    struct spread spread;
    struct match_pair worst[LATENCY_WORST];
    uint32_t worst_count;
    uint64_t without; /* records that have no key */
    /* Across inputs: */
    const char **labels; /* of each input */
    uint64_t within;     /* pairs of one input */
    uint32_t
        apart;  /* inputs whose times have nothing to do with those of others; one is no matter */
    bool begun; /* there was some metadata */
    bool wrong; /* what was asked for cannot be answered, and it was said why */
};

/* NULL, or what is wrong with START:END or START,END. */
const char *latency_read(struct latency_options *o, const char *text);
/* NULL, or what is wrong with KEY or KEY=KEY. */
const char *latency_read_key(struct latency_options *o, const char *text);
struct sink *latency_open(struct latency *l, struct out *o, const struct latency_options *options,
                          bool json, uint32_t inputs, struct diag *diag);

#endif
