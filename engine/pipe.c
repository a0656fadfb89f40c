/* SPDX-License-Identifier: MIT */
/*
 * The pipe: makes one chunk after the other from what the rings hold and lets
 * the caller take it in pieces. Nothing of the data is copied: a chunk is a
 * header made here and a payload where it lies.
 *
 * Writers are never waited for. What a writer has committed is seen through the
 * acquire loads in find_slice and walk, which pair with tp_ring_commit and
 * close_subbuf; what the reader gives back is seen through `consumed`.
 */
#include "engine.h"

#define HEAD_BYTES ((uint32_t)sizeof(struct tp_wire_chunk))
/* So that with the chunk that reaches it, it is at most 1 MiB. */
#define METADATA_EVERY_BYTES ((1u << 20) - TP_LIMIT_SUBBUF_BYTES_MAX)
#define MARKS_EVERY_BYTES (1u << 18)

/* --- chunks --- */

static void make_chunk(struct tp_pipe *p, uint8_t type, const void *payload, uint32_t bytes)
{
    struct tp_wire_chunk *h = &p->head;

    memset(h, 0, sizeof(*h));
    tp_chunk_init(h, type);
    h->cpu = TP_CHUNK_NO_CPU;
    h->size_bytes = HEAD_BYTES + bytes;
    h->stream = p->stream;
    p->payload = payload;
    p->done = 0;
    p->data.ring = NULL;
}

/* Puts the checksums on; from here on the header does not change. */
static void seal_chunk(struct tp_pipe *p)
{
    struct tp_wire_chunk *h = &p->head;
    const uint8_t *bytes = (const uint8_t *)h;
    const size_t at = offsetof(struct tp_wire_chunk, header_crc);

    p->since_metadata += h->size_bytes;
    h->payload_crc = tp_crc(0, p->payload, h->size_bytes - HEAD_BYTES);
    h->header_crc = tp_crc(tp_crc(0, bytes, at), bytes + at + 4, HEAD_BYTES - at - 4);
}

static void make_side(struct tp_pipe *p, uint8_t type, const void *payload, uint32_t bytes,
                      uint32_t records)
{
    make_chunk(p, type, payload, bytes);
    p->head.seq = p->side_seq++;
    p->head.time = tp_port_clock();
    p->head.records = records;
    seal_chunk(p);
}

/* What is due besides data, one chunk a call. */
static bool make_due(struct tp_pipe *p)
{
    if (p->due & TP_DUE_METADATA) {
        p->due &= (uint8_t)~TP_DUE_METADATA;
        tp_told_copy(&p->told);
        make_side(p, TP_CHUNK_METADATA, p->metadata, p->metadata_bytes, 0);
        p->since_metadata = 0;
        return true;
    }
    if (p->due & TP_DUE_TASKS) {
        uint32_t tasks = p->told.tasks;

        p->due &= (uint8_t)~TP_DUE_TASKS;
        if (tasks) {
            /* The array is zero behind its entries, so the padding is too. */
            make_side(p, TP_CHUNK_TASKS, p->told.task,
                      (tasks * (uint32_t)sizeof(p->told.task[0]) + 7) & ~7u, tasks);
            return true;
        }
    }
    if (p->due & TP_DUE_CLOCK) {
        p->due &= (uint8_t)~TP_DUE_CLOCK;
        if (p->told.clocks) {
            make_side(p, TP_CHUNK_CLOCK, &p->told.clock, sizeof(p->told.clock), 1);
            return true;
        }
    }
    if (p->due & TP_DUE_END) {
        p->due &= (uint8_t)~TP_DUE_END;
        make_side(p, TP_CHUNK_END, NULL, 0, 0);
        return true;
    }
    return false;
}

/* --- data --- */

/* The one that is read; the reader owns it once it is complete. */
static struct tp_wire_chunk *oldest_subbuf(const struct tp_ring *r)
{
    return tp_ring_subbuf(r, r->consumed << r->shift);
}

static const struct tp_wire_record *record_at(const struct tp_wire_chunk *h, uint32_t offset)
{
    return (const struct tp_wire_record *)(const void *)((const uint8_t *)h + offset);
}

static uint64_t stamp_of(const struct tp_wire_record *rec)
{
    uint64_t time;

    memcpy(&time, rec + 1, sizeof(time));
    return time;
}

/* Extends the slice over the committed records in front of the first that is not. */
static void walk(const struct tp_wire_chunk *h, struct tp_slice *s)
{
    while (s->to < s->ring->mask) {
        const struct tp_wire_record *rec = record_at(h, s->to);
        uint32_t word = __atomic_load_n(&rec->word, __ATOMIC_ACQUIRE);

        if (!(word & TP_RECORD_COMMITTED))
            return;
        if (TP_RECORD_ID(word) == TP_ID_TIME)
            s->high = (uint32_t)(stamp_of(rec) >> 32);
        if (TP_RECORD_ID(word) <= TP_ID_EVENT_MAX)
            s->events++;
        s->to += TP_RECORD_UNITS(word) * TP_RECORD_UNIT;
    }
}

/* Gives the oldest sub-buffer back to the writer, zeroed. */
static void release_subbuf(struct tp_ring *r, struct tp_reader *d)
{
    memset(oldest_subbuf(r), 0, (size_t)r->mask + 1);
    d->offset = 0;
    d->events = 0;
    __atomic_store_n(&r->consumed, r->consumed + 1, __ATOMIC_RELEASE);
}

/* The next records of a CPU: where they begin, when, and how far they go if the sub-buffer is
 * complete. False: there is none that is committed. */
static bool find_slice(struct tp_trace *t, uint32_t cpu, struct tp_slice *s)
{
    struct tp_ring *r = &t->ring[cpu];
    struct tp_reader *d = &t->pipe.reader[cpu];

    for (;;) {
        const struct tp_wire_chunk *h = oldest_subbuf(r);
        uint32_t commit = __atomic_load_n(&h->payload_crc, __ATOMIC_ACQUIRE);
        const struct tp_wire_record *rec;

        s->ring = r;
        s->reader = d;
        s->whole = (commit & 0xffffu) == (r->mask + 1) / TP_RECORD_UNIT;
        s->from = s->to = d->offset ? d->offset : HEAD_BYTES;
        if (s->whole && h->size_bytes == s->from) {
            release_subbuf(r, d); /* all of it was exported before it was complete */
            continue;
        }
        rec = record_at(h, s->from);
        if (!s->whole && !(__atomic_load_n(&rec->word, __ATOMIC_ACQUIRE) & TP_RECORD_COMMITTED))
            return false;
        s->high = d->offset ? d->high : (uint32_t)(h->time >> 32);
        s->time = TP_RECORD_ID(rec->word) == TP_ID_TIME ? stamp_of(rec)
                                                        : (uint64_t)s->high << 32 | rec->time_low;
        s->events = 0;
        if (s->whole) {
            s->to = h->size_bytes;
            s->events = (commit >> 16) - d->events;
        }
        return true;
    }
}

/* What is told of losses never goes back. */
static void raise_lost(struct tp_reader *d, const uint64_t *lost)
{
    for (unsigned i = 0; i < TP_LOST_CAUSES; i++)
        if (lost[i] > d->lost[i])
            d->lost[i] = lost[i];
}

static void make_data(struct tp_pipe *p, struct tp_slice *s)
{
    const struct tp_wire_chunk *h = oldest_subbuf(s->ring);
    struct tp_reader *d = s->reader;

    if (!s->whole)
        walk(h, s);
    make_chunk(p, TP_CHUNK_DATA, (const uint8_t *)h + s->from, s->to - s->from);
    raise_lost(d, h->lost);
    p->head.flags = h->flags & (uint16_t)~TP_CHUNK_LIVE;
    p->head.cpu = s->ring->cpu;
    p->head.records = s->events;
    p->head.seq = s->ring->consumed;
    p->head.time = s->time;
    p->head.first_record = d->records;
    memcpy(p->head.lost, d->lost, sizeof(d->lost));
    seal_chunk(p);
    p->data = *s;
    p->since_marks += p->head.size_bytes;
    p->ending = false;
}

static void consume_slice(const struct tp_slice *s)
{
    struct tp_reader *d = s->reader;

    d->records += s->events;
    if (s->whole) {
        release_subbuf(s->ring, d);
    } else {
        d->offset = s->to;
        d->events += s->events;
        d->high = s->high;
    }
}

/* Of all CPUs the one whose next record is the oldest, so that the dump is nearly in order. What
 * is not complete goes out if that was asked for, or before newer records that are: a CPU that
 * records little must not hold up everybody who puts the dump in order. */
static bool make_oldest(struct tp_trace *t, bool partial)
{
    struct tp_slice s, oldest = {.ring = NULL};

    for (uint32_t cpu = 0; cpu < t->cpus; cpu++) {
        if (!find_slice(t, cpu, &s))
            continue;
        partial |= s.whole;
        if (!oldest.ring || s.time < oldest.time)
            oldest = s;
    }
    if (!partial || !oldest.ring)
        return false;
    make_data(&t->pipe, &oldest);
    return true;
}

/* --- marks: what CPUs without data promise --- */

static bool drained(const struct tp_ring *r, const struct tp_reader *d, tp_word cursor)
{
    return cursor == ((r->consumed << r->shift) | (d->offset ? d->offset : HEAD_BYTES));
}

static void make_mark(struct tp_pipe *p, struct tp_ring *r, struct tp_reader *d, uint64_t time)
{
    make_chunk(p, TP_CHUNK_DATA, NULL, 0);
    p->head.flags = r->context_word ? TP_CHUNK_CONTEXT : 0;
    p->head.cpu = r->cpu;
    p->head.seq = r->consumed;
    p->head.time = time;
    p->head.first_record = d->records;
    memcpy(p->head.lost, d->lost, sizeof(d->lost));
    seal_chunk(p);
}

static void read_lost(const struct tp_ring *r, uint64_t *lost)
{
    for (unsigned i = 0; i < TP_LOST_CAUSES; i++)
        lost[i] = i < TP_LOST_OVERWRITTEN ? tp_count_read(&r->lost[i]) : 0;
}

/* A mark for one CPU, or not. A writer that has read its counter and not yet moved the cursor
 * cannot be seen. So a CPU that records nothing promises nothing about the last 1/32 of a second:
 * time for such a writer to go on, if it was only interrupted or its virtual CPU descheduled. */
static bool make_live_mark(struct tp_trace *t, uint32_t cpu)
{
    struct tp_ring *r = &t->ring[cpu];
    struct tp_reader *d = &t->pipe.reader[cpu];
    uint64_t now = tp_port_clock(), margin = tp_port_clock_hz() / 32;
    uint64_t lost[TP_LOST_CAUSES];
    struct tp_slice s;
    tp_word cursor;

    read_lost(r, lost); /* before the cursor: what is lost behind a later record is not told yet */
    cursor = __atomic_load_n(&r->cursor, __ATOMIC_ACQUIRE);
    if (!drained(r, d, cursor)) {
        d->idle = false;
        if (!find_slice(t, cpu, &s))
            return false;
        make_mark(&t->pipe, r, d, s.time); /* the next record is there, so its time is known */
        return true;
    }
    if (!d->idle || d->idle_cursor != cursor) {
        d->idle = true;
        d->idle_cursor = cursor;
        d->idle_time = now;
    }
    if (now - d->idle_time < margin)
        return false;
    raise_lost(d, lost);
    make_mark(&t->pipe, r, d, now - margin);
    return true;
}

/* A round of marks, one a call, when there is no data or was much. */
static bool make_marks(struct tp_trace *t)
{
    struct tp_pipe *p = &t->pipe;

    while (p->mark_cpu < t->cpus)
        if (make_live_mark(t, p->mark_cpu++))
            return true;
    p->since_marks = 0;
    p->mark_cpu = 0;
    return false;
}

static bool all_drained(const struct tp_trace *t)
{
    for (uint32_t cpu = 0; cpu < t->cpus; cpu++) {
        const struct tp_ring *r = &t->ring[cpu];

        if (!drained(r, &t->pipe.reader[cpu], __atomic_load_n(&r->cursor, __ATOMIC_ACQUIRE)))
            return false; /* a writer is still in the middle of a record */
    }
    return true;
}

/* After tp_stop: the final counts of each CPU, then the end. */
static bool make_end(struct tp_trace *t)
{
    struct tp_pipe *p = &t->pipe;

    if (!p->ending) {
        if (!all_drained(t))
            return false;
        p->ending = true;
        p->mark_cpu = 0;
    }
    if (p->mark_cpu < t->cpus) {
        struct tp_ring *r = &t->ring[p->mark_cpu];
        struct tp_reader *d = &p->reader[p->mark_cpu++];
        uint64_t lost[TP_LOST_CAUSES];

        read_lost(r, lost);
        raise_lost(d, lost);
        make_mark(p, r, d, tp_port_clock());
        return true;
    }
    p->ending = false;
    p->ended = true;
    p->mark_cpu = 0;
    p->since_marks = 0;
    tp_told_copy(&p->told);
    p->due = TP_DUE_TASKS | TP_DUE_CLOCK | TP_DUE_END;
    return make_due(p);
}

static bool make_next(struct tp_trace *t)
{
    struct tp_pipe *p = &t->pipe;
    bool stopped = !__atomic_load_n(&t->running, __ATOMIC_ACQUIRE);

    if (!p->ended && p->since_metadata >= METADATA_EVERY_BYTES)
        p->due |= TP_DUE_START;
    if (make_due(p))
        return true;
    if (p->ended)
        return false;
    if (!stopped && p->since_marks >= MARKS_EVERY_BYTES && make_marks(t))
        return true;
    if (__atomic_exchange_n(&p->flush, 0, __ATOMIC_RELAXED))
        p->flushing = true;
    if (make_oldest(t, stopped || p->flushing))
        return true;
    p->flushing = false;
    if (stopped)
        return make_end(t);
    return p->since_marks && make_marks(t);
}

/* --- the calls --- */

static bool enter(struct tp_pipe *p)
{
    return !__atomic_exchange_n(&p->busy, 1, __ATOMIC_ACQUIRE);
}

static void leave(struct tp_pipe *p)
{
    __atomic_store_n(&p->busy, 0, __ATOMIC_RELEASE);
}

/* The piece that comes next: the rest of the header, or the rest of the payload. */
static uint32_t piece(struct tp_trace *t, const void **data)
{
    struct tp_pipe *p = &t->pipe;

    if (!p->head.size_bytes && !make_next(t))
        return 0;
    if (p->done < HEAD_BYTES) {
        *data = (const uint8_t *)&p->head + p->done;
        return HEAD_BYTES - p->done;
    }
    *data = p->payload + (p->done - HEAD_BYTES);
    return p->head.size_bytes - p->done;
}

static void advance(struct tp_pipe *p, uint32_t bytes)
{
    p->done += bytes;
    if (p->done < p->head.size_bytes)
        return;
    if (p->data.ring)
        consume_slice(&p->data);
    p->head.size_bytes = 0;
}

long tp_pipe_peek(struct tp_trace *trace, const void **data)
{
    long bytes;

    if (!enter(&trace->pipe))
        return TP_EBUSY;
    bytes = (long)piece(trace, data);
    leave(&trace->pipe);
    return bytes;
}

int tp_pipe_consume(struct tp_trace *trace, size_t bytes)
{
    struct tp_pipe *p = &trace->pipe;
    const void *data;
    int err = 0;

    if (!enter(p))
        return TP_EBUSY;
    if (bytes && (!p->head.size_bytes || bytes > piece(trace, &data)))
        err = TP_EINVAL;
    else if (bytes)
        advance(p, (uint32_t)bytes);
    leave(p);
    return err;
}

long tp_pipe_read(struct tp_trace *trace, void *buffer, size_t bytes)
{
    struct tp_pipe *p = &trace->pipe;
    uint8_t *to = buffer;
    size_t room = bytes;
    const void *data;
    uint32_t n;

    if (!enter(p))
        return TP_EBUSY;
    while (room && (n = piece(trace, &data)) > 0) {
        n = n < room ? n : (uint32_t)room;
        memcpy(to, data, n);
        advance(p, n);
        to += n;
        room -= n;
    }
    leave(p);
    return (long)(bytes - room);
}

void tp_pipe_flush(struct tp_trace *trace)
{
    __atomic_store_n(&trace->pipe.flush, 1, __ATOMIC_RELAXED);
}

bool tp_pipe_ended(const struct tp_trace *trace)
{
    const struct tp_pipe *p = &trace->pipe;

    return p->ended && !p->due && !p->head.size_bytes;
}

int tp_stats(struct tp_trace *trace, uint32_t cpu, struct tp_stats *stats)
{
    const struct tp_reader *d;
    struct tp_ring *r;
    tp_word open;

    if (cpu >= trace->cpus)
        return TP_EINVAL;
    r = &trace->ring[cpu];
    d = &trace->pipe.reader[cpu];
    memset(stats, 0, sizeof(*stats));
    stats->read = d->records;
    stats->unread = 0 - d->events;
    open = __atomic_load_n(&r->cursor, __ATOMIC_ACQUIRE) - (r->consumed << r->shift);
    for (tp_word n = 0; n <= open >> r->shift; n++)
        stats->unread += tp_ring_subbuf(r, (r->consumed + n) << r->shift)->payload_crc >> 16;
    for (unsigned i = 0; i < TP_LOST_OVERWRITTEN; i++)
        stats->lost[i] = tp_count_read(&r->lost[i]);
    return 0;
}
