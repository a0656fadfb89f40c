/* SPDX-License-Identifier: MIT */
/*
 * extract.h - the records of one sub-buffer as chunks: what is whole, what was in flight, and how many are missing.
 *
 *     c.number = ...;                            of its first event
 *     extract_start(&c);
 *     extract_rest(&x, &c, &s, number, cursor);
 *
 * The records of a sub-buffer that is still written are taken in parts, by extract_more().
 */
#ifndef EXTRACT_H
#define EXTRACT_H

#include "bytes/pack.h"
#include "bytes/region.h"
#include "bytes/subbuf.h"

/* Of one CPU. */
struct extract_cpu {
    uint32_t cpu;
    const uint64_t
        *most;       /* counts of losses that none of its sub-buffers can exceed; NULL: not known */
    uint64_t number; /* of the next event */
    uint64_t shown;  /* the same as the last chunk left it */
    uint64_t lost[TP_LOST_CAUSES];
    uint16_t flags; /* for the next chunk */

    /* How far its sub-buffer was read, */
    uint32_t at;
    uint64_t high;                     /* the upper half of the time there, */
    uint32_t events, units, own_units; /* and whole ones so far; of them, those of the tracer */
};

struct extract {
    const struct region *region;
    struct pack *pack;
    uint64_t newest; /* latest time of any record so far */
};

/* What is read next is the start of a sub-buffer. */
void extract_start(struct extract_cpu *c);
/* The rest of a sub-buffer as it will never change again. `cursor`: it is the current one, and what is reserved in it
 * ends there; else, and if that is not known, 0. */
void extract_rest(struct extract *x, struct extract_cpu *c, const struct subbuf *s, uint64_t number,
                  uint32_t cursor);
/* Of a sub-buffer that may still be written: its records up to the first that is not whole. */
void extract_more(struct extract *x, struct extract_cpu *c, const struct subbuf *s,
                  uint64_t number);
/* Where the records of a sub-buffer end at the latest. */
uint32_t extract_end(const struct region *r, const struct subbuf *s);
/* A sub-buffer of which nothing can be used. `what`: NULL, it was said. */
void extract_skip(struct extract *x, struct extract_cpu *c, const struct subbuf *s, uint64_t number,
                  const char *what);
/* A chunk of data without records: the counts of a CPU at this time. `final`: with the flags that wait for a chunk. */
void extract_mark(struct extract *x, struct extract_cpu *c, uint64_t seq, uint64_t time,
                  bool final);

#endif
