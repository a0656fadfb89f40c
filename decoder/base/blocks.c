/* SPDX-License-Identifier: MIT */
/* blocks.c - many temporary files in one. */
#include "base/blocks.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void blocks_open(struct blocks *b, struct spill *spill)
{
    *b = (struct blocks){.spill = spill};
}

void blocks_close(struct blocks *b)
{
    free(b->free);
    *b = (struct blocks){.spill = NULL};
}

/* Room for one more number. The library that calls cannot be left by a jump, so that memory may be refused. */
static bool blocks_room(uint32_t **list, uint32_t count, uint32_t *room)
{
    uint32_t more = *room ? 2 * *room : 16;
    uint32_t *new;

    if (count < *room)
        return true;
    new = mem_try_grow(*list, more * sizeof(**list));
    if (!new)
        return false;
    *list = new;
    *room = more;
    return true;
}

static bool blocks_add(struct blocks *b, struct blocks_file *f)
{
    if (!blocks_room(&f->at, f->count, &f->room) || (!b->free_count && b->used == UINT32_MAX))
        return false;
    /* There is always room to give it back: as many as there are blocks. */
    if (!b->free_count && !blocks_room(&b->free, b->used, &b->free_room))
        return false;
    f->at[f->count++] = b->free_count ? b->free[--b->free_count] : b->used++;
    return true;
}

/* The part of n bytes at `at` that is in one block. */
static size_t blocks_part(uint64_t at, size_t n)
{
    size_t left = BLOCKS_BYTES - at % BLOCKS_BYTES;

    return n < left ? n : left;
}

static uint64_t blocks_place(const struct blocks_file *f, uint64_t at)
{
    return (uint64_t)f->at[at / BLOCKS_BYTES] * BLOCKS_BYTES + at % BLOCKS_BYTES;
}

bool blocks_write(struct blocks *b, struct blocks_file *f, uint64_t at, const void *bytes, size_t n)
{
    const char *p = bytes;

    while (n) {
        size_t part = blocks_part(at, n);

        while (f->count <= at / BLOCKS_BYTES)
            if (!blocks_add(b, f))
                return false;
        spill_put(b->spill, blocks_place(f, at), p, part);
        if (b->spill->error)
            return false;
        p += part;
        at += part;
        n -= part;
        f->bytes = at > f->bytes ? at : f->bytes;
    }
    return true;
}

bool blocks_read(struct blocks *b, const struct blocks_file *f, uint64_t at, void *to, size_t n)
{
    uint64_t there = at < f->bytes ? f->bytes - at : 0;
    size_t have = n < there ? n : (size_t)there;
    char *p = to;

    memset(p + have, 0, n - have);
    while (have) {
        size_t part = blocks_part(at, have);

        if (!spill_read(b->spill, blocks_place(f, at), p, part))
            return false;
        p += part;
        at += part;
        have -= part;
    }
    return true;
}

void blocks_cut(struct blocks *b, struct blocks_file *f, uint64_t bytes)
{
    uint64_t keep = bytes / BLOCKS_BYTES + (bytes % BLOCKS_BYTES != 0);

    if (bytes >= f->bytes)
        return;
    f->bytes = bytes;
    while (f->count > keep)
        b->free[b->free_count++] = f->at[--f->count];
}

void blocks_drop(struct blocks *b, struct blocks_file *f)
{
    f->bytes += !f->bytes; /* blocks of a file that was not written whole */
    blocks_cut(b, f, 0);
    free(f->at);
    *f = (struct blocks_file){.at = NULL};
}
