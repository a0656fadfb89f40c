/* SPDX-License-Identifier: MIT */
/*
 * spans_cpu.h - whose time it is that passes on a CPU: that of the innermost span that is open, or, if none is, that of
 * the task.
 */
#ifndef SPANS_CPU_H
#define SPANS_CPU_H

#include "answer/spans.h"

#define SPANS_CPU_SLICE UINT32_MAX /* the tag of what is no span, but a time that a task ran */

/* There may be very many of them. */
struct spans_cpu {
    __int128 task;                /* that it runs, if that is known */
    uint64_t counted_ns, seen_ns; /* up to when its time is counted; its last record */
    uint64_t since_ns, slice_ns;  /* time of the task in which nothing was open */
    uint32_t node;                /* of the task in the tree */
    bool started, known;          /* its time is counted; what it runs is known */
};

struct spans_capture {
    struct spans_cpu *cpus;
    uint32_t cpu_count;
    uint64_t lost_ns; /* when something was lost last */
};

/* The CPU, which is made if need be. */
struct spans_cpu *spans_cpu_get(struct spans_capture *c, uint32_t cpu);
/* The track of a CPU or a task, or 0: nothing is open there. */
uint32_t spans_cpu_track(const struct spans *sp, const struct spans_capture *c,
                         enum stack_kind kind, __int128 number);
/* What a CPU is in: the frame that began last of its own and of those of its task, or 0. */
uint32_t spans_cpu_innermost(const struct spans *sp, const struct spans_capture *c, uint32_t cpu);
/* The time up to now is that of what the CPU was in. */
void spans_cpu_count(struct spans *sp, struct spans_capture *c, uint32_t cpu, uint64_t ns);
/* What the CPU ran, it does not run any longer; good: it ran until then. */
void spans_cpu_stop(struct spans *sp, struct spans_capture *c, uint32_t cpu, uint64_t ns,
                    bool good);
/* From now on it runs this task. The name is what the switch says; no bytes: nothing. */
void spans_cpu_run(struct spans *sp, struct spans_capture *c, const struct stream_lane *lane,
                   __int128 task, struct metadata_text name, uint64_t ns);

#endif
