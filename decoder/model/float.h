/* SPDX-License-Identifier: MIT */
/*
 * float.h - numbers with a binary point, f32 and f64.
 */
#ifndef FLOAT_H
#define FLOAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct format_step;
struct out;

#define FLOAT_TEXT_BYTES 32u /* of float_text, with the NUL */

/* The number of `width` (4 or 8) bytes at p. */
double float_load(const uint8_t *p, uint32_t width, bool swap);

/* As C's printf does: doc/format.md annex A. */
void float_print(struct out *o, const struct format_step *s, double v);

/* The shortest decimal number that is read as v again, when read as a number of `width` bytes; or
 * nan, inf, -inf. Returns its length. */
size_t float_text(double v, uint32_t width, char text[FLOAT_TEXT_BYTES]);

/* Is it a number, neither infinite nor not a number? */
bool float_finite(double v);

#endif
