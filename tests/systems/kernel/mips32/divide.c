/* SPDX-License-Identifier: MIT */
/*
 * divide.c - division of 64 bits, which the compiler calls where the processor has none. Its own is in libgcc, which
 * Debian has for programs of Linux only: for another ABI than a kernel's.
 */
#include <stdint.h>

uint64_t __udivdi3(uint64_t a, uint64_t b);
uint64_t __umoddi3(uint64_t a, uint64_t b);
int64_t __divdi3(int64_t a, int64_t b);
int64_t __moddi3(int64_t a, int64_t b);

static uint64_t divide(uint64_t a, uint64_t b, uint64_t *rest)
{
    uint64_t result = 0, left = 0;

    for (int bit = 63; bit >= 0; bit--) {
        const uint64_t out = left >> 63;

        left = left << 1 | (a >> bit & 1);
        if (out || left >= b) {
            left -= b;
            result |= 1ull << bit;
        }
    }
    *rest = left;
    return result;
}

uint64_t __udivdi3(uint64_t a, uint64_t b)
{
    uint64_t rest;

    return divide(a, b, &rest);
}

uint64_t __umoddi3(uint64_t a, uint64_t b)
{
    uint64_t rest;

    divide(a, b, &rest);
    return rest;
}

static uint64_t absolute(int64_t a)
{
    return a < 0 ? -(uint64_t)a : (uint64_t)a;
}

int64_t __divdi3(int64_t a, int64_t b)
{
    const uint64_t result = __udivdi3(absolute(a), absolute(b));

    return (int64_t)((a < 0) != (b < 0) ? -result : result);
}

int64_t __moddi3(int64_t a, int64_t b)
{
    const uint64_t rest = __umoddi3(absolute(a), absolute(b));

    return (int64_t)(a < 0 ? -rest : rest);
}
