/* SPDX-License-Identifier: MIT */
/* base64.c - bytes as base64. */
#include "base/base64.h"

static const char base64_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* One to three bytes as four characters. */
static void base64_group(char to[4], const uint8_t *from, size_t n)
{
    uint32_t v = (uint32_t)from[0] << 16;

    v |= n > 1 ? (uint32_t)from[1] << 8 : 0;
    v |= n > 2 ? from[2] : 0u;
    to[0] = base64_digits[v >> 18];
    to[1] = base64_digits[v >> 12 & 63];
    to[2] = n > 1 ? base64_digits[v >> 6 & 63] : '=';
    to[3] = n > 2 ? base64_digits[v & 63] : '=';
}

void base64_print(struct out *o, const void *bytes, size_t n)
{
    const uint8_t *from = bytes;

    for (size_t i = 0; i < n; i += 3) {
        base64_group(out_room(o, 4), from + i, n - i < 3 ? n - i : 3);
        o->at += 4;
    }
}
