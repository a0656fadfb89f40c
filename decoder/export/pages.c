/* SPDX-License-Identifier: MIT */
/* pages.c - columns as the pages of a Parquet file. */
#include "export/pages.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "export/little.h"

#define PAGES_FIRST_ENTRIES 64u

/* A page that was put and not written. */
struct pages_entry {
    struct pages_target *target;
    struct pages_place *place;
    int type;
    struct crew_piece piece;
    uint8_t *own; /* as leaf_keep() has it; NULL: another process makes it */
    size_t own_bytes;
};

void pages_open(struct pages *p, bool compress, struct crew *crew)
{
    *p = (struct pages){.crew = crew && crew->role == CREW_LEADER ? crew : NULL};
    leaf_open(&p->maker, compress);
}

void pages_close(struct pages *p)
{
    for (uint32_t i = 0; i < p->count; i++)
        free(p->waiting[(p->first + i) % p->slots].own);
    free(p->waiting);
    leaf_close(&p->maker);
    *p = (struct pages){.crew = NULL};
}

/* --- pages in their order --- */

static void pages_write(const struct pages_entry *e, const struct leaf_made *made)
{
    struct pages_target *t = e->target;
    struct pages_place *place = e->place;

    if (!place->any)
        place->at = t->at;
    if (e->type == LEAF_DATA && !place->any_data)
        place->data_at = t->at;
    place->any = true;
    place->any_data = place->any_data || e->type == LEAF_DATA;
    t->write(t->context, made->head, made->head_bytes);
    t->write(t->context, made->bytes, made->n);
    t->at += made->head_bytes + made->n;
    place->bytes += made->head_bytes + made->n;
    place->plain_bytes += made->plain_bytes;
}

/* What another process has made, or could not. */
static void pages_write_piece(struct pages *p, const struct pages_entry *e)
{
    const uint8_t *bytes = crew_bytes(p->crew, &e->piece);
    size_t n = crew_wait(p->crew, &e->piece);
    struct leaf_made made;
    struct leaf leaf;

    if (p->crew->lost)
        return;
    if (n) {
        made = leaf_answered(bytes, n);
    } else {
        leaf = leaf_asked(bytes);
        made = leaf_make(&p->maker, &leaf);
    }
    pages_write(e, &made);
    crew_free(p->crew, &e->piece);
}

/* The first one that waits. */
static void pages_next(struct pages *p)
{
    struct pages_entry *e = &p->waiting[p->first];

    if (e->own) {
        struct leaf_made made = leaf_answered(e->own, e->own_bytes);

        pages_write(e, &made);
        p->own_bytes -= e->own_bytes;
        free(e->own);
        e->own = NULL;
    } else {
        pages_write_piece(p, e);
    }
    p->first = (p->first + 1) % p->slots;
    p->count--;
}

void pages_settle(struct pages *p)
{
    while (p->count)
        pages_next(p);
}

static void pages_wait(struct pages *p, const struct pages_entry *e)
{
    if (p->count == p->slots) {
        uint32_t slots = p->slots ? 2 * p->slots : PAGES_FIRST_ENTRIES;
        struct pages_entry *more = mem_zero(slots * sizeof(*more));

        for (uint32_t i = 0; i < p->count; i++)
            more[i] = p->waiting[(p->first + i) % p->slots];
        free(p->waiting);
        p->waiting = more;
        p->first = 0;
        p->slots = slots;
    }
    p->waiting[(p->first + p->count++) % p->slots] = *e;
}

/* All processes are busy, and so it is made here. */
static void pages_make(struct pages *p, struct pages_entry *e, const struct leaf *leaf)
{
    struct leaf_made made;

    while (p->count && p->own_bytes > PAGES_OWN_BYTES)
        pages_next(p);
    made = leaf_make(&p->maker, leaf);
    if (!p->count) {
        pages_write(e, &made);
        return;
    }
    pages_wait(p, e);
    e = &p->waiting[(p->first + p->count - 1) % p->slots];
    e->own_bytes = leaf_keeps(&made);
    e->own = mem_alloc(e->own_bytes);
    leaf_keep(&made, e->own);
    p->own_bytes += e->own_bytes;
}

static void pages_add(struct pages *p, struct pages_target *t, struct pages_place *place,
                      const struct leaf *leaf)
{
    struct pages_entry e = {.target = t, .place = place, .type = leaf->type};

    while (p->count &&
           (p->waiting[p->first].own || crew_ready(p->crew, &p->waiting[p->first].piece)))
        pages_next(p);
    if (!p->crew || !crew_room(p->crew, leaf_asks(leaf), &e.piece)) {
        pages_make(p, &e, leaf);
        return;
    }
    pages_wait(p, &e);
    leaf_ask(leaf, crew_bytes(p->crew, &e.piece));
    crew_give(p->crew, &e.piece);
}

/* --- columns --- */

/* A part of a column, by rows, values and bytes of values that come before it. */
struct pages_part {
    uint32_t row, value;
    size_t byte;
};

/* How many of eight rows have a value. */
static uint32_t pages_eight(const struct column *c, uint32_t row)
{
    static const uint8_t bits[16] = {0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4};
    uint32_t left = c->rows - row < 8 ? c->rows - row : 8;
    uint8_t defined;

    if (!c->optional)
        return left;
    defined = c->defined[row / 8];
    return bits[defined & 15] + bits[defined >> 4];
}

static size_t pages_skip(const struct column *c, size_t byte, uint32_t values)
{
    if (!column_is_text(c->is))
        return byte + (size_t)values * column_width(c->is);
    while (values--)
        byte += 4 + little_load_u32(c->bytes + byte);
    return byte;
}

/* Where the page ends that begins there. */
static struct pages_part pages_end(const struct column *c, struct pages_part from)
{
    struct pages_part to = from;

    while (to.row < c->rows && to.row - from.row < PAGES_ROWS &&
           to.byte - from.byte < PAGES_BYTES) {
        uint32_t values = pages_eight(c, to.row);

        to.row = c->rows - to.row < 8 ? c->rows : to.row + 8;
        to.value += values;
        if (!column_has_dictionary(c))
            to.byte = pages_skip(c, to.byte, values);
    }
    return to;
}

int pages_encoding(const struct column *c)
{
    return column_has_dictionary(c) ? LEAF_DICTIONARY : c->times ? LEAF_DELTA : LEAF_PLAIN;
}

static struct leaf pages_leaf(const struct column *c, struct pages_part from, struct pages_part to)
{
    struct leaf leaf = {.type = LEAF_DATA,
                        .encoding = pages_encoding(c),
                        .bools = c->is == COLUMN_BOOL,
                        .rows = to.row - from.row,
                        .values = to.value - from.value,
                        .bits = 1,
                        .defined = c->optional ? c->defined + from.row / 8 : NULL};

    if (leaf.encoding == LEAF_DICTIONARY) {
        leaf.index = c->index + from.value;
        if (c->entries > 1)
            leaf.bits = 32u - (uint32_t)__builtin_clz(c->entries - 1);
    } else {
        leaf.bytes = c->bytes + from.byte;
        leaf.n = to.byte - from.byte;
    }
    return leaf;
}

void pages_put(struct pages *p, struct pages_target *t, const struct column *c,
               struct pages_place *place)
{
    struct pages_part from = {0}, to;
    struct leaf leaf;

    *place = (struct pages_place){.any = false};
    if (column_has_dictionary(c)) {
        leaf = (struct leaf){.type = LEAF_ENTRIES,
                             .encoding = LEAF_PLAIN,
                             .rows = c->entries,
                             .values = c->entries,
                             .bytes = c->bytes,
                             .n = c->n};
        pages_add(p, t, place, &leaf);
    }
    for (; from.row < c->rows; from = to) {
        to = pages_end(c, from);
        leaf = pages_leaf(c, from, to);
        pages_add(p, t, place, &leaf);
    }
}
