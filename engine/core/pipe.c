/* SPDX-License-Identifier: MIT */
/*
 * The pipes and the snapshot: let the caller take one chunk after the other (chunk.c), in pieces.
 * There is a pipe of all CPUs, and one of each; where there is one CPU, they are the same. What is
 * read of a CPU is read once: they share its reader.
 */
#include "core.h"

/* In tp_bell.sleeping. The doorbell takes both back. */
#define SLEEPS_ALL 1u /* the reader of all CPUs */
#define SLEEPS_ONE 2u /* readers of one CPU */

/* --- who is inside ---
 *
 * One caller is inside a pipe at a time. And since a chunk of data is read by nobody else until it
 * is consumed, either the pipe of all CPUs or any of the others is in the middle of chunks: it is
 * `open` from the call that begins one to the one that takes its end. Each side first says that it
 * is and then looks at the other; two that come at the same time may both be refused. */

static void pipe_shut(struct tp_trace *t, struct tp_pipe *p)
{
    if (!p->open)
        return;
    p->open = false;
    if (p == &t->pipe)
        __atomic_store_n(&t->open_all, 0, __ATOMIC_RELEASE);
    else
        tp_arch_add(&t->open_cpus, -1u);
}

static bool pipe_open_one(struct tp_trace *t, struct tp_pipe *p)
{
    const uint32_t *others = p == &t->pipe ? &t->open_cpus : &t->open_all;

    if (p->open || p == &t->snapshot)
        return true;
    if (p == &t->pipe)
        __atomic_store_n(&t->open_all, 1, __ATOMIC_RELAXED);
    else
        tp_arch_add(&t->open_cpus, 1);
    p->open = true;
    tp_arch_fence(); /* pairs with that of the other side: one of the two sees the other */
    if (!__atomic_load_n(others, __ATOMIC_ACQUIRE))
        return true;
    pipe_shut(t, p);
    return false;
}

static bool pipe_enter(struct tp_trace *t, struct tp_pipe *p)
{
    if (tp_arch_swap(&p->busy, 1))
        return false;
    __atomic_store_n(&p->turns, p->turns + 1, __ATOMIC_RELAXED);
    tp_arch_fence_release(); /* before what is changed inside: pairs with that in `turn` */
    if (pipe_open_one(t, p))
        return true;
    __atomic_store_n(&p->busy, 0, __ATOMIC_RELEASE);
    return false;
}

static void pipe_leave(struct tp_trace *t, struct tp_pipe *p)
{
    if (!p->head.size_bytes)
        pipe_shut(t, p);
    __atomic_store_n(&p->busy, 0, __ATOMIC_RELEASE);
}

/* --- reading --- */

/* The piece that comes next: the rest of the header, or the rest of the payload. */
static uint32_t pipe_piece(struct tp_trace *t, struct tp_pipe *p, const void **data)
{
    if (!p->head.size_bytes && !tp_chunk_make(t, p))
        return 0;
    if (p->done < TP_HEAD_BYTES) {
        *data = (const uint8_t *)&p->head + p->done;
        return TP_HEAD_BYTES - p->done;
    }
    *data = p->payload + (p->done - TP_HEAD_BYTES);
    return p->head.size_bytes - p->done;
}

static void pipe_advance(struct tp_pipe *p, uint32_t bytes)
{
    p->done += bytes;
    if (p->done < p->head.size_bytes)
        return;
    if (p->data.reader)
        tp_read_done(&p->data);
    p->head.size_bytes = 0;
}

static long pipe_peek(struct tp_trace *t, const void **data)
{
    long bytes;

    if (!pipe_enter(t, &t->pipe))
        return TP_EBUSY;
    bytes = (long)pipe_piece(t, &t->pipe, data);
    pipe_leave(t, &t->pipe);
    return bytes;
}

long tp_pipe_peek(struct tp_trace *trace, const void **data)
{
    int slot = tp_trace_hold(trace);
    long bytes;

    if (slot < 0)
        return slot;
    bytes = pipe_peek(trace, data);
    tp_trace_put((unsigned)slot);
    return bytes;
}

static int pipe_consume(struct tp_trace *t, size_t bytes)
{
    struct tp_pipe *p = &t->pipe;
    const void *data;
    int err = 0;

    if (!pipe_enter(t, p))
        return TP_EBUSY;
    if (bytes && (!p->head.size_bytes || bytes > pipe_piece(t, p, &data)))
        err = TP_EINVAL;
    else if (bytes)
        pipe_advance(p, (uint32_t)bytes);
    pipe_leave(t, p);
    return err;
}

int tp_pipe_consume(struct tp_trace *trace, size_t bytes)
{
    int slot = tp_trace_hold(trace), err;

    if (slot < 0)
        return slot;
    err = pipe_consume(trace, bytes);
    tp_trace_put((unsigned)slot);
    return err;
}

static long pipe_read_bytes(struct tp_trace *t, struct tp_pipe *p, void *buffer, size_t bytes)
{
    uint8_t *to = buffer;
    size_t room = bytes;
    const void *data;
    uint32_t n;

    if (!pipe_enter(t, p))
        return TP_EBUSY;
    while (room && (n = pipe_piece(t, p, &data)) > 0) {
        n = n < room ? n : (uint32_t)room;
        memcpy(to, data, n);
        pipe_advance(p, n);
        to += n;
        room -= n;
    }
    p->reading = room < bytes; /* if there was nothing, it has ended */
    pipe_leave(t, p);
    return (long)(bytes - room);
}

long tp_pipe_read(struct tp_trace *trace, void *buffer, size_t bytes)
{
    int slot = tp_trace_hold(trace);
    long n;

    if (slot < 0)
        return slot;
    n = pipe_read_bytes(trace, &trace->pipe, buffer, bytes);
    tp_trace_put((unsigned)slot);
    return n;
}

long tp_cpu_pipe_read(struct tp_trace *trace, uint32_t cpu, void *buffer, size_t bytes)
{
    int slot = tp_trace_hold(trace);
    long n = TP_EINVAL;

    if (slot < 0)
        return slot;
    if (cpu < trace->cpus)
        n = pipe_read_bytes(trace, &trace->cpu_pipe[cpu], buffer, bytes);
    tp_trace_put((unsigned)slot);
    return n;
}

/* --- beginning --- */

static void pipe_begin(const struct tp_trace *t, struct tp_pipe *p, uint32_t first_cpu,
                       uint32_t end_cpu)
{
    p->first_cpu = first_cpu;
    p->end_cpu = end_cpu;
    p->flags = t->previous ? TP_CHUNK_PREVIOUS : 0;
    p->starts = __atomic_load_n(&t->starts, __ATOMIC_ACQUIRE);
    p->flushes = __atomic_load_n(&t->flushes, __ATOMIC_ACQUIRE);
    p->flushing = p->ended = p->ending = false;
    p->head.size_bytes = 0;
    p->side_seq = 0;
    p->since_metadata = p->since_marks = 0;
    p->mark_cpu = first_cpu;
    p->due = TP_DUE_START;
    p->counted = 0;
}

static void pipe_begin_all(struct tp_trace *t, struct tp_pipe *p, bool snapshot)
{
    pipe_begin(t, p, 0, t->cpus);
    for (uint32_t cpu = 0; cpu < t->cpus; cpu++)
        tp_read_init(&p->reader[cpu], &t->ring[cpu], snapshot);
}

void tp_pipes_init(struct tp_trace *t)
{
    pipe_begin_all(t, &t->pipe, t->previous);
    for (uint32_t cpu = 0; cpu < t->cpus && t->cpu_pipe != &t->pipe; cpu++) {
        pipe_begin(t, &t->cpu_pipe[cpu], cpu, cpu + 1);
        t->cpu_pipe[cpu].told = t->pipe.told; /* of an earlier boot */
    }
}

/* `anew`: also if one is being read, which then has no end. */
static int pipe_begin_snapshot(struct tp_trace *t, bool anew)
{
    struct tp_pipe *p = &t->snapshot;
    bool may;

    if (!pipe_enter(t, p))
        return TP_EBUSY;
    may = anew || !p->reading;
    if (may) {
        pipe_begin_all(t, p, true);
        p->reading = false;
    }
    pipe_leave(t, p);
    return may ? 0 : TP_EBUSY;
}

int tp_snapshot_offer(struct tp_trace *t)
{
    return pipe_begin_snapshot(t, false);
}

int tp_snapshot_begin(struct tp_trace *trace)
{
    int slot = tp_trace_hold_live(trace), err;

    if (slot < 0)
        return slot;
    err = pipe_begin_snapshot(trace, true);
    tp_trace_put((unsigned)slot);
    return err;
}

long tp_snapshot_read(struct tp_trace *trace, void *buffer, size_t bytes)
{
    int slot = tp_trace_hold(trace);
    long n;

    if (slot < 0)
        return slot;
    n = pipe_read_bytes(trace, &trace->snapshot, buffer, bytes);
    tp_trace_put((unsigned)slot);
    return n;
}

/* --- sleeping --- */

static bool pipe_has_ended(const struct tp_trace *t, const struct tp_pipe *p)
{
    return p->ended && p->starts == __atomic_load_n(&t->starts, __ATOMIC_ACQUIRE) && !p->due &&
           !p->head.size_bytes;
}

/* Data, or what is to be put out besides. */
static bool pipe_has_something(const struct tp_trace *t, const struct tp_pipe *p)
{
    if (p->head.size_bytes || p->due || tp_chunk_metadata_grew(t, p) ||
        __atomic_load_n(&t->flushes, __ATOMIC_RELAXED) != p->flushes ||
        !__atomic_load_n(&t->running, __ATOMIC_ACQUIRE))
        return !pipe_has_ended(t, p);
    for (uint32_t cpu = p->first_cpu; cpu < p->end_cpu; cpu++) {
        const struct tp_reader *d = &p->reader[cpu];

        if ((__atomic_load_n(&d->ring->cursor, __ATOMIC_ACQUIRE) ^ d->place) & ~d->ring->mask)
            return true;
    }
    return false;
}

static bool pipe_sleep_all(struct tp_trace *t)
{
    uint32_t *sleeping = &t->bell.sleeping;

    if (!pipe_enter(t, &t->pipe))
        return false;
    tp_arch_set(sleeping, SLEEPS_ALL, true);
    tp_arch_fence(); /* pairs with that in tp_ring_bell: one of the two sees the other */
    if (pipe_has_something(t, &t->pipe))
        tp_arch_set(sleeping, SLEEPS_ALL, false);
    pipe_leave(t, &t->pipe);
    return __atomic_load_n(sleeping, __ATOMIC_RELAXED) & SLEEPS_ALL;
}

bool tp_pipe_sleep(struct tp_trace *trace)
{
    int slot = tp_trace_hold(trace);
    bool sleeps;

    if (slot < 0)
        return false;
    sleeps = pipe_sleep_all(trace);
    tp_trace_put((unsigned)slot);
    return sleeps;
}

/* What others have asked for is not taken back: the doorbell may ring once for nobody. */
static bool pipe_sleep_one(struct tp_trace *t, struct tp_pipe *p)
{
    uint32_t *sleeping = &t->bell.sleeping;
    bool something;

    if (!pipe_enter(t, p))
        return false;
    tp_arch_set(sleeping, SLEEPS_ONE, true);
    tp_arch_fence(); /* as above */
    something = pipe_has_something(t, p);
    pipe_leave(t, p);
    return !something && __atomic_load_n(sleeping, __ATOMIC_RELAXED) & SLEEPS_ONE;
}

bool tp_cpu_pipe_sleep(struct tp_trace *trace, uint32_t cpu)
{
    int slot = tp_trace_hold(trace);
    bool sleeps;

    if (slot < 0)
        return false;
    sleeps = cpu < trace->cpus && pipe_sleep_one(trace, &trace->cpu_pipe[cpu]);
    tp_trace_put((unsigned)slot);
    return sleeps;
}

void tp_pipe_flush(struct tp_trace *trace)
{
    int slot = tp_trace_hold(trace);

    if (slot < 0)
        return;
    tp_arch_add(&trace->flushes, 1);
    tp_ring_bell(&trace->bell);
    tp_trace_put((unsigned)slot);
}

/* While somebody is inside it has not ended. */
static bool pipe_ended(struct tp_trace *t, struct tp_pipe *p)
{
    bool has;

    if (tp_arch_swap(&p->busy, 1))
        return false;
    has = pipe_has_ended(t, p);
    __atomic_store_n(&p->busy, 0, __ATOMIC_RELEASE);
    return has;
}

bool tp_pipe_ended(struct tp_trace *trace)
{
    int slot = tp_trace_hold(trace);
    bool has;

    if (slot < 0)
        return false;
    has = pipe_ended(trace, &trace->pipe);
    tp_trace_put((unsigned)slot);
    return has;
}

bool tp_cpu_pipe_ended(struct tp_trace *trace, uint32_t cpu)
{
    int slot = tp_trace_hold(trace);
    bool has;

    if (slot < 0)
        return false;
    has = cpu < trace->cpus && pipe_ended(trace, &trace->cpu_pipe[cpu]);
    tp_trace_put((unsigned)slot);
    return has;
}

/* --- the books --- */

#define STATS_TRIES 4

static TP_ARCH_RACY void pipe_copy_reader(struct tp_reader *to,
                                          const volatile struct tp_reader *from)
{
    const volatile uint64_t *in = (const volatile uint64_t *)from;
    struct unit {
        uint64_t u;
    } __attribute__((__may_alias__)) *out = (struct unit *)to;

    for (size_t i = 0; i < sizeof(*to) / sizeof(*out); i++)
        out[i].u = in[i];
}

/* How often somebody has come into the pipes that move this CPU's reader. False: somebody is in. */
static bool pipe_turn(const struct tp_trace *t, uint32_t cpu, uint32_t *turns)
{
    const struct tp_pipe *own = &t->cpu_pipe[cpu];

    tp_arch_fence_acquire();
    *turns = __atomic_load_n(&t->pipe.turns, __ATOMIC_RELAXED) +
             __atomic_load_n(&own->turns, __ATOMIC_RELAXED);
    return !(__atomic_load_n(&t->pipe.busy, __ATOMIC_ACQUIRE) |
             __atomic_load_n(&own->busy, __ATOMIC_ACQUIRE));
}

static void pipe_count(struct tp_reader *d, struct tp_trace_stats *stats)
{
    memset(stats, 0, sizeof(*stats));
    stats->unread = tp_read_unread(d);
    stats->read = d->read;
    stats->unfinished = d->unfinished;
    tp_read_lost(d);
    memcpy(stats->lost, d->lost, sizeof(stats->lost));
}

/* From a copy of the pipe's place, which stays where it is. No pipe is kept from being read: what
 * was counted while somebody came in is counted again. */
static int pipe_books(const struct tp_trace *t, uint32_t cpu, struct tp_trace_stats *stats)
{
    for (unsigned i = 0; i < STATS_TRIES; i++) {
        uint32_t before, behind;
        struct tp_reader d;

        if (!pipe_turn(t, cpu, &before))
            continue;
        pipe_copy_reader(&d, &t->pipe.reader[cpu]);
        if (!pipe_turn(t, cpu, &behind) || before != behind)
            continue;
        pipe_count(&d, stats);
        if (pipe_turn(t, cpu, &behind) && before == behind)
            return 0;
    }
    return TP_EBUSY;
}

int tp_trace_stats(struct tp_trace *trace, uint32_t cpu, struct tp_trace_stats *stats)
{
    int slot = tp_trace_hold(trace), err = TP_EINVAL;

    if (slot < 0)
        return slot;
    if (cpu < trace->cpus)
        err = pipe_books(trace, cpu, stats);
    tp_trace_put((unsigned)slot);
    return err;
}
