/* SPDX-License-Identifier: MIT */
/*
 * tp/inner/ring.h - the hot path: reserve, (stores), commit.
 *
 * For the code that TP_EVENT generates and for the engine; a kernel does not call it. doc/design.md
 * has the protocol and the reasons why it is safe.
 *
 * Each CPU of a trace has a ring of sub-buffers, of 2^shift bytes each. A sub-buffer starts with its
 * chunk header. Its writer is the owning CPU, in any context; an interrupting context finishes before
 * the interrupted one continues.
 *
 * Letters: [i] constant after tp_trace_open   [c] written by the owning CPU only
 *          [p] written by the context that prepares a sub-buffer: the reader in discard mode, the
 *              owning CPU in overwrite mode
 *          [r] written by the reader only. doc/design.md has the orders.
 */
#ifndef TP_INNER_RING_H
#define TP_INNER_RING_H

#include <tp/knobs.h>
#include <tp/port.h>

#include <tp/inner/arch.h>
#include <tp/trace.h>
#include <tp/wire.h>

#define TP_CACHE_LINE 64

/* Else compilers make one function of what many events call, and each event saves registers. */
#define TP_RING_INLINE static inline __attribute__((__always_inline__))

/* Events that may be inside the engine on one CPU at a time: those of contexts that interrupt each
 * other, and those that the port's hooks fire. An event above this depth is refused. */
#define TP_DEPTH_MAX 8u

struct tp_ring {
    tp_word cursor;        /* [c] number of the sub-buffer << shift | next free offset. An offset
                              of 0 does not occur: a sub-buffer keeps its last 8 bytes free */
    uint32_t time_high;    /* [c] upper half of the counter that the reader knows here */
    uint32_t depth;        /* [c] events that are inside the engine */
    tp_word mask;          /* [i] size of a sub-buffer, 2^shift, - 1 */
    tp_word context_units; /* [i] units that a context word adds to a record; without it 0 */
    tp_word subbuf_mask;  /* [i] bits of a position that are the offset of its sub-buffer in data */
    uint8_t *data;        /* [i] the sub-buffers, in a row */
    uint16_t cpu;         /* [i] */
    uint8_t shift;        /* [i] */
    bool overwrite;       /* [i] */
    tp_word preparing;    /* [c] overwrite mode: a context is in prepare_next */
    uint64_t stream;      /* [i] of the trace */
    struct tp_bell *bell; /* [i] of the trace */
    /* On lines of their own, since two CPUs use them. */
    /* [p] position of the first sub-buffer that may not be entered */
    tp_word limit __attribute__((__aligned__(TP_CACHE_LINE)));
    uint64_t gone[2]; /* [p] events in all sub-buffers that are gone; doc/region.md */
    struct tp_count {
        uint32_t low, halves;    /* two words: 32-bit processors count past 2^32 too */
    } lost[TP_LOST_OVERWRITTEN]; /* [c] */
#if __SIZEOF_POINTER__ == 8
    uint8_t rest[TP_CACHE_LINE]; /* 256 bytes in all: a CPU's ring is found by a shift */
#endif
} __attribute__((__aligned__(TP_CACHE_LINE)));

/* How a sleeping reader is woken. */
struct tp_bell {
    uint32_t sleeping; /* set by the reader, cleared by the writer that rings */
    uint32_t trace;    /* [i] tp_trace_number() */
};

/* The rings of the open traces; bit i of an event's mask is trace i. */
#define TP_TRACES_MAX 8
#define tp_rings TP_PORT_SYMBOL(tp_rings)
struct tp_rings {
    struct tp_ring *ring; /* one for each CPU */
    uint32_t cpus;
    uint32_t strangers; /* events from other CPU numbers; not in the dump */
};
extern struct tp_rings tp_rings[TP_TRACES_MAX];

/* A record in the making. */
struct tp_slot {
    struct tp_ring *ring;
    struct tp_wire_record *rec;
    uint32_t *commit; /* of its sub-buffer: events << 16 | units */
    uint8_t *fields;  /* where the fixed part goes */
    uint32_t word;    /* of its header, not committed */
    uint32_t units; /* its length, as in `word`: a constant for the compiler, if it has no tails */
    uint32_t depth; /* events that were inside the engine before this one */
    uint32_t more;  /* tp_emit: bits of traces that are to get a record after this one */
};

/* The chunk header at the start of the sub-buffer of a position. In memory its payload_crc is the
 * commit word (TP_CHUNK_LIVE). The header is zero until a writer opens the sub-buffer. */
TP_RING_INLINE struct tp_wire_chunk *tp_ring_subbuf(const struct tp_ring *r, tp_word position)
{
    return (struct tp_wire_chunk *)(void *)(r->data + (position & r->subbuf_mask));
}

/* The number of the sub-buffer in this memory: the lower word of `seq` in its header, as wide as a
 * position. It is the first field to change when a sub-buffer is given up. */
static inline tp_word *tp_ring_seq(struct tp_wire_chunk *h)
{
    struct halves {
        tp_word half[sizeof(uint64_t) / sizeof(tp_word)];
    } __attribute__((__may_alias__)) *seq = (struct halves *)(void *)&h->seq;

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return &seq->half[0];
#else
    return &seq->half[sizeof(uint64_t) / sizeof(tp_word) - 1];
#endif
}

/* Is `end` in the sub-buffer of `cursor`? The last 8 bytes of a sub-buffer stay zero, which ends a
 * walk over its records: lengths are multiples of 8, so the end of a record that used these bytes
 * would be in the next sub-buffer. */
TP_RING_INLINE bool tp_ring_fits(const struct tp_ring *r, tp_word cursor, tp_word end)
{
    return (cursor ^ end) <= r->mask;
}

/* The counter in halves, because compilers do not see that the upper half of a number which they have
 * just put together is in a register already. */
struct tp_time {
    uint32_t low, high;
};

/* Only this CPU writes time_high. */
TP_RING_INLINE bool tp_ring_time_changed(const struct tp_ring *r, struct tp_time time)
{
    return time.high != r->time_high;
}

/* Read between the load of the cursor and its compare-and-swap, also in the compiler's order, so that
 * an earlier record has an earlier time. */
TP_RING_INLINE struct tp_time tp_ring_clock(void)
{
    struct tp_time time;

    tp_arch_barrier();
    time.low = tp_port_clock_halves(&time.high);
    tp_arch_barrier();
    return time;
}

/* Writes the header of a record that was reserved at `position`. The record is not whole yet, but an
 * image of the memory shows what was being written. */
TP_RING_INLINE void tp_ring_begin(struct tp_slot *s, tp_word position, uint32_t time_low)
{
    struct tp_wire_chunk *subbuf = tp_ring_subbuf(s->ring, position);
    uint32_t offset = (uint32_t)(position & s->ring->mask);

    s->rec = (struct tp_wire_record *)(void *)((uint8_t *)subbuf + offset);
    s->commit = &subbuf->payload_crc;
    s->fields = (uint8_t *)(s->rec + 1);
    s->rec->time_low = time_low;
    __atomic_store_n(&s->rec->word, s->word, __ATOMIC_RELAXED);
}

/* Publishes the record: first the record itself, then the count of its sub-buffer. Both release; they
 * pair with the reader's acquire loads in engine/core/read.c. */
TP_RING_INLINE void tp_ring_commit(const struct tp_slot *s, uint32_t events)
{
    __atomic_store_n(&s->rec->word, s->word | TP_RECORD_COMMITTED, __ATOMIC_RELEASE);
    tp_arch_local_add(s->commit, s->units + (events << 16));
}

TP_RING_INLINE void tp_ring_context(struct tp_slot *s)
{
    uint64_t context = tp_port_context();

    __builtin_memcpy(s->fields, &context, sizeof(context));
    s->fields += sizeof(context);
}

/* The length of an event's record with `bytes` of fields and tails, without a context word. */
#define TP_RING_UNITS(bytes) (((bytes) + 2 * TP_RECORD_UNIT - 1) / TP_RECORD_UNIT)
#define TP_RING_CONTEXT_UNITS (sizeof(struct tp_wire_context) / TP_RECORD_UNIT)
#define TP_RING_FIELDS_MAX (TP_RECORD_UNITS_MAX * TP_RECORD_UNIT - 16)

TP_RING_INLINE void tp_ring_head(struct tp_slot *s, uint32_t id, uint32_t units)
{
    s->units = units;
    s->word = TP_RECORD_WORD(id, units);
}

/* Enters the engine on this CPU. False: too many events are inside. An interrupt leaves `depth` as it
 * was, so this needs no atomic instruction. Where no hook can fire an event nothing is counted. */
TP_RING_INLINE bool tp_ring_enter(struct tp_slot *s, struct tp_ring *r)
{
    s->ring = r;
#ifndef tp_port_leaf
    s->depth = r->depth;
    if (__builtin_expect(s->depth >= TP_DEPTH_MAX, 0))
        return false;
    r->depth = s->depth + 1;
    tp_arch_barrier();
#endif
    return true;
}

TP_RING_INLINE void tp_ring_leave(const struct tp_slot *s)
{
#ifndef tp_port_leaf
    tp_arch_barrier();
    s->ring->depth = s->depth;
#else
    (void)s;
#endif
}

/* Counts a loss on this CPU. Only the context whose count makes a half of the low word full counts in
 * `halves`, so nesting loses no count. */
TP_RING_INLINE void tp_ring_count(struct tp_ring *r, enum tp_wire_lost cause)
{
    if (__builtin_expect(tp_arch_local_count(&r->lost[cause].low), 0))
        tp_arch_local_add(&r->lost[cause].halves, 1);
}

/* The bytes of a sub-buffer that the largest record cannot use: header, a time stamp, the last 8. */
#define TP_RING_STAMP_BYTES 16u
#define TP_RING_REST_BYTES (sizeof(struct tp_wire_chunk) + TP_RING_STAMP_BYTES + 8)

/* Does a record of `units` fit in an empty sub-buffer, with a context word? If not, the loss may be
 * TP_LOST_OVERSIZE. */
TP_RING_INLINE bool tp_ring_short(tp_word mask, uint32_t units)
{
    units += TP_RING_CONTEXT_UNITS;
    return units <= (TP_LIMIT_SUBBUF_BYTES_MIN - TP_RING_REST_BYTES) / TP_RECORD_UNIT ||
           units <= (mask + 1 - TP_RING_REST_BYTES) / TP_RECORD_UNIT;
}

/* Discard mode: is the sub-buffer that a record from `old` to `end` would have to enter still in
 * use by the reader? While it is, no context can have entered it, so the answer holds even if `old`
 * is not the cursor any more. `units`: of the record, perhaps without its context word. */
TP_RING_INLINE bool tp_ring_full(const struct tp_ring *r, tp_word old, tp_word end, uint32_t units,
                                 struct tp_time time)
{
    /* Makes the compiler load the fields of the ring again here, so that it keeps no register for
     * them. */
    __asm__("" : "+r"(r));
    if (r->overwrite || !tp_ring_short(r->mask, units))
        return false;
    if (tp_ring_time_changed(r, time))
        end += TP_RING_STAMP_BYTES;
    return !tp_ring_fits(r, old, end) &&
           (old | r->mask) + 1 == __atomic_load_n(&r->limit, __ATOMIC_RELAXED);
}

/* --- called by what TP_EVENT generates --- */

/* Does exactly one trace record the event, without a rule and without a probe? */
TP_RING_INLINE bool tp_mask_single(uint32_t mask)
{
    return mask - 1 < 1u << (TP_TRACES_MAX - 1) && !(mask & (mask - 1));
}

/* How an attempt ends. BEGUN: the record is begun. REFUSED: it is refused and counted, because the
 * buffer is full. MORE: nothing was done, because it does not simply fit. ALL: nothing was done,
 * because the event has a rule or a probe, or several traces record it. */
enum tp_try { TP_TRY_BEGUN, TP_TRY_REFUSED, TP_TRY_MORE, TP_TRY_ALL };

/*
 * Begins a record with `bytes` of fields and tails in the simple case: one trace records it, it fits,
 * and the reader knows the upper half of the time. Or refuses it, if the buffer is simply full.
 *
 * All that need not come before the compare-and-swap comes after it: some processors execute nothing
 * else while they read the clock, and each register that is live here is one to save. That is why
 * the id comes by its address, and why a record with a context word has a branch of its own: without
 * one, its length is a constant.
 */
TP_RING_INLINE enum tp_try tp_record_try(struct tp_slot *s, uint32_t mask, const uint16_t *id,
                                         uint32_t bytes)
{
    struct tp_rings *t = &tp_rings[0];
    uint32_t cpu, units = TP_RING_UNITS(bytes);
    enum tp_try result = TP_TRY_MORE;
    struct tp_time time;
    tp_word old, end, context_units;

    if (__builtin_expect(mask != 1, 0)) {
        if (!tp_mask_single(mask))
            return TP_TRY_ALL;
        t = &tp_rings[tp_arch_bit(mask)];
    }
    if (__builtin_expect(bytes > TP_RING_FIELDS_MAX, 0))
        return TP_TRY_MORE;
    tp_port_pin();
    cpu = tp_port_cpu();
    if (__builtin_expect(cpu < t->cpus && tp_ring_enter(s, &t->ring[cpu]), 1)) {
        old = __atomic_load_n(&s->ring->cursor, __ATOMIC_RELAXED);
        time = tp_ring_clock();
        context_units = s->ring->context_units;
        end = old + (units + context_units) * TP_RECORD_UNIT;
        if (__builtin_expect(!tp_ring_time_changed(s->ring, time) &&
                                 tp_ring_fits(s->ring, old, end) &&
                                 tp_arch_local_cas(&s->ring->cursor, old, end),
                             1)) {
            if (__builtin_expect(!context_units, 1)) {
                tp_ring_head(s, *id, units);
                tp_ring_begin(s, old, time.low);
            } else {
                tp_ring_head(s, *id, units + TP_RING_CONTEXT_UNITS);
                tp_ring_begin(s, old, time.low);
                tp_ring_context(s);
            }
            return TP_TRY_BEGUN;
        }
        if (tp_ring_full(s->ring, old, end, units, time)) {
            tp_ring_count(s->ring, TP_LOST_FULL);
            result = TP_TRY_REFUSED;
        }
        tp_ring_leave(s);
    }
    tp_port_unpin();
    return result;
}

/* Begins a record in trace `index`, simple or not. False: it is refused and counted. In
 * engine/core/ring.c. */
bool tp_record_begin(struct tp_slot *s, unsigned index, uint32_t id, uint32_t bytes);
/* The same in the only trace that records the event: BEGUN, REFUSED or ALL. */
struct tp_event;
enum tp_try tp_record_start(struct tp_slot *s, const struct tp_event *e, uint32_t bytes);

/* Commits the record and leaves the engine. */
TP_RING_INLINE void tp_record_end(struct tp_slot *s)
{
    tp_ring_commit(s, 1);
    tp_ring_leave(s);
    tp_port_unpin();
}

/* The same, not inline: code that is compiled for size calls it from each event. */
void tp_record_close(struct tp_slot *s);
#ifdef __OPTIMIZE_SIZE__
#define TP_RECORD_END tp_record_close
#else
#define TP_RECORD_END tp_record_end
#endif

#endif
