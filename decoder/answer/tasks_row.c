/* SPDX-License-Identifier: MIT */
/* tasks_row.c - the tasks of --tasks, a row each: names, numbers, order. */
#include "answer/tasks_row.h"

#include <stdlib.h>

#include "base/mem.h"
#include "order/key.h"

#define TASKS_ROW_HEADS (2 * TASKS_MAX)

bool tasks_row_idle_name(const char *name, size_t bytes)
{
    static const char *const words[] = {"idle", "swapper"};

    for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        size_t n = strlen(words[i]), k = 0;

        while (k < n && k < bytes && (name[k] | 0x20) == words[i][k])
            k++;
        if (k == n && (bytes == n || memchr("/-:# 0123456789", name[n], 15)))
            return true;
    }
    return false;
}

void tasks_row_set_name(struct tasks_row *r, const char *name, size_t n)
{
    if (!n)
        return;
    r->name_bytes = (uint32_t)(n < TASKS_NAME_BYTES ? n : TASKS_NAME_BYTES);
    memcpy(r->name, name, r->name_bytes);
    r->idle = r->id == 0 || tasks_row_idle_name(r->name, r->name_bytes);
}

void tasks_row_look_up(struct tasks_row *r, const struct stream *s)
{
    const struct task *task = r->name_bytes || r->id < 0 || r->id > UINT32_MAX
                                  ? NULL
                                  : task_find(&s->tasks, (uint32_t)r->id);

    if (task)
        tasks_row_set_name(r, task->name, task->name_bytes);
}

static uint32_t tasks_row_add(struct tasks *t)
{
    if (t->row_count == t->row_room) {
        t->row_room = 2 * t->row_room;
        t->rows = mem_grow(t->rows, t->row_room * sizeof(*t->rows));
    }
    t->rows[t->row_count] = (struct tasks_row){0};
    return t->row_count++;
}

uint32_t tasks_row_get(struct tasks *t, uint32_t capture, uint32_t *newest, __int128 id)
{
    const struct key k = {.number = id, .stream = capture};
    uint32_t *head = &t->heads[key_hash(&k) % TASKS_ROW_HEADS], i = *head;

    while (i && (t->rows[i].id != id || t->rows[i].capture != capture))
        i = t->rows[i].next;
    if (i || t->row_count == TASKS_FIRST + TASKS_MAX)
        return i ? i : TASKS_OTHERS;
    i = tasks_row_add(t);
    t->rows[i].id = id;
    t->rows[i].capture = capture;
    t->rows[i].next = *head;
    t->rows[i].older = *newest;
    t->rows[i].idle = id == 0;
    *head = *newest = i;
    return i;
}

/* The longest first; what is no task last. */
static int tasks_row_compare(const void *a, const void *b)
{
    const struct tasks_row *x = *(struct tasks_row *const *)a, *y = *(struct tasks_row *const *)b;

    if (!x->capture != !y->capture)
        return x->capture ? -1 : 1;
    if (x->run_ns != y->run_ns)
        return x->run_ns > y->run_ns ? -1 : 1;
    if (x->id != y->id)
        return x->id > y->id ? 1 : -1;
    return (x->capture > y->capture) - (x->capture < y->capture);
}

uint32_t tasks_row_sort(struct tasks *t)
{
    uint32_t count = 0;

    t->order = mem_zero(t->row_count * sizeof(*t->order));
    for (uint32_t i = 0; i < t->row_count; i++)
        if (t->rows[i].run_ns || t->rows[i].wait_ns || t->rows[i].switches)
            t->order[count++] = &t->rows[i];
    qsort(t->order, count, sizeof(*t->order), tasks_row_compare);
    return count;
}

struct tasks_who tasks_row_who(const struct tasks *t, uint32_t row)
{
    const struct tasks_row *r = &t->rows[row];

    return (struct tasks_who){r->name, r->name_bytes, r->id, r->capture, r->idle, r->run_ns};
}

void tasks_row_open(struct tasks *t)
{
    t->heads = mem_zero(TASKS_ROW_HEADS * sizeof(*t->heads));
    t->row_room = 64;
    t->rows = mem_zero(t->row_room * sizeof(*t->rows));
    tasks_row_add(t);
    tasks_row_add(t);
}

void tasks_row_close(struct tasks *t)
{
    for (uint32_t i = 0; t->rows && i < t->row_count; i++)
        quantile_few_free(&t->rows[i].latency);
    free(t->rows);
    free(t->heads);
    free(t->order);
}
