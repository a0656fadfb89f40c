/* SPDX-License-Identifier: MIT */
/* float.c - numbers with a binary point, f32 and f64. */
#include "model/float.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/load.h"
#include "base/out.h"
#include "model/format.h"

/* Of the largest f64, with a width and a precision. */
#define FLOAT_PRINT_BYTES (2 * FORMAT_WIDTH_MAX + 400)

double float_load(const uint8_t *p, uint32_t width, bool swap)
{
    uint64_t bits;
    double v;

    if (width == 4) {
        uint32_t half = load_u32(p, swap);
        float f;

        memcpy(&f, &half, sizeof(f));
        return (double)f;
    }
    bits = load_u64(p, swap);
    memcpy(&v, &bits, sizeof(v));
    return v;
}

bool float_finite(double v)
{
    return isfinite(v);
}

/* The point of the locale, which a program with this library may have chosen, becomes that of C. */
static size_t float_point(char *text, size_t n)
{
    const char *point = localeconv()->decimal_point;
    size_t bytes = strlen(point);
    char *at = bytes && strcmp(point, ".") != 0 ? strstr(text, point) : NULL;

    if (!at)
        return n;
    *at = '.';
    memmove(at + 1, at + bytes, n + 1 - (size_t)(at - text) - bytes);
    return n + 1 - bytes;
}

void float_print(struct out *o, const struct format_step *s, double v)
{
    char text[FLOAT_PRINT_BYTES], how[16], *to = how;
    int n;

    *to++ = '%';
    if (s->minus)
        *to++ = '-';
    if (s->hash)
        *to++ = '#';
    if (s->zero)
        *to++ = '0';
    if (s->plus && !isnan(v))
        *to++ = '+';
    if (s->space && !isnan(v))
        *to++ = ' ';
    memcpy(to, "*.*", 3);
    to[3] = s->letter;
    to[4] = 0;
    /* `how` is made above, of flags and one letter. A negative precision counts as none. */
    n = snprintf(text, sizeof(text), how, (int)s->width, (int)s->precision, isnan(v) ? fabs(v) : v);
    out_bytes(o, text, float_point(text, (size_t)n));
}

size_t float_text(double v, uint32_t width, char text[FLOAT_TEXT_BYTES])
{
    int digits = width == 4 ? 6 : 15, most = width == 4 ? 9 : 17, n;

    if (isnan(v))
        v = fabs(v);
    do {
        n = snprintf(text, FLOAT_TEXT_BYTES, "%.*g", digits, v);
    } while (digits++ < most && !isnan(v) &&
             (width == 4 ? (double)strtof(text, NULL) != v : strtod(text, NULL) != v));
    return float_point(text, (size_t)n);
}
