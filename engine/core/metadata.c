/* SPDX-License-Identifier: MIT */
/*
 * The metadata of doc/format.md section 5, in CBOR (RFC 8949), of which it needs only integers,
 * text, arrays and maps of known length.
 */
#include "core.h"

/* `size` counts all bytes; those from `from` on are stored while there is room. With `sum` a full
 * room is added to the checksum and used again. */
struct metadata_cbor {
    uint8_t *out;
    size_t from, room, size;
    bool sum;
    uint32_t crc;
};

enum { CBOR_UINT = 0, CBOR_NEGATIVE = 1, CBOR_TEXT = 3, CBOR_ARRAY = 4, CBOR_MAP = 5 };

static void metadata_put_byte(struct metadata_cbor *c, uint8_t byte)
{
    if (c->sum && c->size - c->from == c->room) {
        c->crc = tp_crc(c->crc, c->out, c->room);
        c->from = c->size;
    }
    if (c->size - c->from < c->room) /* false before `from` too: the difference wraps */
        c->out[c->size - c->from] = byte;
    c->size++;
}

/* The first bytes of an item: its type and its value or length. */
static void metadata_put_head(struct metadata_cbor *c, uint8_t type, uint64_t value)
{
    uint8_t code = value < 24 ? (uint8_t)value : 24, bytes = 0;

    if (value >= 24)
        for (bytes = 1; bytes < 8 && value >> (8 * bytes); bytes *= 2)
            code++;
    metadata_put_byte(c, (uint8_t)(type << 5 | code));
    while (bytes--)
        metadata_put_byte(c, (uint8_t)(value >> (8 * bytes)));
}

static void metadata_put_text(struct metadata_cbor *c, const char *text)
{
    size_t n = tp_memory_text(text);

    metadata_put_head(c, CBOR_TEXT, n);
    for (size_t i = 0; i < n; i++)
        metadata_put_byte(c, (uint8_t)text[i]);
}

static void metadata_put_int(struct metadata_cbor *c, int64_t value)
{
    if (value < 0)
        metadata_put_head(c, CBOR_NEGATIVE, (uint64_t)(-1 - value));
    else
        metadata_put_head(c, CBOR_UINT, (uint64_t)value);
}

static void metadata_put_key_text(struct metadata_cbor *c, const char *key, const char *text)
{
    metadata_put_text(c, key);
    metadata_put_text(c, text);
}

static void metadata_put_key_uint(struct metadata_cbor *c, const char *key, uint64_t value)
{
    metadata_put_text(c, key);
    metadata_put_head(c, CBOR_UINT, value);
}

/* The events to be described: those of a section, or all that are left (`start` NULL). */
struct span {
    struct tp_event *const *start;
    uint32_t count;
};

static struct tp_event *metadata_event(const struct span *s, uint32_t i)
{
    return s->start ? s->start[i] : tp_event_get(i + 1);
}

static bool metadata_numbered; /* the tables of all events have their numbers */

static uint32_t metadata_fields(const struct span *s, uint32_t i)
{
    const struct tp_event *e = metadata_event(s, i);

    return e ? e->fields : 0;
}

/* Numbers the tables that fields refer to, in the order in which they are met. Those of the image
 * are numbered once, since a pipe may be exporting them. */
static uint32_t metadata_number_tables(const struct span *s)
{
    static uint32_t image_tables;
    uint32_t tables = 0;

    if (!s->start && metadata_numbered && tp_events_alone())
        return image_tables;

    for (uint32_t i = 0; i < s->count; i++)
        for (uint32_t k = 0; k < metadata_fields(s, i); k++)
            if (metadata_event(s, i)->field[k].table)
                metadata_event(s, i)->field[k].table->index = UINT16_MAX;
    for (uint32_t i = 0; i < s->count; i++)
        for (uint32_t k = 0; k < metadata_fields(s, i); k++) {
            struct tp_table *t = metadata_event(s, i)->field[k].table;

            if (t && t->index == UINT16_MAX)
                t->index = (uint16_t)tables++;
        }
    metadata_numbered = !s->start && tp_events_alone();
    if (metadata_numbered)
        image_tables = tables;
    return tables;
}

static void metadata_put_table(struct metadata_cbor *c, const struct tp_table *t)
{
    metadata_put_head(c, CBOR_MAP, 3);
    metadata_put_key_text(c, "name", t->name);
    metadata_put_key_text(c, "kind", t->flags ? "flags" : "enum");
    metadata_put_text(c, "values");
    metadata_put_head(c, CBOR_ARRAY, 2 * (uint64_t)t->values);
    for (uint32_t i = 0; i < t->values; i++) {
        metadata_put_int(c, t->value[i].value);
        metadata_put_text(c, t->value[i].name);
    }
}

static void metadata_put_tables(struct metadata_cbor *c, const struct span *s)
{
    uint32_t tables = metadata_number_tables(s), next = 0;

    metadata_put_text(c, "tables");
    metadata_put_head(c, CBOR_ARRAY, tables);
    for (uint32_t i = 0; i < s->count; i++)
        for (uint32_t k = 0; k < metadata_fields(s, i); k++) {
            const struct tp_table *t = metadata_event(s, i)->field[k].table;

            if (t && t->index == next) {
                metadata_put_table(c, t);
                next++;
            }
        }
}

static void metadata_put_field(struct metadata_cbor *c, const struct tp_field *f)
{
    metadata_put_head(c, CBOR_MAP, 4u + (f->count != 0) + (f->table != NULL));
    metadata_put_key_text(c, "name", f->name);
    metadata_put_key_text(c, "type", tp_types[f->type].name);
    metadata_put_key_uint(c, "at", f->at);
    metadata_put_key_uint(c, "size", tp_types[f->type].bytes * (f->count ? f->count : 1u));
    if (f->count)
        metadata_put_key_uint(c, "count", f->count);
    if (f->table)
        metadata_put_key_uint(c, "table", f->table->index);
}

static void metadata_put_event(struct metadata_cbor *c, const struct tp_event *e)
{
    metadata_put_head(c, CBOR_MAP, e->file ? 9 : 7);
    metadata_put_key_uint(c, "id", e->id);
    metadata_put_key_text(c, "sys", e->sys);
    metadata_put_key_text(c, "name", e->name);
    metadata_put_key_text(c, "fmt", e->fmt);
    metadata_put_key_uint(c, "bytes", e->bytes);
    metadata_put_key_uint(c, "hash", tp_event_hash(e));
    if (e->file) {
        metadata_put_key_text(c, "file", e->file);
        metadata_put_key_uint(c, "line", e->line);
    }
    metadata_put_text(c, "fields");
    metadata_put_head(c, CBOR_ARRAY, e->fields);
    for (uint32_t i = 0; i < e->fields; i++)
        metadata_put_field(c, &e->field[i]);
}

static void metadata_put_events(struct metadata_cbor *c, const struct span *s)
{
    uint32_t there = 0;

    for (uint32_t i = 0; i < s->count; i++)
        there += metadata_event(s, i) != NULL;
    metadata_put_text(c, "events");
    metadata_put_head(c, CBOR_ARRAY, there);
    for (uint32_t i = 0; i < s->count; i++)
        if (metadata_event(s, i))
            metadata_put_event(c, metadata_event(s, i));
}

static void metadata_put(struct metadata_cbor *c, const struct tp_config *config)
{
    const struct span all = {NULL, tp_event_last()};

    metadata_put_head(c, CBOR_MAP, 6);
    metadata_put_key_text(c, "tool", "tracepoint " TP_VERSION);
    metadata_put_text(c, "clock");
    metadata_put_head(c, CBOR_MAP, 2);
    metadata_put_key_uint(c, "hz", tp_port_clock_hz());
    metadata_put_key_text(c, "name", tp_port_clock_name);
    metadata_put_key_uint(c, "cpus", config->cpus);
    metadata_put_text(c, "buffer");
    metadata_put_head(c, CBOR_MAP, 4);
    metadata_put_key_text(c, "name", config->name ? config->name : "trace");
    metadata_put_key_text(c, "mode", config->mode == TP_OVERWRITE ? "overwrite" : "discard");
    metadata_put_key_uint(c, "subbuf_bytes", config->subbuf_bytes);
    metadata_put_key_uint(c, "subbufs", config->subbufs);
    metadata_put_tables(c, &all);
    metadata_put_events(c, &all);
}

size_t tp_metadata_write(uint8_t *out, size_t from, size_t room, const struct tp_config *config)
{
    struct metadata_cbor c = {.out = out, .from = from, .room = room};

    metadata_put(&c, config);
    return c.size;
}

uint32_t tp_metadata_crc(uint8_t *out, size_t room, const struct tp_config *config)
{
    struct metadata_cbor c = {.out = out, .room = room, .sum = true};

    metadata_put(&c, config);
    while (c.size & 7)
        metadata_put_byte(&c, 0);
    return tp_crc(c.crc, out, c.size - c.from);
}

uint32_t tp_metadata_events_crc(void)
{
    uint32_t crc = 0;

    for (uint32_t i = 0; i < tp_image.count; i++) {
        uint64_t hash = tp_event_hash(tp_image.start[i]);
        uint8_t bytes[sizeof(hash)];

        for (unsigned k = 0; k < sizeof(bytes); k++)
            bytes[k] = (uint8_t)(hash >> 8 * k);
        crc = tp_crc(crc, bytes, sizeof(bytes));
    }
    return crc;
}

size_t tp_metadata_more(uint8_t *out, size_t room, struct tp_event *const *start, uint32_t count)
{
    struct metadata_cbor cbor = {.out = out, .room = room}, *c = &cbor;
    const struct span added = {start, count};

    metadata_put_head(c, CBOR_MAP, 2);
    metadata_put_tables(c, &added);
    metadata_put_events(c, &added);
    return c->size;
}
