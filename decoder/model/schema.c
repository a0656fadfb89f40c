/* SPDX-License-Identifier: MIT */
/* schema.c - one number for how an event is defined. */
#include "model/schema.h"

static uint64_t schema_byte(uint64_t h, uint8_t byte)
{
    return (h ^ byte) * 0x100000001b3u;
}

static uint64_t schema_text(uint64_t h, const struct metadata_text *t)
{
    for (uint32_t i = 0; i < t->n; i++)
        h = schema_byte(h, (uint8_t)t->bytes[i]);
    return schema_byte(h, 0);
}

/* The lowest byte first. */
static uint64_t schema_number(uint64_t h, uint64_t v, unsigned bytes)
{
    for (; bytes; bytes--, v >>= 8)
        h = schema_byte(h, (uint8_t)v);
    return h;
}

/* Values in the order of the definition; an enum has them sorted. */
static uint64_t schema_table(uint64_t h, const struct metadata_table *t)
{
    uint16_t place[TP_LIMIT_TABLE_VALUES];

    if (!t)
        return schema_byte(h, 0);
    h = schema_number(schema_byte(h, t->flags ? 2 : 1), t->count, 4);
    for (uint32_t i = 0; i < t->count; i++)
        place[t->values[i].index] = (uint16_t)i;
    for (uint32_t i = 0; i < t->count; i++) {
        const struct metadata_value *v = &t->values[place[i]];

        h = schema_text(schema_number(h, v->bits, 8), &v->name);
    }
    return h;
}

uint64_t schema_hash(const struct metadata_event *e)
{
    uint64_t h = 0xcbf29ce484222325u;

    h = schema_text(schema_text(schema_text(h, &e->sys), &e->name), &e->fmt);
    for (uint32_t i = 0; i < e->field_count; i++) {
        const struct metadata_field *f = &e->fields[i];

        h = schema_text(schema_text(h, &f->name), &f->type_name);
        h = schema_table(schema_number(h, f->array ? f->count : 0, 2), f->table);
    }
    return h;
}
