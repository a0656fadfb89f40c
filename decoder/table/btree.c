/* SPDX-License-Identifier: MIT */
/*
 * btree.c - an index of SQLite's on a time, as the pages of its file format.
 *
 * An entry is in one page only: those between two pages are in the page above. A page is written when it is full, and its
 * last entry then goes to the level above, so that no page is ever empty.
 */
#include "table/btree.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* What a page begins with: its kind, and from these bytes on how many cells it has, where the first of them is, and the
 * page after the last one. */
enum { BTREE_INTERIOR = 2, BTREE_LEAF = 10 };
enum { BTREE_CELLS = 3, BTREE_CONTENT = 5, BTREE_RIGHT = 8 };
#define BTREE_HEAD(level) ((level) ? 12u : 8u)

#define BTREE_CHILD_BYTES 4u
#define BTREE_KEY_BYTES 20u /* the length, three bytes of types, two numbers */

struct btree_key {
    uint8_t bytes[BTREE_KEY_BYTES];
    uint32_t n;
};

struct btree_page {
    uint32_t cells, content; /* how many, and where the last one of them begins */
    uint8_t bytes[SQLITE_PAGE_BYTES];
};

void btree_open(struct btree *b, struct sqlite *db)
{
    *b = (struct btree){.db = db};
}

void btree_close(struct btree *b)
{
    for (unsigned i = 0; i < BTREE_LEVELS; i++)
        free(b->levels[i]);
    *b = (struct btree){.db = NULL};
}

/* Big endian, at any address. */
static void btree_number(uint8_t *to, uint64_t v, uint32_t bytes)
{
    for (uint32_t i = 0; i < bytes; i++)
        to[i] = (uint8_t)(v >> 8 * (bytes - 1 - i));
}

/* --- keys --- */

/* How many bytes a number has, of which there is a type each. */
static uint32_t btree_bytes(uint64_t v)
{
    static const uint8_t of[] = {1, 1, 2, 3, 4, 6, 6, 8, 8};

    return of[v ? (64 - (uint32_t)__builtin_clzll(v)) / 8 + 1 : 0];
}

/* The type of a number of so many bytes; 0 and 1 have a type each, and no bytes. */
static uint8_t btree_type(uint64_t v, uint32_t *bytes)
{
    static const uint8_t of[] = {[1] = 1, [2] = 2, [3] = 3, [4] = 4, [6] = 5, [8] = 6};

    *bytes = v < 2 ? 0 : btree_bytes(v);
    return (uint8_t)(v < 2 ? 8 + v : of[*bytes]);
}

/* Neither is negative. */
static struct btree_key btree_key(uint64_t time, uint64_t row)
{
    struct btree_key k;
    uint32_t time_bytes, row_bytes;

    k.bytes[1] = 3; /* of types, this one as well */
    k.bytes[2] = btree_type(time, &time_bytes);
    k.bytes[3] = btree_type(row, &row_bytes);
    k.bytes[0] = (uint8_t)(3 + time_bytes + row_bytes);
    btree_number(k.bytes + 4, time, time_bytes);
    btree_number(k.bytes + 4 + time_bytes, row, row_bytes);
    k.n = 1u + k.bytes[0];
    return k;
}

/* --- pages --- */

static struct btree_page *btree_page(struct btree *b, unsigned level)
{
    struct btree_page *p = b->levels[level];

    if (!p) {
        p = b->levels[level] = mem_zero(sizeof(*p));
        p->content = SQLITE_PAGE_BYTES;
    }
    return p;
}

/* Writes it; right: the page after its last entry. From then on it is empty. */
static uint32_t btree_write(struct btree *b, unsigned level, uint32_t right)
{
    struct btree_page *p = btree_page(b, level);
    uint32_t number;

    p->bytes[0] = level ? BTREE_INTERIOR : BTREE_LEAF;
    btree_number(p->bytes + BTREE_CELLS, p->cells, 2);
    btree_number(p->bytes + BTREE_CONTENT, p->content, 2);
    if (level)
        btree_number(p->bytes + BTREE_RIGHT, right, 4);
    number = sqlite_page_add(b->db, p->bytes);
    *p = (struct btree_page){.content = SQLITE_PAGE_BYTES};
    return number;
}

/* Removes the last entry of a page. Returns the page before it. */
static uint32_t btree_take(struct btree_page *p, unsigned level, struct btree_key *k)
{
    const uint8_t *cell = p->bytes + p->content;
    uint32_t child = 0;

    for (uint32_t i = 0; level && i < BTREE_CHILD_BYTES; i++)
        child = child << 8 | *cell++;
    k->n = 1u + cell[0];
    memcpy(k->bytes, cell, k->n);
    p->content = (uint32_t)(cell - p->bytes) + k->n;
    p->cells--;
    return child;
}

/* child: above the leaves, the page before this entry. */
static void btree_put(struct btree *b, unsigned level, uint32_t child, const struct btree_key *k)
{
    struct btree_page *p = btree_page(b, level);
    uint32_t cell = (level ? BTREE_CHILD_BYTES : 0) + k->n;

    if (BTREE_HEAD(level) + 2 * (p->cells + 1) + cell > p->content) {
        struct btree_key last;
        uint32_t right = btree_take(p, level, &last);

        btree_put(b, level + 1, btree_write(b, level, right), &last);
    }
    p->content -= cell;
    btree_number(p->bytes + BTREE_HEAD(level) + 2 * p->cells++, p->content, 2);
    if (level)
        btree_number(p->bytes + p->content, child, BTREE_CHILD_BYTES);
    memcpy(p->bytes + p->content + cell - k->n, k->bytes, k->n);
}

void btree_add(struct btree *b, int64_t time, uint64_t row)
{
    struct btree_key k = btree_key((uint64_t)time, row);

    btree_put(b, 0, 0, &k);
}

uint32_t btree_finish(struct btree *b)
{
    uint32_t last = 0;

    for (unsigned level = 0; !level || (level < BTREE_LEVELS && b->levels[level]); level++)
        last = btree_write(b, level, last);
    return last;
}
