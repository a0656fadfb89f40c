/* SPDX-License-Identifier: MIT */
/*
 * chrome.c - records as Chrome's trace events.
 *
 * Times are microseconds with three digits after the point, written from nanoseconds: never a double, which
 * would let the end of a slice come after the start of the next one. Slices have no arguments, since
 * speedscope takes these for a part of the name.
 */
#include "export/chrome.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/load.h"
#include "base/mem.h"
#include "base/number.h"
#include "model/field.h"
#include "order/common.h"

/* Processes of the viewer, of each capture. */
enum { CHROME_CPUS = 1, CHROME_TASKS, CHROME_INTERRUPTS, CHROME_SPANS, CHROME_PROCESSES };

#define CHROME_SLOTS (2 * CHROME_TRACKS)

#define CHROME_PLACE_BYTES                                                                         \
    64u /* what is before the time of an event, with two numbers of 32 bits */

struct chrome_name {
    uint32_t n;
    char text[CHROME_NAME_BYTES];
};

struct chrome_cpu {
    bool named,
        spans_named; /* its name was written, in the process of CPUs, in that of interrupts */
    bool runs_known; /* what it runs: */
    struct chrome_name name;
    uint64_t since_ns, last_ns;
    uint32_t place_bytes;
    char place[CHROME_PLACE_BYTES]; /* what an instant of it begins with; none yet: 0 bytes */
};

struct chrome_stream {
    uint32_t machine;             /* from 1; 0: no capture */
    bool named[CHROME_PROCESSES]; /* the name was written */
    const struct stream *stream;
    struct chrome_cpu *cpus;
    uint32_t cpu_count;
    uint64_t last_ns; /* the latest time */
};

static struct chrome_stream *chrome_stream(struct chrome *c, const struct stream *s)
{
    return &c->streams[s->number];
}

static struct chrome_cpu *chrome_cpu(struct chrome_stream *s, uint32_t cpu)
{
    s->cpus = mem_reach(s->cpus, &s->cpu_count, cpu, 1, sizeof(*s->cpus));
    return &s->cpus[cpu];
}

/* --- events --- */

static void chrome_start(struct chrome *c)
{
    if (!c->started)
        out_text(c->sink.out, "{\"traceEvents\":[");
    c->started = true;
}

static void chrome_number(struct out *o, const char *before, uint64_t v)
{
    out_text(o, before);
    out_u64(o, v);
}

static void chrome_string(struct out *o, const char *before, const void *text, size_t n)
{
    out_text(o, before);
    field_text(o, text, n, OUT_JSON);
}

/* With three digits after the point. */
static void chrome_micros(struct out *o, uint64_t ns)
{
    uint32_t rest = (uint32_t)(ns % 1000000000u);
    char *p = out_room(o, 32);

    if (ns / 1000000000u)
        p = out_put_six(out_put_u64(p, ns / 1000000000u), rest / 1000);
    else
        p = out_put_u32(p, rest / 1000);
    *p++ = '.';
    *p++ = (char)('0' + rest / 100 % 10);
    memcpy(p, out_pairs + 2 * (rest % 100), 2);
    o->at = p + 2;
}

static void chrome_time(struct out *o, uint64_t ns)
{
    out_text(o, ",\"ts\":");
    chrome_micros(o, ns);
}

static uint32_t chrome_process(const struct chrome_stream *s, unsigned process)
{
    return (s->machine - 1) * (CHROME_PROCESSES - 1) + process;
}

/* Begins one, of a thread of one of the processes. */
static void chrome_event_open(struct chrome *c, char what, const struct chrome_stream *s,
                              unsigned process, uint64_t thread)
{
    struct out *o = c->sink.out;

    chrome_start(c);
    out_text(o, c->any ? ",\n{\"ph\":\"" : "\n{\"ph\":\"");
    out_bytes(o, &what, 1);
    chrome_number(o, "\",\"pid\":", chrome_process(s, process));
    chrome_number(o, ",\"tid\":", thread);
    c->any = true;
}

/* --- names --- */

/* With the host or the input before it, where there may be others. */
static void chrome_tell_process(struct chrome *c, struct chrome_stream *s, unsigned process)
{
    static const char *const words[] = {[CHROME_CPUS] = "CPUs",
                                        [CHROME_TASKS] = "tasks",
                                        [CHROME_INTERRUPTS] = "spans of CPUs",
                                        [CHROME_SPANS] = "spans"};
    const struct stream *of = s->stream;
    struct out *o = c->sink.out;

    if (s->named[process])
        return;
    s->named[process] = true;
    chrome_event_open(c, 'M', s, process, 0);
    out_text(o, ",\"name\":\"process_name\",\"args\":{\"name\":\"");
    if (of->metadata.host.n)
        out_escaped(o, of->metadata.host.bytes, of->metadata.host.n, OUT_JSON);
    else if (of->others)
        out_escaped(o, of->diag.name, strlen(of->diag.name), OUT_JSON);
    if (of->captures > 1)
        chrome_number(o, " capture ", of->captures);
    out_text(o, of->metadata.host.n || of->others || of->captures > 1 ? " " : "");
    out_text(o, words[process]);
    out_text(o, "\"}}");
}

static void chrome_tell(struct chrome *c, struct chrome_stream *s, unsigned process,
                        uint64_t thread, const void *name, size_t n)
{
    chrome_tell_process(c, s, process);
    chrome_event_open(c, 'M', s, process, thread);
    chrome_string(c->sink.out, ",\"name\":\"thread_name\",\"args\":{\"name\":", name, n);
    out_text(c->sink.out, "}}");
}

static void chrome_tell_cpu(struct chrome *c, struct chrome_stream *s, unsigned process,
                            uint32_t cpu, bool *named)
{
    char name[4 + NUMBER_BYTES] = "CPU ";

    if (*named)
        return;
    *named = true;
    number_put_u64(name + 4, cpu);
    chrome_tell(c, s, process, cpu, name, strlen(name));
}

/* The name of a task, if it is not known to the viewer. */
static void chrome_tell_task(struct chrome *c, struct chrome_stream *s, int32_t pid)
{
    uint64_t of = (uint64_t)s->machine << 32 | (uint32_t)pid, known;
    struct chrome_task *t = &c->tasks[of * 0x9e3779b97f4a7c15u >> 40 & (CHROME_REMEMBERED - 1)];
    struct metadata_text name;

    if (t->of == of && t->generation == s->stream->tasks.generation)
        return;
    name = sched_name(&c->sched, s->stream, pid);
    known = nest_hash(1, name.bytes, name.n);
    if (t->of != of || t->known != known)
        chrome_tell(c, s, CHROME_TASKS, (uint32_t)pid, name.bytes, name.n);
    *t = (struct chrome_task){of, known, s->stream->tasks.generation};
}

/* The number of a track that is neither a CPU nor a task, whose name is written when it is new; 0: there are too
 * many. */
static uint32_t chrome_track(struct chrome *c, struct chrome_stream *s,
                             const struct nest_span *span, const struct nest_record *r)
{
    uint64_t key[] = {s->machine, (uint64_t)span->kind, span->lane,
                      span->kind == NEST_ID ? span->sys : span->number};
    uint64_t is = nest_hash(2, key, sizeof(key)) | 1, at = is;
    int8_t place = r->meaning->argument[ROLES_TRACK];
    struct out *o = c->sink.out;

    if (!c->tracks)
        c->tracks = mem_zero(CHROME_SLOTS * sizeof(*c->tracks));
    while (c->tracks[at % CHROME_SLOTS].is && c->tracks[at % CHROME_SLOTS].is != is)
        at++;
    if (c->tracks[at % CHROME_SLOTS].is || c->track_count == CHROME_TRACKS)
        return c->tracks[at % CHROME_SLOTS].number;
    c->tracks[at % CHROME_SLOTS] = (struct chrome_track){is, ++c->track_count};
    chrome_tell_process(c, s, CHROME_SPANS);
    chrome_event_open(c, 'M', s, CHROME_SPANS, c->track_count);
    out_text(o, ",\"name\":\"thread_name\",\"args\":{\"name\":\"");
    out_escaped(o, r->event->sys.bytes, r->event->sys.n, OUT_JSON);
    if (span->kind == NEST_CPU || span->kind == NEST_TASK)
        chrome_number(o, span->kind == NEST_CPU ? " CPU " : " task ", span->number);
    if (span->kind == NEST_FIELD && place >= 0) {
        const struct metadata_field *d = &r->event->fields[place];
        struct key k;

        key_value(d, &r->lane->record, r->tails, &k);
        out_text(o, " ");
        out_escaped(o, d->name.bytes, d->name.n, OUT_JSON);
        out_text(o, " ");
        if (k.is_text || k.bytes)
            out_escaped(o, k.text, k.bytes, OUT_JSON);
        else
            out_s64(o, (int64_t)k.number);
    }
    out_text(o, "\"}}");
    return c->track_count;
}

/* --- what CPUs run --- */

/* As text has it: main-3. */
static void chrome_name_task(struct chrome *c, const struct stream *s, int32_t pid,
                             struct metadata_text said, struct chrome_name *to)
{
    struct metadata_text name = sched_named(&c->sched, s, pid, said);

    to->n = name.n < CHROME_NAME_BYTES - NUMBER_BYTES ? name.n : CHROME_NAME_BYTES - NUMBER_BYTES;
    memcpy(to->text, name.bytes, to->n);
    to->text[to->n++] = '-';
    number_put_u64(to->text + to->n, (uint32_t)pid);
    to->n += (uint32_t)strlen(to->text + to->n);
}

/* One end of a slice. Not whole ones: readers add start and duration as doubles, and what they get may come after
 * the start of the next slice. */
static void chrome_edge(struct chrome *c, char what, const struct chrome_stream *s,
                        unsigned process, uint64_t thread, uint64_t ns, const void *name, size_t n)
{
    chrome_event_open(c, what, s, process, thread);
    chrome_time(c->sink.out, ns);
    chrome_string(c->sink.out, ",\"name\":", name, n);
    out_text(c->sink.out, "}");
}

/* Ends the slice of what the CPU ran, if there is one. */
static void chrome_stop(struct chrome *c, struct chrome_stream *s, uint32_t number, uint64_t ns)
{
    struct chrome_cpu *cpu = chrome_cpu(s, number);

    if (cpu->runs_known)
        chrome_edge(c, 'E', s, CHROME_CPUS, number, ns > cpu->since_ns ? ns : cpu->since_ns,
                    cpu->name.text, cpu->name.n);
    cpu->runs_known = false;
}

static void chrome_switch(struct chrome *c, struct stream_lane *lane, struct chrome_cpu *cpu,
                          const struct sched_event *e)
{
    struct chrome_stream *s = chrome_stream(c, lane->stream);

    chrome_stop(c, s, lane->cpu, cpu->last_ns);
    cpu->runs_known = true;
    cpu->since_ns = cpu->last_ns;
    chrome_name_task(c, lane->stream, e->next, e->name, &cpu->name);
    chrome_edge(c, 'B', s, CHROME_CPUS, lane->cpu, cpu->since_ns, cpu->name.text, cpu->name.n);
}

/* --- spans --- */

static void chrome_thread(struct chrome *c, const struct nest_span *span,
                          const struct nest_record *r, unsigned *process, uint64_t *thread)
{
    struct chrome_stream *s = &c->streams[span->stream];

    *thread = span->number;
    if (span->kind == NEST_CPU && !span->lane) {
        struct chrome_cpu *cpu = chrome_cpu(s, (uint32_t)span->number);

        *process = CHROME_INTERRUPTS;
        if (r)
            chrome_tell_cpu(c, s, CHROME_INTERRUPTS, (uint32_t)span->number, &cpu->spans_named);
    } else if (span->kind == NEST_TASK && !span->lane) {
        *process = CHROME_TASKS;
        if (r)
            chrome_tell_task(c, s, (int32_t)span->number);
    } else {
        *process = CHROME_SPANS;
        *thread = r ? chrome_track(c, s, span, r) : span->mark;
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
    chrome_edge(c, 'B', &c->streams[span->stream], process, thread, span->begin_ns, name->text,
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
        chrome_event_open(c, 'i', s, process, thread);
        chrome_time(o, ns);
        out_text(o, ",\"s\":\"t\",\"name\":\"no end: ");
        out_text(o, nest_why_word(why));
        out_text(o, "\"}");
    }
    chrome_edge(c, 'E', s, process, thread, ns, c->names[span->slot].text, c->names[span->slot].n);
}

static void chrome_whole(void *context, const struct nest_span *span, uint64_t ns,
                         const struct nest_record *r)
{
    struct chrome *c = context;
    struct chrome_stream *s = &c->streams[span->stream];
    uint64_t thread = chrome_track(c, s, span, r);
    char name[NEST_NAME_BYTES];
    size_t n = nest_name(r, name);

    c->trackless += !thread;
    if (!thread)
        return;
    chrome_edge(c, 'B', s, CHROME_SPANS, thread, span->begin_ns, name, n);
    chrome_edge(c, 'E', s, CHROME_SPANS, thread, ns, name, n);
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
    chrome_number(o, "\"common_pid\":", load_u32(r->context, r->swap));
    chrome_string(o, ",\"common_comm\":", comm, n);
    chrome_string(o, ",\"common_flags\":", flags, sizeof(flags));
    out_text(o, after);
}

/* The start of an instant of a CPU, which is not the first event: that is the name of the CPU. */
static void chrome_instant(struct out *o, const struct chrome_stream *s, struct chrome_cpu *cpu,
                           uint32_t number)
{
    if (!cpu->place_bytes) {
        char *p = stpcpy(cpu->place, ",\n{\"ph\":\"i\",\"pid\":");

        p = stpcpy(out_put_u32(p, chrome_process(s, CHROME_CPUS)), ",\"tid\":");
        p = stpcpy(out_put_u32(p, number), ",\"ts\":");
        cpu->place_bytes = (uint32_t)(p - cpu->place);
    }
    memcpy(out_room(o, sizeof(cpu->place)), cpu->place, sizeof(cpu->place));
    o->at += cpu->place_bytes;
}

/* As an instant of its CPU, whose name was written. e: NULL, it does not fit one. */
static void chrome_record(struct chrome *c, struct stream_lane *lane,
                          const struct metadata_event *e, const struct value_tail *tails)
{
    struct chrome_stream *s = chrome_stream(c, lane->stream);
    const struct object *in = e ? object_find(&c->objects, e) : NULL;
    const struct record *r = &lane->record;
    struct out *o = c->sink.out;

    chrome_instant(o, s, chrome_cpu(s, lane->cpu), lane->cpu);
    chrome_micros(o, stream_ns(lane->stream, lane->time));
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
        chrome_number(o, "\"id\":", r->id);
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
    chrome_event_open(c, 'C', chrome_stream(c, r->lane->stream), CHROME_CPUS, 0);
    chrome_time(o, stream_ns(r->lane->stream, r->lane->time));
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
        chrome_number(o, key == ROLES_RECORD_CPU ? " cpu " : " task ", (uint64_t)number);
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
    struct chrome_stream *s = chrome_stream(c, lane->stream);
    uint64_t ns = stream_ns(lane->stream, lane->time);
    struct value_tail tails[TP_LIMIT_FIELDS];
    struct chrome_cpu *cpu = chrome_cpu(s, lane->cpu);
    struct sched_event sched;

    if (lane->gap_open) {
        sched_lose(&c->sched, lane);
        nest_lose(&c->nest, lane);
        chrome_stop(c, s, lane->cpu, cpu->last_ns);
    }
    cpu->last_ns = ns > cpu->last_ns ? ns : cpu->last_ns;
    s->last_ns = ns > s->last_ns ? ns : s->last_ns;
    chrome_tell_cpu(c, s, CHROME_CPUS, lane->cpu, &cpu->named);
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
    struct chrome_stream *s = chrome_stream(c, lane->stream);
    struct value_tail tails[TP_LIMIT_FIELDS];
    bool fits = sink_tails(lane, e, tails);

    chrome_tell_cpu(c, s, CHROME_CPUS, lane->cpu, &chrome_cpu(s, lane->cpu)->named);
    chrome_record(c, lane, fits ? e : NULL, tails);
}

/* --- losses --- */

static void chrome_lost(struct chrome *c, struct chrome_stream *s, uint32_t cpu, uint64_t ns,
                        const uint64_t *lost, const char *cause)
{
    struct out *o = c->sink.out;

    chrome_event_open(c, 'i', s, CHROME_CPUS, cpu);
    chrome_time(o, ns);
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
    struct chrome_stream *s = chrome_stream(c, lane->stream);
    uint64_t ns = stream_ns(lane->stream, lane->time);
    struct chrome_cpu *cpu = chrome_cpu(s, lane->cpu);

    chrome_tell_cpu(c, s, CHROME_CPUS, lane->cpu, &cpu->named);
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
    struct chrome_stream *of = chrome_stream(c, s);
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
        chrome_event_open(c, 'i', of, CHROME_CPUS, TP_CHUNK_NO_CPU);
        out_text(
            o, ",\"ts\":0,\"s\":\"t\",\"cat\":\"loss\",\"name\":\"left out by sampling\",\"args\":"
               "{\"suppressed\":");
        out_u64(o, count);
        chrome_string(o, ",\"event\":", name.bytes, name.n);
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

    chrome_start(c);
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
