/* SPDX-License-Identifier: MIT */
/*
 * Where things are in a region: the header, twice; the trace; the table of tasks, which stays where
 * it is when the trace is configured anew; the rings, the readers, the pipes, the metadata, room
 * for copies, and the sub-buffers of one CPU after the other.
 */
#include "core.h"
#include "seam.h"

#define RING_BYTES_MAX (1u << 31) /* sub-buffers of one CPU */

static bool layout_power_of_two(uint32_t n)
{
    return n && !(n & (n - 1));
}

static size_t layout_align(size_t n)
{
    return (n + TP_CACHE_LINE - 1) & ~(size_t)(TP_CACHE_LINE - 1);
}

uint32_t tp_layout_pipes(const struct tp_config *c)
{
    return c->cpu_pipes ? c->cpus : 1;
}

/* Sub-buffers that the snapshot and the pipes copy to. */
static size_t layout_copies(const struct tp_config *c)
{
    return !c->no_snapshot + (c->mode == TP_OVERWRITE ? (size_t)tp_layout_pipes(c) : 0);
}

void tp_layout_make(struct tp_layout *l, size_t metadata_bytes)
{
    const struct tp_config *c = &l->config;
    size_t readers = c->no_snapshot ? 1 : 2, pipes = tp_layout_pipes(c) + !c->no_snapshot;

    l->metadata_bytes = metadata_bytes;
    l->tasks = TP_TRACE_AT + layout_align(sizeof(struct tp_trace));
    l->rings = l->tasks + layout_align(tp_tasks_bytes(tp_tasks_room(c)));
    l->readers = l->rings + layout_align(c->cpus * sizeof(struct tp_ring));
    l->pipes = l->readers + layout_align(c->cpus * readers * sizeof(struct tp_reader));
    l->metadata = l->pipes + layout_align(pipes * sizeof(struct tp_pipe));
    l->copies = l->metadata + layout_align(metadata_bytes + c->spare_bytes);
    l->data = l->copies + c->subbuf_bytes * layout_copies(c);
    l->total = l->data + (size_t)c->subbufs * c->subbuf_bytes * c->cpus;
}

bool tp_layout_fits(const struct tp_layout *l)
{
    const struct tp_config *c = &l->config;

    return c->subbuf_bytes * (layout_copies(c) + (uint64_t)c->subbufs * c->cpus) <=
           SIZE_MAX - l->copies;
}

/* As many sub-buffers as fit, at least 2. `smaller`: of half the size, down to 1 KiB, until 4
 * fit. */
static void layout_choose_subbufs(struct tp_layout *l, size_t metadata_bytes, size_t bytes,
                                  bool smaller)
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

enum layout_fault {
    FAULT_NONE,
    FAULT_CPUS,
    FAULT_MODE,
    FAULT_TASKS,
    FAULT_SPARE,
    FAULT_SUBBUF_BYTES,
    FAULT_SUBBUFS,
    FAULT_RING
};

static enum layout_fault layout_fault(const struct tp_config *c)
{
    uint32_t bytes = c->subbuf_bytes ? c->subbuf_bytes : TP_LIMIT_SUBBUF_BYTES_MIN;

    if (!c->cpus || c->cpus > TP_CHUNK_NO_CPU)
        return FAULT_CPUS;
    if (c->mode != TP_DISCARD && c->mode != TP_OVERWRITE)
        return FAULT_MODE;
    if (c->tasks != TP_TASKS_NONE && c->tasks > TP_LIMIT_TASKS)
        return FAULT_TASKS;
    if (c->no_metadata && c->spare_bytes)
        return FAULT_SPARE;
    if (!layout_power_of_two(bytes) || bytes < TP_LIMIT_SUBBUF_BYTES_MIN ||
        bytes > TP_LIMIT_SUBBUF_BYTES_MAX)
        return FAULT_SUBBUF_BYTES;
    if (c->subbufs && (!layout_power_of_two(c->subbufs) || c->subbufs < 2))
        return FAULT_SUBBUFS;
    return (uint64_t)c->subbufs * bytes > RING_BYTES_MAX ? FAULT_RING : FAULT_NONE;
}

const char *tp_config_fault(const struct tp_config *c)
{
    static const char *const text[] = {
        [FAULT_NONE] = NULL,
        [FAULT_CPUS] = "cpus: not from 1 to 65535",
        [FAULT_MODE] = "mode: neither TP_DISCARD nor TP_OVERWRITE",
        [FAULT_TASKS] = "tasks: more than 65536",
        [FAULT_SPARE] = "spare_bytes: with no_metadata there is nothing to add to",
        [FAULT_SUBBUF_BYTES] = "subbuf_bytes: not a power of two from 512 to 262144",
        [FAULT_SUBBUFS] = "subbufs: not a power of two from 2 on",
        [FAULT_RING] = "subbufs: more than 2 GiB for each CPU",
    };

    return text[layout_fault(c)];
}

size_t tp_layout_padded(size_t bytes)
{
    return (bytes + 7) & ~(size_t)7;
}

static size_t layout_metadata_bytes(const struct tp_config *c)
{
    return c->no_metadata ? 0 : tp_layout_padded(tp_metadata_write(NULL, 0, 0, c));
}

int tp_layout_plan(const struct tp_config *config, size_t room, struct tp_layout *l)
{
    struct tp_config *c = &l->config;

    memset(l, 0, sizeof(*l));
    *c = *config;
    c->name = c->name ? c->name : "trace";
    c->subbuf_bytes = c->subbuf_bytes ? c->subbuf_bytes : 16384;
    c->tasks = c->tasks ? c->tasks : 64;
    if (layout_fault(c))
        return TP_EINVAL;
    if (c->spare_bytes > TP_LIMIT_METADATA_BYTES)
        return TP_ELIMIT;
    c->spare_bytes = (uint32_t)tp_layout_padded(c->spare_bytes);
    if (!c->subbufs) /* in the metadata their size and number may take 4 bytes more each */
        layout_choose_subbufs(l, layout_metadata_bytes(c) + 8, room, !config->subbuf_bytes);
    tp_layout_make(l, layout_metadata_bytes(c));
    if (l->metadata_bytes > TP_LIMIT_METADATA_BYTES - c->spare_bytes)
        return TP_ELIMIT;
    return tp_layout_fits(l) ? 0 : TP_EINVAL;
}

size_t tp_region_bytes(const struct tp_config *config)
{
    struct tp_layout l;
    size_t bytes = 0;

    if (!tp_change_lock())
        return 0;
    if (!tp_events_init() && !tp_layout_plan(config, 0, &l))
        bytes = l.total;
    tp_change_unlock();
    return bytes;
}
