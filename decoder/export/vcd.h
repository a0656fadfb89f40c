/* SPDX-License-Identifier: MIT */
/*
 * vcd.h - signals for GTKWave, PulseView and Surfer: a value change dump (IEEE 1364).
 *
 * For each CPU: the task that runs, as a text and as a number, and how many interrupts are nested; for each
 * event that is a counter its value. x is what is not known, as after a loss. Times are nanoseconds.
 */
#ifndef VCD_H
#define VCD_H

#include "export/single.h"
#include "order/sched.h"

#define VCD_CPUS 1024u    /* that have signals */
#define VCD_COUNTERS 256u /* events that do */

struct vcd {
    struct sink sink;
    struct diag *diag;
    struct roles roles;
    struct sched sched;
    struct single single;
    uint32_t cpus;
    uint32_t *depth; /* by CPU: of interrupts */
    uint32_t counters;
    uint32_t counter[VCD_COUNTERS]; /* ids of events */
    bool timed;                     /* a time was written, the last one: */
    uint64_t now_ns;
    uint64_t left_out; /* records that are no change of a signal */
    uint64_t late;     /* changes that went back in time */
    uint64_t losses;
    bool wrong;
};

struct sink *vcd_open(struct vcd *v, struct out *o, const struct roles_options *roles,
                      struct diag *diag);

#endif
