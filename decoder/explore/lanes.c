/* SPDX-License-Identifier: MIT */
/* lanes.c - how dense records are on each CPU and what each task does. */
#include "explore/lanes.h"

#include <stdlib.h>
#include <string.h>

#include "answer/tasks_row.h"
#include "base/mem.h"

#define LANES_ABSENT UINT32_MAX

/* --- who there is --- */

static uint32_t lanes_capture(const struct lanes *l, const struct stream *s)
{
    return l->captures[share_place(&l->share, s)];
}

static void lanes_name(struct lanes *l, struct lanes_task *t, struct metadata_text name)
{
    if (!name.n || l->whole)
        return;
    t->name_bytes = name.n < LANES_NAME_BYTES ? name.n : LANES_NAME_BYTES;
    memcpy(t->name, name.bytes, t->name_bytes);
    t->idle = tasks_row_idle_name(t->name, t->name_bytes);
}

/* The lane of a task; LANES_ABSENT: it is nothing, or there are too many. */
static uint32_t lanes_task(struct lanes *l, const struct stream *s, int32_t id,
                           struct metadata_text name)
{
    struct lanes_who *w = l->who;
    uint32_t i = 0, capture = lanes_capture(l, s);

    if (!id)
        return LANES_ABSENT;
    while (i < w->task_count && (w->tasks[i].id != id || w->tasks[i].capture != capture))
        i++;
    w->more_tasks = w->more_tasks || i == BINS_TASKS;
    if (i == BINS_TASKS || (l->whole && i == w->task_count))
        return LANES_ABSENT;
    if (i == w->task_count) {
        w->tasks[w->task_count++] = (struct lanes_task){.capture = capture, .id = id};
        l->state.does[i] = BINS_UNKNOWN;
    }
    lanes_name(l, &w->tasks[i], name);
    return i;
}

static uint32_t lanes_cpu(struct lanes *l, const struct stream *s, uint32_t cpu)
{
    struct lanes_who *w = l->who;
    uint32_t i = 0, place = share_place(&l->share, s);

    while (i < w->cpu_count && (w->cpus[i].cpu != cpu || w->cpus[i].place != place))
        i++;
    w->more_cpus = w->more_cpus || i == BINS_CPUS;
    if (i == BINS_CPUS || (l->whole && i == w->cpu_count))
        return LANES_ABSENT;
    if (i == w->cpu_count)
        w->cpus[w->cpu_count++] = (struct lanes_cpu){place, cpu};
    w->places = place >= w->places ? place + 1 : w->places;
    return i;
}

/* --- what tasks do --- */

/* Until this time the task has done what it does. */
static void lanes_spend(struct lanes *l, uint32_t task, uint64_t to)
{
    unsigned does = l->state.does[task];
    uint64_t from = l->since[task], spent;

    if (from >= to)
        return;
    l->since[task] = to;
    if (does >= BINS_DOES)
        return;
    spent = bins_spend(&l->bins, task, (enum bins_does)does, from, to);
    if (!l->whole && does == BINS_RUN)
        l->who->tasks[task].run_ns += spent;
}

static void lanes_does(struct lanes *l, uint32_t task, enum bins_does does, uint64_t ns)
{
    if (task == LANES_ABSENT)
        return;
    lanes_spend(l, task, ns);
    l->since[task] = ns;
    l->state.does[task] = (uint8_t)does;
}

static void lanes_switch(struct lanes *l, struct stream_lane *lane, const struct sched_event *v,
                         uint64_t ns)
{
    static const enum bins_does left[] = {[ROLES_STATE_UNKNOWN] = BINS_UNKNOWN,
                                          [ROLES_STATE_READY] = BINS_WAIT,
                                          [ROLES_STATE_WAITS] = BINS_SLEEP,
                                          [ROLES_STATE_DEAD] = BINS_UNKNOWN};
    const struct metadata_text none = {NULL, 0};
    uint32_t cpu = lanes_cpu(l, lane->stream, lane->cpu);
    uint32_t prev = v->prev_known ? lanes_task(l, lane->stream, v->prev, none) : LANES_ABSENT;
    uint32_t next = lanes_task(l, lane->stream, v->next, v->name);

    if (!v->prev_known && cpu != LANES_ABSENT && l->state.runs[cpu])
        prev = l->state.runs[cpu] - 1u;
    lanes_does(l, prev, left[v->state], ns);
    lanes_does(l, next, BINS_RUN, ns);
    if (cpu != LANES_ABSENT)
        l->state.runs[cpu] = next == LANES_ABSENT ? 0 : (uint8_t)(next + 1);
}

void lanes_event(struct lanes *l, struct stream_lane *lane, const struct metadata_event *e)
{
    struct value_tail tails[TP_LIMIT_FIELDS];
    uint64_t ns = stream_ns(lane->stream, lane->time);
    struct sched_event v;
    uint32_t task;

    l->now_ns = ns > l->now_ns ? ns : l->now_ns;
    if (!e || roles_find(&l->roles, e)->is == ROLES_NONE || !value_tails(e, &lane->record, tails))
        return;
    switch (sched_take(&l->sched, lane, e, tails, &v)) {
    case ROLES_SWITCH:
        lanes_switch(l, lane, &v, ns);
        break;
    case ROLES_WAKE:
    case ROLES_NEW:
        task = lanes_task(l, lane->stream, v.task, v.name);
        if (task != LANES_ABSENT && l->state.does[task] != BINS_RUN)
            lanes_does(l, task, BINS_WAIT, ns);
        break;
    case ROLES_GONE:
        lanes_does(l, lanes_task(l, lane->stream, v.task, v.name), BINS_UNKNOWN, ns);
        break;
    default:
        break;
    }
}

/* What was lost may have been a switch of this CPU, or have woken any task that does not run. */
void lanes_loss(struct lanes *l, struct stream_lane *lane)
{
    uint32_t cpu = lanes_cpu(l, lane->stream, lane->cpu), capture = lanes_capture(l, lane->stream);
    uint64_t ns = stream_ns(lane->stream, lane->time),
             from = stream_ns(lane->stream, lane->gap_from);
    unsigned runs = cpu == LANES_ABSENT ? 0 : l->state.runs[cpu];

    from = from < ns ? from : ns;
    l->now_ns = ns > l->now_ns ? ns : l->now_ns;
    sched_lose(&l->sched, lane);
    for (uint32_t i = 0; i < l->who->task_count; i++)
        if (l->who->tasks[i].capture == capture &&
            (i + 1 == runs || l->state.does[i] == BINS_WAIT || l->state.does[i] == BINS_SLEEP)) {
            lanes_spend(l, i, from);
            l->state.does[i] = BINS_UNKNOWN;
            l->since[i] = ns;
        }
    if (cpu != LANES_ABSENT)
        l->state.runs[cpu] = 0;
}

void lanes_line(struct lanes *l, const struct pass_line *line)
{
    uint32_t cpu = lanes_cpu(l, line->stream, line->lane->cpu);

    l->now_ns = line->ns > l->now_ns ? line->ns : l->now_ns;
    if (bins_reach(&l->bins, line->ns) && cpu != LANES_ABSENT)
        bins_count(&l->bins, cpu, line->ns, line->kind == PASS_LOSS);
}

void lanes_begin(struct lanes *l, struct stream *s)
{
    bool first;
    uint32_t place = share_begin(&l->share, s, &first);

    if (first)
        l->captures[place] = ++l->capture_count;
    l->who->captures = l->capture_count > l->who->captures ? l->capture_count : l->who->captures;
    sched_begin(&l->sched, s);
}

/* What tasks of it do is not known any more; their names are, now or never. */
void lanes_finish(struct lanes *l, struct stream *s)
{
    uint32_t capture = lanes_capture(l, s), place;
    bool last;

    for (uint32_t i = 0; i < l->who->task_count; i++) {
        struct lanes_task *t = &l->who->tasks[i];

        if (t->capture == capture && !t->name_bytes)
            lanes_name(l, t, sched_name(&l->sched, s, t->id));
    }
    last = share_leave(&l->share, s->number, &place);
    for (uint32_t i = 0; last && i < l->who->task_count; i++)
        if (l->who->tasks[i].capture == capture)
            lanes_does(l, i, BINS_UNKNOWN, l->now_ns);
    for (uint32_t i = 0; last && i < l->who->cpu_count; i++)
        if (l->who->cpus[i].place == place)
            l->state.runs[i] = 0;
    (void)roles_finish(&l->roles, s, 0);
}

/* Numbers of tasks that are no process ids. */
static void lanes_give(struct lanes *from, struct lanes *to)
{
    if (!from->sched.foreign)
        return;
    to->sched.foreign = from->sched.foreign;
    to->sched.foreign_count = from->sched.foreign_count;
    from->sched.foreign = NULL;
    from->sched.foreign_count = 0;
}

void lanes_settle(struct lanes *l)
{
    for (uint32_t i = 0; i < l->who->task_count; i++)
        lanes_spend(l, i, l->now_ns);
    if (l->whole)
        lanes_give(l, l->whole);
}

void lanes_set(struct lanes *l, const struct lanes_state *state, uint64_t ns)
{
    l->state = *state;
    for (uint32_t i = 0; i < BINS_TASKS; i++)
        l->since[i] = ns;
}

void lanes_open(struct lanes *l, struct lanes_who *who, const struct roles_options *roles,
                uint32_t inputs)
{
    memset(l, 0, sizeof(*l));
    l->who = who;
    memset(l->state.does, BINS_UNKNOWN, sizeof(l->state.does));
    roles_open(&l->roles, roles);
    sched_open(&l->sched, &l->roles);
    share_open(&l->share, inputs);
    l->captures = mem_zero(inputs * sizeof(*l->captures));
    bins_open(&l->bins);
}

void lanes_part(struct lanes *l, struct lanes *whole, uint64_t width_ns, uint64_t first_ns,
                uint32_t columns)
{
    lanes_open(l, whole->who, whole->roles.options, whole->share.count);
    lanes_give(whole, l);
    l->whole = whole;
    bins_fix(&l->bins, width_ns, first_ns, columns);
}

void lanes_close(struct lanes *l)
{
    if (!l->who)
        return;
    if (l->whole)
        lanes_give(l, l->whole);
    bins_close(&l->bins);
    sched_close(&l->sched);
    share_close(&l->share);
    free(l->captures);
    l->captures = NULL;
    l->who = NULL;
}

/* --- the order of lanes --- */

static bool lanes_task_before(const struct lanes_task *a, const struct lanes_task *b)
{
    if (a->idle != b->idle)
        return b->idle;
    return a->run_ns != b->run_ns ? a->run_ns > b->run_ns : a->id < b->id;
}

static bool lanes_cpu_before(const struct lanes_cpu *a, const struct lanes_cpu *b)
{
    return a->place != b->place ? a->place < b->place : a->cpu < b->cpu;
}

void lanes_sort(struct lanes_who *who)
{
    uint32_t k;

    for (uint32_t i = 0; i < who->cpu_count; i++) {
        for (k = i; k && lanes_cpu_before(&who->cpus[i], &who->cpus[who->order_cpus[k - 1]]); k--)
            who->order_cpus[k] = who->order_cpus[k - 1];
        who->order_cpus[k] = i;
    }
    who->shown_tasks = 0;
    for (uint32_t i = 0; i < who->task_count; i++) {
        for (k = i; k && lanes_task_before(&who->tasks[i], &who->tasks[who->order_tasks[k - 1]]);
             k--)
            who->order_tasks[k] = who->order_tasks[k - 1];
        who->order_tasks[k] = i;
        who->shown_tasks += !who->tasks[i].idle;
    }
}
