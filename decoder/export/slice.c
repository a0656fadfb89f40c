/* SPDX-License-Identifier: MIT */
/* slice.c - tracks of a Perfetto trace. */
#include "export/slice.h"

#include <inttypes.h>
#include <stdio.h>

#include "export/tree.h"
#include "export/typed.h"
#include "model/field.h"
#include "model/float.h"

/* Kinds of tracks beside those of nest.h. */
enum { PERFETTO_LOSSES = 16, PERFETTO_COUNTER };

static uint64_t slice_uuid(uint32_t machine, uint32_t kind, uint32_t lane, uint64_t number)
{
    return nest_hash((uint64_t)machine << 32 | kind << 24 | lane, &number, sizeof(number)) | 1;
}

/* Begins the description of a track, unless Perfetto has it: then false. */
static bool slice_track_open(struct perfetto *f, uint32_t machine, uint64_t uuid, size_t *at)
{
    uint64_t *known = &f->tracks[uuid / 2 % PERFETTO_REMEMBERED];

    if (*known == uuid)
        return false;
    *known = uuid;
    packet_start(f, machine, true);
    *at = proto_open(&f->packet, PACKET_TRACK);
    proto_u64(&f->packet, TRACK_UUID, uuid);
    return true;
}

static void slice_track_close(struct perfetto *f, size_t at)
{
    proto_close(&f->packet, at);
    packet_put(f);
}

/* The track of a task. */
static uint64_t slice_thread(struct perfetto *f, const struct stream *s, uint32_t pid)
{
    uint32_t machine = packet_stream(f, s)->machine;
    uint32_t group = tree_group(pid < SCHED_FOREIGN ? task_find(&s->tasks, pid) : NULL);
    uint64_t uuid = slice_uuid(machine, NEST_TASK, 0, (uint64_t)group << 32 | pid);
    size_t at, inside;

    tree_task(f, s, (int32_t)pid);
    if (!slice_track_open(f, machine, uuid, &at))
        return uuid;
    inside = proto_open(&f->packet, TRACK_THREAD);
    proto_s64(&f->packet, 1, group ? group : pid);
    proto_s64(&f->packet, 2, pid);
    proto_close(&f->packet, inside);
    slice_track_close(f, at);
    return uuid;
}

/* What a track that is no thread is called. */
static struct metadata_text slice_track_name(struct perfetto *f, const struct nest_span *span,
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

static uint64_t slice_track(struct perfetto *f, const struct nest_span *span,
                            const struct nest_record *r)
{
    const struct stream *s = r->lane->stream;
    uint32_t machine = packet_stream(f, s)->machine;
    uint64_t thread = span->kind == NEST_TASK ? slice_thread(f, s, (uint32_t)span->number) : 0;
    uint64_t uuid;
    size_t at;

    if (thread && !span->lane)
        return thread;
    uuid = slice_uuid(machine, span->kind, span->lane,
                      span->kind == NEST_ID ? span->sys : span->number ^ span->sys * span->lane);
    if (slice_track_open(f, machine, uuid, &at)) {
        struct metadata_text name = slice_track_name(f, span, r);

        proto_text(&f->packet, TRACK_NAME, name.bytes, name.n);
        if (thread)
            proto_u64(&f->packet, TRACK_PARENT, thread);
        slice_track_close(f, at);
    }
    return uuid;
}

static size_t slice_open(struct perfetto *f, uint32_t machine, uint64_t ns, unsigned type,
                         uint64_t track)
{
    size_t at;

    packet_start(f, machine, true);
    proto_u64(&f->packet, PACKET_TIME, packet_ns(f, ns));
    at = proto_open(&f->packet, PACKET_TRACK_EVENT);
    proto_u64(&f->packet, SLICE_TYPE, type);
    proto_u64(&f->packet, SLICE_TRACK, track);
    return at;
}

void slice_close(struct perfetto *f, size_t at)
{
    proto_close(&f->packet, at);
    packet_put(f);
}

static void slice_fields(struct perfetto *f, const struct nest_record *r)
{
    for (uint32_t i = 0; i < r->event->field_count; i++)
        typed_annotate(f, &r->event->fields[i], &r->lane->record, r->tails);
}

void slice_begin(void *context, struct nest_span *span, const struct nest_record *r)
{
    struct perfetto *f = context;
    char name[NEST_NAME_BYTES];
    size_t at;

    span->mark = slice_track(f, span, r);
    at = slice_open(f, f->streams[span->stream].machine, span->begin_ns, SLICE_BEGIN, span->mark);
    proto_text(&f->packet, SLICE_CATEGORY, r->event->sys.bytes, r->event->sys.n);
    proto_text(&f->packet, SLICE_NAME, name, nest_name(r, name));
    slice_fields(f, r);
    slice_close(f, at);
}

/* What is open at the end stays open: Perfetto shows it as that. */
void slice_end(void *context, const struct nest_span *span, uint64_t ns, enum nest_why why,
               const struct nest_record *r)
{
    struct perfetto *f = context;
    size_t at;

    if (why == NEST_LEFT)
        return;
    at = slice_open(f, f->streams[span->stream].machine, ns, SLICE_END, span->mark);
    if (r)
        slice_fields(f, r);
    if (why != NEST_ENDED)
        typed_annotate_text(f, "no end", nest_why_word(why));
    slice_close(f, at);
}

void slice_whole(void *context, const struct nest_span *span, uint64_t ns,
                 const struct nest_record *r)
{
    struct nest_span begun = *span;

    slice_begin(context, &begun, r);
    slice_end(context, &begun, ns, NEST_ENDED, NULL);
}

/* --- counters --- */

/* Its value as a number of whole or other ones. False: it has none. */
static bool slice_counted(const struct nest_record *r, int64_t *whole, double *other,
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

static uint64_t slice_counter_track(struct perfetto *f, const struct nest_record *r)
{
    const struct metadata_event *e = r->event;
    uint32_t machine = packet_stream(f, r->lane->stream)->machine;
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
    uuid = slice_uuid(machine, PERFETTO_COUNTER, 0, nest_hash(0, f->value.bytes, f->value.n));
    if (!slice_track_open(f, machine, uuid, &at))
        return uuid;
    proto_text(&f->packet, TRACK_NAME, f->value.bytes, f->value.n);
    inside = proto_open(&f->packet, TRACK_COUNTER);
    if (unit.n)
        proto_text(&f->packet, 6, unit.bytes, unit.n);
    proto_close(&f->packet, inside);
    slice_track_close(f, at);
    return uuid;
}

void slice_counter(struct perfetto *f, const struct nest_record *r)
{
    struct stream *s = r->lane->stream;
    bool is_whole;
    int64_t whole;
    double other;
    uint64_t track;
    size_t at;

    if (!slice_counted(r, &whole, &other, &is_whole))
        return;
    track = slice_counter_track(f, r);
    at = slice_open(f, packet_stream(f, s)->machine, stream_ns(s, r->lane->time), SLICE_COUNTER,
                    track);
    if (is_whole)
        proto_s64(&f->packet, SLICE_VALUE, whole);
    else
        proto_fixed64(&f->packet, SLICE_DOUBLE, typed_double(other));
    slice_close(f, at);
}

/* --- instants --- */

/* Begins an instant on the track of the losses of a CPU, or, beyond all CPUs, of what no CPU is known of. */
size_t slice_instant_open(struct perfetto *f, struct stream *s, uint32_t cpu, uint64_t ns,
                          const char *name, size_t n)
{
    uint32_t machine = packet_stream(f, s)->machine;
    uint64_t uuid = slice_uuid(machine, PERFETTO_LOSSES, 0, cpu);
    char track[32] = "losses";
    size_t at;

    if (cpu < TP_CHUNK_NO_CPU)
        snprintf(track, sizeof(track), "losses cpu %" PRIu32, cpu);
    if (slice_track_open(f, machine, uuid, &at)) {
        packet_word(&f->packet, TRACK_NAME, track);
        slice_track_close(f, at);
    }
    at = slice_open(f, machine, ns, SLICE_INSTANT, uuid);
    proto_text(&f->packet, SLICE_NAME, name, n);
    return at;
}
