/* SPDX-License-Identifier: MIT */
/*
 * ring.h - which sub-buffers of a CPU are there, in an image of memory.
 *
 * By the state of its ring; where that cannot be right, by what the
 * sub-buffers say of themselves. doc/region.md.
 */
#ifndef RING_H
#define RING_H

#include "bytes/region.h"

struct ring {
    uint64_t first;  /* number of the oldest sub-buffer */
    uint32_t count;  /* so many from there on, the last of them being the current one */
    uint32_t end;    /* where what is reserved in the current one ends; 0: not known */
    uint64_t events; /* number of the first event in the oldest */
    uint64_t lost[TP_LOST_OVERWRITTEN];
    bool known; /* there was a state, so that the counts mean something */
};

/* Always gives an answer; what was wrong is reported. */
void ring_read(const struct region *r, uint32_t cpu, struct ring *g);

#endif
