/* SPDX-License-Identifier: MIT */
/* quantile.c - which number is at a place in the order of all. */
#include "answer/quantile.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

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

static uint64_t quantile_rank(uint64_t count, uint32_t of, uint32_t all)
{
    return (uint64_t)(((unsigned __int128)count * of + all - 1) / all);
}

uint64_t quantile_get(const struct quantile *q, uint32_t of, uint32_t all)
{
    uint64_t rank = quantile_rank(q->count, of, all), seen = 0, v;
    unsigned bucket = 0;

    for (; bucket < QUANTILE_BUCKETS - 1; bucket++) {
        seen += q->buckets[bucket];
        if (seen >= rank)
            break;
    }
    v = quantile_most(bucket);
    return v > q->most ? q->most : v;
}

/* The place of a bucket, or where it belongs. */
static uint32_t quantile_place(const struct quantile_few *q, unsigned bucket)
{
    uint32_t low = 0, high = q->used;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (q->cells[middle].bucket < bucket)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool quantile_few_put(struct quantile_few *q, uint64_t v, uint32_t *left)
{
    unsigned bucket = quantile_bucket(v);
    uint32_t place = quantile_place(q, bucket);

    if (place == q->used || q->cells[place].bucket != bucket) {
        if (!*left)
            return false;
        --*left;
        if (q->used == q->room) {
            q->room = q->room ? 2 * q->room : 4;
            q->cells = mem_grow(q->cells, q->room * sizeof(q->cells[0]));
        }
        memmove(&q->cells[place + 1], &q->cells[place], (q->used - place) * sizeof(q->cells[0]));
        q->cells[place] = (struct quantile_cell){.bucket = bucket};
        q->used++;
    }
    q->cells[place].count++;
    q->count++;
    q->most = v > q->most ? v : q->most;
    return true;
}

uint64_t quantile_few_get(const struct quantile_few *q, uint32_t of, uint32_t all)
{
    uint64_t rank = quantile_rank(q->count, of, all), seen = q->cells[0].count, v;
    uint32_t i = 0;

    while (seen < rank && i < q->used - 1)
        seen += q->cells[++i].count;
    v = quantile_most(q->cells[i].bucket);
    return v > q->most ? q->most : v;
}

void quantile_few_free(struct quantile_few *q)
{
    free(q->cells);
    *q = (struct quantile_few){0};
}
