/* SPDX-License-Identifier: MIT */
/* thrift.c - writes Thrift's compact protocol. */
#include "export/thrift.h"

#define THRIFT_STEP 15u /* to the next field, at most, where one byte has it and the type */

enum { THRIFT_TRUE = 1, THRIFT_FALSE = 2, THRIFT_I8 = 3, THRIFT_I64 = 6, THRIFT_LIST = 9 };

static void thrift_byte(struct thrift *t, unsigned v)
{
    *pile_room(&t->pile, 1) = (uint8_t)v;
    t->pile.n++;
}

static void thrift_head(struct thrift *t, uint32_t field, unsigned type)
{
    uint32_t *last = &t->last[t->depth], step = field - *last;

    *last = field;
    if (step <= THRIFT_STEP) {
        thrift_byte(t, step << 4 | type);
        return;
    }
    thrift_byte(t, type);
    pile_s64(&t->pile, field);
}

void thrift_bool(struct thrift *t, uint32_t field, bool v)
{
    thrift_head(t, field, v ? THRIFT_TRUE : THRIFT_FALSE);
}

void thrift_i8(struct thrift *t, uint32_t field, uint8_t v)
{
    thrift_head(t, field, THRIFT_I8);
    thrift_byte(t, v);
}

void thrift_i32(struct thrift *t, uint32_t field, int32_t v)
{
    thrift_head(t, field, THRIFT_I32);
    pile_s64(&t->pile, v);
}

void thrift_i64(struct thrift *t, uint32_t field, int64_t v)
{
    thrift_head(t, field, THRIFT_I64);
    pile_s64(&t->pile, v);
}

void thrift_binary(struct thrift *t, uint32_t field, const void *bytes, size_t n)
{
    thrift_head(t, field, THRIFT_BINARY);
    thrift_list_binary(t, bytes, n);
}

void thrift_begin(struct thrift *t)
{
    t->last[++t->depth] = 0;
}

void thrift_open(struct thrift *t, uint32_t field)
{
    thrift_head(t, field, THRIFT_STRUCT);
    thrift_begin(t);
}

void thrift_close(struct thrift *t)
{
    thrift_byte(t, 0);
    t->depth--;
}

void thrift_empty(struct thrift *t, uint32_t field)
{
    thrift_open(t, field);
    thrift_close(t);
}

void thrift_list(struct thrift *t, uint32_t field, unsigned type, uint64_t n)
{
    thrift_head(t, field, THRIFT_LIST);
    if (n < THRIFT_STEP) {
        thrift_byte(t, (unsigned)n << 4 | type);
        return;
    }
    thrift_byte(t, THRIFT_STEP << 4 | type);
    pile_u64(&t->pile, n);
}

void thrift_list_i32(struct thrift *t, int32_t v)
{
    pile_s64(&t->pile, v);
}

void thrift_list_binary(struct thrift *t, const void *bytes, size_t n)
{
    pile_u64(&t->pile, n);
    pile_add(&t->pile, bytes, n);
}
