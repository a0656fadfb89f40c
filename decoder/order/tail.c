/* SPDX-License-Identifier: MIT */
/* tail.c - only the last records. */
#include "order/tail.h"

#include <stdlib.h>

#include "base/mem.h"

/* What the next sink has printed goes into the ring. */
static int tail_write(void *context, const void *bytes, size_t n)
{
    struct tail *t = context;
    const char *p = bytes;

    if (t->direct)
        out_bytes(t->sink.out, bytes, n);
    while (n && !t->direct) {
        size_t at = (size_t)(t->written % TAIL_BYTES);
        size_t part = n < TAIL_BYTES - at ? n : TAIL_BYTES - at;

        memcpy(t->ring + at, p, part);
        t->written += part;
        p += part;
        n -= part;
    }
    return 0;
}

static uint64_t tail_position(const struct tail *t)
{
    return t->written + (uint64_t)(t->inner.at - t->inner.buffer);
}

/* Room for a mark grows with the records that come, up to `most` and one for where the next starts.
 */
static void tail_mark(struct tail *t)
{
    t->records++;
    if (t->records >= t->room && t->room <= t->most) {
        uint32_t room = t->room > t->most / 2 ? t->most + 1 : 2 * t->room;

        t->start = mem_grow(t->start, room * sizeof(*t->start));
        t->room = room;
    }
    t->start[t->records % (t->most + 1)] = tail_position(t);
}

static void tail_begin(struct sink *k, struct stream *s)
{
    struct tail *t = (struct tail *)k;

    t->inner.symbols = k->out->symbols;
    if (!t->next->begin)
        return;
    out_flush(&t->inner);
    t->direct = true;
    t->next->begin(t->next, s);
    k->enough = t->next->enough;
    out_flush(&t->inner);
    t->direct = false;
}

static void tail_event(struct sink *k, struct stream_lane *lane, const struct metadata_event *e)
{
    struct tail *t = (struct tail *)k;

    if (t->next->event)
        t->next->event(t->next, lane, e);
    tail_mark(t);
}

static void tail_unfinished(struct sink *k, struct stream_lane *lane,
                            const struct metadata_event *e)
{
    struct tail *t = (struct tail *)k;

    if (t->next->unfinished)
        t->next->unfinished(t->next, lane, e);
}

static void tail_loss(struct sink *k, struct stream_lane *lane)
{
    struct tail *t = (struct tail *)k;

    if (t->next->loss)
        t->next->loss(t->next, lane);
}

static void tail_finish(struct sink *k, struct stream *s)
{
    struct tail *t = (struct tail *)k;

    if (t->next->finish)
        t->next->finish(t->next, s);
}

static void tail_end(struct sink *k)
{
    struct tail *t = (struct tail *)k;
    uint64_t first, from;

    if (t->next->end)
        t->next->end(t->next);
    out_flush(&t->inner);
    first = t->records > t->most ? t->records - t->most : 0;
    /* Of what the ring has lost no part of a record is shown. */
    while (first < t->records && t->written - t->start[first % (t->most + 1)] > TAIL_BYTES)
        first++;
    t->shown = t->records - first;
    from = t->start[first % (t->most + 1)];
    if (t->written - from > TAIL_BYTES)
        return;
    while (from < t->written) {
        size_t at = (size_t)(from % TAIL_BYTES), part = TAIL_BYTES - at;

        if (part > t->written - from)
            part = (size_t)(t->written - from);
        out_bytes(t->sink.out, t->ring + at, part);
        from += part;
    }
}

static void tail_close(struct sink *k)
{
    struct tail *t = (struct tail *)k;

    sink_close(t->next);
    out_close(&t->inner);
    free(t->ring);
    free(t->start);
    t->ring = NULL;
    t->start = NULL;
}

struct out *tail_start(struct tail *t, struct out *o, uint32_t most)
{
    *t = (struct tail){.sink = {.out = o, .close = tail_close}, .most = most};
    t->ring = mem_alloc(TAIL_BYTES);
    t->room = most < 1024 ? most + 1 : 1024;
    t->start = mem_zero(t->room * sizeof(*t->start));
    out_open(&t->inner, (struct out_sink){tail_write, t});
    return &t->inner;
}

struct sink *tail_open(struct tail *t, struct sink *next)
{
    t->next = next;
    t->sink.begin = tail_begin;
    t->sink.event = tail_event;
    t->sink.unfinished = tail_unfinished;
    t->sink.loss = tail_loss;
    t->sink.finish = tail_finish;
    t->sink.end = tail_end;
    return &t->sink;
}
