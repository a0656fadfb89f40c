/* SPDX-License-Identifier: MIT */
/*
 * asked.h - of what the command line asks for, what there is: a name, a number or a time may be wrong.
 *
 * What is found is noted while a dump is read; what is missing is reported at the end.
 */
#ifndef ASKED_H
#define ASKED_H

#include "base/near.h"
#include "base/range.h"
#include "order/glob.h"
#include "order/stamp.h"

struct diag;

#define ASKED_PIDS 8u /* that are named when none was found */

struct asked {
    const struct glob *globs; /* what is asked for: */
    uint32_t glob_count;
    const struct range_list *captures, *cpus, *pids;

    bool glob[GLOB_MAX], capture[RANGE_MAX], cpu[RANGE_MAX], pid[RANGE_MAX]; /* there is some */
    struct near near[GLOB_MAX];
    uint32_t capture_count;        /* the most of an input */
    uint64_t cpu_count;            /* the most of a capture */
    uint32_t some_pid[ASKED_PIDS]; /* some that there are */
    uint32_t pid_count;
    bool early, late;         /* there were records before, and after, the time asked for */
    uint64_t low_ns, high_ns; /* of all records; as text: */
    char low[STAMP_BYTES + 1], high[STAMP_BYTES + 1];
};

/* Once what is asked for is set. */
void asked_open(struct asked *a);
void asked_note_pid(struct asked *a, uint32_t pid);
/* The events and CPUs of a capture, as far as it was read. */
void asked_look(struct asked *a, const struct metadata *m);
/* The first and the last time of a capture, on its counter. */
void asked_times(struct asked *a, struct stream *from, bool day, uint64_t low, uint64_t high);

/* What is missing. Captures, and tasks, only where all was read; times only if nothing was found. */
void asked_miss_captures(const struct asked *a, struct diag *diag);
void asked_miss_events(const struct asked *a, struct diag *diag);
void asked_miss_cpus(const struct asked *a, struct diag *diag);
void asked_miss_pids(const struct asked *a, struct diag *diag);
void asked_miss_time(const struct asked *a, struct diag *diag);

#endif
