/* SPDX-License-Identifier: MIT */
/*
 * shared.h - what the leader of several processes shares with its workers: one piece of memory, and what the bytes mean that
 * they send each other.
 *
 * Each worker has a page. The worker writes it while it works, the leader while the worker waits: an order or an answer is
 * written first, then its byte is sent. Edges, sides and the log of names are written by the leader only, and a worker reads
 * those that its order names. So nothing needs a lock.
 */
#ifndef SHARED_H
#define SHARED_H

#include "base/out.h"
#include "order/cut.h"
#include "order/part.h"

#define SHARED_WORKERS 64u
#define SHARED_EDGES(count) (2 * (count) + CUT_EDGES_AT_ONCE + 4)
#define SHARED_NO_EDGE UINT32_MAX
#define SHARED_LOG (2 * (SHARED_WORKERS + 2) * PART_NAMES)
#define SHARED_SAID_BYTES 65536u           /* more than a message */
#define SHARED_ROOM_MOST_BYTES (32u << 20) /* of a worker, for output that waits for its turn */
#define SHARED_PIECES (SHARED_ROOM_MOST_BYTES / OUT_BUFFER_BYTES)

/* What a worker reports. */
#define SHARED_KNOWN 'K'  /* the first item of all was there; it goes on */
#define SHARED_DONE 'D'   /* its window is */
#define SHARED_WAITS 'W'  /* its window goes on to the end: for its turn */
#define SHARED_FULL 'F'   /* for room */
#define SHARED_ADDED 'P'  /* what its window has counted was added */
#define SHARED_CANNOT 'N' /* it cannot be, or it cannot go on with what others have counted */
#define SHARED_ENDED 'E'  /* all is */
/* What the leader orders. */
#define SHARED_RUN 'R'   /* a window */
#define SHARED_AGAIN 'A' /* the same */
#define SHARED_GO 'G'    /* its turn has come */
#define SHARED_ADD 'S'   /* its turn has come, and its window is done */
#define SHARED_ROOM 'O'  /* there is room */

/* What to do; written by the leader while the worker waits. */
struct shared_order {
    uint32_t from, until; /* edges, or SHARED_NO_EDGE */
    bool again, alone;
    bool flood;
    int error; /* of the output */
    uint64_t log_end;
    struct part_first first;
    struct part_counts before;
};

/* What was done; written by the worker before it reports that. */
struct shared_answer {
    struct part_counts counts;
    struct part_first first;
    uint32_t name_count;
    bool learns; /* names of windows before it can still be added */
    int code;
};

/* A piece of what is put out. A worker formats into one, so nothing is copied. */
struct shared_piece {
    char text[OUT_BUFFER_BYTES];
};

struct shared_page {
    struct shared_order order;
    struct shared_answer answer;
    uint64_t head, tail; /* pieces of this window that were put in, and taken out */
    uint64_t put_bytes;  /* of all windows */
    uint32_t room;       /* pieces that may be used, the first ones: at least 2 */
    uint32_t piece_bytes[SHARED_PIECES];
    uint32_t said_bytes; /* messages that were not put out yet */
    bool spoke;          /* there were any */
    char said[SHARED_SAID_BYTES];
    struct part_name names[PART_NAMES];
    uint64_t asked[TASK_BIT_WORDS];
};

struct shared_memory {
    struct cut_side sides[CUT_SIDES];
    struct cut_edge edges[SHARED_EDGES(SHARED_WORKERS)];
    struct part_name log[SHARED_LOG]; /* names of all windows whose turn was, in order */
    struct part_sum sum;              /* written by the worker whose turn it is */
    struct shared_page page[];
};

/* It, as each process sees it. */
struct shared {
    struct shared_memory *memory; /* NULL: there is none */
    size_t bytes;
    struct shared_piece *pieces; /* `room` of each worker */
    uint32_t room;
};

/* Of the worker whose page that is: the piece that has this number, of all that it puts in. */
static inline struct shared_piece *shared_piece(const struct shared *s, const struct shared_page *p,
                                                uint64_t number)
{
    return &s->pieces[(size_t)(p - s->memory->page) * s->room + number % p->room];
}

#endif
