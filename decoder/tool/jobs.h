/* SPDX-License-Identifier: MIT */
/*
 * jobs.h - several processes that decode windows of one file, and one that puts out what they make, in order.
 *
 * They are started before a byte of the dump is read, so that each gives up its rights by itself, and share one piece of
 * memory. The one that leads decides everything: which window is whose (order/cut.h), what of it counts, what comes next.
 * A worker does what it is told, and waits. Both say so by one byte in a pipe.
 */
#ifndef JOBS_H
#define JOBS_H

#include "base/child.h"
#include "base/out.h"
#include "order/cut.h"
#include "order/part.h"

#define JOBS_MAX 64u
/* Windows of a file below this are shares of it. */
#define JOBS_FILE_BYTES (8ull << 20)
/* For each worker. Of more CPUs, what reaches into a window from before it is so much more than the window has that one process
 * is faster. */
#define JOBS_CPUS 256u

enum jobs_role { JOBS_NONE, JOBS_LEADER, JOBS_WORKER };

struct shared_memory;
struct shared_page;
struct shared_piece;

/* A worker, as the one that leads sees it. */
struct leader_worker {
    struct child at;
    int state;
    uint64_t window;
    uint64_t began;   /* where its output begins in its ring */
    uint64_t log_end; /* names that it knew when it began its window */
};

struct jobs {
    enum jobs_role role;
    uint32_t count;
    struct shared_memory *shared;
    size_t shared_bytes;
    struct shared_piece *pieces; /* `room` of each worker */
    uint32_t room;
    struct leader_worker worker[JOBS_MAX];

    /* Of a worker: */
    struct child at;
    struct shared_page *page;
    struct part *part;
    struct out *out;
    uint64_t said;     /* messages */
    uint64_t log_end;  /* names that it knows */
    bool mute;         /* nothing that is put out counts */
    bool again, given; /* it was told to try again; its turn has come */

    /* Of the leader: */
    struct cut cut;
    struct out_sink sink, diag_sink;
    bool has_head;
    uint64_t head;
    bool sums;          /* windows are counted, and that is added up */
    bool places;        /* as a rule by place (part.h) */
    uint64_t unit;      /* bytes of a window; 0: as is best */
    double read, wrote; /* bytes of the last windows, and of what they put out, */
    uint64_t until;     /* and where the last one ended */
    uint32_t most_cpus; /* with more in its first window the input is decoded by one process */
    bool bounded;       /* no more workers are used than there is memory for */
    const bool *flood;  /* why the output failed */
    void (*turn)(void *context); /* called often; may be NULL */
    void *turn_context;
    uint64_t next, now;              /* the window that is given next, and whose turn it is */
    struct cut_edge *edge, *further; /* where the next window begins and ends */
    struct part_first first;
    struct part_counts counts;
    uint64_t logged;
    int error;
    bool failed; /* a worker has, and has said so */
};

/* As many as this process may use processors, at most JOBS_MAX. */
uint32_t jobs_online(void);
/* Starts the workers. False: there can be none. In each of them it returns as well, as JOBS_WORKER. */
bool jobs_open(struct jobs *j, uint32_t count);
void jobs_close(struct jobs *j);
/* The descriptors that this process writes, of which there are at most JOBS_MAX. */
size_t jobs_written(const struct jobs *j, int fd[JOBS_MAX]);

#endif
