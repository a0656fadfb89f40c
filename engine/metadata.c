/* SPDX-License-Identifier: MIT */
/*
 * The metadata of doc/format.md section 5, in CBOR (RFC 8949). Only what that
 * needs of CBOR: integers, text, arrays and maps of known length.
 */
#include "engine.h"

struct cbor {
    uint8_t *out;
    size_t room, size; /* size counts on when room is used up */
};

enum { CBOR_UINT = 0, CBOR_NEGATIVE = 1, CBOR_TEXT = 3, CBOR_ARRAY = 4, CBOR_MAP = 5 };

static void put_byte(struct cbor *c, uint8_t byte)
{
    if (c->size < c->room)
        c->out[c->size] = byte;
    c->size++;
}

/* The first bytes of an item: its type and its value or length. */
static void put_head(struct cbor *c, uint8_t type, uint64_t value)
{
    uint8_t code = value < 24 ? (uint8_t)value : 24, bytes = 0;

    if (value >= 24)
        for (bytes = 1; bytes < 8 && value >> (8 * bytes); bytes *= 2)
            code++;
    put_byte(c, (uint8_t)(type << 5 | code));
    while (bytes--)
        put_byte(c, (uint8_t)(value >> (8 * bytes)));
}

static void put_text(struct cbor *c, const char *text)
{
    size_t n = 0;

    while (text[n])
        n++;
    put_head(c, CBOR_TEXT, n);
    for (size_t i = 0; i < n; i++)
        put_byte(c, (uint8_t)text[i]);
}

static void put_int(struct cbor *c, int64_t value)
{
    if (value < 0)
        put_head(c, CBOR_NEGATIVE, (uint64_t)(-1 - value));
    else
        put_head(c, CBOR_UINT, (uint64_t)value);
}

static void put_key_text(struct cbor *c, const char *key, const char *text)
{
    put_text(c, key);
    put_text(c, text);
}

static void put_key_uint(struct cbor *c, const char *key, uint64_t value)
{
    put_text(c, key);
    put_head(c, CBOR_UINT, value);
}

/* Numbers the tables that fields refer to, in the order in which they are met. */
static uint32_t number_tables(void)
{
    uint32_t tables = 0;

    for (uint32_t id = 1; id <= tp_events_count(); id++)
        for (uint32_t i = 0; i < tp_events_get(id)->fields; i++)
            if (tp_events_get(id)->field[i].table)
                tp_events_get(id)->field[i].table->index = UINT16_MAX;
    for (uint32_t id = 1; id <= tp_events_count(); id++)
        for (uint32_t i = 0; i < tp_events_get(id)->fields; i++) {
            struct tp_table *t = tp_events_get(id)->field[i].table;

            if (t && t->index == UINT16_MAX)
                t->index = (uint16_t)tables++;
        }
    return tables;
}

static void put_table(struct cbor *c, const struct tp_table *t)
{
    put_head(c, CBOR_MAP, 3);
    put_key_text(c, "name", t->name);
    put_key_text(c, "kind", t->flags ? "flags" : "enum");
    put_text(c, "values");
    put_head(c, CBOR_ARRAY, 2 * (uint64_t)t->values);
    for (uint32_t i = 0; i < t->values; i++) {
        put_int(c, t->value[i].value);
        put_text(c, t->value[i].name);
    }
}

static void put_tables(struct cbor *c)
{
    uint32_t tables = number_tables(), next = 0;

    put_text(c, "tables");
    put_head(c, CBOR_ARRAY, tables);
    for (uint32_t id = 1; id <= tp_events_count(); id++)
        for (uint32_t i = 0; i < tp_events_get(id)->fields; i++) {
            const struct tp_table *t = tp_events_get(id)->field[i].table;

            if (t && t->index == next) {
                put_table(c, t);
                next++;
            }
        }
}

static void put_field(struct cbor *c, const struct tp_field *f)
{
    put_head(c, CBOR_MAP, 4u + (f->count != 0) + (f->table != NULL));
    put_key_text(c, "name", f->name);
    put_key_text(c, "type", tp_types[f->type].name);
    put_key_uint(c, "at", f->at);
    put_key_uint(c, "size", tp_types[f->type].bytes * (f->count ? f->count : 1u));
    if (f->count)
        put_key_uint(c, "count", f->count);
    if (f->table)
        put_key_uint(c, "table", f->table->index);
}

static void put_event(struct cbor *c, const struct tp_event *e)
{
    put_head(c, CBOR_MAP, e->file ? 8 : 6);
    put_key_uint(c, "id", e->id);
    put_key_text(c, "sys", e->sys);
    put_key_text(c, "name", e->name);
    put_key_text(c, "fmt", e->fmt);
    put_key_uint(c, "bytes", e->bytes);
    if (e->file) {
        put_key_text(c, "file", e->file);
        put_key_uint(c, "line", e->line);
    }
    put_text(c, "fields");
    put_head(c, CBOR_ARRAY, e->fields);
    for (uint32_t i = 0; i < e->fields; i++)
        put_field(c, &e->field[i]);
}

size_t tp_metadata_write(uint8_t *out, size_t room, const struct tp_config *config)
{
    struct cbor cbor = {out, room, 0}, *c = &cbor;

    put_head(c, CBOR_MAP, 6);
    put_key_text(c, "tool", "tracepoint " TP_VERSION);
    put_text(c, "clock");
    put_head(c, CBOR_MAP, 2);
    put_key_uint(c, "hz", tp_port_clock_hz());
    put_key_text(c, "name", tp_port_clock_name);
    put_key_uint(c, "cpus", config->cpus);
    put_text(c, "buffer");
    put_head(c, CBOR_MAP, 4);
    put_key_text(c, "name", config->name);
    put_key_text(c, "mode", config->mode == TP_OVERWRITE ? "overwrite" : "discard");
    put_key_uint(c, "subbuf_bytes", config->subbuf_bytes);
    put_key_uint(c, "subbufs", config->subbufs);
    put_tables(c);
    put_text(c, "events");
    put_head(c, CBOR_ARRAY, tp_events_count());
    for (uint32_t id = 1; id <= tp_events_count(); id++)
        put_event(c, tp_events_get(id));
    return c->size;
}
