/* SPDX-License-Identifier: MIT */
/*
 * merge.h - the items of all lanes of all streams in one order:
 * time, CPU, record number.
 *
 * A lane that is empty has among the others (heads.h) the time before which
 * nothing can come from it: when it is the first, its input is read.
 */
#ifndef MERGE_H
#define MERGE_H

#include "order/heads.h"
#include "order/relation.h"
#include "order/turns.h"
#include "order/sink.h"
#include "order/stream.h"

/* Of an input that is followed: so long something waits for silent CPUs. */
#define MERGE_DELAY_MS 1000u

struct merge {
    struct stream *streams;
    uint32_t stream_count;
    struct sink *sink; /* what is done with them */

    void (*turn)(void *context); /* called for each chunk read; may be NULL */
    void *turn_context;

    bool stepwise;            /* merge_step(): one item at a time, */
    struct stream_lane *held; /* and that is still there; NULL: none is */

    struct heads heads;       /* times are ticks, or ns if the clocks of the streams differ */
    struct turns turns;       /* of what comes next, where CPUs take turns */
    struct relation relation; /* of several inputs */
    bool any_order;           /* as the sink says, if no capture is in several inputs */
    bool in_ns;
    uint64_t clock_hz; /* of the first stream that has one */

    bool based;         /* something was put out */
    uint64_t base_ns;   /* the time of the first */
    uint64_t last;      /* time of what was put out last, as in `heads` */
    uint64_t late;      /* records that came after later ones */
    uint64_t backwards; /* records earlier than one of their own CPU */
};

/* Gives everything to the sink, until the inputs end, or it has enough, or its output fails. */
void merge_run(struct merge *m);

/* The same in steps, for a caller that takes one item at a time (dump.c): what a step puts out, at
 * most one item, is good until the next step. After merge_start(), until MERGE_END. */
enum merge_step { MERGE_END, MERGE_MORE };
void merge_start(struct merge *m);
/* For one who begins in the middle (part.h): merge_enter() instead of merge_start(), with streams that have read
 * something; merge_go() as merge_run(), but without the start, and without the end, which is merge_end(). */
void merge_enter(struct merge *m);
void merge_go(struct merge *m);
void merge_end(struct merge *m);
enum merge_step merge_step(struct merge *m);

/* Puts out what has waited too long by `now` (watch.h), and nothing that came later. May be called while an input is read. */
void merge_hurry(struct merge *m, uint64_t now);
void merge_free(struct merge *m);

#endif
