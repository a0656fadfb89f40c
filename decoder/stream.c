/* SPDX-License-Identifier: MIT */
/* stream.c - one input, and the capture that is being read from it. */
#include "stream.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "watch.h"

struct stream_chunk {
    struct stream_chunk *next;
    uint64_t index, time, first_record;
    uint64_t arrived; /* watch_now(), if the input is followed */
    uint64_t lost[STREAM_LOST_CAUSES]; /* before its first record */
    uint32_t records, skip;
    bool swap, context, loss, damage;
    size_t bytes;
    _Alignas(8) uint8_t payload[];
};

void stream_open(struct stream *s, uint32_t number, const char *name, struct diag *diag)
{
    s->number = number;
    s->diag = (struct diag_file){.diag = diag, .name = name};
    chunk_open(&s->reader, &s->in, &s->diag);
    s->gate = (struct stream_lane){.stream = s, .gate = true};
}

static struct stream_lane *stream_lane(struct stream *s, uint32_t cpu)
{
    struct stream_lane *lane;

    if (cpu >= s->lane_slots) {
        uint32_t slots = s->lane_slots ? s->lane_slots : 16;

        while (slots <= cpu)
            slots *= 2;
        s->lanes = mem_grow(s->lanes, slots * sizeof(struct stream_lane *));
        memset(s->lanes + s->lane_slots, 0, (slots - s->lane_slots) * sizeof(struct stream_lane *));
        s->lane_slots = slots;
    }
    if (s->lanes[cpu])
        return s->lanes[cpu];
    lane = mem_zero(sizeof(*lane));
    lane->stream = s;
    lane->cpu = cpu;
    lane->slot = SIZE_MAX;
    lane->cpu_text_bytes = (uint32_t)snprintf(lane->cpu_text, sizeof(lane->cpu_text), " [%03u] ",
                                              cpu & 0xffffu);
    s->lanes[cpu] = lane;
    s->shown++;
    return lane;
}

static void stream_pop(struct stream_lane *lane)
{
    struct stream_chunk *c = lane->first;

    lane->first = c->next;
    if (!lane->first)
        lane->last = NULL;
    lane->stream->queued_bytes -= sizeof(*c) + c->bytes;
    free(c);
}

void stream_free_lanes(struct stream *s)
{
    for (uint32_t i = 0; i < s->lane_slots; i++) {
        while (s->lanes[i] && s->lanes[i]->first)
            stream_pop(s->lanes[i]);
        free(s->lanes[i]);
    }
    free(s->lanes);
    s->lanes = NULL;
    s->lane_slots = s->shown = s->busy = 0;
}

static void stream_free_kept(struct stream *s)
{
    while (s->kept) {
        struct stream_kept *next = s->kept->next;

        free(s->kept);
        s->kept = next;
    }
    s->kept_last = NULL;
    s->kept_bytes = s->kept_count = 0;
}

void stream_close(struct stream *s)
{
    stream_free_lanes(s);
    stream_free_kept(s);
    metadata_free(&s->metadata);
    task_free(&s->tasks);
    seek_close(&s->seek);
    free(s->text_cache);
    s->text_cache = NULL;
    free(s->suppressed);
    s->suppressed = NULL;
    chunk_close(&s->reader);
    input_close(&s->in);
}

/* Starts on the chunk at the head of the queue. */
static void stream_start_chunk(struct stream_lane *lane)
{
    struct stream_chunk *c = lane->first;

    record_walk_start(&lane->walk, c->payload, c->bytes, c->time, c->swap, c->context);
    lane->number = c->first_record;
    lane->left = c->records;
    lane->skip = c->skip;
    lane->time = c->time;
    memcpy(lane->loss, c->lost, sizeof(lane->loss));
    lane->loss_damage = c->damage;
}

/*
 * The payload is used up, or holds no record where there should be one: what
 * the header promised beyond it is missing. True if that makes an item.
 */
static bool stream_end_chunk(struct stream_lane *lane, bool damaged)
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
    memset(lane->loss, 0, sizeof(lane->loss));
    lane->loss_damage = false;
    lane->loss[STREAM_LOST_MISSING] = missing;
    s->lost += missing;
    lane->walk.at = lane->walk.end;
    lane->item = STREAM_LOSS;
    return true;
}

/* The next item of the chunk at the head; STREAM_NOTHING at its end. */
static enum stream_item stream_next_item(struct stream_lane *lane)
{
    for (;;) {
        enum record_kind kind = record_next(&lane->walk, &lane->record);

        switch (kind) {
        case RECORD_EVENT:
            if (!lane->left)
                break;
            lane->left--;
            lane->record.number = lane->number++;
            lane->time = lane->record.time;
            if (!lane->skip)
                return lane->item = STREAM_EVENT;
            lane->skip--;
            continue;
        case RECORD_TASK:
            lane->time = lane->record.time;
            return lane->item = STREAM_TASK;
        case RECORD_UNFINISHED:
            lane->time = lane->record.time;
            lane->record.number = lane->number;
            return lane->item = STREAM_UNFINISHED;
        case RECORD_NONE:
        case RECORD_DAMAGED:
            break;
        }
        if (stream_end_chunk(lane, kind != RECORD_NONE))
            return STREAM_LOSS;
        return STREAM_NOTHING;
    }
}

void stream_advance(struct stream_lane *lane)
{
    while (lane->first) {
        if (stream_next_item(lane) != STREAM_NOTHING)
            return;
        stream_pop(lane);
        if (!lane->first)
            break;
        stream_start_chunk(lane);
        if (lane->first->loss) {
            lane->item = STREAM_LOSS;
            return;
        }
    }
    if (lane->item != STREAM_NOTHING)
        lane->stream->busy--;
    lane->item = STREAM_NOTHING;
}

static void stream_push(struct stream_lane *lane, struct stream_chunk *c)
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
    stream_start_chunk(lane);
    lane->item = STREAM_LOSS;
    if (!c->loss)
        stream_advance(lane);
}

/* What was lost before this chunk, by the numbers and counts of its header; and in it, if its
 * payload is bad. */
static void stream_account(struct stream_lane *lane, const struct tp_wire_chunk *h, bool bad,
                           struct stream_chunk *q)
{
    uint64_t grown[TP_LOST_CAUSES],
        gap = h->first_record > lane->expected ? h->first_record - lane->expected : 0;

    for (unsigned i = 0; i < TP_LOST_CAUSES; i++) {
        grown[i] = h->lost[i] > lane->lost[i] ? h->lost[i] - lane->lost[i] : 0;
        lane->lost[i] += grown[i];
        q->lost[i] = grown[i];
    }
    /* Records that were overwritten have numbers: they are part of the gap. */
    if (q->lost[TP_LOST_OVERWRITTEN] > gap)
        q->lost[TP_LOST_OVERWRITTEN] = gap;
    q->lost[h->flags & TP_CHUNK_UNFINISHED ? STREAM_LOST_UNFINISHED : STREAM_LOST_MISSING] =
        gap - q->lost[TP_LOST_OVERWRITTEN];
    q->records = h->records;
    q->skip = h->first_record < lane->expected ? (uint32_t)(lane->expected - h->first_record) : 0;
    if (bad) {
        q->lost[STREAM_LOST_MISSING] += q->records - q->skip;
        q->records = q->skip = 0;
    }
    q->loss = q->damage = h->flags & TP_CHUNK_DAMAGED;
    for (unsigned i = 0; i < STREAM_LOST_CAUSES; i++) {
        q->loss = q->loss || q->lost[i];
        lane->stream->lost += q->lost[i];
    }
}

/* Is it a copy of what was there before, as far as the numbers tell? */
static bool stream_is_copy(const struct stream_lane *lane, const struct tp_wire_chunk *h)
{
    if (h->records)
        return h->first_record + h->records <= lane->expected;
    return h->first_record < lane->expected;
}

static enum stream_change stream_data(struct stream *s, const struct chunk *c,
                                      struct stream_lane **out)
{
    const struct tp_wire_chunk *h = &c->head;
    struct stream_chunk *q;
    struct stream_lane *lane;
    bool bad = c->bad;

    if (s->skip_data || h->cpu == TP_CHUNK_NO_CPU)
        return STREAM_SAME;
    if (h->first_record > UINT64_MAX - h->records) {
        diag_damage(&s->diag, "chunk %" PRIu64 " (cpu %u): impossible record number, skipped",
                    c->index, h->cpu);
        return STREAM_SAME;
    }
    *out = lane = stream_lane(s, h->cpu);
    /* Everything before was overwritten, or there was nothing: the books start at
     * 0. Otherwise the dump starts in mid-stream: they start here. */
    if (!lane->synced && (s->jumped || h->first_record != h->lost[TP_LOST_OVERWRITTEN])) {
        lane->expected = h->first_record;
        memcpy(lane->lost, h->lost, sizeof(lane->lost));
    }
    lane->synced = true;
    if (stream_is_copy(lane, h)) {
        diag_damage(&s->diag,
                    "chunk %" PRIu64 " (cpu %u): a copy of records that were there before, skipped",
                    c->index, h->cpu);
        return STREAM_LANE;
    }
    if (h->records && !c->payload_bytes) {
        diag_damage(&s->diag, "chunk %" PRIu64 " (cpu %u): a mark that claims %" PRIu32 " records",
                    c->index, h->cpu, h->records);
        bad = true;
    }
    q = mem_alloc(sizeof(*q) + (bad ? 0 : c->payload_bytes));
    *q = (struct stream_chunk){.index = c->index,
                               .time = h->time,
                               .first_record = h->first_record,
                               .swap = c->swap,
                               .context = h->flags & TP_CHUNK_CONTEXT,
                               .bytes = bad ? 0 : c->payload_bytes,
                               .arrived = s->in.watch ? watch_now() : 0};
    if (q->bytes)
        memcpy(q->payload, c->payload, q->bytes);
    stream_account(lane, h, bad, q);
    if (q->skip)
        diag_damage(&s->diag,
                    "chunk %" PRIu64 " (cpu %u): its first %" PRIu32
                    " records were there before, skipped",
                    c->index, h->cpu, q->skip);
    lane->expected = h->first_record + h->records;
    lane->promise = h->time > lane->promise ? h->time : lane->promise;
    lane->waived = false;
    if (!s->metadata.known && !s->undecoded_chunks++)
        s->undecoded_at = c->at;
    if (q->bytes || q->loss)
        stream_push(lane, q);
    else
        free(q);
    return STREAM_LANE;
}

/* Metadata for who copies it. The engine repeats it: each is kept once. */
static void stream_keep(struct stream *s, const struct chunk *c)
{
    struct stream_kept *k;

    for (k = s->kept; k; k = k->next)
        if (k->bytes == c->payload_bytes && !memcmp(k->payload, c->payload, k->bytes))
            return;
    if (s->kept_count == STREAM_KEPT_MAX ||
        s->kept_bytes + c->payload_bytes > STREAM_KEPT_BYTES) {
        diag_damage(&s->diag, "chunk %" PRIu64 ": too much metadata that differs, not copied",
                    c->index);
        return;
    }
    k = mem_alloc(sizeof(*k) + c->payload_bytes);
    k->next = NULL;
    k->bytes = (uint32_t)c->payload_bytes;
    memcpy(k->payload, c->payload, c->payload_bytes);
    if (s->kept_last)
        s->kept_last->next = k;
    else
        s->kept = k;
    s->kept_last = k;
    s->kept_bytes += c->payload_bytes;
    s->kept_count++;
}

static enum stream_change stream_metadata(struct stream *s, const struct chunk *c)
{
    bool known = s->metadata.known;

    if (c->head.flags & TP_CHUNK_PREVIOUS && !c->bad && !s->previous) {
        s->previous = true;
        diag_note(&s->diag, "recovered from memory, from an earlier boot");
    }
    if (c->bad || !metadata_read(&s->metadata, c->payload, c->payload_bytes, c->head.payload_crc,
                                 &s->diag, c->index))
        return STREAM_SAME;
    s->diag.diag->useful = true;
    if (s->keep)
        stream_keep(s, c);
    if (!known) {
        s->word_bytes = c->head.word_bytes;
        s->swap = c->swap;
        clock_set(&s->clock, s->metadata.clock_hz);
        input_announce(&s->in, &s->metadata.buffer);
    }
    s->undecoded_chunks = 0;
    return known ? STREAM_SAME : STREAM_ALL;
}

static void stream_tasks(struct stream *s, const struct chunk *c)
{
    const uint8_t *p = c->payload;
    size_t room = c->payload_bytes / sizeof(struct tp_wire_task);

    if (c->bad)
        return;
    if (c->head.records > room)
        diag_damage(&s->diag, "chunk %" PRIu64 ": declares %" PRIu32 " tasks and has room for %zu",
                    c->index, c->head.records, room);
    for (size_t i = 0; i < room && i < c->head.records; i++, p += sizeof(struct tp_wire_task))
        task_name(&s->tasks, chunk_u32(p, c->swap), p + offsetof(struct tp_wire_task, name), false);
}

static void stream_clock(struct stream *s, const struct chunk *c)
{
    const uint8_t *p = c->payload;
    size_t room = c->payload_bytes / sizeof(struct tp_wire_clock);

    if (c->bad)
        return;
    if (c->head.records > room)
        diag_damage(&s->diag,
                    "chunk %" PRIu64 ": declares %" PRIu32 " clock pairs and has room for %zu",
                    c->index, c->head.records, room);
    for (size_t i = 0; i < room && i < c->head.records; i++, p += sizeof(struct tp_wire_clock))
        clock_pair(&s->pairs, chunk_u64(p, c->swap),
                   chunk_u64(p + offsetof(struct tp_wire_clock, wall_ns), c->swap));
}

static void stream_raise_count(struct stream *s, uint32_t id, uint64_t count)
{
    if (id >= s->suppressed_slots) {
        uint32_t slots = s->suppressed_slots ? s->suppressed_slots : 64;

        while (slots <= id)
            slots *= 2;
        s->suppressed = mem_grow(s->suppressed, slots * sizeof(*s->suppressed));
        memset(s->suppressed + s->suppressed_slots, 0,
               (slots - s->suppressed_slots) * sizeof(*s->suppressed));
        s->suppressed_slots = slots;
    }
    if (count > s->suppressed[id])
        s->suppressed[id] = count;
}

static void stream_counts(struct stream *s, const struct chunk *c)
{
    const uint8_t *p = c->payload;
    size_t room = c->payload_bytes / sizeof(struct tp_wire_count);

    if (c->bad)
        return;
    if (c->head.records > room)
        diag_damage(&s->diag, "chunk %" PRIu64 ": declares %" PRIu32 " counts and has room for %zu",
                    c->index, c->head.records, room);
    for (size_t i = 0; i < room && i < c->head.records; i++, p += sizeof(struct tp_wire_count)) {
        uint32_t id = chunk_u32(p, c->swap);

        if (chunk_u32(p + offsetof(struct tp_wire_count, kind), c->swap) != TP_COUNT_SUPPRESSED)
            continue;
        if (id == TP_ID_NONE || id > TP_ID_EVENT_MAX)
            diag_damage(&s->diag, "chunk %" PRIu64 ": a count of %" PRIu32 ", which is no event",
                        c->index, id);
        else
            stream_raise_count(s, id,
                               chunk_u64(p + offsetof(struct tp_wire_count, count), c->swap));
    }
}

uint64_t stream_suppressed(const struct stream *s, uint32_t *id)
{
    while (++*id < s->suppressed_slots)
        if (s->suppressed[*id])
            return s->suppressed[*id];
    return 0;
}

void stream_tell_counts(struct stream *s)
{
    uint64_t count;
    uint32_t id = 0;

    while ((count = stream_suppressed(s, &id))) {
        const struct metadata_event *e = metadata_event(&s->metadata, id);

        if (e)
            diag_plain(s->diag.diag, "%.*s:%.*s: %" PRIu64 " records left out by sampling",
                       (int)e->sys.n, e->sys.bytes, (int)e->name.n, e->name.bytes, count);
    }
}

/* The next capture has other ids. */
static void stream_end_counts(struct stream *s)
{
    uint32_t id = 0, unknown = 0;

    while (stream_suppressed(s, &id))
        unknown += !metadata_event(&s->metadata, id);
    if (unknown && s->metadata.known)
        diag_fail(&s->diag, "%" PRIu32 " counts of events that no metadata defines", unknown);
    free(s->suppressed);
    s->suppressed = NULL;
    s->suppressed_slots = 0;
    s->counts_told = false;
}

static enum stream_change stream_accept(struct stream *s, const struct chunk *c,
                                        struct stream_lane **lane)
{
    s->started = true;
    s->id = c->head.stream;
    s->flags |= c->head.flags & (uint16_t)~TP_CHUNK_MUST_KNOW;
    switch (c->head.type) {
    case TP_CHUNK_METADATA:
        return stream_metadata(s, c);
    case TP_CHUNK_DATA:
        return stream_data(s, c, lane);
    case TP_CHUNK_TASKS:
        stream_tasks(s, c);
        return STREAM_SAME;
    case TP_CHUNK_END:
        s->ended = s->ended || !c->bad;
        if (s->in.watch)
            s->in.watch->ended = s->ended;
        return STREAM_ALL;
    case TP_CHUNK_CLOCK:
        stream_clock(s, c);
        return STREAM_SAME;
    case TP_CHUNK_COUNTS:
        stream_counts(s, c);
        return STREAM_SAME;
    default: /* what a newer minor version adds */
        return STREAM_SAME;
    }
}

/* The input is at its end; what there is to say about the whole of it. */
static void stream_input_end(struct stream *s)
{
    const char *problem = input_problem(&s->in);

    if (s->in.error || s->in.refused)
        diag_fail(&s->diag, "%s", problem);
    else if (input_is_cut(&s->in))
        diag_cut(&s->diag, "%s", problem);
    else if (problem)
        diag_damage(&s->diag, "%s", problem);
    if (s->reader.index || problem || s->in.image)
        return;
    s->diag.diag->foreign = true;
    if (!s->in.offset)
        diag_fail(&s->diag, "empty, not a dump");
    else
        diag_fail(&s->diag, "not a tracepoint dump (no chunk found in %" PRIu64 " bytes)",
                  s->in.offset);
}

void stream_drop_undecoded(struct stream *s)
{
    if (s->undecoded_chunks)
        diag_fail(&s->diag,
                  "%" PRIu64 " data chunks at byte 0x%" PRIx64
                  " but no metadata: records cannot be decoded",
                  s->undecoded_chunks, s->undecoded_at);
    s->undecoded_chunks = 0;
    for (uint32_t i = 0; i < s->lane_slots; i++) {
        struct stream_lane *lane = s->lanes[i];

        if (!lane || !lane->first)
            continue;
        /* Of the first chunk some may be counted already, as an item or a loss. */
        s->lost += lane->left - lane->skip + (lane->item == STREAM_EVENT);
        for (stream_pop(lane); lane->first; stream_pop(lane))
            s->lost += lane->first->records - lane->first->skip;
        lane->item = STREAM_NOTHING;
    }
    s->busy = 0;
}

uint64_t stream_oldest(const struct stream *s)
{
    uint64_t oldest = UINT64_MAX;

    for (uint32_t i = 0; i < s->lane_slots; i++)
        if (s->lanes[i] && s->lanes[i]->first && s->lanes[i]->first->arrived < oldest)
            oldest = s->lanes[i]->first->arrived;
    return oldest;
}

/* No more chunks of this capture will come. */
static void stream_end_capture(struct stream *s)
{
    s->closing = true;
    if (!s->started)
        return;
    if (!s->metadata.known) {
        if (!s->undecoded_chunks && !s->refused)
            diag_fail(&s->diag, "no metadata: nothing can be decoded");
        stream_drop_undecoded(s);
    }
    if (!s->ended && !s->refused)
        diag_open_end(&s->diag, "no end mark: tracing went on, or the dump was cut");
}

void stream_leave_out(struct stream *s, uint64_t before)
{
    s->seek.wanted = !s->seek.tried;
    s->seek.from = before;
}

bool stream_is_last(const struct stream *s)
{
    return seek_single(&s->in, s->id);
}

/* Far ahead, if that can be. Lanes keep what they have. */
static void stream_jump(struct stream *s)
{
    uint64_t go, at = s->in.offset + s->reader.consume;

    s->seek.wanted = false;
    s->seek.tried = true;
    if (!seek_find(&s->seek, &s->in, at, s->id, &go))
        return;
    chunk_move(&s->reader, go);
    s->jumped = true;
    for (uint32_t i = 0; i < s->lane_slots; i++)
        if (s->lanes[i])
            s->lanes[i]->synced = false;
}

enum stream_change stream_pull(struct stream *s, struct stream_lane **lane)
{
    enum chunk_status status;
    struct chunk c;

    if (s->seek.wanted && !s->has_next)
        stream_jump(s);
    while (seek_pass(&s->seek, &s->reader))
        ;
    status = chunk_next(&s->reader, &c);
    if (status == CHUNK_FOUND && s->diag.quiet && c.bad)
        status = CHUNK_NONE;
    switch (status) {
    case CHUNK_NONE:
        s->has_part = input_next_part(&s->in);
        if (!s->has_part)
            stream_input_end(s);
        s->diag.quiet = false;
        stream_end_capture(s);
        return STREAM_ALL;
    case CHUNK_REFUSED:
        diag_fail(&s->diag, "made by format %u.%u, this tpdecode reads up to %u.x", c.head.major,
                  c.head.minor, TP_WIRE_MAJOR);
        s->refused = s->diag.diag->refused = true;
        stream_end_capture(s);
        return STREAM_ALL;
    case CHUNK_FOUND:
        break;
    }
    if (s->started && s->id != c.head.stream) {
        s->next = c;
        s->has_next = true;
        stream_end_capture(s);
        return STREAM_ALL;
    }
    return stream_accept(s, &c, lane);
}

static void stream_tell_unknown(struct stream *s)
{
    if (s->unknown_records)
        diag_fail(&s->diag,
                  "%" PRIu64 " records of events that no metadata defines, shown as bytes",
                  s->unknown_records);
    s->unknown_records = 0;
}

void stream_stop(struct stream *s)
{
    stream_tell_unknown(s);
    diag_file_end(&s->diag);
}

void stream_settle(struct stream *s)
{
    struct stream_lane *lane;

    if (!s->closing || s->busy)
        return;
    stream_tell_unknown(s);
    stream_end_counts(s);
    stream_free_lanes(s);
    stream_free_kept(s);
    metadata_free(&s->metadata);
    task_free(&s->tasks);
    s->flags = 0;
    s->pairs.count = 0;
    s->pairs.version++;
    s->started = s->ended = s->closing = s->announced = false;
    s->jumped = s->previous = s->based = s->day_known = s->day_told = false;
    s->gate.waived = false;
    if (s->in.watch)
        s->in.watch->ended = false;
    if (s->has_next) {
        s->has_next = false;
        stream_accept(s, &s->next, &lane);
        return;
    }
    if (s->has_part) {
        s->has_part = false;
        chunk_close(&s->reader);
        chunk_open(&s->reader, &s->in, &s->diag);
        return;
    }
    s->done = s->closing = true;
    diag_file_end(&s->diag);
}
