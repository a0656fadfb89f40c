/* SPDX-License-Identifier: MIT */
/*
 * crc.c - the CRC-32C of chunks: by the processor's instruction, else eight bytes at a time by a
 * table. No library that is packaged widely has it.
 */
#include "base/crc.h"

#include <string.h>

#define CRC_POLYNOMIAL 0x82f63b78u /* bits in reflected order */

/* crc_table[k][b]: of the byte b and k zeros after it. */
static uint32_t crc_table[8][256];

__attribute__((constructor)) static void crc_make_table(void)
{
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t c = i;

        for (int bit = 0; bit < 8; bit++)
            c = c >> 1 ^ (c & 1 ? CRC_POLYNOMIAL : 0);
        crc_table[0][i] = c;
    }
    for (uint32_t k = 1; k < 8; k++)
        for (uint32_t i = 0; i < 256; i++)
            crc_table[k][i] = crc_table[k - 1][i] >> 8 ^ crc_table[0][crc_table[k - 1][i] & 0xff];
}

static uint32_t crc_by_table(uint32_t crc, const uint8_t *p, size_t n)
{
    for (; n >= 8; n -= 8, p += 8)
        crc = crc_table[7][(crc ^ p[0]) & 0xff] ^ crc_table[6][(crc >> 8 ^ p[1]) & 0xff] ^
              crc_table[5][(crc >> 16 ^ p[2]) & 0xff] ^ crc_table[4][crc >> 24 ^ p[3]] ^
              crc_table[3][p[4]] ^ crc_table[2][p[5]] ^ crc_table[1][p[6]] ^ crc_table[0][p[7]];
    for (; n; n--, p++)
        crc = crc >> 8 ^ crc_table[0][(crc ^ *p) & 0xff];
    return crc;
}

#if defined(__x86_64__)
#include <nmmintrin.h>

__attribute__((target("sse4.2"))) static uint32_t crc_by_instruction(uint32_t crc, const uint8_t *p,
                                                                     size_t n)
{
    uint64_t sum = crc, word;

    for (; n >= sizeof(word); n -= sizeof(word), p += sizeof(word)) {
        memcpy(&word, p, sizeof(word));
        sum = _mm_crc32_u64(sum, word);
    }
    return crc_by_table((uint32_t)sum, p, n);
}

uint32_t crc_add(uint32_t crc, const void *bytes, size_t n)
{
    if (__builtin_cpu_supports("sse4.2"))
        return ~crc_by_instruction(~crc, bytes, n);
    return ~crc_by_table(~crc, bytes, n);
}

#else

uint32_t crc_add(uint32_t crc, const void *bytes, size_t n)
{
    return ~crc_by_table(~crc, bytes, n);
}

#endif
