/* SPDX-License-Identifier: MIT */
/*
 * hist.h - --hist: how the values of a field are distributed, for each key; of names and texts, how
 * often each comes.
 *
 * There is room for HIST_KEYS keys. When one more comes, the half of them with the fewest values is
 * added to the row of others: the sum is exact, and the count of a key is exact since it was last
 * added there. Names and texts are counted in the same table.
 */
#ifndef HIST_H
#define HIST_H

#include "answer/choice.h"
#include "answer/loss.h"
#include "answer/spread.h"
#include "order/key.h"

#define HIST_KEYS 1024u
#define HIST_SHOWN 16u /* with a histogram of their own */
#define HIST_NAMES 32u /* names or texts that are shown */
#define HIST_EVENTS 4u /* that have the field, which are named */

struct hist_options {
    const char *field;
    uint32_t field_bytes;
    bool scaled, linear; /* one of both was asked for; this one */
    const char *by;      /* NULL: all together */
};

struct hist_key {
    struct key key;
    struct spread spread;
};

/* Those that had the field. */
struct hist_events {
    const struct metadata_event *at[HIST_EVENTS]; /* in this capture; NULL: not there so far */
    char name[HIST_EVENTS][METADATA_JOINED_BYTES];
    uint32_t count;
    bool more;
};

struct hist {
    struct sink sink;
    bool json;
    const struct hist_options *options;
    struct diag *diag;
    struct columns columns;
    struct hist_events events;
    struct loss loss;
    struct key_by by;
    struct hist_key *keys; /* HIST_KEYS */
    struct hist_key **order;
    uint32_t count;
    uint32_t slots[2 * HIST_KEYS]; /* by hash: place in keys + 1 */
    uint64_t sent;                 /* to the others, so far */
    struct spread all, others;
    uint64_t without; /* records that have no such field, or no number in it, or no key */
    enum { HIST_NOTHING, HIST_NUMBERS, HIST_WORDS } counts; /* what the first value was */
    bool able;     /* some event has it as what can be counted */
    bool finished; /* some capture was read to its end */
};

/* NULL, or what is wrong with FIELD[:log2|linear]. */
const char *hist_read(struct hist_options *o, const char *text);
struct sink *hist_open(struct hist *h, struct out *o, const struct hist_options *options, bool json,
                       struct diag *diag);

#endif
