/* SPDX-License-Identifier: MIT */
/* csv.c - records as comma-separated values. */
#include "print/csv.h"

#include "base/load.h"
#include "model/field.h"
#include "order/common.h"

/* Would a spreadsheet run a cell that begins like this? */
static bool csv_runs(char c)
{
    return c == '=' || c == '+' || c == '-' || c == '@';
}

/* Quotes inside of quotes are doubled. */
static int csv_write(void *context, const void *bytes, size_t n)
{
    struct csv *c = context;
    struct out *o = c->sink.out;
    const char *p = bytes, *end = p + n;

    if (c->fresh && n && csv_runs(*p))
        out_bytes(o, "'", 1);
    c->fresh = c->fresh && !n;
    while (p < end) {
        const char *quote = memchr(p, '"', (size_t)(end - p));
        const char *stop = quote ? quote + 1 : end;

        out_bytes(o, p, (size_t)(stop - p));
        if (quote)
            out_bytes(o, "\"", 1);
        p = stop;
    }
    return 0;
}

static struct out *csv_quote(struct csv *c)
{
    out_bytes(c->sink.out, "\"", 1);
    c->fresh = true;
    c->quoted.symbols = c->sink.out->symbols;
    return &c->quoted;
}

static void csv_unquote(struct csv *c)
{
    out_flush(&c->quoted);
    out_bytes(c->sink.out, "\"", 1);
}

static void csv_text(struct csv *c, const void *text, size_t n)
{
    out_escaped(csv_quote(c), text, n, OUT_TEXT);
    csv_unquote(c);
}

/* Which input a line is of, if there are several. */
static void csv_input(struct csv *c, const struct stream *s)
{
    if (!s->label)
        return;
    csv_text(c, s->label, strlen(s->label));
    out_bytes(c->sink.out, ",", 1);
}

/* Does a column have the name of one that all lines have? Then it is of fields only. */
static bool csv_clashes(const struct csv *c, uint32_t i)
{
    static const char *const fixed[] = {"input", "time", "cpu", "flags", "sys", "event", "lost"};
    const struct metadata_text *name = &c->columns->name[i].all;

    for (size_t k = 0; k < sizeof(fixed) / sizeof(fixed[0]); k++)
        if (strlen(fixed[k]) == name->n && memcmp(fixed[k], name->bytes, name->n) == 0)
            return true;
    return false;
}

static void csv_constants(struct csv *c, bool names)
{
    for (uint32_t i = 0; c->constants && i < c->constants->count; i++) {
        const struct constant *a = &c->constants->at[i];

        out_bytes(c->sink.out, ",", 1);
        csv_text(c, names ? a->name : a->text, names ? a->name_bytes : a->text_bytes);
    }
}

static void csv_end_line(struct csv *c)
{
    if (!c->columns)
        out_bytes(c->sink.out, ",", 1);
    for (uint32_t i = 0; c->columns && i < c->columns->count; i++)
        if (!columns_is_anyway(c->columns, i))
            out_bytes(c->sink.out, ",", 1);
    csv_constants(c, false);
    out_bytes(c->sink.out, "\n", 1);
}

static void csv_name(struct csv *c, uint32_t i)
{
    const struct metadata_text *name = &c->columns->name[i].all;
    struct out *o = csv_quote(c);

    if (csv_clashes(c, i))
        out_text(o, "fields.");
    out_escaped(o, name->bytes, name->n, OUT_TEXT);
    csv_unquote(c);
}

static void csv_names(struct csv *c, const struct stream *s)
{
    struct out *o = c->sink.out;

    out_text(o, s->label ? "input," : "");
    out_text(o, "time,cpu,common_pid,common_comm,flags,sys,event,lost");
    if (!c->columns)
        out_text(o, ",message");
    for (uint32_t i = 0; c->columns && i < c->columns->count; i++) {
        if (columns_is_anyway(c->columns, i))
            continue;
        out_bytes(o, ",", 1);
        csv_name(c, i);
    }
    csv_constants(c, true);
    out_bytes(o, "\n", 1);
}

/* The names of the columns, once for all captures; a line for each further one of an input. */
static void csv_begin(struct sink *k, struct stream *s)
{
    struct csv *c = (struct csv *)k;

    k->enough = columns_hopeless(c->columns, s);
    if (k->enough)
        return;
    if (!c->started)
        csv_names(c, s);
    c->started = true;
    if (s->captures < 2 || s->region)
        return;
    csv_input(c, s);
    out_text(k->out, ",,,,,\"capture\",\"begins\",");
    out_u64(k->out, s->captures);
    csv_end_line(c);
}

/* Time, without the leading blanks that text has. */
static void csv_time(struct csv *c, struct stream_lane *lane)
{
    char text[STAMP_BYTES], *end = stamp_put(&c->stamp, lane->stream, lane->time, text), *p = text;

    while (*p == ' ')
        p++;
    csv_input(c, lane->stream);
    out_bytes(c->sink.out, p, (size_t)(end - p));
    out_bytes(c->sink.out, ",", 1);
    out_u64(c->sink.out, lane->cpu);
}

/* Up to the flags. */
static void csv_start(struct csv *c, struct stream_lane *lane)
{
    struct out *o = c->sink.out;
    const uint8_t *context = lane->record.context;
    char flags[COMMON_FLAGS_BYTES];
    uint32_t pid;
    size_t n;
    const char *comm;

    csv_time(c, lane);
    if (!context) {
        out_text(o, ",,,");
        return;
    }
    pid = load_u32(context, lane->record.swap);
    comm = task_comm(&lane->stream->tasks, pid, &n);
    out_bytes(o, ",", 1);
    out_u64(o, pid);
    out_bytes(o, ",", 1);
    csv_text(c, comm, n);
    common_flags(flags, context);
    out_bytes(o, ",", 1);
    out_bytes(o, flags, sizeof(flags));
}

/* A number is not put into quotes. */
static bool csv_is_number(const struct metadata_field *f, const struct record *r)
{
    uint64_t v;

    if (f->array || f->type > METADATA_BOOL)
        return false;
    if (!f->table)
        return true;
    v = value_load(r->fields + f->at, f->width, f->type == METADATA_SIGNED, r->swap);
    return !f->table->flags && !value_enum(f, v);
}

static void csv_cell(struct csv *c, const struct columns_event *in, uint32_t i,
                     const struct stream_lane *lane, const struct value_tail *tails)
{
    bool is_field = in->field[i] != COLUMNS_NONE;
    bool number = is_field ? csv_is_number(&in->event->fields[in->field[i]], &lane->record)
                           : common_is_number(c->columns->common[i]);

    if (!is_field && (csv_clashes(c, i) || !c->columns->common[i]))
        return;
    columns_print(c->columns, in, i, lane, tails, number ? c->sink.out : csv_quote(c), OUT_TEXT);
    if (!number)
        csv_unquote(c);
}

/* `e` is NULL if the record does not fit its event. */
static void csv_columns(struct csv *c, const struct metadata_event *e,
                        const struct stream_lane *lane, const struct value_tail *tails)
{
    const struct columns_event *in = e ? columns_find(c->columns, e) : NULL;

    for (uint32_t i = 0; i < c->columns->count; i++) {
        if (columns_is_anyway(c->columns, i))
            continue;
        out_bytes(c->sink.out, ",", 1);
        if (in)
            csv_cell(c, in, i, lane, tails);
    }
}

static void csv_event(struct sink *k, struct stream_lane *lane, const struct metadata_event *e)
{
    struct csv *c = (struct csv *)k;
    const struct record *r = &lane->record;
    struct value_tail tails[TP_LIMIT_FIELDS];
    bool fits = sink_tails(lane, e, tails);

    csv_start(c, lane);
    out_bytes(k->out, ",", 1);
    if (e)
        csv_text(c, e->sys.bytes, e->sys.n);
    out_bytes(k->out, ",", 1);
    if (e)
        csv_text(c, e->name.bytes, e->name.n);
    else
        out_u64(k->out, r->id);
    out_text(k->out, lane->item == STREAM_UNFINISHED ? ",unfinished" : ",");
    if (c->columns) {
        csv_columns(c, fits ? e : NULL, lane, tails);
    } else {
        out_bytes(k->out, ",", 1);
        if (fits)
            value_message(csv_quote(c), e, r, tails);
        else
            out_hex_bytes(csv_quote(c), r->fields, r->bytes, false);
        csv_unquote(c);
    }
    csv_constants(c, false);
    out_bytes(k->out, "\n", 1);
}

static void csv_lost(struct csv *c, struct stream_lane *lane, const char *cause, uint64_t lost)
{
    struct out *o = c->sink.out;
    struct stamp before = c->stamp; /* deltas are between records */

    csv_time(c, lane);
    c->stamp = before;
    out_text(o, ",,,,\"lost\",\"");
    out_text(o, cause);
    out_text(o, "\",");
    if (lost)
        out_u64(o, lost);
    csv_end_line(c);
}

static void csv_loss(struct sink *k, struct stream_lane *lane)
{
    for (unsigned i = 0; i < STREAM_LOST_CAUSES; i++)
        if (lane->loss[i])
            csv_lost((struct csv *)k, lane, stream_causes[i], lane->loss[i]);
    if (lane->loss_damage)
        csv_lost((struct csv *)k, lane, "damaged", 0);
}

/* What was lost on CPUs that the trace does not have is of no time and no CPU. */
static void csv_strangers(struct csv *c, const struct stream *s)
{
    csv_input(c, s);
    out_text(c->sink.out, ",,,,,\"lost\",\"unknown_cpu\",");
    out_u64(c->sink.out, s->strangers);
    csv_end_line(c);
}

static void csv_finish(struct sink *k, struct stream *s)
{
    struct csv *c = (struct csv *)k;

    if (c->columns)
        columns_finish(c->columns, s);
    if (s->strangers)
        csv_strangers(c, s);
}

static void csv_close(struct sink *k)
{
    out_close(&((struct csv *)k)->quoted);
}

struct sink *csv_open(struct csv *c, struct out *o, struct stamp stamp, struct columns *columns,
                      const struct constant_list *constants)
{
    *c = (struct csv){
        .sink = {.out = o,
                 .begin = csv_begin,
                 .event = csv_event,
                 .unfinished = csv_event,
                 .loss = csv_loss,
                 .finish = csv_finish,
                 .close = csv_close},
        .stamp = stamp,
        .columns = columns,
        .constants = constants,
    };
    if (stamp.unit == STAMP_AUTO)
        c->stamp.unit = STAMP_NANOS;
    out_open(&c->quoted, (struct out_sink){csv_write, c});
    return &c->sink;
}
