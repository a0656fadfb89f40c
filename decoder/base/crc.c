/* SPDX-License-Identifier: MIT */
/*
 * crc.c - the CRC-32 of chunks.
 *
 * Where the processor multiplies polynomials it folds 64 bytes at a time, as in Gopal and others,
 * "Fast CRC Computation for Generic Polynomials Using PCLMULQDQ Instruction" (Intel, 2009), for
 * bits in reflected order; elsewhere zlib does it.
 */
#include "base/crc.h"

#include "base/zip.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define CRC_FOLD_BYTES 64u /* at once, and the least there must be */

/* x to the power of these, modulo the polynomial; section "Bit-Reflected" of the paper. */
static const uint64_t crc_fold_64[2] = {0x154442bd4, 0x1c6e41596}; /* 544, 480 */
static const uint64_t crc_fold_16[2] = {0x1751997d0, 0x0ccaa009e}; /* 160, 96 */
static const uint64_t crc_fold_8[2] = {0x163cd6124, 0};            /* 64 */
static const uint64_t crc_barrett[2] = {0x1db710641, 0x1f7011641}; /* P, x^64 / P */

#define CRC_TARGET __attribute__((target("pclmul,sse4.1")))

CRC_TARGET static inline __m128i crc_load(const void *p)
{
    return _mm_loadu_si128(p);
}

/* x moved by as many bits as k was made for, added to what is there. */
CRC_TARGET static inline __m128i crc_fold(__m128i x, __m128i k, __m128i there)
{
    __m128i low = _mm_clmulepi64_si128(x, k, 0x00), high = _mm_clmulepi64_si128(x, k, 0x11);

    return _mm_xor_si128(_mm_xor_si128(low, high), there);
}

/* The 16 bytes that all is folded to are reduced to 4. */
CRC_TARGET static uint32_t crc_reduce(__m128i x)
{
    const __m128i low = _mm_setr_epi32(-1, 0, -1, 0), p = crc_load(crc_barrett);
    __m128i y = _mm_clmulepi64_si128(x, crc_load(crc_fold_16), 0x10);

    x = _mm_xor_si128(_mm_srli_si128(x, 8), y);
    y = _mm_clmulepi64_si128(_mm_and_si128(x, low), crc_load(crc_fold_8), 0x00);
    x = _mm_xor_si128(_mm_srli_si128(x, 4), y);
    y = _mm_clmulepi64_si128(_mm_and_si128(x, low), p, 0x10);
    y = _mm_clmulepi64_si128(_mm_and_si128(y, low), p, 0x00);
    return (uint32_t)_mm_extract_epi32(_mm_xor_si128(x, y), 1);
}

/* n: at least CRC_FOLD_BYTES, a multiple of 16. */
CRC_TARGET static uint32_t crc_folded(uint32_t crc, const uint8_t *p, size_t n)
{
    __m128i k = crc_load(crc_fold_64), x[4];

    for (int i = 0; i < 4; i++)
        x[i] = crc_load(p + 16 * i);
    x[0] = _mm_xor_si128(x[0], _mm_cvtsi32_si128((int)~crc));
    for (p += 64, n -= 64; n >= 64; p += 64, n -= 64)
        for (int i = 0; i < 4; i++)
            x[i] = crc_fold(x[i], k, crc_load(p + 16 * i));
    k = crc_load(crc_fold_16);
    for (int i = 1; i < 4; i++)
        x[0] = crc_fold(x[0], k, x[i]);
    for (; n; p += 16, n -= 16)
        x[0] = crc_fold(x[0], k, crc_load(p));
    return ~crc_reduce(x[0]);
}

uint32_t crc_add(uint32_t crc, const void *bytes, size_t n)
{
    size_t whole = n & ~(size_t)15;

    if (n < CRC_FOLD_BYTES || !__builtin_cpu_supports("pclmul") ||
        !__builtin_cpu_supports("sse4.1"))
        return zip_crc(crc, bytes, n);
    crc = crc_folded(crc, bytes, whole);
    return whole < n ? zip_crc(crc, (const uint8_t *)bytes + whole, n - whole) : crc;
}

#else

uint32_t crc_add(uint32_t crc, const void *bytes, size_t n)
{
    return zip_crc(crc, bytes, n);
}

#endif
