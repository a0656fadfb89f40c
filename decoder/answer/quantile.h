/* SPDX-License-Identifier: MIT */
/*
 * quantile.h - which number is at a place in the order of all, in memory of fixed size.
 *
 * Up to 127 each number has a bucket; above, each power of two is cut in 128. What comes out is the
 * most that belongs into the bucket: never too low, and too high by less than one part in 128.
 */
#ifndef QUANTILE_H
#define QUANTILE_H

#include <stdint.h>

#define QUANTILE_PARTS 128u
#define QUANTILE_BUCKETS (58u * QUANTILE_PARTS)

struct quantile {
    uint64_t count, most;
    uint64_t buckets[QUANTILE_BUCKETS];
};

void quantile_put(struct quantile *q, uint64_t v);
/* The least number that `of` of `all` are not above: 999 of 1000. There must be one. */
uint64_t quantile_get(const struct quantile *q, uint32_t of, uint32_t all);

#endif
