/* SPDX-License-Identifier: MIT */
/*
 * CRC-32 as in zlib, PNG and IEEE 802.3. TP_CRC_TABLE_BYTES chooses between memory and speed: 64
 * (half a byte at a time, a constant), 1024 (a byte) or 4096 (four bytes); the larger two are made
 * when the first trace is opened.
 */
#include "events.h"

_Static_assert(TP_CRC_TABLE_BYTES == 64 || TP_CRC_TABLE_BYTES == 1024 || TP_CRC_TABLE_BYTES == 4096,
               "TP_CRC_TABLE_BYTES is 64, 1024 or 4096");

#define SLICES (TP_CRC_TABLE_BYTES / 1024u)

/* Of half a byte. */
static const uint32_t crc_half[16] = {
    0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
    0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c, 0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c};

/* table[k][b]: of the byte b and k zeros after it. */
static uint32_t crc_table[SLICES ? SLICES : 1][SLICES ? 256 : 1];

static uint32_t crc_byte(uint32_t crc, uint8_t byte)
{
    if (SLICES)
        return crc >> 8 ^ crc_table[0][(crc ^ byte) & 0xff];
    crc = crc >> 4 ^ crc_half[(crc ^ byte) & 15];
    return crc >> 4 ^ crc_half[(crc ^ byte >> 4) & 15];
}

void tp_crc_init(void)
{
    if (!SLICES || crc_table[0][SLICES ? 1 : 0])
        return; /* another trace may be reading it */
    for (uint32_t i = 0; i != SLICES * 256; i++) {
        uint32_t c = i < 256 ? i : crc_table[i / 256 - 1][i % 256];

        for (int bit = 0; bit < 8; bit += 4)
            c = c >> 4 ^ crc_half[c & 15];
        crc_table[i / 256][i % 256] = c;
    }
}

uint32_t tp_crc(uint32_t crc, const void *bytes, size_t count)
{
    const uint8_t *b = bytes;

    crc = ~crc;
    for (; SLICES == 4 && count >= 4; count -= 4, b += 4)
        crc = crc_table[SLICES - 1][(crc ^ b[0]) & 0xff] ^
              crc_table[SLICES / 2][(crc >> 8 ^ b[1]) & 0xff] ^
              crc_table[SLICES / 4][(crc >> 16 ^ b[2]) & 0xff] ^ crc_table[0][crc >> 24 ^ b[3]];
    for (; count; count--)
        crc = crc_byte(crc, *b++);
    return ~crc;
}
