/* SPDX-License-Identifier: MIT */
/* json.c - records as JSON, one object a line. */
#include "print/json.h"

#include <stdlib.h>

#include "base/load.h"
#include "model/field.h"
#include "order/common.h"

static void json_string(struct out *o, const void *text, size_t n)
{
    field_text(o, text, n, OUT_JSON);
}

/* Which input, of several, and which capture, where those of an input are not one after the other. */
static void json_input(struct out *o, const struct stream *s)
{
    if (stream_capture_number(s)) {
        out_text(o, ",\"capture\":");
        out_u64(o, stream_capture_number(s));
    }
    if (stream_input_number(s)) {
        out_text(o, ",\"input\":");
        out_u64(o, stream_input_number(s));
    }
}

/* What all records of a capture have in common. */
static void json_begin(struct sink *k, struct stream *s)
{
    struct out *o = k->out;

    k->enough = columns_hopeless(((struct json *)k)->columns, s);
    if (k->enough || ((struct json *)k)->no_schema)
        return;
    out_text(o, "{\"schema\":\"tracepoint\",\"version\":1,\"tool\":");
    json_string(o, s->metadata.tool.bytes, s->metadata.tool.n);
    out_text(o, ",\"clock_hz\":");
    out_wide_u64(o, s->metadata.clock_hz);
    out_text(o, ",\"cpus\":");
    out_u64(o, s->metadata.cpus);
    out_text(o, ",\"stream\":\"");
    out_hex(o, s->id);
    out_text(o, "\"");
    if (s->captures > 1 && !s->region) {
        out_text(o, ",\"capture\":");
        out_u64(o, s->captures);
    }
    if (s->offset_ns) {
        out_text(o, ",\"offset_ns\":");
        out_wide_s64(o, s->offset_ns);
    }
    json_input(o, s);
    if (stream_input_number(s)) {
        out_text(o, ",\"file\":");
        json_string(o, s->diag.name, strlen(s->diag.name));
    }
    out_text(o, "}\n");
}

/* What --column gives to each line. */
static void json_constants(struct json *j)
{
    struct out *o = j->sink.out;

    for (uint32_t i = 0; j->constants && i < j->constants->count; i++) {
        out_bytes(o, ",", 1);
        json_string(o, j->constants->at[i].name, j->constants->at[i].name_bytes);
        out_bytes(o, ":", 1);
        json_string(o, j->constants->at[i].text, j->constants->at[i].text_bytes);
    }
}

/* What is printed as well as time_ns. */
static void json_stamp(struct stamp *t, struct out *o, struct stream_lane *lane)
{
    struct stream *s = lane->stream;
    char day[STAMP_BYTES];

    switch (stamp_decide(t, s)) {
    case STAMP_RAW:
        out_text(o, ",\"ticks\":");
        out_wide_u64(o, lane->time);
        break;
    case STAMP_RELATIVE:
        out_text(o, ",\"relative_ns\":");
        out_wide_s64(o, stamp_relative_ns(s, lane->time));
        break;
    case STAMP_DELTA:
        out_text(o, ",\"delta_ns\":");
        out_wide_s64(o, stamp_delta_ns(t, s, lane->time));
        break;
    case STAMP_UTC:
    case STAMP_LOCAL:
        out_text(o, t->mode == STAMP_UTC ? ",\"utc\":" : ",\"local\":");
        json_string(o, day, (size_t)(stamp_put(t, s, lane->time, day) - day));
        break;
    case STAMP_SECONDS:
        break;
    }
}

static void json_time(struct json *j, struct stream_lane *lane)
{
    out_text(j->sink.out, "\"time_ns\":");
    out_wide_u64(j->sink.out, clock_ns(&lane->stream->clock, lane->time));
    json_stamp(&j->stamp, j->sink.out, lane);
}

static void json_start(struct json *j, struct stream_lane *lane)
{
    struct out *o = j->sink.out;

    json_time(j, lane);
    out_text(o, ",\"cpu\":");
    out_u64(o, lane->cpu);
    json_input(o, lane->stream);
    json_constants(j);
    if (lane->item == STREAM_UNFINISHED)
        out_text(o, ",\"unfinished\":true");
}

static void json_context(struct out *o, const struct stream *s, const struct record *r)
{
    char flags[COMMON_FLAGS_BYTES];
    uint32_t pid = load_u32(r->context, r->swap);
    size_t n;
    const char *comm = task_comm(&s->tasks, pid, &n);

    common_flags(flags, r->context);
    out_text(o, ",\"common_pid\":");
    out_u64(o, pid);
    out_text(o, ",\"common_comm\":");
    json_string(o, comm, n);
    out_text(o, ",\"flags\":");
    json_string(o, flags, sizeof(flags));
}

static void json_columns(struct out *o, struct columns *c, const struct metadata_event *e,
                         const struct stream_lane *lane, const struct value_tail *tails)
{
    const struct columns_event *in = columns_find(c, e);
    bool first = true;

    for (uint32_t i = 0; i < c->count; i++) {
        const struct metadata_text *name = columns_name(c, in, i);

        if (!columns_has(c, in, i) || columns_again(in, i) || columns_is_anyway(c, i))
            continue;
        if (!first)
            out_bytes(o, ",", 1);
        first = false;
        json_string(o, name->bytes, name->n);
        out_bytes(o, ":", 1);
        columns_print(c, in, i, lane, tails, o, OUT_JSON);
    }
}

/* Which of the fields that are shown were too long to be recorded whole. */
static void json_cut(struct out *o, struct columns *c, const struct metadata_event *e,
                     const struct value_tail *tails)
{
    const struct columns_event *in = c ? columns_find(c, e) : NULL;
    const char *before = ",\"cut\":[";

    for (uint32_t i = 0; i < e->field_count; i++) {
        if (!metadata_has_tail(&e->fields[i]) || !tails[e->fields[i].tail].cut ||
            (in && !memchr(in->field, (int)i, c->count)))
            continue;
        out_text(o, before);
        json_string(o, e->fields[i].name.bytes, e->fields[i].name.n);
        before = ",";
    }
    if (*before == ',' && !before[1])
        out_bytes(o, "]", 1);
}

static void json_fields(struct json *j, const struct metadata_event *e,
                        const struct stream_lane *lane, const struct value_tail *tails)
{
    const struct object *in = object_find(&j->objects, e);
    struct out *o = j->sink.out;

    object_head(o, in);
    if (j->columns)
        json_columns(o, j->columns, e, lane, tails);
    else
        object_fields(o, in, &lane->record, tails);
    out_bytes(o, "}", 1);
    if (e->tail_count)
        json_cut(o, j->columns, e, tails);
    out_text(o, "}\n");
}

static void json_event(struct sink *k, struct stream_lane *lane, const struct metadata_event *e)
{
    struct out *o = k->out;
    const struct record *r = &lane->record;
    struct value_tail tails[TP_LIMIT_FIELDS];

    out_bytes(o, "{", 1);
    json_start((struct json *)k, lane);
    if (r->context)
        json_context(o, lane->stream, r);
    if (sink_tails(lane, e, tails)) {
        json_fields((struct json *)k, e, lane, tails);
        return;
    }
    out_text(o, ",\"id\":");
    out_u64(o, r->id);
    out_text(o, ",\"raw\":\"");
    out_hex_bytes(o, r->fields, r->bytes, false);
    out_text(o, "\"}\n");
}

/* What follows the number of records. */
static void json_loss_rest(struct json *j, struct stream_lane *lane, const char *cause)
{
    struct out *o = j->sink.out;
    struct stamp before = j->stamp; /* deltas are between records */

    out_text(o, ",\"cpu\":");
    out_u64(o, lane->cpu);
    json_input(o, lane->stream);
    out_text(o, ",\"cause\":\"");
    out_text(o, cause);
    out_text(o, "\",");
    json_time(j, lane);
    j->stamp = before;
    json_constants(j);
    out_text(o, "}\n");
}

static void json_loss(struct sink *k, struct stream_lane *lane)
{
    struct out *o = k->out;
    for (unsigned i = 0; i < STREAM_LOST_CAUSES; i++) {
        if (!lane->loss[i])
            continue;
        out_text(o, "{\"lost\":");
        out_wide_u64(o, lane->loss[i]);
        json_loss_rest((struct json *)k, lane, stream_causes[i]);
    }
    if (lane->loss_damage) {
        out_text(o, "{\"lost\":null");
        json_loss_rest((struct json *)k, lane, "damaged");
    }
}

/* What sampling has left out. */
static void json_counts(struct json *j, struct stream *s)
{
    struct out *o = j->sink.out;
    uint64_t count;
    uint32_t id = 0;

    s->counts_told = true;
    if (s->strangers) {
        out_text(o, "{\"lost\":");
        out_wide_u64(o, s->strangers);
        out_text(o, ",\"cause\":\"unknown_cpu\"");
        json_input(o, s);
        json_constants(j);
        out_text(o, "}\n");
    }
    while ((count = stream_suppressed(s, &id))) {
        const struct metadata_event *e = metadata_event(&s->metadata, id);

        if (!e)
            continue;
        out_text(o, "{\"suppressed\":");
        out_wide_u64(o, count);
        out_text(o, ",\"sys\":");
        json_string(o, e->sys.bytes, e->sys.n);
        out_text(o, ",\"event\":");
        json_string(o, e->name.bytes, e->name.n);
        json_input(o, s);
        json_constants(j);
        out_text(o, "}\n");
    }
}

static void json_finish(struct sink *k, struct stream *s)
{
    struct json *j = (struct json *)k;

    if (j->columns)
        columns_finish(j->columns, s);
    object_forget(&j->objects);
    json_counts(j, s);
}

static void json_close(struct sink *k)
{
    object_forget(&((struct json *)k)->objects);
}

struct sink *json_open(struct json *j, struct out *o, struct stamp stamp, struct columns *columns,
                       const struct constant_list *constants, bool no_schema)
{
    *j = (struct json){
        .sink = {.out = o,
                 .begin = json_begin,
                 .event = json_event,
                 .unfinished = json_event,
                 .loss = json_loss,
                 .finish = json_finish,
                 .close = json_close},
        .stamp = stamp,
        .columns = columns,
        .objects = {.head = ",\"sys\":\"%s\",\"event\":\"%e\",\"fields\":{"},
        .constants = constants,
        .no_schema = no_schema,
    };
    return &j->sink;
}
