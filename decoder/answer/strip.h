/* SPDX-License-Identifier: MIT */
/*
 * strip.h - the columns of a timeline: how many records there are, a row for each CPU, and what each task does.
 *
 * In one pass: a column begins as one nanosecond, and whenever a time does not fit, all become twice as wide. At least half
 * of STRIP_EACH times as many as are printed are used then, so that the printed ones can be of any width.
 */
#ifndef STRIP_H
#define STRIP_H

#include "answer/tasks.h"

#define STRIP_PRINTED 400u /* columns at most */
#define STRIP_EACH 16u     /* columns for each that is printed, */
#define STRIP_MOST 4096u   /* but no more than this */
#define STRIP_CPUS 256u    /* rows, the last of which is for all others: */
#define STRIP_OTHERS STRIP_CPUS
#define STRIP_TASKS 256u

struct strip_cell {
    uint64_t count : 63;
    uint64_t damaged : 1; /* records were lost, how many is not known */
    uint64_t lost;
};

struct strip_does {
    uint64_t ns[TASKS_DOES];
};

struct strip {
    uint32_t columns;
    struct strip_cell *cells; /* of each row, column modulo `columns` */
    struct strip_does *does;  /* the same for tasks; NULL: there are none */
    uint32_t row_count, task_count;
    bool based;
    uint64_t base_ns;
    unsigned shift; /* a column is 2^shift ns */
    __int128 first, last;
    uint64_t first_ns, last_ns; /* of all items */
};

void strip_open(struct strip *s, uint32_t printed, bool tasks);
void strip_close(struct strip *s);
/* From then on there is a column for this time. */
void strip_reach(struct strip *s, uint64_t ns);
/* The cell of a time that was reached. */
struct strip_cell *strip_at(struct strip *s, uint32_t row, uint64_t ns);
/* A task did something from one time to another, which were both reached. */
void strip_spend(struct strip *s, uint32_t row, enum tasks_does does, uint64_t from_ns,
                 uint64_t to_ns);

struct strip_cell *strip_cell(const struct strip *s, uint32_t row, __int128 column);
struct strip_does *strip_does(const struct strip *s, uint32_t row, __int128 column);
void strip_add(struct strip_cell *to, const struct strip_cell *c);

/* --- printed columns --- */

/* Of the same width, from the first item to the last: what is in one is within half a column of strip.h where it was. */
struct strip_scale {
    uint64_t column_ns;
    uint32_t columns;
};

struct strip_scale strip_scale(const struct strip *s, uint32_t printed);
struct strip_cell strip_cell_of(const struct strip *s, const struct strip_scale *scale,
                                uint32_t row, uint32_t column);
struct strip_does strip_does_of(const struct strip *s, const struct strip_scale *scale,
                                uint32_t row, uint32_t column);

#endif
