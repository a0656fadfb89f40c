/* SPDX-License-Identifier: MIT */
/*
 * crc32c.h - the checksum of doc/format.md section 4, from its definition, so that it shares nothing
 * with engine or decoder. For test programs.
 */
#ifndef CRC32C_H
#define CRC32C_H

#include <stddef.h>
#include <stdint.h>

/* crc: 0 to start, else the checksum of the bytes before. */
static inline uint32_t crc32c(uint32_t crc, const void *bytes, size_t n)
{
    static uint32_t table[256];
    const uint8_t *p = bytes;

    for (uint32_t i = 0; !table[255] && i < 256; i++) {
        uint32_t c = i;

        for (int bit = 0; bit < 8; bit++)
            c = c & 1 ? c >> 1 ^ 0x82f63b78u : c >> 1;
        table[i] = c;
    }
    for (crc = ~crc; n; n--)
        crc = crc >> 8 ^ table[(crc ^ *p++) & 0xff];
    return ~crc;
}

#endif
