/* SPDX-License-Identifier: MIT */
/* condition.c - what --filter asks of the fields of a record. */
#include "order/condition.h"

#include <ctype.h>
#include <stdlib.h>
#include <tp/filter.h>

#include "base/load.h"
#include "base/mem.h"
#include "order/common.h"
#include "order/named.h"

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

/* Of the errors for all events, the one that is last in the text is the most useful; of several there, what
 * is wrong with a field that an event has. */
static void condition_note(struct condition *c, const struct tp_filter_error *error)
{
    bool known = c->code == TP_FILTER_NO_FIELD && error->code != TP_FILTER_NO_FIELD;

    if (c->tried && (error->column < c->column || (error->column == c->column && !known)))
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
    for (size_t i = mem_hash(e);; i++) {
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

/* So many bytes are a word that may be a field of one event: sched:wakeup.pid. */
static size_t condition_word(const char *text)
{
    size_t n = 0;

    while (isalnum((unsigned char)text[n]) || (text[n] && strchr("_:.", text[n])))
        n++;
    return n;
}

/* Is what begins at `at` compared, and not what it is compared with? */
static bool condition_is_left(const char *text, size_t at)
{
    while (at && text[at - 1] == ' ')
        at--;
    return !at || strchr("(!&|", text[at - 1]);
}

/* What is to be compiled for an event: sched:wakeup.pid is pid after as many blanks, so that columns stay. NULL: a
 * field of another event is asked for; at *other. */
static char *condition_text(const struct condition *c, const struct metadata_event *e,
                            size_t *other)
{
    size_t room = strlen(c->text) + 1, n;
    char *text = mem_alloc(room), quote = 0;
    struct named name;

    memcpy(text, c->text, room);
    for (size_t i = 0; text[i]; i += n) {
        n = 1;
        if (quote && text[i] == '\\' && text[i + 1])
            n = 2;
        else if (text[i] == '"' || text[i] == '\'')
            quote = !quote ? text[i] : quote == text[i] ? 0 : quote;
        if (quote || !isalpha((unsigned char)text[i]))
            continue;
        n = condition_word(text + i);
        named_read(&name, text + i, n);
        if (!name.event.n || !name.field.n)
            continue;
        if (named_field(&name, e) != NAMED_NONE) {
            memset(text + i, ' ', name.event.n + 1);
        } else if (condition_is_left(text, i)) {
            *other = i;
            free(text);
            return NULL;
        }
    }
    return text;
}

/* The bytes of the program, 0 if the event lacks a field. */
static size_t condition_compile(struct condition *c, const struct metadata_event *e,
                                struct tp_filter *to)
{
    struct tp_filter_error error = {.code = TP_FILTER_NO_FIELD, .what = "no such field"};
    struct tp_filter_field fields[TP_FILTER_FIELDS_MAX];
    struct tp_filter_schema schema;
    size_t other = 0;
    char *text = condition_text(c, e, &other);
    long n = -1;

    condition_schema(e, &schema, fields);
    if (text)
        n = tp_filter_compile(to, TP_FILTER_BYTES_MAX, text, strlen(text), &schema, &error);
    else
        error.column = (uint32_t)other;
    free(text);
    if (n >= 0)
        return (size_t)n;
    condition_note(c, &error);
    return 0;
}

static const struct condition_program *condition_find(struct condition *c,
                                                      const struct metadata_event *e)
{
    struct condition_program *p = c->slots ? *condition_slot(c, e) : NULL;
    _Alignas(8) uint8_t room[TP_FILTER_BYTES_MAX];
    size_t n;

    if (p)
        return p;
    n = condition_compile(c, e, (struct tp_filter *)room);
    c->any = c->any || n;
    condition_make_room(c, sizeof(*p) + n);
    p = mem_alloc(sizeof(*p) + n);
    p->event = e;
    p->bytes = (uint32_t)n;
    memcpy(p->filter, room, n);
    *condition_slot(c, e) = p;
    c->used++;
    c->bytes += sizeof(*p) + n;
    return p;
}

bool condition_failed(const struct condition *c)
{
    return c->tried && !c->any;
}

/* What is near to the name that no event has, where it is in the text. */
static void condition_try(struct condition *c, const struct metadata *m)
{
    const char *text = c->text + c->column;
    struct named name;

    named_read(&name, text, condition_word(text));
    if (!c->near.bytes || c->near_at != c->column)
        near_open(&c->near, text, name.all.n);
    c->near_at = c->column;
    for (uint32_t id = 0; id < m->event_slots; id++)
        for (uint32_t i = 0; m->events[id] && i < m->events[id]->field_count; i++)
            named_try(&name, m->events[id], i, &c->near);
}

void condition_look(struct condition *c, const struct metadata *m)
{
    for (uint32_t id = 0; c->text && id < m->event_slots; id++)
        if (m->events[id])
            condition_find(c, m->events[id]);
    condition_finish(c);
    if (condition_failed(c) && c->code == TP_FILTER_NO_FIELD)
        condition_try(c, m);
}

const char *condition_hint(const struct condition *c, char to[NEAR_HINT_BYTES])
{
    const char *text = c->text + c->column;
    const char *common = common_hint(text, condition_word(text));

    if (c->code != TP_FILTER_NO_FIELD)
        return NULL;
    if (!common && near_best(&c->near) && c->near.distance == 0)
        return "an event has it, but not the other fields as well";
    return (common ? common : near_hint(&c->near, NEAR_LISTED, to)) + 2;
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

bool condition_applies(struct condition *c, const struct metadata_event *e)
{
    return condition_find(c, e)->bytes;
}

/* Names that a field has, or that each record has without one. */
static const struct {
    const char *name, *mixed;
    uint32_t uses;
} condition_both[] = {
    {"comm",
     "--filter: comm is a field of some events, and of others the name of the task: "
     "common_comm is that of each record",
     1u << TP_FILTER_COMM},
    {"cpu",
     "--filter: cpu is a field of some events, and of others where it was "
     "recorded: common_cpu is that of each record",
     1u << TP_FILTER_CPU}};

#define CONDITION_BOTH (sizeof(condition_both) / sizeof(condition_both[0]))

void condition_mark(struct condition *c, const struct metadata_event *e)
{
    const struct condition_program *p = condition_find(c, e);
    uint32_t uses = p->bytes ? ((const struct tp_filter *)p->filter)->uses : 0;

    for (size_t i = 0; i < CONDITION_BOTH && uses; i++) {
        uint32_t at = 0;

        while (at < e->field_count && strcmp(e->fields[at].name.bytes, condition_both[i].name) != 0)
            at++;
        if (at == e->field_count)
            c->common |= uses & condition_both[i].uses;
        else if (uses & 1u << at)
            c->own |= condition_both[i].uses;
    }
}

const char *condition_mixed(const struct condition *c)
{
    for (size_t i = 0; i < CONDITION_BOTH; i++)
        if (c->own & c->common & condition_both[i].uses)
            return condition_both[i].mixed;
    return NULL;
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
