/* SPDX-License-Identifier: MIT */
/* cells.c - values of rows. */
#include "table/cells.h"

#include <stdlib.h>

#include "base/load.h"
#include "order/common.h"

void cells_capture(struct table *t, int column, const struct stream *s)
{
    table_number(t, column, s->captures);
    table_number(t, column + 1, s->number + 1u);
}

static int cells_longer(void *context, const void *bytes, size_t n)
{
    struct cells_bytes *to = context;

    if (to->room - to->n < n) {
        to->room = 2 * to->room + n;
        to->bytes = mem_grow(to->bytes, to->room);
    }
    memcpy(to->bytes + to->n, bytes, n);
    to->n += n;
    return 0;
}

struct out *cells_text_open(struct cells *c)
{
    c->text.at = c->text.buffer;
    c->longer.n = 0;
    return &c->text;
}

void cells_printed(struct cells *c, struct table *t, int column)
{
    const char *text = c->text.buffer;
    size_t n = (size_t)(c->text.at - text);

    if (c->longer.n) {
        out_flush(&c->text);
        text = c->longer.bytes;
        n = c->longer.n;
    }
    c->text_bytes += n;
    table_words(t, column, text, n);
}

void cells_words(struct cells *c, struct table *t, int column, const void *text, size_t n)
{
    const char *s = text;
    size_t valid = out_valid(text, n);
    struct out *o;

    if (!table_wants(t, column))
        return;
    c->text_bytes += n;
    if (valid == n) {
        table_words(t, column, text, n);
        return;
    }
    o = cells_text_open(c);
    for (; valid < n; valid = out_valid(s, n)) {
        out_bytes_long(o, s, valid);
        out_bytes(o, "\xef\xbf\xbd", 3);
        s += valid + 1;
        n -= valid + 1;
    }
    out_bytes_long(o, s, n);
    cells_printed(c, t, column);
}

static void cells_raw(struct out *o, const struct record *r)
{
    out_text(o, "{\"id\":");
    out_u64(o, r->id);
    out_text(o, ",\"raw\":\"");
    out_hex_bytes(o, r->fields, r->bytes, false);
    out_text(o, "\"}");
}

void cells_fields(struct cells *c, struct table *t, int column, const struct metadata_event *e,
                  const struct record *r, const struct value_tail *tails)
{
    struct out *o;

    if (!table_wants(t, column))
        return;
    o = cells_text_open(c);
    if (!e) {
        cells_raw(o, r);
        cells_printed(c, t, column);
        return;
    }
    out_bytes(o, "{", 1);
    object_fields(o, object_find(&c->objects, e), r, tails);
    out_bytes(o, "}", 1);
    cells_printed(c, t, column);
}

void cells_context(struct cells *c, struct table *t, struct stream_lane *lane, uint64_t ns)
{
    const struct record *r = &lane->record;
    char flags[COMMON_FLAGS_BYTES];
    const char *comm;
    size_t n;

    table_number(t, CELLS_TIME, cells_ns(ns));
    table_number(t, CELLS_CPU, lane->cpu);
    if (!r->context)
        return;
    table_number(t, CELLS_PID, load_u32(r->context, r->swap));
    if (table_wants(t, CELLS_COMM)) {
        comm = common_comm(lane, &n);
        cells_words(c, t, CELLS_COMM, comm, n);
    }
    if (table_wants(t, CELLS_FLAGS)) {
        common_flags(flags, r->context);
        table_words(t, CELLS_FLAGS, flags, sizeof(flags));
    }
}

void cells_cut(struct cells *c, struct table *t, int column, const struct metadata_event *e,
               const struct value_tail *tails)
{
    struct out *o = NULL;

    if (!table_wants(t, column))
        return;
    for (uint32_t i = 0; e && i < e->field_count; i++) {
        const struct metadata_field *d = &e->fields[i];

        if (!metadata_has_tail(d) || !tails[d->tail].cut)
            continue;
        if (o)
            out_bytes(o, ",", 1);
        else
            o = cells_text_open(c);
        out_bytes(o, d->name.bytes, d->name.n);
    }
    if (o)
        cells_printed(c, t, column);
}

void cells_open(struct cells *c, struct sqlite *db, bool all_wanted)
{
    memset(c, 0, sizeof(*c));
    table_open(&c->list, db, all_wanted);
    out_open(&c->text, (struct out_sink){cells_longer, &c->longer});
}

void cells_close(struct cells *c)
{
    table_close(&c->list);
    object_forget(&c->objects);
    out_close(&c->text);
    free(c->longer.bytes);
    c->longer.bytes = NULL;
}
