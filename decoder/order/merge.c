/* SPDX-License-Identifier: MIT */
/* merge.c - the items of all lanes of all streams in one order. */
#include "order/merge.h"

#include "base/load.h"
#include "order/lane.h"
#include "order/preview.h"
#include "order/skip.h"

#define MERGE_IMAGE 0x80000000u /* images come after dumps */
#define MERGE_FETCH_BYTES 64    /* of a lane, after its next item */
#define MERGE_TURNS 8           /* of CPUs, one item each, before it is found out which are next */
#define MERGE_TURNS_AGAIN 64    /* before that is tried again */

static inline uint64_t merge_time(const struct merge *m, struct stream_lane *lane, uint64_t ticks)
{
    return m->in_ns && lane->stream->metadata.known ? stream_ns(lane->stream, ticks) : ticks;
}

/* The gate of a stream holds everything up while its input must be read first. */
static bool merge_gate_shut(const struct merge *m, const struct stream *s)
{
    if (s->closing)
        return false;
    if (!s->metadata.known)
        return true;
    /* Another capture may follow in the same file, and other files wait for it. */
    if (s->ended)
        return m->stream_count > 1 && !s->gate.waived;
    return s->shown < s->metadata.cpus && !s->gate.waived;
}

/* Has it nothing to put out, and nothing to wait for? */
static bool merge_never(const struct merge *m, const struct stream_lane *lane)
{
    const struct stream *s = lane->stream;

    if (lane->gate)
        return !merge_gate_shut(m, s);
    if (!s->metadata.known)
        return true;
    return lane->item == STREAM_NOTHING &&
           (s->closing || (s->ended && !lane->waiting) || lane->waived);
}

/* What an input has may be in another as well: an image has the copies, so it comes after dumps. */
static uint32_t merge_stream_order(const struct stream *s)
{
    return s->number | (s->in.image ? MERGE_IMAGE : 0);
}

/* The key of a lane, and the number that goes with it. */
static inline struct heads_key merge_key(const struct merge *m, struct stream_lane *lane,
                                         uint64_t *number)
{
    bool none = lane->item == STREAM_NOTHING;

    *number = 0;
    if (merge_never(m, lane))
        return heads_never(lane->slot);
    if (lane->gate)
        return heads_key(0, lane->cpu, lane->slot);
    *number = none ? lane->books.expected : lane->number;
    return heads_key(merge_time(m, lane, none ? lane->promise : lane->time), lane->cpu, lane->slot);
}

static void merge_update(struct merge *m, struct stream_lane *lane)
{
    struct heads_key key;
    uint64_t number;

    if (lane->slot == STREAM_NO_SLOT)
        lane->slot = (uint32_t)heads_add(&m->heads, lane, merge_stream_order(lane->stream));
    key = merge_key(m, lane, &number);
    heads_set(&m->heads, lane->slot, key, number);
}

/* For each chunk. */
static void merge_update_gate(struct merge *m, struct stream *s)
{
    bool before = heads_is_never(heads_get(&m->heads, s->gate.slot));

    if (merge_never(m, &s->gate) != before)
        merge_update(m, &s->gate);
}

static void merge_remove(struct merge *m, struct stream_lane *lane)
{
    if (lane->slot != STREAM_NO_SLOT)
        heads_remove(&m->heads, lane->slot);
    lane->slot = STREAM_NO_SLOT;
}

static void merge_update_stream(struct merge *m, struct stream *s)
{
    merge_update(m, &s->gate);
    for (uint32_t i = 0; i < s->lane_slots; i++)
        if (s->lanes[i])
            merge_update(m, s->lanes[i]);
}

/* Will the sums of an index be taken in place of records, if that is what the sink makes of them, and none were read
 * yet? */
static void merge_choose(struct merge *m, struct stream *s)
{
    if (!m->sink->sum || m->stream_count > 1 || s->lane_slots || s->offset_ns || s->waiting ||
        sink_stops(m->sink) || !preview_is_regular(s))
        return;
    s->summed = s->skip_data = true;
}

/* A stream has got its metadata. */
static void merge_announce(struct merge *m, struct stream *s)
{
    if (s->announced || !s->metadata.known)
        return;
    s->announced = true;
    if (m->sink->begin)
        m->sink->begin(m->sink, s);
    merge_choose(m, s);
    if (!m->clock_hz)
        m->clock_hz = s->metadata.clock_hz;
    if (m->stream_count < 2 || m->in_ns || m->clock_hz == s->metadata.clock_hz)
        return;
    m->in_ns = true;
    m->last = 0;
    for (uint32_t i = 0; i < m->stream_count; i++)
        merge_update_stream(m, &m->streams[i]);
}

/* When a capture is all put out: on to the next one of the input. */
static void merge_settle(struct merge *m, struct stream *s)
{
    while (s->closing && !s->busy && !s->done) {
        if (s->summed) {
            skip_sum(s, m->sink);
            s->summed = s->skip_data = false;
        }
        if (m->sink->finish)
            m->sink->finish(m->sink, s);
        if (!s->counts_told)
            stream_tell_counts(s);
        merge_remove(m, &s->gate);
        for (uint32_t i = 0; i < s->lane_slots; i++)
            if (s->lanes[i])
                merge_remove(m, s->lanes[i]);
        stream_settle(s);
        if (m->stream_count == 1) {
            m->last = 0; /* captures need not share a clock */
            m->based = false;
        }
        merge_announce(m, s);
        merge_update_stream(m, s);
    }
}

/* The first item of a capture: what relative times count from, and is a time of day known? */
static void merge_base(struct merge *m, struct stream_lane *lane)
{
    struct stream *s = lane->stream;

    if (!m->based)
        m->base_ns = clock_ns(&s->clock, lane->time);
    m->based = s->based = true;
    s->base_ns = m->base_ns;
    s->day_known = s->pairs.count;
}

static inline void merge_put(struct merge *m, struct sink *k, struct stream_lane *lane)
{
    const struct record *r = &lane->record;
    const struct metadata *metadata = &lane->stream->metadata;

    if (lane->stream->join && !join_item(lane))
        return;
    if (!lane->stream->based)
        merge_base(m, lane);
    switch (lane->item) {
    case STREAM_LOSS:
        if (k->loss)
            k->loss(k, lane);
        break;
    case STREAM_TASK:
        task_name(&lane->stream->tasks, load_u32(r->fields, r->swap),
                  load_u32(r->fields + offsetof(struct tp_wire_task, group), r->swap),
                  r->fields + offsetof(struct tp_wire_task, name), true);
        if (k->task)
            k->task(k, lane);
        break;
    case STREAM_EVENT:
        lane->stream->records++;
        if (k->event)
            k->event(k, lane, metadata_event(metadata, r->id));
        break;
    case STREAM_UNFINISHED:
        if (k->unfinished)
            k->unfinished(k, lane, metadata_event(metadata, r->id));
        break;
    case STREAM_NOTHING:
        break;
    }
}

static inline void merge_promise(struct stream_lane *lane)
{
    if (lane->printed > lane->promise)
        lane->promise = lane->printed;
}

/* An item was put out, and its lane is at the next. */
static void merge_given(struct merge *m, struct stream_lane *lane)
{
    struct stream *s = lane->stream;

    merge_promise(lane);
    merge_update(m, lane);
    merge_settle(m, s);
}

/* The lane that is the first of all; NULL: none has anything, nor is waited for. */
static inline struct stream_lane *merge_first(const struct merge *m)
{
    struct heads_key top;

    if (!m->heads.used)
        return NULL;
    top = heads_top(&m->heads);
    return heads_is_never(top) ? NULL : heads_lane(&m->heads, top);
}

/* Is its item in order? */
static inline void merge_count(struct merge *m, struct stream_lane *lane, uint64_t time)
{
    if (lane->time < lane->printed)
        m->backwards += lane->item == STREAM_EVENT;
    else if (time < m->last)
        m->late += lane->item == STREAM_EVENT && !m->any_order;
    else
        m->last = time;
    lane->printed = lane->time;
}

/* Puts out the item of a lane. False: it is to stay there. */
static inline bool merge_one(struct merge *m, struct stream_lane *lane, uint64_t time)
{
    merge_count(m, lane, time);
    merge_put(m, m->sink, lane);
    if (m->stepwise) {
        m->held = lane;
        return false;
    }
    lane_advance(lane);
    return true;
}

/* Puts out the items of the lane, which is the first, as long as no other comes before; of any lane,
 * all that are there, if order does not matter. */
static void merge_several(struct merge *m, struct stream_lane *lane)
{
    struct heads_key limit = heads_others(&m->heads, lane->slot);
    uint64_t time = merge_time(m, lane, lane->time);

    do {
        if (!merge_one(m, lane, time))
            return;
        time = merge_time(m, lane, lane->time);
        if (m->heads.several)
            m->heads.slots[lane->slot].number = lane->number;
    } while (
        lane->item != STREAM_NOTHING && !sink_stops(m->sink) &&
        (m->any_order || heads_before(&m->heads, heads_key(time, lane->cpu, lane->slot), limit)));
    merge_given(m, lane);
}

/* The item of the lane, which is the first. What comes after it is found out before it is put out: by
 * the time that is done, the processor has what it needs of the next lane. */
static inline bool merge_next(struct merge *m, struct stream_lane *lane, uint64_t time)
{
    uint64_t ticks, number = lane->number + 1;
    bool peeked = lane_peek(lane, &ticks);

    /* Here, since a function that does nothing else is left out by compilers. */
    __builtin_prefetch(lane->walk.at + MERGE_FETCH_BYTES);
    if (peeked) {
        struct stream_lane *next;

        heads_set(&m->heads, lane->slot,
                  heads_key(merge_time(m, lane, ticks), lane->cpu, lane->slot), number);
        next = heads_lane(&m->heads, heads_top(&m->heads));
        lane_fetch(next);
    }
    if (!merge_one(m, lane, time))
        return false;
    if (peeked && lane->item == STREAM_EVENT && lane->time == ticks && lane->number == number)
        merge_promise(lane);
    else
        merge_given(m, lane);
    return true;
}

/* Turns were taken: lanes are at other items now. */
static void merge_taken(struct merge *m)
{
    struct turns *t = &m->turns;

    for (uint32_t i = 0; i < t->used; i++) {
        struct stream_lane *lane = turns_leave(t, &m->heads, i);
        struct heads_key key;
        uint64_t number;

        merge_promise(lane);
        key = merge_key(m, lane, &number);
        heads_put(&m->heads, lane->slot, key, number);
    }
    heads_renew(&m->heads);
    merge_settle(m, t->shown.stream);
}

/* Puts out what is next of all lanes, if that is known of many. */
static bool merge_turns(struct merge *m)
{
    struct turns *t = &m->turns;
    struct sink *k;

    if (m->stream_count > 1 || m->stepwise || !turns_make(t, &m->heads))
        return false;
    k = m->sink->direct ? m->sink->direct : m->sink;
    while (t->at < t->count && !sink_stops(k)) {
        struct stream_lane *lane = turns_next(t);

        if (lane->time < m->last)
            m->late++;
        else
            m->last = lane->time;
        merge_put(m, k, lane);
    }
    m->sink->enough = k->enough;
    merge_taken(m);
    return true;
}

/* Puts out what is there, the lane being the first. Where CPUs take turns that is one item of each. Only
 * if the next one is of the same lane it is worth it to find out how far that goes on. */
static void merge_lane(struct merge *m, struct stream_lane *lane)
{
    struct stream_lane *last;
    struct heads_key top;
    int turns = 0;

    if (m->any_order) {
        merge_several(m, lane);
        return;
    }
    top = heads_top(&m->heads);
    do {
        if (++turns == MERGE_TURNS) {
            if (merge_turns(m))
                return;
            turns = -MERGE_TURNS_AGAIN;
        }
        if (!merge_next(m, lane, heads_time(top)))
            return;
        last = lane;
        top = heads_top(&m->heads);
        lane = heads_lane(&m->heads, top);
        if (heads_is_never(top) || lane->item == STREAM_NOTHING || sink_stops(m->sink))
            return;
    } while (lane != last);
    merge_several(m, lane);
}

static void merge_pull(struct merge *m, struct stream *s)
{
    struct stream_lane *lane = NULL;
    enum stream_change change = stream_pull(s, &lane);

    if (change == STREAM_LANE) {
        merge_update(m, lane);
        merge_update_gate(m, s);
        if (s->ahead && s->metadata.known && lane->item != STREAM_NOTHING)
            merge_lane(m, lane);
    } else if (change == STREAM_ALL) {
        merge_announce(m, s);
        merge_update_stream(m, s);
    }
    merge_settle(m, s);
    if (m->turn)
        m->turn(m->turn_context);
}

/* Nothing is ready, and no lane has to be waited for: reads the input that is next. */
static bool merge_pull_any(struct merge *m)
{
    for (uint32_t i = 0; i < m->stream_count; i++)
        if (!m->streams[i].closing) {
            merge_pull(m, &m->streams[i]);
            return true;
        }
    return false;
}

static uint64_t merge_oldest(const struct merge *m)
{
    uint64_t oldest = UINT64_MAX;

    for (uint32_t i = 0; i < m->stream_count; i++) {
        uint64_t t = lane_oldest(&m->streams[i]);

        oldest = t < oldest ? t : oldest;
    }
    return oldest;
}

/* Has a chunk waited too long? */
static bool merge_is_due(const struct merge *m, uint64_t now)
{
    uint64_t oldest = merge_oldest(m);

    return oldest <= now && now - oldest >= MERGE_DELAY_MS;
}

/* Puts out the first item, and those after it that are there, until some chunk is used up. */
static void merge_some(struct merge *m)
{
    struct stream_lane *lane = merge_first(m);
    const struct lane_chunk *chunk;

    do {
        chunk = lane->first;
        if (!merge_next(m, lane, heads_time(heads_top(&m->heads))) || lane->first != chunk)
            return;
        lane = merge_first(m);
    } while (lane && lane->item != STREAM_NOTHING && !sink_stops(m->sink));
}

/* What came later is waited for as long. */
static void merge_wait_again(struct merge *m)
{
    for (uint32_t i = 0; i < m->stream_count; i++) {
        struct stream *s = &m->streams[i];

        s->gate.waived = false;
        merge_update(m, &s->gate);
        for (uint32_t k = 0; k < s->lane_slots; k++)
            if (s->lanes[k] && s->lanes[k]->waived) {
                s->lanes[k]->waived = false;
                merge_update(m, s->lanes[k]);
            }
    }
}

void merge_hurry(struct merge *m, uint64_t now)
{
    struct stream_lane *lane;
    bool waived = false;

    while (!sink_stops(m->sink) && merge_is_due(m, now) && (lane = merge_first(m)) &&
           lane->stream->metadata.known) {
        if (lane->item != STREAM_NOTHING && m->any_order) {
            merge_lane(m, lane);
        } else if (lane->item != STREAM_NOTHING) {
            merge_some(m);
        } else {
            lane->waived = waived = true;
            merge_update(m, lane);
        }
    }
    if (waived)
        merge_wait_again(m);
}

void merge_start(struct merge *m)
{
    m->any_order = m->sink->any_order;
    m->heads.several = m->stream_count > 1;
    if (m->stream_count > 1) {
        m->relation = (struct relation){
            .streams = m->streams, .count = m->stream_count, .apart = m->sink->apart};
        relation_find(&m->relation);
        m->in_ns = m->relation.by_wall;
        m->any_order = m->any_order && !m->relation.shares;
    }
    for (uint32_t i = 0; i < m->stream_count; i++) {
        m->streams[i].gate.slot = STREAM_NO_SLOT;
        m->streams[i].ahead = m->any_order && !m->streams[i].offset_ns;
        m->streams[i].passes = m->streams[i].ahead && !m->sink->each;
        m->streams[i].others = m->stream_count > 1;
        merge_update(m, &m->streams[i].gate);
    }
}

/* The first in the order has nothing to put out: does it promise more by now, since chunks of it were left out? */
static bool merge_promises(struct merge *m, struct stream_lane *lane)
{
    struct heads_key before = heads_get(&m->heads, lane->slot);

    merge_update(m, lane);
    return heads_before(&m->heads, before, heads_get(&m->heads, lane->slot));
}

/* What has to be done before an item comes next, if `lane` is the first. False: none does any more. */
static bool merge_prepare(struct merge *m, struct stream_lane *lane)
{
    struct stream *s;

    if (!lane)
        return merge_pull_any(m);
    s = lane->stream;
    s->overfull = s->overfull || stream_window_full(s);
    if (s->wants && merge_promises(m, lane))
        return true;
    if (!stream_window_full(s)) {
        merge_pull(m, s);
    } else if (!s->metadata.known) {
        stream_drop_undecoded(s);
        merge_update_stream(m, s);
    } else {
        lane->waived = true;
        merge_update(m, lane);
    }
    return true;
}

void merge_end(struct merge *m)
{
    for (uint32_t i = 0; i < m->stream_count && m->sink->settles && !m->sink->out->error; i++)
        if (m->streams[i].announced) /* it was not read to its end */
            m->sink->finish(m->sink, &m->streams[i]);
    if (m->sink->end)
        m->sink->end(m->sink);
}

void merge_enter(struct merge *m)
{
    heads_free(&m->heads); /* the lanes that it had are gone */
    m->late = m->backwards = m->last = 0;
    merge_start(m);
    for (uint32_t i = 0; i < m->stream_count; i++) {
        merge_announce(m, &m->streams[i]);
        merge_update_stream(m, &m->streams[i]);
    }
}

void merge_go(struct merge *m)
{
    while (!sink_stops(m->sink)) {
        struct stream_lane *lane = merge_first(m);

        if (lane && lane->item != STREAM_NOTHING)
            merge_lane(m, lane);
        else if (!merge_prepare(m, lane))
            break;
    }
}

void merge_run(struct merge *m)
{
    merge_start(m);
    merge_go(m);
    merge_end(m);
}

enum merge_step merge_step(struct merge *m)
{
    struct stream_lane *lane = m->held;

    if (lane) {
        m->held = NULL;
        lane_advance(lane);
        merge_given(m, lane);
        return MERGE_MORE;
    }
    lane = merge_first(m);
    if (!sink_stops(m->sink) && lane && lane->item != STREAM_NOTHING) {
        m->stepwise = true;
        merge_lane(m, lane);
        return MERGE_MORE;
    }
    if (!sink_stops(m->sink) && merge_prepare(m, lane))
        return MERGE_MORE;
    merge_end(m);
    return MERGE_END;
}

void merge_free(struct merge *m)
{
    heads_free(&m->heads);
    turns_free(&m->turns);
    relation_free(&m->relation);
}
