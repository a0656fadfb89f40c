/* SPDX-License-Identifier: MIT */
/* lane.c - the items of one input, by CPU. */
#include "order/lane.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/load.h"
#include "base/mem.h"
#include "base/number.h"

struct stream_lane *lane_get(struct stream *s, uint32_t cpu)
{
    struct stream_lane *lane;

    s->lanes = mem_reach(s->lanes, &s->lane_slots, cpu, 16, sizeof(*s->lanes));
    if (s->lanes[cpu])
        return s->lanes[cpu];
    s->lane_memory.limit = SIZE_MAX;
    lane = mem_arena_get(&s->lane_memory, sizeof(*lane));
    lane->stream = s;
    lane->cpu = cpu;
    lane->slot = STREAM_NO_SLOT;
    lane->cpu_text_bytes = (uint8_t)snprintf(lane->cpu_text, sizeof(lane->cpu_text), " [%03u] ",
                                             cpu & 0xffffu);
    s->lanes[cpu] = lane;
    s->shown++;
    return lane;
}

void lane_count_lost(struct stream *s, uint64_t n)
{
    if (!s->joins)
        s->lost = number_add(s->lost, n);
}

static void lane_pop(struct stream_lane *lane)
{
    struct lane_chunk *c = lane->first;

    lane->first = c->next;
    if (!lane->first)
        lane->last = NULL;
    lane->stream->queued_bytes -= sizeof(*c) + c->bytes;
    free(c);
}

void lane_free_all(struct stream *s)
{
    for (uint32_t i = 0; i < s->lane_slots; i++) {
        while (s->lanes[i] && s->lanes[i]->first)
            lane_pop(s->lanes[i]);
        if (s->lanes[i])
            gap_free(&s->lanes[i]->books.gaps);
    }
    mem_arena_free(&s->lane_memory);
    free(s->lanes);
    s->lanes = NULL;
    s->lane_slots = s->shown = s->busy = 0;
}

/* After what it was lost that is missing before a chunk. A buffer that is full, or whose end was
 * overwritten, takes no record until the next chunk; what a CPU refuses for other reasons is
 * counted at any time after the chunk before has begun. */
static void lane_start_gap(struct stream_lane *lane, const struct lane_chunk *c)
{
    bool any_time = c->damage || c->lost[TP_LOST_OVERSIZE] || c->lost[TP_LOST_RECURSION];

    if (!lane->gap_open && !any_time)
        lane->gap_from = lane->printed;
    lane->gap_open = c->bad;
}

/* After the item that ends a gap: of the chunk that is being put out, its time. */
static inline void lane_end_gap(struct stream_lane *lane)
{
    if (lane->item != (lane->gap_open ? STREAM_EVENT : STREAM_LOSS))
        return;
    lane->gap_open = false;
    lane->gap_from = lane->time;
}

/* Starts on the chunk at the head of the queue. */
static void lane_start_chunk(struct stream_lane *lane)
{
    struct lane_chunk *c = lane->first;

    if (c->loss)
        lane_start_gap(lane, c);
    else if (!lane->gap_open)
        lane->gap_from = stream_time(lane->stream, c->head.time);
    record_walk_start(&lane->walk, c->payload, c->bytes, c->head.time, c->swap,
                      c->head.flags & TP_CHUNK_CONTEXT);
    lane->number = c->head.first_record;
    lane->left = c->records;
    lane->skip = c->skip;
    lane->time = stream_time(lane->stream, c->head.time);
    lane->loss = c->lost;
    lane->loss_damage = c->damage;
    if (c->left && lane->time > lane->printed)
        lane->printed = lane->time;
}

/*
 * The payload is used up, or holds no record where there should be one: what
 * the header promised beyond it is missing. True if that makes an item.
 */
static bool lane_end_chunk(struct stream_lane *lane, bool damaged)
{
    struct stream *s = lane->stream;
    uint32_t missing = lane->left > lane->skip ? lane->left - lane->skip : 0;

    if (damaged || lane->left)
        diag_damage(&s->diag,
                    "chunk %" PRIu64 " (cpu %" PRIu32 "): damaged at record %" PRIu64 ", %" PRIu32
                    " records skipped",
                    lane->first->index, lane->cpu, lane->number, missing);
    lane->left = lane->skip = 0;
    if (!missing)
        return false;
    memset(lane->loss, 0, sizeof(lane->first->lost));
    lane->loss_damage = false;
    lane->loss[STREAM_LOST_MISSING] = missing;
    lane->first->over = true;
    lane->gap_from = lane->printed;
    lane->gap_open = true;
    lane_count_lost(s, missing);
    lane->walk.at = lane->walk.end;
    lane->item = STREAM_LOSS;
    return true;
}

/* Passes the events that follow, as far as they are of an earlier window as well. */
static void lane_pass_before(struct stream_lane *lane)
{
    const struct record_walk *w = &lane->walk;
    const struct stream *s = lane->stream;
    const uint8_t *at = w->at;
    uint64_t last = lane->time, time;
    uint32_t n = 0, word;

    if (w->swap || s->offset_ns)
        return;
    for (; n < lane->left && (word = record_event(w, at)); n++) {
        time = w->high | load_u32(at, false);
        if (time >= s->from)
            break;
        last = time;
        at += record_word_bytes(word);
    }
    lane_take(lane, at, n, last);
}

/* Is the item that was read next of an earlier window? It is passed. */
static inline bool lane_is_before(struct stream_lane *lane)
{
    if (__builtin_expect(lane->time >= lane->stream->from, 1))
        return false;
    if (!lane->skip)
        lane_pass_before(lane);
    lane->printed = lane->time;
    if (lane->printed > lane->promise)
        lane->promise = lane->printed;
    return true;
}

/* The next item of the chunk at the head; STREAM_NOTHING at its end. */
static enum stream_item lane_next_item(struct stream_lane *lane)
{
    for (;;) {
        enum record_kind kind = record_next(&lane->walk, &lane->record);

        switch (kind) {
        case RECORD_EVENT:
            if (!lane->left)
                break;
            lane->left--;
            lane->record.number = lane->number++;
            lane->time = lane->record.time = stream_time(lane->stream, lane->record.time);
            if (!lane->skip && !lane_is_before(lane))
                return lane->item = STREAM_EVENT;
            lane->skip -= lane->skip > 0;
            continue;
        case RECORD_TASK:
            lane->time = lane->record.time = stream_time(lane->stream, lane->record.time);
            if (lane_is_before(lane))
                continue;
            return lane->item = STREAM_TASK;
        case RECORD_UNFINISHED:
            lane->time = lane->record.time = stream_time(lane->stream, lane->record.time);
            lane->record.number = lane->number;
            if (lane_is_before(lane))
                continue;
            return lane->item = STREAM_UNFINISHED;
        case RECORD_NONE:
        case RECORD_DAMAGED:
            break;
        }
        if (lane_end_chunk(lane, kind != RECORD_NONE))
            return STREAM_LOSS;
        return STREAM_NOTHING;
    }
}

void lane_advance(struct stream_lane *lane)
{
    lane_end_gap(lane);
    while (lane->first) {
        if (lane_next_item(lane) != STREAM_NOTHING)
            return;
        lane_pop(lane);
        if (!lane->first)
            break;
        lane_start_chunk(lane);
        if (lane->first->loss) {
            lane->item = STREAM_LOSS;
            return;
        }
    }
    if (lane->item != STREAM_NOTHING)
        lane->stream->busy--;
    lane->item = STREAM_NOTHING;
}

void lane_take(struct stream_lane *lane, const uint8_t *at, uint32_t n, uint64_t time)
{
    lane->walk.at = at;
    lane->left -= n;
    lane->number += n;
    lane->time = lane->printed = time;
}

void lane_pass(struct stream_lane *lane, const uint8_t *at, uint32_t n, uint64_t time)
{
    lane_take(lane, at, n, time);
    lane->stream->records += n;
}

bool lane_head(const struct stream_lane *lane, uint64_t *index, uint64_t *time)
{
    if (!lane->first)
        return false;
    *index = lane->first->index;
    *time = lane->first->head.time;
    return true;
}

void lane_push(struct stream_lane *lane, struct lane_chunk *c)
{
    struct stream *s = lane->stream;

    c->next = NULL;
    s->queued_bytes += sizeof(*c) + c->bytes;
    if (lane->last)
        lane->last->next = c;
    else
        lane->first = c;
    lane->last = c;
    if (lane->item != STREAM_NOTHING)
        return;
    s->busy++;
    lane_start_chunk(lane);
    lane->item = STREAM_LOSS;
    lane->entry = lane->entered ? lane->entry : lane->time;
    if (!c->loss)
        lane_advance(lane);
    if (!lane->entered && lane->time < lane->entry)
        lane->entry = lane->time;
    lane->entered = true;
}

void lane_share_loss(struct stream_lane *lane, struct books *all)
{
    const struct lane_chunk *c = lane->first;
    struct tp_wire_chunk h = c->head;
    uint64_t end = h.first_record + h.records, before = all->expected;
    struct books_entry e = {.skip = 0};
    unsigned gap = h.flags & TP_CHUNK_UNFINISHED ? STREAM_LOST_UNFINISHED : STREAM_LOST_MISSING;

    memset(lane->loss, 0, sizeof(c->lost));
    h.records = 0; /* they are entered one by one */
    if (!c->over) {
        books_start(all, &h, lane->stream->jumped);
        e = books_enter(all, &h);
    }
    memcpy(lane->loss, e.lost, sizeof(e.lost));
    lane->loss[gap] = e.missing;
    if (c->over || c->bad)
        lane->loss[STREAM_LOST_MISSING] += books_miss(all, all->expected, end);
    lane->loss_damage = lane->loss_damage && h.first_record >= before;
}

/* Its losses will not be put out, and so not be counted there. */
static void lane_count_dropped(struct stream *s, const struct stream_lane *lane)
{
    for (const struct lane_chunk *c = lane->first; c && s->joins; c = c->next)
        for (unsigned i = 0; i < STREAM_LOST_CAUSES; i++)
            s->lost = number_add(s->lost, c->lost[i]);
}

void lane_drop_all(struct stream *s)
{
    for (uint32_t i = 0; i < s->lane_slots; i++) {
        struct stream_lane *lane = s->lanes[i];

        if (!lane || !lane->first)
            continue;
        lane_count_dropped(s, lane);
        /* Of the first chunk some may be counted already, as an item or a loss. */
        s->lost = number_add(s->lost, lane->left - lane->skip + (lane->item == STREAM_EVENT));
        for (lane_pop(lane); lane->first; lane_pop(lane))
            s->lost = number_add(s->lost, lane->first->records - lane->first->skip);
        lane->item = STREAM_NOTHING;
    }
    s->busy = 0;
}

void lane_move_all(struct stream *s)
{
    for (uint32_t i = 0; i < s->lane_slots; i++) {
        struct stream_lane *lane = s->lanes[i];

        if (!lane)
            continue;
        if (lane->item != STREAM_NOTHING) {
            lane->time = stream_moved(s, lane->time);
            lane->record.time = stream_moved(s, lane->record.time);
        }
        if (lane->promise)
            lane->promise = stream_moved(s, lane->promise);
    }
}

uint64_t lane_oldest(const struct stream *s)
{
    uint64_t oldest = UINT64_MAX;

    for (uint32_t i = 0; i < s->lane_slots; i++)
        if (s->lanes[i] && s->lanes[i]->first && s->lanes[i]->first->arrived < oldest)
            oldest = s->lanes[i]->first->arrived;
    return oldest;
}

void lane_unsync_all(struct stream *s)
{
    for (uint32_t i = 0; i < s->lane_slots; i++)
        if (s->lanes[i])
            s->lanes[i]->books.synced = false;
}
