/* SPDX-License-Identifier: MIT */
/*
 * Makes chunks of what the rings hold, one after the other. In discard mode no data is copied for a
 * pipe: a chunk is a header made here, and a payload in the ring.
 */
#include "core.h"
#include "seam.h"

#define TRIES 4
/* With the chunk that reaches this, at most 1 MiB between two metadata chunks. */
#define METADATA_EVERY_BYTES ((1u << 20) - TP_LIMIT_SUBBUF_BYTES_MAX)
/* And so much more for each CPU that marks are 1/20 of a dump at most. */
#define MARKS_EVERY_BYTES(p) ((1u << 18) + ((p)->end_cpu - (p)->first_cpu) * 2048u)
#define LOOKS_A_ROUND 16
#define MARGIN (tp_clock_second() / 32)

/* --- chunks --- */

static void chunk_begin(const struct tp_trace *t, struct tp_pipe *p, uint8_t type,
                        const void *payload, uint32_t bytes)
{
    struct tp_wire_chunk *h = &p->head;

    memset(h, 0, sizeof(*h));
    tp_chunk_init(h, type);
    h->cpu = p->end_cpu - p->first_cpu == t->cpus ? TP_CHUNK_NO_CPU : (uint16_t)p->first_cpu;
    h->size_bytes = TP_HEAD_BYTES + bytes;
    h->flags = p->flags;
    h->stream = t->stream;
    p->payload = payload;
    p->done = 0;
    p->data.reader = NULL;
}

/* Sets the checksums. After this the header does not change. */
static void chunk_seal(struct tp_pipe *p, uint32_t payload_crc)
{
    struct tp_wire_chunk *h = &p->head;

    p->since_metadata += h->size_bytes;
    h->payload_crc = payload_crc;
    h->header_crc = tp_crc_around(h, TP_HEAD_BYTES, offsetof(struct tp_wire_chunk, header_crc));
}

static void chunk_seal_payload(struct tp_pipe *p)
{
    chunk_seal(p, tp_crc(0, p->payload, p->head.size_bytes - TP_HEAD_BYTES));
}

uint32_t tp_chunk_part(const struct tp_trace *t, struct tp_pipe *p, uint32_t at, const void **data)
{
    uint32_t left = p->head.size_bytes - TP_HEAD_BYTES - at, in_side = at % TP_SIDE_BYTES;

    if (p->payload) {
        *data = p->payload + at;
        return left;
    }
    if (p->window != at - in_side) {
        p->window = at - in_side;
        memset(p->side, 0, sizeof(p->side));
        tp_metadata_write(p->side, p->window, sizeof(p->side), &t->config);
    }
    *data = p->side + in_side;
    return left < TP_SIDE_BYTES - in_side ? left : (uint32_t)(TP_SIDE_BYTES - in_side);
}

/* --- chunks that are not data --- */

static void chunk_begin_side(const struct tp_trace *t, struct tp_pipe *p, uint8_t type,
                             const void *payload, uint32_t bytes)
{
    chunk_begin(t, p, type, payload, bytes);
    if (type == TP_CHUNK_END && p == t->snapshot)
        p->head.flags |= TP_CHUNK_SNAPSHOT;
    p->head.seq = p->side_seq++;
    p->head.time = tp_port_clock();
}

bool tp_chunk_make_side(const struct tp_trace *t, struct tp_pipe *p, uint8_t type, uint32_t n,
                        uint32_t entry_bytes)
{
    if (!n)
        return false;
    chunk_begin_side(t, p, type, p->side, n * entry_bytes);
    p->head.records = n;
    chunk_seal_payload(p);
    return true;
}

bool tp_chunk_metadata_grew(const struct tp_trace *t, const struct tp_pipe *p)
{
    return __atomic_load_n(&t->metadata_bytes, __ATOMIC_ACQUIRE) != p->metadata_bytes;
}

static bool chunk_make_metadata(const struct tp_trace *t, struct tp_pipe *p)
{
    p->due &= (uint8_t)~TP_DUE_METADATA;
    p->metadata_bytes = __atomic_load_n(&t->metadata_bytes, __ATOMIC_ACQUIRE);
    if (!p->metadata_bytes) /* attached, without metadata, of another kernel */
        return false;
    chunk_begin_side(t, p, TP_CHUNK_METADATA, t->metadata, p->metadata_bytes);
    p->window = UINT32_MAX;
    if (t->metadata && !t->previous)
        chunk_seal_payload(p);
    else
        chunk_seal(p, t->metadata_crc);
    p->since_metadata = 0;
    return true;
}

/* How many events rules have left out; the first entry is that of unknown CPUs. */
static bool chunk_make_counts(const struct tp_trace *t, struct tp_pipe *p)
{
    const uint32_t room = TP_SIDE_BYTES / sizeof(struct tp_wire_count);
    struct tp_wire_count *out = (struct tp_wire_count *)(void *)p->side;
    uint32_t n = 0, strangers = 0;

    if (!p->counted && !t->previous)
        strangers = __atomic_load_n(&tp_rings[t->index].strangers, __ATOMIC_RELAXED);
    if (strangers)
        out[n++] = (struct tp_wire_count){.kind = TP_COUNT_UNKNOWN_CPU, .count = strangers};
    while (n < room && !t->previous) {
        uint64_t count = tp_seam_suppressed(t->index, &p->counted);

        if (!count)
            break;
        out[n++] = (struct tp_wire_count){
            .id = p->counted, .kind = TP_COUNT_SUPPRESSED, .count = count};
    }
    if (n < room) {
        p->due &= (uint8_t)~TP_DUE_COUNTS;
        p->counted = 0;
    }
    return tp_chunk_make_side(t, p, TP_CHUNK_COUNTS, n, sizeof(*out));
}

/* One chunk a call. */
static bool chunk_make_due(const struct tp_trace *t, struct tp_pipe *p)
{
    if (p->due & TP_DUE_METADATA && chunk_make_metadata(t, p))
        return true;
    if (p->due & (TP_DUE_TASKS | TP_DUE_CLOCK) && tp_tasks_chunk(t, p))
        return true;
    if (p->due & TP_DUE_COUNTS && chunk_make_counts(t, p))
        return true;
    if (!(p->due & TP_DUE_END))
        return false;
    p->due &= (uint8_t)~TP_DUE_END;
    chunk_begin_side(t, p, TP_CHUNK_END, p->side, 0);
    chunk_seal_payload(p);
    return true;
}

/* --- data --- */

/* The exported counts of losses never go back. */
static void chunk_raise_lost(struct tp_reader *d, const uint64_t *lost)
{
    for (unsigned i = 0; i < TP_LOST_OVERWRITTEN; i++)
        if (lost[i] > d->lost[i])
            d->lost[i] = lost[i];
}

/* What is the same in the header of data and of a mark. */
static void chunk_make_head(struct tp_pipe *p, struct tp_reader *d, uint64_t time)
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

static void chunk_make_mark(const struct tp_trace *t, struct tp_pipe *p, struct tp_reader *d,
                            uint64_t time)
{
    chunk_begin(t, p, TP_CHUNK_DATA, NULL, 0);
    chunk_make_head(p, d, time);
    chunk_seal_payload(p);
}

/* The reader of a dump counts from the first number of a CPU that it sees. If the first events were
 * passed over, a mark with their number comes before the data. */
static bool chunk_make_base(const struct tp_trace *t, struct tp_pipe *p, struct tp_reader *d,
                            uint64_t time)
{
    struct tp_reader base = *d;

    if (d->based || !d->unfinished)
        return false;
    d->based = true;
    base.records -= base.unfinished;
    base.flags = 0;
    chunk_make_mark(t, p, &base, time);
    return true;
}

static bool chunk_make_data(const struct tp_trace *t, struct tp_pipe *p, const struct tp_slice *s)
{
    struct tp_reader *d = s->reader;
    const uint8_t *payload = (const uint8_t *)tp_ring_subbuf(d->ring, d->place) + s->from;

    if (chunk_make_base(t, p, d, s->time))
        return true;
    if (p->copy) {
        if (!tp_read_copy(s, p->copy))
            return false;
        payload = p->copy;
    }
    chunk_begin(t, p, TP_CHUNK_DATA, payload, s->to - s->from);
    chunk_raise_lost(d, s->lost);
    d->based = true;
    chunk_make_head(p, d, s->time);
    p->head.records = s->events;
    chunk_seal_payload(p);
    p->data = *s;
    p->since_marks += p->head.size_bytes;
    p->ending = false;
    return true;
}

/* Takes the CPU whose next record is the oldest, so that the dump is nearly in order. An incomplete
 * sub-buffer is exported if `partial` asks for it, or before newer records of a complete one: a CPU
 * that records little must not hold up a reader that sorts the dump. */
static bool chunk_make_oldest(struct tp_trace *t, struct tp_pipe *p, bool partial, bool stopped)
{
    for (unsigned i = 0; i < TRIES; i++) {
        struct tp_slice s, oldest = {.reader = NULL};

        for (uint32_t cpu = p->first_cpu; cpu < p->end_cpu; cpu++) {
            if (!tp_read_find(&p->reader[cpu], stopped, &s))
                continue;
            partial |= s.whole;
            if (!oldest.reader || s.time < oldest.time)
                oldest = s;
        }
        if (!partial || !oldest.reader)
            return false;
        /* After the look at the records, which it may describe. */
        if (tp_chunk_metadata_grew(t, p)) {
            p->due |= TP_DUE_START;
            return chunk_make_due(t, p);
        }
        if (chunk_make_data(t, p, &oldest))
            return true;
    }
    return false; /* writers were faster, several times */
}

/* --- marks: what CPUs without data promise --- */

/* A mark for one CPU, if there is something to promise. A writer that has read its counter and not
 * yet moved the cursor is invisible. So a CPU that records nothing promises nothing about the last
 * 1/32 of a second: time for such a writer, or its virtual CPU, to go on. */
static bool chunk_make_live_mark(const struct tp_trace *t, struct tp_pipe *p, uint32_t cpu)
{
    struct tp_reader *d = &p->reader[cpu], then = *d;
    uint64_t now = tp_port_clock(), margin = MARGIN;
    struct tp_slice s;
    tp_word cursor;

    tp_read_lost(&then); /* before the cursor: losses after a later record are not reported yet */
    cursor = __atomic_load_n(&d->ring->cursor, __ATOMIC_ACQUIRE);
    if (!tp_read_drained(d)) {
        d->idle = false;
        if (!tp_read_find(d, false, &s))
            return false;
        chunk_make_mark(t, p, d, s.time); /* the next record is there, so its time is known */
        return true;
    }
    if (!d->idle || d->idle_cursor != cursor) {
        d->idle = true;
        d->idle_cursor = cursor;
        d->idle_time = now;
    }
    if (now - d->idle_time < margin)
        return false;
    chunk_raise_lost(d, then.lost);
    chunk_make_mark(t, p, d, now - margin);
    return true;
}

/* A look for data is at all CPUs. One after each mark, so that data does not wait, would let the
 * time of a round grow with the square of CPUs; so there are 8 to 16 in a round. Of up to 15 CPUs it
 * is one after each, and after the last mark there always is one: doc/design.md. */
static bool chunk_skips_look(const struct tp_pipe *p)
{
    uint32_t made = p->mark_cpu - p->first_cpu, cpus = p->end_cpu - p->first_cpu, mask = 0;

    while (mask < cpus / LOOKS_A_ROUND)
        mask = 2 * mask + 1; /* no division, which some processors do not have */
    return made < cpus && made & mask;
}

/* A round of marks, one a call: when there is no data, or there was much. Only then is it `over`
 * after its last one, so that data that comes meanwhile begins no other. */
static bool chunk_make_marks(const struct tp_trace *t, struct tp_pipe *p, bool over)
{
    while (p->mark_cpu < p->end_cpu)
        if (chunk_make_live_mark(t, p, p->mark_cpu++))
            return true;
    if (!over)
        return false;
    p->since_marks = 0;
    p->mark_cpu = p->first_cpu;
    p->marks_time = tp_port_clock();
    return false;
}

static bool chunk_all_drained(const struct tp_pipe *p)
{
    for (uint32_t cpu = p->first_cpu; cpu < p->end_cpu; cpu++)
        if (!tp_read_drained(&p->reader[cpu]))
            return false; /* a writer is still in the middle of a record */
    return true;
}

/* After all data: a mark with the final counts of each CPU, then the end. */
static bool chunk_make_end(const struct tp_trace *t, struct tp_pipe *p)
{
    if (!p->ending) {
        if (!chunk_all_drained(p))
            return false;
        p->ending = true;
        p->mark_cpu = p->first_cpu;
    }
    if (p->mark_cpu < p->end_cpu) {
        struct tp_reader *d = &p->reader[p->mark_cpu], now = *d;
        uint64_t time;

        if (chunk_make_base(t, p, d, 0))
            return true;
        tp_read_lost(&now);
        time = t->previous ? 0 : tp_port_clock();
        tp_arch_fence();
        if (p != t->snapshot && __atomic_load_n(&t->running, __ATOMIC_ACQUIRE))
            return false; /* started meanwhile: its records may be older than this mark */
        p->mark_cpu++;
        chunk_raise_lost(d, now.lost);
        chunk_make_mark(t, p, d, time);
        return true;
    }
    p->ending = false;
    p->ended = true;
    p->mark_cpu = p->first_cpu;
    p->since_marks = 0;
    p->due = TP_DUE_TASKS | TP_DUE_CLOCK | TP_DUE_COUNTS | TP_DUE_END;
    return chunk_make_due(t, p);
}

bool tp_chunk_make(struct tp_trace *t, struct tp_pipe *p)
{
    uint32_t starts = __atomic_load_n(&t->starts, __ATOMIC_ACQUIRE);
    uint32_t flushes = __atomic_load_n(&t->flushes, __ATOMIC_ACQUIRE);
    bool stopped = p == t->snapshot || !__atomic_load_n(&t->running, __ATOMIC_ACQUIRE);
    bool much = p->since_marks >= MARKS_EVERY_BYTES(p);

    if (p->starts != starts) { /* started again: an ended dump goes on */
        p->starts = starts;
        p->ended &= p == t->snapshot;
        p->ending = false;
        p->mark_cpu = p->first_cpu;
    }
    if (!p->ended && (p->since_metadata >= METADATA_EVERY_BYTES || tp_chunk_metadata_grew(t, p)))
        p->due |= TP_DUE_START;
    if (!p->ended && p->clocks != __atomic_load_n(&t->tasks.wire->clocks, __ATOMIC_RELAXED))
        p->due |= TP_DUE_CLOCK;
    if (chunk_make_due(t, p))
        return true;
    if (p->ended)
        return false;
    if (!stopped && (much || chunk_skips_look(p)) && chunk_make_marks(t, p, much))
        return true;
    if (stopped && p->ending && chunk_skips_look(p) && tp_read_drained(&p->reader[p->mark_cpu]))
        return chunk_make_end(t, p);
    p->flushing |= p->flushes != flushes;
    p->flushes = flushes;
    if (chunk_make_oldest(t, p, stopped || p->flushing, stopped))
        return true;
    p->flushing = false;
    if (stopped)
        return chunk_make_end(t, p);
    /* Marks are about 1/32 of a second ago: sooner after a round the next promises little more. */
    if (p->mark_cpu == p->first_cpu && p->marks_time && tp_port_clock() - p->marks_time < MARGIN)
        return false;
    return p->since_marks && chunk_make_marks(t, p, true);
}
