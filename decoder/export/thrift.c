/* SPDX-License-Identifier: MIT */
/* thrift.c - writes Thrift's compact protocol. */
#include "export/thrift.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define THRIFT_FIRST_BYTES 256u
#define THRIFT_VARINT_BYTES 10u
#define THRIFT_STEP 15u /* to the next field, at most, where one byte has it and the type */

enum { THRIFT_TRUE = 1, THRIFT_FALSE = 2, THRIFT_I8 = 3, THRIFT_I64 = 6, THRIFT_LIST = 9 };

void thrift_free(struct thrift *t)
{
    free(t->bytes);
    *t = (struct thrift){.bytes = NULL};
}

static uint8_t *thrift_room(struct thrift *t, size_t n)
{
    size_t room = t->room ? t->room : THRIFT_FIRST_BYTES;

    while (room - t->n < n)
        room *= 2;
    if (room > t->room) {
        t->bytes = mem_grow(t->bytes, room);
        t->room = room;
    }
    return t->bytes + t->n;
}

static void thrift_byte(struct thrift *t, unsigned v)
{
    *thrift_room(t, 1) = (uint8_t)v;
    t->n++;
}

static void thrift_varint(struct thrift *t, uint64_t v)
{
    uint8_t *to = thrift_room(t, THRIFT_VARINT_BYTES);

    for (; v >= 0x80; v >>= 7, t->n++)
        *to++ = (uint8_t)(v | 0x80);
    *to = (uint8_t)v;
    t->n++;
}

/* Small numbers of either sign are short. */
static void thrift_signed(struct thrift *t, int64_t v)
{
    thrift_varint(t, (uint64_t)v << 1 ^ (v < 0 ? UINT64_MAX : 0));
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
    thrift_signed(t, field);
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
    thrift_signed(t, v);
}

void thrift_i64(struct thrift *t, uint32_t field, int64_t v)
{
    thrift_head(t, field, THRIFT_I64);
    thrift_signed(t, v);
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
    thrift_varint(t, n);
}

void thrift_list_i32(struct thrift *t, int32_t v)
{
    thrift_signed(t, v);
}

void thrift_raw(struct thrift *t, const void *bytes, size_t n)
{
    if (n)
        memcpy(thrift_room(t, n), bytes, n);
    t->n += n;
}

void thrift_list_binary(struct thrift *t, const void *bytes, size_t n)
{
    thrift_varint(t, n);
    thrift_raw(t, bytes, n);
}
