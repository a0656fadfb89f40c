/* SPDX-License-Identifier: MIT */
/*
 * The pipes and the snapshot: they give out one chunk after the other (chunk.c), in pieces. A trace
 * has one pipe of all CPUs, or one of each, as it was configured.
 */
#include "core.h"

/* In tp_bell.sleeping. The doorbell clears both. */
#define SLEEPS_ALL 1u /* the reader of all CPUs */
#define SLEEPS_ONE 2u /* readers of one CPU */

/* --- one call is inside a pipe at a time --- */

/* Which pipe a call means: that of a CPU, or one of these. */
#define PIPE_ALL UINT32_MAX
#define PIPE_SNAPSHOT (UINT32_MAX - 1)

static struct tp_pipe *pipe_of(const struct tp_trace *t, uint32_t which)
{
    uint32_t pipes = tp_layout_pipes(&t->config);

    if (which == PIPE_SNAPSHOT)
        return t->snapshot;
    if (which == PIPE_ALL)
        return pipes == 1 ? t->pipe : NULL;
    return pipes == t->cpus && which < pipes ? &t->pipe[which] : NULL;
}

/* The pipe of a CPU as a caller names it, which is not to be one of the two above. */
static uint32_t pipe_cpu(uint32_t cpu)
{
    return cpu < TP_CHUNK_NO_CPU ? cpu : TP_CHUNK_NO_CPU;
}

static bool pipe_enter(struct tp_pipe *p)
{
    if (tp_arch_swap(&p->busy, 1))
        return false;
    __atomic_store_n(&p->turns, p->turns + 1, __ATOMIC_RELAXED);
    tp_arch_fence_release(); /* before the changes made inside; pairs with the fence in pipe_turn */
    return true;
}

static void pipe_leave(struct tp_pipe *p)
{
    __atomic_store_n(&p->busy, 0, __ATOMIC_RELEASE);
}

/* Holds the trace and enters its pipe. Returns the slot, for pipe_end, or an error. */
static int pipe_begin(struct tp_trace *trace, uint32_t which, struct tp_pipe **p)
{
    int slot = tp_trace_hold(trace);

    if (slot < 0)
        return slot;
    *p = pipe_of(trace, which);
    if (*p && pipe_enter(*p))
        return slot;
    tp_trace_put((unsigned)slot);
    return *p ? TP_EBUSY : TP_EINVAL;
}

static void pipe_end(struct tp_pipe *p, int slot)
{
    pipe_leave(p);
    tp_trace_put((unsigned)slot);
}

/* --- reading --- */

/* The piece that comes next: the rest of the header, or some of the payload. */
static uint32_t pipe_piece(struct tp_trace *t, struct tp_pipe *p, const void **data)
{
    if (!p->head.size_bytes && !tp_chunk_make(t, p))
        return 0;
    if (p->done >= TP_HEAD_BYTES)
        return tp_chunk_part(t, p, p->done - TP_HEAD_BYTES, data);
    *data = (const uint8_t *)&p->head + p->done;
    return TP_HEAD_BYTES - p->done;
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

long tp_pipe_peek(struct tp_trace *trace, const void **data)
{
    struct tp_pipe *p;
    int slot = pipe_begin(trace, PIPE_ALL, &p);
    long bytes;

    if (slot < 0)
        return slot;
    bytes = (long)pipe_piece(trace, p, data);
    pipe_end(p, slot);
    return bytes;
}

int tp_pipe_consume(struct tp_trace *trace, size_t bytes)
{
    struct tp_pipe *p;
    const void *data;
    int slot = pipe_begin(trace, PIPE_ALL, &p), err = 0;

    if (slot < 0)
        return slot;
    if (bytes && (!p->head.size_bytes || bytes > pipe_piece(trace, p, &data)))
        err = TP_EINVAL;
    else if (bytes)
        pipe_advance(p, (uint32_t)bytes);
    pipe_end(p, slot);
    return err;
}

static long pipe_read(struct tp_trace *trace, uint32_t which, void *buffer, size_t bytes)
{
    struct tp_pipe *p;
    int slot = pipe_begin(trace, which, &p);
    uint8_t *to = buffer;
    size_t room = bytes;
    const void *data;
    uint32_t n;

    if (slot < 0)
        return slot;
    while (room && (n = pipe_piece(trace, p, &data)) > 0) {
        n = n < room ? n : (uint32_t)room;
        memcpy(to, data, n);
        pipe_advance(p, n);
        to += n;
        room -= n;
    }
    p->reading = room < bytes; /* if there was nothing, it has ended */
    pipe_end(p, slot);
    return (long)(bytes - room);
}

long tp_pipe_read(struct tp_trace *trace, void *buffer, size_t bytes)
{
    return pipe_read(trace, PIPE_ALL, buffer, bytes);
}

long tp_cpu_pipe_read(struct tp_trace *trace, uint32_t cpu, void *buffer, size_t bytes)
{
    return pipe_read(trace, pipe_cpu(cpu), buffer, bytes);
}

long tp_snapshot_read(struct tp_trace *trace, void *buffer, size_t bytes)
{
    return pipe_read(trace, PIPE_SNAPSHOT, buffer, bytes);
}

/* --- beginning --- */

static void pipe_start(const struct tp_trace *t, struct tp_pipe *p, uint32_t first_cpu,
                       uint32_t end_cpu)
{
    p->first_cpu = p->mark_cpu = first_cpu;
    p->end_cpu = end_cpu;
    p->flags = t->previous ? TP_CHUNK_PREVIOUS : 0;
    p->starts = __atomic_load_n(&t->starts, __ATOMIC_ACQUIRE);
    p->flushes = __atomic_load_n(&t->flushes, __ATOMIC_ACQUIRE);
    p->flushing = p->ended = p->ending = false;
    p->head.size_bytes = 0;
    p->side_seq = 0;
    p->since_metadata = p->since_marks = 0;
    p->due = TP_DUE_START;
    p->counted = p->task = 0;
    for (uint32_t cpu = first_cpu; cpu < end_cpu; cpu++)
        tp_read_init(&p->reader[cpu], &t->ring[cpu], t->previous || p == t->snapshot);
}

void tp_pipes_init(struct tp_trace *t)
{
    uint32_t pipes = tp_layout_pipes(&t->config), each = t->config.cpu_pipes ? 1 : t->cpus;

    for (uint32_t i = 0; i < pipes; i++)
        pipe_start(t, &t->pipe[i], i * each, (i + 1) * each);
}

/* `anew`: even while one is being read, whose dump then has no end. */
static int pipe_snapshot(struct tp_trace *trace, bool anew)
{
    struct tp_pipe *p;
    int slot = pipe_begin(trace, PIPE_SNAPSHOT, &p), err = 0;

    if (slot < 0)
        return slot;
    if (trace->previous)
        err = TP_EINVAL;
    else if (!anew && p->reading)
        err = TP_EBUSY;
    else
        pipe_start(trace, p, 0, trace->cpus);
    p->reading &= err != 0;
    pipe_end(p, slot);
    return err;
}

int tp_snapshot_offer(struct tp_trace *trace)
{
    return pipe_snapshot(trace, false);
}

int tp_snapshot_begin(struct tp_trace *trace)
{
    return pipe_snapshot(trace, true);
}

/* --- sleeping --- */

static bool pipe_has_ended(const struct tp_trace *t, const struct tp_pipe *p)
{
    return p->ended && p->starts == __atomic_load_n(&t->starts, __ATOMIC_ACQUIRE) && !p->due &&
           !p->head.size_bytes;
}

/* Data, or something else that is to be exported. */
static bool pipe_has_something(const struct tp_trace *t, const struct tp_pipe *p)
{
    if (p->head.size_bytes || p->due || tp_chunk_metadata_grew(t, p) ||
        __atomic_load_n(&t->flushes, __ATOMIC_RELAXED) != p->flushes ||
        !__atomic_load_n(&t->running, __ATOMIC_ACQUIRE))
        return !pipe_has_ended(t, p);
    for (uint32_t cpu = p->first_cpu; cpu < p->end_cpu; cpu++)
        if (tp_read_was_left(&p->reader[cpu]))
            return true;
    return false;
}

/* The bit of one CPU's reader is not cleared here, since readers of other CPUs share it: the
 * doorbell may ring once too often. */
static bool pipe_sleep(struct tp_trace *trace, uint32_t which, uint32_t bit)
{
    uint32_t *sleeping = &trace->bell.sleeping;
    struct tp_pipe *p;
    int slot = pipe_begin(trace, which, &p);
    bool sleeps;

    if (slot < 0)
        return false;
    tp_arch_set(sleeping, bit, true);
    tp_arch_fence(); /* pairs with that in tp_ring_bell: one of the two sees the other */
    sleeps = !pipe_has_something(trace, p);
    if (!sleeps && bit == SLEEPS_ALL)
        tp_arch_set(sleeping, bit, false);
    pipe_leave(p);
    sleeps = sleeps && __atomic_load_n(sleeping, __ATOMIC_RELAXED) & bit;
    tp_trace_put((unsigned)slot);
    return sleeps;
}

bool tp_pipe_sleep(struct tp_trace *trace)
{
    return pipe_sleep(trace, PIPE_ALL, SLEEPS_ALL);
}

bool tp_cpu_pipe_sleep(struct tp_trace *trace, uint32_t cpu)
{
    return pipe_sleep(trace, pipe_cpu(cpu), SLEEPS_ONE);
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

/* False while another call is inside. */
static bool pipe_ended(struct tp_trace *trace, uint32_t which)
{
    struct tp_pipe *p;
    int slot = pipe_begin(trace, which, &p);
    bool has;

    if (slot < 0)
        return false;
    has = pipe_has_ended(trace, p);
    pipe_end(p, slot);
    return has;
}

bool tp_pipe_ended(struct tp_trace *trace)
{
    return pipe_ended(trace, PIPE_ALL);
}

bool tp_cpu_pipe_ended(struct tp_trace *trace, uint32_t cpu)
{
    return pipe_ended(trace, pipe_cpu(cpu));
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

/* The number of calls that have entered the pipe so far. False: one is inside. */
static bool pipe_turn(const struct tp_pipe *p, uint32_t *turns)
{
    tp_arch_fence_acquire();
    *turns = __atomic_load_n(&p->turns, __ATOMIC_RELAXED);
    return !__atomic_load_n(&p->busy, __ATOMIC_ACQUIRE);
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

/* Counts from a copy of the pipe's reader, which stays where it is. The pipe may be read meanwhile:
 * if a call has entered it, all is counted again. */
static int pipe_books(const struct tp_trace *t, uint32_t cpu, struct tp_trace_stats *stats)
{
    const struct tp_pipe *p = &t->pipe[t->config.cpu_pipes ? cpu : 0];

    for (unsigned i = 0; i < STATS_TRIES; i++) {
        uint32_t before, after;
        struct tp_reader d;

        if (!pipe_turn(p, &before))
            continue;
        pipe_copy_reader(&d, &p->reader[cpu]);
        if (!pipe_turn(p, &after) || before != after)
            continue;
        pipe_count(&d, stats);
        if (pipe_turn(p, &after) && before == after)
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
