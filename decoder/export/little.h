/* SPDX-License-Identifier: MIT */
/* little.h - numbers in little endian, at any address. */
#ifndef LITTLE_H
#define LITTLE_H

#include <stdint.h>
#include <string.h>

static inline void little_put(uint8_t *to, uint64_t v, uint32_t bytes)
{
    for (uint32_t i = 0; i < bytes; i++)
        to[i] = (uint8_t)(v >> 8 * i);
}

#define LITTLE_SWAP (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)

static inline void little_u16(uint8_t *to, uint16_t v)
{
    v = LITTLE_SWAP ? __builtin_bswap16(v) : v;
    memcpy(to, &v, sizeof(v));
}

static inline void little_u32(uint8_t *to, uint32_t v)
{
    v = LITTLE_SWAP ? __builtin_bswap32(v) : v;
    memcpy(to, &v, sizeof(v));
}

static inline void little_u64(uint8_t *to, uint64_t v)
{
    v = LITTLE_SWAP ? __builtin_bswap64(v) : v;
    memcpy(to, &v, sizeof(v));
}

static inline uint32_t little_load_u32(const uint8_t *from)
{
    uint32_t v;

    memcpy(&v, from, sizeof(v));
    return LITTLE_SWAP ? __builtin_bswap32(v) : v;
}

static inline uint64_t little_load_u64(const uint8_t *from)
{
    uint64_t v;

    memcpy(&v, from, sizeof(v));
    return LITTLE_SWAP ? __builtin_bswap64(v) : v;
}

#endif
