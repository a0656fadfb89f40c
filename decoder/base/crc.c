/* SPDX-License-Identifier: MIT */
/*
 * crc.c - the CRC-32C of chunks: by the processor's instruction, of three parts at the same time, else eight
 * bytes at a time by a table. No library that is packaged widely has it.
 */
#include "base/crc.h"

#include <string.h>

#define CRC_POLYNOMIAL 0x82f63b78u /* bits in reflected order */

/* crc_table[k][b]: of the byte b and k zeros after it. */
static uint32_t crc_table[8][256];

#define CRC_FIRST 201 /* priorities: the second table is made by the first */
#define CRC_SECOND 202

__attribute__((constructor(CRC_FIRST))) static void crc_make_table(void)
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

#define CRC_PART_BYTES                                                                             \
    1024u /* one of three that are summed at the same time: the instruction takes three cycles */

/* crc_after[k][b]: what becomes of byte k of a CRC, being b, by so many zeros. */
static uint32_t crc_after[4][256];

__attribute__((constructor(CRC_SECOND))) static void crc_make_after(void)
{
    static const uint8_t zeros[CRC_PART_BYTES];

    for (uint32_t k = 0; k < 4; k++) {
        for (uint32_t bit = 1; bit < 256; bit *= 2)
            crc_after[k][bit] = crc_by_table(bit << 8 * k, zeros, sizeof(zeros));
        for (uint32_t b = 1; b < 256; b++)
            crc_after[k][b] = crc_after[k][b & (b - 1)] ^ crc_after[k][b & -b];
    }
}

static uint64_t crc_move(uint64_t c)
{
    return crc_after[0][c & 0xff] ^ crc_after[1][c >> 8 & 0xff] ^ crc_after[2][c >> 16 & 0xff] ^
           crc_after[3][c >> 24 & 0xff];
}

static uint64_t crc_word(const uint8_t *p)
{
    uint64_t word;

    memcpy(&word, p, sizeof(word));
    return word;
}

__attribute__((target("sse4.2"))) static uint32_t crc_by_instruction(uint32_t crc, const uint8_t *p,
                                                                     size_t n)
{
    uint64_t sum = crc;

    for (; n >= 3 * CRC_PART_BYTES; n -= 3 * CRC_PART_BYTES, p += 2 * CRC_PART_BYTES) {
        uint64_t second = 0, third = 0;

        for (const uint8_t *end = p + CRC_PART_BYTES; p < end; p += sizeof(sum)) {
            sum = _mm_crc32_u64(sum, crc_word(p));
            second = _mm_crc32_u64(second, crc_word(p + CRC_PART_BYTES));
            third = _mm_crc32_u64(third, crc_word(p + 2 * CRC_PART_BYTES));
        }
        sum = crc_move(crc_move(sum) ^ second) ^ third;
    }
    for (; n >= sizeof(sum); n -= sizeof(sum), p += sizeof(sum))
        sum = _mm_crc32_u64(sum, crc_word(p));
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
