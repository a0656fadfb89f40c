/* SPDX-License-Identifier: MIT */
/* Opening, starting and stopping traces. */
#include "core.h"
#include "seam.h"

/* Differs between captures, even of boots whose counter starts at 0 each time: as far as it can. */
static uint64_t trace_stream_number(void)
{
    static uint32_t opened;

    return (tp_port_clock() + ++opened) * 0x9e3779b97f4a7c15u;
}

struct tp_trace *tp_trace_build(uint8_t *base, const struct tp_layout *l, int slot, uint64_t stream)
{
    struct tp_trace *t = (struct tp_trace *)(void *)(base + TP_TRACE_AT);
    const struct tp_config *c = &l->config;
    struct tp_reader *readers = (struct tp_reader *)(void *)(base + l->readers);
    uint8_t *copy = base + l->copies;

    memset(t, 0, sizeof(*t));
    t->config = *c;
    t->ring = (struct tp_ring *)(void *)(base + l->rings);
    t->metadata = c->no_metadata ? NULL : base + l->metadata;
    t->metadata_bytes = (uint32_t)l->metadata_bytes;
    t->spare_bytes = c->spare_bytes;
    t->cpus = c->cpus;
    t->stream = stream;
    t->index = (uint8_t)slot;
    t->bell.trace = (uint32_t)slot;
    t->pipe = (struct tp_pipe *)(void *)(base + l->pipes);
    memset(t->pipe, 0, l->metadata - l->pipes);
    for (uint32_t i = 0; i < tp_layout_pipes(c); i++) {
        t->pipe[i].reader = readers;
        if (c->mode != TP_OVERWRITE)
            continue;
        t->pipe[i].copy = copy;
        copy += c->subbuf_bytes;
    }
    tp_tasks_init(&t->tasks, (struct tp_wire_tasks *)(void *)(base + l->tasks), tp_tasks_room(c));
    if (c->no_snapshot)
        return t;
    t->snapshot = t->pipe + tp_layout_pipes(c);
    t->snapshot->reader = readers + t->cpus;
    t->snapshot->copy = copy;
    t->snapshot->ended = true; /* until one is asked for */
    return t;
}

/* For a trace that does not keep its metadata. */
void tp_trace_describe(struct tp_trace *t)
{
    struct tp_pipe *p = t->pipe;

    t->metadata_bytes = (uint32_t)tp_layout_padded(tp_metadata_write(NULL, 0, 0, &t->config));
    t->metadata_crc = tp_metadata_crc(p->side, sizeof(p->side), &t->config);
}

/* `names`: keeps the table of tasks that is there. */
static struct tp_trace *trace_build(uint8_t *base, const struct tp_layout *l, int slot, bool names)
{
    const struct tp_config *c = &l->config;
    const size_t each = (size_t)c->subbufs * c->subbuf_bytes;
    struct tp_trace *t;

    memset(base, 0, l->tasks); /* no header: until all is there, this is no region */
    memset(base + (names ? l->rings : l->tasks), 0, l->data - (names ? l->rings : l->tasks));
    t = tp_trace_build(base, l, slot, trace_stream_number());
    if (c->no_metadata)
        tp_trace_describe(t);
    else
        tp_metadata_write(t->metadata, 0, l->metadata_bytes, c);
    for (uint32_t cpu = 0; cpu < c->cpus; cpu++)
        tp_ring_init(&t->ring[cpu], (uint16_t)cpu, base + l->data + cpu * each, c, t->stream,
                     &t->bell);
    tp_pipes_init(t);
    tp_region_write(base, l, t->stream);
    return t;
}

/* A context that sees a bit of a trace in an event's mask, which is released, sees its rings. */
static void trace_publish(struct tp_trace *t, size_t bytes)
{
    t->region_bytes = bytes;
    tp_rings[t->index] = (struct tp_rings){.ring = t->ring, .cpus = t->cpus};
    tp_slot_publish(t);
    tp_tasks_open(t);
}

/* Inline: where there is no pattern, which means all, what matches patterns is not linked. */
static inline __attribute__((__always_inline__)) int
trace_choose_events(unsigned trace, const char *pattern, bool want)
{
    struct tp_event *e;
    int err = TP_ENOENT;

    for (uint32_t id = 1; id <= tp_event_last(); id++) {
        e = tp_event_get(id);
        if (!e || (pattern && !tp_event_matches(e, pattern)))
            continue;
        tp_arch_set(&e->want, 1u << trace, want);
        tp_seam_update(e, trace);
        err = 0;
    }
    return err;
}

static int trace_open(struct tp_trace **trace, void *region, size_t bytes,
                      const struct tp_config *config)
{
    struct tp_layout l;
    int slot, err = tp_events_init();

    if (!err && !tp_event_last())
        err = TP_ENOEVENTS;
    if (!err)
        err = tp_layout_plan(config, bytes, &l);
    if (err)
        return err;
    if (!region || (uintptr_t)region % TP_CACHE_LINE)
        return TP_EINVAL;
    if (l.total > bytes || (l.config.no_metadata && !tp_events_alone()))
        return TP_ESPACE;
    slot = tp_slot_find(region, bytes, false);
    if (slot < 0)
        return slot;
    *trace = trace_build(region, &l, slot, false);
    trace_publish(*trace, bytes);
    trace_choose_events((unsigned)slot, NULL, true); /* the lock keeps modules from being removed */
    return 0;
}

int tp_trace_open(struct tp_trace **trace, void *region, size_t bytes,
                  const struct tp_config *config)
{
    int err;

    if (!tp_change_lock())
        return TP_EBUSY;
    err = trace_open(trace, region, bytes, config);
    tp_change_unlock();
    if (!err)
        tp_seam_patch();
    return err;
}

/* The trace must be neither running nor in use. A trigger may start it at any moment until it is
 * withdrawn, hence the second look. */
static int trace_withdraw(unsigned slot)
{
    if (tp_trace_runs(slot) || !tp_slot_withdraw(slot))
        return TP_EBUSY;
    if (!tp_trace_runs(slot))
        return 0;
    tp_slot_restore(slot);
    return TP_EBUSY;
}

static int trace_configure(struct tp_trace *trace, const struct tp_config *config)
{
    int slot = tp_slot_of(trace), err;
    size_t bytes;
    struct tp_layout l;
    bool names;

    if (slot < 0 || slot >= TP_TRACES_MAX)
        return TP_EINVAL;
    bytes = trace->region_bytes;
    err = tp_layout_plan(config, bytes, &l);
    if (!err && l.total > bytes)
        err = TP_ESPACE;
    if (!err)
        err = trace_withdraw((unsigned)slot);
    if (err)
        return err;
    names = tp_tasks_room(&trace->config) == tp_tasks_room(&l.config);
    trace = trace_build((uint8_t *)trace - TP_TRACE_AT, &l, slot, names);
    tp_seam_restart((unsigned)slot);
    trace_publish(trace, bytes);
    return 0;
}

int tp_trace_configure(struct tp_trace *trace, const struct tp_config *config)
{
    int err;

    if (!tp_change_lock())
        return TP_EBUSY;
    err = trace_configure(trace, config);
    tp_change_unlock();
    return err;
}

/* A late trace_ call, which tp/trace.h forbids, is most likely counted as one from an unknown CPU:
 * not if it loads `cpus` before this store and `ring` after the next. */
static int trace_close_live(unsigned slot)
{
    int err = tp_seam_close(slot);

    if (err)
        return err;
    trace_choose_events(slot, NULL, false);
    __atomic_store_n(&tp_rings[slot].cpus, 0, __ATOMIC_RELAXED);
    tp_rings[slot].ring = NULL;
    tp_tasks_close(slot);
    return 0;
}

static int trace_close(struct tp_trace *trace)
{
    int slot = tp_slot_of(trace), err;

    if (slot < 0)
        return slot;
    err = trace_withdraw((unsigned)slot);
    if (err)
        return err;
    if (slot < TP_TRACES_MAX)
        err = trace_close_live((unsigned)slot);
    if (err) {
        tp_slot_restore((unsigned)slot);
        return err;
    }
    memset((uint8_t *)trace - TP_TRACE_AT, 0, TP_TRACE_AT);
    tp_slot_free((unsigned)slot);
    return 0;
}

int tp_trace_close(struct tp_trace *trace)
{
    int err;

    if (!tp_change_lock())
        return TP_EBUSY;
    err = trace_close(trace);
    tp_change_unlock();
    if (!err)
        tp_seam_patch();
    return err;
}

static int trace_choose(struct tp_trace *trace, const char *pattern, bool want)
{
    int slot = tp_trace_hold_live(trace), err = TP_EBUSY;

    if (slot < 0)
        return slot;
    if (tp_events_begin()) {
        err = trace_choose_events((unsigned)slot, pattern, want);
        tp_events_end();
    }
    tp_trace_put((unsigned)slot);
    tp_seam_patch();
    return err;
}

int tp_trace_enable(struct tp_trace *trace, const char *pattern)
{
    return trace_choose(trace, pattern, true);
}

int tp_trace_disable(struct tp_trace *trace, const char *pattern)
{
    return trace_choose(trace, pattern, false);
}

/* A call that finds the bit as it wants it counts as made before the next change. Of two that
 * change it at the same time the later one sees that and repeats, as in tp_event_update. */
void tp_trace_run(struct tp_trace *trace, bool running)
{
    const uint32_t bit = 1u << trace->index;
    bool runs;

    if (tp_trace_runs(trace->index) == running)
        return;
    tp_arch_set(&tp_running, bit, running);
    do {
        runs = tp_trace_runs(trace->index);
        __atomic_store_n(&trace->running, runs, __ATOMIC_RELEASE);
        tp_arch_fence();
    } while (runs != tp_trace_runs(trace->index));
    if (running)
        tp_arch_add(&trace->starts, 1); /* a pipe that sees this sees `running` */
    tp_seam_update_all(trace->index);
    tp_ring_bell(&trace->bell);
}

/* The caller holds the trace. */
static int trace_start(struct tp_trace *trace)
{
    if (tp_trace_runs(trace->index))
        return TP_EBUSY;
    for (uint32_t cpu = 0; cpu < trace->cpus; cpu++)
        __atomic_store_n(&trace->ring[cpu].depth, 0, __ATOMIC_RELAXED); /* of dead writers */
    tp_trace_run(trace, true);
    return 0;
}

int tp_trace_start(struct tp_trace *trace)
{
    int slot, err;

    if (!tp_change_lock())
        return TP_EBUSY;
    slot = tp_trace_hold_live(trace);
    err = slot < 0 ? slot : trace_start(trace);
    if (slot >= 0)
        tp_trace_put((unsigned)slot);
    tp_change_unlock();
    if (!err)
        tp_seam_patch();
    return err;
}

/* Without the lock: nothing may keep a trace from being stopped. */
int tp_trace_stop(struct tp_trace *trace)
{
    int slot = tp_trace_hold_live(trace), err = TP_EBUSY;

    if (slot < 0)
        return slot;
    if (tp_trace_runs((unsigned)slot)) {
        tp_trace_run(trace, false);
        err = 0;
    }
    tp_trace_put((unsigned)slot);
    if (!err)
        tp_seam_patch();
    return err;
}

int tp_trace_config(const struct tp_trace *trace, struct tp_config *config)
{
    int slot = tp_trace_hold(trace);

    if (slot < 0)
        return slot;
    *config = trace->config;
    tp_trace_put((unsigned)slot);
    return 0;
}

unsigned tp_trace_number(const struct tp_trace *trace)
{
    return (unsigned)tp_slot_of(trace);
}

void tp_clock_tick(void)
{
    (void)tp_port_clock();
}
