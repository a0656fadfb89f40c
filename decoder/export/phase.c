/* SPDX-License-Identifier: MIT */
/* phase.c - Chrome's trace events one by one: what they begin with, and the names of what they are on. */
#include "export/phase.h"

#include "base/mem.h"
#include "base/number.h"
#include "model/field.h"

#define PHASE_SLOTS (2 * CHROME_TRACKS)

struct chrome_stream *phase_stream(struct chrome *c, const struct stream *s)
{
    return &c->streams[s->number];
}

struct chrome_cpu *phase_cpu(struct chrome_stream *s, uint32_t cpu)
{
    s->cpus = mem_reach(s->cpus, &s->cpu_count, cpu, 1, sizeof(*s->cpus));
    return &s->cpus[cpu];
}

/* --- events --- */

void phase_start(struct chrome *c)
{
    if (!c->started)
        out_text(c->sink.out, "{\"traceEvents\":[");
    c->started = true;
}

void phase_number(struct out *o, const char *before, uint64_t v)
{
    out_text(o, before);
    out_u64(o, v);
}

void phase_string(struct out *o, const char *before, const void *text, size_t n)
{
    out_text(o, before);
    field_text(o, text, n, OUT_JSON);
}

/* With three digits after the point. */
void phase_micros(struct out *o, uint64_t ns)
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

void phase_time(struct out *o, uint64_t ns)
{
    out_text(o, ",\"ts\":");
    phase_micros(o, ns);
}

static uint32_t phase_process(const struct chrome_stream *s, unsigned process)
{
    return (s->machine - 1) * (CHROME_PROCESSES - 1) + process;
}

/* Begins one, of a thread of one of the processes. */
void phase_open(struct chrome *c, char what, const struct chrome_stream *s, unsigned process,
                uint64_t thread)
{
    struct out *o = c->sink.out;

    phase_start(c);
    out_text(o, c->any ? ",\n{\"ph\":\"" : "\n{\"ph\":\"");
    out_bytes(o, &what, 1);
    phase_number(o, "\",\"pid\":", phase_process(s, process));
    phase_number(o, ",\"tid\":", thread);
    c->any = true;
}

/* One end of a slice. Not whole ones: readers add start and duration as doubles, and what they get may come after
 * the start of the next slice. */
void phase_edge(struct chrome *c, char what, const struct chrome_stream *s, unsigned process,
                uint64_t thread, uint64_t ns, const void *name, size_t n)
{
    phase_open(c, what, s, process, thread);
    phase_time(c->sink.out, ns);
    phase_string(c->sink.out, ",\"name\":", name, n);
    out_text(c->sink.out, "}");
}

/* The start of an instant of a CPU, which is not the first event: that is the name of the CPU. */
void phase_instant(struct out *o, const struct chrome_stream *s, struct chrome_cpu *cpu,
                   uint32_t number)
{
    if (!cpu->place_bytes) {
        char *p = stpcpy(cpu->place, ",\n{\"ph\":\"i\",\"pid\":");

        p = stpcpy(out_put_u32(p, phase_process(s, CHROME_CPUS)), ",\"tid\":");
        p = stpcpy(out_put_u32(p, number), ",\"ts\":");
        cpu->place_bytes = (uint32_t)(p - cpu->place);
    }
    memcpy(out_room(o, sizeof(cpu->place)), cpu->place, sizeof(cpu->place));
    o->at += cpu->place_bytes;
}

/* --- names --- */

/* With the host or the input before it, where there may be others. */
static void phase_tell_process(struct chrome *c, struct chrome_stream *s, unsigned process)
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
    phase_open(c, 'M', s, process, 0);
    out_text(o, ",\"name\":\"process_name\",\"args\":{\"name\":\"");
    if (of->metadata.host.n)
        out_escaped(o, of->metadata.host.bytes, of->metadata.host.n, OUT_JSON);
    else if (of->others)
        out_escaped(o, of->diag.name, strlen(of->diag.name), OUT_JSON);
    if (of->captures > 1)
        phase_number(o, " capture ", of->captures);
    out_text(o, of->metadata.host.n || of->others || of->captures > 1 ? " " : "");
    out_text(o, words[process]);
    out_text(o, "\"}}");
}

static void phase_tell(struct chrome *c, struct chrome_stream *s, unsigned process, uint64_t thread,
                       const void *name, size_t n)
{
    phase_tell_process(c, s, process);
    phase_open(c, 'M', s, process, thread);
    phase_string(c->sink.out, ",\"name\":\"thread_name\",\"args\":{\"name\":", name, n);
    out_text(c->sink.out, "}}");
}

void phase_tell_cpu(struct chrome *c, struct chrome_stream *s, unsigned process, uint32_t cpu,
                    bool *named)
{
    char name[4 + NUMBER_BYTES] = "CPU ";

    if (*named)
        return;
    *named = true;
    number_put_u64(name + 4, cpu);
    phase_tell(c, s, process, cpu, name, strlen(name));
}

/* The name of a task, if it is not known to the viewer. */
void phase_tell_task(struct chrome *c, struct chrome_stream *s, int32_t pid)
{
    uint64_t of = (uint64_t)s->machine << 32 | (uint32_t)pid, known;
    struct chrome_task *t = &c->tasks[of * 0x9e3779b97f4a7c15u >> 40 & (CHROME_REMEMBERED - 1)];
    struct metadata_text name;

    if (t->of == of && t->generation == s->stream->tasks.generation)
        return;
    name = sched_name(&c->sched, s->stream, pid);
    known = nest_hash(1, name.bytes, name.n);
    if (t->of != of || t->known != known)
        phase_tell(c, s, CHROME_TASKS, sched_task32(&c->sched, pid), name.bytes, name.n);
    *t = (struct chrome_task){of, known, s->stream->tasks.generation};
}

/* The number of a track that is neither a CPU nor a task, whose name is written when it is new; 0: there are too
 * many. */
uint32_t phase_track(struct chrome *c, struct chrome_stream *s, const struct nest_span *span,
                     const struct nest_record *r)
{
    uint64_t key[] = {s->machine, (uint64_t)span->kind, span->lane,
                      span->kind == NEST_ID ? span->sys : span->number};
    uint64_t is = nest_hash(2, key, sizeof(key)) | 1, at = is;
    int8_t place = r->meaning->argument[ROLES_TRACK];
    struct out *o = c->sink.out;

    if (!c->tracks)
        c->tracks = mem_zero(PHASE_SLOTS * sizeof(*c->tracks));
    while (c->tracks[at % PHASE_SLOTS].is && c->tracks[at % PHASE_SLOTS].is != is)
        at++;
    if (c->tracks[at % PHASE_SLOTS].is || c->track_count == CHROME_TRACKS)
        return c->tracks[at % PHASE_SLOTS].number;
    c->tracks[at % PHASE_SLOTS] = (struct chrome_track){is, ++c->track_count};
    phase_tell_process(c, s, CHROME_SPANS);
    phase_open(c, 'M', s, CHROME_SPANS, c->track_count);
    out_text(o, ",\"name\":\"thread_name\",\"args\":{\"name\":\"");
    out_escaped(o, r->event->sys.bytes, r->event->sys.n, OUT_JSON);
    if (span->kind == NEST_CPU)
        phase_number(o, " CPU ", span->number);
    if (span->kind == NEST_TASK)
        phase_number(o, " task ", sched_task32(&c->sched, (int32_t)span->number));
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
