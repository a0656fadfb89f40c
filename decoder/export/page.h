/* SPDX-License-Identifier: MIT */
/*
 * page.h - records in the pages of Linux's ring buffer.
 *
 * A page has a time, a number of bytes, whether and how many events were lost before it, and events: each
 * by how much later it is than the one before it. All pages of a file have one size, and those of a CPU are
 * together: while records come small pages go to a temporary file, and if one was too large for these then
 * at the end large ones are made of as many small ones as fit.
 */
#ifndef PAGE_H
#define PAGE_H

#include <string.h>

#include "export/spilled.h"

#define PAGE_SMALL_BYTES SPILLED_PAGE_BYTES
#define PAGE_LARGE_BYTES 65536u
#define PAGE_HEAD_BYTES SPILLED_HEAD_BYTES
#define PAGE_LOST_BYTES SPILLED_LOST_BYTES
/* The largest record, with its length before it. */
#define PAGE_RECORD_BYTES (PAGE_LARGE_BYTES - PAGE_HEAD_BYTES - PAGE_LOST_BYTES - 8u)
#define PAGE_CPUS 4096u

struct page_cpu;

struct page {
    struct spill *spills;
    struct spilled spilled;
    struct page_cpu *cpus;
    uint32_t count;
    uint32_t used;  /* CPUs that have any: the highest one, plus 1 */
    uint32_t bytes; /* of all pages: small, or large */
    uint8_t *build; /* a page */
    bool large;     /* what was placed last is there */
    bool marks;     /* where pages are is kept for others that read them */
};

/* The first file is written here, the others by the members of the crew (hand.h), one each. crew is NULL: there are none. */
void page_open(struct page *p, struct spill *spills, struct crew *crew);
void page_close(struct page *p);
/* Where a record is to be written, all of it, before page_placed(). cpu is less than PAGE_CPUS, n at most
 * PAGE_RECORD_BYTES. */
uint8_t *page_place(struct page *p, uint32_t cpu, uint64_t ns, uint32_t n);
void page_placed_large(struct page *p, uint32_t cpu);
static inline void page_placed(struct page *p, uint32_t cpu)
{
    if (p->large)
        page_placed_large(p, cpu);
}
static inline void page_add(struct page *p, uint32_t cpu, uint64_t ns, const uint8_t *record,
                            uint32_t n)
{
    memcpy(page_place(p, cpu, ns, n), record, n);
    page_placed(p, cpu);
}
/* Events were lost before this time, and before the next one; 0: how many is not known. */
void page_lose(struct page *p, uint32_t cpu, uint64_t ns, uint64_t lost);
/* Was something lost that no event has followed, and when? */
bool page_lost(const struct page *p, uint32_t cpu);
uint64_t page_lost_ns(const struct page *p, uint32_t cpu);
/* There are no more records. */
void page_end(struct page *p);
/* What another process needs to go on with the pages of a CPU, of which there is room for more than PAGE_STATE_BYTES: all but
 * its marks before the first one here. Returns how many bytes it is. */
#define PAGE_STATE_BYTES 256u
size_t page_give(const struct page *p, uint32_t cpu, uint64_t first, uint8_t *to, size_t room);
/* The other one takes it; `file` has these pages. Returns the first mark that is still to come; 0: none is. */
uint64_t page_take(struct page *p, uint32_t cpu, uint32_t file, uint64_t first, const uint8_t *from,
                   size_t bytes);
/* The pages of a CPU; writes those of all CPUs, one after the other. */
uint64_t page_count(struct page *p, uint32_t cpu);
void page_write(struct page *p, struct out *o);

#endif
