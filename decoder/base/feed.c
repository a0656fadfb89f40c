/* SPDX-License-Identifier: MIT */
/* feed.c - bytes that another process makes, in blocks of memory that it shares with the one that reads them. */
#include "base/feed.h"

#include <poll.h>
#include <sys/mman.h>

#include "base/mem.h"
#include "base/zip.h"

#define FEED_MADE 'M'   /* of the process that makes blocks: one more is */
#define FEED_FAILED 'F' /* it has no memory, and ends */
#define FEED_FREED 'R'  /* of the reader: one more is free */

enum child_side feed_start(struct feed *f)
{
    void *shared = mmap(NULL, FEED_BLOCKS * sizeof(struct feed_block), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    enum child_side side;

    *f = (struct feed){.at = {-1, -1}};
    if (shared == MAP_FAILED)
        return CHILD_NONE;
    f->blocks = shared;
    side = child_start(&f->at);
    if (side == CHILD_NONE)
        feed_close(f);
    return side;
}

void feed_close(struct feed *f)
{
    if (!f->blocks)
        return;
    child_close(&f->at);
    (void)munmap(f->blocks, FEED_BLOCKS * sizeof(struct feed_block));
    f->blocks = NULL;
}

static struct feed_block *feed_block(const struct feed *f, uint64_t number)
{
    return &f->blocks[number % FEED_BLOCKS];
}

/* --- the process that makes them --- */

static bool feed_hear(struct feed *f)
{
    if (child_hear(&f->at) != FEED_FREED)
        return false;
    f->freed++;
    return true;
}

struct feed_block *feed_room(struct feed *f)
{
    while (f->made - f->freed >= FEED_BLOCKS)
        if (!feed_hear(f))
            return NULL;
    return feed_block(f, f->made);
}

void feed_give(struct feed *f)
{
    f->made++;
    /* That the reader is not there any more is seen when the next block is wanted. */
    (void)child_tell(&f->at, FEED_MADE);
}

bool feed_wait(struct feed *f, int fd)
{
    struct pollfd two[2] = {{.fd = fd, .events = POLLIN}, {.fd = f->at.hear, .events = POLLIN}};

    for (;;) {
        if (poll(two, 2, -1) < 0)
            continue;
        if (two[1].revents && !feed_hear(f))
            return false;
        if (two[0].revents)
            return true;
    }
}

void feed_fail(struct feed *f)
{
    (void)child_tell(&f->at, FEED_FAILED);
}

/* --- the one that reads them --- */

const uint8_t *feed_next(struct feed *f)
{
    const struct feed_block *b = feed_block(f, f->freed);
    char told;

    if (f->made != f->freed)
        return b->at;
    told = child_hear(&f->at);
    if (told == FEED_MADE) {
        f->made++;
        f->head = b->head;
        if (f->head.bytes <= sizeof(b->at) && f->head.problem < ZIP_PROBLEMS)
            return b->at;
    }
    f->lost = told != FEED_FAILED;
    mem_failed();
}

void feed_free(struct feed *f)
{
    f->freed++;
    (void)child_tell(&f->at, FEED_FREED);
}
