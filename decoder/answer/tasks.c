/* SPDX-License-Identifier: MIT */
/* tasks.c - --tasks: how long each task ran and waited. */
#include "answer/tasks.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/number.h"
#include "model/field.h"
#include "order/key.h"

#define TASKS_HEADS (2 * TASKS_MAX)

/* Rows that are no task. */
#define TASKS_NOTHING 0u /* a CPU stopped what it ran, and what it runs now was not recorded */
#define TASKS_OTHERS 1u  /* tasks beyond TASKS_MAX */
#define TASKS_FIRST 2u

/* Roles that say what a CPU runs. */
#define TASKS_RUNNING (1u << ROLES_SWITCH | 1u << ROLES_RUN)

#define TASKS_NS_OF_MS 1000000u
#define TASKS_PERCENT 100

enum tasks_now {
    TASKS_UNKNOWN, /* or it cannot run, and it was not said why */
    TASKS_RUNS,
    TASKS_ASLEEP, /* it was said that it waits for something */
    TASKS_READY,  /* another one was switched to, and it could have gone on */
    TASKS_WOKEN
};

struct tasks_row {
    __int128 id;
    uint32_t capture; /* number of it */
    uint32_t next;    /* of the same hash */
    uint32_t older;   /* of the same capture */
    uint32_t name_bytes;
    char name[TASKS_NAME_BYTES];
    bool idle;
    bool more_cpus; /* than `cpus` has room for */
    uint64_t cpus[TASKS_WORDS];
    uint64_t run_ns, wait_ns, switches;
    struct quantile_few latency;

    enum tasks_now now;
    uint64_t since_ns, serial; /* when that began, and which item it was */
};

struct tasks_cpu {
    bool known; /* what it runs: `row`, since */
    bool lost;  /* something was lost since */
    bool any;   /* some time of it is known */
    uint32_t row;
    uint64_t since_ns, last_ns;
};

/* Several inputs may be parts of one: of a pipe of each CPU, or a stream and the image after it. */
struct tasks_capture {
    uint32_t users; /* inputs; 0: it is free */
    uint64_t id;
    uint32_t number;
    uint32_t newest; /* row */
    struct tasks_cpu *cpus;
    uint32_t cpu_count;
    uint64_t last_ns;
    uint64_t loss;     /* serial of the last one */
    uint64_t given_ns; /* the latest end of a wait that is counted */
};

/* --- rows --- */

static bool tasks_is_idle(const struct tasks_row *r)
{
    static const char *const words[] = {"idle", "swapper"};

    for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        size_t n = strlen(words[i]), k = 0;

        while (k < n && k < r->name_bytes && (r->name[k] | 0x20) == words[i][k])
            k++;
        if (k == n && (r->name_bytes == n || memchr("/-:# 0123456789", r->name[n], 15)))
            return true;
    }
    return r->id == 0;
}

static void tasks_set_name(struct tasks_row *r, const char *name, size_t n)
{
    if (!n)
        return;
    r->name_bytes = (uint32_t)(n < TASKS_NAME_BYTES ? n : TASKS_NAME_BYTES);
    memcpy(r->name, name, r->name_bytes);
    r->idle = tasks_is_idle(r);
}

/* Its name, from the names of tasks that the dump has. */
static void tasks_look_up(struct tasks_row *r, const struct stream *s)
{
    const struct task *task = r->name_bytes || r->id < 0 || r->id > UINT32_MAX
                                  ? NULL
                                  : task_find(&s->tasks, (uint32_t)r->id);

    if (task)
        tasks_set_name(r, task->name, task->name_bytes);
}

static uint32_t tasks_add_row(struct tasks *t)
{
    if (t->row_count == t->row_room) {
        t->row_room = 2 * t->row_room;
        t->rows = mem_grow(t->rows, t->row_room * sizeof(*t->rows));
    }
    t->rows[t->row_count] = (struct tasks_row){0};
    return t->row_count++;
}

/* The row of a task; TASKS_OTHERS if there are too many. */
static uint32_t tasks_row(struct tasks *t, struct tasks_capture *c, __int128 id)
{
    const struct key k = {.number = id, .stream = c->number};
    uint32_t *head = &t->heads[key_hash(&k) % TASKS_HEADS], i = *head;

    while (i && (t->rows[i].id != id || t->rows[i].capture != c->number))
        i = t->rows[i].next;
    if (i || t->row_count == TASKS_FIRST + TASKS_MAX)
        return i ? i : TASKS_OTHERS;
    i = tasks_add_row(t);
    t->rows[i].id = id;
    t->rows[i].capture = c->number;
    t->rows[i].next = *head;
    t->rows[i].older = c->newest;
    t->rows[i].idle = id == 0;
    *head = c->newest = i;
    return i;
}

static bool tasks_may_wait(const struct tasks *t, uint32_t row)
{
    return row >= TASKS_FIRST && !t->rows[row].idle && !t->some_cpus;
}

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
    uint32_t room = c->cpu_count ? c->cpu_count : 1;

    while (room <= cpu)
        room *= 2;
    if (room > c->cpu_count) {
        c->cpus = mem_grow(c->cpus, room * sizeof(*c->cpus));
        memset(c->cpus + c->cpu_count, 0, (room - c->cpu_count) * sizeof(*c->cpus));
        c->cpu_count = room;
    }
    return &c->cpus[cpu];
}

static void tasks_begin(struct sink *k, struct stream *s)
{
    struct tasks *t = (struct tasks *)k;
    uint32_t i = 0, unused = 0;

    for (; i < t->input_count && !(t->captures[i].users && t->captures[i].id == s->id); i++)
        unused = t->captures[unused].users ? i : unused;
    if (i == t->input_count) {
        i = unused;
        t->captures[i] = (struct tasks_capture){.id = s->id, .number = ++t->capture_count};
    }
    t->captures[i].users++;
    t->inputs[s->number] = (struct tasks_input){s, i + 1};
}

/* The task of an argument. False: the record has none. */
static bool tasks_find(struct tasks *t, struct tasks_capture *c, const struct roles_meaning *m,
                       enum roles_argument a, struct stream_lane *lane,
                       const struct metadata_event *e, uint32_t *row)
{
    __int128 id;

    if (!roles_number(m, a, lane, e, &id))
        return false;
    *row = tasks_row(t, c, id);
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
    tasks_set_name(&t->rows[row], name.bytes, name.n);
    tasks_look_up(&t->rows[row], lane->stream);
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
            tasks_look_up(&t->rows[prev], lane->stream);
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
    struct tasks_capture *c = &t->captures[t->inputs[lane->stream->number].capture - 1];
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
    struct tasks_capture *c = &t->captures[t->inputs[lane->stream->number].capture - 1];

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
static void tasks_leave_input(struct tasks *t, struct tasks_input *in)
{
    struct tasks_capture *c = &t->captures[in->capture - 1];

    t->read = true;
    t->switches = roles_finish(&t->roles, in->stream, TASKS_RUNNING) || t->switches;
    for (uint32_t i = c->newest; i; i = t->rows[i].older)
        tasks_look_up(&t->rows[i], in->stream);
    *in = (struct tasks_input){0};
    if (!--c->users)
        tasks_fold(t, c);
}

static void tasks_finish(struct sink *k, struct stream *s)
{
    struct tasks *t = (struct tasks *)k;

    struct tasks_input *in = &t->inputs[s->number];

    if (!in->capture) /* without metadata it has not begun */
        return;
    for (uint32_t cpu = 0; cpu < s->lane_slots; cpu++)
        if (s->lanes[cpu] && s->lanes[cpu]->gap_open)
            tasks_lost(t, &t->captures[in->capture - 1], s->lanes[cpu]);
    tasks_leave_input(t, in);
}

/* --- text --- */

enum tasks_column {
    TASKS_COLUMN_RUN,
    TASKS_COLUMN_SHARE,
    TASKS_COLUMN_SWITCHES,
    TASKS_COLUMN_WAIT,
    TASKS_COLUMN_WOKEN,
    TASKS_COLUMN_HALF,
    TASKS_COLUMN_NEARLY,
    TASKS_COLUMN_MOST,
    TASKS_COLUMN_ID,
    TASKS_COLUMNS
};

static const struct tasks_head {
    const char *name;
    unsigned width;
} tasks_heads[TASKS_COLUMNS] = {{"run ms", 10},   {"%", 8},        {"switches", 9},
                                {"waits ms", 10}, {"woken", 7},    {"50 % us", 10},
                                {"99 % us", 10},  {"most us", 10}, {"id", 7}};

static void tasks_put_ms(char *to, uint64_t ns)
{
    number_put_mean(to, ns, TASKS_NS_OF_MS);
}

static void tasks_text_cpus(struct out *o, const struct tasks_row *r)
{
    const char *between = "  on ";

    for (uint32_t first = 0, end; first < TASKS_CPUS; first = end + 1) {
        for (end = first; end < TASKS_CPUS && r->cpus[end / 64] >> end % 64 & 1;)
            end++;
        if (end == first)
            continue;
        out_text(o, between);
        between = ",";
        out_u64(o, first);
        if (end - first > 1) {
            out_text(o, "-");
            out_u64(o, end - 1);
        }
    }
    if (r->more_cpus) {
        out_text(o, between);
        out_text(o, "...");
    }
}

static void tasks_text_name(const struct tasks *t, uint32_t row)
{
    static const char *const rest[TASKS_FIRST] = {"(no task)", "(others)"};
    const struct tasks_row *r = &t->rows[row];
    struct out *o = t->sink.out;

    if (row < TASKS_FIRST)
        out_text(o, rest[row]);
    else if (r->name_bytes)
        out_escaped(o, r->name, r->name_bytes, OUT_TEXT);
    else
        out_text(o, r->idle ? "<idle>" : "<...>");
    if (r->idle && r->name_bytes)
        out_text(o, " (idle)");
    if (t->capture_count > 1 && row >= TASKS_FIRST) {
        out_text(o, ", capture ");
        out_u64(o, r->capture);
    }
    tasks_text_cpus(o, r);
    out_text(o, "\n");
}

static void tasks_text_row(const struct tasks *t, const struct tasks_row *r)
{
    uint32_t row = (uint32_t)(r - t->rows);
    char text[TASKS_COLUMNS][NUMBER_BYTES] = {"-", "-", "-", "-", "-", "-", "-", "-", "-"};

    tasks_put_ms(text[TASKS_COLUMN_RUN], r->run_ns);
    if (t->known_ns)
        number_put_mean(text[TASKS_COLUMN_SHARE], (__int128)r->run_ns * TASKS_PERCENT, t->known_ns);
    number_put_u64(text[TASKS_COLUMN_SWITCHES], r->switches);
    if (row >= TASKS_FIRST)
        number_put(text[TASKS_COLUMN_ID], r->id);
    if (tasks_may_wait(t, row)) {
        tasks_put_ms(text[TASKS_COLUMN_WAIT], r->wait_ns);
        number_put_u64(text[TASKS_COLUMN_WOKEN], r->latency.count);
    }
    if (r->latency.count && tasks_may_wait(t, row)) {
        number_put_micros(text[TASKS_COLUMN_HALF], quantile_few_get(&r->latency, 50, 100));
        number_put_micros(text[TASKS_COLUMN_NEARLY], quantile_few_get(&r->latency, 99, 100));
        number_put_micros(text[TASKS_COLUMN_MOST], r->latency.most);
    }
    for (unsigned i = 0; i < TASKS_COLUMNS; i++)
        number_column(t->sink.out, text[i], tasks_heads[i].width);
    out_text(t->sink.out, "  ");
    tasks_text_name(t, row);
}

/* A line if there is something to tell. */
static void tasks_text_left_out(struct out *o, uint64_t count, const char *what, uint64_t ns,
                                const char *rest)
{
    char text[NUMBER_BYTES];

    if (!count)
        return;
    out_u64(o, count);
    out_text(o, what);
    if (rest) {
        tasks_put_ms(text, ns);
        out_text(o, text);
        out_text(o, rest);
    }
    out_text(o, "\n");
}

static void tasks_text(const struct tasks *t, uint32_t count)
{
    struct out *o = t->sink.out;
    uint64_t lost = tally_lost(&t->lost);
    char text[NUMBER_BYTES];

    for (unsigned i = 0; i < TASKS_COLUMNS; i++)
        number_column(o, tasks_heads[i].name, tasks_heads[i].width);
    out_text(o, "  task\n");
    for (uint32_t i = 0; i < count; i++)
        tasks_text_row(t, t->order[i]);
    tasks_put_ms(text, t->known_ns);
    out_text(o, "\n100 % are ");
    out_text(o, text);
    out_text(o, " ms, in which it is known what ");
    out_u64(o, t->cpus);
    out_text(o, " CPUs ran\n");
    if (t->some_cpus)
        out_text(o, "waits and wake-ups are not known without all CPUs\n");
    if (t->rows[TASKS_OTHERS].switches)
        tasks_text_left_out(o, TASKS_MAX, " tasks have a line, later ones are (others)", 0, NULL);
    tasks_text_left_out(o, t->waiting, " tasks still waited in the end", 0, NULL);
    tasks_text_left_out(o, t->unsaid, " switches do not say what the task did then", 0, NULL);
    tasks_text_left_out(o, t->lost_runs, " runs left out around losses, ", t->lost_ns, " ms");
    tasks_text_left_out(o, t->lost_waits, " waits left out around losses", 0, NULL);
    tasks_text_left_out(o, t->odd_runs,
                        " runs left out where the next switch is from another task, ", t->odd_ns,
                        " ms");
    tasks_text_left_out(o, t->crowded, " latencies left out (too many different ones)", 0, NULL);
    if (lost || t->lost.damaged) {
        out_u64(o, lost);
        out_text(o, " records lost");
        tally_text_losses(&t->lost, o);
        out_text(o, "\n");
    }
}

/* --- JSON --- */

static void tasks_json_cpus(struct out *o, const struct tasks_row *r)
{
    const char *between = "";

    out_text(o, ",\"cpus\":[");
    for (uint32_t cpu = 0; cpu < TASKS_CPUS; cpu++) {
        if (!(r->cpus[cpu / 64] >> cpu % 64 & 1))
            continue;
        out_text(o, between);
        between = ",";
        out_u64(o, cpu);
    }
    out_text(o, "]");
    if (r->more_cpus)
        out_text(o, ",\"more_cpus\":true");
}

static void tasks_json_row(const struct tasks *t, const struct tasks_row *r)
{
    static const char *const rest[TASKS_FIRST] = {"\"kind\":\"none\"", "\"kind\":\"others\""};
    uint32_t row = (uint32_t)(r - t->rows);
    struct out *o = t->sink.out;

    out_text(o, row < TASKS_FIRST ? rest[row]
                : r->idle         ? "\"kind\":\"idle\""
                                  : "\"kind\":\"task\"");
    if (row >= TASKS_FIRST) {
        out_text(o, ",\"id\":");
        number_print(o, r->id);
        out_text(o, ",\"name\":");
        if (r->name_bytes)
            field_text(o, r->name, r->name_bytes, OUT_JSON);
        else
            out_text(o, "null");
        number_json(o, "capture", r->capture);
    }
    number_json(o, "run_ns", r->run_ns);
    number_json(o, "switches", r->switches);
    if (tasks_may_wait(t, row)) {
        number_json(o, "wait_ns", r->wait_ns);
        number_json(o, "woken", r->latency.count);
    }
    if (r->latency.count && tasks_may_wait(t, row)) {
        number_json(o, "p50_ns", quantile_few_get(&r->latency, 50, 100));
        number_json(o, "p99_ns", quantile_few_get(&r->latency, 99, 100));
        number_json(o, "max_ns", r->latency.most);
    }
    tasks_json_cpus(o, r);
}

static void tasks_json(const struct tasks *t, uint32_t count)
{
    struct out *o = t->sink.out;

    out_text(o, "{\"answer\":\"tasks\"");
    number_json(o, "cpus", t->cpus);
    number_json(o, "known_ns", t->known_ns);
    number_json(o, "waiting", t->waiting);
    number_json(o, "unsaid", t->unsaid);
    number_json(o, "lost_runs", t->lost_runs);
    number_json(o, "lost_runs_ns", t->lost_ns);
    number_json(o, "lost_waits", t->lost_waits);
    number_json(o, "odd_runs", t->odd_runs);
    number_json(o, "odd_runs_ns", t->odd_ns);
    number_json(o, "crowded", t->crowded);
    tally_json_lost(o, &t->lost);
    out_text(o, ",\"tasks\":[");
    for (uint32_t i = 0; i < count; i++) {
        out_text(o, i ? ",{" : "{");
        tasks_json_row(t, t->order[i]);
        out_text(o, "}");
    }
    out_text(o, "]}\n");
}

/* --- */

/* The longest first; what is no task last. */
static int tasks_compare(const void *a, const void *b)
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

static uint32_t tasks_sort(struct tasks *t)
{
    uint32_t count = 0;

    t->order = mem_zero(t->row_count * sizeof(*t->order));
    for (uint32_t i = 0; i < t->row_count; i++)
        if (t->rows[i].run_ns || t->rows[i].wait_ns || t->rows[i].switches)
            t->order[count++] = &t->rows[i];
    qsort(t->order, count, sizeof(*t->order), tasks_compare);
    return count;
}

void tasks_settle(struct tasks *t)
{
    for (uint32_t i = 0; i < t->input_count; i++)
        if (t->inputs[i].capture) /* it was not read to its end */
            tasks_leave_input(t, &t->inputs[i]);
}

struct tasks_who tasks_who(const struct tasks *t, uint32_t row)
{
    const struct tasks_row *r = &t->rows[row];

    return (struct tasks_who){r->name, r->name_bytes, r->id, r->capture, r->idle, r->run_ns};
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
    count = tasks_sort(t);
    if (t->json)
        tasks_json(t, count);
    else
        tasks_text(t, count);
    if (t->far)
        diag_line(t->diag,
                  "%" PRIu64 " losses began before the last %u waits: earlier ones that they may "
                  "have changed are counted",
                  t->far, WAITS_RECENT);
}

static void tasks_free(struct sink *k)
{
    struct tasks *t = (struct tasks *)k;

    for (uint32_t i = 0; t->rows && i < t->row_count; i++)
        quantile_few_free(&t->rows[i].latency);
    for (uint32_t i = 0; t->captures && i < t->input_count; i++)
        free(t->captures[i].cpus);
    free(t->rows);
    free(t->heads);
    free(t->order);
    free(t->captures);
    free(t->inputs);
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
    t->input_count = inputs;
    t->cells_left = TASKS_CELLS;
    waits_begin(&t->waits, tasks_count_wait, t);
    roles_open(&t->roles, roles);
    t->heads = mem_zero(TASKS_HEADS * sizeof(*t->heads));
    t->captures = mem_zero(inputs * sizeof(*t->captures));
    t->inputs = mem_zero(inputs * sizeof(*t->inputs));
    t->row_room = 64;
    t->rows = mem_zero(t->row_room * sizeof(*t->rows));
    tasks_add_row(t);
    tasks_add_row(t);
    return &t->sink;
}
