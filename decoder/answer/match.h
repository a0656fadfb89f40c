/* SPDX-License-Identifier: MIT */
/*
 * match.h - starts and ends with the same key, as pairs.
 *
 * An end is paired with the last start of its key in its capture. Starts that wait are in a
 * table of MATCH_OPEN; when it is full the oldest goes.
 *
 * What was lost may have been an end, or a start, of any key and on any CPU; and a loss is reported when its CPU
 * has something after it, which is late. So a pair is given on when MATCH_RECENT others have ended
 * after it. A loss takes away all starts that wait, and the pairs that had not ended before it began.
 * Pairs that were found in another way can be held back with them.
 */
#ifndef MATCH_H
#define MATCH_H

#include "order/key.h"

#define MATCH_OPEN 16384u
#define MATCH_RECENT 16384u

struct match_open;

struct match_pair {
    uint64_t ns, start_ns, end_ns;
    uint64_t reached; /* the latest end of its capture so far */
    uint64_t self_ns; /* for the caller, as are these: */
    uint32_t tag, end_tag, node;
    bool inner;
    bool apart; /* only what its CPU has lost can have changed it */
    uint32_t start_cpu, end_cpu;
    struct key key;
};

/* Of one capture. */
struct match_input {
    uint64_t reached; /* the latest end, */
    uint64_t given;   /* and of those that were given on */
};

struct match {
    struct match_open *open; /* MATCH_OPEN; place 0 is no place */
    uint32_t *heads;         /* by hash */
    uint32_t used;           /* places that were ever in use; of them */
    uint32_t unused;         /* the first that is not; or 0 */
    uint32_t newest, oldest;
    struct match_pair *recent; /* MATCH_RECENT, a ring */
    uint32_t first, count;
    struct match_input *inputs; /* by number */
    void (*give)(void *context, const struct match_pair *pair);
    void *context;
    /* What was not paired: starts that were started again, dropped, or left; ends; ends earlier than their
     * start; starts and pairs that a loss has taken away. */
    uint64_t restarted, dropped, left, ends, backwards, across;
    uint64_t far; /* losses that began before a pair ended that was given on */
};

void match_begin(struct match *m, uint32_t inputs,
                 void (*give)(void *context, const struct match_pair *pair), void *context);
/* The key has the place of its capture (share.h) in it, times are nanoseconds. The pair will have the tags. */
void match_start(struct match *m, const struct key *k, uint64_t ns, uint32_t cpu, uint32_t tag);
void match_end(struct match *m, const struct key *k, uint64_t ns, uint32_t cpu, uint32_t tag);
/* A pair that ends now, of the capture that its key has. */
void match_put(struct match *m, struct match_pair *pair);
/* Something of a CPU of this capture was lost, after `from` and up to now. */
void match_loss(struct match *m, uint32_t stream, uint32_t cpu, uint64_t from_ns);
/* A capture is at its end. */
void match_finish(struct match *m, uint32_t stream);
/* All is at its end. */
void match_finish_all(struct match *m);
void match_close(struct match *m);

#endif
