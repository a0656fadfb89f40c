/* SPDX-License-Identifier: MIT */
/*
 * attach.c - a test vector of a region, through tp_trace_attach.
 *
 * A vector has its parts where it likes; the engine takes only what it has laid out itself. So the
 * parts are moved: metadata, tasks, each word of a ring state and the sub-buffers, as they are.
 */
#include <stdio.h>
#include <stdlib.h>

#include "../../engine/core/core.h"
#include "conform.h"

#define ATTACH_SKIP 77 /* exit status */

static const struct tp_wire_region *attach_header(const uint8_t *image, size_t bytes)
{
    static uint8_t heads[2 * TP_REGION_COPY_BYTES] __attribute__((aligned(8)));

    if (bytes < sizeof(heads))
        return NULL;
    memcpy(heads, image, sizeof(heads));
    tp_crc_init();
    return tp_region_find(heads);
}

/* Where its parts are to go; false: this machine cannot have left it. */
static bool attach_layout(const struct tp_wire_region *h, size_t bytes, struct tp_layout *l)
{
    memset(l, 0, sizeof(*l));
    l->config.cpus = h->cpus;
    l->config.subbuf_bytes = h->subbuf_bytes;
    l->config.subbufs = h->subbufs;
    l->config.mode = h->flags & TP_CHUNK_OVERWRITE ? TP_OVERWRITE : TP_DISCARD;
    l->config.context = h->flags & TP_CHUNK_CONTEXT;
    l->config.tasks = h->tasks ? h->tasks : TP_TASKS_NONE;
    l->config.no_metadata = !h->metadata_bytes;
    if (h->word_bytes != sizeof(tp_word) || h->region_bytes > bytes ||
        tp_config_fault(&l->config) || h->metadata_at + h->metadata_bytes > bytes)
        return false;
    tp_layout_make(l, h->metadata_bytes);
    return true;
}

static void attach_move_ring(const struct tp_wire_region *h, const uint8_t *from,
                             struct tp_ring *to)
{
    memcpy(&to->cursor, from + h->cursor_at, sizeof(to->cursor));
    memcpy(&to->limit, from + h->limit_at, sizeof(to->limit));
    memcpy(&to->gone, from + h->gone_at, sizeof(to->gone));
    memcpy(&to->lost, from + h->lost_at, sizeof(to->lost[0]) * TP_LOST_OVERWRITTEN);
}

static void attach_move(const uint8_t *image, const struct tp_wire_region *h,
                        const struct tp_layout *l, uint8_t *to)
{
    struct tp_wire_region head;

    tp_region_fill(&head, l, h->stream);
    head.generation = h->generation;
    head.metadata_crc = h->metadata_crc;
    head.events = h->events;
    head.events_crc = h->events_crc;
    for (uint8_t i = 0; i < 2; i++) {
        head.copy = i;
        head.header_crc = tp_region_crc(&head);
        memcpy(to + i * TP_REGION_COPY_BYTES, &head, sizeof(head));
    }
    memcpy(to + l->metadata, image + h->metadata_at, h->metadata_bytes);
    memcpy(to + l->tasks, image + h->tasks_at,
           sizeof(struct tp_wire_tasks) + h->tasks * sizeof(struct tp_wire_task));
    for (uint32_t cpu = 0; cpu < h->cpus; cpu++)
        attach_move_ring(h, image + h->rings_at + cpu * (size_t)h->ring_bytes,
                         (struct tp_ring *)(void *)(to + l->rings) + cpu);
    memcpy(to + l->data, image + h->data_at, (size_t)h->cpus * h->subbufs * h->subbuf_bytes);
}

static int attach_drain(struct tp_trace *t)
{
    static uint8_t bytes[65536];
    long n;

    while ((n = tp_pipe_read(t, bytes, sizeof(bytes))) > 0)
        if (fwrite(bytes, 1, (size_t)n, stdout) != (size_t)n)
            return 1;
    return n < 0 || !tp_pipe_ended(t) || fflush(stdout);
}

int conform_attach(const uint8_t *image, size_t bytes)
{
    const struct tp_wire_region *h = attach_header(image, bytes);
    struct tp_layout l;
    struct tp_trace *t;
    uint8_t *memory;
    int err;

    if (!h || !attach_layout(h, bytes, &l))
        return ATTACH_SKIP;
    memory = aligned_alloc(TP_CACHE_LINE,
                           (l.total + TP_CACHE_LINE) / TP_CACHE_LINE * TP_CACHE_LINE);
    if (!memory)
        return 1;
    memset(memory, 0, l.total);
    attach_move(image, h, &l, memory);
    err = tp_trace_attach(&t, memory, l.total);
    if (!err)
        err = attach_drain(t);
    else
        fprintf(stderr, "conform: tp_trace_attach: %s\n", tp_strerror(err));
    if (!err)
        err = tp_trace_close(t);
    free(memory);
    return err ? 1 : 0;
}
