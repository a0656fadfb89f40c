/* SPDX-License-Identifier: MIT */
/* block.c - items in columns, many at a time. */
#include "export/block.h"

#include <stdlib.h>
#include <string.h>
#include <tp/wire.h>

#include "base/mem.h"
#include "base/packer.h"

#define BLOCK_SLOTS (4 * BLOCK_STRINGS_MAX)
#define BLOCK_STRINGS_LAST                                                                         \
    (BLOCK_SLOTS / 2) /* one item adds fewer than there are from the limit to here */

struct block_string {
    uint32_t at, n; /* in the part; n is 0 in a free slot, else the length plus 1 */
    uint32_t number;
};

void block_open(struct block *b, struct out *o)
{
    *b = (struct block){.out = o};
}

void block_close(struct block *b)
{
    for (unsigned i = 0; i < BLOCK_PARTS; i++)
        pile_free(&b->part[i]);
    pile_free(&b->raw);
    packer_free(b->packer);
    b->packer = NULL;
    free(b->strings);
    b->strings = NULL;
}

static uint64_t block_hash(const uint8_t *bytes, size_t n)
{
    uint64_t h = 0xcbf29ce484222325u;

    for (size_t i = 0; i < n; i++)
        h = (h ^ bytes[i]) * 0x100000001b3u;
    return h * 0x9e3779b97f4a7c15u >> 32;
}

/* Where a string is, or would be put. */
static struct block_string *block_slot(const struct block *b, const void *bytes, size_t n)
{
    const struct pile *p = &b->part[BLOCK_STRINGS];

    for (uint64_t at = block_hash(bytes, n);; at++) {
        struct block_string *s = &b->strings[at & (b->string_slots - 1)];

        if (!s->n || (s->n == n + 1 && (!n || memcmp(p->bytes + s->at, bytes, n) == 0)))
            return s;
    }
}

/* At most half of the slots are used. */
static void block_make_room(struct block *b)
{
    struct block_string *old = b->strings;
    uint32_t slots = b->string_slots;

    if (2 * b->string_count < slots)
        return;
    b->strings = mem_zero((slots ? 2 * slots : BLOCK_SLOTS) * sizeof(*b->strings));
    b->string_slots = slots ? 2 * slots : BLOCK_SLOTS;
    for (uint32_t i = 0; i < slots; i++)
        if (old[i].n)
            *block_slot(b, b->part[BLOCK_STRINGS].bytes + old[i].at, old[i].n - 1) = old[i];
    free(old);
}

uint32_t block_string(struct block *b, const void *bytes, size_t n)
{
    struct pile *p = &b->part[BLOCK_STRINGS];
    struct block_string *s;

    block_make_room(b);
    s = block_slot(b, bytes, n);
    if (s->n)
        return s->number;
    pile_u64(p, n);
    *s = (struct block_string){(uint32_t)p->n, (uint32_t)n + 1, b->string_count};
    pile_add(p, bytes, n);
    return b->string_count++;
}

void block_item(struct block *b, const struct block_item *item, size_t row)
{
    struct pile *p = b->part;
    uint8_t kind = (item->context ? BLOCK_HAS_CONTEXT : 0) |
                   (item->unfinished ? BLOCK_IS_UNFINISHED : 0);

    pile_s64(&p[BLOCK_TIMES], (int64_t)(item->ns - b->last_ns));
    b->last_ns = item->ns;
    pile_put(&p[BLOCK_KINDS], kind, 1);
    pile_u64(&p[BLOCK_CAPTURES], item->capture);
    pile_u64(&p[BLOCK_CPUS], item->cpu);
    pile_u64(&p[BLOCK_EVENTS], item->event);
    pile_u64(&p[BLOCK_SIZES], p[BLOCK_ROWS].n - row);
    b->items++;
    if (!item->context)
        return;
    pile_u64(&p[BLOCK_TASKS], item->task);
    pile_u64(&p[BLOCK_NAMES], item->name);
    pile_put(&p[BLOCK_CONTEXTS], item->context[offsetof(struct tp_wire_context, flags)], 1);
    pile_put(&p[BLOCK_CONTEXTS], item->context[offsetof(struct tp_wire_context, preempt_depth)], 1);
}

void block_room(struct block *b)
{
    bool full = b->items >= BLOCK_ITEMS || b->string_count >= BLOCK_STRINGS_MAX;

    for (unsigned i = 0; i < BLOCK_PARTS; i++)
        full = full || b->part[i].n >= BLOCK_BYTES;
    if (full)
        block_flush(b);
}

static void block_join(struct block *b)
{
    b->raw.n = 0;
    pile_put(&b->raw, b->items, 4);
    for (unsigned i = 0; i < BLOCK_PARTS; i++) {
        pile_put(&b->raw, b->part[i].n, 4);
        pile_add(&b->raw, b->part[i].bytes, b->part[i].n);
    }
}

/* The next one begins. */
static void block_forget(struct block *b)
{
    b->bytes += b->raw.n;
    for (unsigned i = 0; i < BLOCK_PARTS; i++)
        b->part[i].n = 0;
    b->items = 0;
    b->last_ns = 0;
    b->string_count = 0;
    if (b->strings)
        memset(b->strings, 0, b->string_slots * sizeof(*b->strings));
}

void block_flush(struct block *b)
{
    const uint8_t *packed;
    size_t any = 0, n;

    for (unsigned i = 0; i < BLOCK_PARTS; i++)
        any += b->part[i].n;
    if (!any)
        return;
    block_join(b);
    if (!b->packer)
        b->packer = packer_new();
    n = packer_pack(b->packer, b->raw.bytes, b->raw.n, &packed);
    out_text(b->out, "<script type=\"text/plain\" class=\"block\">");
    out_base64(b->out, packed, n);
    out_text(b->out, "</script>\n");
    block_forget(b);
}
