/* SPDX-License-Identifier: MIT */
/* list.c - the events of a capture, one a line. */
#include "print/list.h"

#include "model/field.h"

size_t list_name_bytes(const struct metadata_event *e)
{
    return out_escaped_bytes(e->sys.bytes, e->sys.n) + 1 +
           out_escaped_bytes(e->name.bytes, e->name.n);
}

void list_name(struct out *o, const struct metadata_event *e, enum out_escape how)
{
    out_escaped(o, e->sys.bytes, e->sys.n, how);
    out_text(o, ":");
    out_escaped(o, e->name.bytes, e->name.n, how);
}

static void list_fields(struct out *o, const struct metadata_event *e)
{
    out_text(o, "(");
    for (uint32_t i = 0; i < e->field_count; i++) {
        const struct metadata_field *f = &e->fields[i];

        out_text(o, i ? ", " : "");
        out_bytes(o, f->type_name.bytes, f->type_name.n);
        out_text(o, " ");
        out_escaped(o, f->name.bytes, f->name.n, OUT_TEXT);
        if (f->array) {
            out_text(o, f->sequence ? "[<=" : "[");
            out_u64(o, f->count);
            out_text(o, "]");
        }
        if (f->table) {
            out_text(o, f->table->flags ? " flags " : " enum ");
            out_escaped(o, f->table->name.bytes, f->table->name.n, OUT_TEXT);
        }
    }
    out_text(o, ")");
}

static void list_event(struct out *o, const struct metadata_event *e, size_t widest)
{
    out_pad(o, ' ', e->id < 10 ? 4 : e->id < 100 ? 3 : e->id < 1000 ? 2 : e->id < 10000);
    out_u64(o, e->id);
    out_text(o, "  ");
    list_name(o, e, OUT_TEXT);
    out_pad(o, ' ', widest - list_name_bytes(e) + 2);
    list_fields(o, e);
    out_text(o, "  \"");
    out_escaped(o, e->fmt.bytes, e->fmt.n, OUT_TEXT);
    out_text(o, "\"\n");
}

static void list_json_field(struct out *o, const struct metadata_field *f)
{
    out_text(o, "{\"name\":");
    field_text(o, f->name.bytes, f->name.n, OUT_JSON);
    out_text(o, ",\"type\":");
    field_text(o, f->type_name.bytes, f->type_name.n, OUT_JSON);
    if (f->array) {
        out_text(o, f->sequence ? ",\"most\":" : ",\"count\":");
        out_u64(o, f->count);
    }
    if (f->table) {
        out_text(o, f->table->flags ? ",\"flags\":" : ",\"enum\":");
        field_text(o, f->table->name.bytes, f->table->name.n, OUT_JSON);
    }
    out_text(o, "}");
}

static void list_json(struct out *o, const struct metadata_event *e)
{
    out_text(o, "{\"id\":");
    out_u64(o, e->id);
    out_text(o, ",\"sys\":");
    field_text(o, e->sys.bytes, e->sys.n, OUT_JSON);
    out_text(o, ",\"event\":");
    field_text(o, e->name.bytes, e->name.n, OUT_JSON);
    out_text(o, ",\"format\":");
    field_text(o, e->fmt.bytes, e->fmt.n, OUT_JSON);
    out_text(o, ",\"fields\":[");
    for (uint32_t i = 0; i < e->field_count; i++) {
        out_text(o, i ? "," : "");
        list_json_field(o, &e->fields[i]);
    }
    out_text(o, "]}\n");
}

static void list_finish(struct sink *k, struct stream *s)
{
    const struct list *l = (const struct list *)k;
    const struct select_options *o = l->options;
    size_t widest = 0;

    for (uint32_t id = 0; id < s->metadata.event_slots; id++) {
        const struct metadata_event *e = s->metadata.events[id];

        if (e && select_names(o, e) && list_name_bytes(e) > widest)
            widest = list_name_bytes(e);
    }
    for (uint32_t id = 0; id < s->metadata.event_slots; id++) {
        const struct metadata_event *e = s->metadata.events[id];

        if (!e || !select_names(o, e))
            continue;
        if (l->json)
            list_json(k->out, e);
        else
            list_event(k->out, e, widest);
    }
    s->counts_told = true; /* there are no records, so none are missing */
}

struct sink *list_open(struct list *l, struct out *o, const struct select_options *options,
                       bool json)
{
    *l = (struct list){.sink = {.out = o, .finish = list_finish}, .options = options, .json = json};
    return &l->sink;
}
