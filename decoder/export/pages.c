/* SPDX-License-Identifier: MIT */
/* pages.c - columns as the pages of a Parquet file. */
#include "export/pages.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "export/delta.h"
#include "export/little.h"

#define PAGES_FIRST_BYTES (16u << 10)
#define PAGES_RUN 16u /* so many equal numbers are one entry */
#define PAGES_VARINT_BYTES 10u

enum { PAGES_DATA = 0, PAGES_ENTRIES = 2 };

void pages_open(struct pages *p, bool compress)
{
    *p = (struct pages){.zip = compress ? packer_new() : NULL};
}

void pages_close(struct pages *p)
{
    packer_free(p->zip);
    thrift_free(&p->head);
    free(p->page);
    *p = (struct pages){.zip = NULL};
}

static uint8_t *pages_room(struct pages *p, size_t n)
{
    size_t room = p->room ? p->room : PAGES_FIRST_BYTES;

    while (room - p->n < n)
        room *= 2;
    if (room > p->room) {
        p->page = mem_grow(p->page, room);
        p->room = room;
    }
    return p->page + p->n;
}

static void pages_bytes(struct pages *p, const void *bytes, size_t n)
{
    if (n)
        memcpy(pages_room(p, n), bytes, n);
    p->n += n;
}

static void pages_varint(struct pages *p, uint64_t v)
{
    uint8_t *to = pages_room(p, PAGES_VARINT_BYTES);

    for (; v >= 0x80; v >>= 7, p->n++)
        *to++ = (uint8_t)(v | 0x80);
    *to = (uint8_t)v;
    p->n++;
}

/* --- numbers of few bits: runs of equal ones, and groups of eight --- */

struct pages_numbers {
    const uint32_t *v;
    uint32_t count, bits;
};

static void pages_groups(struct pages *p, const struct pages_numbers *v, uint32_t from, uint32_t to)
{
    uint32_t groups = (to - from + 7) / 8;
    uint64_t held = 0;
    unsigned held_bits = 0;
    uint8_t *at;

    if (!groups)
        return;
    pages_varint(p, (uint64_t)groups << 1 | 1);
    at = pages_room(p, (size_t)groups * v->bits + sizeof(held));
    for (uint32_t i = 0; i < groups * 8; i++) {
        held |= (uint64_t)(from + i < to ? v->v[from + i] : 0) << held_bits;
        for (held_bits += v->bits; held_bits >= 8; held_bits -= 8, held >>= 8)
            *at++ = (uint8_t)held;
    }
    p->n += (size_t)groups * v->bits;
}

static void pages_run(struct pages *p, const struct pages_numbers *v, uint32_t from, uint32_t count)
{
    uint32_t bytes = (v->bits + 7) / 8;

    pages_varint(p, (uint64_t)count << 1);
    little_put(pages_room(p, bytes), v->v[from], bytes);
    p->n += bytes;
}

static uint32_t pages_equal(const struct pages_numbers *v, uint32_t from)
{
    uint32_t n = 1;

    while (from + n < v->count && v->v[from + n] == v->v[from])
        n++;
    return n;
}

static void pages_numbers(struct pages *p, const struct pages_numbers *v)
{
    uint32_t groups = 0; /* where those begin that are in no run */

    for (uint32_t i = 0; i < v->count;) {
        uint32_t n = pages_equal(v, i), odd = (8 - (i - groups) % 8) % 8;

        if (n < PAGES_RUN + odd) {
            i += n;
            continue;
        }
        pages_groups(p, v, groups, i + odd);
        pages_run(p, v, i + odd, n - odd);
        groups = i += n;
    }
    pages_groups(p, v, groups, v->count);
}

/* --- which rows have a value --- */

static void pages_defined(struct pages *p, const struct column *c, uint32_t row, uint32_t rows,
                          uint32_t values)
{
    size_t at = p->n;

    little_u32(pages_room(p, 4), 0);
    p->n += 4;
    if (rows == values || !values) {
        pages_varint(p, (uint64_t)rows << 1);
        pages_bytes(p, values ? "\1" : "\0", 1);
    } else {
        uint32_t groups = (rows + 7) / 8;

        pages_varint(p, (uint64_t)groups << 1 | 1);
        pages_bytes(p, c->defined + row / 8, groups);
    }
    little_u32(p->page + at, (uint32_t)(p->n - at - 4));
}

/* --- pages --- */

/* Writes the page with its header. */
static void pages_write(struct pages *p, struct pages_target *t, int type, uint32_t values,
                        int encoding, struct pages_place *place)
{
    const uint8_t *bytes = p->page;
    size_t n = p->zip ? packer_pack(p->zip, p->page, p->n, &bytes) : p->n;
    struct thrift *h = &p->head;

    h->n = 0;
    thrift_begin(h);
    thrift_i32(h, 1, type);
    thrift_i32(h, 2, (int32_t)p->n);
    thrift_i32(h, 3, (int32_t)n);
    thrift_open(h, type == PAGES_DATA ? 5 : 7);
    thrift_i32(h, 1, (int32_t)values);
    thrift_i32(h, 2, encoding);
    if (type == PAGES_DATA) {
        thrift_i32(h, 3, PAGES_RLE);
        thrift_i32(h, 4, PAGES_RLE);
    }
    thrift_close(h);
    thrift_close(h);
    t->write(t->context, h->bytes, h->n);
    t->write(t->context, bytes, n);
    t->at += h->n + n;
    place->bytes += h->n + n;
    place->plain_bytes += h->n + p->n;
    p->n = 0;
}

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

static void pages_bools(struct pages *p, const uint8_t *values, uint32_t n)
{
    uint8_t *to = pages_room(p, (n + 7) / 8);

    memset(to, 0, (n + 7) / 8);
    for (uint32_t i = 0; i < n; i++)
        to[i / 8] |= (uint8_t)(values[i] << i % 8);
    p->n += (n + 7) / 8;
}

static void pages_values(struct pages *p, const struct column *c, struct pages_part from,
                         struct pages_part to)
{
    struct pages_numbers v = {c->index + from.value, to.value - from.value, 1};
    uint8_t bits;

    if (c->is == COLUMN_BOOL) {
        pages_bools(p, c->bytes + from.byte, to.value - from.value);
    } else if (c->times) {
        p->n += delta_put(pages_room(p, delta_bound(v.count)), c->bytes + from.byte, v.count);
    } else if (!column_has_dictionary(c)) {
        pages_bytes(p, c->bytes + from.byte, to.byte - from.byte);
    } else {
        if (c->entries > 1)
            v.bits = 32u - (uint32_t)__builtin_clz(c->entries - 1);
        bits = (uint8_t)v.bits;
        pages_bytes(p, &bits, 1);
        pages_numbers(p, &v);
    }
}

int pages_encoding(const struct column *c)
{
    return column_has_dictionary(c) ? PAGES_DICTIONARY : c->times ? PAGES_DELTA : PAGES_PLAIN;
}

void pages_put(struct pages *p, struct pages_target *t, const struct column *c,
               struct pages_place *place)
{
    struct pages_part from = {0}, to;

    *place = (struct pages_place){.at = t->at};
    p->n = 0;
    if (column_has_dictionary(c)) {
        pages_bytes(p, c->bytes, c->n);
        pages_write(p, t, PAGES_ENTRIES, c->entries, PAGES_PLAIN, place);
    }
    place->data_at = t->at;
    for (; from.row < c->rows; from = to) {
        to = pages_end(c, from);
        if (c->optional)
            pages_defined(p, c, from.row, to.row - from.row, to.value - from.value);
        pages_values(p, c, from, to);
        pages_write(p, t, PAGES_DATA, to.row - from.row, pages_encoding(c), place);
    }
}
