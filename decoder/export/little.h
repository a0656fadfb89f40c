/* SPDX-License-Identifier: MIT */
/* little.h - numbers in little endian, at any address. */
#ifndef LITTLE_H
#define LITTLE_H

#include <stdint.h>

static inline void little_put(uint8_t *to, uint64_t v, uint32_t bytes)
{
    for (uint32_t i = 0; i < bytes; i++)
        to[i] = (uint8_t)(v >> 8 * i);
}

static inline void little_u16(uint8_t *to, uint16_t v)
{
    little_put(to, v, sizeof(v));
}

static inline void little_u32(uint8_t *to, uint32_t v)
{
    little_put(to, v, sizeof(v));
}

static inline void little_u64(uint8_t *to, uint64_t v)
{
    little_put(to, v, sizeof(v));
}

static inline uint32_t little_load_u32(const uint8_t *from)
{
    return from[0] | (uint32_t)from[1] << 8 | (uint32_t)from[2] << 16 | (uint32_t)from[3] << 24;
}

#endif
