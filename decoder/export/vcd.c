/* SPDX-License-Identifier: MIT */
/* vcd.c - signals: a value change dump. */
#include "export/vcd.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"

/* What a signal is called in the changes: of a CPU by kind and number, of a counter by its place. */
#define VCD_TASK 't'
#define VCD_PID 'p'
#define VCD_DEPTH 'i'
#define VCD_COUNTER 'c'
#define VCD_LOST 'l'

/* --- the head --- */

/* Names of signals are words. */
static void vcd_word(struct out *o, struct metadata_text name)
{
    for (uint32_t i = 0; i < name.n; i++) {
        char c = name.bytes[i];

        c = isalnum((unsigned char)c) ? c : '_';
        out_bytes(o, &c, 1);
    }
}

static void vcd_declare(struct out *o, const char *type, char kind, uint32_t number,
                        const char *name)
{
    char text[96];

    snprintf(text, sizeof(text), "$var %s %c%" PRIu32 " %s $end\n", type, kind, number, name);
    out_text(o, text);
}

static void vcd_cpus(struct vcd *v)
{
    char text[48];

    for (uint32_t i = 0; i < v->cpus; i++) {
        snprintf(text, sizeof(text), "$scope module cpu%" PRIu32 " $end\n", i);
        out_text(v->sink.out, text);
        vcd_declare(v->sink.out, "string 1", VCD_TASK, i, "task");
        vcd_declare(v->sink.out, "integer 32", VCD_PID, i, "pid");
        vcd_declare(v->sink.out, "integer 32", VCD_DEPTH, i, "interrupts");
        vcd_declare(v->sink.out, "event 1", VCD_LOST, i, "lost");
        out_text(v->sink.out, "$upscope $end\n");
    }
}

static void vcd_counters(struct vcd *v, const struct metadata *m)
{
    struct out *o = v->sink.out;
    char text[64];

    for (uint32_t id = 0; id < m->event_slots; id++) {
        const struct metadata_event *e = m->events[id];

        if (!e || roles_find(&v->roles, e)->is != ROLES_COUNTER || v->counters == VCD_COUNTERS)
            continue;
        if (!v->counters)
            out_text(o, "$scope module counters $end\n");
        v->counter[v->counters] = id;
        snprintf(text, sizeof(text), "$var integer 64 %c%" PRIu32 " ", VCD_COUNTER, v->counters++);
        out_text(o, text);
        vcd_word(o, e->sys);
        out_bytes(o, "_", 1);
        vcd_word(o, e->name);
        out_text(o, " $end\n");
    }
    if (v->counters)
        out_text(o, "$upscope $end\n");
}

/* --- changes --- */

/* Times do not go back in such a file. */
static void vcd_time(struct vcd *v, struct stream_lane *lane)
{
    uint64_t ns = stream_ns(lane->stream, lane->time);
    char text[32];

    if (v->timed && ns < v->now_ns)
        v->late++;
    if (v->timed && ns <= v->now_ns)
        return;
    v->timed = true;
    v->now_ns = ns;
    snprintf(text, sizeof(text), "#%" PRIu64 "\n", ns);
    out_text(v->sink.out, text);
}

static void vcd_number(struct vcd *v, char kind, uint32_t number, uint64_t value)
{
    char text[96], *p = text;
    unsigned bits = value ? 64u - (unsigned)__builtin_clzll(value) : 1;

    *p++ = 'b';
    while (bits--)
        *p++ = (char)('0' + (value >> bits & 1));
    snprintf(p, 24, " %c%" PRIu32 "\n", kind, number);
    out_text(v->sink.out, text);
}

static void vcd_unknown(struct vcd *v, char kind, uint32_t number)
{
    char text[32];

    snprintf(text, sizeof(text), kind == VCD_TASK ? "s? %c%" PRIu32 "\n" : "bx %c%" PRIu32 "\n",
             kind, number);
    out_text(v->sink.out, text);
}

/* A text has no blanks. */
static void vcd_task(struct vcd *v, uint32_t cpu, struct metadata_text name)
{
    struct out *o = v->sink.out;
    char text[32];

    out_bytes(o, "s", 1);
    for (uint32_t i = 0; i < name.n; i++) {
        unsigned char c = (unsigned char)name.bytes[i];
        char shown = c > ' ' && c < 127 ? (char)c : '_';

        out_bytes(o, &shown, 1);
    }
    snprintf(text, sizeof(text), " %c%" PRIu32 "\n", VCD_TASK, cpu);
    out_text(o, text);
}

static void vcd_switch(struct vcd *v, struct stream_lane *lane, const struct sched_event *e)
{
    vcd_time(v, lane);
    vcd_task(v, lane->cpu, sched_named(&v->sched, lane->stream, e->next, e->name));
    vcd_number(v, VCD_PID, lane->cpu, sched_task32(&v->sched, e->next));
}

static void vcd_counter(struct vcd *v, struct stream_lane *lane, const struct metadata_event *e,
                        const struct roles_meaning *m)
{
    __int128 value;

    for (uint32_t i = 0; i < v->counters; i++)
        if (v->counter[i] == e->id && roles_number(m, ROLES_VALUE, lane, e, &value)) {
            vcd_time(v, lane);
            vcd_number(v, VCD_COUNTER, i, (uint64_t)value);
            return;
        }
    v->left_out++;
}

/* Interrupts, and what else nests on a CPU. */
static void vcd_depth(struct vcd *v, struct stream_lane *lane, bool begins)
{
    uint32_t *depth = &v->depth[lane->cpu];

    if (!begins && !*depth) {
        v->left_out++; /* it began before the records did */
        return;
    }
    *depth += begins ? 1 : UINT32_MAX;
    vcd_time(v, lane);
    vcd_number(v, VCD_DEPTH, lane->cpu, *depth);
}

/* --- sink --- */

static void vcd_begin(struct sink *k, struct stream *s)
{
    struct vcd *v = (struct vcd *)k;
    bool first = !v->single.any;

    if (!single_begin(&v->single, s))
        return;
    sched_begin(&v->sched, s);
    if (!first)
        return;
    v->cpus = s->metadata.cpus < VCD_CPUS ? (uint32_t)s->metadata.cpus : VCD_CPUS;
    v->depth = mem_zero((v->cpus + 1) * sizeof(*v->depth));
    out_text(k->out, "$version tpdecode $end\n$timescale 1ns $end\n$scope module trace $end\n");
    vcd_cpus(v);
    vcd_counters(v, &s->metadata);
    out_text(k->out, "$upscope $end\n$enddefinitions $end\n$dumpvars\n");
    for (uint32_t i = 0; i < v->cpus; i++) {
        vcd_unknown(v, VCD_TASK, i);
        vcd_unknown(v, VCD_PID, i);
        vcd_number(v, VCD_DEPTH, i, 0);
    }
    for (uint32_t i = 0; i < v->counters; i++)
        vcd_unknown(v, VCD_COUNTER, i);
    out_text(k->out, "$end\n");
}

static void vcd_event(struct sink *k, struct stream_lane *lane, const struct metadata_event *e)
{
    struct vcd *v = (struct vcd *)k;
    struct value_tail tails[TP_LIMIT_FIELDS];
    const struct roles_meaning *m;
    struct sched_event sched;
    __int128 track;

    if (!single_has(&v->single, lane->stream))
        return;
    if (!sink_tails(lane, e, tails) || lane->cpu >= v->cpus) {
        v->left_out++;
        return;
    }
    if (sched_take(&v->sched, lane, e, tails, &sched) == ROLES_SWITCH) {
        vcd_switch(v, lane, &sched);
        return;
    }
    m = roles_find(&v->roles, e);
    if (m->is == ROLES_COUNTER)
        vcd_counter(v, lane, e, m);
    else if ((m->is == ROLES_BEGIN || m->is == ROLES_END) &&
             m->argument[ROLES_TRACK] == ROLES_RECORD_CPU &&
             roles_number(m, ROLES_TRACK, lane, e, &track))
        vcd_depth(v, lane, m->is == ROLES_BEGIN);
    else
        v->left_out++;
}

static void vcd_unfinished(struct sink *k, struct stream_lane *lane, const struct metadata_event *e)
{
    (void)lane;
    (void)e;
    ((struct vcd *)k)->left_out++;
}

/* From here on it is not known what the CPU does. */
static void vcd_loss(struct sink *k, struct stream_lane *lane)
{
    struct vcd *v = (struct vcd *)k;
    char text[24];

    if (!single_has(&v->single, lane->stream))
        return;
    v->losses++;
    sched_lose(&v->sched, lane);
    if (lane->cpu >= v->cpus)
        return;
    vcd_time(v, lane);
    vcd_unknown(v, VCD_TASK, lane->cpu);
    vcd_unknown(v, VCD_PID, lane->cpu);
    vcd_unknown(v, VCD_DEPTH, lane->cpu);
    v->depth[lane->cpu] = 0;
    snprintf(text, sizeof(text), "1%c%" PRIu32 "\n", VCD_LOST, lane->cpu);
    out_text(k->out, text);
}

static void vcd_finish(struct sink *k, struct stream *s)
{
    (void)roles_finish(&((struct vcd *)k)->roles, s, 0);
}

static void vcd_end(struct sink *k)
{
    struct vcd *v = (struct vcd *)k;

    v->wrong = !roles_end(&v->roles, v->diag);
    if (v->left_out)
        diag_line(v->diag,
                  "--format vcd: %" PRIu64 " records are no change of a signal and are left out",
                  v->left_out);
    if (v->late)
        diag_line(v->diag,
                  "--format vcd: time went back before %" PRIu64
                  " changes, which have the time before",
                  v->late);
}

static void vcd_close(struct sink *k)
{
    struct vcd *v = (struct vcd *)k;

    sched_close(&v->sched);
    free(v->depth);
}

struct sink *vcd_open(struct vcd *v, struct out *o, const struct roles_options *roles,
                      struct diag *diag)
{
    *v = (struct vcd){.sink = {.out = o,
                               .begin = vcd_begin,
                               .event = vcd_event,
                               .unfinished = vcd_unfinished,
                               .loss = vcd_loss,
                               .settles = true,
                               .finish = vcd_finish,
                               .end = vcd_end,
                               .close = vcd_close},
                      .diag = diag,
                      .single = {.word = "vcd"}};
    roles_open(&v->roles, roles);
    sched_open(&v->sched, &v->roles);
    return &v->sink;
}
