/* SPDX-License-Identifier: MIT */
/* sample.h - what the files of tracepoint_linux.ko have of each other. */
#ifndef TP_SAMPLE_H
#define TP_SAMPLE_H

#include <linux/percpu.h>
#include <linux/types.h>

/* A function for a tracepoint of Linux. */
struct sample_hook {
    const char *name;
    void *probe;
    bool hooked;
};

extern struct sample_hook sched_hooks[], span_hooks[]; /* ended by one without a name */

/* What was fired on each CPU: for books that balance. Linux calls probes with preemption off. */
DECLARE_PER_CPU(u64, sample_fired);

#define SAMPLE(event, ...)                                                                         \
    do {                                                                                           \
        if (tp_##event##_enabled()) {                                                              \
            this_cpu_inc(sample_fired);                                                            \
            tp_##event(__VA_ARGS__);                                                               \
        }                                                                                          \
    } while (0)

#endif
