/* SPDX-License-Identifier: MIT */
/*
 * nest.h - what begins and ends, put together for viewers: on a track what began last ends first.
 *
 *     nest_open(&n, roles, sched, symbols, &(struct nest_calls){begin, end, whole, context});
 *     nest_take(&n, lane, e, tails);     for each record that fits its event
 *     nest_lose(&n, lane);               for each loss
 *
 * `begin` and `end` are called in pairs: an end without a begin is counted, not passed on. Nothing is open
 * across a loss, and what is begun below something that ends is ended with it. Times of these calls do not go
 * back within a capture. `whole` is for spans that one record tells of; none of the same track overlaps another.
 */
#ifndef NEST_H
#define NEST_H

#include "order/key.h"
#include "order/sched.h"

#define NEST_OPEN 16384u /* that are open at once, in all captures */
#define NEST_DEPTH 256u  /* of them on one track */
#define NEST_LANES 8u   /* whole spans of one track that overlap; each lane is a track of its own */
#define NEST_ROWS 1024u /* tracks of whole spans */
#define NEST_NAME_BYTES (2 * TP_LIMIT_NAME_BYTES + KEY_NAME_BYTES)

/* What a track is of. NEST_ID: what has an id, which is no track: `lane` tells those open at once apart. */
enum nest_kind { NEST_CPU, NEST_TASK, NEST_FIELD, NEST_ID };

/* How it ended. */
enum nest_why {
    NEST_ENDED,
    NEST_CROSSED, /* something below it has ended */
    NEST_LOST,    /* records are missing: whether and when it ended is not known */
    NEST_GONE,    /* its task has ended */
    NEST_AGAIN,   /* its id began again */
    NEST_LEFT     /* it was open at the end of the capture */
};

struct nest_span {
    enum nest_kind kind;
    uint32_t stream; /* its number */
    uint32_t lane;   /* 0: of a stack */
    uint32_t slot;   /* from 1 to NEST_OPEN, its own while it is open; 0: a whole span */
    uint32_t outer;  /* the slot of what it began in, on its track; or 0 */
    uint64_t
        number; /* the CPU, the task as sched_pid() has it, or a hash of the subsystem and the value */
    uint64_t sys; /* a hash of its subsystem */
    uint64_t begin_ns;
    uint64_t mark; /* the caller's: `begin` may set it */
};

/* The record that begins or ends something. */
struct nest_record {
    struct stream_lane *lane;
    const struct metadata_event *event;
    const struct value_tail *tails;
    const struct roles_meaning *meaning;
    struct symbols *symbols;
};

struct nest_calls {
    void (*begin)(void *context, struct nest_span *span, const struct nest_record *r);
    /* r is NULL but for NEST_ENDED. */
    void (*end)(void *context, const struct nest_span *span, uint64_t ns, enum nest_why why,
                const struct nest_record *r);
    void (*whole)(void *context, const struct nest_span *span, uint64_t ns,
                  const struct nest_record *r);
    void *context;
};

struct nest_frame;
struct nest_row;
struct nest_stream;

struct nest {
    struct roles *roles;
    struct sched *sched;
    struct symbols *symbols;
    struct nest_calls calls;
    struct nest_frame *frames; /* NULL: none was needed yet */
    uint32_t *heads;           /* by hash, the last of each track */
    uint32_t used, unused;
    struct nest_row *rows;
    struct nest_stream *streams; /* by number */
    uint32_t stream_count;

    uint64_t ends; /* without a begin */
    uint64_t why[NEST_LEFT + 1];
    uint64_t dropped; /* too many were open */
    uint64_t without; /* a track, an id or a duration */
    uint64_t crowded; /* whole spans for which there was no lane */
};

/* The roles, sched and symbols stay the caller's. symbols: the names of addresses; NULL: there are none. */
void nest_open(struct nest *n, struct roles *roles, struct sched *sched, struct symbols *symbols,
               const struct nest_calls *calls);
void nest_close(struct nest *n);
void nest_begin(struct nest *n, const struct stream *s);
void nest_take(struct nest *n, struct stream_lane *lane, const struct metadata_event *e,
               const struct value_tail *tails);
void nest_lose(struct nest *n, struct stream_lane *lane);
/* The slot of what is innermost on a track of this kind, or 0. */
uint32_t nest_innermost(const struct nest *n, enum nest_kind kind, uint32_t stream,
                        uint64_t number);
/* What is open in a slot. */
const struct nest_span *nest_open_span(const struct nest *n, uint32_t slot);
/* A capture ends at ns: calls `end` for all that is open. */
void nest_finish(struct nest *n, const struct stream *s, uint64_t ns);
/* All that is in no pair, one after the other: a number and what it is of. NULL after the last. */
const char *nest_left_out(const struct nest *n, unsigned i, uint64_t *count);

/* How it ended, in words. */
const char *nest_why_word(enum nest_why why);
/* What it is called: bytes, without a NUL. An address is the name of the function that it is in. */
size_t nest_name(const struct nest_record *r, char to[NEST_NAME_BYTES]);
/* A hash of bytes that goes on from another; the first one goes on from 0. */
uint64_t nest_hash(uint64_t from, const void *bytes, size_t n);

#endif
