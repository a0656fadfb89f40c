/* SPDX-License-Identifier: MIT */
/*
 * The region as others find it: its header, and taking up one that an earlier
 * boot has left. Of such a region nothing is believed but a header with a good
 * checksum; every number in it is checked before it is used.
 */
#include "engine.h"

static uint32_t header_crc(const struct tp_wire_region *h)
{
    const uint8_t *bytes = (const uint8_t *)h;
    const size_t at = offsetof(struct tp_wire_region, header_crc);

    return tp_crc(tp_crc(0, bytes, at), bytes + at + 4, sizeof(*h) - at - 4);
}

static bool good_header(const struct tp_wire_region *h, unsigned copy)
{
    return h->magic[0] == TP_WIRE_MAGIC0 && h->magic[1] == TP_WIRE_MAGIC1 &&
           h->magic[2] == TP_WIRE_MAGIC2 && h->magic[3] == TP_REGION_MAGIC3 && h->copy == copy &&
           h->order == TP_WIRE_ORDER && h->header_bytes == sizeof(*h) &&
           h->header_crc == header_crc(h);
}

/* The copy that holds, or NULL. */
static const struct tp_wire_region *find(const uint8_t *base)
{
    const struct tp_wire_region *a = (const void *)base;
    const struct tp_wire_region *b = (const void *)(base + TP_REGION_COPY_BYTES);

    if (!good_header(a, 0))
        return good_header(b, 1) ? b : NULL;
    return good_header(b, 1) && (int32_t)(b->generation - a->generation) > 0 ? b : a;
}

static void fill(struct tp_wire_region *h, const struct tp_layout *l, uint64_t stream)
{
    const struct tp_config *c = &l->config;

    memset(h, 0, sizeof(*h));
    h->magic[0] = TP_WIRE_MAGIC0;
    h->magic[1] = TP_WIRE_MAGIC1;
    h->magic[2] = TP_WIRE_MAGIC2;
    h->magic[3] = TP_REGION_MAGIC3;
    h->order = TP_WIRE_ORDER;
    h->major = TP_WIRE_MAJOR;
    h->minor = TP_WIRE_MINOR;
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
    h->told_at = l->told;
    h->rings_at = l->rings;
    h->data_at = l->data;
    h->cursor_at = offsetof(struct tp_ring, cursor);
    h->limit_at = offsetof(struct tp_ring, limit);
    h->gone_at = offsetof(struct tp_ring, gone);
    h->lost_at = offsetof(struct tp_ring, lost);
    h->spare_bytes = c->spare_bytes;
}

/* One copy after the other, that which does not hold first, so that at any moment one is good. */
static void put(uint8_t *base, struct tp_wire_region *h)
{
    const struct tp_wire_region *old = find(base);
    uint8_t first = old && !old->copy;

    h->generation = old ? old->generation + 1 : 1;
    h->metadata_crc = tp_crc(0, base + h->metadata_at, h->metadata_bytes);
    for (uint8_t i = 0; i < 2; i++) {
        struct tp_wire_region *to;

        h->copy = first ^ i;
        h->header_crc = 0;
        to = (struct tp_wire_region *)(void *)(base + h->copy * TP_REGION_COPY_BYTES);
        *to = *h;
        __atomic_signal_fence(__ATOMIC_SEQ_CST);
        __atomic_store_n(&to->header_crc, header_crc(h), __ATOMIC_RELEASE);
    }
}

void tp_region_write(uint8_t *base, const struct tp_layout *l, uint64_t stream)
{
    struct tp_wire_region h;

    fill(&h, l, stream);
    put(base, &h);
}

void tp_region_grow(uint8_t *base, uint32_t bytes)
{
    const struct tp_wire_region *old = find(base);
    struct tp_wire_region h;

    if (!old)
        return; /* somebody wrote over both: nothing that could be told better */
    h = *old;
    h.metadata_bytes += bytes;
    h.spare_bytes -= bytes;
    put(base, &h);
}

/* --- an old one --- */

/* Its events up to the first record that makes no sense, and where that stands. */
struct check {
    uint32_t end, events;
    bool good;
};
static struct check check_records(const struct tp_ring *r, const struct tp_wire_chunk *h)
{
    const uint8_t *bytes = (const uint8_t *)h;
    struct check c = {.end = TP_HEAD_BYTES};
    const uint32_t room = tp_ring_bytes(r) - TP_RECORD_UNIT;
    bool whole = tp_ring_complete(r, h);

    while (c.end < room) {
        const struct tp_wire_record *rec = (const void *)(bytes + c.end);
        uint32_t units = TP_RECORD_UNITS(rec->word), id = TP_RECORD_ID(rec->word);

        if (whole ? c.end == h->size_bytes : !rec->word)
            break;
        if (!id || !units || units * TP_RECORD_UNIT > room - c.end || (rec->word & 0x70000000u) ||
            (whole && !(rec->word & TP_RECORD_COMMITTED)) || (id == TP_ID_TIME && units < 2))
            return c;
        c.events += id <= TP_ID_EVENT_MAX && (rec->word & TP_RECORD_COMMITTED);
        c.end += units * TP_RECORD_UNIT;
    }
    c.good = whole ? c.end == h->size_bytes && c.events == TP_COMMIT_EVENTS(h->payload_crc)
                   : c.events <= TP_COMMIT_EVENTS(h->payload_crc);
    return c;
}

static uint16_t live_flags(const struct tp_ring *r)
{
    uint16_t flags = TP_CHUNK_LIVE;

    flags |= r->context_units ? TP_CHUNK_CONTEXT : 0;
    flags |= r->overwrite ? TP_CHUNK_OVERWRITE : 0;
    return flags;
}

static bool good_chunk(const struct tp_ring *r, struct tp_wire_chunk *h, tp_word position)
{
    struct tp_wire_chunk want = *h;

    tp_chunk_init(&want, TP_CHUNK_DATA);
    want.cpu = r->cpu;
    want.stream = r->stream;
    want.flags = live_flags(r) | (h->flags & TP_CHUNK_DAMAGED);
    return tp_memory_same(&want, h, sizeof(want)) && *tp_ring_seq(h) == position >> r->shift &&
           TP_COMMIT_UNITS(h->payload_crc) <= tp_ring_units(r);
}

/* Makes it one that is complete and ends before the damage. */
static void cut(const struct tp_ring *r, struct tp_wire_chunk *h, tp_word position,
                const struct check *c)
{
    tp_chunk_init(h, TP_CHUNK_DATA);
    *tp_ring_seq(h) = position >> r->shift;
    h->flags = live_flags(r) | TP_CHUNK_DAMAGED;
    h->cpu = r->cpu;
    h->stream = r->stream;
    h->size_bytes = c->end;
    h->payload_crc = tp_ring_units(r) | c->events << 16;
}

static void recover_subbuf(struct tp_ring *r, tp_word position)
{
    static const struct check nothing = {.end = TP_HEAD_BYTES};
    struct tp_wire_chunk *h = tp_ring_subbuf(r, position);
    struct check c;

    if (!good_chunk(r, h, position)) {
        memset(h->lost, 0, sizeof(h->lost));
        cut(r, h, position, &nothing);
        return;
    }
    c = check_records(r, h);
    if (!c.good)
        cut(r, h, position, &c);
}

static bool before(tp_word a, tp_word b)
{
    return (a - b) >> (sizeof(a) * 8 - 1);
}

static bool good_position(const struct tp_ring *r)
{
    uint32_t offset = (uint32_t)(r->cursor & r->mask);
    tp_word next = r->cursor - offset + tp_ring_bytes(r), ahead = r->limit - next;
    struct tp_wire_chunk *h = tp_ring_subbuf(r, next);

    if (r->limit & r->mask || offset < TP_HEAD_BYTES || offset % TP_RECORD_UNIT ||
        offset > tp_ring_bytes(r) - TP_RECORD_UNIT || ahead > r->subbuf_mask)
        return false;
    /* Nobody was in the sub-buffer behind the current one. */
    return !ahead || !good_chunk(r, h, next) || !h->payload_crc;
}

/* Where the cursor and the limit must have been, as the sub-buffers tell. */
static void guess_position(struct tp_ring *r)
{
    const tp_word size = tp_ring_bytes(r);
    bool found = false;

    r->cursor = r->limit = 0;
    for (tp_word at = 0; at <= r->subbuf_mask; at += size) {
        struct tp_wire_chunk *h = tp_ring_subbuf(r, at);
        tp_word position = *tp_ring_seq(h) << r->shift;

        if ((position & r->subbuf_mask) != at || !good_chunk(r, h, position))
            continue;
        if (!found || before(r->limit, position + size))
            r->limit = position + size;
        if (!found || (h->payload_crc && before(r->cursor, position + size)))
            r->cursor = position + size - TP_RECORD_UNIT; /* where its records end is seen in it */
        found = true;
    }
}

static void recover_ring(struct tp_ring *r, const struct tp_ring *old)
{
    const tp_word size = tp_ring_bytes(r);
    tp_word at;

    r->cursor = old->cursor;
    r->limit = old->limit;
    memcpy(r->gone, old->gone, sizeof(r->gone));
    memcpy(r->lost, old->lost, sizeof(r->lost));
    if (!good_position(r))
        guess_position(r);
    at = r->limit - size - r->subbuf_mask;
    if (*tp_ring_seq(tp_ring_subbuf(r, r->limit)) == r->limit >> r->shift)
        at += size; /* was in the making */
    for (; before(at, r->cursor); at += size)
        recover_subbuf(r, at);
}

/* The same layout as this engine makes? Then all of it is inside. */
static bool same_layout(const struct tp_wire_region *h, struct tp_layout *l, size_t bytes)
{
    struct tp_wire_region want;

    l->config.cpus = h->cpus;
    l->config.subbuf_bytes = h->subbuf_bytes;
    l->config.subbufs = h->subbufs;
    l->config.mode = h->flags & TP_CHUNK_OVERWRITE ? TP_OVERWRITE : TP_DISCARD;
    l->config.context = h->flags & TP_CHUNK_CONTEXT;
    l->config.spare_bytes = h->spare_bytes;
    if (!h->subbufs || !tp_config_valid(&l->config) ||
        h->metadata_bytes > TP_LIMIT_METADATA_BYTES ||
        h->spare_bytes > TP_LIMIT_METADATA_BYTES - h->metadata_bytes)
        return false;
    tp_layout_make(l, h->metadata_bytes);
    fill(&want, l, h->stream);
    want.copy = h->copy;
    want.generation = h->generation;
    want.metadata_crc = h->metadata_crc;
    want.header_crc = h->header_crc;
    return tp_memory_same(&want, h, sizeof(want)) && l->total <= bytes;
}

int tp_attach(struct tp_trace **trace, void *region, size_t bytes)
{
    uint8_t *base = region;
    const struct tp_wire_region *h;
    struct tp_layout l = {.config.cpus = 0};
    struct tp_trace *t;

    if ((uintptr_t)region % TP_CACHE_LINE)
        return TP_EINVAL;
    tp_crc_init();
    h = bytes >= TP_TRACE_AT ? find(base) : NULL;
    if (!h)
        return TP_ENOENT;
    if (!same_layout(h, &l, bytes) ||
        tp_crc(0, base + l.metadata, l.metadata_bytes) != h->metadata_crc)
        return TP_EFORMAT;
    t = tp_trace_build(base, &l, 0, h->stream);
    t->previous = true;
    t->region_bytes = bytes;
    for (uint32_t cpu = 0; cpu < t->cpus; cpu++) {
        struct tp_ring old = t->ring[cpu];

        tp_ring_setup(&t->ring[cpu], (uint16_t)cpu,
                      base + l.data + cpu * (size_t)l.config.subbufs * l.config.subbuf_bytes,
                      &l.config, t->stream, &t->bell);
        recover_ring(&t->ring[cpu], &old);
    }
    t->pipe.told = *t->told;
    if (t->pipe.told.tasks > TP_REGION_TASKS)
        t->pipe.told.tasks = 0;
    t->pipe.told.clocks = t->pipe.told.clocks == 1;
    tp_pipes_init(t);
    *trace = t;
    return 0;
}
