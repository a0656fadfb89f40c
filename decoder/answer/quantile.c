/* SPDX-License-Identifier: MIT */
/* quantile.c - which number is at a place in the order of all. */
#include "answer/quantile.h"

#define QUANTILE_BITS 7u /* of QUANTILE_PARTS */

static unsigned quantile_bucket(uint64_t v)
{
    unsigned shift;

    if (v < QUANTILE_PARTS)
        return (unsigned)v;
    shift = 63 - QUANTILE_BITS - (unsigned)__builtin_clzll(v);
    return (shift + 1) * QUANTILE_PARTS + (unsigned)(v >> shift) - QUANTILE_PARTS;
}

static uint64_t quantile_most(unsigned bucket)
{
    unsigned shift = bucket / QUANTILE_PARTS - 1;
    uint64_t part = bucket % QUANTILE_PARTS + QUANTILE_PARTS;

    return bucket < QUANTILE_PARTS ? bucket : ((part + 1) << shift) - 1;
}

void quantile_put(struct quantile *q, uint64_t v)
{
    q->count++;
    q->most = v > q->most ? v : q->most;
    q->buckets[quantile_bucket(v)]++;
}

uint64_t quantile_get(const struct quantile *q, uint32_t of, uint32_t all)
{
    uint64_t rank = (uint64_t)(((unsigned __int128)q->count * of + all - 1) / all), seen = 0, v;
    unsigned bucket = 0;

    for (; bucket < QUANTILE_BUCKETS - 1; bucket++) {
        seen += q->buckets[bucket];
        if (seen >= rank)
            break;
    }
    v = quantile_most(bucket);
    return v > q->most ? q->most : v;
}
