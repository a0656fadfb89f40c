/* SPDX-License-Identifier: MIT */
/* spread.c - how numbers are distributed. */
#include "answer/spread.h"

#include "base/number.h"

#define SPREAD_ZERO 64u

/* Twice as wide. */
static void spread_widen(struct spread *s)
{
    __int128 bottom = s->bottom >> 1;
    uint64_t old[SPREAD_LINEAR];

    memcpy(old, s->buckets, sizeof(old));
    memset(s->buckets, 0, sizeof(old));
    for (unsigned i = 0; i < SPREAD_LINEAR; i++)
        if (old[i])
            s->buckets[((s->bottom + i) >> 1) - bottom] += old[i];
    s->bottom = bottom;
    s->shift++;
}

/* What is below the first bucket: moves all up. The last one in use stays inside. */
static void spread_lower(struct spread *s, __int128 bottom)
{
    size_t by = (size_t)(s->bottom - bottom);

    memmove(s->buckets + by, s->buckets, (SPREAD_LINEAR - by) * sizeof(s->buckets[0]));
    memset(s->buckets, 0, by * sizeof(s->buckets[0]));
    s->bottom = bottom;
}

static unsigned spread_linear(struct spread *s, __int128 v)
{
    if (!s->count)
        s->bottom = v >> s->shift;
    while ((s->most >> s->shift) - (s->least >> s->shift) >= SPREAD_LINEAR)
        spread_widen(s);
    if (s->least >> s->shift < s->bottom)
        spread_lower(s, s->least >> s->shift);
    return (unsigned)((v >> s->shift) - s->bottom);
}

static unsigned spread_log2(__int128 v)
{
    uint64_t size = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
    unsigned bits = size ? 64 - (unsigned)__builtin_clzll(size) : 0;

    return v < 0 ? SPREAD_ZERO - bits : SPREAD_ZERO + bits;
}

void spread_put(struct spread *s, __int128 v, uint64_t times)
{
    if (!s->count || v < s->least)
        s->least = v;
    if (!s->count || v > s->most)
        s->most = v;
    s->buckets[s->linear ? spread_linear(s, v) : spread_log2(v)] += times;
    s->count += times;
    s->sum += v * (__int128)times;
}

void spread_add(struct spread *s, const struct spread *other)
{
    __int128 sum = s->sum + other->sum;

    if (!other->count)
        return;
    if (!s->count)
        s->shift = other->shift;
    while (s->linear && s->shift < other->shift)
        spread_widen(s);
    for (unsigned i = 0; i < (s->linear ? SPREAD_LINEAR : SPREAD_LOG2); i++) {
        __int128 least, most;

        if (!other->buckets[i])
            continue;
        /* Within a bucket it does not matter where; but least and most stay what they are. */
        spread_limits(other, i, &least, &most);
        least = least < other->least ? other->least : least;
        spread_put(s, least, other->buckets[i]);
    }
    s->most = other->most > s->most ? other->most : s->most;
    s->sum = sum;
}

/* The buckets from the first to the last that are not empty; 1 to 0 if all are. */
static void spread_range(const struct spread *s, unsigned *first, unsigned *last)
{
    bool any = false;

    *first = 1;
    *last = 0;
    for (unsigned i = 0; i < (s->linear ? SPREAD_LINEAR : SPREAD_LOG2); i++) {
        if (!s->buckets[i])
            continue;
        *first = any ? *first : i;
        *last = i;
        any = true;
    }
}

void spread_limits(const struct spread *s, unsigned bucket, __int128 *least, __int128 *most)
{
    unsigned bits = bucket < SPREAD_ZERO ? SPREAD_ZERO - bucket : bucket - SPREAD_ZERO;
    __int128 low = bits ? (__int128)1 << (bits - 1) : 0, high = ((__int128)1 << bits) - 1;

    if (s->linear) {
        *least = (s->bottom + bucket) * ((__int128)1 << s->shift);
        *most = *least + ((__int128)1 << s->shift) - 1;
    } else {
        *least = bucket < SPREAD_ZERO ? -high : low;
        *most = bucket < SPREAD_ZERO ? -low : high;
    }
    *least = *least < NUMBER_LEAST ? NUMBER_LEAST : *least;
    *most = *most > NUMBER_MOST ? NUMBER_MOST : *most;
}

void spread_text(const struct spread *s, struct out *o)
{
    unsigned first, last;
    uint64_t highest = 0;
    __int128 least, most;
    char text[NUMBER_BYTES];

    spread_range(s, &first, &last);
    for (unsigned i = first; i <= last; i++)
        highest = s->buckets[i] > highest ? s->buckets[i] : highest;
    for (unsigned i = first; i <= last; i++) {
        spread_limits(s, i, &least, &most);
        number_put(text, least);
        number_column(o, text, 21);
        out_text(o, " ..");
        number_put(text, most);
        number_column(o, text, 21);
        number_column_u64(o, s->buckets[i], 13);
        out_text(o, s->buckets[i] ? " |" : " |\n");
        if (!s->buckets[i])
            continue;
        number_bar(o, s->buckets[i], highest, SPREAD_BAR);
        out_text(o, "\n");
    }
}

void spread_json(const struct spread *s, struct out *o)
{
    unsigned first, last;
    __int128 least, most;
    char text[NUMBER_BYTES];

    number_json(o, "count", s->count);
    if (s->count) {
        number_put(text, s->least);
        number_json_text(o, "min", text);
        number_put(text, s->most);
        number_json_text(o, "max", text);
        number_put_mean(text, s->sum, s->count);
        number_json_text(o, "mean", text);
    }
    out_text(o, ",\"buckets\":[");
    spread_range(s, &first, &last);
    for (unsigned i = first, n = 0; i <= last; i++) {
        if (!s->buckets[i])
            continue;
        spread_limits(s, i, &least, &most);
        out_text(o, n++ ? ",{\"from\":" : "{\"from\":");
        number_print(o, least);
        out_text(o, ",\"to\":");
        number_print(o, most);
        number_json(o, "count", s->buckets[i]);
        out_text(o, "}");
    }
    out_text(o, "]");
}
