/* SPDX-License-Identifier: MIT */
/* event.c - the table of an event. */
#include "table/event.h"

#include "model/field.h"
#include "model/float.h"
#include "table/whole.h"

/* The name of a table, and by which it is known as well. */
static struct metadata_text event_name(const struct metadata_event *e, char between,
                                       char to[METADATA_JOINED_BYTES])
{
    struct metadata_text name = metadata_join(e, between, to);

    for (uint32_t i = 0; i < name.n; i++)
        to[i] = to[i] ? to[i] : '_';
    return name;
}

/* Columns of fields. Without a type a column keeps numbers as numbers and texts as texts, which of an enum both may be
 * there. */
static const struct table_type
    event_bytes_type = {"blob", "iif(% is null, null, lower(hex(%)))"},
    event_list = {"text", "json(%)"},
    event_bool = {"integer", "json(iif(% is null, 'null', iif(%, 'true', 'false')))"},
    event_real = {"real", "iif(abs(%) = 1e999, lower(%), %)"},
    event_wide = {"integer", "iif(% < 0, json(printf('%%u', %)), %)"};

static const struct table_type *event_type(const struct metadata_field *d)
{
    if (d->type == METADATA_BYTES)
        return &event_bytes_type;
    if (d->array && d->type != METADATA_CHAR)
        return &event_list;
    if (d->type == METADATA_STR || d->type == METADATA_CHAR || d->type == METADATA_PTR)
        return &table_text;
    if (d->table)
        return &table_any;
    return d->type == METADATA_FLOAT                       ? &event_real
           : d->type == METADATA_BOOL                      ? &event_bool
           : d->type == METADATA_UNSIGNED && d->width == 8 ? &event_wide
                                                           : &table_integer;
}

static struct table *event_add(struct cells *c, const struct metadata_event *e)
{
    static const char *const first[] = {"time_ns", "cpu", "common_pid", "common_comm", "flags"};
    char text[METADATA_JOINED_BYTES];
    struct metadata_text name = event_name(e, ':', text);
    struct table *t = table_add(&c->list, name.bytes, name.n);

    if (!t)
        return NULL;
    for (unsigned i = 0; i < CELLS_CONTEXT; i++)
        (void)table_column(&c->list, t, first[i], strlen(first[i]),
                           i < CELLS_COMM ? &table_integer : &table_text);
    t->given = 1u << CELLS_TIME | 1u << CELLS_CPU;
    t->time = CELLS_TIME;
    t->cpu = CELLS_CPU;
    t->sys = table_keep(&c->list, e->sys.bytes, e->sys.n);
    t->event = table_keep(&c->list, e->name.bytes, e->name.n);
    t->apart = !t->sys || !t->event || c->list.count > WHOLE_TABLES;
    name = event_name(e, '_', text);
    t->other = strncmp(text, "sqlite_", 7) == 0 || table_find(&c->list, text, name.n)
                   ? NULL
                   : table_keep(&c->list, text, name.n);
    return t;
}

static bool event_reserved(const char *name, size_t n)
{
    static const char *const reserved[] = {"time_ns", "cpu",     "common_pid", "common_comm",
                                           "flags",   "capture", "input",      "cut"};

    for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++)
        if (strlen(reserved[i]) == n && strncasecmp(reserved[i], name, n) == 0)
            return true;
    return false;
}

/* Is it the column of another field of this event? */
static bool event_taken(const struct event *in, uint32_t fields, int column)
{
    for (uint32_t i = 0; i < fields; i++)
        if (in->column[i] == column)
            return true;
    return false;
}

/* What the dump calls a new column, if no other one is called so. */
static void event_label(struct cells *c, struct table *t, const struct metadata_field *d)
{
    const char *label = table_keep(&c->list, d->name.bytes, d->name.n);

    for (uint32_t i = 0; label && i + 1 < t->count; i++)
        if (strcmp(t->column[i].label, label) == 0 && i >= CELLS_CONTEXT)
            return;
    if (label)
        t->column[t->count - 1].label = label;
}

/* A field that is called like a column that all have, or like another field, gets _ after its name. */
static int event_column(struct cells *c, const struct event *in, uint32_t field)
{
    const struct metadata_field *d = &in->is->fields[field];
    char name[TP_LIMIT_NAME_BYTES + 1 + TP_LIMIT_FIELDS];
    struct table *t = in->table;
    uint32_t before = t->count;
    size_t n = d->name.n;
    int column;

    memcpy(name, d->name.bytes, n);
    for (size_t i = 0; i < n; i++)
        name[i] = name[i] ? name[i] : '_';
    if (event_reserved(name, n))
        name[n++] = '_';
    do {
        column = table_column(&c->list, t, name, n, event_type(d));
        name[n++] = '_';
    } while (column >= 0 && event_taken(in, field, column));
    if (t->count != before)
        event_label(c, t, d);
    return column;
}

static uint32_t event_columns(struct cells *c, struct event *in)
{
    static const char *const last[] = {"capture", "input", "cut"};
    const struct metadata_event *e = in->is;
    struct table *t = in->table;
    uint64_t given = t->given;
    uint32_t missing = 0;

    for (uint32_t i = 0; i < e->field_count; i++) {
        int column = event_column(c, in, i);

        in->column[i] = (int8_t)column;
        given |= column < 0 ? 0 : 1ull << column;
        missing += column < 0;
    }
    if (!t->last) {
        t->last = (uint8_t)t->count;
        for (unsigned i = 0; i < CELLS_LAST; i++)
            (void)table_column(&c->list, t, last[i], strlen(last[i]),
                               i == CELLS_CUT ? &table_text : &table_integer);
    }
    given |= 3ull << t->last | (uint64_t)(e->tail_count != 0) << (t->last + CELLS_CUT);
    if (given != t->given && t->insert)
        table_release(&c->list, t);
    t->given = given;
    return missing;
}

bool event_meet(struct cells *c, struct event *in, uint32_t *missing)
{
    char text[METADATA_JOINED_BYTES];
    struct metadata_text name = event_name(in->is, ':', text);
    uint32_t before;

    *missing = 0;
    in->table = table_find(&c->list, name.bytes, name.n);
    before = in->table ? in->table->count : 0;
    if (!in->table)
        in->table = event_add(c, in->is);
    if (!in->table)
        return false;
    *missing = event_columns(c, in);
    return in->table->count != before;
}

/* --- rows --- */

static void event_printed(struct cells *c, struct table *t, int column,
                          const struct metadata_field *d, const struct record *r,
                          const struct value_tail *tails)
{
    bool list = d->array && d->type != METADATA_CHAR;

    field_print(cells_text_open(c), d, r, tails, list ? OUT_JSON : OUT_RAW);
    cells_printed(c, t, column);
}

static void event_bytes(struct cells *c, struct table *t, int column,
                        const struct metadata_field *d, const struct record *r,
                        const struct value_tail *tails)
{
    struct value_tail tail = value_bytes(d, r, tails);

    if (d->type == METADATA_BYTES)
        table_copy(t, column, tail.at, tail.bytes, SQLITE_IS_BYTES);
    else
        cells_words(c, t, column, tail.at, value_text_bytes(tail.at, tail.bytes));
}

static void event_number(struct cells *c, struct table *t, int column,
                         const struct metadata_field *d, const struct record *r)
{
    uint64_t v = value_load(r->fields + d->at, d->width, d->type == METADATA_SIGNED, r->swap);

    c->wrapped += d->type == METADATA_UNSIGNED && v > INT64_MAX;
    table_number(t, column, (int64_t)(d->type == METADATA_BOOL ? v != 0 : v));
}

static void event_value(struct cells *c, struct table *t, int column,
                        const struct metadata_field *d, const struct record *r,
                        const struct value_tail *tails)
{
    const uint8_t *at = r->fields + d->at;

    if (d->type == METADATA_STR || d->type == METADATA_BYTES || d->type == METADATA_CHAR)
        event_bytes(c, t, column, d, r, tails);
    else if (d->array || d->type == METADATA_PTR || (d->table && d->table->flags))
        event_printed(c, t, column, d, r, tails);
    else if (d->table &&
             value_enum(d, value_load(at, d->width, d->type == METADATA_SIGNED, r->swap)))
        event_printed(c, t, column, d, r, tails);
    else if (d->type == METADATA_FLOAT)
        table_real(t, column, float_load(at, d->width, r->swap));
    else
        event_number(c, t, column, d, r);
}

/* The columns of a context, once a record of this event has one: each costs time in every row. */
static void event_context(struct cells *c, struct table *t)
{
    const uint64_t all = (1u << CELLS_CONTEXT) - 1;

    if ((t->given & all) == all)
        return;
    if (t->insert)
        table_release(&c->list, t);
    t->given |= all;
}

void event_row(struct cells *c, const struct event *in, struct stream_lane *lane, uint64_t ns,
               const struct value_tail *tails)
{
    const struct metadata_event *e = in->is;
    struct table *t = in->table;

    if (!table_takes(t, ns, lane->cpu))
        return;
    if (lane->record.context)
        event_context(c, t);
    if (!table_start(&c->list, t))
        return;
    cells_context(c, t, lane, ns);
    for (uint32_t i = 0; i < e->field_count; i++)
        if (in->column[i] >= 0 && table_wants(t, in->column[i]))
            event_value(c, t, in->column[i], &e->fields[i], &lane->record, tails);
    cells_capture(t, t->last, lane->stream);
    if (e->tail_count)
        cells_cut(c, t, t->last + CELLS_CUT, e, tails);
    table_write(&c->list, t);
}
