/* SPDX-License-Identifier: MIT */
/*
 * leader.h - the process that leads several: it cuts a file into windows, gives them to workers, and puts out what they make,
 * in order.
 *
 * It decides everything: which window is whose (order/cut.h), what of it counts, what comes next.
 */
#ifndef LEADER_H
#define LEADER_H

#include "base/child.h"
#include "order/stream.h"
#include "tool/shared.h"

/* Of the first windows. Later ones give output for seven eighths of the room that a worker has, and half as much more as it
 * puts out after its turn has come, but are no larger than is of use, since output that takes little memory stays in the cache:
 * LEADER_WINDOW_HELD times the chunks that reach into a window, or LEADER_OUTPUT_BYTES of output, whichever is more. */
#define LEADER_WINDOW_BYTES (1ull << 20)
#define LEADER_WINDOW_HELD 16
#define LEADER_OUTPUT_BYTES (4u << 20)
#define LEADER_WINDOW_MOST (64ull << 20)
/* Of windows that are only counted: each worker gets LEADER_SUMS_EACH of them, as far as that is within these two. */
#define LEADER_SUMS_EACH 16u
#define LEADER_SUM_BYTES (8ull << 20)
#define LEADER_SUM_MOST (32ull << 20)
#define LEADER_MEMORY_BYTES (64ull << 20) /* that all processes may take together, */
#define LEADER_MEMORY_EACH (8ull << 20)   /* and so much more for each worker */
#define LEADER_MEMORY_OTHER (10ull << 20) /* that they take for anything but output and chunks */
/* Of a worker for output; and what all workers share in addition, since windows of many CPUs should be larger than what
 * reaches into them. With less, one process decodes the input. */
#define LEADER_ROOM_BYTES (6u << 20)
#define LEADER_ROOM_COMMON_BYTES (24u << 20)

enum leader_state {
    LEADER_WORKER_IDLE,
    LEADER_WORKER_RUNS,
    LEADER_WORKER_DONE,
    LEADER_WORKER_WAITS,
    LEADER_WORKER_FULL,
    LEADER_WORKER_ADDED,
    LEADER_WORKER_CANNOT_ADD,
    LEADER_WORKER_ENDED,
    LEADER_WORKER_LOST
};

/* A worker, as the leader sees it. */
struct leader_worker {
    struct child at;
    enum leader_state state;
    uint64_t window;
    uint64_t began;   /* where its output begins in its ring */
    uint64_t log_end; /* names that it was given */
};

struct leader {
    /* Set by jobs_open(): */
    const struct shared *shared;
    uint32_t count;
    struct leader_worker worker[SHARED_WORKERS];

    /* Set before leader_run(): */
    struct out_sink sink, diag_sink;
    const bool *flood; /* why the output failed */
    bool has_head;
    uint64_t head;
    bool sums;          /* windows are counted, and that is added up */
    bool places;        /* as a rule by place (part.h) */
    uint64_t unit;      /* bytes of a window; 0: as is best */
    uint32_t most_cpus; /* with more in its first window the input is decoded by one process */
    void (*turn)(void *context); /* called often; may be NULL */
    void *turn_context;

    bool failed; /* a worker has, and has said so */

    struct cut cut;
    double read, wrote;              /* bytes of the last windows, and of what they put out, */
    uint64_t until;                  /* and where the last one ended */
    uint64_t next, now;              /* the window that is given next, and whose turn it is */
    struct cut_edge *edge, *further; /* where the next window begins and ends */
    struct part_first first;
    struct part_counts counts;
    uint64_t logged; /* names that were put into the log */
    int error;       /* of the output */
};

/* How many pieces each of so many workers has room for, with that many bytes of chunks that each holds. */
uint32_t leader_room(uint64_t workers, uint64_t held_bytes);
/* An exit status, or LEADER_ALONE: the input is not cut, and nothing was done. */
#define LEADER_ALONE (-1)
int leader_run(struct leader *l, struct stream *s);
/* The workers end, if they have not. */
void leader_close(struct leader *l);

#endif
