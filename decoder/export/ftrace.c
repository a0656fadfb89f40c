/* SPDX-License-Identifier: MIT */
/* ftrace.c - records as Linux's own text. */
#include "export/ftrace.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/number.h"
#include "order/common.h"

#define FTRACE_NAME_BYTES 16u /* of a task, padded to so many */
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

/* A name, without the blanks that readers of this format take for its end. */
static void ftrace_name(struct out *o, struct metadata_text name, size_t width)
{
    char text[4 * TP_TASK_NAME_BYTES];
    size_t n = name.n < TP_TASK_NAME_BYTES ? name.n : TP_TASK_NAME_BYTES;

    n = out_escape(text, name.bytes, n, OUT_TEXT);
    for (size_t i = 0; i < n; i++)
        text[i] = text[i] == ' ' ? '_' : text[i];
    if (n < width)
        out_pad(o, ' ', width - n);
    out_bytes(o, text, n);
}

/* Task, CPU, flags and time. */
static void ftrace_start(struct ftrace *f, struct stream_lane *lane)
{
    const uint8_t *context = lane->record.context;
    struct out *o = f->sink.out;
    uint64_t ns = stream_ns(lane->stream, lane->time), pid = 0;
    char text[64], flags[COMMON_FLAGS_BYTES + 1] = ".....";
    int32_t number = 0;

    if (common_number(COMMON_PID, lane, &pid)) {
        number = sched_pid(&f->sched, pid);
        ftrace_name(o, sched_name(&f->sched, lane->stream, number), FTRACE_NAME_BYTES);
        common_flags(flags, context);
    } else {
        ftrace_name(o, (struct metadata_text){"<...>", 5}, FTRACE_NAME_BYTES);
    }
    snprintf(text, sizeof(text), "-%-7" PRId32 " [%03" PRIu32 "] %s %5" PRIu64 ".%06" PRIu64 ": ",
             number, lane->cpu, flags, ns / 1000000000u, ns % 1000000000u / 1000u);
    out_text(o, text);
}

static char ftrace_letter(enum roles_state state)
{
    return state == ROLES_STATE_READY ? 'R' : state == ROLES_STATE_DEAD ? 'X' : 'S';
}

static void ftrace_switch(struct ftrace *f, const struct stream *s, const struct sched_event *e)
{
    struct out *o = f->sink.out;
    char text[64];

    out_text(o, "sched_switch: prev_comm=");
    ftrace_name(o, sched_name(&f->sched, s, e->prev), 0);
    snprintf(text, sizeof(text),
             " prev_pid=%" PRId32 " prev_prio=" FTRACE_PRIORITY " prev_state=%c ==> next_comm=",
             e->prev, ftrace_letter(e->state));
    out_text(o, text);
    ftrace_name(o, sched_named(&f->sched, s, e->next, e->name), 0);
    snprintf(text, sizeof(text), " next_pid=%" PRId32 " next_prio=" FTRACE_PRIORITY "\n", e->next);
    out_text(o, text);
}

static void ftrace_wake(struct ftrace *f, const struct stream *s, const struct sched_event *e)
{
    struct out *o = f->sink.out;
    char text[64];

    out_text(o, "sched_waking: comm=");
    ftrace_name(o, sched_named(&f->sched, s, e->task, e->name), 0);
    snprintf(text, sizeof(text),
             " pid=%" PRId32 " prio=" FTRACE_PRIORITY " target_cpu=%03" PRIu32 "\n", e->task,
             e->cpu);
    out_text(o, text);
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
    if (e) {
        out_escaped(k->out, e->sys.bytes, e->sys.n, OUT_TEXT);
        out_bytes(k->out, "_", 1);
        out_escaped(k->out, e->name.bytes, e->name.n, OUT_TEXT);
        out_bytes(k->out, ": ", 2);
    } else {
        out_text(k->out, "unknown: id=");
        out_u64(k->out, lane->record.id);
        out_bytes(k->out, " ", 1);
    }
    if (fits)
        value_message(k->out, e, &lane->record, tails);
    else
        out_hex_bytes(k->out, lane->record.fields, lane->record.bytes, false);
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
    return &f->sink;
}
