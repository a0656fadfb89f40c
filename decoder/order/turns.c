/* SPDX-License-Identifier: MIT */
/* turns.c - which lane each of the next records comes from, found out for many of them at once. */
#include "order/turns.h"

#include <stdlib.h>
#include <string.h>

#include "base/load.h"
#include "base/mem.h"
#include "order/lane.h"

#define TURNS_SHARES 2u       /* of the time, for each record */
#define TURNS_FEW 16u         /* records in one, where each is moved to its place */
#define TURNS_EACH 12u        /* records of a lane are enough */
#define TURNS_FETCH_BYTES 320 /* of a lane, from its next record on: most turns are there */
#define TURNS_SPAN_FIRST 64u  /* of time */

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

static void turns_open(struct turns *t, const struct heads *h, uint32_t cpus)
{
    if (!t->keys)
        t->keys = mem_alloc(TURNS_RECORDS * sizeof(*t->keys));
    if (!t->scratch)
        t->scratch = mem_alloc(TURNS_RECORDS * sizeof(*t->scratch));
    if (!t->places)
        t->places = mem_alloc(TURNS_RECORDS * TURNS_SHARES * sizeof(*t->places));
    if (!t->bytes)
        t->bytes = mem_alloc(TURNS_BYTES);
    if (h->room > t->slot_room) {
        t->slots = mem_grow(t->slots, h->room * sizeof(*t->slots));
        t->slot_room = h->room;
    }
    if (cpus > t->room) {
        t->lanes = mem_grow(t->lanes, cpus * sizeof(*t->lanes));
        t->room = cpus;
    }
    if (!t->span)
        t->span = TURNS_SPAN_FIRST;
}

/* --- its lanes --- */

static struct stream_lane *turns_lane(const struct turns *t, const struct heads *h, uint32_t i)
{
    return heads_lane(h, heads_key(0, 0, t->slots[i].slot));
}

/* Those whose next item is not after `last`, below the node `at` of the tournament. */
static void turns_find(struct turns *t, const struct heads *h, size_t at, struct heads_key last)
{
    if (h->tree[at].order > last.order)
        return;
    if (at >= h->leaves) {
        t->slots[t->used++] = (struct turns_slot){(uint32_t)(at - h->leaves),
                                                  (uint32_t)(h->tree[at].order >> 32)};
        return;
    }
    for (size_t child = 4 * at - 8, end = child + 4; child < end; child++)
        turns_find(t, h, child, last);
}

/* --- its records --- */

/* Is the item of a lane one like those that follow? */
static bool turns_is_plain(const struct turns *t, const struct stream_lane *lane)
{
    return lane->item == STREAM_EVENT && !lane->gap_open && !lane->record.swap &&
           lane->time >= lane->printed && !lane->stream->offset_ns &&
           lane->walk.context == t->shown.walk.context;
}

/* The records of a lane from `from` to `end` are put where those of all lanes are: there they are in few pages of memory. */
static void turns_enter(struct turns *t, const struct stream_lane *lane, const uint8_t *from,
                        const uint8_t *end)
{
    struct turns_lane *l = &t->lanes[lane->cpu];
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
static bool turns_scan(struct turns *t, const struct stream_lane *lane)
{
    const struct record *r = &lane->record;
    const struct record_walk *w = &lane->walk;
    const uint8_t *from = (r->context ? r->context : r->fields) - sizeof(struct tp_wire_record);
    const uint8_t *at = w->at, *most = from + (TURNS_BYTES - t->bytes_used);
    uint64_t *to = t->keys + t->count, *end = t->keys + TURNS_RECORDS;
    uint64_t last = turns_time(t, t->limit), time = lane->time;
    uint64_t key = turns_key(t, time, lane->cpu);
    uint32_t left = lane->left, word;

    while (key <= t->limit && at <= most && to < end) {
        uint64_t before = time;

        *to++ = key;
        word = left ? record_event(w, at) : 0;
        time = word ? w->high | load_u32(at, false) : 0;
        if (!word || time < before) {
            t->limit = key;
            break;
        }
        if (time > last)
            break;
        left--;
        at += record_word_bytes(word);
        key = turns_key(t, time, lane->cpu);
    }
    if (at > most || to == end)
        return false;
    t->count = (uint32_t)(to - t->keys);
    turns_enter(t, lane, from, at);
    return true;
}

/* Of a lane that was fetched before. Always inline, as lane_fetch(). */
static inline __attribute__((always_inline)) void
turns_fetch_records(const struct stream_lane *lane)
{
    const char *at = (const char *)lane->walk.at;

    for (unsigned i = 0; at && i < TURNS_FETCH_BYTES; i += 64)
        __builtin_prefetch(at + i);
}

/* Nothing that is after what a lane waits for. */
static void turns_wait(struct turns *t, const struct stream_lane *lane, uint64_t time)
{
    uint64_t key = turns_key(t, time, lane->cpu);

    t->lanes[lane->cpu].at = NULL;
    t->limit = key < t->limit ? key : t->limit;
}

static bool turns_collect(struct turns *t, const struct heads *h)
{
    t->count = 0;
    t->bytes_used = 0;
    for (uint32_t i = 0; i < t->used; i++) {
        const struct stream_lane *lane = turns_lane(t, h, i);

        if (i + 2 * TURNS_AHEAD < t->used)
            lane_fetch(turns_lane(t, h, i + 2 * TURNS_AHEAD));
        if (i + TURNS_AHEAD < t->used)
            turns_fetch_records(turns_lane(t, h, i + TURNS_AHEAD));
        if (lane->gate)
            return false;
        if (!turns_is_plain(t, lane))
            turns_wait(t, lane, heads_time(heads_get(h, t->slots[i].slot)));
        else if (!turns_scan(t, lane))
            return false;
    }
    return true;
}

/* --- their order --- */

static void turns_sort_few(uint64_t *k, uint32_t n)
{
    for (uint32_t i = 1; i < n; i++) {
        uint64_t key = k[i];
        uint32_t at = i;

        for (; at && key < k[at - 1]; at--)
            k[at] = k[at - 1];
        k[at] = key;
    }
}

static int turns_compare(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

/* Leaves out those that are after the limit. */
static void turns_cut(struct turns *t)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < t->count; i++) {
        t->keys[n] = t->keys[i];
        n += t->keys[i] <= t->limit;
    }
    t->count = n;
}

/* How many there are in each share of the time, which is then where they begin. Returns how many there are at most in
 * one. */
static uint32_t turns_share(struct turns *t, unsigned shift, uint32_t shares)
{
    uint32_t *places = t->places, most = 0, sum = 0;

    memset(places, 0, shares * sizeof(*places));
    for (uint32_t i = 0; i < t->count; i++)
        places[t->keys[i] >> shift]++;
    for (uint32_t i = 0; i < shares; i++) {
        uint32_t n = places[i];

        most = n > most ? n : most;
        places[i] = sum;
        sum += n;
    }
    return most;
}

/* By their share of the time, and then, since hardly any are in one, each to its place among those before it. */
static void turns_sort(struct turns *t)
{
    uint64_t *other = t->keys;
    unsigned shift = TURNS_CPU_BITS;
    uint32_t most;

    while (t->limit >> shift >= (uint64_t)t->count * TURNS_SHARES)
        shift++;
    most = turns_share(t, shift, (uint32_t)(t->limit >> shift) + 1);
    for (uint32_t i = 0; i < t->count; i++)
        t->scratch[t->places[t->keys[i] >> shift]++] = t->keys[i];
    t->keys = t->scratch;
    t->scratch = other;
    if (most > TURNS_FEW)
        qsort(t->keys, t->count, sizeof(*t->keys), turns_compare);
    else
        turns_sort_few(t->keys, t->count);
}

/* --- */

/* How much time to take the next time. `made`: there was room for all of it, up to `span`. */
static void turns_learn(struct turns *t, uint64_t span, bool made)
{
    uint64_t used = t->limit >> TURNS_CPU_BITS;

    if (!made)
        t->span /= 4;
    else if (used < span)
        t->span = 2 * used;
    else if (t->count < TURNS_RECORDS / 3 && t->count < TURNS_EACH * t->used)
        t->span *= 2;
    if (t->span < TURNS_SPAN_FIRST)
        t->span = TURNS_SPAN_FIRST;
    if (t->span > TURNS_SPAN_LAST)
        t->span = TURNS_SPAN_LAST;
}

/* How much time there is from t->from on, at most t->span: up to the end of a window, where lanes are looked at; 0: none. */
static uint64_t turns_span(const struct turns *t, const struct stream *s)
{
    uint64_t end = s->until ? s->until : UINT64_MAX;

    if (end <= t->from)
        return 0;
    return end - 1 - t->from < t->span ? end - 1 - t->from : t->span;
}

bool turns_make(struct turns *t, const struct heads *h)
{
    const struct stream_lane *first = heads_lane(h, heads_top(h));
    const struct stream *s = first->stream;
    uint64_t span;
    bool made;

    if (s->lane_slots > TURNS_LANES) {
        turns_free(t); /* there were fewer at first */
        return false;
    }
    turns_open(t, h, s->lane_slots);
    t->from = heads_time(heads_top(h));
    span = turns_span(t, s);
    t->limit = turns_key(t, t->from + span, 0);
    t->used = t->at = 0;
    t->shown = (struct stream_lane){
        .stream = first->stream, .item = STREAM_EVENT, .walk = {.context = first->walk.context}};
    turns_find(t, h, HEADS_TOP, heads_key(t->from + span, 0, 0));
    made = turns_collect(t, h);
    if (made && t->limit >> TURNS_CPU_BITS < span)
        turns_cut(t);
    if (!made || t->count)
        turns_learn(t, span, made);
    if (!made || t->count < TURNS_LEAST)
        return false;
    turns_sort(t);
    return true;
}

struct stream_lane *turns_leave(struct turns *t, const struct heads *h, uint32_t i)
{
    const struct turns_lane *l = &t->lanes[t->slots[i].cpu];
    struct stream_lane *lane = turns_lane(t, h, i);

    if (i + TURNS_AHEAD < t->used) {
        const struct turns_lane *next = &t->lanes[t->slots[i + TURNS_AHEAD].cpu];

        lane_fetch(turns_lane(t, h, i + TURNS_AHEAD));
        __builtin_prefetch(next->at ? next->at + next->away : NULL);
    }
    if (l->at && l->number != lane->record.number) {
        lane_take(lane, l->at + l->away, (uint32_t)(l->number - lane->record.number - 1), l->last);
        lane_advance(lane);
    }
    return lane;
}
