/* SPDX-License-Identifier: MIT */
/* window.c - chunks of data in order, although some came before others. */
#include "order/window.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "order/intake.h"
#include "order/lane.h"

/* A chunk that waits. The list is in the order in which they came. */
struct window_chunk {
    struct window_chunk *next;
    uint64_t pulled; /* how many had come */
    struct chunk chunk;
    _Alignas(8) uint8_t payload[];
};

/* May others come that belong before it? Not where chunks are left out by an index: it is one of a dump in which all
 * are in order, and those that are left out meanwhile would be taken for these. */
static bool window_early(struct stream *s, const struct chunk *c)
{
    return !s->wants && intake_is_early(s, &c->head);
}

static size_t window_size(const struct chunk *c)
{
    return sizeof(struct window_chunk) + (c->bad ? 0 : c->payload_bytes);
}

static struct stream_lane *window_wait(struct stream *s, const struct chunk *c)
{
    struct stream_lane *lane = lane_get(s, c->head.cpu);
    struct window_chunk *w = mem_alloc(window_size(c)), **end = &s->waiting;

    *w = (struct window_chunk){.pulled = s->pulled, .chunk = *c};
    if (!c->bad && c->payload_bytes)
        memcpy(w->payload, c->payload, c->payload_bytes);
    w->chunk.payload = w->payload;
    while (*end)
        end = &(*end)->next;
    *end = w;
    s->waiting_bytes += window_size(c);
    lane->waiting++;
    return lane;
}

/* The one of a CPU that belongs before the others. */
static struct window_chunk **window_first(struct stream *s, uint32_t cpu)
{
    struct window_chunk **first = NULL;

    for (struct window_chunk **w = &s->waiting; *w; w = &(*w)->next)
        if ((*w)->chunk.head.cpu == cpu &&
            (!first || (*w)->chunk.head.first_record < (*first)->chunk.head.first_record))
            first = w;
    return first;
}

/* What a change and one more are together. */
static enum stream_change window_add(enum stream_change a, struct stream_lane *before,
                                     enum stream_change b, struct stream_lane *after)
{
    if (a == STREAM_SAME || b == STREAM_SAME)
        return a == STREAM_SAME ? b : a;
    return a == STREAM_LANE && b == STREAM_LANE && before == after ? STREAM_LANE : STREAM_ALL;
}

/* The time of one is up. */
static bool window_due(const struct stream *s)
{
    return s->waiting && (s->pulled - s->waiting->pulled >= WINDOW_CHUNKS ||
                          s->waiting_bytes > WINDOW_BYTES || s->closing);
}

/* Puts in the first one that waits for this CPU. */
static enum stream_change window_put(struct stream *s, struct window_chunk **at,
                                     struct stream_lane **lane)
{
    struct window_chunk *w = *at, *before = s->waiting;
    enum stream_change change = intake_data(s, &w->chunk, true, lane);

    while (before != w && before->chunk.head.cpu != w->chunk.head.cpu)
        before = before->next;
    s->out_of_order += before != w;
    lane_get(s, w->chunk.head.cpu)->waiting--;
    s->waiting_bytes -= window_size(&w->chunk);
    *at = w->next;
    free(w);
    return change;
}

/* All that can come now. */
static enum stream_change window_settle(struct stream *s, enum stream_change change,
                                        struct stream_lane **lane)
{
    struct window_chunk **w = &s->waiting;

    while (*w || window_due(s)) {
        struct stream_lane *before = *lane;

        if (!*w)
            w = window_first(s, s->waiting->chunk.head.cpu);
        else if (window_early(s, &(*w)->chunk) && !window_due(s)) {
            w = &(*w)->next;
            continue;
        } else {
            w = window_first(s, (*w)->chunk.head.cpu);
        }
        change = window_add(change, before, window_put(s, w, lane), *lane);
        w = &s->waiting;
    }
    return change;
}

enum stream_change window_tick(struct stream *s, struct stream_lane **lane)
{
    s->pulled++;
    return window_due(s) ? window_settle(s, STREAM_SAME, lane) : STREAM_SAME;
}

enum stream_change window_data(struct stream *s, const struct chunk *c, struct stream_lane **lane)
{
    enum stream_change change;

    s->pulled++;
    if (window_early(s, c)) {
        *lane = window_wait(s, c);
        return window_due(s) ? window_settle(s, STREAM_LANE, lane) : STREAM_LANE;
    }
    change = intake_data(s, c, s->waiting, lane);
    s->out_of_order += change == STREAM_LANE && (*lane)->waiting;
    return s->waiting ? window_settle(s, change, lane) : change;
}

void window_end(struct stream *s)
{
    struct stream_lane *lane = NULL;

    if (s->waiting)
        window_settle(s, STREAM_SAME, &lane);
}

void window_free(struct stream *s)
{
    while (s->waiting) {
        struct window_chunk *next = s->waiting->next;

        free(s->waiting);
        s->waiting = next;
    }
    s->waiting_bytes = 0;
}
