/* SPDX-License-Identifier: MIT */
/*
 * subbuf.h - one sub-buffer in memory: its header, and a walk over its records.
 *
 *     if (subbuf_read(r, cpu, number, &s) && s.seq == number) {
 *         subbuf_walk_start(r, &s, end, &w);
 *         while ((kind = subbuf_next(&w)) == SUBBUF_RECORD) ...
 *     }
 */
#ifndef SUBBUF_H
#define SUBBUF_H

#include "bytes/region.h"

struct subbuf {
    const uint8_t *bytes; /* NULL: the image does not have it */
    uint64_t at;          /* in the image */
    uint64_t seq, time, lost[TP_LOST_OVERWRITTEN];
    uint32_t size_bytes;    /* good only if it is complete */
    uint32_t units, events; /* the commit word */
    uint16_t cut;           /* DAMAGED, UNFINISHED: a reader after a reset has ended it here ... */
    uint32_t missing;       /* ... and so many events are missing after its records */
};

enum subbuf_kind {
    SUBBUF_RECORD,
    SUBBUF_FLIGHT, /* begun and not whole */
    SUBBUF_END,    /* no room for more, or not begun: what follows is not known */
    SUBBUF_HOLE,   /* a time stamp in flight: what follows cannot be dated */
    SUBBUF_BAD     /* no record */
};

struct subbuf_walk {
    const uint8_t *bytes;
    uint32_t at, end; /* offset after the last record; they end here at the latest */
    bool swap, context;
    const uint8_t *record; /* the last one */
    uint32_t record_bytes, id;
};

/* The sub-buffer where that of `number` lies. False if it is none of this CPU; only `bytes` and
 * `at` are set then. Whether it has the number is for the caller to see. */
bool subbuf_read(const struct region *r, uint32_t cpu, uint64_t number, struct subbuf *s);
/* The same of bytes that are elsewhere, a copy of those at an offset of the region: at first of its header at least. */
bool subbuf_view(const struct region *r, uint32_t cpu, const uint8_t *bytes, uint64_t at,
                 struct subbuf *s);
void subbuf_walk_start(const struct region *r, const struct subbuf *s, uint32_t end,
                       struct subbuf_walk *w);
enum subbuf_kind subbuf_next(struct subbuf_walk *w);

/* Has its first writer come as far as its first record? Then time and losses are written. */
bool subbuf_opened(const struct subbuf *s);
/* Has any writer left something in it? */
bool subbuf_touched(const struct subbuf *s);

static inline bool subbuf_complete(const struct region *r, const struct subbuf *s)
{
    return s->units == r->head.subbuf_bytes / TP_RECORD_UNIT;
}

/* Where records end at the latest: the last 8 bytes are never used. */
static inline uint32_t subbuf_end_max(const struct region *r)
{
    return r->head.subbuf_bytes - TP_RECORD_UNIT;
}

static inline bool subbuf_is_offset(const struct region *r, uint64_t v)
{
    return v >= TP_WIRE_CHUNK_BYTES && v <= subbuf_end_max(r) && v % TP_RECORD_UNIT == 0;
}

#endif
