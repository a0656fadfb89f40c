/* SPDX-License-Identifier: MIT */
/*
 * Opening, starting and stopping traces. A region is laid out as: the trace
 * with its pipe, the rings, the readers, the metadata, and the sub-buffers of
 * one CPU after the other.
 */
#include "engine.h"

#define RING_BYTES_MAX (1u << 31) /* sub-buffers of one CPU */

struct tp_rings tp_rings[TP_TRACES_MAX];
uint32_t tp_running;

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
        return "no such event";
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

struct layout {
    struct tp_config config; /* nothing left to choose */
    size_t rings, readers, metadata, data, total;
    size_t metadata_bytes;
};

/* The largest number of sub-buffers that fits, at least 2; of smaller ones (down to 1 KiB) if they
 * may be and there would not be 4. */
static void choose_subbufs(struct tp_config *c, uint64_t room, bool smaller)
{
    while (smaller && c->subbuf_bytes > 1024 && 4ull * c->subbuf_bytes * c->cpus > room)
        c->subbuf_bytes /= 2;
    for (c->subbufs = 2; 2ull * c->subbufs * c->subbuf_bytes <= RING_BYTES_MAX &&
                         2ull * c->subbufs * c->subbuf_bytes * c->cpus <= room;)
        c->subbufs *= 2;
}

/* 0 and the layout; with subbufs 0 the largest number that fits into `room`. */
static int plan(const struct tp_config *config, size_t room, struct layout *l)
{
    struct tp_config *c = &l->config;
    uint64_t total;

    memset(l, 0, sizeof(*l));
    *c = *config;
    if (!c->name)
        c->name = "trace";
    if (!c->subbuf_bytes)
        c->subbuf_bytes = 16384;
    if (!c->cpus || c->cpus > TP_CHUNK_NO_CPU || !power_of_two(c->subbuf_bytes) ||
        c->subbuf_bytes < TP_LIMIT_SUBBUF_BYTES_MIN ||
        c->subbuf_bytes > TP_LIMIT_SUBBUF_BYTES_MAX ||
        (c->subbufs && (!power_of_two(c->subbufs) || c->subbufs < 2)) ||
        (uint64_t)c->subbufs * c->subbuf_bytes > RING_BYTES_MAX || c->mode != TP_DISCARD ||
        !tp_port_clock_hz())
        return TP_EINVAL;
    l->rings = align(sizeof(struct tp_trace));
    l->readers = l->rings + align(c->cpus * sizeof(struct tp_ring));
    l->metadata = l->readers + align(c->cpus * sizeof(struct tp_reader));
    /* The size and number of sub-buffers, when known, may take 4 bytes more each. */
    l->metadata_bytes = tp_metadata_write(NULL, 0, c) + 8;
    if (l->metadata_bytes > TP_LIMIT_METADATA_BYTES)
        return TP_ELIMIT;
    l->data = l->metadata + align(l->metadata_bytes);
    if (!c->subbufs)
        choose_subbufs(c, room > l->data ? room - l->data : 0, !config->subbuf_bytes);
    total = l->data + (uint64_t)c->subbufs * c->subbuf_bytes * c->cpus;
    if (total > SIZE_MAX)
        return TP_EINVAL;
    l->total = (size_t)total;
    return 0;
}

size_t tp_region_bytes(const struct tp_config *config)
{
    struct layout l;

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

static void build(uint8_t *base, const struct layout *l, uint8_t index)
{
    struct tp_trace *t = (struct tp_trace *)(void *)base;
    struct tp_pipe *p = &t->pipe;
    const struct tp_config *c = &l->config;
    const size_t each = (size_t)c->subbufs * c->subbuf_bytes;
    size_t bytes;

    memset(base, 0, l->data);
    t->ring = (struct tp_ring *)(void *)(base + l->rings);
    t->cpus = c->cpus;
    t->index = index;
    p->reader = (struct tp_reader *)(void *)(base + l->readers);
    p->stream = stream_number();
    p->metadata = base + l->metadata;
    bytes = tp_metadata_write(base + l->metadata, l->metadata_bytes, c);
    p->metadata_bytes = (uint32_t)((bytes + 7) & ~(size_t)7);
    p->due = TP_DUE_START;
    for (uint32_t cpu = 0; cpu < c->cpus; cpu++)
        tp_ring_init(&t->ring[cpu], (uint16_t)cpu, base + l->data + cpu * each, c->subbuf_bytes,
                     c->subbufs, c->context);
}

int tp_open(struct tp_trace **trace, void *region, size_t bytes, const struct tp_config *config)
{
    struct layout l;
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
    build(region, &l, (uint8_t)slot);
    *trace = region;
    tp_rings[slot] = (struct tp_rings){.ring = (*trace)->ring, .cpus = (*trace)->cpus};
    tp_enable(*trace, "*"); /* an image without events is none the worse */
    return 0;
}

int tp_close(struct tp_trace *trace)
{
    if (trace->running)
        return TP_EBUSY;
    tp_disable(trace, "*");
    /* What comes late is from a stranger. */
    __atomic_store_n(&tp_rings[trace->index].cpus, 0, __ATOMIC_RELAXED);
    tp_rings[trace->index].ring = NULL;
    return 0;
}

int tp_enable(struct tp_trace *trace, const char *pattern)
{
    return tp_events_choose(1u << trace->index, pattern, true, trace->running);
}

int tp_disable(struct tp_trace *trace, const char *pattern)
{
    return tp_events_choose(1u << trace->index, pattern, false, trace->running);
}

static int run(struct tp_trace *trace, bool running)
{
    uint32_t bit = 1u << trace->index;

    if (trace->running == running)
        return TP_EBUSY;
    if (running) {
        trace->pipe.ended = trace->pipe.ending = false;
        trace->pipe.mark_cpu = 0;
        __atomic_fetch_or(&tp_running, bit, __ATOMIC_RELEASE);
    } else {
        __atomic_fetch_and(&tp_running, ~bit, __ATOMIC_RELEASE);
    }
    tp_events_run(bit, running);
    __atomic_store_n(&trace->running, running, __ATOMIC_RELEASE);
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
