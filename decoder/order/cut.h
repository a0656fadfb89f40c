/* SPDX-License-Identifier: MIT */
/*
 * cut.h - where an input can be cut into windows that are decoded by themselves.
 *
 *     cut_open(&c, &s->in, edges, slots, sides);
 *     while ((e = cut_next(&c)))
 *         give(e);
 *
 * Goes through the headers of chunks, as far as they are as an engine writes them: one capture, one metadata, on each
 * CPU numbers, counts and times that go on. An edge is a time, as a rule between those of chunks, so that windows have
 * about as many bytes whatever CPUs record while each fills a chunk. What is known at it of each CPU is in the header of one
 * chunk, so that a process that begins there is in the state of one that has decoded everything before. What is
 * after the first header that is not as expected is after the last edge.
 *
 * Edges and sides are in memory of the caller, since other processes read them.
 */
#ifndef CUT_H
#define CUT_H

#include "base/diag.h"
#include "bytes/chunk.h"
#include "bytes/input.h"
#include "order/gap.h"

#define CUT_CPUS 1024u   /* of more the input is not cut */
#define CUT_SIDES 65536u /* chunks that are not data; after so many there are no more edges */
#define CUT_GAPS 2u      /* of a CPU; with more there are no more edges */
#define CUT_NOWHERE UINT64_MAX
/* Bytes that may be read since the last edge, in units, if that was half of one by the rate. */
#define CUT_UNITS 2u
/* Edges up to one chunk. */
#define CUT_EDGES_AT_ONCE 16u
/* An edge is known when each CPU has gone past it, or after so many bytes: a merge waits no longer. */
#define CUT_WAIT_BYTES (16ull << 20)

/* A chunk that is not data. */
struct cut_side {
    uint64_t at, index;
};

/* The last chunk of a CPU with items, records or a loss, and a time before the edge. */
struct cut_start {
    uint64_t at, index; /* CUT_NOWHERE: none; then `before` and `end` are those of its first mark */
    uint64_t end;
    uint32_t gap_count; /* numbers that did not come before it */
    struct gap gap[CUT_GAPS];
    uint64_t
        first; /* offset of the first chunk of this CPU with records; CUT_NOWHERE: it is this one */
    struct tp_wire_chunk
        before; /* the one before it of this CPU, with or without records; size_bytes 0: none */
};

/* The last chunk of a CPU that had been looked at when an edge was made, with or without records. */
struct cut_seen {
    struct tp_wire_chunk head; /* size_bytes 0: none */
    uint64_t first;            /* of its first chunk with records; CUT_NOWHERE: none */
    uint32_t gap_count; /* numbers that did not come before what follows it, of cut_start->gap */
};

/* Also a place: after all that had been looked at when it was made. For items in any order that is all an edge is. */
struct cut_edge {
    uint64_t time;
    uint64_t made_at;  /* how far the input had been looked at */
    uint64_t index;    /* of the chunk that is there */
    uint64_t data_end; /* after the last chunk with items and a time before it */
    uint64_t first_at; /* of the first chunk, or mark, with a time from it on; CUT_NOWHERE: none */
    uint32_t cpus, past;
    uint32_t side_count; /* sides that are known */
    bool known;
    uint32_t cpu_slots; /* that are set of these: */
    struct cut_start start[CUT_CPUS];
    struct cut_seen seen[CUT_CPUS];
};

struct cut_cpu {
    bool any;
    uint64_t expected, time;
    uint64_t lost[TP_LOST_CAUSES];
    uint64_t first_at;         /* of its first chunk with records, */
    struct tp_wire_chunk head; /* of its last one */
    uint32_t gap_count;
    struct gap gap[CUT_GAPS];
    struct cut_start last;
    uint64_t full_time, full_bytes; /* of the last time at which it had data; 0 bytes: none yet */
    double rate;                    /* bytes of one count: of what was before that */
    uint32_t most_bytes;            /* of a chunk */
};

struct cut {
    struct input *in;
    struct chunk_reader reader;
    struct diag diag;
    struct diag_file file;
    uint64_t size;
    uint64_t unit;     /* bytes of data that are a window; may be changed at any time */
    bool places;       /* edges are wanted as places: times do not matter */
    uint64_t filled;   /* bytes that were read since the last edge */
    double rate;       /* of all CPUs, */
    double due;        /* and bytes up to `high` since the last edge, by it */
    uint64_t high;     /* the latest time so far */
    uint64_t data_end; /* after the last chunk with items */
    uint64_t held;     /* bytes of the largest chunk of each CPU: what a worker has at a time */
    struct tp_wire_chunk zero;
    bool over; /* no more is looked at */
    uint32_t cpus;
    struct cut_cpu *cpu;
    uint32_t cpu_slots;     /* that were seen, and all below */
    struct cut_edge *edges; /* a ring of `slots` */
    uint32_t slots;
    uint64_t made, given,
        used; /* edges: that there are, that were returned, whose places may be used again */
    struct cut_side *sides; /* room for CUT_SIDES */
    uint32_t side_count;
};

/* False: it is not a file of which any part can be read, or does not begin as a dump does. It may be read from its start
 * all the same. */
bool cut_open(struct cut *c, struct input *in, struct cut_edge *edges, uint32_t slots,
              struct cut_side *sides);
/* The next edge; NULL: there is none, or no place for it now. */
struct cut_edge *cut_next(struct cut *c);
/* There will be no further edge. */
bool cut_ended(const struct cut *c);
void cut_close(struct cut *c);

#endif
