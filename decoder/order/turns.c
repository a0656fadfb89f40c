/* SPDX-License-Identifier: MIT */
/* turns.c - which lane each of the next records comes from, found out for many of them at once. */
#include "order/turns.h"

#include <stdlib.h>
#include <string.h>

#include "base/load.h"
#include "base/mem.h"
#include "order/lane.h"

#define TURNS_SHARES 2u /* of the time, for each record */
#define TURNS_FEW 16u   /* records in one, where each is moved to its place */
#define TURNS_EACH 12u  /* records of a lane are enough */
#define TURNS_FETCH_BYTES 256
#define TURNS_SPAN_FIRST 64u /* of time */
#define TURNS_SPAN_LAST (UINT64_MAX / 4)

void turns_free(struct turns *t)
{
    free(t->keys);
    free(t->scratch);
    free(t->places);
    free(t->slots);
    free(t->lanes);
    free(t->bytes);
    *t = (struct turns){.keys = NULL};
}

static void turns_open(struct turns *t, const struct heads *h)
{
    if (!t->keys)
        t->keys = mem_alloc(TURNS_RECORDS * sizeof(*t->keys));
    if (!t->scratch)
        t->scratch = mem_alloc(TURNS_RECORDS * sizeof(*t->scratch));
    if (!t->places)
        t->places = mem_alloc(TURNS_RECORDS * TURNS_SHARES * sizeof(*t->places));
    if (!t->bytes)
        t->bytes = mem_alloc(TURNS_BYTES);
    if (h->room > t->room) {
        t->slots = mem_grow(t->slots, h->room * sizeof(*t->slots));
        t->lanes = mem_grow(t->lanes, h->room * sizeof(*t->lanes));
        t->room = h->room;
    }
    if (!t->span)
        t->span = TURNS_SPAN_FIRST;
}

/* --- its lanes --- */

/* Those whose next item is not after the limit, below the node `at` of the tournament. */
static void turns_find(struct turns *t, const struct heads *h, size_t at)
{
    if (h->tree[at].order > t->limit.order)
        return;
    if (at >= h->leaves) {
        t->slots[t->used++] = (uint32_t)(at - h->leaves);
        return;
    }
    for (size_t child = 4 * at - 8, end = child + 4; child < end; child++)
        turns_find(t, h, child);
}

/* --- its records --- */

static void turns_limit(struct turns *t, unsigned __int128 order)
{
    if (order < t->limit.order)
        t->limit.order = order;
}

static void turns_before(struct turns *t, struct heads_key key)
{
    turns_limit(t, key.order - (key.order > 0));
}

/* Is the item of a lane one like those that follow? */
static bool turns_is_plain(const struct turns *t, const struct stream_lane *lane)
{
    return lane->item == STREAM_EVENT && !lane->gap_open && !lane->skip && !lane->record.swap &&
           lane->time >= lane->printed && !lane->stream->offset_ns &&
           lane->walk.context == t->shown.walk.context;
}

/* The records of a lane from `from` to `end` are put where those of all lanes are: there they are in few pages of memory. */
static void turns_enter(struct turns *t, const struct stream_lane *lane, const uint8_t *from,
                        const uint8_t *end)
{
    struct turns_lane *l = &t->lanes[lane->slot];
    uint8_t *at = t->bytes + t->bytes_used;
    size_t n = (size_t)(end - from);

    memcpy(at, from, n);
    t->bytes_used += n;
    l->at = at;
    l->away = from - at;
    l->number = lane->record.number;
    l->cpu_text_bytes = lane->cpu_text_bytes;
    memcpy(l->cpu_text, lane->cpu_text, sizeof(l->cpu_text));
}

/* The item of a lane, and the events after it in its chunk, up to the limit. Where more may come before that, the last of
 * them is the limit. False: there is no room. */
static bool turns_scan(struct turns *t, const struct stream_lane *lane, struct heads_key key)
{
    const struct record *r = &lane->record;
    const struct record_walk *w = &lane->walk;
    const uint8_t *from = (r->context ? r->context : r->fields) - sizeof(struct tp_wire_record);
    const uint8_t *at = w->at, *most = from + (TURNS_BYTES - t->bytes_used);
    struct heads_key *to = t->keys + t->count, *end = t->keys + TURNS_RECORDS;
    uint32_t left = lane->left, word;
    uint64_t time = heads_time(key);

    while (key.order <= t->limit.order && at <= most && to < end) {
        __builtin_prefetch(at + TURNS_FETCH_BYTES);
        *to++ = key;
        word = left ? record_event(w, at) : 0;
        time = word ? w->high | load_u32(at, false) : 0;
        if (!word || time < heads_time(key)) {
            turns_limit(t, key.order);
            break;
        }
        left--;
        at += record_word_bytes(word);
        key = heads_key(time, lane->cpu, lane->slot);
    }
    if (at > most || to == end)
        return false;
    t->count = (uint32_t)(to - t->keys);
    turns_enter(t, lane, from, at);
    return true;
}

static inline void turns_fetch_lane(const struct stream_lane *lane)
{
    __builtin_prefetch(lane);
    __builtin_prefetch((const char *)lane + 64);
    __builtin_prefetch((const char *)lane + 128);
}

/* What is needed soon of lanes, while one is looked at after the other. */
static inline void turns_fetch(const struct turns *t, const struct heads *h, uint32_t i)
{
    if (i + 2 * TURNS_AHEAD < t->used)
        turns_fetch_lane(heads_lane(h, heads_key(0, 0, t->slots[i + 2 * TURNS_AHEAD])));
    if (i + TURNS_AHEAD < t->used) {
        const uint8_t *at = heads_lane(h, heads_key(0, 0, t->slots[i + TURNS_AHEAD]))->walk.at;

        for (unsigned line = 0; line < TURNS_FETCH_BYTES; line += 64)
            __builtin_prefetch(at + line);
    }
}

static bool turns_collect(struct turns *t, const struct heads *h)
{
    t->count = 0;
    t->bytes_used = 0;
    for (uint32_t i = 0; i < t->used; i++) {
        uint32_t slot = t->slots[i];
        const struct stream_lane *lane = heads_lane(h, heads_key(0, 0, slot));

        turns_fetch(t, h, i);
        if (!turns_is_plain(t, lane)) {
            t->lanes[slot].at = NULL;
            turns_before(t, heads_get(h, slot));
        } else if (!turns_scan(t, lane, heads_get(h, slot))) {
            return false;
        }
    }
    return true;
}

/* --- their order --- */

static void turns_sort_few(struct heads_key *k, uint32_t n)
{
    for (uint32_t i = 1; i < n; i++) {
        struct heads_key key = k[i];
        uint32_t at = i;

        for (; at && key.order < k[at - 1].order; at--)
            k[at] = k[at - 1];
        k[at] = key;
    }
}

static int turns_compare(const void *a, const void *b)
{
    const struct heads_key *x = a, *y = b;

    return (x->order > y->order) - (x->order < y->order);
}

/* Leaves out those that are after the limit. */
static void turns_cut(struct turns *t)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < t->count; i++) {
        t->keys[n] = t->keys[i];
        n += t->keys[i].order <= t->limit.order;
    }
    t->count = n;
}

/* How many there are in each share of the time, which is then where they begin. Returns how many there are at most in
 * one. */
static uint32_t turns_share(struct turns *t, uint64_t from, unsigned shift, uint32_t shares)
{
    uint32_t *places = t->places, most = 0, sum = 0;

    memset(places, 0, shares * sizeof(*places));
    for (uint32_t i = 0; i < t->count; i++)
        places[(heads_time(t->keys[i]) - from) >> shift]++;
    for (uint32_t i = 0; i < shares; i++) {
        uint32_t n = places[i];

        most = n > most ? n : most;
        places[i] = sum;
        sum += n;
    }
    return most;
}

/* By their share of the time, and then, since hardly any are in one, each to its place among those before it. */
static void turns_sort(struct turns *t, uint64_t from)
{
    uint64_t span = heads_time(t->limit) - from;
    struct heads_key *other = t->keys;
    unsigned shift = 0;
    uint32_t most;

    while (span >> shift >= (uint64_t)t->count * TURNS_SHARES)
        shift++;
    most = turns_share(t, from, shift, (uint32_t)(span >> shift) + 1);
    for (uint32_t i = 0; i < t->count; i++)
        t->scratch[t->places[(heads_time(t->keys[i]) - from) >> shift]++] = t->keys[i];
    t->keys = t->scratch;
    t->scratch = other;
    if (most > TURNS_FEW)
        qsort(t->keys, t->count, sizeof(*t->keys), turns_compare);
    else
        turns_sort_few(t->keys, t->count);
}

/* --- */

/* How much time to take the next time. `made`: there was room for all of it, up to `to`. */
static void turns_learn(struct turns *t, uint64_t from, uint64_t to, bool made)
{
    uint64_t used = heads_time(t->limit) - from;

    if (!made)
        t->span /= 4;
    else if (heads_time(t->limit) < to)
        t->span = 2 * used;
    else if (t->count < TURNS_RECORDS / 3 && t->count < TURNS_EACH * t->used)
        t->span *= 2;
    if (t->span < TURNS_SPAN_FIRST)
        t->span = TURNS_SPAN_FIRST;
    if (t->span > TURNS_SPAN_LAST)
        t->span = TURNS_SPAN_LAST;
}

bool turns_make(struct turns *t, const struct heads *h)
{
    const struct stream_lane *first = heads_lane(h, heads_top(h));
    uint64_t from = heads_time(heads_top(h)), to, end = first->stream->until;
    bool made;

    if (h->used > TURNS_LANES) {
        turns_free(t); /* there were fewer at first */
        return false;
    }
    turns_open(t, h);
    to = from > UINT64_MAX - 1 - t->span ? UINT64_MAX - 1 : from + t->span;
    /* At the end of a window its lanes are looked at. */
    if (end && to >= end)
        to = end - 1;
    if (to < from)
        return false;
    t->limit = heads_key(to, 0, 0);
    t->used = t->at = 0;
    t->shown = (struct stream_lane){
        .stream = first->stream, .item = STREAM_EVENT, .walk = {.context = first->walk.context}};
    turns_find(t, h, HEADS_TOP);
    made = turns_collect(t, h);
    if (made && heads_time(t->limit) < to)
        turns_cut(t);
    if (!made || t->count)
        turns_learn(t, from, to, made);
    if (!made || t->count < TURNS_LEAST)
        return false;
    turns_sort(t, from);
    return true;
}

void turns_end(struct turns *t, const struct heads *h)
{
    for (uint32_t i = 0; i < t->used; i++) {
        const struct turns_lane *l = &t->lanes[t->slots[i]];
        struct stream_lane *lane = heads_lane(h, heads_key(0, 0, t->slots[i]));

        if (i + TURNS_AHEAD < t->used) {
            const struct turns_lane *next = &t->lanes[t->slots[i + TURNS_AHEAD]];

            turns_fetch_lane(heads_lane(h, heads_key(0, 0, t->slots[i + TURNS_AHEAD])));
            __builtin_prefetch(next->at ? next->at + next->away : NULL);
        }
        if (!l->at || l->number == lane->record.number)
            continue;
        lane_take(lane, l->at + l->away, (uint32_t)(l->number - lane->record.number - 1), l->last);
        lane_advance(lane);
    }
}
