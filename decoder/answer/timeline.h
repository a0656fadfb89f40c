/* SPDX-License-Identifier: MIT */
/*
 * timeline.h - --timeline: how dense records are, a line for each CPU, and what each task does (tasks.h).
 *
 * In one pass: a column begins as one nanosecond, and whenever a time does not fit, all become
 * twice as wide. The first column starts at the first item; at least half of them are used then.
 */
#ifndef TIMELINE_H
#define TIMELINE_H

#include "answer/loss.h"
#include "answer/tasks.h"

#define TIMELINE_CPUS 256u /* with a line of their own, the first that are seen */
#define TIMELINE_COLUMNS_LEAST 10u
#define TIMELINE_COLUMNS_MOST 400u
#define TIMELINE_NAME 16u  /* characters before the columns */
#define TIMELINE_LABEL 19u /* of a line that are not columns */
#define TIMELINE_TASKS                                                                             \
    256u /* with columns of their own, the first that are seen; idle ones have none */
#define TIMELINE_SHOWN 32u /* as text, those that ran longest */

struct timeline_cell {
    uint64_t count, lost;
    bool damaged; /* records were lost, how many is not known */
};

struct timeline_does {
    uint64_t ns[TASKS_DOES];
};

struct timeline_options {
    bool ascii;
    uint32_t width;                    /* of the terminal, in characters */
    bool tasks;                        /* are to be shown: all events are passed on */
    bool some_cpus;                    /* but not those of all CPUs */
    const struct roles_options *roles; /* NULL: none */
};

struct timeline {
    struct sink sink;
    bool json, ascii;
    bool wrong; /* a role is, and it was said why */
    uint32_t columns;
    struct timeline_cell *cells; /* of each row, column modulo `columns` */
    uint16_t *rows;              /* by CPU: row + 1 */
    uint32_t cpus[TIMELINE_CPUS];
    uint32_t row_count; /* the others have the one at TIMELINE_CPUS */
    bool based, others;
    struct loss loss;
    uint64_t base_ns;
    unsigned shift; /* a column is 2^shift ns */
    __int128 first, last;
    uint64_t first_ns, last_ns; /* of all items */

    bool with_tasks;
    struct tasks tasks;
    struct timeline_does *does;           /* of each row, column modulo `columns` */
    uint16_t *task_rows;                  /* by row of the tasks: row here + 1 */
    uint32_t tasks_shown[TIMELINE_TASKS]; /* the other way */
    uint32_t order[TIMELINE_TASKS];       /* of rows, as they are shown */
    uint32_t task_count, task_more;
};

struct sink *timeline_open(struct timeline *t, struct out *o, const struct timeline_options *how,
                           bool json, uint32_t inputs, struct diag *diag);

#endif
