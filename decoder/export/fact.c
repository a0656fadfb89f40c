/* SPDX-License-Identifier: MIT */
/* fact.c - captures, events and tables of names as JSON. */
#include "export/fact.h"

#include <stdlib.h>

#include "base/mem.h"
#include "model/field.h"

struct fact_table {
    const struct metadata_table *table; /* NULL: free */
    uint32_t number;
};

static int fact_write(void *context, const void *bytes, size_t n)
{
    struct fact *f = context;

    pile_add(&f->block->part[BLOCK_FACTS], bytes, n);
    return 0;
}

void fact_open(struct fact *f, struct block *b)
{
    *f = (struct fact){.block = b};
    out_open(&f->text, (struct out_sink){fact_write, f});
}

void fact_close(struct fact *f)
{
    out_close(&f->text);
}

void fact_stream_free(struct fact_stream *s)
{
    free(s->events);
    free(s->tables);
    *s = (struct fact_stream){0};
}

/* --- JSON --- */

static void fact_number(struct fact *f, const char *before, uint64_t v)
{
    out_text(&f->text, before);
    out_u64(&f->text, v);
}

static void fact_wide(struct fact *f, const char *before, uint64_t v)
{
    fact_number(f, before, v);
    out_text(&f->text, "\"");
}

static void fact_string(struct fact *f, const char *before, struct metadata_text t)
{
    out_text(&f->text, before);
    field_text(&f->text, t.bytes, t.n, OUT_JSON);
}

static void fact_flag(struct fact *f, const char *before, bool v)
{
    out_text(&f->text, before);
    out_text(&f->text, v ? "true" : "false");
}

static void fact_done(struct fact *f)
{
    out_text(&f->text, "},\n");
    out_flush(&f->text);
}

/* --- tables --- */

static struct fact_table *fact_slot(const struct fact_stream *of, const struct metadata_table *t)
{
    for (size_t i = mem_hash(t);; i++) {
        struct fact_table *slot = &of->tables[i & (of->table_slots - 1)];

        if (!slot->table || slot->table == t)
            return slot;
    }
}

/* At most half of the slots are used. */
static void fact_make_room(struct fact_stream *of)
{
    struct fact_stream old = *of;

    if (2 * of->table_count < of->table_slots)
        return;
    of->table_slots = of->table_slots ? 2 * of->table_slots : 16;
    of->tables = mem_zero(of->table_slots * sizeof(*of->tables));
    for (uint32_t i = 0; i < old.table_slots; i++)
        if (old.tables[i].table)
            *fact_slot(of, old.tables[i].table) = old.tables[i];
    free(old.tables);
}

static uint32_t fact_table(struct fact *f, struct fact_stream *of, const struct metadata_table *t)
{
    struct fact_table *slot;

    fact_make_room(of);
    slot = fact_slot(of, t);
    if (slot->table)
        return slot->number;
    *slot = (struct fact_table){t, f->tables++};
    of->table_count++;
    fact_number(f, "{\"is\":\"table\",\"number\":", slot->number);
    fact_flag(f, ",\"flags\":", t->flags);
    out_text(&f->text, ",\"values\":[");
    for (uint32_t i = 0; i < t->count; i++) {
        out_text(&f->text, i ? ",[\"" : "[\"");
        if (t->values[i].negative)
            out_s64(&f->text, (int64_t)t->values[i].bits);
        else
            out_u64(&f->text, t->values[i].bits);
        fact_string(f, "\",", t->values[i].name);
        out_text(&f->text, "]");
    }
    out_text(&f->text, "]");
    fact_done(f);
    return slot->number;
}

/* --- events --- */

static void fact_field(struct fact *f, struct fact_stream *of, const struct metadata_field *d)
{
    static const char *const words[] = {
        [METADATA_UNSIGNED] = "unsigned", [METADATA_SIGNED] = "signed", [METADATA_BOOL] = "bool",
        [METADATA_CHAR] = "char",         [METADATA_PTR] = "ptr",       [METADATA_STR] = "str",
        [METADATA_BYTES] = "bytes",       [METADATA_FLOAT] = "float"};

    fact_string(f, "{\"name\":", d->name);
    fact_string(f, ",\"type\":", d->type_name);
    out_text(&f->text, ",\"kind\":\"");
    out_text(&f->text, words[d->type]);
    fact_number(f, "\",\"width\":", d->width);
    if (d->array)
        fact_number(f, ",\"count\":", d->count);
    if (d->sequence)
        fact_flag(f, ",\"sequence\":", true);
    if (d->type == METADATA_PTR && f->block->out->symbols)
        fact_flag(f, ",\"named\":", true);
    if (d->table)
        fact_number(f, ",\"table\":", fact_slot(of, d->table)->number);
    out_text(&f->text, "}");
}

static void fact_describe(struct fact *f, struct fact_stream *of, const struct metadata_event *e)
{
    for (uint32_t i = 0; i < e->field_count; i++)
        if (e->fields[i].table)
            fact_table(f, of, e->fields[i].table);
    fact_number(f, "{\"is\":\"event\",\"number\":", f->events);
    fact_number(f, ",\"capture\":", of->number);
    fact_number(f, ",\"id\":", e->id);
    fact_string(f, ",\"sys\":", e->sys);
    fact_string(f, ",\"name\":", e->name);
    fact_string(f, ",\"format\":", e->fmt);
    out_text(&f->text, ",\"fields\":[");
    for (uint32_t i = 0; i < e->field_count; i++) {
        out_text(&f->text, i ? "," : "");
        fact_field(f, of, &e->fields[i]);
    }
    out_text(&f->text, "]");
    fact_done(f);
}

uint32_t fact_event(struct fact *f, struct fact_stream *of, const struct metadata_event *e)
{
    of->events = mem_reach(of->events, &of->event_slots, e->id, 64, sizeof(*of->events));
    if (!of->events[e->id]) {
        fact_describe(f, of, e);
        of->events[e->id] = ++f->events;
    }
    return of->events[e->id] - 1;
}

/* --- captures --- */

void fact_capture(struct fact *f, const struct fact_stream *of, const struct stream *s)
{
    const struct metadata *m = &s->metadata;
    struct metadata_text file = {s->diag.name, (uint32_t)strlen(s->diag.name)};

    fact_number(f, "{\"is\":\"capture\",\"number\":", of->number);
    fact_number(f, ",\"input\":", s->number + 1u);
    fact_number(f, ",\"capture\":", s->captures);
    fact_string(f, ",\"file\":", file);
    fact_string(f, ",\"host\":", m->host);
    fact_string(f, ",\"tool\":", m->tool);
    fact_string(f, ",\"clock\":", m->clock_name);
    fact_wide(f, ",\"clock_hz\":\"", m->clock_hz);
    fact_wide(f, ",\"cpus\":\"", m->cpus);
    fact_string(f, ",\"buffer\":", m->buffer);
    fact_string(f, ",\"mode\":", m->mode);
    out_text(&f->text, ",\"stream\":\"");
    out_hex(&f->text, s->id);
    out_text(&f->text, "\"");
    fact_flag(f, ",\"wall\":", s->by_wall);
    fact_done(f);
}

static void fact_pairs(struct fact *f, struct stream *s)
{
    struct clock clock = s->clock;

    out_text(&f->text, ",\"pairs\":[");
    for (unsigned i = 0; i < s->pairs.count; i++) {
        fact_wide(f, i ? ",[\"" : "[\"", clock_ns(&clock, s->pairs.at[i].ticks));
        fact_wide(f, ",\"", s->pairs.at[i].wall_ns);
        out_text(&f->text, "]");
    }
    out_text(&f->text, "]");
}

void fact_end(struct fact *f, const struct fact_stream *of, struct stream *s, bool cut)
{
    const char *before = "";
    uint64_t count;
    uint32_t id = 0;

    fact_number(f, "{\"is\":\"end\",\"number\":", of->number);
    fact_flag(f, ",\"cut\":", cut);
    fact_flag(f, ",\"ended\":", s->ended);
    fact_wide(f, ",\"strangers\":\"", s->strangers);
    fact_pairs(f, s);
    out_text(&f->text, ",\"suppressed\":[");
    while ((count = stream_suppressed(s, &id))) {
        const struct metadata_event *e = metadata_event(&s->metadata, id);

        if (!e)
            continue;
        out_text(&f->text, before);
        fact_string(f, "[", e->sys);
        fact_string(f, ",", e->name);
        fact_wide(f, ",\"", count);
        out_text(&f->text, "]");
        before = ",";
    }
    out_text(&f->text, "]");
    fact_done(f);
}
