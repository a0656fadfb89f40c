/* SPDX-License-Identifier: MIT */
/* CRC-32 as in zlib, PNG and IEEE 802.3, four bytes at a step. */
#include "core.h"

/* Four bytes at a time, where 3 KiB more do not matter. */
#define SLICES (sizeof(void *) > 4 ? 4 : 1)

static uint32_t table[SLICES][256];

void tp_crc_init(void)
{
    if (table[0][1])
        return; /* another trace may be reading it */
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t c = i;

        for (int bit = 0; bit < 8; bit++)
            c = c >> 1 ^ (c & 1 ? 0xedb88320u : 0);
        table[0][i] = c;
    }
    for (uint32_t i = 0; i < 256; i++)
        for (size_t k = 1; k < SLICES; k++)
            table[k][i] = table[k - 1][i] >> 8 ^ table[0][table[k - 1][i] & 0xff];
}

uint32_t tp_crc(uint32_t crc, const void *bytes, size_t count)
{
    const uint8_t *b = bytes;

    crc = ~crc;
    for (; SLICES == 4 && count >= 4; count -= 4, b += 4)
        crc = table[SLICES - 1][(crc ^ b[0]) & 0xff] ^ table[SLICES / 2][(crc >> 8 ^ b[1]) & 0xff] ^
              table[SLICES / 4][(crc >> 16 ^ b[2]) & 0xff] ^ table[0][crc >> 24 ^ b[3]];
    for (; count; count--, b++)
        crc = crc >> 8 ^ table[0][(crc ^ *b) & 0xff];
    return ~crc;
}
