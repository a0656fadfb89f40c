/* SPDX-License-Identifier: MIT */
/*
 * quantile.h - which number is at a place in the order of all, in memory of fixed size.
 *
 * Up to 127 each number has a bucket; above, each power of two is cut in 128. What comes out is the
 * most that belongs into the bucket: never too low, and too high by less than one part in 128.
 */
#ifndef QUANTILE_H
#define QUANTILE_H

#include <stdbool.h>
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

/* The same where there are many of them, each with few buckets that are in use. All zero at first. */
struct quantile_few {
    uint64_t count, most;
    struct quantile_cell {
        uint64_t count;
        uint32_t bucket;
    } * cells; /* by bucket */
    uint32_t used, room;
};

/* *left: cells that may still be taken, by all of them together. False: none, and it was not put. */
bool quantile_few_put(struct quantile_few *q, uint64_t v, uint32_t *left);
uint64_t quantile_few_get(const struct quantile_few *q, uint32_t of, uint32_t all);
void quantile_few_free(struct quantile_few *q);

#endif
