/* SPDX-License-Identifier: MIT */
/*
 * chrome.c - records as Chrome's trace events.
 *
 * Slices have no arguments, since speedscope takes these for a part of the name.
 */
#include "export/chrome.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/load.h"
#include "base/mem.h"
#include "base/number.h"
#include "export/phase.h"
#include "model/field.h"
#include "order/common.h"

/* --- what CPUs run --- */

/* As text has it: main-3. */
static void chrome_name_task(struct chrome *c, const struct stream *s, int32_t pid,
                             struct metadata_text said, struct chrome_name *to)
{
    struct metadata_text name = sched_named(&c->sched, s, pid, said);

    to->n = name.n < CHROME_NAME_BYTES - NUMBER_BYTES ? name.n : CHROME_NAME_BYTES - NUMBER_BYTES;
    memcpy(to->text, name.bytes, to->n);
    to->text[to->n++] = '-';
    number_put_u64(to->text + to->n, sched_task32(&c->sched, pid));
    to->n += (uint32_t)strlen(to->text + to->n);
}

/* Ends the slice of what the CPU ran, if there is one. */
static void chrome_stop(struct chrome *c, struct chrome_stream *s, uint32_t number, uint64_t ns)
{
    struct chrome_cpu *cpu = phase_cpu(s, number);

    if (cpu->runs_known)
        phase_edge(c, 'E', s, CHROME_CPUS, number, ns > cpu->since_ns ? ns : cpu->since_ns,
                   cpu->name.text, cpu->name.n);
    cpu->runs_known = false;
}

static void chrome_switch(struct chrome *c, struct stream_lane *lane, struct chrome_cpu *cpu,
                          const struct sched_event *e)
{
    struct chrome_stream *s = phase_stream(c, lane->stream);

    chrome_stop(c, s, lane->cpu, cpu->last_ns);
    cpu->runs_known = true;
    cpu->since_ns = cpu->last_ns;
    chrome_name_task(c, lane->stream, e->next, e->name, &cpu->name);
    phase_edge(c, 'B', s, CHROME_CPUS, lane->cpu, cpu->since_ns, cpu->name.text, cpu->name.n);
}

/* --- spans --- */

static void chrome_thread(struct chrome *c, const struct nest_span *span,
                          const struct nest_record *r, unsigned *process, uint64_t *thread)
{
    struct chrome_stream *s = &c->streams[span->stream];

    *thread = span->number;
    if (span->kind == NEST_CPU && !span->lane) {
        struct chrome_cpu *cpu = phase_cpu(s, (uint32_t)span->number);

        *process = CHROME_INTERRUPTS;
        if (r)
            phase_tell_cpu(c, s, CHROME_INTERRUPTS, (uint32_t)span->number, &cpu->spans_named);
    } else if (span->kind == NEST_TASK && !span->lane) {
        *process = CHROME_TASKS;
        *thread = sched_task32(&c->sched, (int32_t)span->number);
        if (r)
            phase_tell_task(c, s, (int32_t)span->number);
    } else {
        *process = CHROME_SPANS;
        *thread = r ? phase_track(c, s, span, r) : span->mark;
    }
}

static void chrome_begin_one(void *context, struct nest_span *span, const struct nest_record *r)
{
    struct chrome *c = context;
    char text[NEST_NAME_BYTES];
    struct chrome_name *name;
    unsigned process;
    uint64_t thread;

    chrome_thread(c, span, r, &process, &thread);
    span->mark = thread;
    if (process == CHROME_SPANS && !thread) {
        c->trackless++;
        return;
    }
    if (!c->names)
        c->names = mem_zero((NEST_OPEN + 1) * sizeof(*c->names));
    name = &c->names[span->slot];
    name->n = (uint32_t)nest_name(r, text);
    name->n = name->n < CHROME_NAME_BYTES ? name->n : CHROME_NAME_BYTES;
    memcpy(name->text, text, name->n);
    phase_edge(c, 'B', &c->streams[span->stream], process, thread, span->begin_ns, name->text,
               name->n);
}

static void chrome_end_one(void *context, const struct nest_span *span, uint64_t ns,
                           enum nest_why why, const struct nest_record *r)
{
    struct chrome *c = context;
    const struct chrome_stream *s = &c->streams[span->stream];
    struct out *o = c->sink.out;
    unsigned process;
    uint64_t thread;

    (void)r;
    chrome_thread(c, span, NULL, &process, &thread);
    if (process == CHROME_SPANS && !thread)
        return;
    if (why != NEST_ENDED) {
        phase_open(c, 'i', s, process, thread);
        phase_time(o, ns);
        out_text(o, ",\"s\":\"t\",\"name\":\"no end: ");
        out_text(o, nest_why_word(why));
        out_text(o, "\"}");
    }
    phase_edge(c, 'E', s, process, thread, ns, c->names[span->slot].text, c->names[span->slot].n);
}

static void chrome_whole(void *context, const struct nest_span *span, uint64_t ns,
                         const struct nest_record *r)
{
    struct chrome *c = context;
    struct chrome_stream *s = &c->streams[span->stream];
    uint64_t thread = phase_track(c, s, span, r);
    char name[NEST_NAME_BYTES];
    size_t n = nest_name(r, name);

    c->trackless += !thread;
    if (!thread)
        return;
    phase_edge(c, 'B', s, CHROME_SPANS, thread, span->begin_ns, name, n);
    phase_edge(c, 'E', s, CHROME_SPANS, thread, ns, name, n);
}

/* --- records --- */

static void chrome_context(struct out *o, const struct stream_lane *lane, const char *after)
{
    const struct record *r = &lane->record;
    char flags[COMMON_FLAGS_BYTES];
    const char *comm;
    size_t n;

    if (!r->context)
        return;
    comm = common_comm(lane, &n);
    common_flags(flags, r->context);
    phase_number(o, "\"common_pid\":", load_u32(r->context, r->swap));
    phase_string(o, ",\"common_comm\":", comm, n);
    phase_string(o, ",\"common_flags\":", flags, sizeof(flags));
    out_text(o, after);
}

/* As an instant of its CPU, whose name was written. e: NULL, it does not fit one. */
static void chrome_record(struct chrome *c, struct stream_lane *lane,
                          const struct metadata_event *e, const struct value_tail *tails)
{
    struct chrome_stream *s = phase_stream(c, lane->stream);
    const struct object *in = e ? object_find(&c->objects, e) : NULL;
    const struct record *r = &lane->record;
    struct out *o = c->sink.out;

    phase_instant(o, s, phase_cpu(s, lane->cpu), lane->cpu);
    phase_micros(o, stream_ns(lane->stream, lane->time));
    out_text(o, ",\"s\":\"t\",\"name\":");
    if (lane->item == STREAM_UNFINISHED)
        out_text(o, "\"unfinished\",\"event\":");
    if (e)
        object_head(o, in);
    else
        out_text(o, "\"unknown\",\"args\":{");
    chrome_context(o, lane, e && !e->field_count ? "" : ",");
    if (e) {
        object_fields(o, in, r, tails);
    } else {
        phase_number(o, "\"id\":", r->id);
        out_text(o, ",\"raw\":\"");
        out_hex_bytes(o, r->fields, r->bytes, false);
        out_text(o, "\"");
    }
    out_text(o, "}}");
}

static void chrome_counter(struct chrome *c, const struct nest_record *r)
{
    const struct metadata_event *e = r->event;
    int8_t place = r->meaning->argument[ROLES_VALUE], key = r->meaning->argument[ROLES_KEY];
    const struct record *record = &r->lane->record;
    char joined[METADATA_JOINED_BYTES];
    struct metadata_text name = metadata_join(e, '_', joined);
    struct out *o = c->sink.out;
    __int128 number;

    if (place < 0 || !(key_numeric(&e->fields[place]) ||
                       (e->fields[place].type == METADATA_FLOAT && !e->fields[place].array)))
        return;
    phase_open(c, 'C', phase_stream(c, r->lane->stream), CHROME_CPUS, 0);
    phase_time(o, stream_ns(r->lane->stream, r->lane->time));
    out_text(o, ",\"name\":\"");
    out_escaped(o, name.bytes, name.n, OUT_JSON);
    if (key >= 0) {
        struct key k;

        key_value(&e->fields[key], record, r->tails, &k);
        out_text(o, " ");
        if (k.is_text || k.bytes)
            out_escaped(o, k.text, k.bytes, OUT_JSON);
        else
            out_s64(o, (int64_t)k.number);
    } else if (roles_number(r->meaning, ROLES_KEY, r->lane, e, &number)) {
        phase_number(o, key == ROLES_RECORD_CPU ? " cpu " : " task ", (uint64_t)number);
    }
    out_text(o, "\",\"args\":{\"value\":");
    if (roles_number(r->meaning, ROLES_VALUE, r->lane, e, &number) && number < 0)
        out_s64(o, (int64_t)number);
    else if (e->fields[place].type != METADATA_FLOAT)
        out_u64(o, (uint64_t)number);
    else
        field_print(o, &e->fields[place], record, r->tails, OUT_JSON);
    out_text(o, "}}");
}

static void chrome_event(struct sink *k, struct stream_lane *lane, const struct metadata_event *e)
{
    struct chrome *c = (struct chrome *)k;
    struct chrome_stream *s = phase_stream(c, lane->stream);
    uint64_t ns = stream_ns(lane->stream, lane->time);
    struct value_tail tails[TP_LIMIT_FIELDS];
    struct chrome_cpu *cpu = phase_cpu(s, lane->cpu);
    struct sched_event sched;

    if (lane->gap_open) {
        sched_lose(&c->sched, lane);
        nest_lose(&c->nest, lane);
        chrome_stop(c, s, lane->cpu, cpu->last_ns);
    }
    cpu->last_ns = ns > cpu->last_ns ? ns : cpu->last_ns;
    s->last_ns = ns > s->last_ns ? ns : s->last_ns;
    phase_tell_cpu(c, s, CHROME_CPUS, lane->cpu, &cpu->named);
    if (!sink_tails(lane, e, tails)) {
        chrome_record(c, lane, NULL, NULL);
        return;
    }
    chrome_record(c, lane, e, tails);
    if (roles_find(&c->roles, e)->is == ROLES_NONE)
        return;
    if (sched_take(&c->sched, lane, e, tails, &sched) == ROLES_SWITCH)
        chrome_switch(c, lane, cpu, &sched);
    nest_take(&c->nest, lane, e, tails);
    if (roles_find(&c->roles, e)->is == ROLES_COUNTER)
        chrome_counter(c, &(struct nest_record){lane, e, tails, roles_find(&c->roles, e), NULL});
}

static void chrome_unfinished(struct sink *k, struct stream_lane *lane,
                              const struct metadata_event *e)
{
    struct chrome *c = (struct chrome *)k;
    struct chrome_stream *s = phase_stream(c, lane->stream);
    struct value_tail tails[TP_LIMIT_FIELDS];
    bool fits = sink_tails(lane, e, tails);

    phase_tell_cpu(c, s, CHROME_CPUS, lane->cpu, &phase_cpu(s, lane->cpu)->named);
    chrome_record(c, lane, fits ? e : NULL, tails);
}

/* --- losses --- */

static void chrome_lost(struct chrome *c, struct chrome_stream *s, uint32_t cpu, uint64_t ns,
                        const uint64_t *lost, const char *cause)
{
    struct out *o = c->sink.out;

    phase_open(c, 'i', s, CHROME_CPUS, cpu);
    phase_time(o, ns);
    out_text(o, ",\"s\":\"t\",\"cat\":\"loss\",\"name\":\"lost ");
    if (lost)
        out_u64(o, *lost);
    out_text(o, lost ? " (" : "(");
    out_text(o, cause);
    out_text(o, ")\",\"args\":{\"lost\":");
    if (lost)
        out_u64(o, *lost);
    else
        out_text(o, "null");
    out_text(o, ",\"cause\":\"");
    out_text(o, cause);
    out_text(o, "\"}}");
}

static void chrome_loss(struct sink *k, struct stream_lane *lane)
{
    struct chrome *c = (struct chrome *)k;
    struct chrome_stream *s = phase_stream(c, lane->stream);
    uint64_t ns = stream_ns(lane->stream, lane->time);
    struct chrome_cpu *cpu = phase_cpu(s, lane->cpu);

    phase_tell_cpu(c, s, CHROME_CPUS, lane->cpu, &cpu->named);
    chrome_stop(c, s, lane->cpu, ns > cpu->last_ns ? ns : cpu->last_ns);
    cpu->last_ns = ns > cpu->last_ns ? ns : cpu->last_ns;
    for (unsigned i = 0; i < STREAM_LOST_CAUSES; i++)
        if (lane->loss[i])
            chrome_lost(c, s, lane->cpu, ns, &lane->loss[i], stream_causes[i]);
    if (lane->loss_damage)
        chrome_lost(c, s, lane->cpu, ns, NULL, "damaged");
    sched_lose(&c->sched, lane);
    nest_lose(&c->nest, lane);
}

/* What is known only at the end. */
static void chrome_counts(struct chrome *c, struct stream *s)
{
    struct chrome_stream *of = phase_stream(c, s);
    char joined[METADATA_JOINED_BYTES];
    struct out *o = c->sink.out;
    uint64_t count;
    uint32_t id = 0;

    if (s->strangers)
        chrome_lost(c, of, TP_CHUNK_NO_CPU, 0, &s->strangers, "unknown_cpu");
    while ((count = stream_suppressed(s, &id))) {
        const struct metadata_event *e = metadata_event(&s->metadata, id);
        struct metadata_text name;

        if (!e)
            continue;
        name = metadata_join(e, ':', joined);
        phase_open(c, 'i', of, CHROME_CPUS, TP_CHUNK_NO_CPU);
        out_text(
            o, ",\"ts\":0,\"s\":\"t\",\"cat\":\"loss\",\"name\":\"left out by sampling\",\"args\":"
               "{\"suppressed\":");
        out_u64(o, count);
        phase_string(o, ",\"event\":", name.bytes, name.n);
        out_text(o, "}}");
    }
}

/* --- sink --- */

static void chrome_begin(struct sink *k, struct stream *s)
{
    struct chrome *c = (struct chrome *)k;

    c->streams = mem_reach(c->streams, &c->stream_count, s->number, 1, sizeof(*c->streams));
    sched_begin(&c->sched, s);
    nest_begin(&c->nest, s);
    c->streams[s->number].machine = ++c->machines;
    c->streams[s->number].stream = s;
}

static void chrome_finish(struct sink *k, struct stream *s)
{
    struct chrome *c = (struct chrome *)k;
    struct chrome_stream *of = s->number < c->stream_count ? &c->streams[s->number] : NULL;

    (void)roles_finish(&c->roles, s, 0);
    object_forget(&c->objects);
    if (!of || !of->machine)
        return;
    for (uint32_t i = 0; i < of->cpu_count; i++)
        chrome_stop(c, of, i, of->last_ns);
    nest_finish(&c->nest, s, of->last_ns);
    chrome_counts(c, s);
    free(of->cpus);
    *of = (struct chrome_stream){.machine = 0};
}

static void chrome_end(struct sink *k)
{
    struct chrome *c = (struct chrome *)k;
    const char *text;
    uint64_t n;

    phase_start(c);
    out_text(k->out, "\n],\"displayTimeUnit\":\"ns\",\"otherData\":{\"from\":\"tracepoint\"}}\n");
    c->wrong = !roles_end(&c->roles, c->diag);
    for (unsigned i = 0; (text = nest_left_out(&c->nest, i, &n)) != NULL; i++)
        if (n)
            diag_line(c->diag, "--format chrome: %" PRIu64 " %s", n, text);
    if (c->trackless)
        diag_line(c->diag,
                  "--format chrome: %" PRIu64
                  " spans are left out, which are on more than %u tracks",
                  c->trackless, CHROME_TRACKS);
}

static void chrome_close(struct sink *k)
{
    struct chrome *c = (struct chrome *)k;

    for (uint32_t i = 0; i < c->stream_count; i++)
        free(c->streams[i].cpus);
    free(c->streams);
    free(c->names);
    free(c->tracks);
    object_forget(&c->objects);
    sched_close(&c->sched);
    nest_close(&c->nest);
}

struct sink *chrome_open(struct chrome *c, struct out *o, const struct roles_options *roles,
                         struct diag *diag)
{
    memset(c, 0, sizeof(*c));
    c->sink = (struct sink){.out = o,
                            .begin = chrome_begin,
                            .event = chrome_event,
                            .unfinished = chrome_unfinished,
                            .loss = chrome_loss,
                            .settles = true,
                            .finish = chrome_finish,
                            .end = chrome_end,
                            .close = chrome_close};
    c->diag = diag;
    c->objects.head = "\"%s:%e\",\"cat\":\"%s\",\"args\":{";
    roles_open(&c->roles, roles);
    sched_open(&c->sched, &c->roles);
    nest_open(&c->nest, &c->roles, &c->sched, o->symbols,
              &(struct nest_calls){chrome_begin_one, chrome_end_one, chrome_whole, c});
    return &c->sink;
}
