/* SPDX-License-Identifier: MIT */
/*
 * spread.h - how numbers are distributed: exact buckets of powers of two, or of equal width.
 *
 * Numbers are those of 64 bits, signed or not. Buckets of equal width are as narrow as a power of
 * two can be so that SPREAD_LINEAR of them hold all that came: whenever something does not fit, two
 * become one. Their borders are multiples of their width, so nothing is ever in the wrong one,
 * and the order in which numbers come makes no difference.
 */
#ifndef SPREAD_H
#define SPREAD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/out.h"

#define SPREAD_LOG2 129u  /* 0, and 64 powers of two on each side */
#define SPREAD_LINEAR 20u /* at most so many are in use */
#define SPREAD_BAR 20u    /* characters of the longest one: a line has 80 */

struct spread {
    bool linear;
    unsigned shift;  /* linear: a bucket is 2^shift wide */
    __int128 bottom; /* linear: number of the first one, its least value >> shift */
    uint64_t count;
    __int128 least, most, sum;
    uint64_t buckets[SPREAD_LOG2];
};

/* `s` is all zero but for s->linear. */
void spread_put(struct spread *s, __int128 v, uint64_t times);
/* Adds another one of the same kind. */
void spread_add(struct spread *s, const struct spread *other);
/* The least and the most that belong into a bucket. */
void spread_limits(const struct spread *s, unsigned bucket, __int128 *least, __int128 *most);

void spread_text(const struct spread *s, struct out *o);
/* ,"count":... up to the buckets. */
void spread_json(const struct spread *s, struct out *o);

#endif
