/* SPDX-License-Identifier: MIT */
/*
 * lanes.h - how dense records are on each CPU and what each task does, in columns of time.
 *
 * A column is 2^shift ns and begins at a multiple of that, so that two are one of the next shift. Either all of the time has
 * columns, which become wider as need be (lanes_whole), or a part of it, as wide as they are (lanes_part). What tasks do is
 * known from the roles of events (order/sched.h) and not known after a loss until an event says it again.
 */
#ifndef LANES_H
#define LANES_H

#include "explore/pass.h"
#include "order/sched.h"

#define LANES_COLUMNS 2048u /* at least half of them are used of the whole */
#define LANES_CPUS 64u      /* with a lane of their own, the first that are seen */
#define LANES_TASKS 128u
#define LANES_NAME_BYTES 32u

enum lanes_does { LANES_RUN, LANES_WAIT, LANES_SLEEP, LANES_DOES, LANES_UNKNOWN = LANES_DOES };

struct lanes_cell {
    uint32_t count;
    bool lost;
};

struct lanes_time {
    uint64_t ns[LANES_DOES];
};

/* Whose lanes there are: the same for the whole and for a part. */
struct lanes_who {
    struct lanes_cpu {
        uint32_t input, cpu;
    } cpus[LANES_CPUS];
    struct lanes_task {
        uint32_t input, capture;
        int32_t id; /* of sched.h */
        uint64_t run_ns;
        uint32_t name_bytes;
        char name[LANES_NAME_BYTES];
    } tasks[LANES_TASKS];
    uint32_t cpu_count, task_count;
    uint32_t order_cpus[LANES_CPUS], order_tasks[LANES_TASKS]; /* as they are shown */
    bool more_cpus, more_tasks;
};

/* What is so at one moment. */
struct lanes_state {
    uint8_t does[LANES_TASKS];
    uint8_t runs[LANES_CPUS]; /* the task + 1; 0: none that is known */
};

struct lanes {
    struct lanes_who *who;
    struct lanes *part; /* of this whole; NULL: it is one */
    unsigned shift;
    bool any;
    uint64_t first, last;     /* columns, since 0 */
    struct lanes_cell *cells; /* LANES_COLUMNS of each CPU, a column modulo that */
    struct lanes_time *times; /* of each task */
    struct lanes_state state;
    uint64_t since[LANES_TASKS];
    uint64_t now_ns;
    struct roles roles;
    struct sched sched;
    bool switches; /* some event says what runs */
};

void lanes_whole(struct lanes *l, struct lanes_who *who, const struct roles_options *roles);
/* At most LANES_COLUMNS. The numbers that tasks have are those that they have in the whole. */
void lanes_part(struct lanes *l, struct lanes *whole, unsigned shift, uint64_t first,
                uint32_t columns);
void lanes_close(struct lanes *l);
/* What tasks do at this time: where a part begins. */
void lanes_set(struct lanes *l, const struct lanes_state *state, uint64_t ns);

void lanes_begin(struct lanes *l, const struct stream *s);
void lanes_event(struct lanes *l, struct stream_lane *lane, const struct metadata_event *e);
void lanes_loss(struct lanes *l, struct stream_lane *lane);
/* A line that is shown: it counts for its CPU. */
void lanes_line(struct lanes *l, const struct pass_line *line);
void lanes_finish(struct lanes *l, const struct stream *s);
/* All has come. */
void lanes_settle(struct lanes *l);
/* Who is shown first: CPUs by number, tasks by how long they ran. */
void lanes_sort(struct lanes_who *who);

/* A column that is as wide as one of the lanes or wider. */
struct lanes_cell lanes_cpu_at(const struct lanes *l, uint32_t cpu, unsigned shift,
                               uint64_t column);
struct lanes_time lanes_task_at(const struct lanes *l, uint32_t task, unsigned shift,
                                uint64_t column);
/* What it does most of the time; of equals the first. */
enum lanes_does lanes_most(const struct lanes_time *t);

#endif
