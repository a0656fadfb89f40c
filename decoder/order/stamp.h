/* SPDX-License-Identifier: MIT */
/*
 * stamp.h - the times of records as --time asks for them.
 *
 * A capture without clock pairs has no time of day: there it is seconds, and a message says so.
 */
#ifndef STAMP_H
#define STAMP_H

#include "order/sink.h"

enum stamp_mode {
    STAMP_SECONDS,  /* 12.345678, what the counter has counted */
    STAMP_RAW,      /* the counter */
    STAMP_RELATIVE, /* seconds since the first record */
    STAMP_DELTA,    /* seconds since the record shown before */
    STAMP_UTC,
    STAMP_LOCAL
};

/* How many digits times have. AUTO: as is best where it is printed: deltas, and what programs read,
 * have nanoseconds. */
enum stamp_unit { STAMP_AUTO, STAMP_MICROS, STAMP_NANOS };

struct stamp {
    enum stamp_mode mode;
    enum stamp_unit unit;
    bool any;         /* a record was shown before */
    uint64_t last_ns; /* its time */
};

#define STAMP_BYTES 40u

/* The mode that is used in this capture; reports it if that is not what was asked for. */
enum stamp_mode stamp_decide(const struct stamp *t, struct stream *s);
/* Nanoseconds since the record before, or 0; and this is the record before from now on. */
int64_t stamp_delta_ns(struct stamp *t, struct stream *s, uint64_t ticks);
/* Nanoseconds since the first record. */
int64_t stamp_relative_ns(struct stream *s, uint64_t ticks);
/* As stamp_put, for what is not seconds with six digits. */
char *stamp_other(struct stamp *t, struct stream *s, uint64_t ticks, char *p);

/* Are there nine digits? */
static inline bool stamp_precise(const struct stamp *t)
{
    return t->unit == STAMP_NANOS || (t->unit == STAMP_AUTO && t->mode == STAMP_DELTA);
}

/* At most STAMP_BYTES at p; returns the end. */
static inline char *stamp_put(struct stamp *t, struct stream *s, uint64_t ticks, char *p)
{
    uint32_t micros;

    if (__builtin_expect(t->mode != STAMP_SECONDS || t->unit == STAMP_NANOS, 0))
        return stamp_other(t, s, ticks, p);
    micros = clock_micros(&s->clock, ticks);
    memcpy(p, s->clock.text, sizeof(s->clock.text));
    return out_put_six(p + s->clock.text_bytes, micros);
}

#endif
