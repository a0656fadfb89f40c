/* SPDX-License-Identifier: MIT */
/* json.c - records as JSON, one object a line. */
#include "json.h"

#include "text.h"

static void json_string(struct out *o, const void *text, size_t n)
{
    out_bytes(o, "\"", 1);
    out_escaped(o, text, n, OUT_JSON);
    out_bytes(o, "\"", 1);
}

/* What all records of a capture have in common. */
static void json_begin(struct sink *k, struct stream *s)
{
    struct out *o = k->out;

    out_text(o, "{\"schema\":\"tracepoint\",\"version\":1,\"tool\":");
    json_string(o, s->metadata.tool.bytes, s->metadata.tool.n);
    out_text(o, ",\"clock_hz\":");
    out_u64(o, s->metadata.clock_hz);
    out_text(o, ",\"cpus\":");
    out_u64(o, s->metadata.cpus);
    out_text(o, ",\"stream\":\"");
    out_hex(o, s->id);
    out_text(o, "\"}\n");
}

static void json_element(struct out *o, const struct metadata_field *f, const uint8_t *p, bool swap)
{
    uint64_t v = value_load(p, f->width, f->type == METADATA_SIGNED, swap);
    const struct metadata_text *name = f->table && !f->table->flags ? value_enum(f, v) : NULL;

    if (name) {
        json_string(o, name->bytes, name->n);
    } else if (f->table && f->table->flags) {
        out_bytes(o, "\"", 1);
        value_flags(o, f, v, OUT_JSON);
        out_bytes(o, "\"", 1);
    } else if (f->type == METADATA_BOOL) {
        out_text(o, v ? "true" : "false");
    } else if (f->type == METADATA_CHAR) {
        json_string(o, p, 1);
    } else if (f->type == METADATA_PTR) {
        out_bytes(o, "\"", 1);
        out_hex(o, v);
        out_bytes(o, "\"", 1);
    } else if (f->type == METADATA_SIGNED) {
        out_s64(o, (int64_t)v);
    } else {
        out_u64(o, v);
    }
}

static void json_tail(struct out *o, const struct metadata_field *f, const struct value_tail *t)
{
    out_bytes(o, "\"", 1);
    if (f->type == METADATA_BYTES)
        out_hex_bytes(o, t->at, t->bytes, false);
    else
        out_escaped(o, t->at, value_text_bytes(t->at, t->bytes), OUT_JSON);
    out_text(o, t->cut ? "...\"" : "\"");
}

static void json_field(struct out *o, const struct metadata_field *f, const struct record *r,
                       const struct value_tail *tails)
{
    const uint8_t *p = r->fields + f->at;

    if (f->type == METADATA_STR || f->type == METADATA_BYTES) {
        json_tail(o, f, &tails[f->tail]);
    } else if (f->array && f->type == METADATA_CHAR) {
        json_string(o, p, value_text_bytes(p, f->size));
    } else if (f->array) {
        out_bytes(o, "[", 1);
        for (uint32_t i = 0; i < f->count; i++) {
            if (i)
                out_bytes(o, ",", 1);
            json_element(o, f, p + (size_t)i * f->width, r->swap);
        }
        out_bytes(o, "]", 1);
    } else {
        json_element(o, f, p, r->swap);
    }
}

static void json_time(struct out *o, struct stream_lane *lane)
{
    struct stream *s = lane->stream;
    char utc[CLOCK_UTC_BYTES];

    out_text(o, "\"time_ns\":");
    out_u64(o, clock_ns(&s->clock, lane->time));
    if (!s->utc)
        return;
    clock_utc(&s->pairs, s->clock.hz, lane->time, utc);
    out_text(o, ",\"utc\":\"");
    out_bytes(o, utc, sizeof(utc));
    out_bytes(o, "\"", 1);
}

static void json_start(struct out *o, struct stream_lane *lane)
{
    json_time(o, lane);
    out_text(o, ",\"cpu\":");
    out_u64(o, lane->cpu);
    if (lane->item == STREAM_UNFINISHED)
        out_text(o, ",\"unfinished\":true");
}

static void json_context(struct out *o, const struct stream *s, const struct record *r)
{
    char flags[TEXT_FLAGS_BYTES];
    uint32_t pid = chunk_u32(r->context, r->swap);
    size_t n;
    const char *comm = text_comm(s, pid, &n);

    text_flags(flags, r->context);
    out_text(o, ",\"pid\":");
    out_u64(o, pid);
    out_text(o, ",\"comm\":");
    json_string(o, comm, n);
    out_text(o, ",\"flags\":");
    json_string(o, flags, sizeof(flags));
}

static void json_fields(struct out *o, const struct metadata_event *e, const struct record *r,
                        const struct value_tail *tails)
{
    out_text(o, ",\"sys\":");
    json_string(o, e->sys.bytes, e->sys.n);
    out_text(o, ",\"event\":");
    json_string(o, e->name.bytes, e->name.n);
    out_text(o, ",\"fields\":{");
    for (uint32_t i = 0; i < e->field_count; i++) {
        if (i)
            out_bytes(o, ",", 1);
        json_string(o, e->fields[i].name.bytes, e->fields[i].name.n);
        out_bytes(o, ":", 1);
        json_field(o, &e->fields[i], r, tails);
    }
    out_text(o, "}}\n");
}

static void json_event(struct sink *k, struct stream_lane *lane, const struct metadata_event *e)
{
    struct out *o = k->out;
    const struct record *r = &lane->record;
    struct value_tail tails[TP_LIMIT_FIELDS];

    out_bytes(o, "{", 1);
    json_start(o, lane);
    if (r->context)
        json_context(o, lane->stream, r);
    if (sink_tails(lane, e, tails)) {
        json_fields(o, e, r, tails);
        return;
    }
    out_text(o, ",\"id\":");
    out_u64(o, r->id);
    out_text(o, ",\"raw\":\"");
    out_hex_bytes(o, r->fields, r->bytes, false);
    out_text(o, "\"}\n");
}

/* From behind the number of records on. */
static void json_loss_rest(struct out *o, struct stream_lane *lane, const char *cause)
{
    out_text(o, ",\"cpu\":");
    out_u64(o, lane->cpu);
    out_text(o, ",\"cause\":\"");
    out_text(o, cause);
    out_text(o, "\",");
    json_time(o, lane);
    out_text(o, "}\n");
}

static void json_loss(struct sink *k, struct stream_lane *lane)
{
    struct out *o = k->out;
    static const char *const causes[STREAM_LOST_CAUSES] = {
        [TP_LOST_FULL] = "full",
        [TP_LOST_NESTED] = "nested",
        [TP_LOST_OVERSIZE] = "oversize",
        [TP_LOST_RECURSION] = "recursion",
        [TP_LOST_OVERWRITTEN] = "overwritten",
        [STREAM_LOST_MISSING] = "missing",
        [STREAM_LOST_UNFINISHED] = "unfinished",
    };

    for (unsigned i = 0; i < STREAM_LOST_CAUSES; i++) {
        if (!lane->loss[i])
            continue;
        out_text(o, "{\"lost\":");
        out_u64(o, lane->loss[i]);
        json_loss_rest(o, lane, causes[i]);
    }
    if (lane->loss_damage) {
        out_text(o, "{\"lost\":null");
        json_loss_rest(o, lane, "damaged");
    }
}

struct sink json_sink(struct out *o)
{
    return (struct sink){.out = o,
                         .begin = json_begin,
                         .event = json_event,
                         .unfinished = json_event,
                         .loss = json_loss};
}
