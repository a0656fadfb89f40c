/* SPDX-License-Identifier: MIT */
/* The header of a region, twice, by which tools find it. */
#include "core.h"
#include "seam.h"

uint32_t tp_region_crc(const struct tp_wire_region *h)
{
    return tp_crc_around(h, h->header_bytes, offsetof(struct tp_wire_region, header_crc));
}

bool tp_region_has_magic(const struct tp_wire_region *h)
{
    return h->magic[0] == TP_WIRE_MAGIC0 && h->magic[1] == TP_WIRE_MAGIC1 &&
           h->magic[2] == TP_WIRE_MAGIC2 && h->magic[3] == TP_REGION_MAGIC3;
}

static bool region_good_header(const struct tp_wire_region *h, unsigned copy)
{
    return tp_region_has_magic(h) && h->copy == copy && h->order == TP_WIRE_ORDER &&
           h->header_bytes == sizeof(*h) && h->header_crc == tp_region_crc(h);
}

const struct tp_wire_region *tp_region_find(const uint8_t *base)
{
    const struct tp_wire_region *a = (const void *)base;
    const struct tp_wire_region *b = (const void *)(base + TP_REGION_COPY_BYTES);

    if (!region_good_header(a, 0))
        return region_good_header(b, 1) ? b : NULL;
    return region_good_header(b, 1) && (int32_t)(b->generation - a->generation) > 0 ? b : a;
}

void tp_region_fill(struct tp_wire_region *h, const struct tp_layout *l, uint64_t stream)
{
    const struct tp_config *c = &l->config;

    memset(h, 0, sizeof(*h));
    tp_header_init(h, TP_REGION_MAGIC3);
    h->word_bytes = sizeof(tp_word);
    h->header_bytes = sizeof(*h);
    h->flags |= c->context ? TP_CHUNK_CONTEXT : 0;
    h->flags |= c->mode == TP_OVERWRITE ? TP_CHUNK_OVERWRITE : 0;
    h->stream = stream;
    h->region_bytes = l->total;
    h->cpus = c->cpus;
    h->subbuf_bytes = c->subbuf_bytes;
    h->subbufs = c->subbufs;
    h->metadata_bytes = (uint32_t)l->metadata_bytes;
    h->ring_bytes = sizeof(struct tp_ring);
    h->metadata_at = l->metadata;
    h->tasks_at = l->tasks;
    h->tasks = tp_tasks_room(c);
    h->rings_at = l->rings;
    h->data_at = l->data;
    h->cursor_at = offsetof(struct tp_ring, cursor);
    h->limit_at = offsetof(struct tp_ring, limit);
    h->gone_at = offsetof(struct tp_ring, gone);
    h->lost_at = offsetof(struct tp_ring, lost);
    h->spare_bytes = c->spare_bytes;
}

/* Writes the copy that is not in force first, so that one is good at any moment. */
static void region_put(uint8_t *base, struct tp_wire_region *h)
{
    const struct tp_wire_region *old = tp_region_find(base);
    uint8_t first = old && !old->copy;

    h->generation = old ? old->generation + 1 : 1;
    h->metadata_crc = tp_crc(0, base + h->metadata_at, h->metadata_bytes);
    for (uint8_t i = 0; i < 2; i++) {
        struct tp_wire_region *to;

        tp_arch_fence_release(); /* the other copy is whole before this one changes */
        h->copy = first ^ i;
        h->header_crc = 0;
        to = (struct tp_wire_region *)(void *)(base + h->copy * TP_REGION_COPY_BYTES);
        *to = *h;
        tp_arch_barrier();
        __atomic_store_n(&to->header_crc, tp_region_crc(h), __ATOMIC_RELEASE);
    }
}

void tp_region_write(uint8_t *base, const struct tp_layout *l, uint64_t stream)
{
    struct tp_wire_region h;

    tp_region_fill(&h, l, stream);
    h.events = tp_image.count;
    h.events_crc = tp_events_crc();
    region_put(base, &h);
}

void tp_region_grow(uint8_t *base, uint32_t bytes)
{
    const struct tp_wire_region *old = tp_region_find(base);
    struct tp_wire_region h;

    if (!old)
        return; /* both are overwritten: there is nothing to update */
    h = *old;
    h.metadata_bytes += bytes;
    h.spare_bytes -= bytes;
    region_put(base, &h);
}
