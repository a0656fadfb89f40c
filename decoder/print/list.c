/* SPDX-License-Identifier: MIT */
/* list.c - the events of a capture, one a line. */
#include "print/list.h"

static size_t list_name_bytes(const struct metadata_event *e)
{
    return out_escaped_bytes(e->sys.bytes, e->sys.n) + 1 +
           out_escaped_bytes(e->name.bytes, e->name.n);
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

static void list_finish(struct sink *k, struct stream *s)
{
    struct out *o = k->out;
    size_t widest = 0;

    for (uint32_t id = 0; id < s->metadata.event_slots; id++) {
        const struct metadata_event *e = s->metadata.events[id];

        if (e && list_name_bytes(e) > widest)
            widest = list_name_bytes(e);
    }
    for (uint32_t id = 0; id < s->metadata.event_slots; id++) {
        const struct metadata_event *e = s->metadata.events[id];

        if (!e)
            continue;
        out_pad(o, ' ', id < 10 ? 4 : id < 100 ? 3 : id < 1000 ? 2 : id < 10000);
        out_u64(o, id);
        out_text(o, "  ");
        out_escaped(o, e->sys.bytes, e->sys.n, OUT_TEXT);
        out_text(o, ":");
        out_escaped(o, e->name.bytes, e->name.n, OUT_TEXT);
        out_pad(o, ' ', widest - list_name_bytes(e) + 2);
        list_fields(o, e);
        out_text(o, "  \"");
        out_escaped(o, e->fmt.bytes, e->fmt.n, OUT_TEXT);
        out_text(o, "\"\n");
    }
    s->counts_told = true; /* there are no records, so none are missing */
}

struct sink *list_open(struct sink *k, struct out *o)
{
    *k = (struct sink){.out = o, .finish = list_finish};
    return k;
}
