/* SPDX-License-Identifier: MIT */
/* task.c - names of tasks by pid. */
#include "model/task.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static uint32_t task_slot(uint32_t pid, uint32_t probe)
{
    return (pid * 2654435761u >> 16) + probe;
}

const struct task *task_find(const struct task_table *t, uint32_t pid)
{
    for (uint32_t i = 0; t->slots && i < TASK_PROBES; i++) {
        const struct task *task = &t->slots[task_slot(pid, i) % TASK_SLOTS];

        if (!task->used)
            return NULL;
        if (task->pid == pid)
            return task->name_bytes ? task : NULL;
    }
    return NULL;
}

const char *task_comm(const struct task_table *t, uint32_t pid, size_t *n)
{
    const struct task *task = task_find(t, pid);
    const char *name = pid ? "<...>" : "<idle>";

    *n = task ? task->name_bytes : strlen(name);
    return task ? task->name : name;
}

/* The slot of pid, else a free one, else one that is overwritten. */
static struct task *task_place(struct task_table *t, uint32_t pid)
{
    for (uint32_t i = 0; i < TASK_PROBES; i++) {
        struct task *task = &t->slots[task_slot(pid, i) % TASK_SLOTS];

        if (!task->used || task->pid == pid)
            return task;
    }
    return &t->slots[task_slot(pid, t->generation % TASK_PROBES) % TASK_SLOTS];
}

void task_name(struct task_table *t, uint32_t pid, uint32_t group, const uint8_t *name,
               bool recorded)
{
    size_t n = strnlen((const char *)name, TP_TASK_NAME_BYTES);
    struct task *task;
    bool same;

    if (!t->slots && !n && !recorded)
        return;
    if (!t->slots)
        t->slots = mem_zero(TASK_SLOTS * sizeof(*t->slots));
    task = task_place(t, pid);
    same = task->used && task->pid == pid;
    if (same ? task->recorded && !recorded : !n && !recorded)
        return;
    if (!same || task->group != group || task->name_bytes != n || memcmp(task->name, name, n) != 0)
        t->generation++;
    task->pid = pid;
    task->group = group;
    task->name_bytes = (uint8_t)n;
    task->used = true;
    task->recorded = recorded;
    memcpy(task->name, name, n);
}

void task_free(struct task_table *t)
{
    free(t->slots);
    t->slots = NULL;
    t->generation++;
}
