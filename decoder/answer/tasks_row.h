/* SPDX-License-Identifier: MIT */
/* tasks_row.h - the tasks of --tasks, a row each: names, numbers, order. */
#ifndef TASKS_ROW_H
#define TASKS_ROW_H

#include "answer/tasks.h"

struct tasks_who {
    const char *name;
    uint32_t name_bytes; /* 0: it has none */
    __int128 id;
    uint32_t capture;
    bool idle;
    uint64_t run_ns;
};

void tasks_row_open(struct tasks *t);
/* The row of a task; TASKS_OTHERS if there are too many. `newest`: the last one that was added of its capture, or 0. */
uint32_t tasks_row_get(struct tasks *t, uint32_t capture, uint32_t *newest, __int128 id);
void tasks_row_set_name(struct tasks_row *r, const char *name, size_t n);
/* Its name, from the names of tasks that the dump has. */
void tasks_row_look_up(struct tasks_row *r, const struct stream *s);
/* Is that the name of a task that runs when there is nothing to do? */
bool tasks_row_idle_name(const char *name, size_t bytes);
struct tasks_who tasks_row_who(const struct tasks *t, uint32_t row);
/* t->order, and how many are in it. */
uint32_t tasks_row_sort(struct tasks *t);
void tasks_row_close(struct tasks *t);

#endif
