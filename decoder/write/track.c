/* SPDX-License-Identifier: MIT */
/* track.c - the chunks of one CPU of a dump that is written. */
#include "write/track.h"

#include <string.h>

/* Numbers of hostile dumps, added up, end here: there must be room for the records of a chunk. */
#define TRACK_NUMBER_MAX (UINT64_MAX - UINT32_MAX)

void track_close(struct track *t)
{
    if (!t->open)
        return;
    t->open = false;
    t->number += t->records;
    pack_end(&t->pack, t->records);
}

static void track_open(struct track *t, uint64_t time, uint16_t flags)
{
    struct tp_wire_chunk h = {
        .type = TP_CHUNK_DATA, .cpu = (uint16_t)t->cpu, .flags = t->flags, .time = time};

    track_close(t);
    /* A reader takes a first chunk that starts in the middle for the start of the books. */
    if (!t->begun && t->number != t->lost[TP_LOST_OVERWRITTEN]) {
        h.seq = t->seq++;
        pack_begin(&t->pack, &h);
        pack_end(&t->pack, 0);
    }
    h.flags = t->flags | flags;
    h.seq = t->seq++;
    h.first_record = t->number;
    memcpy(h.lost, t->lost, sizeof(h.lost));
    pack_begin(&t->pack, &h);
    t->open = t->begun = true;
    t->high = time >> 32;
    t->records = 0;
    if (time > t->shown)
        t->shown = time;
}

/* Opens a chunk where this record can be in, if none is open. */
static void track_ready(struct track *t, uint64_t time, bool swap, bool context)
{
    bool full = t->open && pack_payload_bytes(&t->pack) >= TRACK_CHUNK_BYTES;
    uint16_t flags = context ? TP_CHUNK_CONTEXT : 0;

    if (t->open && !pack_payload_bytes(&t->pack)) {
        /* One that says what was lost, and has no records yet: it takes whatever comes. */
        t->context = context;
        pack_flags(&t->pack, flags, swap);
    } else if (!t->open || full || t->pack.swap != swap || t->context != context) {
        track_close(t);
        t->pack.swap = swap;
        t->context = context;
        track_open(t, time, flags);
    }
    if (t->high != time >> 32) {
        t->high = time >> 32;
        pack_u32(&t->pack, (uint32_t)time);
        pack_u32(&t->pack, TP_RECORD_WORD(TP_ID_TIME, 2) | TP_RECORD_COMMITTED);
        pack_u64(&t->pack, time);
    }
    if (time > t->shown)
        t->shown = time;
}

static void track_word(struct track *t, uint64_t time, uint32_t id, size_t bytes)
{
    pack_u32(&t->pack, (uint32_t)time);
    pack_u32(&t->pack, TP_RECORD_WORD(id, bytes / TP_RECORD_UNIT) | TP_RECORD_COMMITTED);
}

/* Context and fields follow each other in what was read. */
static const uint8_t *track_body(const struct record *r, size_t *n)
{
    const uint8_t *from = r->context ? r->context : r->fields;

    *n = (size_t)(r->fields - from) + r->bytes;
    return from;
}

void track_event(struct track *t, uint64_t time, uint32_t id, const struct record *r)
{
    size_t n;
    const uint8_t *from = track_body(r, &n);

    track_ready(t, time, r->swap, r->context);
    track_word(t, time, id, sizeof(struct tp_wire_record) + n);
    pack_add(&t->pack, from, n);
    t->records++;
}

void track_unfinished(struct track *t, uint64_t time, uint32_t id, const struct record *r)
{
    size_t n;
    const uint8_t *from = track_body(r, &n);

    track_ready(t, time, r->swap, r->context);
    track_word(t, time, TP_ID_UNFINISHED, 2 * sizeof(struct tp_wire_record) + n);
    pack_u32(&t->pack, (uint32_t)time);
    pack_u32(&t->pack, TP_RECORD_WORD(id, 1 + n / TP_RECORD_UNIT));
    pack_add(&t->pack, from, n);
}

void track_task(struct track *t, uint64_t time, const struct tp_wire_task *task, bool swap,
                bool context)
{
    track_ready(t, time, swap, context);
    track_word(t, time, TP_ID_TASK, sizeof(struct tp_wire_record) + sizeof(*task));
    pack_u32(&t->pack, task->id);
    pack_u32(&t->pack, task->group);
    pack_add(&t->pack, task->name, sizeof(task->name));
}

static uint64_t track_sum(uint64_t a, uint64_t b, uint64_t most)
{
    return b > most - a ? most : a + b;
}

void track_loss(struct track *t, uint64_t time, const uint64_t loss[STREAM_LOST_CAUSES],
                bool damage)
{
    uint64_t gap = loss[TP_LOST_OVERWRITTEN];

    track_close(t);
    for (unsigned i = 0; i < TP_LOST_CAUSES; i++)
        t->lost[i] = track_sum(t->lost[i], loss[i], UINT64_MAX);
    gap = track_sum(gap, loss[STREAM_LOST_MISSING], TRACK_NUMBER_MAX);
    t->number = track_sum(t->number, gap, TRACK_NUMBER_MAX);
    /* One chunk calls all that is missing before it unfinished, or none of it. */
    if (loss[STREAM_LOST_MISSING] && loss[STREAM_LOST_UNFINISHED])
        track_open(t, time, 0);
    if (loss[STREAM_LOST_UNFINISHED]) {
        track_close(t);
        t->number = track_sum(t->number, loss[STREAM_LOST_UNFINISHED], TRACK_NUMBER_MAX);
    }
    t->context = false;
    track_open(t, time,
               (loss[STREAM_LOST_UNFINISHED] ? TP_CHUNK_UNFINISHED : 0) |
                   (damage ? TP_CHUNK_DAMAGED : 0));
}

void track_mark(struct track *t, uint64_t time)
{
    track_close(t);
    track_open(t, time, 0);
    track_close(t);
}
