/* SPDX-License-Identifier: MIT */
/* typed.c - events and their fields with Perfetto's types. */
#include "export/typed.h"

#include "base/mem.h"
#include "model/field.h"
#include "model/float.h"

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

/* A type of Perfetto's for a field. What has no such type is a text. */
static uint32_t typed_type(const struct perfetto *f, const struct metadata_field *d)
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

static void typed_describe_field(struct perfetto *f, const char *name, size_t n, uint32_t number,
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
static uint32_t typed_describe(struct perfetto *f, struct perfetto_stream *s, uint32_t cpu,
                               const struct metadata_event *e)
{
    char joined[METADATA_JOINED_BYTES];
    struct metadata_text name = e ? metadata_join(e, ':', joined) : (struct metadata_text){"?", 1};
    uint32_t number = PERFETTO_EVENT_FIRST + f->described;
    size_t bundle, at, description;

    f->described += number < PERFETTO_EVENT_LAST;
    packet_start(f, s->machine, false);
    bundle = proto_open(&f->packet, PACKET_FTRACE);
    proto_u64(&f->packet, BUNDLE_CPU, cpu);
    at = proto_open(&f->packet, BUNDLE_DESCRIPTOR);
    proto_u64(&f->packet, 1, number);
    description = proto_open(&f->packet, 2);
    proto_text(&f->packet, 1, name.bytes, name.n);
    for (uint32_t i = 0; e && i < e->field_count; i++)
        typed_describe_field(f, e->fields[i].name.bytes, e->fields[i].name.n, i + 1,
                             typed_type(f, &e->fields[i]));
    if (e && e->tail_count)
        typed_describe_field(f, "cut", 3, PERFETTO_FIELD_CUT, TYPE_STRING);
    if (!e) {
        typed_describe_field(f, "id", 2, 1, TYPE_UINT32);
        typed_describe_field(f, "raw", 3, 2, TYPE_STRING);
    }
    proto_close(&f->packet, description);
    if (e)
        proto_text(&f->packet, 3, e->sys.bytes, e->sys.n);
    proto_close(&f->packet, at);
    proto_close(&f->packet, bundle);
    packet_put(f);
    return number;
}

uint32_t typed_number(struct perfetto *f, struct perfetto_stream *s, uint32_t cpu,
                      const struct metadata_event *e)
{
    if (!e)
        return s->unknown ? s->unknown : (s->unknown = typed_describe(f, s, cpu, NULL));
    s->events = mem_reach(s->events, &s->event_slots, e->id, 64, sizeof(*s->events));
    if (!s->events[e->id])
        s->events[e->id] = typed_describe(f, s, cpu, e);
    return s->events[e->id];
}

/* The text that a value is: the same as elsewhere; of an array, JSON. Valid until the next one. */
static struct metadata_text typed_value(struct perfetto *f, const struct metadata_field *d,
                                        const struct record *r, const struct value_tail *tails)
{
    bool list = d->array && d->type != METADATA_CHAR;

    f->value.n = 0;
    field_print(&f->text, d, r, tails, list ? OUT_JSON : OUT_RAW);
    out_flush(&f->text);
    return (struct metadata_text){(const char *)f->value.bytes, (uint32_t)f->value.n};
}

/* Its bits as a double, whatever width it has. */
uint64_t typed_double(double v)
{
    uint64_t bits;

    memcpy(&bits, &v, sizeof(bits));
    return bits;
}

/* A field of an event, by its type. */
static void typed_field(struct perfetto *f, struct pile *p, uint32_t number,
                        const struct metadata_field *d, const struct record *r,
                        const struct value_tail *tails)
{
    const uint8_t *at = r->fields + d->at;
    struct metadata_text text;

    switch (typed_type(f, d)) {
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
        text = typed_value(f, d, r, tails);
        proto_text(p, number, text.bytes, text.n);
        break;
    }
}

/* Names of those that were too long to be recorded whole. */
static void typed_cut(struct pile *p, const struct metadata_event *e,
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

/* All fields, as described. */
void typed_fields(struct perfetto *f, struct pile *p, const struct metadata_event *e,
                  const struct record *r, const struct value_tail *tails)
{
    for (uint32_t i = 0; e && i < e->field_count; i++)
        typed_field(f, p, i + 1, &e->fields[i], r, tails);
    if (e && e->tail_count)
        typed_cut(p, e, tails);
    if (e)
        return;
    f->value.n = 0;
    out_hex_bytes(&f->text, r->fields, r->bytes, false);
    out_flush(&f->text);
    proto_u64(p, 1, r->id);
    proto_text(p, 2, f->value.bytes, f->value.n);
}

/* A field as an argument of a slice. */
void typed_annotate(struct perfetto *f, const struct metadata_field *d, const struct record *r,
                    const struct value_tail *tails)
{
    size_t at = proto_open(&f->packet, SLICE_ANNOTATION);
    uint32_t type = typed_type(f, d);

    proto_text(&f->packet, ANNOTATION_NAME, d->name.bytes, d->name.n);
    if (type == TYPE_FLOAT || type == TYPE_DOUBLE)
        proto_fixed64(&f->packet, ANNOTATION_DOUBLE,
                      typed_double(float_load(r->fields + d->at, d->width, r->swap)));
    else
        typed_field(f, &f->packet,
                    type == TYPE_STRING          ? ANNOTATION_TEXT
                    : type == TYPE_BOOL          ? ANNOTATION_BOOL
                    : d->type == METADATA_PTR    ? ANNOTATION_POINTER
                    : d->type == METADATA_SIGNED ? ANNOTATION_SIGNED
                                                 : ANNOTATION_UNSIGNED,
                    d, r, tails);
    proto_close(&f->packet, at);
}

void typed_annotate_u64(struct perfetto *f, const char *name, uint64_t v)
{
    size_t at = proto_open(&f->packet, SLICE_ANNOTATION);

    packet_word(&f->packet, ANNOTATION_NAME, name);
    proto_u64(&f->packet, ANNOTATION_UNSIGNED, v);
    proto_close(&f->packet, at);
}

void typed_annotate_text(struct perfetto *f, const char *name, const char *text)
{
    size_t at = proto_open(&f->packet, SLICE_ANNOTATION);

    packet_word(&f->packet, ANNOTATION_NAME, name);
    packet_word(&f->packet, ANNOTATION_TEXT, text);
    proto_close(&f->packet, at);
}
