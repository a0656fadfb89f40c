/* SPDX-License-Identifier: MIT */
/*
 * lanes.h - how dense records are on each CPU and what each task does, in columns of time (bins.h).
 *
 * What tasks do is known from the roles of events (order/sched.h) and not known after a loss until an event says it again.
 * A loss is reported when its CPU goes on: what tasks of other CPUs did meanwhile and have ended by then stays.
 */
#ifndef LANES_H
#define LANES_H

#include "answer/share.h"
#include "explore/bins.h"
#include "explore/pass.h"
#include "order/sched.h"

#define LANES_NAME_BYTES 32u

/* Whose lanes there are, the first that are seen: the same for all of the time and for a part. */
struct lanes_who {
    struct lanes_cpu {
        uint32_t place, cpu; /* place: of the capture, among those that overlap (share.h) */
    } cpus[BINS_CPUS];
    struct lanes_task {
        uint32_t capture;
        int32_t id; /* of sched.h */
        uint64_t run_ns;
        bool idle; /* it has no lane */
        uint32_t name_bytes;
        char name[LANES_NAME_BYTES];
    } tasks[BINS_TASKS];
    uint32_t cpu_count, task_count, places, captures;
    /* As they are shown. */
    uint32_t order_cpus[BINS_CPUS], order_tasks[BINS_TASKS], shown_tasks;
    bool more_cpus, more_tasks;
};

/* What is so at one moment. */
struct lanes_state {
    uint8_t does[BINS_TASKS];
    uint8_t runs[BINS_CPUS]; /* the task + 1; 0: none that is known */
};

struct lanes {
    struct lanes_who *who; /* NULL: not open */
    struct lanes *whole;   /* this is a part of; or NULL */
    struct bins bins;
    struct lanes_state state;
    uint64_t since[BINS_TASKS];
    uint64_t now_ns;
    struct roles roles;
    struct sched sched;
    struct share share;
    uint32_t *captures; /* by place: its number */
    uint32_t capture_count;
};

void lanes_open(struct lanes *l, struct lanes_who *who, const struct roles_options *roles,
                uint32_t inputs);
/* At most BINS_COLUMNS. The numbers that tasks have are those that they have in the whole. */
void lanes_part(struct lanes *l, struct lanes *whole, uint64_t width_ns, uint64_t first_ns,
                uint32_t columns);
void lanes_close(struct lanes *l);
/* What tasks do at this time: where a part begins. */
void lanes_set(struct lanes *l, const struct lanes_state *state, uint64_t ns);

void lanes_begin(struct lanes *l, struct stream *s);
void lanes_event(struct lanes *l, struct stream_lane *lane, const struct metadata_event *e);
void lanes_loss(struct lanes *l, struct stream_lane *lane);
/* A line that is shown: it counts for its CPU. */
void lanes_line(struct lanes *l, const struct pass_line *line);
void lanes_finish(struct lanes *l, struct stream *s);
/* All has come. */
void lanes_settle(struct lanes *l);
/* Who is shown first: CPUs by number, tasks by how long they ran. */
void lanes_sort(struct lanes_who *who);

static inline uint32_t lanes_count(const struct lanes_who *who)
{
    return who->cpu_count + who->shown_tasks;
}

#endif
