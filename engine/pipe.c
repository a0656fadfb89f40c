/* SPDX-License-Identifier: MIT */
/*
 * The pipe and the snapshot: make one chunk after the other from what the rings
 * hold and let the caller take it in pieces. In discard mode nothing of the data
 * is copied for the pipe: a chunk is a header made here and a payload where it lies.
 */
#include "engine.h"

#define HEAD_BYTES TP_HEAD_BYTES
#define TRIES 4
/* So that with the chunk that reaches it, it is at most 1 MiB. */
#define METADATA_EVERY_BYTES ((1u << 20) - TP_LIMIT_SUBBUF_BYTES_MAX)
#define MARKS_EVERY_BYTES (1u << 18)

/* --- chunks --- */

static void make_chunk(const struct tp_trace *t, struct tp_pipe *p, uint8_t type,
                       const void *payload, uint32_t bytes)
{
    struct tp_wire_chunk *h = &p->head;

    memset(h, 0, sizeof(*h));
    tp_chunk_init(h, type);
    h->cpu = TP_CHUNK_NO_CPU;
    h->size_bytes = HEAD_BYTES + bytes;
    h->flags = p->flags;
    h->stream = t->stream;
    p->payload = payload;
    p->done = 0;
    p->data.reader = NULL;
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

static void make_side(const struct tp_trace *t, struct tp_pipe *p, uint8_t type,
                      const void *payload, uint32_t bytes, uint32_t records)
{
    make_chunk(t, p, type, payload, bytes);
    if (type == TP_CHUNK_END && p == &t->snapshot)
        p->head.flags |= TP_CHUNK_SNAPSHOT;
    p->head.seq = p->side_seq++;
    p->head.time = tp_port_clock();
    p->head.records = records;
    seal_chunk(p);
}

/* Events came to it since it was exported. */
static bool metadata_grew(const struct tp_trace *t, const struct tp_pipe *p)
{
    return __atomic_load_n(&t->metadata_bytes, __ATOMIC_ACQUIRE) != p->metadata_bytes;
}

/* What rules have left out, of the next events; false: of no more of them. */
static bool make_counts(const struct tp_trace *t, struct tp_pipe *p)
{
    uint32_t n = 0;

    while (n < TP_COUNTS_MAX && !t->previous) {
        uint64_t count = tp_rules_suppressed(t->index, &p->counted);

        if (!count)
            break;
        p->count[n++] = (struct tp_wire_count){
            .id = p->counted, .kind = TP_COUNT_SUPPRESSED, .count = count};
    }
    if (n < TP_COUNTS_MAX) {
        p->due &= (uint8_t)~TP_DUE_COUNTS;
        p->counted = 0;
    }
    if (n)
        make_side(t, p, TP_CHUNK_COUNTS, p->count, n * (uint32_t)sizeof(p->count[0]), n);
    return n;
}

/* What is due besides data, one chunk a call. */
static bool make_due(const struct tp_trace *t, struct tp_pipe *p)
{
    if (p->due & TP_DUE_METADATA) {
        p->due &= (uint8_t)~TP_DUE_METADATA;
        if (!t->previous)
            tp_told_copy(&p->told);
        p->metadata_bytes = __atomic_load_n(&t->metadata_bytes, __ATOMIC_ACQUIRE);
        make_side(t, p, TP_CHUNK_METADATA, t->metadata, p->metadata_bytes, 0);
        p->since_metadata = 0;
        return true;
    }
    if (p->due & TP_DUE_TASKS) {
        uint32_t tasks = p->told.tasks;

        p->due &= (uint8_t)~TP_DUE_TASKS;
        if (tasks) {
            /* The array is zero behind its entries, so the padding is too. */
            make_side(t, p, TP_CHUNK_TASKS, p->told.task,
                      (tasks * (uint32_t)sizeof(p->told.task[0]) + 7) & ~7u, tasks);
            return true;
        }
    }
    if (p->due & TP_DUE_CLOCK) {
        p->due &= (uint8_t)~TP_DUE_CLOCK;
        if (p->told.clocks) {
            make_side(t, p, TP_CHUNK_CLOCK, &p->told.clock, sizeof(p->told.clock), 1);
            return true;
        }
    }
    if (p->due & TP_DUE_COUNTS && make_counts(t, p))
        return true;
    if (p->due & TP_DUE_END) {
        p->due &= (uint8_t)~TP_DUE_END;
        make_side(t, p, TP_CHUNK_END, NULL, 0, 0);
        return true;
    }
    return false;
}

/* --- data --- */

/* What is told of losses never goes back. */
static void raise_lost(struct tp_reader *d, const uint64_t *lost)
{
    for (unsigned i = 0; i < TP_LOST_CAUSES; i++)
        if (lost[i] > d->lost[i])
            d->lost[i] = lost[i];
}

/* What both kinds of data chunk say. */
static void make_head(struct tp_pipe *p, struct tp_reader *d, uint64_t time)
{
    p->head.flags |= d->flags;
    p->head.flags |= d->ring->context_units ? TP_CHUNK_CONTEXT : 0;
    p->head.flags |= d->ring->overwrite ? TP_CHUNK_OVERWRITE : 0;
    p->head.cpu = d->ring->cpu;
    p->head.seq = d->seq;
    p->head.time = time;
    p->head.first_record = d->records;
    memcpy(p->head.lost, d->lost, sizeof(d->lost));
    d->flags = 0;
}

static void make_mark(const struct tp_trace *t, struct tp_pipe *p, struct tp_reader *d,
                      uint64_t time)
{
    make_chunk(t, p, TP_CHUNK_DATA, NULL, 0);
    make_head(p, d, time);
    seal_chunk(p);
}

/* A dump counts from the first number of a CPU that it sees. If what should have had it was passed
 * over, a mark tells the number first. */
static bool make_base(const struct tp_trace *t, struct tp_pipe *p, struct tp_reader *d,
                      uint64_t time)
{
    struct tp_reader base = *d;

    if (d->told || !d->unfinished)
        return false;
    d->told = true;
    base.records -= base.unfinished;
    base.flags = 0;
    make_mark(t, p, &base, time);
    return true;
}

static bool make_data(const struct tp_trace *t, struct tp_pipe *p, const struct tp_slice *s)
{
    struct tp_reader *d = s->reader;
    const uint8_t *payload = (const uint8_t *)tp_ring_subbuf(d->ring, d->place) + s->from;

    if (make_base(t, p, d, s->time))
        return true;
    if (p->copy) {
        if (!tp_read_copy(s, p->copy))
            return false;
        payload = p->copy;
    }
    make_chunk(t, p, TP_CHUNK_DATA, payload, s->to - s->from);
    raise_lost(d, s->head.lost);
    d->told = true;
    make_head(p, d, s->time);
    p->head.records = s->events;
    seal_chunk(p);
    p->data = *s;
    p->since_marks += p->head.size_bytes;
    p->ending = false;
    return true;
}

/* Of all CPUs the one whose next record is the oldest, so that the dump is nearly in order. What
 * is not complete goes out if that was asked for, or before newer records that are: a CPU that
 * records little must not hold up everybody who puts the dump in order. */
static bool make_oldest(struct tp_trace *t, struct tp_pipe *p, bool partial, bool stopped)
{
    for (unsigned i = 0; i < TRIES; i++) {
        struct tp_slice s, oldest = {.reader = NULL};

        for (uint32_t cpu = 0; cpu < t->cpus; cpu++) {
            if (!tp_read_find(&p->reader[cpu], stopped, &s))
                continue;
            partial |= s.whole;
            if (!oldest.reader || s.time < oldest.time)
                oldest = s;
        }
        if (!partial || !oldest.reader)
            return false;
        if (metadata_grew(t, p)) { /* looked at after the records: it may tell what they are */
            p->due |= TP_DUE_START;
            return make_due(t, p);
        }
        if (make_data(t, p, &oldest))
            return true;
    }
    return false; /* writers were faster, several times */
}

/* --- marks: what CPUs without data promise --- */

/* A mark for one CPU, or not. A writer that has read its counter and not yet moved the cursor
 * cannot be seen. So a CPU that records nothing promises nothing about the last 1/32 of a second:
 * time for such a writer to go on, if it was only interrupted or its virtual CPU descheduled. */
static bool make_live_mark(struct tp_trace *t, uint32_t cpu)
{
    struct tp_reader *d = &t->pipe.reader[cpu], then = *d;
    uint64_t now = tp_port_clock(), margin = tp_port_clock_hz() / 32;
    struct tp_slice s;
    tp_word cursor;

    tp_read_lost(&then); /* before the cursor: what is lost behind a later record is not told yet */
    cursor = __atomic_load_n(&d->ring->cursor, __ATOMIC_ACQUIRE);
    if (!tp_read_drained(d)) {
        d->idle = false;
        if (!tp_read_find(d, false, &s))
            return false;
        make_mark(t, &t->pipe, d, s.time); /* the next record is there, so its time is known */
        return true;
    }
    if (!d->idle || d->idle_cursor != cursor) {
        d->idle = true;
        d->idle_cursor = cursor;
        d->idle_time = now;
    }
    if (now - d->idle_time < margin)
        return false;
    raise_lost(d, then.lost);
    make_mark(t, &t->pipe, d, now - margin);
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
    for (uint32_t cpu = 0; cpu < t->cpus; cpu++)
        if (!tp_read_drained(&t->pipe.reader[cpu]))
            return false; /* a writer is still in the middle of a record */
    return true;
}

/* When all is read: the final counts of each CPU, then the end. */
static bool make_end(const struct tp_trace *t, struct tp_pipe *p)
{
    if (!p->ending) {
        if (p == &t->pipe && !t->previous && !all_drained(t))
            return false;
        p->ending = true;
        p->mark_cpu = 0;
    }
    if (p->mark_cpu < t->cpus) {
        struct tp_reader *d = &p->reader[p->mark_cpu], now = *d;

        if (make_base(t, p, d, 0))
            return true;
        p->mark_cpu++;
        tp_read_lost(&now);
        raise_lost(d, now.lost);
        make_mark(t, p, d, t->previous ? 0 : tp_port_clock());
        return true;
    }
    p->ending = false;
    p->ended = true;
    p->mark_cpu = 0;
    p->since_marks = 0;
    if (!t->previous)
        tp_told_copy(&p->told);
    p->due = TP_DUE_TASKS | TP_DUE_CLOCK | TP_DUE_COUNTS | TP_DUE_END;
    return make_due(t, p);
}

static bool make_next(struct tp_trace *t, struct tp_pipe *p)
{
    uint32_t starts = __atomic_load_n(&t->starts, __ATOMIC_ACQUIRE);
    bool stopped = p == &t->snapshot || !__atomic_load_n(&t->running, __ATOMIC_ACQUIRE);

    if (p->starts != starts) { /* what has ended goes on */
        p->starts = starts;
        p->ended &= p == &t->snapshot;
        p->ending = false;
        p->mark_cpu = 0;
    }
    if (!p->ended && (p->since_metadata >= METADATA_EVERY_BYTES || metadata_grew(t, p)))
        p->due |= TP_DUE_START;
    if (make_due(t, p))
        return true;
    if (p->ended)
        return false;
    if (!stopped && p->since_marks >= MARKS_EVERY_BYTES && make_marks(t))
        return true;
    if (tp_arch_swap(&p->flush, 0))
        p->flushing = true;
    if (make_oldest(t, p, stopped || p->flushing, stopped))
        return true;
    p->flushing = false;
    if (stopped)
        return make_end(t, p);
    return p->since_marks && make_marks(t);
}

/* --- the calls --- */

static bool enter(struct tp_pipe *p)
{
    return !tp_arch_swap(&p->busy, 1);
}

static void leave(struct tp_pipe *p)
{
    __atomic_store_n(&p->busy, 0, __ATOMIC_RELEASE);
}

/* The piece that comes next: the rest of the header, or the rest of the payload. */
static uint32_t piece(struct tp_trace *t, struct tp_pipe *p, const void **data)
{
    if (!p->head.size_bytes && !make_next(t, p))
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
    if (p->data.reader)
        tp_read_done(&p->data);
    p->head.size_bytes = 0;
}

long tp_pipe_peek(struct tp_trace *trace, const void **data)
{
    long bytes;

    if (!enter(&trace->pipe))
        return TP_EBUSY;
    bytes = (long)piece(trace, &trace->pipe, data);
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
    if (bytes && (!p->head.size_bytes || bytes > piece(trace, p, &data)))
        err = TP_EINVAL;
    else if (bytes)
        advance(p, (uint32_t)bytes);
    leave(p);
    return err;
}

static long read_bytes(struct tp_trace *t, struct tp_pipe *p, void *buffer, size_t bytes)
{
    uint8_t *to = buffer;
    size_t room = bytes;
    const void *data;
    uint32_t n;

    if (!enter(p))
        return TP_EBUSY;
    while (room && (n = piece(t, p, &data)) > 0) {
        n = n < room ? n : (uint32_t)room;
        memcpy(to, data, n);
        advance(p, n);
        to += n;
        room -= n;
    }
    leave(p);
    return (long)(bytes - room);
}

long tp_pipe_read(struct tp_trace *trace, void *buffer, size_t bytes)
{
    return read_bytes(trace, &trace->pipe, buffer, bytes);
}

int tp_snapshot(struct tp_trace *trace)
{
    struct tp_pipe *p = &trace->snapshot;

    if (trace->previous)
        return TP_EINVAL;
    if (!enter(p))
        return TP_EBUSY;
    tp_pipe_init(trace, p, true);
    leave(p);
    return 0;
}

long tp_snapshot_read(struct tp_trace *trace, void *buffer, size_t bytes)
{
    return read_bytes(trace, &trace->snapshot, buffer, bytes);
}

void tp_pipe_init(struct tp_trace *t, struct tp_pipe *p, bool snapshot)
{
    p->flags = t->previous ? TP_CHUNK_PREVIOUS : 0;
    p->starts = t->starts;
    p->flush = 0;
    p->flushing = p->ended = p->ending = false;
    p->head.size_bytes = 0;
    p->side_seq = 0;
    p->since_metadata = p->since_marks = p->mark_cpu = 0;
    p->due = TP_DUE_START;
    p->counted = 0;
    for (uint32_t cpu = 0; cpu < t->cpus; cpu++)
        tp_read_init(&p->reader[cpu], &t->ring[cpu], snapshot);
}

/* Data, or what is to be put out besides. */
static bool has_something(const struct tp_trace *t)
{
    const struct tp_pipe *p = &t->pipe;

    if (p->head.size_bytes || p->due || metadata_grew(t, p) ||
        __atomic_load_n(&p->flush, __ATOMIC_RELAXED) ||
        !__atomic_load_n(&t->running, __ATOMIC_ACQUIRE))
        return !tp_pipe_ended(t);
    for (uint32_t cpu = 0; cpu < t->cpus; cpu++) {
        const struct tp_reader *d = &p->reader[cpu];

        if ((__atomic_load_n(&d->ring->cursor, __ATOMIC_ACQUIRE) ^ d->place) & ~d->ring->mask)
            return true;
    }
    return false;
}

bool tp_pipe_sleep(struct tp_trace *trace)
{
    struct tp_bell *bell = &trace->bell;

    if (!enter(&trace->pipe))
        return false;
    __atomic_store_n(&bell->sleeping, 1, __ATOMIC_RELAXED);
    tp_arch_fence(); /* pairs with that in ring_bell: one of the two sees the other */
    if (has_something(trace))
        tp_arch_swap(&bell->sleeping, 0);
    leave(&trace->pipe);
    return __atomic_load_n(&bell->sleeping, __ATOMIC_RELAXED);
}

void tp_pipe_flush(struct tp_trace *trace)
{
    __atomic_store_n(&trace->pipe.flush, 1, __ATOMIC_RELAXED);
    tp_ring_bell(&trace->bell);
}

bool tp_pipe_ended(const struct tp_trace *trace)
{
    const struct tp_pipe *p = &trace->pipe;

    return p->ended && p->starts == __atomic_load_n(&trace->starts, __ATOMIC_ACQUIRE) && !p->due &&
           !p->head.size_bytes;
}

int tp_stats(struct tp_trace *trace, uint32_t cpu, struct tp_stats *stats)
{
    struct tp_reader d;

    if (cpu >= trace->cpus)
        return TP_EINVAL;
    d = trace->pipe.reader[cpu]; /* a copy: that of the pipe stays where it is */
    memset(stats, 0, sizeof(*stats));
    stats->unread = tp_read_unread(&d);
    stats->read = d.read;
    stats->unfinished = d.unfinished;
    tp_read_lost(&d);
    memcpy(stats->lost, d.lost, sizeof(stats->lost));
    return 0;
}
