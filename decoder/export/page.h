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
    struct spill *spill;
    struct spilled spilled;
    struct page_cpu *cpus;
    uint32_t count;
    uint32_t used;  /* CPUs: the highest one, plus 1 */
    uint32_t bytes; /* of all pages: small, or large */
    uint8_t *build; /* a page */
};

void page_open(struct page *p, struct spill *spill, struct crew *crew);
void page_close(struct page *p);
/* cpu is less than PAGE_CPUS, n at most PAGE_RECORD_BYTES. */
void page_add(struct page *p, uint32_t cpu, uint64_t ns, const uint8_t *record, uint32_t n);
/* Events were lost before this time, and before the next one; 0: how many is not known. */
void page_lose(struct page *p, uint32_t cpu, uint64_t ns, uint64_t lost);
/* Was something lost that no event has followed, and when? */
bool page_lost(const struct page *p, uint32_t cpu);
uint64_t page_lost_ns(const struct page *p, uint32_t cpu);
/* There are no more records. */
void page_end(struct page *p);
/* The pages of a CPU; writes those of all CPUs, one after the other. */
uint64_t page_count(struct page *p, uint32_t cpu);
void page_write(struct page *p, struct out *o);

#endif
