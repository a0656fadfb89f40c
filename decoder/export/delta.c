/* SPDX-License-Identifier: MIT */
/* delta.c - numbers by how much each is more than the one before. */
#include "export/delta.h"

#include "export/little.h"

#define DELTA_BLOCK 128u /* numbers that share a smallest difference, */
#define DELTA_PARTS 4u   /* and parts of it that share a width */
#define DELTA_PART (DELTA_BLOCK / DELTA_PARTS)
#define DELTA_VARINT_BYTES 10u

size_t delta_bound(uint32_t n)
{
    size_t blocks = n / DELTA_BLOCK + 1;

    return 4 * DELTA_VARINT_BYTES +
           blocks * (DELTA_VARINT_BYTES + DELTA_PARTS + DELTA_BLOCK * sizeof(uint64_t));
}

static uint8_t *delta_varint(uint8_t *to, uint64_t v)
{
    for (; v >= 0x80; v >>= 7)
        *to++ = (uint8_t)(v | 0x80);
    *to++ = (uint8_t)v;
    return to;
}

static uint8_t *delta_signed(uint8_t *to, uint64_t v)
{
    return delta_varint(to, v << 1 ^ (v >> 63 ? UINT64_MAX : 0));
}

/* Numbers of so many bits, the lowest first. */
static uint8_t *delta_pack(uint8_t *to, const uint64_t *v, unsigned bits)
{
    unsigned __int128 held = 0;
    unsigned held_bits = 0;

    for (uint32_t i = 0; bits && i < DELTA_PART; i++) {
        held |= (unsigned __int128)v[i] << held_bits;
        for (held_bits += bits; held_bits >= 8; held_bits -= 8, held >>= 8)
            *to++ = (uint8_t)held;
    }
    return to;
}

/* The differences of a block, of which there are `count`; the rest are 0. */
static uint8_t *delta_block(uint8_t *to, uint64_t v[DELTA_BLOCK], uint32_t count)
{
    uint64_t least = v[0];
    uint8_t *widths;

    for (uint32_t i = 1; i < count; i++)
        least = (int64_t)v[i] < (int64_t)least ? v[i] : least;
    to = delta_signed(to, least);
    widths = to;
    to += DELTA_PARTS;
    for (uint32_t part = 0; part < DELTA_PARTS; part++) {
        uint64_t all = 0, *first = v + part * DELTA_PART;

        for (uint32_t i = 0; i < DELTA_PART; i++) {
            first[i] = part * DELTA_PART + i < count ? first[i] - least : 0;
            all |= first[i];
        }
        widths[part] = (uint8_t)(all ? 64 - __builtin_clzll(all) : 0);
        /* A part without numbers has no bytes. */
        to = delta_pack(to, first, widths[part]);
    }
    return to;
}

size_t delta_put(uint8_t *to, const uint8_t *numbers, uint32_t n)
{
    uint64_t v[DELTA_BLOCK], last = n ? little_load_u64(numbers) : 0;
    uint8_t *p = to;

    p = delta_varint(p, DELTA_BLOCK);
    p = delta_varint(p, DELTA_PARTS);
    p = delta_varint(p, n);
    p = delta_signed(p, last);
    for (uint32_t i = 1; i < n;) {
        uint32_t count = n - i < DELTA_BLOCK ? n - i : DELTA_BLOCK;

        for (uint32_t k = 0; k < count; k++, i++) {
            uint64_t next = little_load_u64(numbers + i * sizeof(next));

            v[k] = next - last;
            last = next;
        }
        p = delta_block(p, v, count);
    }
    return (size_t)(p - to);
}
