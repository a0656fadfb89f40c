/* SPDX-License-Identifier: MIT */
/*
 * recover.h - a region in an image of memory, as the dump that it would have
 * given: made piece by piece, so that it takes no memory that grows with it.
 *
 *     recover_open(&v, region);
 *     while (recover_next(&v))
 *         use(v.pack.bytes, v.pack.n);
 *     recover_close(&v);
 */
#ifndef RECOVER_H
#define RECOVER_H

#include "bytes/extract.h"
#include "bytes/pack.h"
#include "bytes/region.h"

struct recover_cpu;

struct recover {
    struct region region;
    struct pack pack; /* the chunks that recover_next() has made */
    struct extract extract;
    enum { RECOVER_START, RECOVER_DATA, RECOVER_END, RECOVER_DONE } stage;
    struct recover_cpu *cpus;
    uint32_t cpu_count;
    uint32_t *heap; /* CPUs that have sub-buffers left, that of the oldest at the top */
    uint32_t heap_count;
    uint64_t unmarked; /* bytes since all CPUs had a mark */
};

void recover_open(struct recover *v, const struct region *r);
/* Makes some more chunks; false: there is nothing more. */
bool recover_next(struct recover *v);
void recover_close(struct recover *v);

#endif
