/* SPDX-License-Identifier: MIT */
/* schema.c - what makes two events the same, in one number. */
#include "model/schema.h"

#include "base/crc.h"

static void schema_bytes(struct schema *s, const void *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        s->hash = (s->hash ^ ((const uint8_t *)bytes)[i]) * 0x100000001b3u;
    s->crc = crc_add(s->crc, bytes, n);
}

static void schema_text(struct schema *s, const struct metadata_text *t)
{
    schema_bytes(s, t->bytes, t->n);
    schema_bytes(s, "", 1);
}

/* The lowest byte first. */
static void schema_number(struct schema *s, uint64_t v, unsigned bytes)
{
    for (; bytes; bytes--, v >>= 8)
        schema_bytes(s, &(uint8_t){(uint8_t)v}, 1);
}

/* Values in the order of the definition; an enum has them sorted. */
static void schema_table(struct schema *s, const struct metadata_table *t)
{
    uint16_t place[TP_LIMIT_TABLE_VALUES];

    schema_number(s, t ? 1u + t->flags : 0, 1);
    if (!t)
        return;
    schema_number(s, t->count, 4);
    for (uint32_t i = 0; i < t->count; i++)
        place[t->values[i].index] = (uint16_t)i;
    for (uint32_t i = 0; i < t->count; i++) {
        const struct metadata_value *v = &t->values[place[i]];

        schema_number(s, v->bits, 8);
        schema_text(s, &v->name);
    }
}

void schema_add(struct schema *s, const struct metadata_event *e)
{
    schema_text(s, &e->sys);
    schema_text(s, &e->name);
    schema_text(s, &e->fmt);
    for (uint32_t i = 0; i < e->field_count; i++) {
        const struct metadata_field *f = &e->fields[i];

        schema_text(s, &f->name);
        schema_text(s, &f->type_name);
        schema_number(s, (f->array ? f->count : 0) | (f->sequence ? 0x8000u : 0), 2);
        schema_table(s, f->table);
    }
}
