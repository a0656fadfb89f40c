/* SPDX-License-Identifier: MIT */
/* leaf.c - one page of a Parquet file. */
#include "export/leaf.h"

#include <string.h>

#include "export/delta.h"
#include "export/little.h"

#define LEAF_RUN 16u /* so many equal numbers are one entry */

void leaf_open(struct leaf_maker *p, bool compress)
{
    *p = (struct leaf_maker){.zip = compress ? packer_new() : NULL};
}

void leaf_close(struct leaf_maker *p)
{
    packer_free(p->zip);
    pile_free(&p->head.pile);
    pile_free(&p->page);
    *p = (struct leaf_maker){.zip = NULL};
}

/* --- numbers of few bits: runs of equal ones, and groups of eight --- */

struct leaf_numbers {
    const uint32_t *v;
    uint32_t count, bits;
};

static void leaf_groups(struct pile *p, const struct leaf_numbers *v, uint32_t from, uint32_t to)
{
    uint32_t groups = (to - from + 7) / 8;
    uint64_t held = 0;
    unsigned held_bits = 0;
    uint8_t *at;

    if (!groups)
        return;
    pile_u64(p, (uint64_t)groups << 1 | 1);
    at = pile_room(p, (size_t)groups * v->bits + sizeof(held));
    for (uint32_t i = 0; i < groups * 8; i++) {
        held |= (uint64_t)(from + i < to ? v->v[from + i] : 0) << held_bits;
        for (held_bits += v->bits; held_bits >= 8; held_bits -= 8, held >>= 8)
            *at++ = (uint8_t)held;
    }
    p->n += (size_t)groups * v->bits;
}

static void leaf_run(struct pile *p, const struct leaf_numbers *v, uint32_t from, uint32_t count)
{
    uint32_t bytes = (v->bits + 7) / 8;

    pile_u64(p, (uint64_t)count << 1);
    pile_put(p, v->v[from], bytes);
}

static uint32_t leaf_equal(const struct leaf_numbers *v, uint32_t from)
{
    uint32_t n = 1;

    while (from + n < v->count && v->v[from + n] == v->v[from])
        n++;
    return n;
}

static void leaf_numbers(struct pile *p, const struct leaf_numbers *v)
{
    uint32_t groups = 0; /* where those begin that are in no run */

    for (uint32_t i = 0; i < v->count;) {
        uint32_t n = leaf_equal(v, i), odd = (8 - (i - groups) % 8) % 8;

        if (n < LEAF_RUN + odd) {
            i += n;
            continue;
        }
        leaf_groups(p, v, groups, i + odd);
        leaf_run(p, v, i + odd, n - odd);
        groups = i += n;
    }
    leaf_groups(p, v, groups, v->count);
}

/* --- a page --- */

static void leaf_defined(struct pile *p, const struct leaf *leaf)
{
    size_t at = p->n;

    pile_put(p, 0, 4);
    if (leaf->rows == leaf->values || !leaf->values) {
        pile_u64(p, (uint64_t)leaf->rows << 1);
        pile_add(p, leaf->values ? "\1" : "\0", 1);
    } else {
        uint32_t groups = (leaf->rows + 7) / 8;

        pile_u64(p, (uint64_t)groups << 1 | 1);
        pile_add(p, leaf->defined, groups);
    }
    little_u32(p->bytes + at, (uint32_t)(p->n - at - 4));
}

static void leaf_bools(struct pile *p, const uint8_t *values, uint32_t n)
{
    uint8_t *to = pile_room(p, (n + 7) / 8);

    memset(to, 0, (n + 7) / 8);
    for (uint32_t i = 0; i < n; i++)
        to[i / 8] |= (uint8_t)(values[i] << i % 8);
    p->n += (n + 7) / 8;
}

static void leaf_values(struct pile *p, const struct leaf *leaf)
{
    uint8_t bits = (uint8_t)leaf->bits;

    if (leaf->bools) {
        leaf_bools(p, leaf->bytes, leaf->values);
    } else if (leaf->encoding == LEAF_DELTA) {
        p->n += delta_put(pile_room(p, delta_bound(leaf->values)), leaf->bytes, leaf->values);
    } else if (leaf->encoding == LEAF_PLAIN) {
        pile_add(p, leaf->bytes, leaf->n);
    } else {
        pile_add(p, &bits, 1);
        leaf_numbers(p, &(struct leaf_numbers){leaf->index, leaf->values, leaf->bits});
    }
}

struct leaf_made leaf_make(struct leaf_maker *m, const struct leaf *leaf)
{
    struct thrift *h = &m->head;
    struct pile *page = &m->page;
    struct leaf_made made;

    page->n = 0;
    if (leaf->defined)
        leaf_defined(page, leaf);
    leaf_values(page, leaf);
    made.bytes = page->bytes;
    made.n = m->zip ? packer_pack(m->zip, page->bytes, page->n, &made.bytes) : page->n;
    h->pile.n = 0;
    thrift_begin(h);
    thrift_i32(h, 1, leaf->type);
    thrift_i32(h, 2, (int32_t)page->n);
    thrift_i32(h, 3, (int32_t)made.n);
    thrift_open(h, leaf->type == LEAF_DATA ? 5 : 7);
    thrift_i32(h, 1, (int32_t)leaf->rows);
    thrift_i32(h, 2, leaf->encoding);
    if (leaf->type == LEAF_DATA) {
        thrift_i32(h, 3, LEAF_RLE);
        thrift_i32(h, 4, LEAF_RLE);
    }
    thrift_close(h);
    thrift_close(h);
    made.head = h->pile.bytes;
    made.head_bytes = h->pile.n;
    made.plain_bytes = h->pile.n + page->n;
    return made;
}

/* --- made by another process --- */

/* Bytes of what a leaf points to: its values or their entries, then which rows have one. */
static size_t leaf_value_bytes(const struct leaf *leaf)
{
    return leaf->encoding == LEAF_DICTIONARY ? leaf->values * sizeof(*leaf->index) : leaf->n;
}

static size_t leaf_defined_bytes(const struct leaf *leaf)
{
    return leaf->defined ? (leaf->rows + 7) / 8 : 0;
}

size_t leaf_asks(const struct leaf *leaf)
{
    return sizeof(*leaf) + leaf_value_bytes(leaf) + leaf_defined_bytes(leaf);
}

void leaf_ask(const struct leaf *leaf, uint8_t *to)
{
    const void *values = leaf->encoding == LEAF_DICTIONARY ? (const void *)leaf->index
                                                           : leaf->bytes;
    size_t n = leaf_value_bytes(leaf), defined = leaf_defined_bytes(leaf);

    memcpy(to, leaf, sizeof(*leaf));
    if (n)
        memcpy(to + sizeof(*leaf), values, n);
    if (defined)
        memcpy(to + sizeof(*leaf) + n, leaf->defined, defined);
}

struct leaf leaf_asked(const uint8_t *from)
{
    struct leaf leaf;

    memcpy(&leaf, from, sizeof(leaf));
    from += sizeof(leaf);
    if (leaf.encoding == LEAF_DICTIONARY)
        leaf.index = (const uint32_t *)(const void *)from;
    else
        leaf.bytes = from;
    if (leaf.defined)
        leaf.defined = from + leaf_value_bytes(&leaf);
    return leaf;
}

/* An answer: how large its head and all of it plain are, then both. */
struct leaf_answer {
    uint64_t plain_bytes;
    uint32_t head_bytes;
};

struct leaf_made leaf_answered(const uint8_t *bytes, size_t n)
{
    struct leaf_answer a;

    memcpy(&a, bytes, sizeof(a));
    bytes += sizeof(a);
    return (struct leaf_made){bytes, bytes + a.head_bytes, a.head_bytes,
                              n - sizeof(a) - a.head_bytes, a.plain_bytes};
}

size_t leaf_keeps(const struct leaf_made *made)
{
    return sizeof(struct leaf_answer) + made->head_bytes + made->n;
}

void leaf_keep(const struct leaf_made *made, uint8_t *to)
{
    struct leaf_answer a = {made->plain_bytes, (uint32_t)made->head_bytes};

    memcpy(to, &a, sizeof(a));
    memcpy(to + sizeof(a), made->head, made->head_bytes);
    memcpy(to + sizeof(a) + made->head_bytes, made->bytes, made->n);
}

size_t leaf_work(void *context, uint8_t *bytes, size_t n, size_t room)
{
    struct leaf leaf = leaf_asked(bytes);
    struct leaf_made made = leaf_make(context, &leaf);

    (void)n;
    if (leaf_keeps(&made) > room)
        return 0;
    leaf_keep(&made, bytes);
    return leaf_keeps(&made);
}
