/* SPDX-License-Identifier: MIT */
/* chain.c - bytes that are kept in a temporary file until the end. */
#include "export/chain.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define CHAIN_LINK_BYTES sizeof(uint64_t)

/* Takes the place of the next block at the end of the file. */
static uint64_t chain_place(struct spill *s)
{
    uint64_t at = s->bytes;

    s->bytes += CHAIN_BLOCK_BYTES;
    return at;
}

static void chain_start(struct chain *c, struct spill *s)
{
    c->block = mem_alloc(CHAIN_BLOCK_BYTES);
    c->first = c->next = chain_place(s);
    c->used = CHAIN_LINK_BYTES;
}

static void chain_put(struct chain *c, struct spill *s)
{
    uint64_t at = c->next;

    c->next = chain_place(s);
    memcpy(c->block, &c->next, CHAIN_LINK_BYTES);
    spill_put(s, at, c->block, CHAIN_BLOCK_BYTES);
    c->used = CHAIN_LINK_BYTES;
}

void chain_add(struct chain *c, struct spill *s, const void *bytes, size_t n)
{
    const uint8_t *p = bytes;

    if (!c->block)
        chain_start(c, s);
    c->bytes += n;
    while (n) {
        size_t room = CHAIN_BLOCK_BYTES - c->used, part = n < room ? n : room;

        memcpy(c->block + c->used, p, part);
        c->used += (uint32_t)part;
        p += part;
        n -= part;
        if (c->used == CHAIN_BLOCK_BYTES)
            chain_put(c, s);
    }
}

bool chain_read(struct chain *c, struct spill *s,
                void (*take)(void *context, const void *bytes, size_t n), void *context)
{
    uint8_t block[CHAIN_BLOCK_BYTES];

    if (!c->block)
        return true;
    for (uint64_t at = c->first; at != c->next;) {
        if (!spill_read(s, at, block, sizeof(block)))
            return false;
        take(context, block + CHAIN_LINK_BYTES, sizeof(block) - CHAIN_LINK_BYTES);
        memcpy(&at, block, CHAIN_LINK_BYTES);
    }
    take(context, c->block + CHAIN_LINK_BYTES, c->used - CHAIN_LINK_BYTES);
    return true;
}

void chain_free(struct chain *c)
{
    free(c->block);
    *c = (struct chain){.block = NULL};
}
