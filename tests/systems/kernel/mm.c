/* SPDX-License-Identifier: MIT */
/* The page allocator: a byte for each page, the first run that fits. */
#include "kernel.h"

#include "events.h"

#define PAGES_MAX 65536u /* 256 MiB */

static struct lock mm_lock;
static uint8_t mm_used[PAGES_MAX];
static uint8_t *mm_base;
static uint32_t mm_pages, mm_unused, mm_hint;

void mm_init(uint64_t start, uint64_t end)
{
    start = (start + PAGE_BYTES - 1) & ~(uint64_t)(PAGE_BYTES - 1);
    if (end <= start)
        panic("no memory", NULL);
    mm_base = (uint8_t *)(uintptr_t)start;
    mm_pages = (uint32_t)((end - start) / PAGE_BYTES);
    if (mm_pages > PAGES_MAX)
        mm_pages = PAGES_MAX;
    mm_unused = mm_pages;
}

/* Number of the first page of a free run, or mm_pages. */
static uint32_t mm_find(uint32_t from, uint32_t to, uint32_t pages)
{
    uint32_t run = 0;

    for (uint32_t i = from; i < to; i++) {
        run = mm_used[i] ? 0 : run + 1;
        if (run == pages)
            return i + 1 - pages;
    }
    return mm_pages;
}

void *mm_alloc(uint32_t pages, uint32_t flags)
{
    uint64_t irq = lock_take(&mm_lock);
    uint32_t first = mm_find(mm_hint, mm_pages, pages);
    void *page = NULL;

    if (first == mm_pages)
        first = mm_find(0, mm_pages, pages);
    if (first < mm_pages) {
        memset(mm_used + first, 1, pages);
        mm_unused -= pages;
        mm_hint = first + pages;
        page = mm_base + (size_t)first * PAGE_BYTES;
    }
    lock_give(&mm_lock, irq);
    if (page && (flags & MM_ZERO))
        memset(page, 0, (size_t)pages * PAGE_BYTES);
    FIRE(mm_alloc, page, pages, flags);
    return page;
}

void mm_free(void *page, uint32_t pages)
{
    uint32_t first = (uint32_t)(((uint8_t *)page - mm_base) / PAGE_BYTES);
    uint64_t irq;

    FIRE(mm_free, page, pages, page, PAGE_BYTES); /* reads the page: before it is another's */
    irq = lock_take(&mm_lock);
    for (uint32_t i = 0; i < pages; i++)
        if (!mm_used[first + i])
            panic("page freed twice", NULL);
    memset(mm_used + first, 0, pages);
    mm_unused += pages;
    if (first < mm_hint)
        mm_hint = first;
    lock_give(&mm_lock, irq);
}

uint32_t mm_free_pages(void)
{
    return __atomic_load_n(&mm_unused, __ATOMIC_RELAXED);
}
