/* SPDX-License-Identifier: MIT */
/*
 * pile.h - bytes in memory that grow: numbers in little endian or variable ones of seven bits a byte, the lowest
 * first (LEB128), and texts with a NUL.
 */
#ifndef PILE_H
#define PILE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "export/little.h"

#define PILE_VARINT_BYTES 10u

struct pile {
    uint8_t *bytes;
    size_t n, room;
};

void pile_free(struct pile *p);
void pile_grow(struct pile *p, size_t n);

/* Room for n more bytes, which count when p->n is moved on. */
static inline uint8_t *pile_room(struct pile *p, size_t n)
{
    if (p->room - p->n < n)
        pile_grow(p, n);
    return p->bytes + p->n;
}

/* One that is variable, at `to`; returns its bytes. */
static inline size_t pile_varint(uint8_t to[PILE_VARINT_BYTES], uint64_t v)
{
    size_t n = 0;

    for (; v >= 0x80; v >>= 7)
        to[n++] = (uint8_t)(v | 0x80);
    to[n++] = (uint8_t)v;
    return n;
}

/* Bytes that are no UTF-8 become U+FFFD each. Ends at a NUL. */
void pile_text(struct pile *p, const void *text, size_t n);

void pile_u64(struct pile *p, uint64_t v);
/* One that may be below 0: 0, -1, 1, -2 are 0, 1, 2, 3. */
void pile_s64(struct pile *p, int64_t v);

static inline void pile_put(struct pile *p, uint64_t v, uint32_t bytes)
{
    little_put(pile_room(p, sizeof(v)), v, bytes);
    p->n += bytes;
}

static inline void pile_add(struct pile *p, const void *bytes, size_t n)
{
    if (n)
        memcpy(pile_room(p, n), bytes, n);
    p->n += n;
}

#endif
