/* SPDX-License-Identifier: MIT */
/* select_counts.c - what the selection has counted, of a part of an input. */
#include "order/select_counts.h"

#include <string.h>

#include "base/number.h"

void select_counts_clear(struct select *s)
{
    struct asked *a = s->asked;

    s->shown = s->records = s->lost = 0;
    s->sink.enough = s->next->enough = false;
    memset(a->cpu, 0, sizeof(a->cpu));
    memset(a->pid, 0, sizeof(a->pid));
    a->pid_count = 0;
}

void select_counts_take(const struct select *s, struct select_counts *c)
{
    const struct asked *a = s->asked;

    *c = (struct select_counts){
        .shown = s->shown, .records = s->records, .lost = s->lost, .pid_count = a->pid_count};
    memcpy(c->cpu, a->cpu, sizeof(c->cpu));
    memcpy(c->pid, a->pid, sizeof(c->pid));
    memcpy(c->pids, a->some_pid, sizeof(c->pids));
}

void select_counts_add(struct select_counts *all, const struct select_counts *after)
{
    all->shown += after->shown;
    all->records += after->records;
    all->lost = number_add(all->lost, after->lost);
    for (uint32_t i = 0; i < RANGE_MAX; i++) {
        all->cpu[i] = all->cpu[i] || after->cpu[i];
        all->pid[i] = all->pid[i] || after->pid[i];
    }
    for (uint32_t i = 0, k; i < after->pid_count; i++) {
        for (k = 0; k < all->pid_count && all->pids[k] != after->pids[i];)
            k++;
        if (k == all->pid_count && k < ASKED_PIDS)
            all->pids[all->pid_count++] = after->pids[i];
    }
}

void select_counts_give(struct select *s, const struct select_counts *before)
{
    struct select_counts all = *before, own;
    struct asked *a = s->asked;

    select_counts_take(s, &own);
    select_counts_add(&all, &own);
    s->shown = all.shown;
    s->records = all.records;
    s->lost = all.lost;
    memcpy(a->cpu, all.cpu, sizeof(a->cpu));
    memcpy(a->pid, all.pid, sizeof(a->pid));
    memcpy(a->some_pid, all.pids, sizeof(a->some_pid));
    a->pid_count = all.pid_count;
}
