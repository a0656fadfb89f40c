/* SPDX-License-Identifier: MIT */
/* subbuf.c - one sub-buffer in memory: its header, and a walk over its records. */
#include "bytes/subbuf.h"

#include <string.h>

#include "base/load.h"
#include "bytes/header.h"

/* Are these the flags of a sub-buffer of this region? One that tp_trace_attach had to cut has DAMAGED
 * or UNFINISHED too. */
static bool subbuf_flags(const struct region *r, uint16_t flags)
{
    uint16_t cut = TP_CHUNK_DAMAGED | TP_CHUNK_UNFINISHED;

    return (flags & ~cut) ==
           ((r->head.flags & (TP_CHUNK_CONTEXT | TP_CHUNK_OVERWRITE)) | TP_CHUNK_LIVE);
}

bool subbuf_read(const struct region *r, uint32_t cpu, uint64_t number, struct subbuf *s)
{
    uint64_t at = region_subbuf_at(r, cpu, number);

    return subbuf_view(r, cpu, region_part(r, at, r->head.subbuf_bytes), at, s);
}

bool subbuf_view(const struct region *r, uint32_t cpu, const uint8_t *bytes, uint64_t at,
                 struct subbuf *s)
{
    struct tp_wire_chunk h;
    bool swap;

    *s = (struct subbuf){.bytes = bytes, .at = r->at + at};
    if (!s->bytes || !header_read(s->bytes, &h, &swap) || swap != r->swap ||
        h.major != TP_WIRE_MAJOR || h.minor > r->head.minor || h.type != TP_CHUNK_DATA ||
        h.word_bytes != r->head.word_bytes || h.header_bytes != TP_WIRE_CHUNK_BYTES ||
        !subbuf_flags(r, h.flags) || h.cpu != cpu || h.stream != r->head.stream ||
        h.seq > r->number_mask)
        return false;
    s->seq = h.seq;
    s->time = h.time;
    s->size_bytes = h.size_bytes;
    s->cut = h.flags & (TP_CHUNK_DAMAGED | TP_CHUNK_UNFINISHED);
    s->missing = s->cut && h.records < r->head.subbuf_bytes / TP_RECORD_UNIT ? h.records : 0;
    s->units = h.payload_crc & 0xffffu;
    s->events = h.payload_crc >> 16;
    memcpy(s->lost, h.lost, sizeof(s->lost));
    return true;
}

bool subbuf_opened(const struct subbuf *s)
{
    const uint8_t *record = s->bytes + TP_WIRE_CHUNK_BYTES;

    return load_u32(record + offsetof(struct tp_wire_record, word), false);
}

bool subbuf_touched(const struct subbuf *s)
{
    return s->units || s->events || s->time || subbuf_opened(s);
}

void subbuf_walk_start(const struct region *r, const struct subbuf *s, uint32_t end,
                       struct subbuf_walk *w)
{
    *w = (struct subbuf_walk){.bytes = s->bytes,
                              .at = TP_WIRE_CHUNK_BYTES,
                              .end = end,
                              .swap = r->swap,
                              .context = r->head.flags & TP_CHUNK_CONTEXT};
}

/* What a record has at least, by its id. */
static uint32_t subbuf_least(const struct subbuf_walk *w)
{
    uint32_t bytes = sizeof(struct tp_wire_record);

    if (w->id <= TP_ID_EVENT_MAX)
        return bytes + (w->context ? (uint32_t)sizeof(struct tp_wire_context) : 0);
    if (w->id == TP_ID_TIME)
        return bytes + (uint32_t)sizeof(uint64_t);
    return bytes + (w->id == TP_ID_TASK ? (uint32_t)sizeof(struct tp_wire_task) : 0);
}

enum subbuf_kind subbuf_next(struct subbuf_walk *w)
{
    uint32_t word;

    if (w->end - w->at < sizeof(struct tp_wire_record))
        return SUBBUF_END;
    w->record = w->bytes + w->at;
    word = load_u32(w->record + offsetof(struct tp_wire_record, word), w->swap);
    if (!word)
        return SUBBUF_END;
    w->id = TP_RECORD_ID(word);
    w->record_bytes = TP_RECORD_UNITS(word) * TP_RECORD_UNIT;
    if ((word & ~TP_RECORD_COMMITTED) >> 28 || w->id == TP_ID_NONE ||
        w->record_bytes < subbuf_least(w) || w->record_bytes > w->end - w->at)
        return SUBBUF_BAD;
    if (w->id == TP_ID_TIME && !(word & TP_RECORD_COMMITTED))
        return SUBBUF_HOLE;
    w->at += w->record_bytes;
    return word & TP_RECORD_COMMITTED ? SUBBUF_RECORD : SUBBUF_FLIGHT;
}
