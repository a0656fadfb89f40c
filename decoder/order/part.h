/* SPDX-License-Identifier: MIT */
/*
 * part.h - one window of an input, decoded by itself: the sink before all others, and all that crosses from one window to
 * the next.
 *
 * A window has the items from one edge (cut.h) up to the next. part_enter() brings a stream into the state at the edge
 * where a window begins; from there on the merge does what it does with one thread. At the edge where it ends
 * part_is_clean() says whether that state is the one in which another begins there. If not, the window goes on to the
 * end of the input, and no other counts.
 *
 * A sink that takes items in any order does not care for times: its windows are those of the places of edges, so each chunk is
 * read once and belongs to one window.
 *
 * What crosses: the state at an edge (part_enter); counts, which are added up (part_sum.h); names of tasks, which are
 * in a list for those that come after; the time of the first item (struct part_first); what an answer has counted
 * (struct part_sum).
 */
#ifndef PART_H
#define PART_H

#include "order/cut.h"
#include "order/merge.h"

struct select;

#define PART_NAMES 4096u /* of a window; with more it goes on to the end */

struct part_name {
    uint32_t pid, group;
    uint8_t name[TP_TASK_NAME_BYTES];
};

/* What is fixed by the first item of all. */
struct part_first {
    bool known, day_known;
    uint64_t base_ns;
};

struct part {
    struct sink sink;
    struct sink *next;
    struct sink *answer; /* it has sink->add; NULL: there is none */
    bool by_place;       /* a window is one of places */
    struct merge *merge;
    struct stream *stream;
    struct out *out;
    struct select *select; /* NULL: there is none */
    const uint64_t *said;  /* how many messages there were */
    /* Called when the window does not end at its edge: returns when all before it is there, and was given by part_sum_give().
     * False: this try of it does not count. */
    bool (*alone)(void *context);
    void (*known)(void *context); /* called at the first item of all */
    void *context;

    const struct cut_edge *until; /* NULL: the end of the input */
    uint64_t limit;               /* an item from this time on is looked at */
    struct part_first first;
    uint64_t said_before;
    struct diag diag;        /* as it was then, */
    uint64_t lines;          /* and lines of damage, */
    struct hint hint;        /* and what was seen of damage */
    uint64_t first_at;       /* of the edge where it began */
    bool ended;              /* at its edge */
    bool is_alone;           /* it goes on to the end */
    uint32_t sides;          /* that were read */
    struct part_name *names; /* room for PART_NAMES */
    uint32_t name_count;
    struct tp_wire_chunk
        *firsts; /* of each CPU, its first chunk with records; size_bytes 0: not known */
    uint32_t first_count;
    struct task_table before; /* names as they were when it began */
};

struct sink *part_open(struct part *p, struct sink *next);
/* Begins the first window, which ends at `until`; NULL: it does not. */
void part_start(struct part *p, const struct cut_edge *until);
/* Begins another one, which may be of the same stream as one before: `again`: the same, of which nothing counts. Then names may be
 * given, and part_resume() makes it ready for merge_go(). */
void part_enter(struct part *p, const struct cut_edge *from, const struct cut_side *sides,
                bool again);
void part_name(struct part *p, const struct part_name *n);
void part_resume(struct part *p, const struct cut_edge *until, const struct part_first *first);
/* It does not end at its edge, but goes on to the end of the input. False: this try does not count. */
bool part_go_alone(struct part *p);

#endif
