/* SPDX-License-Identifier: MIT */
/*
 * The ring's rare moments: a record that does not fit, a new upper half of the time, refusal.
 * tp/inner/ring.h has the rest; doc/design.md says why it is correct.
 *
 * The life of a sub-buffer: ready (its number, else zero) -> a writer moves the cursor into it, and
 * by that owns its header -> records -> a writer moves the cursor on and closes it -> its commit
 * word reaches its size: complete -> tp_ring_prepare makes a later number of its memory.
 */
#include "core.h"

#define STAMP_BYTES TP_RING_STAMP_BYTES

/* `halves` counts the times that `low` has gone through half of its range. Only the context that
 * makes a half full adds to it, so no count is lost to nesting. */
void tp_count_add(struct tp_count *c)
{
    if ((tp_arch_add(&c->low, 1) | 1u << 31) == UINT32_MAX)
        tp_arch_add(&c->halves, 1);
}

/* The lowest bit of `halves` is the highest of `low`. If not, an add to `halves` is still to come,
 * or its context has died. `halves` is read first, so it is never ahead of `low`. */
uint64_t tp_count_read(const struct tp_count *c)
{
    uint32_t halves = __atomic_load_n(&c->halves, __ATOMIC_ACQUIRE);
    uint32_t low = __atomic_load_n(&c->low, __ATOMIC_ACQUIRE);

    halves += (halves ^ low >> 31) & 1;
    return (uint64_t)(halves >> 1) << 32 | low;
}

static bool ring_refuse(const struct tp_slot *s, enum tp_wire_lost cause)
{
    if (TP_RECORD_ID(s->word) <= TP_ID_EVENT_MAX)
        tp_ring_count(s->ring, cause);
    return false;
}

bool tp_ring_complete(const struct tp_ring *r, const struct tp_wire_chunk *h)
{
    uint32_t commit = __atomic_load_n(&h->payload_crc, __ATOMIC_ACQUIRE);

    return TP_COMMIT_UNITS(commit) == tp_ring_units(r);
}

void tp_ring_prepare(struct tp_ring *r, tp_word position)
{
    struct tp_wire_chunk *h = tp_ring_subbuf(r, position);
    tp_word number = position >> r->shift;
    uint8_t *rest = (uint8_t *)h + offsetof(struct tp_wire_chunk, time);

    tp_arch_fence_release(); /* of `limit`, which readers of `gone` load before and after */
    r->gone[number & 1] = r->gone[~number & 1] + TP_COMMIT_EVENTS(h->payload_crc);
    tp_arch_fence_release();
    __atomic_store_n(tp_ring_seq(h), number, __ATOMIC_RELAXED);
    tp_arch_fence_release();
    tp_arch_clear(h, offsetof(struct tp_wire_chunk, seq));
    tp_arch_clear(rest, tp_ring_bytes(r) - offsetof(struct tp_wire_chunk, time));
    tp_chunk_init(h, TP_CHUNK_DATA);
    h->flags = TP_CHUNK_LIVE;
    h->flags |= r->context_units ? TP_CHUNK_CONTEXT : 0;
    h->flags |= r->overwrite ? TP_CHUNK_OVERWRITE : 0;
    h->cpu = r->cpu;
    h->stream = r->stream;
    __atomic_store_n(&r->limit, position + tp_ring_bytes(r), __ATOMIC_RELEASE);
}

/* Overwrite mode: makes the sub-buffer after the current one ready, if its memory is free. A
 * context that was interrupted in here finishes it later. */
static __attribute__((__noinline__)) void ring_prepare_next(struct tp_ring *r)
{
    tp_word next;

    if (!tp_arch_local_cas(&r->preparing, 0, 1))
        return;
    tp_arch_barrier();
    next = (__atomic_load_n(&r->cursor, __ATOMIC_RELAXED) | r->mask) + 1;
    if (next == r->limit && tp_ring_complete(r, tp_ring_subbuf(r, next)))
        tp_ring_prepare(r, next);
    __atomic_store_n(&r->preparing, 0, __ATOMIC_RELEASE);
}

/* Pairs with the fence in pipe_sleep. */
void tp_ring_bell(struct tp_bell *bell)
{
    tp_arch_fence();
    if (__atomic_load_n(&bell->sleeping, __ATOMIC_RELAXED) && tp_arch_swap(&bell->sleeping, 0))
        tp_port_doorbell(bell->trace);
}

/* Completes the header of the sub-buffer at `cursor`, which this context owns; but not size_bytes:
 * the context that closes the sub-buffer, perhaps already, writes that. */
static void ring_open_subbuf(struct tp_ring *r, tp_word cursor, uint64_t time, const uint64_t *lost)
{
    struct tp_wire_chunk *h = tp_ring_subbuf(r, cursor);

    h->time = time;
    __atomic_store_n(&r->time_high, (uint32_t)(time >> 32), __ATOMIC_RELAXED);
    memcpy(h->lost, lost, TP_LOST_OVERWRITTEN * sizeof(h->lost[0])); /* the last cause stays zero */
    tp_arch_local_add(&h->payload_crc, TP_HEAD_BYTES / TP_RECORD_UNIT);
}

/* Commits the unused rest of the sub-buffer, from `cursor` on, without events. */
static void ring_close_subbuf(struct tp_ring *r, tp_word cursor)
{
    struct tp_wire_chunk *h = tp_ring_subbuf(r, cursor);
    uint32_t used = (uint32_t)(cursor & r->mask);

    h->size_bytes = used;
    tp_arch_local_add(&h->payload_crc, tp_ring_units(r) - used / TP_RECORD_UNIT);
}

/* Moves the cursor into the next sub-buffer, past its header and the record. A function of its own,
 * so that neither a record that fits nor ring_prepare_next pays for its stack. */
enum next { NEXT_RETRY, NEXT_DONE, NEXT_FULL };
static __attribute__((__noinline__)) enum next ring_enter_next(const struct tp_slot *s, tp_word old,
                                                               uint64_t time)
{
    struct tp_ring *r = s->ring;
    tp_word start = (old | r->mask) + 1;
    TP_ARCH_UNCLEARED uint64_t lost[TP_LOST_OVERWRITTEN];

    /* Pairs with the release in tp_ring_prepare: what may be entered is ready. */
    if (start == __atomic_load_n(&r->limit, __ATOMIC_ACQUIRE))
        return NEXT_FULL;
    /* Read before the cursor moves, so that the counts only grow from sub-buffer to sub-buffer. */
    for (unsigned i = 0; i < TP_LOST_OVERWRITTEN; i++)
        lost[i] = tp_count_read(&r->lost[i]);
    /* A reader that sees the cursor sees the sub-buffer ready: tp_read_unread loads the commit
     * words up to there without a look at `limit`. */
    tp_arch_fence_release();
    if (!tp_arch_local_cas(&r->cursor, old, start + TP_HEAD_BYTES + s->units * TP_RECORD_UNIT))
        return NEXT_RETRY;
    ring_open_subbuf(r, start, time, lost);
    ring_close_subbuf(r, old);
    return NEXT_DONE;
}

static inline enum next ring_next_subbuf(const struct tp_slot *s, tp_word old, uint64_t time)
{
    struct tp_ring *r = s->ring;
    enum next result;

    if (r->overwrite && (old | r->mask) + 1 == __atomic_load_n(&r->limit, __ATOMIC_RELAXED))
        ring_prepare_next(r);
    result = ring_enter_next(s, old, time);
    if (result == NEXT_DONE) {
        if (r->overwrite)
            ring_prepare_next(r);
        tp_ring_bell(r->bell); /* a reader waits until a sub-buffer is left */
    }
    return result;
}

/* Puts the whole counter before a record, and its upper half where the fast path compares. An
 * interrupting context may do the same again, which costs 16 bytes and harms nothing. */
static __attribute__((__noinline__)) void ring_stamp(struct tp_ring *r, tp_word position,
                                                     uint64_t time)
{
    TP_ARCH_UNCLEARED struct tp_slot s;

    s.ring = r;
    tp_ring_head(&s, TP_ID_TIME, STAMP_BYTES / TP_RECORD_UNIT);
    tp_ring_begin(&s, position, (uint32_t)time);
    memcpy(s.fields, &time, sizeof(time));
    tp_ring_commit(&s, 0);
    __atomic_store_n(&r->time_high, (uint32_t)(time >> 32), __ATOMIC_RELAXED);
    tp_arch_fence_release(); /* of later cursors: read_skip_rest loads time_high after one of them */
}

bool tp_ring_reserve(struct tp_slot *s)
{
    struct tp_ring *r = s->ring;
    uint32_t bytes = s->units * TP_RECORD_UNIT;

    if (s->units > TP_RECORD_UNITS_MAX || bytes > tp_ring_bytes(r) - TP_RING_REST_BYTES)
        return ring_refuse(s, TP_LOST_OVERSIZE);
    for (;;) {
        tp_word old = __atomic_load_n(&r->cursor, __ATOMIC_RELAXED);
        struct tp_time now = tp_ring_clock();
        uint64_t time = now.low | (uint64_t)now.high << 32;
        uint32_t stamp_bytes = tp_ring_time_changed(r, now) ? STAMP_BYTES : 0;

        if (tp_ring_fits(r, old, old + stamp_bytes + bytes)) {
            if (!tp_arch_local_cas(&r->cursor, old, old + stamp_bytes + bytes))
                continue;
            if (stamp_bytes)
                ring_stamp(r, old, time);
            tp_ring_begin(s, old + stamp_bytes, now.low);
            return true;
        }
        switch (ring_next_subbuf(s, old, time)) {
        case NEXT_DONE:
            tp_ring_begin(s, (old | r->mask) + 1 + TP_HEAD_BYTES, now.low);
            return true;
        case NEXT_FULL:
            return ring_refuse(s, r->overwrite ? TP_LOST_NESTED : TP_LOST_FULL);
        case NEXT_RETRY:
            break;
        }
    }
}

bool tp_ring_pin(struct tp_slot *s, unsigned index)
{
    struct tp_rings *t = &tp_rings[index];
    uint32_t cpu;

    tp_port_pin();
    cpu = tp_port_cpu();
    if (cpu < t->cpus) {
        if (tp_ring_enter(s, &t->ring[cpu]))
            return true;
        ring_refuse(s, TP_LOST_RECURSION);
    } else {
        tp_arch_add(&t->strangers, 1);
    }
    tp_port_unpin();
    return false;
}

void tp_ring_unpin(const struct tp_slot *s)
{
    tp_ring_leave(s);
    tp_port_unpin();
}

bool tp_record_begin(struct tp_slot *s, unsigned index, uint32_t id, uint32_t bytes)
{
    s->word = id;
    if (!tp_ring_pin(s, index))
        return false;
    tp_ring_head(s, id, TP_RING_UNITS(bytes) + (uint32_t)s->ring->context_units);
    if (tp_ring_reserve(s)) {
        if (s->ring->context_units)
            tp_ring_context(s);
        return true;
    }
    tp_ring_unpin(s);
    return false;
}

enum tp_try tp_record_start(struct tp_slot *s, const struct tp_event *e, uint32_t bytes)
{
    uint32_t mask = __atomic_load_n(&e->mask, __ATOMIC_ACQUIRE);

    if (!tp_mask_single(mask))
        return TP_TRY_ALL;
    return tp_record_begin(s, tp_arch_bit(mask), e->id, bytes) ? TP_TRY_BEGUN : TP_TRY_REFUSED;
}

void tp_record_close(struct tp_slot *s)
{
    tp_record_end(s);
}

void tp_ring_setup(struct tp_ring *r, uint16_t cpu, uint8_t *data, const struct tp_config *config,
                   uint64_t stream, struct tp_bell *bell)
{
    memset(r, 0, sizeof(*r));
    while (1u << r->shift != config->subbuf_bytes)
        r->shift++;
    r->mask = config->subbuf_bytes - 1;
    r->subbuf_mask = (tp_word)config->subbuf_bytes * (config->subbufs - 1);
    r->data = data;
    r->cpu = cpu;
    r->context_units = config->context ? TP_RING_CONTEXT_UNITS : 0;
    r->overwrite = config->mode == TP_OVERWRITE;
    r->stream = stream;
    r->bell = bell;
}

void tp_ring_init(struct tp_ring *r, uint16_t cpu, uint8_t *data, const struct tp_config *config,
                  uint64_t stream, struct tp_bell *bell)
{
    static const uint64_t lost[TP_LOST_OVERWRITTEN];
    tp_word start;

    tp_ring_setup(r, cpu, data, config, stream, bell);
    memset(data, 0, (size_t)config->subbuf_bytes * config->subbufs);
    start = (tp_word)TP_START_NUMBER << r->shift;
    for (uint32_t i = 0; i < config->subbufs; i++)
        tp_ring_prepare(r, start + i * config->subbuf_bytes);
    r->cursor = start + TP_HEAD_BYTES;
    ring_open_subbuf(r, start, tp_port_clock(), lost);
}
