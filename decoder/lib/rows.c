/* SPDX-License-Identifier: MIT */
/* rows.c - the library: what many records have, as columns. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "lib/dump.h"
#include "model/float.h"

#define ROWS_EVENTS 16u /* whose fields are remembered, by id */

struct rows_text {
    const char *bytes; /* NULL: there is none */
    size_t n;
};

struct rows {
    struct tp_dump *dump;
    const struct tp_dump_column *columns;
    size_t count, most, row;
    bool full;                         /* a text had no room */
    bool stopped;                      /* that was the first of an event */
    bool ids, unfinished;              /* are asked for */
    char event[METADATA_JOINED_BYTES]; /* its name, or one char */
    struct dump_bytes packed;
    struct rows_event {
        const struct metadata_event *event;
        int16_t field[TP_DUMP_COLUMNS_MAX]; /* of each column; or -1 */
    } events[ROWS_EVENTS];
};

/* --- which field a column is of --- */

static struct rows_event *rows_event(struct rows *r, const struct metadata_event *e)
{
    struct rows_event *found = &r->events[e->id % ROWS_EVENTS];

    if (found->event == e)
        return found;
    found->event = e;
    for (size_t i = 0; i < r->count; i++)
        found->field[i] = r->columns[i].what == TP_DUMP_FIELD
                              ? (int16_t)tp_dump_event_find((const struct tp_dump_event *)e,
                                                            r->columns[i].name)
                              : -1;
    return found;
}

/* --- numbers --- */

static bool rows_common(const struct tp_dump *d, enum tp_dump_what what, uint64_t *v)
{
    const struct tp_dump_record *r = &d->item.record;

    switch (what) {
    case TP_DUMP_TIME_NS:
        *v = d->item.time_ns;
        return true;
    case TP_DUMP_TICKS:
        *v = d->item.ticks;
        return true;
    case TP_DUMP_WALL_NS:
        return tp_dump_wall_ns(d, v) == 0;
    case TP_DUMP_INPUT:
        *v = d->item.input;
        return true;
    case TP_DUMP_CPU:
        *v = d->item.cpu;
        return true;
    case TP_DUMP_PID:
        *v = r->pid;
        return r->has_context;
    case TP_DUMP_CONTEXT:
        *v = r->flags | (uint64_t)r->preempt_depth << 8;
        return r->has_context;
    case TP_DUMP_ID:
        *v = r->id;
        return true;
    case TP_DUMP_NUMBER:
        *v = r->number;
        return true;
    case TP_DUMP_WHOLE:
        *v = d->item.kind == TP_DUMP_RECORD;
        return true;
    default:
        *v = r->decoded;
        return true;
    }
}

static bool rows_is_number(const struct tp_dump_value *v)
{
    return !v->count && !v->bytes && v->type != TP_DUMP_STRING && v->type != TP_DUMP_BYTES;
}

/* Most of all: no struct is made of it. */
static bool rows_field_number(const struct rows *r, const struct tp_dump_column *c,
                              const struct metadata_field *f)
{
    const struct record *record = &r->dump->lane->record;
    const uint8_t *p = record->fields + f->at;
    uint64_t v;
    double real;

    if (f->array || f->type == METADATA_STR || f->type == METADATA_BYTES)
        return false;
    v = value_load(p, f->width, f->type == METADATA_SIGNED, record->swap);
    if (c->cells == TP_DUMP_NUMBERS) {
        ((uint64_t *)c->values)[r->row] = v;
        return true;
    }
    if (f->type == METADATA_FLOAT)
        real = float_load(p, f->width, record->swap);
    else
        real = f->type == METADATA_SIGNED ? (double)(int64_t)v : (double)v;
    ((double *)c->values)[r->row] = real;
    return true;
}

static bool rows_number(const struct rows *r, const struct tp_dump_column *c, int field)
{
    const struct metadata_event *e = r->dump->event;
    uint64_t v = 0;
    bool given = false;

    if (c->what == TP_DUMP_FIELD && field >= 0 && rows_field_number(r, c, &e->fields[field]))
        return true;
    if (c->what != TP_DUMP_FIELD)
        given = rows_common(r->dump, c->what, &v);
    if (!given)
        v = 0;
    if (c->cells == TP_DUMP_REALS)
        ((double *)c->values)[r->row] = (double)v;
    else
        ((uint64_t *)c->values)[r->row] = v;
    return given;
}

/* --- texts --- */

/* n bytes, and zeros up to the next 8. */
static void rows_pack(struct dump_bytes *to, const void *bytes, size_t n)
{
    size_t all = (n + 7) / 8 * 8;

    if (all > to->room - to->n) {
        to->room = 2 * (to->n + all);
        to->at = mem_grow(to->at, to->room);
    }
    memset(to->at + to->n, 0, all);
    if (n)
        memcpy(to->at + to->n, bytes, n);
    to->n += all;
}

static void rows_pack_number(struct dump_bytes *to, const struct tp_dump_value *v)
{
    if (v->type == TP_DUMP_FLOAT)
        rows_pack(to, &v->real, 8);
    else
        rows_pack(to, &v->number, 8);
}

static void rows_pack_field(struct rows *r, uint32_t field)
{
    struct tp_dump_value v, one;
    uint64_t bytes;

    if (!access_value(r->dump, field, &v))
        return;
    if (rows_is_number(&v)) {
        rows_pack_number(&r->packed, &v);
        return;
    }
    bytes = v.bytes ? v.size_bytes : 8ull * v.count;
    if (v.type == TP_DUMP_STRING || v.type == TP_DUMP_BYTES || v.type == TP_DUMP_CHAR)
        bytes = v.size_bytes;
    rows_pack(&r->packed, &bytes, 8);
    if (v.bytes || !bytes) {
        rows_pack(&r->packed, v.bytes, bytes);
        return;
    }
    for (uint32_t i = 0; i < v.count; i++)
        if (access_element_value(r->dump, field, i, &one))
            rows_pack_number(&r->packed, &one);
}

static struct rows_text rows_fields(struct rows *r)
{
    r->packed.n = 0;
    if (!r->dump->event)
        return (struct rows_text){0};
    for (uint32_t i = 0; i < r->dump->event->field_count; i++)
        rows_pack_field(r, i);
    return (struct rows_text){r->packed.at ? r->packed.at : "", r->packed.n};
}

static struct rows_text rows_field(struct rows *r, uint32_t field)
{
    struct rows_text t = {0};
    struct tp_dump_value v;

    if (!access_value(r->dump, field, &v))
        return t;
    if (v.type == TP_DUMP_CHAR && !v.count) {
        r->event[0] = (char)v.number;
        return (struct rows_text){r->event, 1};
    }
    if (rows_is_number(&v) || (v.count && !v.bytes && v.type != TP_DUMP_CHAR))
        t.bytes = tp_dump_field_text(r->dump, field, &t.n);
    else
        t = (struct rows_text){v.bytes ? v.bytes : "", v.size_bytes};
    return t;
}

static struct rows_text rows_event_name(struct rows *r)
{
    const struct tp_dump_event *event = r->dump->item.record.event;
    struct metadata_text name;

    if (!event)
        return (struct rows_text){0};
    name = metadata_join((const struct metadata_event *)event, ':', r->event);
    return (struct rows_text){name.bytes, name.n};
}

static bool rows_text(struct rows *r, const struct tp_dump_column *c, int field)
{
    uint64_t start = c->ends[r->row];
    struct rows_text t = {0};

    if (c->what == TP_DUMP_COMM && (t.bytes = tp_dump_comm(r->dump)))
        t.n = strlen(t.bytes);
    else if (c->what == TP_DUMP_TEXT)
        t.bytes = tp_dump_text(r->dump, &t.n);
    else if (c->what == TP_DUMP_EVENT)
        t = rows_event_name(r);
    else if (c->what == TP_DUMP_FIELDS)
        t = rows_fields(r);
    else if (c->what == TP_DUMP_FIELD && field >= 0)
        t = rows_field(r, (uint32_t)field);
    if (start > c->text_bytes || t.n > c->text_bytes - start) {
        r->full = true;
        return false;
    }
    if (t.n)
        memcpy(c->text + start, t.bytes, t.n);
    c->ends[r->row + 1] = start + t.n;
    return t.bytes;
}

/* --- rows --- */

/* The record that was given last. False: there is no room for it. */
static bool rows_add(struct rows *r)
{
    const struct metadata_event *e = r->dump->event;
    const struct rows_event *found = e ? rows_event(r, e) : NULL;

    for (size_t i = 0; i < r->count && !r->full && !r->dump->result; i++) {
        const struct tp_dump_column *c = &r->columns[i];
        int field = found ? found->field[i] : -1;
        bool given = c->cells == TP_DUMP_TEXTS ? rows_text(r, c, field) : rows_number(r, c, field);

        if (c->given)
            c->given[r->row] = given;
    }
    if (!r->full)
        r->row++;
    return !r->full;
}

static bool rows_column_is_good(const struct tp_dump_column *c)
{
    bool text = c->what == TP_DUMP_COMM || c->what == TP_DUMP_TEXT || c->what == TP_DUMP_FIELDS ||
                c->what == TP_DUMP_EVENT;

    if ((unsigned)c->what > TP_DUMP_WHOLE || (unsigned)c->cells > TP_DUMP_TEXTS ||
        (c->what == TP_DUMP_FIELD && !c->name))
        return false;
    if (c->what != TP_DUMP_FIELD && text != (c->cells == TP_DUMP_TEXTS))
        return false;
    return c->cells == TP_DUMP_TEXTS ? c->ends && (c->text || !c->text_bytes) : c->values != NULL;
}

/* Is the record that was added the first of its event? */
static bool rows_first(const struct rows *r)
{
    /* Only who uses the dump uses its events. */
    struct metadata_event *e = (struct metadata_event *)(uintptr_t)r->dump->item.record.event;
    bool first = r->ids && e && !e->told;

    if (first)
        e->told = true;
    return first;
}

static bool rows_wants(const struct rows *r)
{
    return r->row < r->most && !r->full && !r->stopped && !r->dump->result;
}

/* What was given last, which has the kind `got`: is it a row, and had it room? Else it is kept. */
static bool rows_take(struct rows *r, int got)
{
    struct tp_dump *d = r->dump;

    d->kept = got > 0;
    if (got != TP_DUMP_RECORD && !(got == TP_DUMP_UNFINISHED && r->unfinished))
        return false;
    if (!rows_add(r))
        return false;
    d->kept = false;
    r->stopped = rows_first(r);
    return true;
}

/* Called in the middle of a step. */
static bool rows_taken(void *context)
{
    struct rows *r = context;

    return rows_take(r, item_give(r->dump)) && rows_wants(r);
}

static int rows_work(struct tp_dump *d, void *context)
{
    struct rows *r = context;
    int got;

    d->take = rows_taken;
    d->taker = r;
    do
        got = d->kept ? (int)d->item.kind : dump_look(d);
    while ((got == DUMP_STEPPED || rows_take(r, got)) && rows_wants(r));
    d->take = NULL;
    if (d->result)
        return d->result; /* no memory for a text */
    return r->full && !r->row ? dump_error(d, TP_DUMP_EROOM, "a text is longer than its column")
                              : 0;
}

long tp_dump_columns(struct tp_dump *d, const struct tp_dump_column *columns, size_t count,
                     size_t column_bytes, size_t rows)
{
    struct rows r = {.dump = d, .columns = columns, .count = count, .most = rows};
    int code;

    if (column_bytes != sizeof(*columns))
        return dump_error(d, TP_DUMP_ESIZE, "another size of struct tp_dump_column");
    if (count > TP_DUMP_COLUMNS_MAX)
        return dump_error(d, TP_DUMP_ENONE, "more than %u columns", TP_DUMP_COLUMNS_MAX);
    for (size_t i = 0; i < count; i++)
        if (!rows_column_is_good(&columns[i]))
            return dump_error(d, TP_DUMP_ENONE, "column %zu is wrong in itself", i);
    for (size_t i = 0; i < count; i++) {
        r.ids = r.ids || columns[i].what == TP_DUMP_ID;
        r.unfinished = r.unfinished || columns[i].what == TP_DUMP_WHOLE;
    }
    if (!d->input_count && !d->result)
        return dump_error(d, TP_DUMP_EORDER, "nothing was added that can be read");
    code = rows ? dump_guard(d, rows_work, &r) : d->result;
    free(r.packed.at);
    return code ? code : (long)r.row;
}
