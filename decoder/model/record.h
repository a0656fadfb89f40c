/* SPDX-License-Identifier: MIT */
/*
 * record.h - walks the records of one data payload.
 *
 * Knows the record header and the reserved ids, not the events. Inline,
 * because it runs once a record.
 */
#ifndef RECORD_H
#define RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <tp/wire.h>

#include "base/load.h"

enum record_kind {
    RECORD_NONE, /* end of the payload */
    RECORD_EVENT,
    RECORD_TASK,       /* fields: struct tp_wire_task */
    RECORD_UNFINISHED, /* an event as it was in memory; not in `records` */
    RECORD_DAMAGED     /* what is here is no record; nothing after it can be read */
};

struct record {
    uint64_t time;
    uint64_t number; /* events only, set by the owner */
    uint32_t id;
    uint32_t bytes; /* of fields, up to the end of the record */
    const uint8_t *fields;
    const uint8_t *context; /* struct tp_wire_context, or NULL */
    bool swap;
};

struct record_walk {
    const uint8_t *at, *end;
    uint64_t high; /* upper half of the time, shifted */
    bool swap, context;
};

static inline void record_walk_start(struct record_walk *w, const uint8_t *payload, size_t n,
                                     uint64_t time, bool swap, bool context)
{
    w->at = payload;
    w->end = n ? payload + n : payload; /* of a mark there is none: NULL */
    w->high = time & ~(uint64_t)UINT32_MAX;
    w->swap = swap;
    w->context = context;
}

/* Removes the context word from the start of the fields; false if there is no room for it. */
static inline bool record_context(struct record *r)
{
    if (r->bytes < sizeof(struct tp_wire_context))
        return false;
    r->context = r->fields;
    r->fields += sizeof(struct tp_wire_context);
    r->bytes -= (uint32_t)sizeof(struct tp_wire_context);
    return true;
}

/* Records that are the tracer's own: true if there is something to return. */
bool record_reserved(struct record_walk *w, struct record *r, enum record_kind *kind);

static inline enum record_kind record_next(struct record_walk *w, struct record *r)
{
    for (;;) {
        size_t left = (size_t)(w->end - w->at);
        uint32_t word, bytes;
        enum record_kind kind;

        if (left < sizeof(struct tp_wire_record))
            return left ? RECORD_DAMAGED : RECORD_NONE;
        word = load_u32(w->at + 4, w->swap);
        bytes = TP_RECORD_UNITS(word) * TP_RECORD_UNIT;
        /* Bit 31 is set in each record that was exported, bits 28 to 30 are not. */
        if (word >> 28 != TP_RECORD_COMMITTED >> 28 || !bytes || bytes > left)
            return RECORD_DAMAGED;
        r->time = w->high | load_u32(w->at, w->swap);
        r->id = TP_RECORD_ID(word);
        r->swap = w->swap;
        r->fields = w->at + sizeof(struct tp_wire_record);
        r->context = NULL;
        r->bytes = bytes - (uint32_t)sizeof(struct tp_wire_record);
        w->at += bytes;
        if (r->id <= TP_ID_EVENT_MAX && r->id != TP_ID_NONE) {
            return !w->context || record_context(r) ? RECORD_EVENT : RECORD_DAMAGED;
        }
        if (record_reserved(w, r, &kind))
            return kind;
    }
}

static inline uint32_t record_word_bytes(uint32_t word)
{
    return TP_RECORD_UNITS(word) * TP_RECORD_UNIT;
}

/* The word of the record at `at`, if it is whole, in our byte order, and of `least` to `room`
 * bytes, `least` being at least that of a header; else 0. Its id may be any. */
static inline uint32_t record_word(const uint8_t *at, size_t room, uint32_t least)
{
    uint32_t word;

    if (room < least)
        return 0;
    word = load_u32(at + offsetof(struct tp_wire_record, word), false);
    if (word >> 28 != TP_RECORD_COMMITTED >> 28 || record_word_bytes(word) - least > room - least)
        return 0;
    return word;
}

/* The word of the event at `at` in the payload that w walks, if it is a whole one of our byte order; else 0. */
static inline uint32_t record_event(const struct record_walk *w, const uint8_t *at)
{
    uint32_t least = sizeof(struct tp_wire_record) +
                     (w->context ? sizeof(struct tp_wire_context) : 0);
    uint32_t word = record_word(at, (size_t)(w->end - at), least);

    /* Of TP_ID_NONE, a large number. */
    return TP_RECORD_ID(word) - 1 < TP_ID_EVENT_MAX ? word : 0;
}

#endif
