/* SPDX-License-Identifier: MIT */
/*
 * The ring's rare moments: a record that does not fit, a new upper half of
 * the time, refusal. tp/ring.h has the rest; doc/design.md tells why it holds.
 *
 * The life of a sub-buffer: all zero -> a writer moves the cursor into it, and
 * by that owns its header -> records -> a writer moves the cursor on and closes
 * it -> its commit word reaches its size -> the reader exports it, zeroes it and
 * gives it back by `consumed`.
 */
#include "engine.h"

#define HEAD_BYTES ((uint32_t)sizeof(struct tp_wire_chunk))
#define STAMP_BYTES 16u

/* Only the context that makes the low word zero carries, so no count is lost to nesting. */
static void count(struct tp_count *c)
{
    if (__atomic_fetch_add(&c->low, 1, __ATOMIC_RELEASE) == UINT32_MAX)
        __atomic_fetch_add(&c->high, 1, __ATOMIC_RELEASE);
}

uint64_t tp_count_read(const struct tp_count *c)
{
    uint32_t high, low, again = __atomic_load_n(&c->high, __ATOMIC_ACQUIRE);

    do {
        high = again;
        low = __atomic_load_n(&c->low, __ATOMIC_ACQUIRE);
        again = __atomic_load_n(&c->high, __ATOMIC_ACQUIRE);
    } while (again != high);
    return (uint64_t)high << 32 | low;
}

static bool refuse(const struct tp_slot *s, enum tp_wire_lost cause)
{
    if (TP_RECORD_ID(s->word) <= TP_ID_EVENT_MAX)
        count(&s->ring->lost[cause]);
    return false;
}

/* The 8 bytes behind the last record stay zero, which ends a walk over the records. */
static bool fits(const struct tp_ring *r, tp_word cursor, uint32_t bytes)
{
    return ((uint32_t)cursor & r->mask) + bytes < r->mask;
}

/* Writes the header of the sub-buffer that `cursor` starts and that this context has won.
 * size_bytes is not its own: whoever closes the sub-buffer, perhaps already, writes that. */
static void open_subbuf(struct tp_ring *r, tp_word cursor, uint64_t time, const uint64_t *lost)
{
    struct tp_wire_chunk *h = tp_ring_subbuf(r, cursor);

    tp_chunk_init(h, TP_CHUNK_DATA);
    h->flags = r->context_word ? TP_CHUNK_LIVE | TP_CHUNK_CONTEXT : TP_CHUNK_LIVE;
    h->cpu = r->cpu;
    h->seq = cursor >> r->shift;
    h->time = time;
    __atomic_store_n(&r->time_high, (uint32_t)(time >> 32), __ATOMIC_RELAXED);
    memcpy(h->lost, lost, sizeof(h->lost));
    tp_arch_local_add(&h->payload_crc, HEAD_BYTES / TP_RECORD_UNIT);
}

/* The rest of the sub-buffer that ends at `cursor` counts as committed, without events. */
static void close_subbuf(struct tp_ring *r, tp_word cursor)
{
    struct tp_wire_chunk *h = tp_ring_subbuf(r, cursor);
    uint32_t used = (uint32_t)cursor & r->mask;

    h->size_bytes = used;
    tp_arch_local_add(&h->payload_crc, (r->mask + 1 - used) / TP_RECORD_UNIT);
}

/* Moves the cursor to the start of the next sub-buffer, `bytes` of it taken after the header. */
enum next { NEXT_RETRY, NEXT_DONE, NEXT_FULL };
static enum next next_subbuf(struct tp_ring *r, tp_word old, uint64_t time, uint32_t bytes)
{
    tp_word start = (old | r->mask) + 1;
    uint64_t lost[TP_LOST_CAUSES] = {0};

    /* Pairs with the release in engine/pipe.c: what it has given back is zero. A difference, so
     * that positions may wrap. */
    if (start - (__atomic_load_n(&r->consumed, __ATOMIC_ACQUIRE) << r->shift) >
        (r->subbuf_mask | r->mask))
        return NEXT_FULL;
    /* Read before the cursor moves: then the counts grow from sub-buffer to sub-buffer. */
    for (unsigned i = 0; i < TP_LOST_OVERWRITTEN; i++)
        lost[i] = tp_count_read(&r->lost[i]);
    if (!tp_arch_local_cas(&r->cursor, old, start + HEAD_BYTES + bytes))
        return NEXT_RETRY;
    open_subbuf(r, start, time, lost);
    close_subbuf(r, old);
    return NEXT_DONE;
}

/* Puts the whole counter in front of a record, and tells the fast path that it stands there. An
 * interrupting context may do the same again; that costs 16 bytes and confuses nobody. */
static void stamp(struct tp_ring *r, tp_word position, uint64_t time)
{
    struct tp_slot s = {.ring = r};

    s.word = TP_RECORD_WORD(TP_ID_TIME, STAMP_BYTES / TP_RECORD_UNIT);
    tp_ring_begin(&s, position, time);
    memcpy(s.fields, &time, sizeof(time));
    tp_ring_commit(&s, 0);
    __atomic_store_n(&r->time_high, (uint32_t)(time >> 32), __ATOMIC_RELAXED);
}

bool tp_ring_reserve(struct tp_slot *s)
{
    struct tp_ring *r = s->ring;
    uint32_t bytes = (s->word >> 16) * TP_RECORD_UNIT;

    if (s->word & ~TP_RECORD_WORD(0xffff, TP_RECORD_UNITS_MAX) ||
        bytes > r->mask - 7 - HEAD_BYTES - STAMP_BYTES)
        return refuse(s, TP_LOST_OVERSIZE);
    for (;;) {
        tp_word old = __atomic_load_n(&r->cursor, __ATOMIC_RELAXED);
        uint64_t time = tp_ring_clock();
        uint32_t stamp_bytes = tp_ring_time_changed(r, time) ? STAMP_BYTES : 0;

        if (fits(r, old, stamp_bytes + bytes)) {
            if (!tp_arch_local_cas(&r->cursor, old, old + stamp_bytes + bytes))
                continue;
            if (stamp_bytes)
                stamp(r, old, time);
            tp_ring_begin(s, old + stamp_bytes, time);
            return true;
        }
        switch (next_subbuf(r, old, time, bytes)) {
        case NEXT_DONE:
            tp_ring_begin(s, (old | r->mask) + 1 + HEAD_BYTES, time);
            return true;
        case NEXT_FULL:
            return refuse(s, TP_LOST_FULL);
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
        s->ring = &t->ring[cpu];
        return true;
    }
    __atomic_fetch_add(&t->strangers, 1, __ATOMIC_RELAXED);
    tp_port_unpin();
    return false;
}

bool tp_record_begin(struct tp_slot *s, unsigned index, uint32_t id, uint32_t bytes)
{
    if (!tp_ring_pin(s, index))
        return false;
    s->word = tp_ring_word(s->ring, id, bytes);
    if (tp_ring_reserve(s)) {
        tp_ring_context(s);
        return true;
    }
    tp_port_unpin();
    return false;
}

void tp_ring_init(struct tp_ring *r, uint16_t cpu, uint8_t *data, uint32_t subbuf_bytes,
                  uint32_t subbufs, bool context)
{
    static const uint64_t lost[TP_LOST_CAUSES];

    memset(r, 0, sizeof(*r));
    memset(data, 0, (size_t)subbuf_bytes * subbufs);
    while (1u << r->shift != subbuf_bytes)
        r->shift++;
    r->mask = subbuf_bytes - 1;
    r->subbuf_mask = (tp_word)subbuf_bytes * (subbufs - 1);
    r->data = data;
    r->cpu = cpu;
    r->context_word = context ? sizeof(struct tp_wire_context) / TP_RECORD_UNIT << 16 : 0;
    r->cursor = HEAD_BYTES;
    open_subbuf(r, 0, tp_port_clock(), lost);
}
