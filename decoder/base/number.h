/* SPDX-License-Identifier: MIT */
/*
 * number.h - numbers in answers: seconds, rates, columns.
 *
 * number_put_* write a text with a NUL, of at most NUMBER_BYTES.
 */
#ifndef NUMBER_H
#define NUMBER_H

#include "base/out.h"

#define NUMBER_BYTES 48u

/* Every 64 bit integer, signed or not, and sums of them. */
#define NUMBER_LEAST (-((__int128)1 << 63))
#define NUMBER_MOST ((__int128)UINT64_MAX)

/* Saturates at 2^64 - 1: the numbers of losses come from the dump. */
static inline uint64_t number_add(uint64_t a, uint64_t b)
{
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

void number_put_u64(char *to, uint64_t v);
void number_put_seconds(char *to, uint64_t ns); /* 12.345678, rounded down, as records show it */
void number_put_micros(char *to, uint64_t ns);  /* 12.345 */
/* The mean of so many 64 bit integers, with three digits after the point, rounded down. */
void number_put_mean(char *to, __int128 sum, uint64_t count);
/* Events a second, with three digits; `none` where no time has passed. */
void number_put_rate(char *to, uint64_t count, uint64_t span_ns, const char *none);
/* The same to be read: without the digits from 1000 on, `-` where no time has passed. */
void number_text_rate(char *to, uint64_t count, uint64_t span_ns);
uint64_t number_rate(uint64_t count, uint64_t span_ns); /* in thousandths */

/* From -2^63 to 2^64 - 1. */
void number_put(char *to, __int128 v);
void number_print(struct out *o, __int128 v);

/* At the right of a column, after one space at least. */
void number_column(struct out *o, const char *text, unsigned width);
void number_column_u64(struct out *o, uint64_t v, unsigned width);
/* As JSON: ,"name":1 */
void number_json(struct out *o, const char *name, uint64_t v);
void number_json_text(struct out *o, const char *name, const char *number);
/* A bar; some of it if count is not 0. */
void number_bar(struct out *o, uint64_t count, uint64_t most, unsigned width);

#endif
