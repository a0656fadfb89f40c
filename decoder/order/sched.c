/* SPDX-License-Identifier: MIT */
/* sched.c - who runs and who is woken, in one form. */
#include "order/sched.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define SCHED_SLOTS (2u * SCHED_FOREIGN_MAX)

struct sched_stream {
    struct sched_ran *cpus;
    uint32_t count;
};

struct sched_foreign {
    __int128 task[SCHED_FOREIGN_MAX];
    uint32_t slots[SCHED_SLOTS]; /* index + 1 */
};

void sched_open(struct sched *s, struct roles *roles)
{
    *s = (struct sched){.roles = roles};
}

void sched_close(struct sched *s)
{
    for (uint32_t i = 0; i < s->stream_count; i++)
        free(s->streams[i].cpus);
    free(s->streams);
    free(s->foreign);
    *s = (struct sched){.roles = NULL};
}

void sched_begin(struct sched *s, const struct stream *from)
{
    s->streams = mem_reach(s->streams, &s->stream_count, from->number, 1, sizeof(*s->streams));
    for (uint32_t i = 0; i < s->streams[from->number].count; i++)
        s->streams[from->number].cpus[i] = (struct sched_ran){.said = false};
}

static struct sched_ran *sched_cpu(struct sched *s, const struct stream_lane *lane)
{
    struct sched_stream *of = &s->streams[lane->stream->number];

    of->cpus = mem_reach(of->cpus, &of->count, lane->cpu, 1, sizeof(*of->cpus));
    return &of->cpus[lane->cpu];
}

int32_t sched_pid(struct sched *s, __int128 task)
{
    uint64_t hash = ((uint64_t)task ^ (uint64_t)(task >> 64)) * 0x9e3779b97f4a7c15u >> 32;
    uint32_t *slot;

    if (task >= 0 && task < SCHED_FOREIGN)
        return (int32_t)task;
    if (!s->foreign)
        s->foreign = mem_zero(sizeof(*s->foreign));
    for (;; hash++) {
        slot = &s->foreign->slots[hash % SCHED_SLOTS];
        if (!*slot || s->foreign->task[*slot - 1] == task)
            break;
    }
    if (!*slot) {
        if (s->foreign_count == SCHED_FOREIGN_MAX - 1)
            return SCHED_FOREIGN + (int32_t)s->foreign_count;
        s->foreign->task[s->foreign_count] = task;
        *slot = ++s->foreign_count;
    }
    return SCHED_FOREIGN + (int32_t)*slot - 1;
}

static bool sched_is_foreign(const struct sched *s, int32_t pid)
{
    return pid >= SCHED_FOREIGN && (uint32_t)(pid - SCHED_FOREIGN) < s->foreign_count;
}

__int128 sched_task(const struct sched *s, int32_t pid)
{
    return sched_is_foreign(s, pid) ? s->foreign->task[pid - SCHED_FOREIGN] : pid;
}

uint32_t sched_task32(const struct sched *s, int32_t pid)
{
    __int128 task = sched_task(s, pid);

    return task >= 0 && task <= UINT32_MAX ? (uint32_t)task : (uint32_t)pid;
}

struct metadata_text sched_name(const struct sched *s, const struct stream *from, int32_t pid)
{
    __int128 task = sched_task(s, pid);
    const char *name;
    size_t n;

    if (pid >= SCHED_FOREIGN && (!sched_is_foreign(s, pid) || task < 0 || task > UINT32_MAX))
        return (struct metadata_text){"<...>", 5};
    name = task_comm(&from->tasks, (uint32_t)task, &n);
    return (struct metadata_text){name, (uint32_t)n};
}

struct metadata_text sched_named(const struct sched *s, const struct stream *from, int32_t pid,
                                 struct metadata_text said)
{
    return said.n && pid ? said : sched_name(s, from, pid);
}

static bool sched_find(struct sched *s, const struct roles_meaning *m, enum roles_argument a,
                       struct stream_lane *lane, const struct metadata_event *e, int32_t *pid)
{
    __int128 task;

    if (!roles_number(m, a, lane, e, &task))
        return false;
    *pid = sched_pid(s, task);
    return true;
}

static enum roles_is sched_switch(struct sched *s, const struct roles_meaning *m,
                                  struct stream_lane *lane, const struct metadata_event *e,
                                  const struct value_tail *tails, struct sched_event *to)
{
    struct sched_ran *cpu = sched_cpu(s, lane);
    bool stop = m->is == ROLES_STOP;

    to->next = 0;
    to->prev = cpu->known ? cpu->pid : 0;
    to->prev_known = sched_find(s, m, stop ? ROLES_TASK : ROLES_PREV, lane, e, &to->prev);
    if (stop ? !to->prev_known
             : !sched_find(s, m, m->is == ROLES_RUN ? ROLES_TASK : ROLES_NEXT, lane, e, &to->next))
        return ROLES_NONE;
    s->leans = s->leans || (!to->prev_known && !cpu->said);
    to->prev_known = to->prev_known || cpu->known;
    to->state = m->is == ROLES_RUN ? ROLES_STATE_UNKNOWN : roles_state(m, lane, e, tails);
    if (!stop)
        to->name = roles_text(m, ROLES_NAME, lane, e, tails);
    *cpu = (struct sched_ran){true, true, to->next};
    return ROLES_SWITCH;
}

static enum roles_is sched_about(struct sched *s, const struct roles_meaning *m,
                                 struct stream_lane *lane, const struct metadata_event *e,
                                 const struct value_tail *tails, struct sched_event *to)
{
    __int128 cpu;

    if (!sched_find(s, m, ROLES_TASK, lane, e, &to->task))
        return ROLES_NONE;
    to->cpu = lane->cpu;
    if (roles_number(m, ROLES_CPU, lane, e, &cpu) && cpu >= 0 && cpu < TP_CHUNK_NO_CPU)
        to->cpu = (uint32_t)cpu;
    to->name = roles_text(m, ROLES_NAME, lane, e, tails);
    return m->is;
}

enum roles_is sched_take(struct sched *s, struct stream_lane *lane, const struct metadata_event *e,
                         const struct value_tail *tails, struct sched_event *event)
{
    const struct roles_meaning *m = roles_find(s->roles, e);

    *event = (struct sched_event){.is = ROLES_NONE};
    switch (m->is) {
    case ROLES_SWITCH:
    case ROLES_RUN:
    case ROLES_STOP:
        return event->is = sched_switch(s, m, lane, e, tails, event);
    case ROLES_WAKE:
    case ROLES_NEW:
    case ROLES_GONE:
    case ROLES_RENAME:
        return event->is = sched_about(s, m, lane, e, tails, event);
    default:
        return ROLES_NONE;
    }
}

void sched_lose(struct sched *s, const struct stream_lane *lane)
{
    *sched_cpu(s, lane) = (struct sched_ran){.said = true};
}

/* --- parts of a capture --- */

bool sched_is_apart(const struct sched *s)
{
    return !s->leans && !s->foreign_count;
}

void sched_add(struct sched *s, const struct sched_sum *sum)
{
    struct sched_stream *of = s->streams;
    uint32_t count = CUT_CPUS;

    while (count && !sum->cpu[count - 1].said)
        count--;
    if (!count || !of)
        return;
    of->cpus = mem_reach(of->cpus, &of->count, count - 1, 1, sizeof(*of->cpus));
    for (uint32_t i = 0; i < count; i++)
        if (!of->cpus[i].said)
            of->cpus[i] = sum->cpu[i];
}

void sched_put(const struct sched *s, struct sched_sum *sum)
{
    const struct sched_stream *of = s->streams;

    for (uint32_t i = 0; of && i < of->count && i < CUT_CPUS; i++)
        sum->cpu[i] = of->cpus[i];
}

void sched_forget(struct sched *s)
{
    s->leans = false;
    s->foreign_count = 0;
    if (s->foreign)
        memset(s->foreign->slots, 0, sizeof(s->foreign->slots));
    for (uint32_t i = 0; s->stream_count && i < s->streams[0].count; i++)
        s->streams[0].cpus[i] = (struct sched_ran){.said = false};
}
