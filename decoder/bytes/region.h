/* SPDX-License-Identifier: MIT */
/*
 * region.h - one trace in an image of memory: its header, and where things are.
 *
 * Nothing in it is trusted. Offsets are checked against the header and
 * against what the image has; no pointer is made in any other way than by
 * region_part().
 */
#ifndef REGION_H
#define REGION_H

#include <stdbool.h>
#include <stdint.h>
#include <tp/wire.h>

#include "base/load.h"

struct diag_file;

struct region {
    struct tp_wire_region head; /* in our byte order */
    bool swap;
    unsigned shift;       /* a sub-buffer has 2^shift bytes */
    uint64_t number_mask; /* numbers of sub-buffers wrap */
    const uint8_t *bytes;
    uint64_t size; /* of it in the image; may be less than region_bytes */
    uint64_t at;   /* in the image */
    struct diag_file *diag;
};

/* Is there a region header with a good checksum at p, of which n bytes are there? */
bool region_header(const uint8_t *p, uint64_t n, struct tp_wire_region *h, bool *swap);

/* The region that starts at `at`, where at least one copy of its header is good. False if it
 * cannot be read; the reason was reported. */
bool region_open(struct region *r, const uint8_t *image, uint64_t image_bytes, uint64_t at,
                 struct diag_file *diag);

/* The same of a region of which only the headers are here, `n` bytes at `start`; no part of it can be had. */
bool region_head(struct region *r, const uint8_t *start, uint64_t n, uint64_t at,
                 struct diag_file *diag);

/* Of the table of tasks and what is before it. */
static inline uint64_t region_tasks_bytes(const struct tp_wire_region *h)
{
    return sizeof(struct tp_wire_tasks) + (uint64_t)h->tasks * sizeof(struct tp_wire_task);
}

/* n bytes at an offset; NULL if they are not all there. */
static inline const uint8_t *region_part(const struct region *r, uint64_t at, uint64_t n)
{
    return at <= r->size && n <= r->size - at ? r->bytes + at : NULL;
}

static inline uint64_t region_word(const struct region *r, const uint8_t *p)
{
    return r->head.word_bytes == 8 ? load_u64(p, r->swap) : load_u32(p, r->swap);
}

/* Where the sub-buffer of a number lies. */
static inline uint64_t region_subbuf_at(const struct region *r, uint32_t cpu, uint64_t number)
{
    return r->head.data_at +
           (((uint64_t)cpu * r->head.subbufs + (number & (r->head.subbufs - 1))) << r->shift);
}

/* Of the places of the sub-buffers of a CPU, so many are in the image, from the first on. What a header
 * says must not decide how long they are gone through. */
static inline uint32_t region_places(const struct region *r, uint32_t cpu)
{
    uint64_t at = region_subbuf_at(r, cpu, 0), n = at < r->size ? (r->size - at) >> r->shift : 0;

    return n < r->head.subbufs ? (uint32_t)n : r->head.subbufs;
}

/* The sub-buffer of `number` is so many after the one that lies at a place. */
static inline uint32_t region_back(const struct region *r, uint64_t number, uint32_t place)
{
    return (uint32_t)(number - place) & (r->head.subbufs - 1);
}

#endif
