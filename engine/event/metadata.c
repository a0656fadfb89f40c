/* SPDX-License-Identifier: MIT */
/*
 * The metadata of doc/format.md section 5, in CBOR (RFC 8949), of which it needs only integers,
 * text, arrays and maps of known length.
 */
#include "events.h"

/* `size` counts all bytes; those from `from` on are stored while there is room. With `sum` a full
 * room is added to the checksum and used again. */
struct metadata_cbor {
    uint8_t *out;
    size_t from, room, size;
    bool sum;
    uint32_t crc;
    uint32_t map_crc; /* of what was written since metadata_begin_map */
};

enum {
    CBOR_UINT = 0,
    CBOR_NEGATIVE = 1,
    CBOR_BYTES = 2,
    CBOR_TEXT = 3,
    CBOR_ARRAY = 4,
    CBOR_MAP = 5
};

static void metadata_put_byte(struct metadata_cbor *c, uint8_t byte)
{
    if (c->sum && c->size - c->from == c->room) {
        c->crc = tp_crc(c->crc, c->out, c->room);
        c->from = c->size;
    }
    if (c->size - c->from < c->room) /* false before `from` too: the difference wraps */
        c->out[c->size - c->from] = byte;
    c->size++;
    c->map_crc = tp_crc(c->map_crc, &byte, 1);
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

static void metadata_put_bytes(struct metadata_cbor *c, const char *text, size_t n)
{
    metadata_put_head(c, CBOR_TEXT, n);
    for (size_t i = 0; i < n; i++)
        metadata_put_byte(c, (uint8_t)text[i]);
}

static void metadata_put_text(struct metadata_cbor *c, const char *text)
{
    metadata_put_bytes(c, text, tp_memory_text(text));
}

/* Keys, each with a value: after `key$` that is a text, after `key#` a number, after `key` and a
 * space nothing, since what follows is its value. */
static void metadata_put_pairs(struct metadata_cbor *c, const char *keys, const uintptr_t *value)
{
    size_t n;

    for (; *keys; keys += n + 1) {
        for (n = 0; keys[n] > '$'; n++)
            ;
        metadata_put_bytes(c, keys, n);
        if (keys[n] == '$')
            metadata_put_text(c, (const char *)*value++);
        else if (keys[n] == '#')
            metadata_put_head(c, CBOR_UINT, *value++);
    }
}
#define PAIRS(c, keys, ...) metadata_put_pairs(c, keys, (const uintptr_t[]){__VA_ARGS__})

/* A map that metadata_put_sum ends, which is one of its pairs. */
static void metadata_begin_map(struct metadata_cbor *c, uint32_t pairs)
{
    c->map_crc = 0;
    metadata_put_head(c, CBOR_MAP, pairs);
}

static void metadata_put_sum(struct metadata_cbor *c)
{
    PAIRS(c, "crc#", c->map_crc);
}

/* The events to be described: those of a section, or all that are left (`start` NULL). */
struct span {
    struct tp_event *const *start;
    uint32_t count;
};

/* The next event from *i on, or NULL. */
static struct tp_event *metadata_event(const struct span *s, uint32_t *i)
{
    struct tp_event *e = NULL;

    while (!e && *i < s->count) {
        e = s->start ? s->start[*i] : tp_event_get(*i + 1);
        ++*i;
    }
    return e;
}

/* The tables that fields refer to, as often as they do. */
struct metadata_walk {
    const struct span *span;
    uint32_t event, field;
    const struct tp_event *e;
};

static struct tp_table *metadata_table(struct metadata_walk *w)
{
    for (;;) {
        while (!w->e || w->field == w->e->fields) {
            w->e = metadata_event(w->span, &w->event);
            w->field = 0;
            if (!w->e)
                return NULL;
        }
        if (w->e->field[w->field++].table)
            return w->e->field[w->field - 1].table;
    }
}

static bool metadata_numbered; /* the tables of all events have their numbers */

/* Numbers the tables in the order in which they are met. Those of the image are numbered once,
 * since a pipe may be exporting them. */
static uint32_t metadata_number_tables(const struct span *s)
{
    static uint32_t image_tables;
    struct metadata_walk all = {.span = s}, again = all;
    uint32_t tables = 0;
    struct tp_table *t;

    if (!s->start && metadata_numbered && tp_events_alone())
        return image_tables;
    while ((t = metadata_table(&all)) != NULL)
        t->index = UINT16_MAX;
    while ((t = metadata_table(&again)) != NULL)
        if (t->index == UINT16_MAX)
            t->index = (uint16_t)tables++;
    metadata_numbered = !s->start && tp_events_alone();
    if (metadata_numbered)
        image_tables = tables;
    return tables;
}

static void metadata_put_table(struct metadata_cbor *c, const struct tp_table *t)
{
    metadata_begin_map(c, 4);
    PAIRS(c, "name$kind$values ", (uintptr_t)t->name, (uintptr_t)(t->flags ? "flags" : "enum"));
    metadata_put_head(c, CBOR_ARRAY, 2 * (uint64_t)t->values);
    for (uint32_t i = 0; i < t->values; i++) {
        int64_t v = t->value[i].value;

        metadata_put_head(c, v < 0 ? CBOR_NEGATIVE : CBOR_UINT, (uint64_t)(v < 0 ? -1 - v : v));
        metadata_put_text(c, t->value[i].name);
    }
    metadata_put_sum(c);
}

static void metadata_put_tables(struct metadata_cbor *c, const struct span *s)
{
    uint32_t tables = metadata_number_tables(s), next = 0;
    struct metadata_walk w = {.span = s};

    metadata_put_text(c, "tables");
    metadata_put_head(c, CBOR_ARRAY, tables);
    while (next < tables) {
        const struct tp_table *t = metadata_table(&w);

        if (t->index != next)
            continue;
        metadata_put_table(c, t);
        next++;
    }
}

static void metadata_put_field(struct metadata_cbor *c, const struct tp_field *f)
{
    const struct tp_type_info *type = &tp_types[f->type];
    bool sequence = f->count & TP_FIELD_SEQUENCE;

    metadata_put_head(c, CBOR_MAP, 4u + (f->count != 0) + (f->table != NULL));
    PAIRS(c, "name$type$at#size#", (uintptr_t)f->name, (uintptr_t)type->name, f->at,
          sequence ? type->bytes : tp_field_bytes(f));
    if (f->count)
        PAIRS(c, sequence ? "max#" : "count#", f->count & ~TP_FIELD_SEQUENCE);
    if (f->table)
        PAIRS(c, "table#", f->table->index);
}

static void metadata_put_event(struct metadata_cbor *c, const struct tp_event *e)
{
    uint32_t role_bytes = e->role ? e->role->bytes : 0;

    metadata_begin_map(c, 7u + (e->file ? 2 : 0) + (role_bytes != 0));
    PAIRS(c, "id#sys$name$fmt$bytes#", e->id, (uintptr_t)e->sys, (uintptr_t)e->name,
          (uintptr_t)e->fmt, e->bytes);
    if (e->file)
        PAIRS(c, "file$line#", (uintptr_t)e->file, e->line);
    metadata_put_text(c, "fields");
    metadata_put_head(c, CBOR_ARRAY, e->fields);
    for (uint32_t i = 0; i < e->fields; i++)
        metadata_put_field(c, &e->field[i]);
    if (role_bytes)
        metadata_put_text(c, "role");
    for (uint32_t i = 0; i < role_bytes; i++)
        metadata_put_byte(c, e->role->cbor[i]);
    metadata_put_sum(c);
}

static void metadata_put_events(struct metadata_cbor *c, const struct span *s)
{
    const struct tp_event *e;
    uint32_t there = 0;

    for (uint32_t i = 0; metadata_event(s, &i);)
        there++;
    metadata_put_text(c, "events");
    metadata_put_head(c, CBOR_ARRAY, there);
    for (uint32_t i = 0; (e = metadata_event(s, &i)) != NULL;)
        metadata_put_event(c, e);
}

static void metadata_put_clock(struct metadata_cbor *c)
{
    metadata_put_text(c, "clock");
    metadata_begin_map(c, 3);
    PAIRS(c, "name$hz ", (uintptr_t)tp_port_clock_name);
    metadata_put_head(c, CBOR_UINT, tp_port_clock_hz());
    metadata_put_sum(c);
}

static void metadata_put_image(struct metadata_cbor *c, const struct tp_image_id *image)
{
    metadata_put_text(c, "image");
    metadata_put_head(c, CBOR_MAP,
                      (image->base ? 1u : 0u) + (image->build_id ? 1u : 0u) +
                          (image->machine ? 1u : 0u));
    if (image->base) {
        metadata_put_text(c, "base");
        metadata_put_head(c, CBOR_UINT, image->base);
    }
    if (image->build_id) {
        metadata_put_text(c, "build_id");
        metadata_put_head(c, CBOR_BYTES, image->build_id_bytes);
        for (uint32_t i = 0; i < image->build_id_bytes; i++)
            metadata_put_byte(c, image->build_id[i]);
    }
    if (image->machine)
        PAIRS(c, "machine#", image->machine);
}

static void metadata_put(struct metadata_cbor *c, const struct tp_config *config)
{
    const struct span all = {NULL, tp_event_last()};

    metadata_put_head(c, CBOR_MAP, 6u + (config->host != NULL) + (config->image != NULL));
    if (config->host)
        PAIRS(c, "host$", (uintptr_t)config->host);
    if (config->image)
        metadata_put_image(c, config->image);
    PAIRS(c, "tool$cpus#", (uintptr_t) "tracepoint " TP_VERSION, config->cpus);
    metadata_put_clock(c);
    metadata_put_text(c, "buffer");
    metadata_put_head(c, CBOR_MAP, 4);
    PAIRS(c, "name$mode$subbuf_bytes#subbufs#", (uintptr_t)(config->name ? config->name : "trace"),
          (uintptr_t)(config->mode == TP_OVERWRITE ? "overwrite" : "discard"), config->subbuf_bytes,
          config->subbufs);
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

size_t tp_metadata_more(uint8_t *out, size_t room, struct tp_event *const *start, uint32_t count)
{
    struct metadata_cbor cbor = {.out = out, .room = room}, *c = &cbor;
    const struct span added = {start, count};

    if (!count) {
        metadata_put_head(c, CBOR_MAP, 3);
        metadata_put_clock(c);
        metadata_put_text(c, "tables");
        metadata_put_head(c, CBOR_ARRAY, 0);
        metadata_put_text(c, "events");
        metadata_put_head(c, CBOR_ARRAY, 0);
        return c->size;
    }
    metadata_put_head(c, CBOR_MAP, 2);
    metadata_put_tables(c, &added);
    metadata_put_events(c, &added);
    return c->size;
}
