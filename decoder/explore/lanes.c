/* SPDX-License-Identifier: MIT */
/* lanes.c - how dense records are on each CPU and what each task does. */
#include "explore/lanes.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define LANES_ABSENT UINT32_MAX

static struct lanes_cell *lanes_cell(const struct lanes *l, uint32_t cpu, uint64_t column)
{
    return &l->cells[(size_t)cpu * LANES_COLUMNS + column % LANES_COLUMNS];
}

static struct lanes_time *lanes_time(const struct lanes *l, uint32_t task, uint64_t column)
{
    return &l->times[(size_t)task * LANES_COLUMNS + column % LANES_COLUMNS];
}

/* --- columns --- */

/* Two become one, of the same place or an earlier one: in the order of time nothing is overwritten that is still needed. */
static void lanes_widen_cpu(struct lanes *l, uint32_t cpu)
{
    struct lanes_cell old[LANES_COLUMNS];

    for (uint64_t i = l->first; i <= l->last; i++) {
        old[i - l->first] = *lanes_cell(l, cpu, i);
        *lanes_cell(l, cpu, i) = (struct lanes_cell){0};
    }
    for (uint64_t i = l->first; i <= l->last; i++) {
        lanes_cell(l, cpu, i >> 1)->count += old[i - l->first].count;
        lanes_cell(l, cpu, i >> 1)->lost |= old[i - l->first].lost;
    }
}

static void lanes_widen_task(struct lanes *l, uint32_t task)
{
    struct lanes_time old[LANES_COLUMNS];

    for (uint64_t i = l->first; i <= l->last; i++) {
        old[i - l->first] = *lanes_time(l, task, i);
        *lanes_time(l, task, i) = (struct lanes_time){{0}};
    }
    for (uint64_t i = l->first; i <= l->last; i++)
        for (unsigned k = 0; k < LANES_DOES; k++)
            lanes_time(l, task, i >> 1)->ns[k] += old[i - l->first].ns[k];
}

/* Is there a column for this time? Of the whole there is, from then on. */
static bool lanes_reach(struct lanes *l, uint64_t ns)
{
    if (l->part)
        return ns >> l->shift >= l->first && ns >> l->shift <= l->last;
    if (!l->any)
        l->first = l->last = ns >> l->shift;
    l->any = true;
    for (;;) {
        uint64_t column = ns >> l->shift, first = column < l->first ? column : l->first,
                 last = column > l->last ? column : l->last;

        if (last - first < LANES_COLUMNS) {
            l->first = first;
            l->last = last;
            return true;
        }
        for (uint32_t i = 0; i < l->who->cpu_count; i++)
            lanes_widen_cpu(l, i);
        for (uint32_t i = 0; i < l->who->task_count; i++)
            lanes_widen_task(l, i);
        l->first >>= 1;
        l->last >>= 1;
        l->shift++;
    }
}

/* --- what tasks do --- */

/* Until this time the task has done what it does. */
static void lanes_spend(struct lanes *l, uint32_t task, uint64_t to)
{
    unsigned does = l->state.does[task];
    uint64_t at = l->since[task];

    if (at >= to)
        return;
    l->since[task] = to;
    if (does >= LANES_DOES)
        return;
    if (!l->part) {
        (void)lanes_reach(l, at);
        (void)lanes_reach(l, to - 1);
    } else {
        uint64_t start = l->first << l->shift, end = ((l->last + 1) << l->shift) - 1;

        at = at < start ? start : at;
        to = to > end ? end + 1 : to;
    }
    l->who->tasks[task].run_ns += !l->part && does == LANES_RUN && to > at ? to - at : 0;
    while (at < to) {
        uint64_t next = ((at >> l->shift) + 1) << l->shift;

        next = next < to && next ? next : to;
        lanes_time(l, task, at >> l->shift)->ns[does] += next - at;
        at = next;
    }
}

static void lanes_does(struct lanes *l, uint32_t task, enum lanes_does does, uint64_t ns)
{
    if (task == LANES_ABSENT)
        return;
    lanes_spend(l, task, ns);
    l->since[task] = ns;
    l->state.does[task] = (uint8_t)does;
}

/* The lane of a task; LANES_ABSENT: the idle one, or there are too many. */
static uint32_t lanes_task(struct lanes *l, const struct stream *s, int32_t id,
                           struct metadata_text name)
{
    struct lanes_who *w = l->who;
    struct lanes_task *t;
    uint32_t i = 0;

    if (!id)
        return LANES_ABSENT;
    while (i < w->task_count && (w->tasks[i].id != id || w->tasks[i].input != s->number ||
                                 w->tasks[i].capture != s->captures))
        i++;
    w->more_tasks = w->more_tasks || i == LANES_TASKS;
    if (i == LANES_TASKS || (l->part && i == w->task_count))
        return LANES_ABSENT;
    t = &w->tasks[i];
    if (i == w->task_count) {
        w->task_count++;
        *t = (struct lanes_task){.input = s->number, .capture = s->captures, .id = id};
        l->state.does[i] = LANES_UNKNOWN;
    }
    if (name.n && !l->part) {
        t->name_bytes = name.n < LANES_NAME_BYTES ? name.n : LANES_NAME_BYTES;
        memcpy(t->name, name.bytes, t->name_bytes);
    }
    return i;
}

static uint32_t lanes_cpu(struct lanes *l, uint32_t input, uint32_t cpu)
{
    struct lanes_who *w = l->who;
    uint32_t i = 0;

    while (i < w->cpu_count && (w->cpus[i].cpu != cpu || w->cpus[i].input != input))
        i++;
    w->more_cpus = w->more_cpus || i == LANES_CPUS;
    if (i == LANES_CPUS || (l->part && i == w->cpu_count))
        return LANES_ABSENT;
    if (i == w->cpu_count)
        w->cpus[w->cpu_count++] = (struct lanes_cpu){input, cpu};
    return i;
}

static void lanes_switch(struct lanes *l, struct stream_lane *lane, const struct sched_event *v,
                         uint64_t ns)
{
    static const enum lanes_does left[] = {[ROLES_STATE_UNKNOWN] = LANES_UNKNOWN,
                                           [ROLES_STATE_READY] = LANES_WAIT,
                                           [ROLES_STATE_WAITS] = LANES_SLEEP,
                                           [ROLES_STATE_DEAD] = LANES_UNKNOWN};
    const struct metadata_text none = {NULL, 0};
    uint32_t cpu = lanes_cpu(l, lane->stream->number, lane->cpu);
    uint32_t prev = v->prev_known ? lanes_task(l, lane->stream, v->prev, none) : LANES_ABSENT;
    uint32_t next = lanes_task(l, lane->stream, v->next, v->name);

    l->switches = true;
    if (!v->prev_known && cpu != LANES_ABSENT && l->state.runs[cpu])
        prev = l->state.runs[cpu] - 1u;
    /* It was running here until now, even where that was not known; but not if it runs elsewhere by now. */
    lanes_does(l, prev, left[v->state], ns);
    lanes_does(l, next, LANES_RUN, ns);
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
        if (task != LANES_ABSENT && l->state.does[task] != LANES_RUN)
            lanes_does(l, task, LANES_WAIT, ns);
        break;
    case ROLES_GONE:
        lanes_does(l, lanes_task(l, lane->stream, v.task, v.name), LANES_UNKNOWN, ns);
        break;
    default:
        break;
    }
}

/* What was lost may have been a switch of this CPU, or have woken any task that does not run. */
void lanes_loss(struct lanes *l, struct stream_lane *lane)
{
    uint32_t cpu = lanes_cpu(l, lane->stream->number, lane->cpu);
    uint64_t ns = stream_ns(lane->stream, lane->time),
             from = stream_ns(lane->stream, lane->gap_from);
    unsigned runs = cpu == LANES_ABSENT ? 0 : l->state.runs[cpu];

    from = from < ns ? from : ns;
    l->now_ns = ns > l->now_ns ? ns : l->now_ns;
    sched_lose(&l->sched, lane);
    for (uint32_t i = 0; i < l->who->task_count; i++)
        if (l->who->tasks[i].input == lane->stream->number &&
            (i + 1 == runs || l->state.does[i] == LANES_WAIT || l->state.does[i] == LANES_SLEEP)) {
            lanes_spend(l, i, from);
            l->state.does[i] = LANES_UNKNOWN;
            l->since[i] = ns;
        }
    if (cpu != LANES_ABSENT)
        l->state.runs[cpu] = 0;
}

void lanes_line(struct lanes *l, const struct pass_line *line)
{
    uint32_t cpu = lanes_cpu(l, line->stream->number, line->lane->cpu);
    struct lanes_cell *cell;

    l->now_ns = line->ns > l->now_ns ? line->ns : l->now_ns;
    if (!lanes_reach(l, line->ns) || cpu == LANES_ABSENT)
        return;
    cell = lanes_cell(l, cpu, line->ns >> l->shift);
    cell->count += line->kind != PASS_LOSS && cell->count < UINT32_MAX;
    cell->lost = cell->lost || line->kind == PASS_LOSS;
}

void lanes_begin(struct lanes *l, const struct stream *s)
{
    sched_begin(&l->sched, s);
}

/* What tasks of it do is not known any more; their names are, now or never. */
void lanes_finish(struct lanes *l, const struct stream *s)
{
    for (uint32_t i = 0; i < l->who->task_count; i++) {
        struct lanes_task *t = &l->who->tasks[i];

        if (t->input != s->number || t->capture != s->captures)
            continue;
        lanes_does(l, i, LANES_UNKNOWN, l->now_ns);
        if (!l->part && !t->name_bytes)
            (void)lanes_task(l, s, t->id, sched_name(&l->sched, s, t->id));
    }
    for (uint32_t i = 0; i < l->who->cpu_count; i++)
        if (l->who->cpus[i].input == s->number)
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
    uint64_t end = ((l->last + 1) << l->shift) - 1;

    for (uint32_t i = 0; i < l->who->task_count; i++)
        lanes_spend(l, i, l->part && l->now_ns > end ? end + 1 : l->now_ns);
    if (l->part)
        lanes_give(l, l->part);
}

void lanes_set(struct lanes *l, const struct lanes_state *state, uint64_t ns)
{
    l->state = *state;
    for (uint32_t i = 0; i < LANES_TASKS; i++)
        l->since[i] = ns;
}

static void lanes_open(struct lanes *l, struct lanes_who *who, const struct roles_options *roles)
{
    memset(l, 0, sizeof(*l));
    l->who = who;
    memset(l->state.does, LANES_UNKNOWN, sizeof(l->state.does));
    roles_open(&l->roles, roles);
    sched_open(&l->sched, &l->roles);
    l->cells = mem_zero(sizeof(*l->cells) * LANES_CPUS * LANES_COLUMNS);
    l->times = mem_zero(sizeof(*l->times) * LANES_TASKS * LANES_COLUMNS);
}

void lanes_whole(struct lanes *l, struct lanes_who *who, const struct roles_options *roles)
{
    lanes_open(l, who, roles);
}

void lanes_part(struct lanes *l, struct lanes *whole, unsigned shift, uint64_t first,
                uint32_t columns)
{
    lanes_open(l, whole->who, whole->roles.options);
    lanes_give(whole, l);
    l->part = whole;
    l->any = true;
    l->shift = shift;
    l->first = first;
    l->last = first + (columns < LANES_COLUMNS ? columns : LANES_COLUMNS) - 1;
}

void lanes_close(struct lanes *l)
{
    free(l->cells);
    free(l->times);
    if (l->who)
        sched_close(&l->sched);
    l->cells = NULL;
    l->times = NULL;
    l->who = NULL;
}

/* --- what is shown --- */

static bool lanes_task_before(const struct lanes_task *a, const struct lanes_task *b)
{
    return a->run_ns != b->run_ns ? a->run_ns > b->run_ns : a->id < b->id;
}

static bool lanes_cpu_before(const struct lanes_cpu *a, const struct lanes_cpu *b)
{
    return a->input != b->input ? a->input < b->input : a->cpu < b->cpu;
}

void lanes_sort(struct lanes_who *who)
{
    uint32_t k;

    for (uint32_t i = 0; i < who->cpu_count; i++) {
        for (k = i; k && lanes_cpu_before(&who->cpus[i], &who->cpus[who->order_cpus[k - 1]]); k--)
            who->order_cpus[k] = who->order_cpus[k - 1];
        who->order_cpus[k] = i;
    }
    for (uint32_t i = 0; i < who->task_count; i++) {
        for (k = i; k && lanes_task_before(&who->tasks[i], &who->tasks[who->order_tasks[k - 1]]);
             k--)
            who->order_tasks[k] = who->order_tasks[k - 1];
        who->order_tasks[k] = i;
    }
}

/* The columns of the lanes that a wider one has, as far as there are such. */
static bool lanes_range(const struct lanes *l, unsigned shift, uint64_t column, uint64_t *from,
                        uint64_t *to)
{
    unsigned by = shift - l->shift;

    *from = column << by;
    *to = *from + ((uint64_t)1 << by) - 1;
    if (!l->any || *from > l->last || *to < l->first)
        return false;
    *from = *from < l->first ? l->first : *from;
    *to = *to > l->last ? l->last : *to;
    return true;
}

struct lanes_cell lanes_cpu_at(const struct lanes *l, uint32_t cpu, unsigned shift, uint64_t column)
{
    struct lanes_cell sum = {0};
    uint64_t from, to;

    if (!lanes_range(l, shift, column, &from, &to))
        return sum;
    for (; from <= to; from++) {
        sum.count += lanes_cell(l, cpu, from)->count;
        sum.lost = sum.lost || lanes_cell(l, cpu, from)->lost;
    }
    return sum;
}

struct lanes_time lanes_task_at(const struct lanes *l, uint32_t task, unsigned shift,
                                uint64_t column)
{
    struct lanes_time sum = {{0}};
    uint64_t from, to;

    if (!lanes_range(l, shift, column, &from, &to))
        return sum;
    for (; from <= to; from++)
        for (unsigned k = 0; k < LANES_DOES; k++)
            sum.ns[k] += lanes_time(l, task, from)->ns[k];
    return sum;
}

enum lanes_does lanes_most(const struct lanes_time *t)
{
    unsigned most = 0;

    for (unsigned i = 1; i < LANES_DOES; i++)
        most = t->ns[i] > t->ns[most] ? i : most;
    return t->ns[most] ? (enum lanes_does)most : LANES_UNKNOWN;
}
