/* SPDX-License-Identifier: MIT */
/* condition.c - what --filter asks of the fields of a record. */
#include "order/condition.h"

#include <ctype.h>
#include <stdlib.h>
#include <tp/filter.h>

#include "base/load.h"
#include "base/mem.h"

#define CONDITION_CONTEXT                                                                          \
    (1u << TP_FILTER_FLAGS | 1u << TP_FILTER_PREEMPT | 1u << TP_FILTER_PID | 1u << TP_FILTER_COMM)

/* The program of an event; `bytes` is 0 if it does not have all the fields. */
struct condition_program {
    const struct metadata_event *event;
    uint32_t bytes;
    _Alignas(8) uint8_t filter[]; /* a struct tp_filter and what follows it */
};

#define CONDITION_SLOTS 64u /* at first */

void condition_open(struct condition *c, const char *text)
{
    *c = (struct condition){.text = text};
}

void condition_finish(struct condition *c)
{
    for (size_t i = 0; i < c->slots; i++)
        free(c->programs[i]);
    free(c->programs);
    c->programs = NULL;
    c->slots = c->used = c->bytes = 0;
}

void condition_close(struct condition *c)
{
    condition_finish(c);
}

/* Names of the dump are kept with a NUL after them. */
static const char *condition_name_at(const void *table, uint32_t i, int64_t *value)
{
    const struct metadata_table *t = table;

    *value = (int64_t)t->values[i].bits;
    return t->values[i].name.bytes;
}

static uint8_t condition_kind(const struct metadata_field *f)
{
    if (f->type == METADATA_STR || (f->array && f->type == METADATA_CHAR))
        return TP_FILTER_TEXT;
    if (f->array || f->type == METADATA_BYTES)
        return TP_FILTER_OPAQUE;
    if (f->type == METADATA_FLOAT)
        return TP_FILTER_FLOAT;
    return f->type == METADATA_SIGNED ? TP_FILTER_SIGNED : TP_FILTER_UNSIGNED;
}

static void condition_schema(const struct metadata_event *e, struct tp_filter_schema *schema,
                             struct tp_filter_field fields[TP_FILTER_FIELDS_MAX])
{
    for (uint32_t i = 0; i < e->field_count; i++) {
        const struct metadata_field *f = &e->fields[i];

        fields[i] = (struct tp_filter_field){.name = f->name.bytes,
                                             .kind = condition_kind(f),
                                             .bytes = f->width,
                                             .flags = f->table && f->table->flags,
                                             .names = f->table ? f->table->count : 0,
                                             .table = f->table};
    }
    *schema = (struct tp_filter_schema){
        .field = fields, .fields = e->field_count, .name_at = condition_name_at};
}

/* Of the errors for all events, the one that is last in the text is the most useful. */
static void condition_note(struct condition *c, const struct tp_filter_error *error)
{
    if (c->tried && error->column <= c->column)
        return;
    c->tried = true;
    c->code = error->code;
    c->column = error->column;
    c->what = error->what;
}

/* Where the program of an event is, or would be put. */
static struct condition_program **condition_slot(const struct condition *c,
                                                 const struct metadata_event *e)
{
    for (size_t i = (size_t)((uintptr_t)e / sizeof(*e));; i++) {
        struct condition_program **slot = &c->programs[i & (c->slots - 1)];

        if (!*slot || (*slot)->event == e)
            return slot;
    }
}

/* Makes room for one more program: at most half of the slots are used. */
static void condition_make_room(struct condition *c, size_t bytes)
{
    struct condition new = *c;

    if (c->bytes + bytes > CONDITION_BYTES_MAX) {
        condition_finish(c);
        new = *c;
    }
    if (c->slots && 2 * c->used < c->slots)
        return;
    new.slots = c->slots ? 2 * c->slots : CONDITION_SLOTS;
    new.programs = mem_zero(new.slots * sizeof(struct condition_program *));
    for (size_t i = 0; i < c->slots; i++)
        if (c->programs[i])
            *condition_slot(&new, c->programs[i]->event) = c->programs[i];
    free(c->programs);
    *c = new;
}

static const struct condition_program *condition_find(struct condition *c,
                                                      const struct metadata_event *e)
{
    struct condition_program *p = c->slots ? *condition_slot(c, e) : NULL;
    _Alignas(8) uint8_t room[TP_FILTER_BYTES_MAX];
    struct tp_filter_field fields[TP_FILTER_FIELDS_MAX];
    struct tp_filter_schema schema;
    struct tp_filter_error error;
    long n;

    if (p)
        return p;
    condition_schema(e, &schema, fields);
    n = tp_filter_compile((struct tp_filter *)room, sizeof(room), c->text, strlen(c->text), &schema,
                          &error);
    if (n < 0) {
        condition_note(c, &error);
        n = 0;
    }
    c->any = c->any || n;
    condition_make_room(c, sizeof(*p) + (size_t)n);
    p = mem_alloc(sizeof(*p) + (size_t)n);
    p->event = e;
    p->bytes = (uint32_t)n;
    memcpy(p->filter, room, (size_t)n);
    *condition_slot(c, e) = p;
    c->used++;
    c->bytes += sizeof(*p) + (size_t)n;
    return p;
}

/* What is near to the name that no event has, where it is in the text. */
static void condition_look(struct condition *c, const struct stream *s)
{
    const char *name = c->text + c->column;
    size_t bytes = 0;

    while (isalnum((unsigned char)name[bytes]) || name[bytes] == '_')
        bytes++;
    near_open(&c->near, name, bytes);
    for (uint32_t id = 0; id < s->metadata.event_slots; id++) {
        const struct metadata_event *e = s->metadata.events[id];

        for (uint32_t i = 0; e && i < e->field_count; i++)
            near_try(&c->near, e->fields[i].name.bytes, e->fields[i].name.n);
    }
}

void condition_begin(struct condition *c, const struct stream *s)
{
    for (uint32_t id = 0; c->text && id < s->metadata.event_slots; id++)
        if (s->metadata.events[id])
            condition_find(c, s->metadata.events[id]);
    if (condition_failed(c) && c->code == TP_FILTER_NO_FIELD)
        condition_look(c, s);
}

const char *condition_near(const struct condition *c)
{
    return c->near.bytes ? near_best(&c->near) : NULL;
}

bool condition_failed(const struct condition *c)
{
    return c->tried && !c->any;
}

size_t condition_explain(const struct condition *c, char *to, size_t room)
{
    struct tp_filter_error error = {
        .code = (enum tp_filter_code)c->code, .column = c->column, .what = c->what};

    return tp_filter_explain(&error, c->text, strlen(c->text), to, room);
}

/* What records have as well as their fields. */
static void condition_common(struct tp_filter_value *v, uint32_t uses,
                             const struct stream_lane *lane)
{
    const struct record *r = &lane->record;
    size_t n;

    v[TP_FILTER_ID].number = r->id;
    v[TP_FILTER_CPU].number = lane->cpu;
    if (!(uses & CONDITION_CONTEXT))
        return;
    v[TP_FILTER_FLAGS].number = r->context[offsetof(struct tp_wire_context, flags)];
    v[TP_FILTER_PREEMPT].number = r->context[offsetof(struct tp_wire_context, preempt_depth)];
    v[TP_FILTER_PID].number = value_load(r->context, 4, true, r->swap);
    if (uses & 1u << TP_FILTER_COMM) {
        v[TP_FILTER_COMM].text = task_comm(&lane->stream->tasks, load_u32(r->context, r->swap), &n);
        v[TP_FILTER_COMM].text_bytes = (uint32_t)n;
    }
}

bool condition_passes(struct condition *c, struct stream_lane *lane, const struct metadata_event *e)
{
    const struct condition_program *p = e ? condition_find(c, e) : NULL;
    const struct tp_filter *filter = p ? (const struct tp_filter *)p->filter : NULL;
    const struct record *r = &lane->record;
    struct value_tail tails[TP_LIMIT_FIELDS], t;
    struct tp_filter_value v[TP_FILTER_VALUES];

    if (!p || !p->bytes || !value_tails(e, r, tails))
        return false;
    if (filter->uses & CONDITION_CONTEXT && !r->context)
        return false;
    for (uint32_t i = 0; i < e->field_count; i++) {
        const struct metadata_field *f = &e->fields[i];

        if (!(filter->uses & 1u << i))
            continue;
        t = value_bytes(f, r, tails);
        if (f->type == METADATA_STR || f->array) {
            v[i].text = t.at;
            v[i].text_bytes = value_text_bytes(t.at, t.bytes);
        } else {
            v[i].number = value_load(t.at, f->width, f->type == METADATA_SIGNED, r->swap);
        }
    }
    condition_common(v, filter->uses, lane);
    return tp_filter_run(filter, v);
}
