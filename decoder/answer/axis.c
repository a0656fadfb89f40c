/* SPDX-License-Identifier: MIT */
/* axis.c - times above the columns of a timeline. */
#include "answer/axis.h"

#include <inttypes.h>
#include <stdio.h>

#define AXIS_SECOND_NS 1000000000u
#define AXIS_DIGITS 9u /* of it, after the point */
#define AXIS_TEXT_BYTES 32u

/* Seconds, with so many digits after the point. */
static size_t axis_label(char to[AXIS_TEXT_BYTES], uint64_t ns, unsigned digits)
{
    uint64_t rest = ns % AXIS_SECOND_NS;

    for (unsigned i = digits; i < AXIS_DIGITS; i++)
        rest /= 10;
    return (size_t)(digits ? snprintf(to, AXIS_TEXT_BYTES, "|%" PRIu64 ".%0*" PRIu64,
                                      ns / AXIS_SECOND_NS, (int)digits, rest)
                           : snprintf(to, AXIS_TEXT_BYTES, "|%" PRIu64, ns / AXIS_SECOND_NS));
}

/* The least of 1, 2, 5, 10, ... ns between two labels; its digits after the point. */
static unsigned __int128 axis_step(uint64_t last_ns, uint64_t column_ns, unsigned *digits)
{
    unsigned __int128 power = 1;
    char text[AXIS_TEXT_BYTES];

    for (*digits = AXIS_DIGITS;; power *= 10, *digits -= *digits > 0)
        for (unsigned i = 1; i <= 5; i += i == 1 ? 1 : 3)
            if (power * i / column_ns >= axis_label(text, last_ns, *digits) + 1)
                return power * i;
}

void axis_text(struct out *o, const char *indent, uint64_t start_ns, uint64_t column_ns,
               uint32_t columns)
{
    unsigned __int128 end = start_ns + (unsigned __int128)column_ns * columns, step, at;
    char text[AXIS_TEXT_BYTES];
    uint32_t column = 0;
    unsigned digits;

    step = axis_step(end > UINT64_MAX ? UINT64_MAX : (uint64_t)end, column_ns, &digits);
    for (at = (start_ns + step - 1) / step * step; at < end; at += step) {
        uint32_t place = (uint32_t)((at - start_ns) / column_ns);
        size_t n = at > UINT64_MAX ? 0 : axis_label(text, (uint64_t)at, digits);

        if (!n || place + n > columns)
            break;
        out_text(o, indent);
        indent = "";
        out_pad(o, ' ', place - column);
        out_bytes(o, text, n);
        column = place + (uint32_t)n;
    }
    out_text(o, *indent ? "" : "\n");
}
