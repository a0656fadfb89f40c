/* SPDX-License-Identifier: MIT */
/*
 * store.c - a Parquet file.
 *
 * Numbers of fields and types are those of parquet.thrift in Apache's parquet-format.
 */
#include "export/store.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "export/little.h"

#define STORE_MAGIC "PAR1"
#define STORE_MAGIC_BYTES 4u

/* Types as they are stored, as older and newer readers know them, and compression. */
enum {
    STORE_BOOLEAN = 0,
    STORE_INT32 = 1,
    STORE_INT64 = 2,
    STORE_FLOAT = 4,
    STORE_DOUBLE = 5,
    STORE_BYTE_ARRAY = 6
};
enum { STORE_UTF8 = 0, STORE_UINT_8 = 11, STORE_INT_8 = 15, STORE_JSON = 19 };
enum { STORE_STRING = 1, STORE_INTEGER = 10, STORE_JSON_TYPE = 12 };
enum { STORE_UNCOMPRESSED = 0, STORE_GZIP = 2 };

static int store_type(enum column_is is)
{
    switch (is) {
    case COLUMN_BOOL:
        return STORE_BOOLEAN;
    case COLUMN_FLOAT:
        return STORE_FLOAT;
    case COLUMN_DOUBLE:
        return STORE_DOUBLE;
    default:
        return column_is_text(is)      ? STORE_BYTE_ARRAY
               : column_width(is) == 8 ? STORE_INT64
                                       : STORE_INT32;
    }
}

static void store_write(struct store *s, const void *bytes, size_t n)
{
    s->target.write(s->target.context, bytes, n);
    s->target.at += n;
}

void store_open(struct store *s, struct pages *pages, struct spill *spill,
                struct pages_target target, bool keep, size_t *held)
{
    *s = (struct store){
        .pages = pages, .spill = spill, .target = target, .keep = keep, .held = held};
}

void store_close(struct store *s)
{
    for (uint32_t i = 0; i < s->count; i++)
        column_close(&s->columns[i]);
    free(s->columns);
    free(s->parts);
    chain_free(&s->described);
    pile_free(&s->head.pile);
    *s = (struct store){.pages = NULL};
}

static bool store_has(const struct store *s, const char *name, size_t n)
{
    for (uint32_t i = 0; i < s->count; i++)
        if (s->columns[i].name_bytes == n && strncasecmp(s->columns[i].name, name, n) == 0)
            return true;
    return false;
}

void store_add(struct store *s, const char *name, size_t n, enum column_is is, bool optional)
{
    char text[STORE_NAME_BYTES];

    memcpy(text, name, n);
    while (store_has(s, text, n) && n < sizeof(text))
        text[n++] = '_';
    s->columns = mem_grow(s->columns, (s->count + 1) * sizeof(*s->columns));
    column_open(&s->columns[s->count], text, n, is, optional,
                (struct column_sums){&s->used, s->held});
    s->count++;
}

/* --- row groups --- */

/* A column of the group that was put last. */
struct store_part {
    struct pages_place place;
    bool has_dictionary;
    int encoding;
    uint32_t rows, values;
    uint64_t low, high;
};

static void store_statistics(struct thrift *t, const struct column *c, const struct store_part *p)
{
    uint64_t flip = column_is_signed(c->is) ? 1ull << 63 : 0;
    uint8_t bytes[8];

    thrift_open(t, 12);
    thrift_i64(t, 3, p->rows - p->values);
    if (column_is_integer(c->is) && p->values) {
        little_u64(bytes, p->high ^ flip);
        thrift_binary(t, 5, bytes, column_width(c->is));
        little_u64(bytes, p->low ^ flip);
        thrift_binary(t, 6, bytes, column_width(c->is));
        thrift_bool(t, 7, true);
        thrift_bool(t, 8, true);
    }
    thrift_close(t);
}

static void store_chunk(struct store *s, const struct column *c, const struct store_part *p)
{
    struct thrift *t = &s->head;

    thrift_begin(t);
    thrift_i64(t, 2, (int64_t)p->place.at);
    thrift_open(t, 3);
    thrift_i32(t, 1, store_type(c->is));
    thrift_list(t, 2, THRIFT_I32, 2);
    thrift_list_i32(t, LEAF_RLE);
    thrift_list_i32(t, p->encoding);
    thrift_list(t, 3, THRIFT_BINARY, 1);
    thrift_list_binary(t, c->name, c->name_bytes);
    thrift_i32(t, 4, s->pages->maker.zip ? STORE_GZIP : STORE_UNCOMPRESSED);
    thrift_i64(t, 5, p->rows);
    thrift_i64(t, 6, (int64_t)p->place.plain_bytes);
    thrift_i64(t, 7, (int64_t)p->place.bytes);
    thrift_i64(t, 9, (int64_t)p->place.data_at);
    if (p->has_dictionary)
        thrift_i64(t, 11, (int64_t)p->place.at);
    store_statistics(t, c, p);
    thrift_close(t);
    thrift_close(t);
}

static void store_start(struct store *s)
{
    if (!s->target.at)
        store_write(s, STORE_MAGIC, STORE_MAGIC_BYTES);
}

/* Describes the group that was put last, as all of it is written. */
static void store_settle(struct store *s)
{
    struct thrift *t = &s->head;
    uint64_t plain = 0;

    if (!s->put_rows)
        return;
    pages_settle(s->pages);
    t->pile.n = 0;
    thrift_begin(t);
    thrift_list(t, 1, THRIFT_STRUCT, s->count);
    for (uint32_t i = 0; i < s->count; i++) {
        store_chunk(s, &s->columns[i], &s->parts[i]);
        plain += s->parts[i].place.plain_bytes;
    }
    thrift_i64(t, 2, (int64_t)plain);
    thrift_i64(t, 3, s->put_rows);
    thrift_close(t);
    chain_add(&s->described, s->spill, t->pile.bytes, t->pile.n);
    s->rows += s->put_rows;
    s->groups++;
    s->put_rows = 0;
    if (s->keep)
        return;
    free(s->parts);
    s->parts = NULL;
}

/* A column of the group, which may then take the values of the next one. */
static void store_put(struct store *s, uint32_t i)
{
    struct column *c = &s->columns[i];

    column_reach(c, s->group_rows);
    s->parts[i] = (struct store_part){.has_dictionary = column_has_dictionary(c),
                                      .encoding = pages_encoding(c),
                                      .rows = c->rows,
                                      .values = c->values,
                                      .low = c->low,
                                      .high = c->high};
    pages_put(s->pages, &s->target, c, &s->parts[i].place);
    column_clear(c, s->keep);
}

void store_flush(struct store *s)
{
    if (!s->group_rows)
        return;
    store_settle(s);
    store_start(s);
    if (!s->parts)
        s->parts = mem_alloc(s->count * sizeof(*s->parts));
    for (uint32_t i = 0; i < s->count; i++)
        store_put(s, i);
    s->put_rows = s->group_rows;
    s->group_rows = 0;
    s->used = 0;
}

void store_row(struct store *s)
{
    s->group_rows++;
    if (s->group_rows == STORE_ROWS || s->used >= STORE_BYTES)
        store_flush(s);
}

/* --- the end --- */

static void store_logical(struct thrift *t, enum column_is is)
{
    thrift_open(t, 10);
    if (column_is_integer(is)) {
        unsigned bits = 8u << ((unsigned)is - (column_is_signed(is) ? COLUMN_S8 : COLUMN_U8));

        thrift_open(t, STORE_INTEGER);
        thrift_i8(t, 1, (uint8_t)bits);
        thrift_bool(t, 2, column_is_signed(is));
        thrift_close(t);
    } else {
        thrift_empty(t, is == COLUMN_JSON ? STORE_JSON_TYPE : STORE_STRING);
    }
    thrift_close(t);
}

static void store_element(struct thrift *t, const struct column *c)
{
    enum column_is is = c->is;
    bool integer = column_is_integer(is);

    thrift_begin(t);
    thrift_i32(t, 1, store_type(is));
    thrift_i32(t, 3, c->optional);
    thrift_binary(t, 4, c->name, c->name_bytes);
    if (integer)
        thrift_i32(t, 6,
                   column_is_signed(is) ? STORE_INT_8 + (int)is - COLUMN_S8
                                        : STORE_UINT_8 + (int)is - COLUMN_U8);
    else if (is == COLUMN_TEXT || is == COLUMN_JSON)
        thrift_i32(t, 6, is == COLUMN_JSON ? STORE_JSON : STORE_UTF8);
    if (integer || is == COLUMN_TEXT || is == COLUMN_JSON)
        store_logical(t, is);
    thrift_close(t);
}

static void store_schema(struct store *s)
{
    struct thrift *t = &s->head;

    thrift_list(t, 2, THRIFT_STRUCT, s->count + 1);
    thrift_begin(t);
    thrift_binary(t, 4, "record", 6);
    thrift_i32(t, 5, (int32_t)s->count);
    thrift_close(t);
    for (uint32_t i = 0; i < s->count; i++)
        store_element(t, &s->columns[i]);
}

/* Smaller is as the type says: without this, readers do not use the least and the largest value. */
static void store_orders(struct store *s)
{
    struct thrift *t = &s->head;

    thrift_list(t, 7, THRIFT_STRUCT, s->count);
    for (uint32_t i = 0; i < s->count; i++) {
        thrift_begin(t);
        thrift_empty(t, 1);
        thrift_close(t);
    }
}

static void store_take(void *context, const void *bytes, size_t n)
{
    store_write(context, bytes, n);
}

/* Up to the groups, and what follows them. */
static void store_footer_head(struct store *s)
{
    struct thrift *t = &s->head;

    t->pile.n = 0;
    thrift_begin(t);
    thrift_i32(t, 1, 2);
    store_schema(s);
    thrift_i64(t, 3, (int64_t)s->rows);
    thrift_list(t, 4, THRIFT_STRUCT, s->groups);
}

static void store_footer_tail(struct store *s, const struct store_pairs *pairs)
{
    static const char created[] = "tpdecode " PACKAGE_VERSION;
    struct thrift *t = &s->head;

    t->pile.n = 0;
    if (pairs->count) {
        thrift_list(t, 5, THRIFT_STRUCT, pairs->count);
        pile_add(&t->pile, pairs->list.pile.bytes, pairs->list.pile.n);
    }
    thrift_binary(t, 6, created, sizeof(created) - 1);
    store_orders(s);
    thrift_close(t);
}

bool store_end(struct store *s, const struct store_pairs *pairs)
{
    uint8_t bytes[4];
    uint64_t start;

    store_flush(s);
    store_settle(s);
    store_start(s);
    start = s->target.at;
    store_footer_head(s);
    store_write(s, s->head.pile.bytes, s->head.pile.n);
    if (!chain_read(&s->described, s->spill, store_take, s))
        return false;
    store_footer_tail(s, pairs);
    store_write(s, s->head.pile.bytes, s->head.pile.n);
    if (s->target.at - start > STORE_FOOTER_MAX)
        return false;
    little_u32(bytes, (uint32_t)(s->target.at - start));
    store_write(s, bytes, sizeof(bytes));
    store_write(s, STORE_MAGIC, STORE_MAGIC_BYTES);
    return true;
}

void store_pair(struct store_pairs *p, const char *key, const void *value, size_t n)
{
    thrift_begin(&p->list);
    thrift_binary(&p->list, 1, key, strlen(key));
    thrift_binary(&p->list, 2, value, n);
    thrift_close(&p->list);
    p->count++;
}

void store_pairs_free(struct store_pairs *p)
{
    pile_free(&p->list.pile);
    p->count = 0;
}
