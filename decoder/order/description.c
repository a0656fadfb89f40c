/* SPDX-License-Identifier: MIT */
/* description.c - what a capture says about itself. */
#include "order/description.h"

#include <inttypes.h>

#include "base/crc.h"
#include "bytes/image.h"
#include "model/schema.h"
#include "order/lane.h"
#include "order/preview.h"

/* Metadata for the sink that copies it. */
static void description_keep(struct stream *s, const uint8_t *payload, size_t n, uint64_t index)
{
    if (!copies_add(&s->copies, payload, n))
        diag_damage(&s->diag, "chunk %" PRIu64 ": too much metadata that differs, not copied",
                    index);
}

/* By how many counts times are moved, now that the rate is another; the nearest. */
static void description_shift(struct stream *s, uint64_t hz)
{
    __int128 before = s->shift, counts = (__int128)s->offset_ns * hz;
    const int64_t second = 1000000000;

    if (!s->offset_ns)
        return;
    counts = (counts < 0 ? counts - second / 2 : counts + second / 2) / second;
    s->shift = counts - before;
    lane_move_all(s);
    s->shift = counts;
}

/* What the counter counts in a second: what was asked for, what metadata says or will say. */
static void description_rate(struct stream *s)
{
    const struct survey_capture *v = survey_find(&s->survey, s->first_at);
    uint64_t told = s->metadata.clock_told, hz = s->clock_hz;

    hz = hz ? hz : told ? told : v && v->hz ? v->hz : STREAM_HZ_UNKNOWN;
    if (s->metadata.clock_hz == hz)
        return;
    if (s->metadata.clock_hz)
        diag_note(&s->diag, "from here on times are right: the counter has %" PRIu64 " Hz", hz);
    else if (!s->clock_hz && !told && !(v && v->hz))
        diag_note(&s->diag, "it is not known yet how fast the counter counts: times are as if by 1 "
                            "GHz; --clock-hz gives what is right");
    s->metadata.clock_hz = hz;
    clock_set(&s->clock, hz);
    description_shift(s, hz);
}

/* A payload that is new was read: what follows from it. */
static void description_learn(struct stream *s, const struct chunk *c)
{
    s->word_bytes = c->head.word_bytes;
    s->swap = c->swap;
    input_announce(&s->in, s->metadata.buffer.bytes, s->metadata.buffer.n);
}

/* Of the events that the kernel of a region had at its start: are these the same? */
static bool description_is_of(const struct stream *s, const struct tp_wire_region *h)
{
    struct schema sum = SCHEMA_START;

    for (uint32_t id = 1; id <= h->events; id++) {
        const struct metadata_event *e = metadata_event(&s->metadata, id);

        if (!e)
            return false;
        schema_add(&sum, e);
    }
    return sum.crc == h->events_crc;
}

void description_use_given(struct stream *s, const struct chunk *c)
{
    const struct stream_given *g = s->given;
    const struct tp_wire_region *h = s->in.image ? image_head(s->in.image) : NULL;

    if (!metadata_read(&s->metadata, g->bytes, g->n, crc_add(0, g->bytes, g->n), &s->diag,
                       c->index))
        return;
    if (h && !description_is_of(s, h)) {
        diag_fail(&s->diag, "the metadata of %s is of another kernel: its events are others",
                  g->name);
        metadata_free(&s->metadata);
        s->given_wrong = true;
        return;
    }
    s->diag.diag->useful = true;
    description_rate(s);
    if (s->keep)
        description_keep(s, g->bytes, g->n, c->index);
    description_learn(s, c);
}

enum stream_change description_take(struct stream *s, const struct chunk *c)
{
    bool known = s->metadata.known;

    if (c->head.flags & TP_CHUNK_PREVIOUS && !c->bad && !s->previous) {
        s->previous = true;
        diag_note(&s->diag, "recovered from memory, from an earlier boot");
    }
    if (c->salvage
            ? !metadata_salvage_read(&s->metadata, c->payload, c->payload_bytes, &s->diag, c->index)
            : c->bad || !metadata_read(&s->metadata, c->payload, c->payload_bytes,
                                       c->head.payload_crc, &s->diag, c->index))
        return STREAM_SAME;
    s->diag.diag->useful = true;
    s->learned++;
    if (s->keep && !c->salvage)
        description_keep(s, c->payload, c->payload_bytes, c->index);
    if (!known)
        description_learn(s, c);
    if (!s->clock_hz && !s->metadata.clock_told)
        preview_look(s); /* the payload cannot be read any more */
    description_rate(s);
    s->undecoded_chunks = 0;
    return known ? STREAM_SAME : STREAM_ALL;
}
