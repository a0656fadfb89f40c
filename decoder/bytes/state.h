/* SPDX-License-Identifier: MIT */
/* state.h - the state of a CPU's ring, read alone: where it is in a region, and whether it can be right. */
#ifndef STATE_H
#define STATE_H

#include "bytes/region.h"

/* Offsets of its parts have 16 bits, and the last part is four counts. */
#define STATE_BYTES_MAX ((1u << 16) + 4u * 8u)

struct state {
    uint64_t cursor; /* a position */
    uint64_t limit;  /* number of the first sub-buffer that may not be entered */
    uint64_t gone[2];
    uint64_t lost[TP_LOST_OVERWRITTEN];
};

/* The bytes that have all of it: how many, and where in the region. */
uint32_t state_span(const struct region *r, uint32_t cpu, uint64_t *at);
/* Of these bytes. False: it cannot be right, or changed while it was read. */
bool state_read(const struct region *r, const uint8_t *bytes, struct state *st);
/* Is number l in the making, by its header's bytes as they are? `gone` and then its number are written first, while the
 * rest is still anything. So as long as its old commit word is there, `gone` has gone on by the events of that. */
bool state_making(const struct region *r, const uint8_t *header, uint64_t l,
                  const uint64_t gone[2]);
/* A count of losses: the low half, and how often that went through half of its range. */
uint64_t state_count(const uint8_t *p, bool swap);

#endif
