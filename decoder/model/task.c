/* SPDX-License-Identifier: MIT */
/* task.c - names of tasks by pid. */
#include "model/task.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define TASK_SLOTS_FIRST 64u

static uint32_t task_hash(uint32_t pid)
{
    return pid * 2654435761u >> 16;
}

/* The slot of pid, else a free one; NULL: neither is where it may be. */
static struct task *task_place(struct task *slots, uint32_t count, uint32_t pid)
{
    for (uint32_t i = 0; i < TASK_PROBES; i++) {
        struct task *task = &slots[(task_hash(pid) + i) % count];

        if (!task->used || task->pid == pid)
            return task;
    }
    return NULL;
}

uint32_t task_bit(uint32_t pid)
{
    return task_hash(pid) % TASK_BITS;
}

const struct task *task_find(const struct task_table *t, uint32_t pid)
{
    const struct task *task = t->slots ? task_place(t->slots, t->count, pid) : NULL;

    if (t->asked)
        t->asked[task_bit(pid) / 64] |= 1ull << task_bit(pid) % 64;
    return task && task->used && task->name_bytes ? task : NULL;
}

const char *task_comm(const struct task_table *t, uint32_t pid, size_t *n)
{
    const struct task *task = task_find(t, pid);
    const char *name = pid ? "<...>" : "<idle>";

    *n = task ? task->name_bytes : strlen(name);
    return task ? task->name : name;
}

/* Into a table of `count`. False: not all have a place there. */
static bool task_move(const struct task_table *t, struct task *slots, uint32_t count)
{
    bool all = true;

    for (uint32_t i = 0; i < t->count; i++) {
        struct task *to;

        if (!t->slots[i].used)
            continue;
        to = task_place(slots, count, t->slots[i].pid);
        if (to)
            *to = t->slots[i];
        all = all && to;
    }
    return all;
}

/* To a larger table in which all have a place, or the largest. */
static void task_grow(struct task_table *t)
{
    uint32_t count = t->count;
    struct task *slots = NULL;

    do {
        free(slots);
        count = count ? 2 * count : TASK_SLOTS_FIRST;
        slots = mem_zero(count * sizeof(*slots));
    } while (!task_move(t, slots, count) && count < TASK_SLOTS);
    free(t->slots);
    t->slots = slots;
    t->count = count;
    t->generation++;
}

/* The slot of pid, else a free one, else, where there can be no more, one that is overwritten. */
static struct task *task_put(struct task_table *t, uint32_t pid)
{
    struct task *task = NULL;

    while (!(t->slots && (task = task_place(t->slots, t->count, pid))) && t->count < TASK_SLOTS)
        task_grow(t);
    return task ? task : &t->slots[(task_hash(pid) + t->generation % TASK_PROBES) % t->count];
}

void task_name(struct task_table *t, uint32_t pid, uint32_t group, const uint8_t *name,
               bool recorded)
{
    size_t n = strnlen((const char *)name, TP_TASK_NAME_BYTES);
    struct task *task;
    bool same;

    if (!t->slots && !n && !recorded)
        return;
    task = task_put(t, pid);
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

uint32_t task_named(const struct task_table *t)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < t->count && t->slots; i++)
        n += t->slots[i].used && t->slots[i].name_bytes;
    return n;
}

void task_copy(struct task_table *to, const struct task_table *from)
{
    size_t bytes = from->count * sizeof(*from->slots);

    task_free(to);
    if (!from->slots)
        return;
    to->slots = mem_alloc(bytes);
    to->count = from->count;
    memcpy(to->slots, from->slots, bytes);
}

void task_free(struct task_table *t)
{
    free(t->slots);
    t->slots = NULL;
    t->count = 0;
    t->generation++;
}
