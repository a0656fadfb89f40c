/* SPDX-License-Identifier: MIT */
/* tasks.c - --tasks: how long each task ran and waited. */
#include "answer/tasks.h"

#include <inttypes.h>
#include <stdlib.h>

#include "answer/ledger.h"
#include "answer/tasks_row.h"
#include "base/mem.h"
#include "base/number.h"

/* Roles that say what a CPU runs. */
#define TASKS_RUNNING (1u << ROLES_SWITCH | 1u << ROLES_RUN)

struct tasks_cpu {
    bool known; /* what it runs: `row`, since */
    bool lost;  /* something was lost since */
    bool any;   /* some time of it is known */
    uint32_t row;
    uint64_t since_ns, last_ns;
};

/* Several inputs may be parts of one: of a pipe of each CPU, or a stream and the image after it. */
struct tasks_capture {
    uint32_t number;
    uint32_t newest; /* row */
    struct tasks_cpu *cpus;
    uint32_t cpu_count;
    uint64_t last_ns;
    uint64_t loss;     /* serial of the last one */
    uint64_t given_ns; /* the latest end of a wait that is counted */
};

/* --- what happens --- */

/* What a task did before something was lost is not what it does now. */
static void tasks_forget(struct tasks *t, const struct tasks_capture *c, struct tasks_row *r)
{
    if (r->now == TASKS_UNKNOWN || c->loss <= r->serial)
        return;
    t->lost_waits += r->now >= TASKS_READY;
    r->now = TASKS_UNKNOWN;
}

static void tasks_set_now(struct tasks *t, struct tasks_row *r, enum tasks_now now, uint64_t ns)
{
    r->now = now;
    r->since_ns = ns;
    r->serial = t->serial;
}

/* Time may go back within a CPU or between two: such a time is left out. */
static uint64_t tasks_between(uint64_t from, uint64_t to)
{
    return to > from ? to - from : 0;
}

/* For who wants to know each stretch of time. */
static void tasks_tell(const struct tasks *t, uint32_t row, enum tasks_does does, uint64_t from,
                       uint64_t to)
{
    if (t->saw && to > from && row >= TASKS_FIRST)
        t->saw(t->saw_context, row, does, from, to);
}

/* What the CPU ran, it ran until now. */
static void tasks_close(struct tasks *t, struct tasks_cpu *c, uint64_t ns)
{
    uint64_t ran = tasks_between(c->since_ns, ns);

    if (c->lost) {
        t->lost_ns = number_add(t->lost_ns, ran);
        t->lost_runs++;
    } else if (c->known) {
        tasks_tell(t, c->row, TASKS_DOES_RUN, c->since_ns, ns);
        t->rows[c->row].run_ns += ran;
        t->known_ns += ran;
        t->cpus += !c->any;
        c->any = true;
    }
    c->known = c->lost = false;
}

/* The same where a switch says that it was another task. */
static void tasks_close_as(struct tasks *t, struct tasks_cpu *c, uint64_t ns, uint32_t row)
{
    if (c->known && c->row != row) {
        t->rows[c->row].now = TASKS_UNKNOWN;
        t->odd_ns = number_add(t->odd_ns, tasks_between(c->since_ns, ns));
        t->odd_runs++;
        c->known = false;
    }
    tasks_close(t, c, ns);
}

/* A task runs no longer. */
static void tasks_leave(struct tasks *t, uint32_t row, enum roles_state state, uint64_t ns)
{
    if (!tasks_may_wait(t, row))
        return;
    t->unsaid += state == ROLES_STATE_UNKNOWN;
    tasks_set_now(t, &t->rows[row],
                  state == ROLES_STATE_READY   ? TASKS_READY
                  : state == ROLES_STATE_WAITS ? TASKS_ASLEEP
                                               : TASKS_UNKNOWN,
                  ns);
}

/* It was asleep until now, if it was. */
static void tasks_end_sleep(const struct tasks *t, const struct tasks_row *r, uint64_t ns)
{
    if (r->now == TASKS_ASLEEP)
        tasks_tell(t, (uint32_t)(r - t->rows), TASKS_DOES_SLEEP, r->since_ns, ns);
}

/* A wait that nothing was lost in, as far as is known. */
static void tasks_count_wait(void *context, const struct waits_one *w)
{
    struct tasks *t = context;
    struct tasks_row *r = &t->rows[w->row];
    struct tasks_capture *c = &t->captures[w->capture];

    c->given_ns = w->end_ns > c->given_ns ? w->end_ns : c->given_ns;
    tasks_tell(t, w->row, TASKS_DOES_WAIT, w->end_ns - w->ns, w->end_ns);
    r->wait_ns += w->ns;
    if (w->woken && !quantile_few_put(&r->latency, w->ns, &t->cells_left))
        t->crowded++;
}

/* It waited until now. */
static void tasks_end_wait(struct tasks *t, const struct tasks_capture *c, struct tasks_row *r,
                           uint64_t ns)
{
    struct waits_one w = {.row = (uint32_t)(r - t->rows),
                          .capture = (uint32_t)(c - t->captures),
                          .ns = tasks_between(r->since_ns, ns),
                          .end_ns = ns,
                          .reached = c->last_ns};

    tasks_forget(t, c, r);
    tasks_end_sleep(t, r, ns);
    if (r->now < TASKS_READY)
        return;
    w.woken = r->now == TASKS_WOKEN;
    waits_put(&t->waits, &w);
}

static void tasks_enter(struct tasks *t, struct tasks_capture *c, uint32_t cpu, uint32_t row,
                        uint64_t ns)
{
    struct tasks_cpu *on = &c->cpus[cpu];
    struct tasks_row *r = &t->rows[row];

    if (tasks_may_wait(t, row)) {
        tasks_end_wait(t, c, r, ns);
        tasks_set_now(t, r, TASKS_RUNS, ns);
    }
    r->switches++;
    if (cpu < TASKS_CPUS)
        r->cpus[cpu / 64] |= (uint64_t)1 << cpu % 64;
    else
        r->more_cpus = true;
    on->known = true;
    on->row = row;
    on->since_ns = ns;
}

static void tasks_wake(struct tasks *t, const struct tasks_capture *c, uint32_t row, uint64_t ns)
{
    struct tasks_row *r = &t->rows[row];

    if (!tasks_may_wait(t, row))
        return;
    tasks_forget(t, c, r);
    tasks_end_sleep(t, r, ns);
    if (r->now == TASKS_UNKNOWN || r->now == TASKS_ASLEEP)
        tasks_set_now(t, r, TASKS_WOKEN, ns);
}

/* --- sink --- */

static struct tasks_cpu *tasks_cpu(struct tasks_capture *c, uint32_t cpu)
{
    c->cpus = mem_reach(c->cpus, &c->cpu_count, cpu, 1, sizeof(*c->cpus));
    return &c->cpus[cpu];
}

static void tasks_begin(struct sink *k, struct stream *s)
{
    struct tasks *t = (struct tasks *)k;
    bool first;
    uint32_t place = share_begin(&t->share, s, &first);

    if (first)
        t->captures[place] = (struct tasks_capture){.number = ++t->capture_count};
}

/* The task of an argument. False: the record has none. */
static bool tasks_find(struct tasks *t, struct tasks_capture *c, const struct roles_meaning *m,
                       enum roles_argument a, struct stream_lane *lane,
                       const struct metadata_event *e, uint32_t *row)
{
    __int128 id;

    if (!roles_number(m, a, lane, e, &id))
        return false;
    *row = tasks_row_get(t, c->number, &c->newest, id);
    return true;
}

/* Names that the record gives to a task. */
static void tasks_name(struct tasks *t, uint32_t row, const struct roles_meaning *m,
                       const struct stream_lane *lane, const struct metadata_event *e,
                       const struct value_tail *tails)
{
    struct metadata_text name = roles_text(m, ROLES_NAME, lane, e, tails);

    if (row < TASKS_FIRST)
        return;
    tasks_row_set_name(&t->rows[row], name.bytes, name.n);
    tasks_row_look_up(&t->rows[row], lane->stream);
}

static void tasks_switch(struct tasks *t, struct tasks_capture *c, const struct roles_meaning *m,
                         struct stream_lane *lane, const struct metadata_event *e,
                         const struct value_tail *tails, uint64_t ns)
{
    struct tasks_cpu *on = &c->cpus[lane->cpu];
    uint32_t next, prev = on->known && !on->lost ? on->row : TASKS_NOTHING;

    if (!tasks_find(t, c, m, ROLES_NEXT, lane, e, &next))
        return;
    if (tasks_find(t, c, m, ROLES_PREV, lane, e, &prev)) {
        if (prev >= TASKS_FIRST)
            tasks_row_look_up(&t->rows[prev], lane->stream);
        tasks_close_as(t, on, ns, prev);
    } else {
        tasks_close(t, on, ns);
    }
    tasks_leave(t, prev, roles_state(m, lane, e, tails), ns);
    tasks_name(t, next, m, lane, e, tails);
    tasks_enter(t, c, lane->cpu, next, ns);
}

/* An event whose argument `task` says whom it is about. */
static void tasks_about(struct tasks *t, struct tasks_capture *c, const struct roles_meaning *m,
                        struct stream_lane *lane, const struct metadata_event *e,
                        const struct value_tail *tails, uint64_t ns)
{
    struct tasks_cpu *on = &c->cpus[lane->cpu];
    uint32_t row;

    if (!tasks_find(t, c, m, ROLES_TASK, lane, e, &row))
        return;
    tasks_name(t, row, m, lane, e, tails);
    switch (m->is) {
    case ROLES_RUN:
        if (on->known)
            tasks_leave(t, on->row, ROLES_STATE_UNKNOWN, ns);
        tasks_close(t, on, ns);
        tasks_enter(t, c, lane->cpu, row, ns);
        break;
    case ROLES_STOP:
        tasks_close_as(t, on, ns, row);
        tasks_leave(t, row, roles_state(m, lane, e, tails), ns);
        *on = (struct tasks_cpu){
            .known = true, .any = on->any, .row = TASKS_NOTHING, .since_ns = ns, .last_ns = ns};
        break;
    case ROLES_WAKE:
        tasks_wake(t, c, row, ns);
        break;
    case ROLES_NEW:
    case ROLES_GONE: /* it may still run, until the next switch, but waits no more */
        if (t->rows[row].now >= TASKS_ASLEEP)
            t->rows[row].now = TASKS_UNKNOWN;
        break;
    default:
        break;
    }
}

/* Something was lost after lane->gap_from, and up to now. */
static void tasks_lost(struct tasks *t, struct tasks_capture *c, struct stream_lane *lane)
{
    uint64_t from = clock_ns(&lane->stream->clock, lane->gap_from);
    struct tasks_cpu *on = tasks_cpu(c, lane->cpu);

    c->loss = ++t->serial;
    t->lost_waits += waits_lost(&t->waits, (uint32_t)(c - t->captures), from);
    t->far += c->given_ns > from;
    on->lost = on->known || on->lost;
    on->known = false;
}

static void tasks_event(struct sink *k, struct stream_lane *lane, const struct metadata_event *e)
{
    struct tasks *t = (struct tasks *)k;
    struct tasks_capture *c = &t->captures[share_place(&t->share, lane->stream)];
    uint64_t ns = clock_ns(&lane->stream->clock, lane->time);
    struct value_tail tails[TP_LIMIT_FIELDS];
    const struct roles_meaning *m;

    if (lane->gap_open)
        tasks_lost(t, c, lane);
    t->serial++;
    tasks_cpu(c, lane->cpu)->last_ns = ns;
    c->last_ns = ns > c->last_ns ? ns : c->last_ns;
    if (!e) {
        stream_count_unknown(lane, e);
        return;
    }
    m = roles_find(&t->roles, e);
    if (m->is == ROLES_NONE || m->is > ROLES_RENAME || !sink_tails(lane, e, tails))
        return;
    if (m->is == ROLES_SWITCH)
        tasks_switch(t, c, m, lane, e, tails, ns);
    else
        tasks_about(t, c, m, lane, e, tails, ns);
}

static void tasks_loss(struct sink *k, struct stream_lane *lane)
{
    struct tasks *t = (struct tasks *)k;
    struct tasks_capture *c = &t->captures[share_place(&t->share, lane->stream)];

    tasks_lost(t, c, lane);
    tally_add_losses(&t->lost, lane->loss, lane->loss_damage);
}

/* No more of this capture comes. */
static void tasks_fold(struct tasks *t, struct tasks_capture *c)
{
    for (uint32_t i = 0; i < c->cpu_count; i++)
        tasks_close(t, &c->cpus[i], c->cpus[i].last_ns);
    waits_finish(&t->waits, (uint32_t)(c - t->captures));
    for (uint32_t i = c->newest; i; i = t->rows[i].older) {
        struct tasks_row *r = &t->rows[i];

        tasks_forget(t, c, r);
        tasks_end_sleep(t, r, c->last_ns);
        if (r->now >= TASKS_READY && tasks_may_wait(t, i)) {
            tasks_tell(t, i, TASKS_DOES_WAIT, r->since_ns, c->last_ns);
            r->wait_ns += tasks_between(r->since_ns, c->last_ns);
            t->waiting++;
        }
        r->now = TASKS_UNKNOWN;
    }
    free(c->cpus);
    *c = (struct tasks_capture){0};
}

/* Of an input comes no more of the capture it is of. */
static void tasks_leave_input(struct tasks *t, struct stream *s)
{
    uint32_t place;
    bool last = share_leave(&t->share, s->number, &place);
    struct tasks_capture *c = &t->captures[place];

    t->read = true;
    t->switches = roles_finish(&t->roles, s, TASKS_RUNNING) || t->switches;
    for (uint32_t i = c->newest; i; i = t->rows[i].older)
        tasks_row_look_up(&t->rows[i], s);
    if (last)
        tasks_fold(t, c);
}

static void tasks_finish(struct sink *k, struct stream *s)
{
    struct tasks *t = (struct tasks *)k;

    if (!t->share.inputs[s->number].stream) /* without metadata it has not begun */
        return;
    for (uint32_t cpu = 0; cpu < s->lane_slots; cpu++)
        if (s->lanes[cpu] && s->lanes[cpu]->gap_open)
            tasks_lost(t, &t->captures[share_place(&t->share, s)], s->lanes[cpu]);
    tally_add_strangers(&t->lost, s);
    tasks_leave_input(t, s);
}

/* --- the end --- */

void tasks_settle(struct tasks *t)
{
    for (uint32_t i = 0; i < t->share.count; i++)
        if (t->share.inputs[i].stream) /* it was not read to its end */
            tasks_leave_input(t, t->share.inputs[i].stream);
}

static void tasks_end(struct sink *k)
{
    struct tasks *t = (struct tasks *)k;
    uint32_t count;

    tasks_settle(t);
    if (!t->read)
        return;
    t->wrong = !roles_end(&t->roles, t->diag) || !t->switches;
    if (t->wrong && !t->switches)
        diag_line(t->diag, "--tasks: no event says what a CPU runs: name one, as --role "
                           "'sched:switch=switch next=FIELD'; --list-roles shows what is known");
    if (t->wrong)
        return;
    count = tasks_row_sort(t);
    if (t->json)
        ledger_json(t, count);
    else
        ledger_text(t, count);
    if (t->far)
        diag_line(t->diag,
                  "%" PRIu64 " losses began before the last %u waits: earlier ones that they may "
                  "have changed are counted",
                  t->far, WAITS_RECENT);
}

static void tasks_free(struct sink *k)
{
    struct tasks *t = (struct tasks *)k;

    for (uint32_t i = 0; t->captures && i < t->share.count; i++)
        free(t->captures[i].cpus);
    tasks_row_close(t);
    free(t->captures);
    share_close(&t->share);
    waits_close(&t->waits);
}

struct sink *tasks_open(struct tasks *t, struct out *o, const struct roles_options *roles,
                        bool some_cpus, bool json, uint32_t inputs, struct diag *diag)
{
    memset(t, 0, sizeof(*t));
    t->sink = (struct sink){.out = o,
                            .begin = tasks_begin,
                            .event = tasks_event,
                            .loss = tasks_loss,
                            .finish = tasks_finish,
                            .end = tasks_end,
                            .close = tasks_free};
    t->json = json;
    t->some_cpus = some_cpus;
    t->diag = diag;
    t->cells_left = TASKS_CELLS;
    waits_begin(&t->waits, tasks_count_wait, t);
    roles_open(&t->roles, roles);
    tasks_row_open(t);
    t->captures = mem_zero(inputs * sizeof(*t->captures));
    share_open(&t->share, inputs);
    return &t->sink;
}
