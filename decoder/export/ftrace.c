/* SPDX-License-Identifier: MIT */
/* ftrace.c - records as Linux's own text. */
#include "export/ftrace.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/load.h"
#include "base/mem.h"
#include "base/number.h"
#include "order/common.h"

#define FTRACE_START_BYTES 256u /* all that is before the event takes less */
#define FTRACE_PRIORITY "120"

static void ftrace_begin(struct sink *k, struct stream *s)
{
    struct ftrace *f = (struct ftrace *)k;

    if (!single_begin(&f->single, s))
        return;
    sched_begin(&f->sched, s);
    if (!f->started)
        out_text(k->out, "# tracer: nop\n#\n"
                         "#                                _-----=> irqs-off\n"
                         "#                               / _----=> need-resched\n"
                         "#                              | / _---=> hardirq/softirq\n"
                         "#                              || / _--=> preempt-depth\n"
                         "#                              ||| / _-=> migrate-disable\n"
                         "#                              |||| /\n"
                         "#           TASK-PID     CPU#  |||||  TIMESTAMP  FUNCTION\n"
                         "#              | |         |   |||||     |         |\n");
    f->started = true;
}

/* A name, without the blanks that readers of this format take for its end. Returns how long it is. */
static size_t ftrace_put_name(char to[4 * TP_TASK_NAME_BYTES], struct metadata_text name)
{
    size_t n = name.n < TP_TASK_NAME_BYTES ? name.n : TP_TASK_NAME_BYTES;

    n = out_escape(to, name.bytes, n, OUT_TEXT);
    for (size_t i = 0; i < n; i++)
        to[i] = to[i] == ' ' ? '_' : to[i];
    return n;
}

static void ftrace_name(struct out *o, struct metadata_text name)
{
    char *to = out_room(o, 4 * TP_TASK_NAME_BYTES);

    o->at = to + ftrace_put_name(to, name);
}

/* A task at the start of a line. */
static char *ftrace_put_task(char *p, struct metadata_text name, int32_t number)
{
    char text[4 * TP_TASK_NAME_BYTES];
    size_t n = ftrace_put_name(text, name);

    return common_put_task(p, text, n, (uint32_t)number);
}

/* Lines start the same way for the same task. */
static char *ftrace_task(struct ftrace *f, const struct stream *s, char *p, uint32_t pid)
{
    struct ftrace_task *t = &f->tasks[pid % FTRACE_TASKS];

    if (t->of != s || t->pid != pid || t->generation != s->tasks.generation) {
        int32_t number = sched_pid(&f->sched, pid);

        t->of = s;
        t->pid = pid;
        t->generation = s->tasks.generation;
        t->bytes = (uint32_t)(ftrace_put_task(t->text, sched_name(&f->sched, s, number), number) -
                              t->text);
    }
    memcpy(p, t->text, sizeof(t->text));
    return p + t->bytes;
}

/* Seconds, of at least five digits or blanks, and microseconds. */
static char *ftrace_time(char *p, uint64_t ns)
{
    uint64_t seconds = ns / 1000000000u;

    for (uint64_t least = 10000; least > 1 && seconds < least; least /= 10)
        *p++ = ' ';
    p = out_put_u64(p, seconds);
    *p++ = '.';
    return out_put_six(p, (uint32_t)(ns % 1000000000u / 1000u));
}

/* Task, CPU, flags and time. */
static void ftrace_start(struct ftrace *f, struct stream_lane *lane)
{
    const struct record *r = &lane->record;
    char *p = out_room(f->sink.out, FTRACE_START_BYTES);

    if (r->context)
        p = ftrace_task(f, lane->stream, p, load_u32(r->context, r->swap));
    else
        p = ftrace_put_task(p, (struct metadata_text){"<...>", 5}, 0);
    p = common_put_place(p, lane);
    f->sink.out->at = ftrace_time(p, stream_ns(lane->stream, lane->time));
}

static char ftrace_letter(enum roles_state state)
{
    return state == ROLES_STATE_READY ? 'R' : state == ROLES_STATE_DEAD ? 'X' : 'S';
}

static void ftrace_switch(struct ftrace *f, const struct stream *s, const struct sched_event *e)
{
    struct out *o = f->sink.out;
    char letter = ftrace_letter(e->state);

    out_text(o, ": sched_switch: prev_comm=");
    ftrace_name(o, sched_name(&f->sched, s, e->prev));
    out_text(o, " prev_pid=");
    out_s64(o, e->prev);
    out_text(o, " prev_prio=" FTRACE_PRIORITY " prev_state=");
    out_bytes(o, &letter, 1);
    out_text(o, " ==> next_comm=");
    ftrace_name(o, sched_named(&f->sched, s, e->next, e->name));
    out_text(o, " next_pid=");
    out_s64(o, e->next);
    out_text(o, " next_prio=" FTRACE_PRIORITY "\n");
}

static void ftrace_wake(struct ftrace *f, const struct stream *s, const struct sched_event *e)
{
    struct out *o = f->sink.out;
    char text[16];

    out_text(o, ": sched_waking: comm=");
    ftrace_name(o, sched_named(&f->sched, s, e->task, e->name));
    out_text(o, " pid=");
    out_s64(o, e->task);
    out_text(o, " prio=" FTRACE_PRIORITY " target_cpu=");
    snprintf(text, sizeof(text), "%03" PRIu32 "\n", e->cpu);
    out_text(o, text);
}

/* What has no definition that fits. */
static void ftrace_raw(struct out *o, const struct record *r, const struct metadata_event *e)
{
    if (e) {
        out_text(o, ": ");
        out_escaped(o, e->sys.bytes, e->sys.n, OUT_TEXT);
        out_bytes(o, "_", 1);
        out_escaped(o, e->name.bytes, e->name.n, OUT_TEXT);
        out_bytes(o, ": ", 2);
    } else {
        out_text(o, ": unknown: id=");
        out_u64(o, r->id);
        out_bytes(o, " ", 1);
    }
    out_hex_bytes(o, r->fields, r->bytes, false);
}

static void ftrace_event(struct sink *k, struct stream_lane *lane, const struct metadata_event *e)
{
    struct ftrace *f = (struct ftrace *)k;
    struct value_tail tails[TP_LIMIT_FIELDS];
    bool fits = sink_tails(lane, e, tails);
    struct sched_event sched = {.is = ROLES_NONE};

    if (!single_has(&f->single, lane->stream))
        return;
    if (fits)
        sched_take(&f->sched, lane, e, tails, &sched);
    ftrace_start(f, lane);
    if (sched.is == ROLES_SWITCH) {
        ftrace_switch(f, lane->stream, &sched);
        return;
    }
    if (sched.is == ROLES_WAKE) {
        ftrace_wake(f, lane->stream, &sched);
        return;
    }
    if (fits)
        value_print(k->out, e, &lane->record, tails);
    else
        ftrace_raw(k->out, &lane->record, e);
    out_bytes(k->out, "\n", 1);
}

/* Linux has no such thing: a line would say that it was recorded. */
static void ftrace_unfinished(struct sink *k, struct stream_lane *lane,
                              const struct metadata_event *e)
{
    (void)e;
    ((struct ftrace *)k)->unfinished += single_has(&((struct ftrace *)k)->single, lane->stream);
}

static void ftrace_loss(struct sink *k, struct stream_lane *lane)
{
    uint64_t lost = 0;
    char text[64];

    if (!single_has(&((struct ftrace *)k)->single, lane->stream))
        return;
    for (unsigned i = 0; i < STREAM_LOST_CAUSES; i++)
        lost = number_add(lost, lane->loss[i]);
    sched_lose(&((struct ftrace *)k)->sched, lane);
    if (lost)
        snprintf(text, sizeof(text), "CPU:%" PRIu32 " [LOST %" PRIu64 " EVENTS]\n", lane->cpu,
                 lost);
    else
        snprintf(text, sizeof(text), "CPU:%" PRIu32 " [LOST EVENTS]\n", lane->cpu);
    out_text(k->out, text);
}

/* --- parts of a capture --- */

struct ftrace_sum {
    bool any;
    uint64_t unfinished;
    struct sched_sum sched;
};

static bool ftrace_add(struct sink *k, const void *from)
{
    struct ftrace *f = (struct ftrace *)k;
    const struct ftrace_sum *sum = from;

    if (sum->any && !sched_is_apart(&f->sched))
        return false;
    f->unfinished += sum->unfinished;
    if (sum->any)
        sched_add(&f->sched, &sum->sched);
    return true;
}

static bool ftrace_put(struct sink *k, void *to)
{
    const struct ftrace *f = (const struct ftrace *)k;
    struct ftrace_sum *sum = to;

    if (!to)
        return sched_is_apart(&f->sched);
    sum->any = true;
    sum->unfinished = f->unfinished;
    sched_put(&f->sched, &sum->sched);
    return true;
}

static void ftrace_forget(struct sink *k)
{
    struct ftrace *f = (struct ftrace *)k;

    f->unfinished = 0;
    sched_forget(&f->sched);
}

static void ftrace_finish(struct sink *k, struct stream *s)
{
    (void)roles_finish(&((struct ftrace *)k)->roles, s, 0);
}

static void ftrace_end(struct sink *k)
{
    struct ftrace *f = (struct ftrace *)k;

    f->wrong = !roles_end(&f->roles, f->diag);
    if (f->unfinished)
        diag_line(f->diag,
                  "--format ftrace: %" PRIu64 " events that were never finished are left out",
                  f->unfinished);
}

static void ftrace_close(struct sink *k)
{
    sched_close(&((struct ftrace *)k)->sched);
    free(((struct ftrace *)k)->tasks);
}

struct sink *ftrace_open(struct ftrace *f, struct out *o, const struct roles_options *roles,
                         struct diag *diag)
{
    *f = (struct ftrace){.sink = {.out = o,
                                  .begin = ftrace_begin,
                                  .event = ftrace_event,
                                  .unfinished = ftrace_unfinished,
                                  .loss = ftrace_loss,
                                  .settles = true,
                                  .add = ftrace_add,
                                  .put = ftrace_put,
                                  .forget = ftrace_forget,
                                  .finish = ftrace_finish,
                                  .end = ftrace_end,
                                  .close = ftrace_close},
                         .diag = diag,
                         .single = {.word = "ftrace"}};
    roles_open(&f->roles, roles);
    sched_open(&f->sched, &f->roles);
    f->tasks = mem_zero(FTRACE_TASKS * sizeof(*f->tasks));
    return &f->sink;
}
