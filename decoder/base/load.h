/* SPDX-License-Identifier: MIT */
/* load.h - numbers that are in memory at any address, in either byte order. */
#ifndef LOAD_H
#define LOAD_H

#include <stdbool.h>
#include <stdint.h>

static inline uint16_t load_u16(const uint8_t *p, bool swap)
{
    uint16_t v;

    __builtin_memcpy(&v, p, sizeof(v));
    return swap ? __builtin_bswap16(v) : v;
}

static inline uint32_t load_u32(const uint8_t *p, bool swap)
{
    uint32_t v;

    __builtin_memcpy(&v, p, sizeof(v));
    return swap ? __builtin_bswap32(v) : v;
}

static inline uint64_t load_u64(const uint8_t *p, bool swap)
{
    uint64_t v;

    __builtin_memcpy(&v, p, sizeof(v));
    return swap ? __builtin_bswap64(v) : v;
}

#endif
