/* SPDX-License-Identifier: MIT */
/*
 * hist.h - --hist: how the values of a field are distributed, for each key; of names and texts, how
 * often each comes.
 *
 * There is room for HIST_KEYS keys. When one more comes, the half of them with the fewest values is
 * added to the row of others: the sum is exact, and the count of a key is exact since it was last
 * added there. Names and texts are counted in the same table, each for each key.
 *
 * A field is what it is in the first event that has it: where it is text instead of a number, or has other
 * names for its values, its values are not counted, and how many there are is said.
 */
#ifndef HIST_H
#define HIST_H

#include "answer/choice.h"
#include "answer/loss.h"
#include "answer/owner.h"
#include "answer/spread.h"
#include "order/key.h"

#define HIST_KEYS 1024u
#define HIST_SHOWN 16u  /* with a histogram of their own */
#define HIST_NAMES 32u  /* names or texts that are shown */
#define HIST_SAMES 256u /* events of which it is remembered whether their field is the same */

struct hist_options {
    const char *field;
    uint32_t field_bytes;
    bool scaled, linear; /* one of both was asked for; this one */
    const char *by;      /* NULL: all together */
};

/* Of numbers the key, of words the word; and the key, if words are counted for each. */
struct hist_key {
    struct key by, key;
    struct spread spread;
};

struct hist {
    struct sink sink;
    bool json;
    const struct hist_options *options;
    struct diag *diag;
    struct columns columns;
    struct owner_list owners;    /* events that had the field; */
    struct owner_list strangers; /* those in which it is something else, */
    uint64_t apart;              /* and how many of their values were not counted */
    uint64_t kind;               /* what it is, a number for each kind */
    struct hist_same {
        const struct metadata_event *event;
        bool is;
    } same[HIST_SAMES];
    struct loss loss;
    struct key_by by;
    struct hist_key *keys; /* HIST_KEYS */
    struct hist_key **order;
    struct hist_group {
        const struct key *by;
        uint64_t count;
    } * groups; /* of words with --by, once all have come; the most values first */
    uint32_t group_count;
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
