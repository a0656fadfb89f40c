/* SPDX-License-Identifier: MIT */
/*
 * perfetto.c - records as Perfetto's protobuf.
 *
 * Numbers of fields are those of Perfetto's public definitions (protos/perfetto/trace); a subset with
 * all that is written here is tests/export/perfetto.proto.
 */
#include "export/perfetto.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/load.h"
#include "base/mem.h"
#include "base/number.h"
#include "model/field.h"
#include "model/float.h"
#include "order/common.h"

enum { TRACE_PACKET = 1 };

enum {
    PACKET_FTRACE = 1,
    PACKET_PROCESS_TREE = 2,
    PACKET_CLOCKS = 6,
    PACKET_TIME = 8,
    PACKET_SEQUENCE = 10,
    PACKET_TRACK_EVENT = 11,
    PACKET_SYSTEM_INFO = 45,
    PACKET_TRACK = 60,
    PACKET_MACHINE = 98
};

enum { BUNDLE_CPU = 1, BUNDLE_EVENT = 2, BUNDLE_LOST = 3, BUNDLE_DESCRIPTOR = 11 };
enum { EVENT_TIME = 1, EVENT_PID = 2, EVENT_FLAGS = 5, EVENT_SWITCH = 4, EVENT_WAKING = 20 };
enum { TRACK_UUID = 1, TRACK_NAME = 2, TRACK_THREAD = 4, TRACK_PARENT = 5, TRACK_COUNTER = 8 };
enum {
    SLICE_ANNOTATION = 4,
    SLICE_TYPE = 9,
    SLICE_TRACK = 11,
    SLICE_CATEGORY = 22,
    SLICE_NAME = 23,
    SLICE_VALUE = 30,
    SLICE_DOUBLE = 44
};
enum { SLICE_BEGIN = 1, SLICE_END = 2, SLICE_INSTANT = 3, SLICE_COUNTER = 4 };
enum {
    ANNOTATION_BOOL = 2,
    ANNOTATION_UNSIGNED = 3,
    ANNOTATION_SIGNED = 4,
    ANNOTATION_DOUBLE = 5,
    ANNOTATION_TEXT = 6,
    ANNOTATION_POINTER = 7,
    ANNOTATION_NAME = 10
};
enum { CLOCK_REALTIME_ID = 1, CLOCK_BOOTTIME_ID = 6 };

/* Types of fields in a description, as in google/protobuf/descriptor.proto. */
enum {
    TYPE_DOUBLE = 1,
    TYPE_FLOAT = 2,
    TYPE_INT64 = 3,
    TYPE_UINT64 = 4,
    TYPE_INT32 = 5,
    TYPE_BOOL = 8,
    TYPE_STRING = 9,
    TYPE_UINT32 = 13
};

#define PERFETTO_FIELD_CUT                                                                         \
    (TP_LIMIT_FIELDS + 1) /* which of the fields are cut; Perfetto takes 31 */
#define PERFETTO_PRIORITY 120

/* Kinds of tracks beside those of nest.h. */
enum { PERFETTO_LOSSES = 16, PERFETTO_COUNTER };

struct perfetto_cpu {
    struct proto bundle; /* events that wait */
    bool lost;           /* something, before those */
    bool runs_known;
    bool lost_since; /* its last switch, at */
    int32_t runs;
    uint64_t switch_ns, lost_ns;
};

struct perfetto_stream {
    uint32_t machine; /* from 1; 0: no capture */
    uint32_t *events; /* their numbers, by id; 0: not described */
    uint32_t event_slots, unknown;
    struct perfetto_cpu *cpus;
    uint32_t cpu_count;
    unsigned pairs_version;
    bool clock_told;
    uint64_t clock_ns; /* of the pair that was written last */
    uint64_t last_ns;  /* of the last record */
};

/* --- packets --- */

static struct perfetto_stream *perfetto_stream(struct perfetto *f, const struct stream *s)
{
    return &f->streams[s->number];
}

/* Perfetto's times have a sign. */
static uint64_t perfetto_ns(struct perfetto *f, uint64_t ns)
{
    f->late += ns > INT64_MAX;
    return ns > INT64_MAX ? INT64_MAX : ns;
}

/* Each machine has two sequences: what comes from ftrace, and what has tracks. */
static void perfetto_start(struct perfetto *f, uint32_t machine, bool tracks)
{
    f->packet.n = 0;
    proto_u64(&f->packet, PACKET_SEQUENCE, 2 * (uint64_t)machine - !tracks);
    if (machine > 1)
        proto_u64(&f->packet, PACKET_MACHINE, machine - 1);
}

static void perfetto_head(struct perfetto *f, uint64_t n)
{
    uint8_t head[PROTO_HEAD_BYTES];

    out_bytes(f->sink.out, head, proto_head(head, TRACE_PACKET, n));
}

static void perfetto_put(struct perfetto *f)
{
    perfetto_head(f, f->packet.n);
    out_bytes(f->sink.out, f->packet.bytes, f->packet.n);
}

/* What waits of a CPU. */
static void perfetto_flush(struct perfetto *f, uint32_t machine, uint32_t number,
                           struct perfetto_cpu *cpu)
{
    size_t at;

    if (!cpu->bundle.n && !cpu->lost)
        return;
    perfetto_start(f, machine, false);
    at = proto_open(&f->packet, PACKET_FTRACE);
    proto_u64(&f->packet, BUNDLE_CPU, number);
    if (cpu->lost)
        proto_u64(&f->packet, BUNDLE_LOST, 1);
    proto_add(&f->packet, cpu->bundle.bytes, cpu->bundle.n);
    proto_close(&f->packet, at);
    perfetto_put(f);
    cpu->bundle.n = 0;
    cpu->lost = false;
}

/* All that waits, and its memory. */
static void perfetto_flush_stream(struct perfetto *f, struct perfetto_stream *s)
{
    for (uint32_t i = 0; i < s->cpu_count; i++) {
        perfetto_flush(f, s->machine, i, &s->cpus[i]);
        f->held_bytes -= s->cpus[i].bundle.room;
        proto_free(&s->cpus[i].bundle);
    }
}

static struct perfetto_cpu *perfetto_cpu(struct perfetto_stream *s, uint32_t cpu)
{
    uint32_t room = s->cpu_count ? s->cpu_count : 1;

    while (room <= cpu)
        room *= 2;
    if (room > s->cpu_count) {
        s->cpus = mem_grow(s->cpus, room * sizeof(*s->cpus));
        memset(s->cpus + s->cpu_count, 0, (room - s->cpu_count) * sizeof(*s->cpus));
        s->cpu_count = room;
    }
    return &s->cpus[cpu];
}

/* --- what is said once --- */

static void perfetto_word(struct proto *p, uint32_t field, const char *text)
{
    proto_text(p, field, text, strlen(text));
}

/* Of a clock pair. Those of a capture go forward. */
static void perfetto_clock(struct perfetto *f, struct perfetto_stream *s, uint64_t ns,
                           uint64_t wall_ns)
{
    const struct {
        uint64_t id, ns;
    } clocks[] = {{CLOCK_BOOTTIME_ID, perfetto_ns(f, ns)},
                  {CLOCK_REALTIME_ID, perfetto_ns(f, wall_ns)}};
    size_t at, clock;

    if (s->clock_told && ns <= s->clock_ns)
        return;
    s->clock_told = true;
    s->clock_ns = ns;
    perfetto_start(f, s->machine, false);
    at = proto_open(&f->packet, PACKET_CLOCKS);
    for (unsigned i = 0; i < 2; i++) {
        clock = proto_open(&f->packet, 1);
        proto_u64(&f->packet, 1, clocks[i].id);
        proto_u64(&f->packet, 2, clocks[i].ns);
        proto_close(&f->packet, clock);
    }
    proto_u64(&f->packet, 2, CLOCK_BOOTTIME_ID);
    proto_close(&f->packet, at);
    perfetto_put(f);
}

static void perfetto_clocks(struct perfetto *f, struct stream *s)
{
    struct perfetto_stream *of = perfetto_stream(f, s);

    if (of->pairs_version == s->pairs.version)
        return;
    of->pairs_version = s->pairs.version;
    for (unsigned i = 0; i < s->pairs.count; i++)
        perfetto_clock(f, of, stream_ns(s, s->pairs.at[i].ticks), s->pairs.at[i].wall_ns);
}

/* Which machine it was, where that is of interest. */
static void perfetto_system(struct perfetto *f, const struct stream *s)
{
    const struct metadata_text *host = &s->metadata.host;
    size_t at, names;

    if (!host->n && !s->others)
        return;
    perfetto_start(f, perfetto_stream(f, s)->machine, false);
    at = proto_open(&f->packet, PACKET_SYSTEM_INFO);
    names = proto_open(&f->packet, 1);
    if (host->n)
        proto_text(&f->packet, 1, host->bytes, host->n);
    else
        perfetto_word(&f->packet, 1, s->diag.name);
    proto_close(&f->packet, names);
    proto_close(&f->packet, at);
    perfetto_put(f);
}

/* A type of Perfetto's for a field. What has no such type is a text. */
static uint32_t perfetto_type(const struct perfetto *f, const struct metadata_field *d)
{
    bool wide = d->width == 8;

    if (d->array || d->table || (d->type == METADATA_PTR && f->sink.out->symbols))
        return TYPE_STRING;
    switch (d->type) {
    case METADATA_UNSIGNED:
        return wide ? TYPE_UINT64 : TYPE_UINT32;
    case METADATA_SIGNED:
        return wide ? TYPE_INT64 : TYPE_INT32;
    case METADATA_PTR:
        return TYPE_UINT64;
    case METADATA_BOOL:
        return TYPE_BOOL;
    case METADATA_FLOAT:
        return wide ? TYPE_DOUBLE : TYPE_FLOAT;
    default:
        return TYPE_STRING;
    }
}

static void perfetto_describe_field(struct perfetto *f, const char *name, size_t n, uint32_t number,
                                    uint32_t type)
{
    size_t at = proto_open(&f->packet, 2);

    proto_text(&f->packet, 1, name, n);
    proto_u64(&f->packet, 3, number);
    proto_u64(&f->packet, 4, 1); /* optional */
    proto_u64(&f->packet, 5, type);
    proto_close(&f->packet, at);
}

/* The number of an event, which is described before it is used. e: NULL, for what has no description. */
static uint32_t perfetto_describe(struct perfetto *f, struct perfetto_stream *s, uint32_t cpu,
                                  const struct metadata_event *e)
{
    char joined[METADATA_JOINED_BYTES];
    struct metadata_text name = e ? metadata_join(e, ':', joined) : (struct metadata_text){"?", 1};
    uint32_t number = PERFETTO_EVENT_FIRST + f->described;
    size_t bundle, at, description;

    f->described += number < PERFETTO_EVENT_LAST;
    perfetto_start(f, s->machine, false);
    bundle = proto_open(&f->packet, PACKET_FTRACE);
    proto_u64(&f->packet, BUNDLE_CPU, cpu);
    at = proto_open(&f->packet, BUNDLE_DESCRIPTOR);
    proto_u64(&f->packet, 1, number);
    description = proto_open(&f->packet, 2);
    proto_text(&f->packet, 1, name.bytes, name.n);
    for (uint32_t i = 0; e && i < e->field_count; i++)
        perfetto_describe_field(f, e->fields[i].name.bytes, e->fields[i].name.n, i + 1,
                                perfetto_type(f, &e->fields[i]));
    if (e && e->tail_count)
        perfetto_describe_field(f, "cut", 3, PERFETTO_FIELD_CUT, TYPE_STRING);
    if (!e) {
        perfetto_describe_field(f, "id", 2, 1, TYPE_UINT32);
        perfetto_describe_field(f, "raw", 3, 2, TYPE_STRING);
    }
    proto_close(&f->packet, description);
    if (e)
        proto_text(&f->packet, 3, e->sys.bytes, e->sys.n);
    proto_close(&f->packet, at);
    proto_close(&f->packet, bundle);
    perfetto_put(f);
    return number;
}

static uint32_t perfetto_number(struct perfetto *f, struct perfetto_stream *s, uint32_t cpu,
                                const struct metadata_event *e)
{
    uint32_t slots = s->event_slots ? s->event_slots : 64;

    if (!e)
        return s->unknown ? s->unknown : (s->unknown = perfetto_describe(f, s, cpu, NULL));
    while (slots <= e->id)
        slots *= 2;
    if (slots > s->event_slots) {
        s->events = mem_grow(s->events, slots * sizeof(*s->events));
        memset(s->events + s->event_slots, 0, (slots - s->event_slots) * sizeof(*s->events));
        s->event_slots = slots;
    }
    if (!s->events[e->id])
        s->events[e->id] = perfetto_describe(f, s, cpu, e);
    return s->events[e->id];
}

/* --- tasks --- */

static uint32_t perfetto_group(const struct task *t)
{
    return t && t->group && t->group < SCHED_FOREIGN ? t->group : 0;
}

static void perfetto_task_put(struct perfetto *f, const struct stream *s, uint32_t pid,
                              const struct task *t)
{
    uint32_t group = perfetto_group(t) ? perfetto_group(t) : pid;
    const struct task *leader = group == pid ? t : task_find(&s->tasks, group);
    size_t at, inside;

    perfetto_start(f, perfetto_stream(f, s)->machine, false);
    proto_u64(&f->packet, PACKET_TIME, perfetto_ns(f, perfetto_stream(f, s)->last_ns));
    at = proto_open(&f->packet, PACKET_PROCESS_TREE);
    inside = proto_open(&f->packet, 1);
    proto_u64(&f->packet, 1, group);
    proto_u64(&f->packet, 2, 0);
    if (leader && leader->name_bytes)
        proto_text(&f->packet, 3, leader->name, leader->name_bytes);
    proto_close(&f->packet, inside);
    inside = proto_open(&f->packet, 2);
    proto_u64(&f->packet, 1, pid);
    if (t->name_bytes)
        proto_text(&f->packet, 2, t->name, t->name_bytes);
    proto_u64(&f->packet, 3, group);
    proto_close(&f->packet, inside);
    proto_close(&f->packet, at);
    perfetto_put(f);
}

/* Says its name and its group if Perfetto does not know them. Task 0 is Perfetto's own idle task. */
static void perfetto_task(struct perfetto *f, const struct stream *s, int32_t pid)
{
    uint64_t of = (uint64_t)perfetto_stream(f, s)->machine << 32 | (uint32_t)pid, known;
    struct perfetto_task *p = &f->tasks[of * 0x9e3779b97f4a7c15u >> 40 & (PERFETTO_REMEMBERED - 1)];
    const struct task *t;

    if (pid <= 0 || pid >= SCHED_FOREIGN || (p->of == of && p->generation == s->tasks.generation))
        return;
    t = task_find(&s->tasks, (uint32_t)pid);
    known = t ? nest_hash(t->group + 1ull, t->name, t->name_bytes) | 1 : 0;
    if (known && (p->of != of || p->known != known))
        perfetto_task_put(f, s, (uint32_t)pid, t);
    *p = (struct perfetto_task){of, known, s->tasks.generation};
}

/* --- values --- */

/* The text that a value is: the same as elsewhere; of an array, JSON. Valid until the next one. */
static struct metadata_text perfetto_value(struct perfetto *f, const struct metadata_field *d,
                                           const struct record *r, const struct value_tail *tails)
{
    bool list = d->array && d->type != METADATA_CHAR;

    f->value.n = 0;
    field_print(&f->text, d, r, tails, list ? OUT_JSON : OUT_RAW);
    out_flush(&f->text);
    return (struct metadata_text){(const char *)f->value.bytes, (uint32_t)f->value.n};
}

static int perfetto_write(void *context, const void *bytes, size_t n)
{
    proto_add(context, bytes, n);
    return 0;
}

/* Its bits as a double, whatever width it has. */
static uint64_t perfetto_double(double v)
{
    uint64_t bits;

    memcpy(&bits, &v, sizeof(bits));
    return bits;
}

/* A field of an event, by its type. */
static void perfetto_field(struct perfetto *f, struct proto *p, uint32_t number,
                           const struct metadata_field *d, const struct record *r,
                           const struct value_tail *tails)
{
    const uint8_t *at = r->fields + d->at;
    struct metadata_text text;

    switch (perfetto_type(f, d)) {
    case TYPE_UINT32:
    case TYPE_UINT64:
        proto_u64(p, number, value_load(at, d->width, false, r->swap));
        break;
    case TYPE_INT32:
    case TYPE_INT64:
        proto_s64(p, number, (int64_t)value_load(at, d->width, true, r->swap));
        break;
    case TYPE_BOOL:
        proto_u64(p, number, value_load(at, d->width, false, r->swap) != 0);
        break;
    case TYPE_DOUBLE:
        proto_fixed64(p, number, value_load(at, 8, false, r->swap));
        break;
    case TYPE_FLOAT:
        proto_fixed32(p, number, (uint32_t)value_load(at, 4, false, r->swap));
        break;
    default:
        text = perfetto_value(f, d, r, tails);
        proto_text(p, number, text.bytes, text.n);
        break;
    }
}

/* Names of those that were too long to be recorded whole. */
static void perfetto_cut(struct proto *p, const struct metadata_event *e,
                         const struct value_tail *tails)
{
    char names[TP_LIMIT_FIELDS * (TP_LIMIT_NAME_BYTES + 1)];
    size_t n = 0;

    for (uint32_t i = 0; i < e->field_count; i++) {
        const struct metadata_field *d = &e->fields[i];

        if (!metadata_has_tail(d) || !tails[d->tail].cut)
            continue;
        if (n)
            names[n++] = ',';
        memcpy(names + n, d->name.bytes, d->name.n);
        n += d->name.n;
    }
    if (n)
        proto_text(p, PERFETTO_FIELD_CUT, names, n);
}

/* A field as an argument of a slice. */
static void perfetto_annotate(struct perfetto *f, const struct metadata_field *d,
                              const struct record *r, const struct value_tail *tails)
{
    size_t at = proto_open(&f->packet, SLICE_ANNOTATION);
    uint32_t type = perfetto_type(f, d);

    proto_text(&f->packet, ANNOTATION_NAME, d->name.bytes, d->name.n);
    if (type == TYPE_FLOAT || type == TYPE_DOUBLE)
        proto_fixed64(&f->packet, ANNOTATION_DOUBLE,
                      perfetto_double(float_load(r->fields + d->at, d->width, r->swap)));
    else
        perfetto_field(f, &f->packet,
                       type == TYPE_STRING          ? ANNOTATION_TEXT
                       : type == TYPE_BOOL          ? ANNOTATION_BOOL
                       : d->type == METADATA_PTR    ? ANNOTATION_POINTER
                       : d->type == METADATA_SIGNED ? ANNOTATION_SIGNED
                                                    : ANNOTATION_UNSIGNED,
                       d, r, tails);
    proto_close(&f->packet, at);
}

static void perfetto_annotate_u64(struct perfetto *f, const char *name, uint64_t v)
{
    size_t at = proto_open(&f->packet, SLICE_ANNOTATION);

    perfetto_word(&f->packet, ANNOTATION_NAME, name);
    proto_u64(&f->packet, ANNOTATION_UNSIGNED, v);
    proto_close(&f->packet, at);
}

static void perfetto_annotate_text(struct perfetto *f, const char *name, const char *text)
{
    size_t at = proto_open(&f->packet, SLICE_ANNOTATION);

    perfetto_word(&f->packet, ANNOTATION_NAME, name);
    perfetto_word(&f->packet, ANNOTATION_TEXT, text);
    proto_close(&f->packet, at);
}

/* --- events of ftrace --- */

/* Begins one in the bundle of its CPU. */
static void perfetto_event_open(struct perfetto *f, struct proto *p, uint64_t ns, int32_t pid,
                                uint32_t number, size_t at[2])
{
    at[0] = proto_open(p, BUNDLE_EVENT);
    proto_u64(p, EVENT_TIME, perfetto_ns(f, ns));
    proto_u64(p, EVENT_PID, (uint32_t)pid);
    at[1] = proto_open(p, number);
}

/* Ends it with the flags of its record, which are Linux's here; context: NULL, it has none. */
static void perfetto_event_close(struct proto *p, const size_t at[2], const uint8_t *context)
{
    static const struct {
        uint32_t ours, linux_has;
    } flags[] = {{TP_CTX_IRQS_OFF, 0x01},
                 {TP_CTX_NEED_RESCHED, 0x04},
                 {TP_CTX_HARDIRQ, 0x08},
                 {TP_CTX_SOFTIRQ, 0x10},
                 {TP_CTX_NMI, 0x40}};
    uint8_t ours = context ? context[offsetof(struct tp_wire_context, flags)] : 0;
    uint32_t v = 0;

    for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
        v |= ours & flags[i].ours ? flags[i].linux_has : 0;
    proto_close(p, at[1]);
    if (v)
        proto_u64(p, EVENT_FLAGS, v);
    proto_close(p, at[0]);
}

/* The record itself. */
static void perfetto_record(struct perfetto *f, struct stream_lane *lane, struct perfetto_cpu *cpu,
                            const struct metadata_event *e, const struct value_tail *tails,
                            int32_t pid)
{
    const struct record *r = &lane->record;
    uint32_t number = perfetto_number(f, perfetto_stream(f, lane->stream), lane->cpu, e);
    struct proto *p = &cpu->bundle;
    size_t at[2];

    perfetto_event_open(f, p, stream_ns(lane->stream, lane->time), pid, number, at);
    for (uint32_t i = 0; e && i < e->field_count; i++)
        perfetto_field(f, p, i + 1, &e->fields[i], r, tails);
    if (e && e->tail_count)
        perfetto_cut(p, e, tails);
    if (!e) {
        f->value.n = 0;
        out_hex_bytes(&f->text, r->fields, r->bytes, false);
        out_flush(&f->text);
        proto_u64(p, 1, r->id);
        proto_text(p, 2, f->value.bytes, f->value.n);
    }
    perfetto_event_close(p, at, r->context);
}

/* The name of a task, if there is one: what the event says, or what the capture knows. */
static void perfetto_comm(struct perfetto *f, struct proto *p, uint32_t field,
                          const struct stream *s, int32_t pid, struct metadata_text said)
{
    struct metadata_text name = said.n ? said : sched_name(&f->sched, s, pid);

    if (name.n && name.bytes[0] != '<')
        proto_text(p, field, name.bytes, name.n);
}

static int64_t perfetto_state(enum roles_state state)
{
    return state == ROLES_STATE_READY ? 0 : state == ROLES_STATE_DEAD ? 0x10 : 1;
}

static void perfetto_switch_put(struct perfetto *f, struct stream_lane *lane,
                                struct perfetto_cpu *cpu, uint64_t ns, const struct sched_event *e)
{
    struct proto *p = &cpu->bundle;
    size_t at[2];

    perfetto_event_open(f, p, ns, e->prev, EVENT_SWITCH, at);
    perfetto_comm(f, p, 1, lane->stream, e->prev, (struct metadata_text){0});
    proto_s64(p, 2, e->prev);
    proto_s64(p, 3, PERFETTO_PRIORITY);
    proto_s64(p, 4, perfetto_state(e->state));
    perfetto_comm(f, p, 5, lane->stream, e->next, e->next ? e->name : (struct metadata_text){0});
    proto_s64(p, 6, e->next);
    proto_s64(p, 7, PERFETTO_PRIORITY);
    perfetto_event_close(p, at, NULL);
    cpu->switch_ns = ns;
    cpu->runs = e->next;
    cpu->runs_known = true;
}

/* Perfetto wants that what a switch leaves is what the switch before it went to, and calls all else an error:
 * where switches are missing, one is put in. */
static void perfetto_switch(struct perfetto *f, struct stream_lane *lane, struct perfetto_cpu *cpu,
                            const struct sched_event *e)
{
    uint64_t ns = stream_ns(lane->stream, lane->time), at_ns;

    ns = ns > cpu->switch_ns ? ns : cpu->switch_ns;
    at_ns = cpu->lost_since && cpu->lost_ns < ns ? cpu->lost_ns : ns;
    at_ns = at_ns > cpu->switch_ns ? at_ns : cpu->switch_ns;
    if (cpu->runs_known && cpu->runs != e->prev) {
        perfetto_switch_put(f, lane, cpu, at_ns,
                            &(struct sched_event){.prev = cpu->runs, .next = e->prev});
        f->put_in++;
    }
    perfetto_switch_put(f, lane, cpu, ns, e);
    cpu->lost_since = false;
    perfetto_task(f, lane->stream, e->prev);
    perfetto_task(f, lane->stream, e->next);
}

static void perfetto_wake(struct perfetto *f, struct stream_lane *lane, struct perfetto_cpu *cpu,
                          const struct sched_event *e, int32_t pid)
{
    struct proto *p = &cpu->bundle;
    size_t at[2];

    perfetto_event_open(f, p, stream_ns(lane->stream, lane->time), pid, EVENT_WAKING, at);
    perfetto_comm(f, p, 1, lane->stream, e->task, e->name);
    proto_s64(p, 2, e->task);
    proto_s64(p, 3, PERFETTO_PRIORITY);
    proto_s64(p, 4, 1);
    proto_s64(p, 5, e->cpu);
    perfetto_event_close(p, at, lane->record.context);
    perfetto_task(f, lane->stream, e->task);
}

/* --- tracks --- */

static uint64_t perfetto_uuid(uint32_t machine, uint32_t kind, uint32_t lane, uint64_t number)
{
    return nest_hash((uint64_t)machine << 32 | kind << 24 | lane, &number, sizeof(number)) | 1;
}

/* Begins the description of a track, unless Perfetto has it: then false. */
static bool perfetto_track_open(struct perfetto *f, uint32_t machine, uint64_t uuid, size_t *at)
{
    uint64_t *known = &f->tracks[uuid / 2 % PERFETTO_REMEMBERED];

    if (*known == uuid)
        return false;
    *known = uuid;
    perfetto_start(f, machine, true);
    *at = proto_open(&f->packet, PACKET_TRACK);
    proto_u64(&f->packet, TRACK_UUID, uuid);
    return true;
}

static void perfetto_track_close(struct perfetto *f, size_t at)
{
    proto_close(&f->packet, at);
    perfetto_put(f);
}

/* The track of a task. */
static uint64_t perfetto_thread(struct perfetto *f, const struct stream *s, uint32_t pid)
{
    uint32_t machine = perfetto_stream(f, s)->machine;
    uint32_t group = perfetto_group(pid < SCHED_FOREIGN ? task_find(&s->tasks, pid) : NULL);
    uint64_t uuid = perfetto_uuid(machine, NEST_TASK, 0, (uint64_t)group << 32 | pid);
    size_t at, inside;

    perfetto_task(f, s, (int32_t)pid);
    if (!perfetto_track_open(f, machine, uuid, &at))
        return uuid;
    inside = proto_open(&f->packet, TRACK_THREAD);
    proto_s64(&f->packet, 1, group ? group : pid);
    proto_s64(&f->packet, 2, pid);
    proto_close(&f->packet, inside);
    perfetto_track_close(f, at);
    return uuid;
}

/* What a track that is no thread is called. */
static struct metadata_text perfetto_track_name(struct perfetto *f, const struct nest_span *span,
                                                const struct nest_record *r)
{
    int8_t place = r->meaning->argument[ROLES_TRACK];
    const struct metadata_field *d;

    if (span->kind == NEST_CPU) {
        f->value.n = 0;
        out_text(&f->text, "cpu ");
        out_u64(&f->text, span->number);
        out_flush(&f->text);
    } else if (span->kind == NEST_FIELD && place >= 0) {
        d = &r->event->fields[place];
        f->value.n = 0;
        out_bytes(&f->text, d->name.bytes, d->name.n);
        out_text(&f->text, " ");
        field_print(&f->text, d, &r->lane->record, r->tails, OUT_RAW);
        out_flush(&f->text);
    } else {
        return r->event->sys;
    }
    return (struct metadata_text){(const char *)f->value.bytes, (uint32_t)f->value.n};
}

static uint64_t perfetto_track(struct perfetto *f, const struct nest_span *span,
                               const struct nest_record *r)
{
    const struct stream *s = r->lane->stream;
    uint32_t machine = perfetto_stream(f, s)->machine;
    uint64_t thread = span->kind == NEST_TASK ? perfetto_thread(f, s, (uint32_t)span->number) : 0;
    uint64_t uuid;
    size_t at;

    if (thread && !span->lane)
        return thread;
    uuid = perfetto_uuid(machine, span->kind, span->lane,
                         span->kind == NEST_ID ? span->sys : span->number ^ span->sys * span->lane);
    if (perfetto_track_open(f, machine, uuid, &at)) {
        struct metadata_text name = perfetto_track_name(f, span, r);

        proto_text(&f->packet, TRACK_NAME, name.bytes, name.n);
        if (thread)
            proto_u64(&f->packet, TRACK_PARENT, thread);
        perfetto_track_close(f, at);
    }
    return uuid;
}

static size_t perfetto_slice_open(struct perfetto *f, uint32_t machine, uint64_t ns, unsigned type,
                                  uint64_t track)
{
    size_t at;

    perfetto_start(f, machine, true);
    proto_u64(&f->packet, PACKET_TIME, perfetto_ns(f, ns));
    at = proto_open(&f->packet, PACKET_TRACK_EVENT);
    proto_u64(&f->packet, SLICE_TYPE, type);
    proto_u64(&f->packet, SLICE_TRACK, track);
    return at;
}

static void perfetto_slice_close(struct perfetto *f, size_t at)
{
    proto_close(&f->packet, at);
    perfetto_put(f);
}

static void perfetto_slice_fields(struct perfetto *f, const struct nest_record *r)
{
    for (uint32_t i = 0; i < r->event->field_count; i++)
        perfetto_annotate(f, &r->event->fields[i], &r->lane->record, r->tails);
}

static void perfetto_slice_begin(void *context, struct nest_span *span, const struct nest_record *r)
{
    struct perfetto *f = context;
    char name[NEST_NAME_BYTES];
    size_t at;

    span->mark = perfetto_track(f, span, r);
    at = perfetto_slice_open(f, f->streams[span->stream].machine, span->begin_ns, SLICE_BEGIN,
                             span->mark);
    proto_text(&f->packet, SLICE_CATEGORY, r->event->sys.bytes, r->event->sys.n);
    proto_text(&f->packet, SLICE_NAME, name, nest_name(r, name));
    perfetto_slice_fields(f, r);
    perfetto_slice_close(f, at);
}

/* What is open at the end stays open: Perfetto shows it as that. */
static void perfetto_slice_end(void *context, const struct nest_span *span, uint64_t ns,
                               enum nest_why why, const struct nest_record *r)
{
    struct perfetto *f = context;
    size_t at;

    if (why == NEST_LEFT)
        return;
    at = perfetto_slice_open(f, f->streams[span->stream].machine, ns, SLICE_END, span->mark);
    if (r)
        perfetto_slice_fields(f, r);
    if (why != NEST_ENDED)
        perfetto_annotate_text(f, "no end", nest_why_word(why));
    perfetto_slice_close(f, at);
}

static void perfetto_slice_whole(void *context, const struct nest_span *span, uint64_t ns,
                                 const struct nest_record *r)
{
    struct nest_span begun = *span;

    perfetto_slice_begin(context, &begun, r);
    perfetto_slice_end(context, &begun, ns, NEST_ENDED, NULL);
}

/* --- counters --- */

/* Its value as a number of whole or other ones. False: it has none. */
static bool perfetto_counted(const struct nest_record *r, int64_t *whole, double *other,
                             bool *is_whole)
{
    int8_t place = r->meaning->argument[ROLES_VALUE];
    const struct metadata_field *d = place >= 0 ? &r->event->fields[place] : NULL;
    __int128 v;

    *is_whole = roles_number(r->meaning, ROLES_VALUE, r->lane, r->event, &v);
    if (*is_whole) {
        *whole = (int64_t)v;
        *other = (double)v;
        *is_whole = v <= INT64_MAX;
        return true;
    }
    if (!d || d->array || d->type != METADATA_FLOAT)
        return false;
    *other = float_load(r->lane->record.fields + d->at, d->width, r->lane->record.swap);
    return true;
}

static uint64_t perfetto_counter_track(struct perfetto *f, const struct nest_record *r)
{
    const struct metadata_event *e = r->event;
    uint32_t machine = perfetto_stream(f, r->lane->stream)->machine;
    int8_t key = r->meaning->argument[ROLES_KEY];
    struct metadata_text unit = roles_text(r->meaning, ROLES_UNIT, r->lane, e, r->tails), name;
    char joined[METADATA_JOINED_BYTES];
    uint64_t uuid;
    size_t at, inside;
    __int128 number;

    name = metadata_join(e, '_', joined);
    f->value.n = 0;
    out_bytes(&f->text, name.bytes, name.n);
    if (key >= 0) {
        out_text(&f->text, " ");
        field_print(&f->text, &e->fields[key], &r->lane->record, r->tails, OUT_RAW);
    } else if (roles_number(r->meaning, ROLES_KEY, r->lane, e, &number)) {
        out_text(&f->text, key == ROLES_RECORD_CPU ? " cpu " : " task ");
        out_u64(&f->text, (uint64_t)number);
    }
    out_flush(&f->text);
    uuid = perfetto_uuid(machine, PERFETTO_COUNTER, 0, nest_hash(0, f->value.bytes, f->value.n));
    if (!perfetto_track_open(f, machine, uuid, &at))
        return uuid;
    proto_text(&f->packet, TRACK_NAME, f->value.bytes, f->value.n);
    inside = proto_open(&f->packet, TRACK_COUNTER);
    if (unit.n)
        proto_text(&f->packet, 6, unit.bytes, unit.n);
    proto_close(&f->packet, inside);
    perfetto_track_close(f, at);
    return uuid;
}

static void perfetto_counter(struct perfetto *f, const struct nest_record *r)
{
    struct stream *s = r->lane->stream;
    bool is_whole;
    int64_t whole;
    double other;
    uint64_t track;
    size_t at;

    if (!perfetto_counted(r, &whole, &other, &is_whole))
        return;
    track = perfetto_counter_track(f, r);
    at = perfetto_slice_open(f, perfetto_stream(f, s)->machine, stream_ns(s, r->lane->time),
                             SLICE_COUNTER, track);
    if (is_whole)
        proto_s64(&f->packet, SLICE_VALUE, whole);
    else
        proto_fixed64(&f->packet, SLICE_DOUBLE, perfetto_double(other));
    perfetto_slice_close(f, at);
}

/* --- losses --- */

/* Begins an instant on the track of the losses of a CPU, or, beyond all CPUs, of what no CPU is known of. */
static size_t perfetto_instant_open(struct perfetto *f, struct stream *s, uint32_t cpu, uint64_t ns,
                                    const char *name, size_t n)
{
    uint32_t machine = perfetto_stream(f, s)->machine;
    uint64_t uuid = perfetto_uuid(machine, PERFETTO_LOSSES, 0, cpu);
    char track[32] = "losses";
    size_t at;

    if (cpu < TP_CHUNK_NO_CPU)
        snprintf(track, sizeof(track), "losses cpu %" PRIu32, cpu);
    if (perfetto_track_open(f, machine, uuid, &at)) {
        perfetto_word(&f->packet, TRACK_NAME, track);
        perfetto_track_close(f, at);
    }
    at = perfetto_slice_open(f, machine, ns, SLICE_INSTANT, uuid);
    proto_text(&f->packet, SLICE_NAME, name, n);
    return at;
}

static void perfetto_lost(struct perfetto *f, struct stream *s, uint32_t cpu, uint64_t ns,
                          bool counted, uint64_t lost, const char *cause)
{
    char name[64];
    size_t at;

    if (counted)
        snprintf(name, sizeof(name), "lost %" PRIu64 " (%s)", lost, cause);
    else
        snprintf(name, sizeof(name), "lost (%s)", cause);
    at = perfetto_instant_open(f, s, cpu, ns, name, strlen(name));
    if (counted)
        perfetto_annotate_u64(f, "lost", lost);
    perfetto_annotate_text(f, "cause", cause);
    perfetto_slice_close(f, at);
}

/* What a CPU runs, and what is open, is not known any longer. */
static void perfetto_forget(struct perfetto *f, struct stream_lane *lane)
{
    struct perfetto_cpu *cpu;

    sched_lose(&f->sched, lane);
    nest_lose(&f->nest, lane);
    if (lane->cpu >= PERFETTO_CPUS)
        return;
    cpu = perfetto_cpu(perfetto_stream(f, lane->stream), lane->cpu);
    cpu->lost_ns = stream_ns(lane->stream, lane->time);
    cpu->lost_since = true;
}

static void perfetto_loss(struct sink *k, struct stream_lane *lane)
{
    struct perfetto *f = (struct perfetto *)k;
    struct perfetto_stream *s = perfetto_stream(f, lane->stream);
    uint64_t ns = stream_ns(lane->stream, lane->time);

    if (lane->cpu < PERFETTO_CPUS) {
        struct perfetto_cpu *cpu = perfetto_cpu(s, lane->cpu);

        perfetto_flush(f, s->machine, lane->cpu, cpu);
        cpu->lost = true;
    }
    for (unsigned i = 0; i < STREAM_LOST_CAUSES; i++)
        if (lane->loss[i])
            perfetto_lost(f, lane->stream, lane->cpu, ns, true, lane->loss[i], stream_causes[i]);
    if (lane->loss_damage)
        perfetto_lost(f, lane->stream, lane->cpu, ns, false, 0, "damaged");
    perfetto_forget(f, lane);
}

/* It is no record, and in no count. */
static void perfetto_unfinished(struct sink *k, struct stream_lane *lane,
                                const struct metadata_event *e)
{
    struct perfetto *f = (struct perfetto *)k;
    struct value_tail tails[TP_LIMIT_FIELDS];
    char name[16 + METADATA_JOINED_BYTES] = "unfinished ?";
    bool fits = sink_tails(lane, e, tails);
    size_t n = strlen(name), at;

    if (e)
        n = 11 + metadata_join(e, '_', name + 11).n;
    at = perfetto_instant_open(f, lane->stream, lane->cpu, stream_ns(lane->stream, lane->time),
                               name, n);
    for (uint32_t i = 0; fits && i < e->field_count; i++)
        perfetto_annotate(f, &e->fields[i], &lane->record, tails);
    perfetto_slice_close(f, at);
}

/* What is known only at the end: events of unknown CPUs, and what sampling has left out. */
static void perfetto_counts(struct perfetto *f, struct stream *s)
{
    uint64_t ns = perfetto_stream(f, s)->last_ns, count;
    char name[64 + METADATA_JOINED_BYTES], joined[METADATA_JOINED_BYTES];
    uint32_t id = 0;

    if (s->strangers)
        perfetto_lost(f, s, TP_CHUNK_NO_CPU, ns, true, s->strangers, "unknown_cpu");
    while ((count = stream_suppressed(s, &id))) {
        const struct metadata_event *e = metadata_event(&s->metadata, id);
        struct metadata_text of;
        size_t n, at;

        if (!e)
            continue;
        of = metadata_join(e, '_', joined);
        n = (size_t)snprintf(name, sizeof(name), "sampling has left out %" PRIu64 " ", count);
        memcpy(name + n, of.bytes, of.n);
        at = perfetto_instant_open(f, s, TP_CHUNK_NO_CPU, ns, name, n + of.n);
        perfetto_annotate_u64(f, "suppressed", count);
        perfetto_slice_close(f, at);
    }
}

/* --- sink --- */

static void perfetto_begin(struct sink *k, struct stream *s)
{
    struct perfetto *f = (struct perfetto *)k;
    uint32_t count = s->number + 1;

    if (count > f->stream_count) {
        f->streams = mem_grow(f->streams, count * sizeof(*f->streams));
        memset(f->streams + f->stream_count, 0, (count - f->stream_count) * sizeof(*f->streams));
        f->stream_count = count;
    }
    sched_begin(&f->sched, s);
    nest_begin(&f->nest, s);
    f->streams[s->number].machine = ++f->machines;
    perfetto_system(f, s);
    perfetto_clocks(f, s);
}

/* What its role makes of a record that fits. */
static void perfetto_mean(struct perfetto *f, struct stream_lane *lane, struct perfetto_cpu *cpu,
                          const struct metadata_event *e, const struct value_tail *tails,
                          int32_t pid)
{
    const struct nest_record r = {lane, e, tails, roles_find(&f->roles, e)};
    struct sched_event sched;

    if (r.meaning->is == ROLES_NONE)
        return;
    if (r.meaning->is == ROLES_COUNTER) {
        perfetto_counter(f, &r);
        return;
    }
    switch (sched_take(&f->sched, lane, e, tails, &sched)) {
    case ROLES_SWITCH:
        perfetto_switch(f, lane, cpu, &sched);
        break;
    case ROLES_WAKE:
        perfetto_wake(f, lane, cpu, &sched, pid);
        break;
    default:
        break;
    }
    nest_take(&f->nest, lane, e, tails);
}

static void perfetto_event(struct sink *k, struct stream_lane *lane, const struct metadata_event *e)
{
    struct perfetto *f = (struct perfetto *)k;
    struct perfetto_stream *s = perfetto_stream(f, lane->stream);
    struct value_tail tails[TP_LIMIT_FIELDS];
    bool fits = sink_tails(lane, e, tails);
    struct perfetto_cpu *cpu;
    uint64_t number;
    size_t room;
    int32_t pid;

    perfetto_clocks(f, lane->stream);
    if (lane->gap_open)
        perfetto_forget(f, lane);
    if (lane->cpu >= PERFETTO_CPUS) {
        f->left_out++;
        return;
    }
    s->last_ns = stream_ns(lane->stream, lane->time);
    cpu = perfetto_cpu(s, lane->cpu);
    room = cpu->bundle.room;
    pid = cpu->runs_known ? cpu->runs : 0;
    if (common_number(COMMON_PID, lane, &number)) {
        pid = sched_pid(&f->sched, number);
        perfetto_task(f, lane->stream, pid);
    }
    perfetto_record(f, lane, cpu, fits ? e : NULL, tails, pid);
    if (fits)
        perfetto_mean(f, lane, cpu, e, tails, pid);
    f->held_bytes += cpu->bundle.room - room;
    if (cpu->bundle.n >= PERFETTO_BUNDLE_BYTES)
        perfetto_flush(f, s->machine, lane->cpu, cpu);
    for (uint32_t i = 0; f->held_bytes > PERFETTO_HELD_BYTES && i < f->stream_count; i++)
        perfetto_flush_stream(f, &f->streams[i]);
}

/* Also a task that no record is of. */
static void perfetto_name(struct sink *k, struct stream_lane *lane)
{
    const struct record *r = &lane->record;
    uint32_t pid = load_u32(r->fields + offsetof(struct tp_wire_task, id), r->swap);
    struct perfetto *f = (struct perfetto *)k;

    perfetto_stream(f, lane->stream)->last_ns = stream_ns(lane->stream, lane->time);
    if (pid < SCHED_FOREIGN)
        perfetto_task(f, lane->stream, (int32_t)pid);
}

static void perfetto_finish(struct sink *k, struct stream *s)
{
    struct perfetto *f = (struct perfetto *)k;
    struct perfetto_stream *of = s->number < f->stream_count ? &f->streams[s->number] : NULL;

    (void)roles_finish(&f->roles, s, 0);
    if (!of || !of->machine)
        return;
    perfetto_clocks(f, s);
    nest_finish(&f->nest, s, of->last_ns);
    perfetto_flush_stream(f, of);
    perfetto_counts(f, s);
    free(of->events);
    free(of->cpus);
    *of = (struct perfetto_stream){.machine = 0};
}

static void perfetto_end(struct sink *k)
{
    struct perfetto *f = (struct perfetto *)k;
    const char *text;
    uint64_t n;

    f->wrong = !roles_end(&f->roles, f->diag);
    if (f->left_out)
        diag_line(f->diag,
                  "--format perfetto: %" PRIu64
                  " records of CPUs from %u on are left out: Perfetto has no more",
                  f->left_out, PERFETTO_CPUS);
    if (f->put_in)
        diag_line(f->diag,
                  "--format perfetto: %" PRIu64
                  " switches are put in, where what a CPU left is not what it went to",
                  f->put_in);
    if (f->late)
        diag_line(f->diag,
                  "--format perfetto: %" PRIu64 " times are beyond what Perfetto has, 2^63 ns",
                  f->late);
    for (unsigned i = 0; (text = nest_left_out(&f->nest, i, &n)) != NULL; i++)
        if (n)
            diag_line(f->diag, "--format perfetto: %" PRIu64 " %s", n, text);
}

static void perfetto_close(struct sink *k)
{
    struct perfetto *f = (struct perfetto *)k;

    for (uint32_t i = 0; i < f->stream_count; i++) {
        for (uint32_t cpu = 0; cpu < f->streams[i].cpu_count; cpu++)
            proto_free(&f->streams[i].cpus[cpu].bundle);
        free(f->streams[i].events);
        free(f->streams[i].cpus);
    }
    free(f->streams);
    sched_close(&f->sched);
    nest_close(&f->nest);
    proto_free(&f->packet);
    proto_free(&f->value);
    out_close(&f->text);
}

struct sink *perfetto_open(struct perfetto *f, struct out *o, const struct roles_options *roles,
                           struct diag *diag)
{
    memset(f, 0, sizeof(*f));
    f->sink = (struct sink){.out = o,
                            .begin = perfetto_begin,
                            .event = perfetto_event,
                            .unfinished = perfetto_unfinished,
                            .loss = perfetto_loss,
                            .task = perfetto_name,
                            .finish = perfetto_finish,
                            .end = perfetto_end,
                            .close = perfetto_close};
    f->diag = diag;
    roles_open(&f->roles, roles);
    sched_open(&f->sched, &f->roles);
    nest_open(
        &f->nest, &f->roles, &f->sched,
        &(struct nest_calls){perfetto_slice_begin, perfetto_slice_end, perfetto_slice_whole, f});
    out_open(&f->text, (struct out_sink){perfetto_write, &f->value});
    f->text.symbols = o->symbols;
    return &f->sink;
}
