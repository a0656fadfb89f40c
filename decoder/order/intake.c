/* SPDX-License-Identifier: MIT */
/* intake.c - chunks of data, as they go into the lanes of their CPUs. */
#include "order/intake.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/number.h"
#include "bytes/watch.h"
#include "order/lane.h"

/* Adds them to what a chunk says was lost before it. */
static void intake_add_lost(struct stream_lane *lane, struct lane_chunk *q, uint64_t time)
{
    struct stream *s = lane->stream;

    for (unsigned i = 0; i < STREAM_LOST_CAUSES; i++) {
        q->loss = q->loss || q->lost[i];
        if (s->until && time >= s->until)
            s->lost_later = number_add(s->lost_later, q->lost[i]);
        else if (time >= s->from)
            lane_count_lost(s, q->lost[i]);
    }
}

/* What was lost before this chunk, by the numbers and counts of its header; and in it, if its
 * payload is bad. */
static void intake_account(struct stream_lane *lane, const struct tp_wire_chunk *h, bool bad,
                           struct lane_chunk *q)
{
    struct books_entry e = books_enter(&lane->books, h);

    memcpy(q->lost, e.lost, sizeof(e.lost));
    q->lost[h->flags & TP_CHUNK_UNFINISHED ? STREAM_LOST_UNFINISHED : STREAM_LOST_MISSING] =
        e.missing;
    q->records = h->records;
    q->skip = e.skip;
    if (bad) {
        uint64_t first = h->first_record + e.skip, end = h->first_record + h->records;

        q->lost[STREAM_LOST_MISSING] = number_add(q->lost[STREAM_LOST_MISSING],
                                                  books_miss(&lane->books, first, end));
        q->records = q->skip = 0;
    }
    q->damage = h->flags & TP_CHUNK_DAMAGED;
    q->bad = bad;
    q->loss = q->damage || lane->stream->joins;
    intake_add_lost(lane, q, h->time);
}

/* The chunk as it is queued, with what was found out about it. If it is used up before the next is read, its payload is not
 * copied. */
static struct lane_chunk *intake_queue(const struct stream_lane *lane, const struct chunk *c,
                                       const struct lane_chunk *found, bool copy)
{
    const struct stream *s = lane->stream;
    bool waits = copy || !s->ahead || !s->metadata.known || lane->first;
    size_t bytes = found->bad ? 0 : c->payload_bytes;
    struct lane_chunk *q = mem_alloc(sizeof(*q) + (waits ? bytes : 0));

    *q = *found;
    q->head = c->head;
    q->index = c->index;
    q->swap = c->swap;
    q->bytes = bytes;
    q->payload = waits ? q->own : c->payload;
    q->arrived = s->in.watch ? s->in.watch->clock_ms : 0;
    if (waits && bytes)
        memcpy(q->own, c->payload, bytes);
    return q;
}

/* --- what comes after records that belong after it --- */

/* Leaves off what comes after the first `records` events. */
static void intake_cut(struct lane_chunk *q, uint32_t records)
{
    struct record_walk walk;
    struct record r;

    record_walk_start(&walk, q->payload, q->bytes, q->head.time, q->swap,
                      q->head.flags & TP_CHUNK_CONTEXT);
    q->records = records;
    while (records) {
        enum record_kind kind = record_next(&walk, &r);

        if (kind == RECORD_NONE || kind == RECORD_DAMAGED)
            return;
        records -= kind == RECORD_EVENT;
    }
    q->bytes = (size_t)(walk.at - q->payload);
}

/* Puts in what was missing of a chunk, and returns how many records that are. */
static uint64_t intake_fill(struct stream_lane *lane, const struct chunk *c)
{
    const struct tp_wire_chunk *h = &c->head;
    uint64_t end = h->first_record + h->records, n = 0;
    struct gap gap;

    if (end > lane->books.expected)
        end = lane->books.expected;
    while (!c->bad && gap_take(&lane->books.gaps, h->first_record, end, &gap)) {
        struct lane_chunk found = {.skip = (uint32_t)(gap.first - h->first_record)};
        struct lane_chunk *q = intake_queue(lane, c, &found, true);
        uint64_t records = gap.end - gap.first, *lost = &lane->stream->lost;

        intake_cut(q, (uint32_t)(gap.end - h->first_record));
        if (gap.counted && *lost != UINT64_MAX && !lane->stream->joins) {
            lane->stream->found += records > *lost ? records - *lost : 0;
            *lost -= records < *lost ? records : *lost;
        }
        n += records;
        lane_push(lane, q);
    }
    lane->stream->late_records += n;
    return n;
}

/* Tells what is done with a chunk of which `copies` were there before. */
static void intake_tell_copies(struct stream *s, const struct chunk *c, uint64_t copies)
{
    const struct tp_wire_chunk *h = &c->head;

    if (copies == h->records)
        diag_damage(&s->diag,
                    "chunk %" PRIu64 " (cpu %u): a copy of records that were there before, skipped",
                    c->index, h->cpu);
    else if (copies)
        diag_damage(&s->diag,
                    "chunk %" PRIu64 " (cpu %u): its first %" PRIu64
                    " records were there before, skipped",
                    c->index, h->cpu, copies);
}

bool intake_is_early(const struct stream *s, const struct tp_wire_chunk *h)
{
    const struct stream_lane *lane = h->cpu < s->lane_slots ? s->lanes[h->cpu] : NULL;
    uint64_t gone = h->lost[TP_LOST_OVERWRITTEN];

    if (s->skip_data || s->in.image || s->in.watch || s->closing || h->cpu == TP_CHUNK_NO_CPU ||
        h->first_record > UINT64_MAX - h->records)
        return false;
    if (lane && lane->waiting && (!lane->books.synced || h->first_record > lane->books.expected))
        return true;
    if (h->flags & (TP_CHUNK_UNFINISHED | TP_CHUNK_DAMAGED))
        return false;
    if (!lane || !lane->books.synced)
        return !s->jumped && h->first_record != gone;
    gone = gone > lane->books.lost[TP_LOST_OVERWRITTEN]
               ? gone - lane->books.lost[TP_LOST_OVERWRITTEN]
               : 0;
    return h->first_record > lane->books.expected && h->first_record - lane->books.expected > gone;
}

/* Of all that a header says. */
static uint64_t intake_digest(const struct tp_wire_chunk *h)
{
    uint64_t digest = 0xcbf29ce484222325u;

    for (size_t i = 0; i < sizeof(*h); i++)
        digest = (digest ^ ((const uint8_t *)h)[i]) * 0x100000001b3u;
    return digest;
}

enum intake_start intake_compare(const struct stream *s, const struct tp_wire_chunk *h)
{
    const struct stream_lane *lane = h->cpu < s->lane_slots ? s->lanes[h->cpu] : NULL;

    if (!lane || !lane->started || !h->records || h->first_record != lane->start_record)
        return INTAKE_ELSEWHERE;
    return intake_digest(h) == lane->start_digest ? INTAKE_SAME : INTAKE_OTHER;
}

void intake_start(struct stream_lane *lane, const struct tp_wire_chunk *h)
{
    if (lane->started || !h->records)
        return;
    lane->started = true;
    lane->start_record = h->first_record;
    lane->start_digest = intake_digest(h);
}

void intake_enter(struct stream *s, const struct tp_wire_chunk *h)
{
    struct stream_lane *lane;
    uint64_t time;

    if (h->cpu == TP_CHUNK_NO_CPU || h->first_record > UINT64_MAX - h->records)
        return;
    lane = lane_get(s, h->cpu);
    books_start(&lane->books, h, false);
    intake_start(lane, h);
    (void)books_enter(&lane->books, h);
    time = stream_time(s, h->time);
    lane->promise = time > lane->promise ? time : lane->promise;
}

void intake_leave_out(struct stream *s, uint32_t cpu, uint32_t records, uint64_t last)
{
    struct stream_lane *lane = lane_get(s, cpu);
    uint64_t time = stream_time(s, last);
    struct lane_chunk *q;

    lane->books.expected += records;
    s->records += records;
    lane->promise = time > lane->promise ? time : lane->promise;
    if (!records) /* a mark */
        return;
    if (!lane->first) {
        lane->printed = time > lane->printed ? time : lane->printed;
        lane->gap_from = lane->gap_open ? lane->gap_from : time;
        return;
    }
    /* Of several after each other, the last counts. */
    if (!lane->last->left) {
        q = mem_alloc(sizeof(*q));
        *q = (struct lane_chunk){.left = true, .payload = q->own};
        lane_push(lane, q);
    }
    lane->last->head.time = last;
    lane->last->head.first_record = lane->books.expected;
}

enum stream_change intake_data(struct stream *s, const struct chunk *c, bool copy,
                               struct stream_lane **out)
{
    const struct tp_wire_chunk *h = &c->head;
    struct lane_chunk *q, found = {.loss = false};
    struct stream_lane *lane;
    uint64_t filled, time;
    bool bad = c->bad;

    if (s->skip_data || h->cpu == TP_CHUNK_NO_CPU)
        return STREAM_SAME;
    if (h->first_record > UINT64_MAX - h->records) {
        diag_damage(&s->diag, "chunk %" PRIu64 " (cpu %u): impossible record number, skipped",
                    c->index, h->cpu);
        return STREAM_SAME;
    }
    *out = lane = lane_get(s, h->cpu);
    books_start(&lane->books, h, s->jumped);
    intake_start(lane, h);
    if (h->flags & TP_CHUNK_DAMAGED && !s->in.image)
        diag_damage(&s->diag, "chunk %" PRIu64 " (cpu %u): right before it memory was damaged",
                    c->index, h->cpu);
    if (h->records && !c->payload_bytes) {
        diag_damage(&s->diag, "chunk %" PRIu64 " (cpu %u): a mark that claims %" PRIu32 " records",
                    c->index, h->cpu, h->records);
        bad = true;
    }
    filled = bad || h->first_record >= lane->books.expected ? 0 : intake_fill(lane, c);
    /* Before it is allocated, since memory may run out in this, too. */
    intake_account(lane, h, bad, &found);
    q = intake_queue(lane, c, &found, copy || filled);
    if (q->skip && !filled)
        intake_tell_copies(s, c, q->skip);
    time = stream_time(s, h->time);
    lane->promise = time > lane->promise ? time : lane->promise;
    lane->waived = false;
    if (!s->metadata.known && !s->undecoded_chunks++)
        s->undecoded_at = c->at;
    /* Of a chunk that has filled a gap nothing is left but copies. */
    if (q->loss || (q->bytes && !(filled && q->skip == q->records)))
        lane_push(lane, q);
    else
        free(q);
    return STREAM_LANE;
}
