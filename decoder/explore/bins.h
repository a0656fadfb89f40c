/* SPDX-License-Identifier: MIT */
/*
 * bins.h - columns of time: how many records there are of each CPU, and how long each task did what.
 *
 * Either all of the time has columns, which become twice as wide as need be, or a part of it has, as wide as they are shown
 * (bins_fix). What is shown of all of the time need not begin where a column does: a record is then where the middle
 * of its column is, and what a task did in a column is divided.
 */
#ifndef BINS_H
#define BINS_H

#include <stdbool.h>
#include <stdint.h>

#define BINS_COLUMNS 2048u /* at least half of them are used of all of the time */
#define BINS_CPUS 64u
#define BINS_TASKS 128u

enum bins_does { BINS_RUN, BINS_WAIT, BINS_SLEEP, BINS_DOES, BINS_UNKNOWN = BINS_DOES };

struct bins_cell {
    uint32_t count;
    bool lost;
};

struct bins_time {
    uint64_t ns[BINS_DOES];
};

struct bins {
    bool fixed, any;
    uint64_t width_ns, origin_ns; /* column 0 is there; of all of the time that is 0 */
    uint64_t first, last;
    uint32_t cpus, tasks;    /* that have something */
    struct bins_cell *cells; /* BINS_COLUMNS of each CPU, a column modulo that */
    struct bins_time *times; /* of each task */
};

void bins_open(struct bins *b);
void bins_fix(struct bins *b, uint64_t width_ns, uint64_t first_ns, uint32_t columns);
void bins_close(struct bins *b);
/* The last nanosecond of a column. */
uint64_t bins_end(const struct bins *b, uint64_t column);
/* Is there a column for this time? Of all of the time there is, from then on. */
bool bins_reach(struct bins *b, uint64_t ns);
void bins_count(struct bins *b, uint32_t cpu, uint64_t ns, bool lost);
/* A task did this from one time to another, as far as there are columns; how long that is. */
uint64_t bins_spend(struct bins *b, uint32_t task, enum bins_does does, uint64_t from_ns,
                    uint64_t to_ns);

/* What is shown as one column, which is a column of these or wider. */
struct bins_cell bins_cpu_at(const struct bins *b, uint32_t cpu, uint64_t from_ns,
                             uint64_t last_ns);
struct bins_time bins_task_at(const struct bins *b, uint32_t task, uint64_t from_ns,
                              uint64_t last_ns);
/* What it does most of the time; of equals the first. */
enum bins_does bins_most(const struct bins_time *t);

#endif
