/* SPDX-License-Identifier: MIT */
/* declared.c - the tables and events that metadata declares. */
#include "model/declared.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "model/format.h"

#define DECLARED_RECORD_BYTES 32760u

static int declared_value_compare(const void *a, const void *b)
{
    const struct metadata_value *x = a, *y = b;

    if (x->negative != y->negative)
        return x->negative ? -1 : 1;
    if (x->bits != y->bits)
        return x->bits < y->bits ? -1 : 1;
    return x->index < y->index ? -1 : x->index > y->index;
}

static bool declared_values(struct payload *p, struct metadata_table *t)
{
    struct cbor_item array, value;

    if (!cbor_expect(&p->r, CBOR_ARRAY, &array))
        return false;
    if (array.count % 2 || array.count / 2 > TP_LIMIT_TABLE_VALUES)
        return cbor_stop(&p->r, "metadata has a table of a wrong length");
    t->count = (uint32_t)(array.count / 2);
    t->values = payload_get(p, t->count * sizeof(*t->values));
    if (!t->values)
        return false;
    for (uint32_t i = 0; i < t->count; i++) {
        struct metadata_value *v = &t->values[i];

        if (!cbor_next(&p->r, &value))
            return false;
        if (value.type != CBOR_UNSIGNED && value.type != CBOR_NEGATIVE)
            return cbor_stop(&p->r, "metadata has a value of the wrong type");
        v->negative = value.type == CBOR_NEGATIVE;
        v->bits = v->negative ? ~value.number : value.number;
        v->index = i;
        if (!payload_name(p, &v->name) || !payload_keep(p, &v->name))
            return false;
    }
    return true;
}

static bool declared_table(struct payload *p, struct metadata_table *t)
{
    struct payload_map map;
    struct metadata_text key, kind = {0};
    bool good = true;

    if (!payload_open_map(p, &map))
        return false;
    while (good && payload_map_key(p, &map, &key)) {
        if (payload_is(&key, "name"))
            good = payload_name(p, &t->name) && payload_keep(p, &t->name);
        else if (payload_is(&key, "kind"))
            good = payload_name(p, &kind);
        else if (payload_is(&key, "values"))
            good = declared_values(p, t);
        else
            good = cbor_skip(&p->r);
    }
    if (!good || p->r.problem)
        return false;
    t->damaged = p->damaged && !map.whole;
    t->flags = payload_is(&kind, "flags");
    if (!t->flags && !payload_is(&kind, "enum"))
        return cbor_stop(&p->r, "metadata has a table of an unknown kind");
    if (!t->flags && t->count)
        qsort(t->values, t->count, sizeof(*t->values), declared_value_compare);
    return true;
}

bool declared_tables(struct payload *p)
{
    struct cbor_item array;

    if (!cbor_expect(&p->r, CBOR_ARRAY, &array))
        return false;
    if (p->tables)
        return cbor_stop(&p->r, "metadata has tables twice");
    /* The reader checked that so many items can be there: one byte each at least. */
    p->tables = payload_get(p, (size_t)array.count * sizeof(*p->tables));
    if (!p->tables)
        return false;
    for (; p->table_count < array.count; p->table_count++)
        if (!declared_table(p, &p->tables[p->table_count]))
            return false;
    return true;
}

static const struct metadata_kind {
    const char *name;
    enum metadata_type type;
    uint8_t width; /* 0: as large as a pointer */
} declared_kinds[] = {
    {"u8", METADATA_UNSIGNED, 1},  {"u16", METADATA_UNSIGNED, 2}, {"u32", METADATA_UNSIGNED, 4},
    {"u64", METADATA_UNSIGNED, 8}, {"s8", METADATA_SIGNED, 1},    {"s16", METADATA_SIGNED, 2},
    {"s32", METADATA_SIGNED, 4},   {"s64", METADATA_SIGNED, 8},   {"bool", METADATA_BOOL, 1},
    {"char", METADATA_CHAR, 1},    {"ptr", METADATA_PTR, 0},      {"str", METADATA_STR, 2},
    {"bytes", METADATA_BYTES, 2},  {"f32", METADATA_FLOAT, 4},    {"f64", METADATA_FLOAT, 8},
};

/* Sizes and type of a field that was read. NULL, or why it cannot be. */
static const char *declared_field_check(struct metadata_field *f)
{
    const struct metadata_kind *k = NULL;
    uint32_t count = f->array ? f->count : 1;

    for (size_t i = 0; i < sizeof(declared_kinds) / sizeof(declared_kinds[0]); i++)
        if (payload_is(&f->type_name, declared_kinds[i].name))
            k = &declared_kinds[i];
    if (!k)
        return "a field of an unknown type";
    f->type_name.bytes = k->name;
    f->type = k->type;
    if (f->size > DECLARED_RECORD_BYTES || f->at > DECLARED_RECORD_BYTES || !count ||
        count > DECLARED_RECORD_BYTES)
        return "a field that is too large";
    if (f->sequence)
        count = 1; /* `size` is that of an element */
    f->width = k->width;
    if (!k->width)
        f->width = f->size == 8 * count ? 8 : 4;
    if (f->size != f->width * count)
        return "a field whose size does not fit its type";
    if (f->array && (f->type == METADATA_STR || f->type == METADATA_BYTES))
        return "an array of a type that has none";
    if (f->sequence && f->count > TP_LIMIT_TAIL_BYTES / f->width)
        return "a sequence that is too long";
    if (f->sequence)
        f->size = sizeof(uint16_t);
    if (f->table && f->type != METADATA_UNSIGNED && f->type != METADATA_SIGNED)
        return "names for a field that is no integer";
    return NULL;
}

static bool declared_field_key(struct payload *p, struct metadata_field *f,
                               const struct metadata_text *key)
{
    uint32_t table;

    if (payload_is(key, "name"))
        return payload_name(p, &f->name) && payload_keep(p, &f->name);
    if (payload_is(key, "type"))
        return payload_name(p, &f->type_name);
    if (payload_is(key, "at"))
        return cbor_small(&p->r, &f->at);
    if (payload_is(key, "size"))
        return cbor_small(&p->r, &f->size);
    if (payload_is(key, "count") || payload_is(key, "max")) {
        if (f->array)
            return cbor_stop(&p->r, "metadata has a field that is an array twice");
        f->array = true;
        f->sequence = payload_is(key, "max");
        return cbor_small(&p->r, &f->count);
    }
    if (!payload_is(key, "table"))
        return cbor_skip(&p->r);
    if (!cbor_small(&p->r, &table))
        return false;
    if (table >= p->table_count)
        return cbor_stop(&p->r, "metadata refers to a table that is not there");
    f->table = &p->tables[table];
    return true;
}

static bool declared_fields(struct payload *p, struct metadata_event *e, const char **wrong)
{
    struct cbor_item array, map;
    struct metadata_text key;

    if (!cbor_expect(&p->r, CBOR_ARRAY, &array))
        return false;
    if (array.count > TP_LIMIT_FIELDS)
        return cbor_stop(&p->r, "metadata has an event with too many fields");
    e->field_count = (uint32_t)array.count;
    e->fields = payload_get(p, e->field_count * sizeof(*e->fields));
    if (!e->fields)
        return false;
    for (uint32_t i = 0; i < e->field_count; i++) {
        struct metadata_field *f = &e->fields[i];
        const char *problem;

        f->at = f->size = UINT32_MAX;
        if (!cbor_expect(&p->r, CBOR_MAP, &map))
            return false;
        for (uint64_t k = map.count; k--;)
            if (!payload_key(p, &key) || !declared_field_key(p, f, &key))
                return false;
        problem = f->name.n ? declared_field_check(f) : "a field without a name";
        if (problem)
            *wrong = problem;
    }
    return true;
}

/* Kept as it is: who asks what an event is reads it (its names and numbers are not ours). */
static bool declared_role(struct payload *p, struct metadata_text *role)
{
    const uint8_t *at = p->r.at;

    if (!cbor_skip(&p->r))
        return false;
    *role = (struct metadata_text){(const char *)at, (uint32_t)(p->r.at - at)};
    return payload_keep(p, role);
}

static bool declared_event_key(struct payload *p, struct metadata_event *e,
                               const struct metadata_text *key, const char **wrong)
{
    if (payload_is(key, "id"))
        return cbor_small(&p->r, &e->id);
    if (payload_is(key, "sys"))
        return payload_name(p, &e->sys) && payload_keep(p, &e->sys);
    if (payload_is(key, "name"))
        return payload_name(p, &e->name) && payload_keep(p, &e->name);
    if (payload_is(key, "fmt"))
        return payload_text(p, &e->fmt, 0, TP_LIMIT_FORMAT_BYTES) && payload_keep(p, &e->fmt);
    if (payload_is(key, "bytes"))
        return cbor_small(&p->r, &e->bytes);
    if (payload_is(key, "role"))
        return declared_role(p, &e->role);
    if (payload_is(key, "fields"))
        return e->fields ? cbor_stop(&p->r, "metadata has an event with fields twice")
                         : declared_fields(p, e, wrong);
    return cbor_skip(&p->r);
}

/* Do the fields lie inside the fixed part? Numbers the tails on the way. */
static const char *declared_event_check(struct metadata_event *e)
{
    if (!e->id || e->id > TP_ID_EVENT_MAX)
        return "an id that is not for events";
    if (!e->sys.n || !e->name.n || !e->fmt.bytes || !e->fields)
        return "a part missing";
    if (e->bytes > DECLARED_RECORD_BYTES)
        return "too large a fixed part";
    for (uint32_t i = 0; i < e->field_count; i++) {
        struct metadata_field *f = &e->fields[i];

        if (f->at > e->bytes || f->size > e->bytes - f->at)
            return "a field outside of its fixed part";
        if (!metadata_has_tail(f))
            continue;
        f->tail = (uint8_t)e->tail_count;
        e->tail_mask[f->tail] = f->sequence ? (uint8_t)(f->width - 1) : 0;
        e->tail_at[e->tail_count++] = (uint16_t)f->at;
    }
    return NULL;
}

static bool declared_text_same(const struct metadata_text *a, const struct metadata_text *b)
{
    return a->n == b->n && (!a->n || memcmp(a->bytes, b->bytes, a->n) == 0);
}

static bool declared_table_same(const struct metadata_table *a, const struct metadata_table *b)
{
    if (a == b)
        return true;
    if (!a || !b || a->flags != b->flags || a->count != b->count)
        return false;
    for (uint32_t i = 0; i < a->count; i++)
        if (declared_value_compare(&a->values[i], &b->values[i]) != 0 ||
            !declared_text_same(&a->values[i].name, &b->values[i].name))
            return false;
    return true;
}

static bool declared_event_same(const struct metadata_event *a, const struct metadata_event *b)
{
    if (a->bytes != b->bytes || a->field_count != b->field_count ||
        !declared_text_same(&a->sys, &b->sys) || !declared_text_same(&a->name, &b->name) ||
        !declared_text_same(&a->fmt, &b->fmt))
        return false;
    for (uint32_t i = 0; i < a->field_count; i++) {
        const struct metadata_field *f = &a->fields[i], *g = &b->fields[i];

        if (f->type != g->type || f->width != g->width || f->array != g->array ||
            f->sequence != g->sequence || f->count != g->count || f->at != g->at ||
            f->size != g->size || !declared_text_same(&f->name, &g->name) ||
            !declared_table_same(f->table, g->table))
            return false;
    }
    return true;
}

static void declared_event_put(struct payload *p, struct metadata_event *e)
{
    struct metadata *m = p->m;

    m->events = mem_reach(m->events, &m->event_slots, e->id, 64, sizeof(*m->events));
    m->events[e->id] = e;
}

/* Does it have a table that is damaged? */
static bool declared_needs_damaged(const struct metadata_event *e)
{
    for (uint32_t i = 0; i < e->field_count; i++)
        if (e->fields[i].table && e->fields[i].table->damaged)
            return true;
    return false;
}

bool declared_event(struct payload *p)
{
    struct payload_map map;
    struct metadata_text key;
    struct mem_arena before = p->m->arena;
    struct metadata_event *e = payload_get(p, sizeof(*e));
    const struct metadata_event *old;
    const char *wrong = NULL;

    if (!e || !payload_open_map(p, &map))
        return false;
    e->bytes = UINT32_MAX;
    while (payload_map_key(p, &map, &key))
        if (!declared_event_key(p, e, &key, &wrong))
            return false;
    if (p->r.problem)
        return false;
    if (!wrong)
        wrong = declared_event_check(e);
    p->whole = map.whole;
    old = metadata_event(p->m, e->id);
    if (p->damaged && (!map.whole || declared_needs_damaged(e))) {
        wrong = NULL; /* known already: that of all of it is wrong */
    } else if (wrong) {
        diag_damage(p->diag, "chunk %" PRIu64 ": event %" PRIu32 " has %s", p->chunk, e->id, wrong);
    } else if (old) {
        if (!declared_event_same(old, e))
            diag_damage(p->diag,
                        "chunk %" PRIu64 ": event %" PRIu32
                        " defined again as something else, kept the first",
                        p->chunk, e->id);
    } else {
        e->format = format_compile(e, &p->m->arena);
        if (!e->format)
            return cbor_stop(&p->r, PAYLOAD_FULL);
        declared_event_put(p, e);
        p->added = true;
        p->taken++;
        return true;
    }
    mem_arena_rewind(&p->m->arena, &before);
    return true;
}

bool declared_events(struct payload *p)
{
    struct cbor_item array;

    if (!cbor_expect(&p->r, CBOR_ARRAY, &array))
        return false;
    if (array.count > TP_ID_EVENT_MAX)
        return cbor_stop(&p->r, "metadata has too many events");
    for (uint64_t i = array.count; i--;)
        if (!declared_event(p))
            return false;
    p->have_events = true;
    return true;
}
