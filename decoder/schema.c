/* SPDX-License-Identifier: MIT */
/* schema.c - the library: what can be asked about an event. */
#include <string.h>
#include <tp/decode.h>

#include "metadata.h"

static const struct metadata_event *schema_event(const struct tp_dump_event *event)
{
    return (const struct metadata_event *)event;
}

/* Texts of metadata have a NUL behind them. */
const char *tp_dump_event_system(const struct tp_dump_event *event)
{
    return schema_event(event)->sys.bytes;
}

const char *tp_dump_event_name(const struct tp_dump_event *event)
{
    return schema_event(event)->name.bytes;
}

const char *tp_dump_event_format(const struct tp_dump_event *event)
{
    return schema_event(event)->fmt.bytes;
}

uint32_t tp_dump_event_id(const struct tp_dump_event *event)
{
    return schema_event(event)->id;
}

uint32_t tp_dump_event_fields(const struct tp_dump_event *event)
{
    return schema_event(event)->field_count;
}

int tp_dump_event_field(const struct tp_dump_event *event, uint32_t field, struct tp_dump_field *to)
{
    const struct metadata_event *e = schema_event(event);
    const struct metadata_field *f;

    if (field >= e->field_count)
        return TP_DUMP_ENONE;
    f = &e->fields[field];
    *to = (struct tp_dump_field){.name = f->name.bytes,
                                 .type_name = f->type_name.bytes,
                                 .type = (enum tp_dump_type)f->type,
                                 .width_bytes = f->width,
                                 .count = f->array ? f->count : 0};
    if (f->table) {
        to->table = f->table->name.bytes ? f->table->name.bytes : "";
        to->is_flags = f->table->flags;
    }
    return 0;
}

int tp_dump_event_find(const struct tp_dump_event *event, const char *name)
{
    const struct metadata_event *e = schema_event(event);

    for (uint32_t i = 0; i < e->field_count; i++)
        if (strcmp(e->fields[i].name.bytes, name) == 0)
            return (int)i;
    return TP_DUMP_ENONE;
}

/* --- the hash: FNV-1a of 64 bits, doc/format.md section 5 --- */

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

static uint64_t schema_hash(const struct metadata_event *e)
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

uint64_t tp_dump_event_hash(const struct tp_dump_event *event)
{
    /* Who has one has the dump, which none but one thread uses. */
    struct metadata_event *e = (struct metadata_event *)(uintptr_t)event;

    if (!e->hash)
        e->hash = schema_hash(e);
    return e->hash;
}
