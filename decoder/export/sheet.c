/* SPDX-License-Identifier: MIT */
/* sheet.c - records, losses and tasks as rows of columns. */
#include "export/sheet.h"

#include <stdlib.h>
#include <strings.h>

#include "base/load.h"
#include "model/field.h"
#include "order/common.h"

static int sheet_keep(void *context, const void *bytes, size_t n)
{
    pile_add(context, bytes, n);
    return 0;
}

void sheet_open(struct sheet *t, struct spill *spill, const struct constant_list *constants,
                struct symbols *symbols, bool compress, struct crew *crew)
{
    *t = (struct sheet){.spill = spill, .constants = constants, .symbols = symbols};
    out_open(&t->text, (struct out_sink){sheet_keep, &t->long_text});
    t->text.symbols = symbols;
    pages_open(&t->pages, compress, crew);
}

void sheet_finish(struct sheet *t)
{
    object_forget(&t->objects);
}

void sheet_close(struct sheet *t)
{
    sheet_finish(t);
    pages_close(&t->pages);
    out_close(&t->text);
    pile_free(&t->long_text);
}

/* --- texts, which are made before they are a value --- */

static struct out *sheet_text(struct sheet *t)
{
    t->long_text.n = 0;
    t->text.at = t->text.buffer; /* what is there was used */
    return &t->text;
}

/* Most have never left the buffer. */
static void sheet_put_text(struct sheet *t, struct column *c)
{
    if (!t->long_text.n) {
        column_text(c, t->text.buffer, (size_t)(t->text.at - t->text.buffer));
        return;
    }
    out_flush(&t->text);
    column_text(c, t->long_text.bytes, t->long_text.n);
}

void sheet_word(struct column *c, const char *text)
{
    column_text(c, text, strlen(text));
}

/* --- columns --- */

static void sheet_add(struct store *s, const char *name, enum column_is is, bool optional)
{
    store_add(s, name, strlen(name), is, optional);
}

void sheet_add_first(struct store *s, bool context)
{
    sheet_add(s, "time_ns", COLUMN_S64, true);
    sheet_add(s, "wall_ns", COLUMN_S64, true);
    for (uint32_t i = SHEET_TIME; i <= SHEET_WALL; i++)
        s->columns[i].plain = s->columns[i].times = true;
    sheet_add(s, "cpu", COLUMN_U16, true);
    if (!context)
        return;
    sheet_add(s, "common_pid", COLUMN_U32, true);
    sheet_add(s, "common_comm", COLUMN_TEXT, true);
    sheet_add(s, "flags", COLUMN_TEXT, true);
}

void sheet_add_last(struct sheet *t, struct store *s)
{
    sheet_add(s, "capture", COLUMN_U32, false);
    if (t->inputs)
        sheet_add(s, "input", COLUMN_TEXT, false);
    for (uint32_t i = 0; t->constants && i < t->constants->count; i++)
        store_add(s, t->constants->at[i].name, t->constants->at[i].name_bytes, COLUMN_TEXT, false);
}

enum column_is sheet_is(const struct sheet *t, const struct metadata_field *f)
{
    static const enum column_is of[2][4] = {{COLUMN_U8, COLUMN_U16, COLUMN_U32, COLUMN_U64},
                                            {COLUMN_S8, COLUMN_S16, COLUMN_S32, COLUMN_S64}};

    if (f->array && f->type != METADATA_CHAR)
        return COLUMN_JSON;
    if (f->table || f->array || (f->type == METADATA_PTR && t->symbols))
        return COLUMN_TEXT;
    switch (f->type) {
    case METADATA_UNSIGNED:
    case METADATA_SIGNED:
    case METADATA_PTR:
        return of[f->type == METADATA_SIGNED][__builtin_ctz(f->width)];
    case METADATA_BOOL:
        return COLUMN_BOOL;
    case METADATA_FLOAT:
        return f->width == 8 ? COLUMN_DOUBLE : COLUMN_FLOAT;
    case METADATA_BYTES:
        return COLUMN_BYTES;
    default:
        return COLUMN_TEXT;
    }
}

/* Is it the name of a column that is added after the fields? */
static bool sheet_comes(const struct sheet *t, const char *name, size_t n)
{
    static const char *const last[] = {"cut", "capture", "input"};

    for (size_t i = 0; i < sizeof(last) / sizeof(last[0]); i++)
        if (strlen(last[i]) == n && strncasecmp(name, last[i], n) == 0)
            return true;
    return t->constants && constant_has(t->constants, name, n);
}

void sheet_add_field(struct sheet *t, struct store *s, const struct metadata_field *f)
{
    char name[TP_LIMIT_NAME_BYTES + 1];
    size_t n = f->name.n;

    memcpy(name, f->name.bytes, n);
    if (sheet_comes(t, name, n))
        name[n++] = '_';
    store_add(s, name, n, sheet_is(t, f), false);
}

/* --- values --- */

static void sheet_ns(struct sheet *t, struct column *c, uint64_t ns)
{
    t->late += ns > INT64_MAX;
    column_number(c, ns > INT64_MAX ? INT64_MAX : ns);
}

void sheet_time(struct sheet *t, struct store *s, struct stream_lane *lane)
{
    struct stream *from = lane->stream;

    sheet_ns(t, store_column(s, SHEET_TIME), clock_ns(&from->clock, lane->time));
    if (from->pairs.count)
        sheet_ns(t, store_column(s, SHEET_WALL),
                 clock_wall_ns(&from->pairs, from->clock.hz, lane->time));
    column_number(store_column(s, SHEET_CPU), lane->cpu);
}

void sheet_context(struct store *s, const struct stream_lane *lane)
{
    const uint8_t *context = lane->record.context;
    char flags[COMMON_FLAGS_BYTES];
    const char *comm;
    uint32_t pid;
    size_t n;

    if (!context)
        return;
    pid = load_u32(context, lane->record.swap);
    comm = task_comm(&lane->stream->tasks, pid, &n);
    common_flags(flags, context);
    column_number(store_column(s, SHEET_PID), pid);
    column_text(store_column(s, SHEET_COMM), comm, n);
    column_text(store_column(s, SHEET_FLAGS), flags, sizeof(flags));
}

void sheet_last(struct sheet *t, struct store *s, uint32_t i, const struct stream *from)
{
    column_number(store_column(s, i++), from->captures);
    if (t->inputs)
        sheet_word(store_column(s, i++), from->label ? from->label : "");
    for (uint32_t k = 0; t->constants && k < t->constants->count; k++)
        column_text(store_column(s, i++), t->constants->at[k].text, t->constants->at[k].text_bytes);
}

void sheet_field(struct sheet *t, struct column *c, const struct metadata_field *f,
                 const struct record *r, const struct value_tail *tails)
{
    const uint8_t *at = r->fields + f->at;
    struct value_tail bytes;

    switch (c->is) {
    case COLUMN_TEXT:
    case COLUMN_JSON:
        field_print(sheet_text(t), f, r, tails, c->is == COLUMN_JSON ? OUT_JSON : OUT_RAW);
        sheet_put_text(t, c);
        break;
    case COLUMN_BYTES:
        bytes = value_bytes(f, r, tails);
        column_text(c, bytes.at, bytes.bytes);
        break;
    case COLUMN_BOOL:
        column_number(c, value_load(at, f->width, false, r->swap) != 0);
        break;
    default:
        column_number(c, value_load(at, f->width, f->type == METADATA_SIGNED, r->swap));
        break;
    }
}

void sheet_cut(struct store *s, uint32_t column, const struct metadata_event *e,
               const struct value_tail *tails)
{
    char names[TP_LIMIT_FIELDS * (TP_LIMIT_NAME_BYTES + 1)];
    size_t n = 0;

    for (uint32_t i = 0; i < e->field_count; i++) {
        const struct metadata_field *f = &e->fields[i];

        if (!metadata_has_tail(f) || !tails[f->tail].cut)
            continue;
        if (n)
            names[n++] = ',';
        memcpy(names + n, f->name.bytes, f->name.n);
        n += f->name.n;
    }
    if (n)
        column_text(store_column(s, column), names, n);
}

void sheet_json(struct sheet *t, struct column *c, const struct metadata_event *e,
                const struct record *r, const struct value_tail *tails)
{
    struct out *o = sheet_text(t);

    out_bytes(o, "{", 1);
    if (e) {
        object_fields(o, object_find(&t->objects, e), r, tails);
    } else {
        out_text(o, "\"id\":");
        out_u64(o, r->id);
        out_text(o, ",\"raw\":\"");
        out_hex_bytes(o, r->fields, r->bytes, false);
        out_text(o, "\"");
    }
    out_bytes(o, "}", 1);
    sheet_put_text(t, c);
}
