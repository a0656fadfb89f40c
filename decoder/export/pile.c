/* SPDX-License-Identifier: MIT */
/* pile.c - bytes in memory that grow, and numbers among them. */
#include "export/pile.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/out.h"

#define PILE_FIRST_BYTES 1024u

void pile_free(struct pile *p)
{
    free(p->bytes);
    *p = (struct pile){.n = 0};
}

void pile_grow(struct pile *p, size_t n)
{
    size_t room = p->room ? p->room : PILE_FIRST_BYTES;

    while (room - p->n < n)
        room *= 2;
    p->bytes = mem_grow(p->bytes, room);
    p->room = room;
}

void pile_text(struct pile *p, const void *text, size_t n)
{
    const uint8_t *s = text;
    uint8_t *to = pile_room(p, 3 * n + 1), *start = to;
    uint32_t code;

    for (size_t i = 0; i < n && s[i];) {
        size_t took = s[i] < 0x80 ? 1 : out_utf8(s + i, n - i, &code);

        memcpy(to, took ? (const void *)(s + i) : "\xef\xbf\xbd", took ? took : 3);
        to += took ? took : 3;
        i += took ? took : 1;
    }
    *to++ = '\0';
    p->n += (size_t)(to - start);
}

void pile_u64(struct pile *p, uint64_t v)
{
    p->n += pile_varint(pile_room(p, PILE_VARINT_BYTES), v);
}

void pile_s64(struct pile *p, int64_t v)
{
    pile_u64(p, (uint64_t)v << 1 ^ (v < 0 ? UINT64_MAX : 0));
}
