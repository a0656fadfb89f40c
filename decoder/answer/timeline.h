/* SPDX-License-Identifier: MIT */
/*
 * timeline.h - --timeline: how dense records are, a line for each CPU, and what each task does (tasks.h).
 *
 * Text is as wide as the terminal. JSON has columns that are exact: each is a number of those of strip.h, and up to a ninth fewer
 * than there is room for.
 */
#ifndef TIMELINE_H
#define TIMELINE_H

#include "answer/boots.h"
#include "answer/loss.h"
#include "answer/strip.h"
#include "answer/tasks.h"

#define TIMELINE_COLUMNS_LEAST 10u
#define TIMELINE_NAME 16u  /* characters before the columns */
#define TIMELINE_LABEL 19u /* of a line that are not columns */
#define TIMELINE_SHOWN 32u /* as text, those that ran longest */

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
    bool wrong;       /* a role is, and it was said why */
    uint32_t columns; /* there is room for */
    struct strip strip;
    struct strip_scale scale; /* of text */
    uint32_t each;            /* columns of the strip for one of JSON */
    __int128 first, last;     /* of JSON */
    uint16_t *rows;           /* by CPU: row + 1; those that come first have one */
    bool others;
    struct loss loss;
    struct boots boots;
    struct diag *diag;

    bool with_tasks;
    struct tasks tasks;
    uint16_t *task_rows;               /* by row of the tasks: row here + 1 */
    uint32_t tasks_shown[STRIP_TASKS]; /* the other way */
    uint32_t order[STRIP_TASKS];       /* of rows, as they are shown */
    uint32_t task_more;
};

struct sink *timeline_open(struct timeline *t, struct out *o, const struct timeline_options *how,
                           bool json, uint32_t inputs, struct diag *diag);

#endif
