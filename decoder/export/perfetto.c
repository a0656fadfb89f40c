/* SPDX-License-Identifier: MIT */
/* perfetto.c - records as Perfetto's protobuf: what becomes of an item. */
#include "export/perfetto.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/load.h"
#include "base/mem.h"
#include "base/number.h"
#include "export/slice.h"
#include "export/tree.h"
#include "export/typed.h"
#include "order/common.h"

#define PERFETTO_PRIORITY 120

/* --- what is said once --- */

/* Of a clock pair. Those of a capture go forward. */
static void perfetto_clock(struct perfetto *f, struct perfetto_stream *s, uint64_t ns,
                           uint64_t wall_ns)
{
    const struct {
        uint64_t id, ns;
    } clocks[] = {{CLOCK_BOOTTIME_ID, packet_ns(f, ns)},
                  {CLOCK_REALTIME_ID, packet_ns(f, wall_ns)}};
    size_t at, clock;

    if (s->clock_told && ns <= s->clock_ns)
        return;
    s->clock_told = true;
    s->clock_ns = ns;
    packet_start(f, s->machine, false);
    at = proto_open(&f->packet, PACKET_CLOCKS);
    for (unsigned i = 0; i < 2; i++) {
        clock = proto_open(&f->packet, 1);
        proto_u64(&f->packet, 1, clocks[i].id);
        proto_u64(&f->packet, 2, clocks[i].ns);
        proto_close(&f->packet, clock);
    }
    proto_u64(&f->packet, 2, CLOCK_BOOTTIME_ID);
    proto_close(&f->packet, at);
    packet_put(f);
}

static void perfetto_clocks(struct perfetto *f, struct stream *s)
{
    struct perfetto_stream *of = packet_stream(f, s);

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
    packet_start(f, packet_stream(f, s)->machine, false);
    at = proto_open(&f->packet, PACKET_SYSTEM_INFO);
    names = proto_open(&f->packet, 1);
    if (host->n)
        proto_text(&f->packet, 1, host->bytes, host->n);
    else
        packet_word(&f->packet, 1, s->diag.name);
    proto_close(&f->packet, names);
    proto_close(&f->packet, at);
    packet_put(f);
}

/* --- events of ftrace --- */

/* Begins one in the bundle of its CPU. */
static void perfetto_event_open(struct perfetto *f, struct pile *p, uint64_t ns, int32_t pid,
                                uint32_t number, size_t at[2])
{
    at[0] = proto_open(p, BUNDLE_EVENT);
    proto_u64(p, EVENT_TIME, packet_ns(f, ns));
    proto_u64(p, EVENT_PID, (uint32_t)pid);
    at[1] = proto_open(p, number);
}

/* Ends it with the flags of its record, which are Linux's here; context: NULL, it has none. */
static void perfetto_event_close(struct pile *p, const size_t at[2], const uint8_t *context)
{
    uint32_t v = context ? common_linux_flags(context) : 0;

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
    uint32_t number = typed_number(f, packet_stream(f, lane->stream), lane->cpu, e);
    struct pile *p = &cpu->bundle;
    size_t at[2];

    perfetto_event_open(f, p, stream_ns(lane->stream, lane->time), pid, number, at);
    typed_fields(f, p, e, r, tails);
    perfetto_event_close(p, at, r->context);
}

/* The name of a task, if there is one: what the event says, or what the capture knows. */
static void perfetto_comm(struct perfetto *f, struct pile *p, uint32_t field,
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
    struct pile *p = &cpu->bundle;
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
    tree_task(f, lane->stream, e->prev);
    tree_task(f, lane->stream, e->next);
}

static void perfetto_wake(struct perfetto *f, struct stream_lane *lane, struct perfetto_cpu *cpu,
                          const struct sched_event *e, int32_t pid)
{
    struct pile *p = &cpu->bundle;
    size_t at[2];

    perfetto_event_open(f, p, stream_ns(lane->stream, lane->time), pid, EVENT_WAKING, at);
    perfetto_comm(f, p, 1, lane->stream, e->task, e->name);
    proto_s64(p, 2, e->task);
    proto_s64(p, 3, PERFETTO_PRIORITY);
    proto_s64(p, 4, 1);
    proto_s64(p, 5, e->cpu);
    perfetto_event_close(p, at, lane->record.context);
    tree_task(f, lane->stream, e->task);
}

/* --- losses --- */

static void perfetto_lost(struct perfetto *f, struct stream *s, uint32_t cpu, uint64_t ns,
                          bool counted, uint64_t lost, const char *cause)
{
    char name[64];
    size_t at;

    if (counted)
        snprintf(name, sizeof(name), "lost %" PRIu64 " (%s)", lost, cause);
    else
        snprintf(name, sizeof(name), "lost (%s)", cause);
    at = slice_instant_open(f, s, cpu, ns, name, strlen(name));
    if (counted)
        typed_annotate_u64(f, "lost", lost);
    typed_annotate_text(f, "cause", cause);
    slice_close(f, at);
}

/* What a CPU runs, and what is open, is not known any longer. */
static void perfetto_forget(struct perfetto *f, struct stream_lane *lane)
{
    struct perfetto_cpu *cpu;

    sched_lose(&f->sched, lane);
    nest_lose(&f->nest, lane);
    if (lane->cpu >= PERFETTO_CPUS)
        return;
    cpu = packet_cpu(packet_stream(f, lane->stream), lane->cpu);
    cpu->lost_ns = stream_ns(lane->stream, lane->time);
    cpu->lost_since = true;
}

static void perfetto_loss(struct sink *k, struct stream_lane *lane)
{
    struct perfetto *f = (struct perfetto *)k;
    struct perfetto_stream *s = packet_stream(f, lane->stream);
    uint64_t ns = stream_ns(lane->stream, lane->time);

    if (lane->cpu < PERFETTO_CPUS) {
        struct perfetto_cpu *cpu = packet_cpu(s, lane->cpu);

        packet_flush(f, s->machine, lane->cpu, cpu);
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
    at = slice_instant_open(f, lane->stream, lane->cpu, stream_ns(lane->stream, lane->time), name,
                            n);
    for (uint32_t i = 0; fits && i < e->field_count; i++)
        typed_annotate(f, &e->fields[i], &lane->record, tails);
    slice_close(f, at);
}

/* What is known only at the end: events of unknown CPUs, and what sampling has left out. */
static void perfetto_counts(struct perfetto *f, struct stream *s)
{
    uint64_t ns = packet_stream(f, s)->last_ns, count;
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
        at = slice_instant_open(f, s, TP_CHUNK_NO_CPU, ns, name, n + of.n);
        typed_annotate_u64(f, "suppressed", count);
        slice_close(f, at);
    }
}

/* --- sink --- */

static int perfetto_write(void *context, const void *bytes, size_t n)
{
    pile_add(context, bytes, n);
    return 0;
}

static void perfetto_begin(struct sink *k, struct stream *s)
{
    struct perfetto *f = (struct perfetto *)k;

    f->streams = mem_reach(f->streams, &f->stream_count, s->number, 1, sizeof(*f->streams));
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
    const struct nest_record r = {lane, e, tails, roles_find(&f->roles, e), NULL};
    struct sched_event sched;

    if (r.meaning->is == ROLES_NONE)
        return;
    if (r.meaning->is == ROLES_COUNTER) {
        slice_counter(f, &r);
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
    struct perfetto_stream *s = packet_stream(f, lane->stream);
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
    cpu = packet_cpu(s, lane->cpu);
    room = cpu->bundle.room;
    pid = cpu->runs_known ? cpu->runs : 0;
    if (common_number(COMMON_PID, lane, &number)) {
        pid = sched_pid(&f->sched, number);
        tree_task(f, lane->stream, pid);
    }
    perfetto_record(f, lane, cpu, fits ? e : NULL, tails, pid);
    if (fits)
        perfetto_mean(f, lane, cpu, e, tails, pid);
    f->held_bytes += cpu->bundle.room - room;
    if (cpu->bundle.n >= PERFETTO_BUNDLE_BYTES)
        packet_flush(f, s->machine, lane->cpu, cpu);
    for (uint32_t i = 0; f->held_bytes > PERFETTO_HELD_BYTES && i < f->stream_count; i++)
        packet_flush_stream(f, &f->streams[i]);
}

/* Also a task that no record is of. */
static void perfetto_name(struct sink *k, struct stream_lane *lane)
{
    const struct record *r = &lane->record;
    uint32_t pid = load_u32(r->fields + offsetof(struct tp_wire_task, id), r->swap);
    struct perfetto *f = (struct perfetto *)k;

    packet_stream(f, lane->stream)->last_ns = stream_ns(lane->stream, lane->time);
    if (pid < SCHED_FOREIGN)
        tree_task(f, lane->stream, (int32_t)pid);
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
    packet_flush_stream(f, of);
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
            pile_free(&f->streams[i].cpus[cpu].bundle);
        free(f->streams[i].events);
        free(f->streams[i].cpus);
    }
    free(f->streams);
    sched_close(&f->sched);
    nest_close(&f->nest);
    pile_free(&f->packet);
    pile_free(&f->value);
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
                            .settles = true,
                            .finish = perfetto_finish,
                            .end = perfetto_end,
                            .close = perfetto_close};
    f->diag = diag;
    roles_open(&f->roles, roles);
    sched_open(&f->sched, &f->roles);
    nest_open(&f->nest, &f->roles, &f->sched, o->symbols,
              &(struct nest_calls){slice_begin, slice_end, slice_whole, f});
    out_open(&f->text, (struct out_sink){perfetto_write, &f->value});
    f->text.symbols = o->symbols;
    return &f->sink;
}
