/* SPDX-License-Identifier: MIT */
/*
 * ftrace.h - records as Linux's own text, for what reads that: Perfetto, Trace Compass, scripts.
 *
 * The layout is that of /sys/kernel/tracing/trace. By its role an event has Linux's name and fields:
 *
 *     sched_switch: prev_comm=a prev_pid=1 prev_prio=120 prev_state=S ==> next_comm=b next_pid=2 next_prio=120
 *     sched_waking: comm=b pid=2 prio=120 target_cpu=000
 *
 * all others their name and text as tpdecode prints them. Losses are CPU:1 [LOST 3 EVENTS].
 */
#ifndef FTRACE_H
#define FTRACE_H

#include "export/single.h"
#include "order/sched.h"

#define FTRACE_TASKS 256u

struct ftrace {
    struct sink sink;
    struct diag *diag;
    struct roles roles;
    struct sched sched;
    struct single single;
    struct ftrace_task {
        const struct stream *of; /* NULL: not used */
        uint32_t pid, generation, bytes;
        char text[4 * TP_TASK_NAME_BYTES + 24]; /* of a name each byte may be \xNN */
    } * tasks;                                  /* by pid */
    bool started;
    bool wrong;          /* at the end: a --role fits no event, which was said */
    uint64_t unfinished; /* that have no line */
};

struct sink *ftrace_open(struct ftrace *f, struct out *o, const struct roles_options *roles,
                         struct diag *diag);

#endif
