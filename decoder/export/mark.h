/* SPDX-License-Identifier: MIT */
/*
 * mark.h - what runs and what begins and ends, between the items of a block: what lanes of a page are made of.
 *
 * A mark is a kind, how many items came since the mark before (or since the start of the block), the time as a
 * difference to that mark, below 0 or not, then what its kind has. A track is its kind, its number (of a CPU, a
 * task), or its label (a string), and which of the lanes of that track, from 0.
 */
#ifndef MARK_H
#define MARK_H

#include "export/block.h"
#include "order/nest.h"

enum mark_is {
    MARK_NONE,
    MARK_RUN,    /* capture, CPU, task, its name, state of what ran, was that known, its task */
    MARK_STOP,   /* capture, CPU, how much later records are missing: what it runs is not known */
    MARK_WAKE,   /* capture, task, its name, CPU */
    MARK_NEW,    /* capture, task, its name, CPU */
    MARK_GONE,   /* capture, task, its name, CPU */
    MARK_BEGIN,  /* slot, capture, track, name */
    MARK_END,    /* slot, why (enum nest_why) */
    MARK_WHOLE,  /* capture, track, name, how long ago it began */
    MARK_COUNTER /* capture, label, the bits of an f64 */
};

struct mark {
    struct block *block;
    const struct sched *sched; /* which numbers tasks have */
    uint64_t block_bytes;      /* which block it was */
    uint32_t items;
    uint64_t ns;
};

void mark_switch(struct mark *m, uint64_t ns, uint32_t capture, uint32_t cpu,
                 const struct sched_event *e, struct metadata_text name);
/* From lost_ns on records are missing. */
void mark_stop(struct mark *m, uint64_t ns, uint32_t capture, uint32_t cpu, uint64_t lost_ns);
void mark_task(struct mark *m, enum mark_is is, uint64_t ns, uint32_t capture,
               const struct sched_event *e, struct metadata_text name);
void mark_begin(struct mark *m, uint32_t capture, const struct nest_span *span,
                const struct nest_record *r);
void mark_end(struct mark *m, const struct nest_span *span, uint64_t ns, enum nest_why why);
void mark_whole(struct mark *m, uint32_t capture, const struct nest_span *span, uint64_t ns,
                const struct nest_record *r);
void mark_counter(struct mark *m, uint64_t ns, uint32_t capture, const struct nest_record *r);

#endif
