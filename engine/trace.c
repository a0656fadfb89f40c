/* SPDX-License-Identifier: MIT */
/*
 * Opening, starting and stopping traces. A region is laid out as: the header,
 * twice; the trace with its pipes, the rings, the readers, the names of tasks, the
 * metadata, room for copies, and the sub-buffers of one CPU after the other.
 */
#include "engine.h"

#define RING_BYTES_MAX (1u << 31) /* sub-buffers of one CPU */

struct tp_rings tp_rings[TP_TRACES_MAX];
uint32_t tp_running;
struct tp_trace *tp_traces[TP_TRACES_MAX];
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
        return "no such event, or no trace";
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

bool tp_config_valid(const struct tp_config *c)
{
    return c->cpus && c->cpus <= TP_CHUNK_NO_CPU && power_of_two(c->subbuf_bytes) &&
           c->subbuf_bytes >= TP_LIMIT_SUBBUF_BYTES_MIN &&
           c->subbuf_bytes <= TP_LIMIT_SUBBUF_BYTES_MAX &&
           (!c->subbufs || (power_of_two(c->subbufs) && c->subbufs >= 2)) &&
           (uint64_t)c->subbufs * c->subbuf_bytes <= RING_BYTES_MAX &&
           (c->mode == TP_DISCARD || c->mode == TP_OVERWRITE) && tp_port_clock_hz();
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
    if (!tp_config_valid(c))
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

    if (tp_events_init() || plan(config, 0, &l))
        return 0;
    return l.total;
}

static int free_slot(void)
{
    for (int i = 0; i < TP_TRACES_MAX; i++)
        if (!tp_rings[i].ring)
            return i;
    return TP_ELIMIT;
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
    tp_told_copy(t->told);
    tp_region_write(base, l, t->stream);
    return t;
}

/* The rings of a trace are seen by whoever sees a bit of its in an event's mask: that is released.
 */
static void publish(struct tp_trace *t)
{
    tp_traces[t->index] = t;
    tp_rings[t->index] = (struct tp_rings){.ring = t->ring, .cpus = t->cpus};
}

int tp_open(struct tp_trace **trace, void *region, size_t bytes, const struct tp_config *config)
{
    struct tp_layout l;
    int slot, err = tp_events_init();

    if (!err)
        err = plan(config, bytes, &l);
    if (err)
        return err;
    if ((uintptr_t)region % TP_CACHE_LINE)
        return TP_EINVAL;
    if (l.total > bytes)
        return TP_ESPACE;
    slot = free_slot();
    if (slot < 0)
        return slot;
    tp_crc_init();
    *trace = build(region, &l, slot);
    (*trace)->region_bytes = bytes;
    publish(*trace);
    tp_enable(*trace, "*"); /* an image without events is none the worse */
    return 0;
}

static bool being_read(struct tp_trace *t)
{
    uint32_t busy = __atomic_load_n(&t->pipe.busy, __ATOMIC_ACQUIRE) |
                    __atomic_load_n(&t->snapshot.busy, __ATOMIC_ACQUIRE);

    for (uint32_t cpu = 0; cpu < t->cpus; cpu++)
        busy |= __atomic_load_n(&t->cpu_pipe[cpu].busy, __ATOMIC_ACQUIRE);
    return busy;
}

int tp_configure(struct tp_trace *trace, const struct tp_config *config)
{
    uint8_t *base = (uint8_t *)trace - TP_TRACE_AT;
    size_t bytes = trace->region_bytes;
    int slot = trace->index, err;
    struct tp_layout l;

    if (trace->previous)
        return TP_EINVAL;
    if (trace->running || being_read(trace))
        return TP_EBUSY;
    err = plan(config, bytes, &l);
    if (err)
        return err;
    if (l.total > bytes)
        return TP_ESPACE;
    trace = build(base, &l, slot);
    trace->region_bytes = bytes;
    tp_rules_restart((unsigned)slot);
    publish(trace);
    return 0;
}

int tp_traces_room(struct tp_event *const *start, uint32_t count)
{
    size_t bytes = padded(tp_metadata_more(NULL, 0, start, count));

    for (uint32_t i = 0; i < TP_TRACES_MAX; i++)
        if (tp_traces[i] && tp_traces[i]->spare_bytes < bytes)
            return TP_ESPACE;
    return 0;
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
    for (uint32_t i = 0; i < TP_TRACES_MAX; i++)
        if (tp_traces[i])
            describe(tp_traces[i], start, count);
}

int tp_close(struct tp_trace *trace)
{
    if (trace->running || being_read(trace))
        return TP_EBUSY;
    if (!trace->previous) {
        int err = tp_rules_close(trace->index);

        if (err)
            return err;
        tp_disable(trace, "*");
        /* A call that comes late, which tp/trace.h forbids, is most likely counted as one from an
         * unknown CPU: not if it has loaded `cpus` before this store and `ring` after the next. */
        __atomic_store_n(&tp_rings[trace->index].cpus, 0, __ATOMIC_RELAXED);
        tp_rings[trace->index].ring = NULL;
        tp_traces[trace->index] = NULL;
    }
    memset((uint8_t *)trace - TP_TRACE_AT, 0, TP_TRACE_AT);
    return 0;
}

static int choose(struct tp_trace *trace, const char *pattern, bool want)
{
    int err = tp_events_choose(trace->index, pattern, want);

    tp_sites_patch();
    return err;
}

int tp_enable(struct tp_trace *trace, const char *pattern)
{
    if (trace->previous)
        return TP_EINVAL;
    return choose(trace, pattern, true);
}

int tp_disable(struct tp_trace *trace, const char *pattern)
{
    if (trace->previous)
        return TP_EINVAL;
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

static int run(struct tp_trace *trace, bool running)
{
    if (trace->previous)
        return TP_EINVAL;
    if (trace->running == running)
        return TP_EBUSY;
    for (uint32_t cpu = 0; running && cpu < trace->cpus; cpu++)
        trace->ring[cpu].depth = 0; /* of writers that died */
    tp_trace_run(trace, running);
    tp_sites_patch();
    return 0;
}

int tp_start(struct tp_trace *trace)
{
    return run(trace, true);
}

int tp_stop(struct tp_trace *trace)
{
    return run(trace, false);
}

uint32_t tp_strangers(const struct tp_trace *trace)
{
    return __atomic_load_n(&tp_rings[trace->index].strangers, __ATOMIC_RELAXED);
}

const struct tp_config *tp_trace_config(const struct tp_trace *trace)
{
    return &trace->config;
}

unsigned tp_number(const struct tp_trace *trace)
{
    return trace->index;
}

void tp_clock_tick(void)
{
    (void)tp_port_clock();
}
