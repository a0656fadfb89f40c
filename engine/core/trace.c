/* SPDX-License-Identifier: MIT */
/*
 * Opening, starting and stopping traces. A region is laid out as: the header,
 * twice; the trace with its pipes, the rings, the readers, the names of tasks, the
 * metadata, room for copies, and the sub-buffers of one CPU after the other.
 */
#include "core.h"

#define RING_BYTES_MAX (1u << 31) /* sub-buffers of one CPU */

struct tp_rings tp_rings[TP_TRACES_MAX];
uint32_t tp_running;
tp_word tp_clock_halves;

const char *tp_strerror(int error)
{
    switch (error) {
    case 0:
        return "no error";
    case TP_EINVAL:
        return "invalid argument or configuration";
    case TP_ESPACE:
        return "region too small";
    case TP_ELIMIT:
        return "limit exceeded";
    case TP_EBUSY:
        return "busy";
    case TP_ENOENT:
        return "no such event, trigger or probe, or no trace";
    case TP_EFORMAT:
        return "made by another engine";
    case TP_EDAMAGED:
        return "memory damaged";
    case TP_EEXIST:
        return "exists already";
    case TP_EIMAGE:
        return "not a section of events";
    case TP_EFILTER:
        return "wrong filter or trigger";
    case TP_EACCES:
        return "only to be read";
    case TP_ENOEVENTS:
        return "no events: is the section tp_events in the linker script?";
    case TP_EMEMORY:
        return "control memory is full: tp_control_memory";
    }
    return "unknown error";
}

static bool power_of_two(uint32_t n)
{
    return n && !(n & (n - 1));
}

static size_t align(size_t n)
{
    return (n + TP_CACHE_LINE - 1) & ~(size_t)(TP_CACHE_LINE - 1);
}

/* The pipe of the only CPU is that of all. */
static uint32_t cpu_pipes(const struct tp_config *c)
{
    return c->cpus > 1 ? c->cpus : 0;
}

/* One for the snapshot, and one for the pipe of each CPU; that of all uses the first of these. */
static size_t copies(const struct tp_layout *l)
{
    return l->pipe_copies ? 1 + (size_t)l->config.cpus : 1;
}

void tp_layout_make(struct tp_layout *l, size_t metadata_bytes)
{
    const struct tp_config *c = &l->config;

    l->metadata_bytes = metadata_bytes;
    l->pipe_copies = c->mode == TP_OVERWRITE;
    l->rings = TP_TRACE_AT + align(sizeof(struct tp_trace));
    l->readers = l->rings + align(c->cpus * sizeof(struct tp_ring));
    l->cpu_pipes = l->readers + align(2 * c->cpus * sizeof(struct tp_reader));
    l->told = l->cpu_pipes + align(cpu_pipes(c) * sizeof(struct tp_pipe));
    l->metadata = l->told + align(sizeof(struct tp_told));
    l->copies = l->metadata + align(metadata_bytes + c->spare_bytes);
    l->data = l->copies + (size_t)c->subbuf_bytes * copies(l);
    l->total = l->data + (size_t)c->subbufs * c->subbuf_bytes * c->cpus;
}

bool tp_layout_fits(const struct tp_layout *l)
{
    const struct tp_config *c = &l->config;

    return c->subbuf_bytes * (copies(l) + (uint64_t)c->subbufs * c->cpus) <= SIZE_MAX - l->copies;
}

/* The largest number of sub-buffers that fits, at least 2; of smaller ones (down to 1 KiB) if they
 * may be and there would not be 4. */
static void choose_subbufs(struct tp_layout *l, size_t metadata_bytes, size_t bytes, bool smaller)
{
    struct tp_config *c = &l->config;
    uint64_t room;

    for (;; c->subbuf_bytes /= 2) {
        tp_layout_make(l, metadata_bytes);
        room = bytes > l->data ? bytes - l->data : 0;
        if (!smaller || c->subbuf_bytes <= 1024 || 4ull * c->subbuf_bytes * c->cpus <= room)
            break;
    }
    for (c->subbufs = 2; 2ull * c->subbufs * c->subbuf_bytes <= RING_BYTES_MAX &&
                         2ull * c->subbufs * c->subbuf_bytes * c->cpus <= room;)
        c->subbufs *= 2;
}

static const char *subbufs_fault(const struct tp_config *c)
{
    uint32_t bytes = c->subbuf_bytes ? c->subbuf_bytes : TP_LIMIT_SUBBUF_BYTES_MIN;

    if (!power_of_two(bytes) || bytes < TP_LIMIT_SUBBUF_BYTES_MIN ||
        bytes > TP_LIMIT_SUBBUF_BYTES_MAX)
        return "subbuf_bytes: not a power of two from 512 to 262144";
    if (c->subbufs && (!power_of_two(c->subbufs) || c->subbufs < 2))
        return "subbufs: not a power of two from 2 on";
    if ((uint64_t)c->subbufs * bytes > RING_BYTES_MAX)
        return "subbufs: more than 2 GiB for each CPU";
    return NULL;
}

const char *tp_config_fault(const struct tp_config *c)
{
    if (!c->cpus || c->cpus > TP_CHUNK_NO_CPU)
        return "cpus: not from 1 to 65535";
    if (c->mode != TP_DISCARD && c->mode != TP_OVERWRITE)
        return "mode: neither TP_DISCARD nor TP_OVERWRITE";
    if (!tp_port_clock_hz())
        return "the port: tp_port_clock_hz() is 0";
    return subbufs_fault(c);
}

/* What stands in the metadata is padded to this. */
static size_t padded(size_t bytes)
{
    return (bytes + 7) & ~(size_t)7;
}

static size_t metadata_bytes(const struct tp_config *c)
{
    return padded(tp_metadata_write(NULL, 0, c));
}

/* 0 and the layout; with subbufs 0 the largest number that fits into `room`. */
static int plan(const struct tp_config *config, size_t room, struct tp_layout *l)
{
    struct tp_config *c = &l->config;

    memset(l, 0, sizeof(*l));
    *c = *config;
    if (!c->name)
        c->name = "trace";
    if (!c->subbuf_bytes)
        c->subbuf_bytes = 16384;
    if (tp_config_fault(c))
        return TP_EINVAL;
    if (c->spare_bytes > TP_LIMIT_METADATA_BYTES)
        return TP_ELIMIT;
    c->spare_bytes = (uint32_t)padded(c->spare_bytes);
    if (!c->subbufs) /* their size and number, when known, may take 4 bytes more each */
        choose_subbufs(l, metadata_bytes(c) + 8, room, !config->subbuf_bytes);
    tp_layout_make(l, metadata_bytes(c));
    if (l->metadata_bytes > TP_LIMIT_METADATA_BYTES - c->spare_bytes)
        return TP_ELIMIT;
    if (!tp_layout_fits(l))
        return TP_EINVAL;
    return 0;
}

size_t tp_region_bytes(const struct tp_config *config)
{
    struct tp_layout l;
    size_t bytes = 0;

    if (!tp_change_lock())
        return 0;
    if (!tp_events_init() && !plan(config, 0, &l))
        bytes = l.total;
    tp_change_unlock();
    return bytes;
}

/* Tells captures apart, also of boots whose counter starts at 0 each time: as far as it can. */
static uint64_t stream_number(void)
{
    static uint32_t opened;

    return (tp_port_clock() + ++opened) * 0x9e3779b97f4a7c15u;
}

struct tp_trace *tp_trace_build(uint8_t *base, const struct tp_layout *l, int slot, uint64_t stream)
{
    struct tp_trace *t = (struct tp_trace *)(void *)(base + TP_TRACE_AT);
    const size_t copy = l->config.subbuf_bytes;

    memset(t, 0, sizeof(*t));
    t->config = l->config;
    t->ring = (struct tp_ring *)(void *)(base + l->rings);
    t->told = (struct tp_told *)(void *)(base + l->told);
    t->metadata = base + l->metadata;
    t->metadata_bytes = (uint32_t)l->metadata_bytes;
    t->spare_bytes = l->config.spare_bytes;
    t->cpus = l->config.cpus;
    t->stream = stream;
    t->index = (uint8_t)slot;
    t->bell.trace = (uint32_t)slot;
    t->pipe.reader = (struct tp_reader *)(void *)(base + l->readers);
    t->snapshot.reader = t->pipe.reader + t->cpus;
    t->snapshot.copy = base + l->copies;
    t->snapshot.ended = true; /* until one is asked for */
    t->pipe.copy = l->pipe_copies ? base + l->copies + copy : NULL;
    t->cpu_pipe = t->cpus > 1 ? (struct tp_pipe *)(void *)(base + l->cpu_pipes) : &t->pipe;
    for (uint32_t cpu = 0; cpu < cpu_pipes(&l->config); cpu++) {
        memset(&t->cpu_pipe[cpu], 0, sizeof(t->cpu_pipe[cpu]));
        t->cpu_pipe[cpu].reader = t->pipe.reader;
        t->cpu_pipe[cpu].copy = t->pipe.copy ? t->pipe.copy + cpu * copy : NULL;
    }
    return t;
}

static struct tp_trace *build(uint8_t *base, const struct tp_layout *l, int slot)
{
    const struct tp_config *c = &l->config;
    const size_t each = (size_t)c->subbufs * c->subbuf_bytes;
    struct tp_trace *t;

    memset(base, 0, l->data); /* no header: until all is there, there is no region here */
    t = tp_trace_build(base, l, slot, stream_number());
    tp_metadata_write(base + l->metadata, l->metadata_bytes, c);
    for (uint32_t cpu = 0; cpu < c->cpus; cpu++)
        tp_ring_init(&t->ring[cpu], (uint16_t)cpu, base + l->data + cpu * each, c, t->stream,
                     &t->bell);
    tp_pipes_init(t);
    tp_region_write(base, l, t->stream);
    return t;
}

/* The rings of a trace are seen by whoever sees a bit of its in an event's mask: that is released.
 * Names that come from now on find the trace; those from before are copied into it. */
static void publish(struct tp_trace *t, size_t bytes)
{
    t->region_bytes = bytes;
    tp_rings[t->index] = (struct tp_rings){.ring = t->ring, .cpus = t->cpus};
    tp_slot_publish(t, bytes);
    tp_told_share();
}

static int open(struct tp_trace **trace, void *region, size_t bytes, const struct tp_config *config)
{
    struct tp_layout l;
    int slot, err = tp_events_init();

    if (!err && !tp_event_last())
        err = TP_ENOEVENTS;
    if (!err)
        err = plan(config, bytes, &l);
    if (err)
        return err;
    if (!region || (uintptr_t)region % TP_CACHE_LINE)
        return TP_EINVAL;
    if (l.total > bytes)
        return TP_ESPACE;
    slot = tp_slot_find(region, bytes, false);
    if (slot < 0)
        return slot;
    tp_crc_init();
    *trace = build(region, &l, slot);
    publish(*trace, bytes);
    tp_events_choose((unsigned)slot, "*", true); /* no module goes meanwhile: that has our lock */
    return 0;
}

int tp_open(struct tp_trace **trace, void *region, size_t bytes, const struct tp_config *config)
{
    int err;

    if (!tp_change_lock())
        return TP_EBUSY;
    err = open(trace, region, bytes, config);
    tp_change_unlock();
    if (!err)
        tp_sites_patch();
    return err;
}

/* A trace that is not running, and that nobody uses. A trigger may start it at any moment, but not
 * once it is withdrawn. */
static int withdraw(unsigned slot)
{
    if (tp_trace_runs(slot) || !tp_slot_withdraw(slot))
        return TP_EBUSY;
    if (!tp_trace_runs(slot))
        return 0;
    tp_slot_restore(slot);
    tp_told_share(); /* a name may have come meanwhile */
    return TP_EBUSY;
}

static int configure(struct tp_trace *trace, const struct tp_config *config)
{
    int slot = tp_slot_of(trace), err;
    size_t bytes;
    struct tp_layout l;

    if (slot < 0 || slot >= TP_TRACES_MAX)
        return TP_EINVAL;
    bytes = trace->region_bytes;
    err = plan(config, bytes, &l);
    if (!err && l.total > bytes)
        err = TP_ESPACE;
    if (!err)
        err = withdraw((unsigned)slot);
    if (err)
        return err;
    trace = build((uint8_t *)trace - TP_TRACE_AT, &l, slot);
    tp_rules_restart((unsigned)slot);
    publish(trace, bytes);
    return 0;
}

int tp_configure(struct tp_trace *trace, const struct tp_config *config)
{
    int err;

    if (!tp_change_lock())
        return TP_EBUSY;
    err = configure(trace, config);
    tp_change_unlock();
    return err;
}

/* For who has the lock that keeps traces from coming and going. */
static struct tp_trace *next_trace(unsigned *i)
{
    struct tp_trace *t = NULL;

    for (; !t && *i < TP_TRACES_MAX; ++*i)
        t = tp_trace_get(*i);
    return t;
}

int tp_traces_room(struct tp_event *const *start, uint32_t count)
{
    size_t bytes = padded(tp_metadata_more(NULL, 0, start, count));
    struct tp_trace *t;
    int err = 0;

    for (unsigned i = 0; (t = next_trace(&i)) != NULL; tp_trace_put(t->index))
        if (t->spare_bytes < bytes)
            err = TP_ESPACE;
    return err;
}

/* What was there stays as it is, so that a pipe may be in the middle of it. What is spare is zero,
 * so the padding is there. */
static void describe(struct tp_trace *t, struct tp_event *const *start, uint32_t count)
{
    uint32_t more = (uint32_t)padded(
        tp_metadata_more(t->metadata + t->metadata_bytes, t->spare_bytes, start, count));

    tp_region_grow((uint8_t *)t - TP_TRACE_AT, more);
    t->spare_bytes -= more;
    __atomic_store_n(&t->metadata_bytes, t->metadata_bytes + more, __ATOMIC_RELEASE);
    tp_ring_bell(&t->bell);
}

void tp_traces_describe(struct tp_event *const *start, uint32_t count)
{
    struct tp_trace *t;

    for (unsigned i = 0; (t = next_trace(&i)) != NULL; tp_trace_put(t->index))
        describe(t, start, count);
}

/* A call that comes late, which tp/trace.h forbids, is most likely counted as one from an unknown CPU:
 * not if it has loaded `cpus` before this store and `ring` after the next. */
static int close_live(unsigned slot)
{
    int err = tp_rules_close(slot);

    if (err)
        return err;
    tp_events_choose(slot, "*", false);
    __atomic_store_n(&tp_rings[slot].cpus, 0, __ATOMIC_RELAXED);
    tp_rings[slot].ring = NULL;
    return 0;
}

static int close(struct tp_trace *trace)
{
    int slot = tp_slot_of(trace), err;

    if (slot < 0)
        return slot;
    err = withdraw((unsigned)slot);
    if (err)
        return err;
    if (slot < TP_TRACES_MAX)
        err = close_live((unsigned)slot);
    if (err) {
        tp_slot_restore((unsigned)slot);
        tp_told_share();
        return err;
    }
    memset((uint8_t *)trace - TP_TRACE_AT, 0, TP_TRACE_AT);
    tp_slot_free((unsigned)slot);
    return 0;
}

int tp_close(struct tp_trace *trace)
{
    int err;

    if (!tp_change_lock())
        return TP_EBUSY;
    err = close(trace);
    tp_change_unlock();
    if (!err)
        tp_sites_patch();
    return err;
}

static int choose(struct tp_trace *trace, const char *pattern, bool want)
{
    int slot = tp_trace_hold_live(trace), err = TP_EBUSY;

    if (slot < 0)
        return slot;
    if (tp_events_begin()) {
        err = tp_events_choose((unsigned)slot, pattern, want);
        tp_events_end();
    }
    tp_trace_put((unsigned)slot);
    tp_sites_patch();
    return err;
}

int tp_enable(struct tp_trace *trace, const char *pattern)
{
    return choose(trace, pattern, true);
}

int tp_disable(struct tp_trace *trace, const char *pattern)
{
    return choose(trace, pattern, false);
}

/* One that does nothing has come before the one that does something: whoever changes the bit has
 * seen the other value. Two that change it at the same time may know different things; who is later
 * sees that, as in tp_event_update. */
void tp_trace_run(struct tp_trace *trace, bool running)
{
    const uint32_t bit = 1u << trace->index;
    bool runs;

    if (!!(__atomic_load_n(&tp_running, __ATOMIC_ACQUIRE) & bit) == running)
        return;
    tp_arch_set(&tp_running, bit, running);
    do {
        runs = __atomic_load_n(&tp_running, __ATOMIC_ACQUIRE) & bit;
        __atomic_store_n(&trace->running, runs, __ATOMIC_RELEASE);
        tp_arch_fence();
    } while (runs != !!(__atomic_load_n(&tp_running, __ATOMIC_ACQUIRE) & bit));
    if (running)
        tp_arch_add(&trace->starts, 1); /* who sees that sees that it runs */
    tp_events_run(trace->index);
    tp_ring_bell(&trace->bell);
}

/* Of a trace that is in use. */
static int start(struct tp_trace *trace)
{
    if (tp_trace_runs(trace->index))
        return TP_EBUSY;
    for (uint32_t cpu = 0; cpu < trace->cpus; cpu++)
        __atomic_store_n(&trace->ring[cpu].depth, 0, __ATOMIC_RELAXED); /* of writers that died */
    tp_trace_run(trace, true);
    return 0;
}

int tp_start(struct tp_trace *trace)
{
    int slot, err;

    if (!tp_change_lock())
        return TP_EBUSY;
    slot = tp_trace_hold_live(trace);
    err = slot < 0 ? slot : start(trace);
    if (slot >= 0)
        tp_trace_put((unsigned)slot);
    tp_change_unlock();
    if (!err)
        tp_sites_patch();
    return err;
}

/* Without the lock: nothing keeps a trace from being stopped. */
int tp_stop(struct tp_trace *trace)
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
        tp_sites_patch();
    return err;
}

uint32_t tp_strangers(const struct tp_trace *trace)
{
    int slot = tp_slot_of(trace);

    if (slot < 0 || slot >= TP_TRACES_MAX)
        return 0;
    return __atomic_load_n(&tp_rings[slot].strangers, __ATOMIC_RELAXED);
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

unsigned tp_number(const struct tp_trace *trace)
{
    return (unsigned)tp_slot_of(trace);
}

void tp_clock_tick(void)
{
    (void)tp_port_clock();
}
