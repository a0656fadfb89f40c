/* SPDX-License-Identifier: MIT */
/* pile.c - bytes in memory that grow, and numbers among them. */
#include "export/pile.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "export/little.h"

#define PILE_FIRST_BYTES 4096u
#define PILE_VARINT_BYTES 10u

void pile_free(struct pile *p)
{
    free(p->bytes);
    *p = (struct pile){0};
}

uint8_t *pile_more(struct pile *p, size_t n)
{
    size_t room = p->room ? p->room : PILE_FIRST_BYTES;

    while (room - p->n < n)
        room *= 2;
    if (room > p->room) {
        p->bytes = mem_grow(p->bytes, room);
        p->room = room;
    }
    p->n += n;
    return p->bytes + p->n - n;
}

void pile_add(struct pile *p, const void *bytes, size_t n)
{
    uint8_t *to = pile_more(p, n);

    if (n)
        memcpy(to, bytes, n);
}

void pile_u64(struct pile *p, uint64_t v)
{
    uint8_t *to = pile_more(p, PILE_VARINT_BYTES);
    size_t n = 0;

    for (; v >= 0x80; v >>= 7)
        to[n++] = (uint8_t)(v | 0x80);
    to[n++] = (uint8_t)v;
    p->n -= PILE_VARINT_BYTES - n;
}

void pile_s64(struct pile *p, int64_t v)
{
    pile_u64(p, (uint64_t)v << 1 ^ (v < 0 ? UINT64_MAX : 0));
}

void pile_fixed(struct pile *p, uint64_t v, uint32_t bytes)
{
    little_put(pile_more(p, bytes), v, bytes);
}
