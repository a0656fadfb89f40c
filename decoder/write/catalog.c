/* SPDX-License-Identifier: MIT */
/* catalog.c - the events of several captures as one metadata. */
#include "write/catalog.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define CATALOG_IDS (TP_ID_EVENT_MAX + 1u)
#define CATALOG_ROOM_BYTES 1024u /* of the payload, for all but events and tables */

/* Types of CBOR. */
enum { CATALOG_UNSIGNED, CATALOG_NEGATIVE, CATALOG_TEXT = 3, CATALOG_ARRAY, CATALOG_MAP };

static void catalog_head(struct pack *p, unsigned type, uint64_t v)
{
    uint8_t head[9] = {(uint8_t)(type << 5)};
    unsigned bytes = v < 24            ? 0
                     : v <= UINT8_MAX  ? 1
                     : v <= UINT16_MAX ? 2
                     : v <= UINT32_MAX ? 4
                                       : 8;

    head[0] |= (uint8_t)(bytes == 0 ? v : bytes == 1 ? 24 : bytes == 2 ? 25 : bytes == 4 ? 26 : 27);
    for (unsigned i = 0; i < bytes; i++)
        head[1 + i] = (uint8_t)(v >> 8 * (bytes - 1 - i));
    pack_add(p, head, 1 + bytes);
}

static void catalog_bytes(struct pack *p, const struct metadata_text *t)
{
    catalog_head(p, CATALOG_TEXT, t->n);
    pack_add(p, t->bytes, t->n);
}

static void catalog_word(struct pack *p, const char *text)
{
    struct metadata_text t = {text, (uint32_t)strlen(text)};

    catalog_bytes(p, &t);
}

static void catalog_text_of(struct pack *p, const char *key, const struct metadata_text *t)
{
    catalog_word(p, key);
    catalog_bytes(p, t);
}

static void catalog_number(struct pack *p, const char *key, uint64_t v)
{
    catalog_word(p, key);
    catalog_head(p, CATALOG_UNSIGNED, v);
}

static struct catalog_text catalog_take(const struct pack *p)
{
    struct catalog_text t = {mem_alloc(p->n), (uint32_t)p->n, false};

    memcpy(t.bytes, p->bytes, p->n);
    return t;
}

static bool catalog_same(const struct catalog_text *a, const struct pack *p)
{
    return a->n == p->n && !memcmp(a->bytes, p->bytes, p->n);
}

/* Is there room for it? Then it counts. */
static bool catalog_room(struct catalog *g, size_t n)
{
    if (g->bytes + n > TP_LIMIT_METADATA_BYTES - CATALOG_ROOM_BYTES)
        return false;
    g->bytes += n;
    g->version++;
    return true;
}

/* The number of a table; CATALOG_TABLES_MAX: there are too many. */
static uint32_t catalog_table(struct catalog *g, const struct metadata_table *t)
{
    struct pack *p = &g->table;
    uint32_t i;

    p->n = 0;
    catalog_head(p, CATALOG_MAP, 3);
    catalog_text_of(p, "name", &t->name);
    catalog_word(p, "kind");
    catalog_word(p, t->flags ? "flags" : "enum");
    catalog_word(p, "values");
    catalog_head(p, CATALOG_ARRAY, 2ull * t->count);
    for (i = 0; i < t->count; i++) {
        const struct metadata_value *v = &t->values[i];

        catalog_head(p, v->negative ? CATALOG_NEGATIVE : CATALOG_UNSIGNED,
                     v->negative ? ~v->bits : v->bits);
        catalog_bytes(p, &v->name);
    }
    for (i = 0; i < g->table_count && !catalog_same(&g->tables[i], p); i++)
        ;
    if (i < g->table_count || i == CATALOG_TABLES_MAX || !catalog_room(g, p->n))
        return i < g->table_count ? i : CATALOG_TABLES_MAX;
    g->tables[g->table_count++] = catalog_take(p);
    return i;
}

static bool catalog_field(struct catalog *g, struct pack *p, const struct metadata_field *f)
{
    uint32_t table = f->table ? catalog_table(g, f->table) : 0;

    catalog_head(p, CATALOG_MAP, 4u + f->array + (f->table != NULL));
    catalog_text_of(p, "name", &f->name);
    catalog_text_of(p, "type", &f->type_name);
    catalog_number(p, "at", f->at);
    catalog_number(p, "size", f->sequence ? f->width : f->size);
    if (f->array)
        catalog_number(p, f->sequence ? "max" : "count", f->count);
    if (f->table)
        catalog_number(p, "table", table);
    return table < CATALOG_TABLES_MAX;
}

/* All of it but the id, which comes before it; false: too many tables. */
static bool catalog_event(struct catalog *g, struct pack *p, const struct metadata_event *e)
{
    bool good = true;

    catalog_text_of(p, "sys", &e->sys);
    catalog_text_of(p, "name", &e->name);
    catalog_text_of(p, "fmt", &e->fmt);
    catalog_number(p, "bytes", e->bytes);
    catalog_word(p, "fields");
    catalog_head(p, CATALOG_ARRAY, e->field_count);
    for (uint32_t i = 0; i < e->field_count && good; i++)
        good = catalog_field(g, p, &e->fields[i]);
    if (e->role.n) {
        catalog_word(p, "role");
        pack_add(p, e->role.bytes, e->role.n);
    }
    return good;
}

/* The id of an event that is `p` and was `id`; 0: there is no room. */
static uint32_t catalog_place(struct catalog *g, struct pack *p, uint32_t id)
{
    if (g->events[id].bytes && catalog_same(&g->events[id], p))
        return id;
    if (g->events[id].bytes) {
        while (g->free_id < CATALOG_IDS && g->events[g->free_id].bytes)
            g->free_id++;
        id = g->free_id;
    }
    if (id == CATALOG_IDS || !catalog_room(g, p->n + 16))
        return 0;
    g->events[id] = catalog_take(p);
    return id;
}

static struct catalog_map *catalog_map(struct catalog *g, uint32_t number)
{
    if (number >= g->map_count) {
        g->maps = mem_grow(g->maps, (number + 1) * sizeof(*g->maps));
        memset(g->maps + g->map_count, 0, (number + 1 - g->map_count) * sizeof(*g->maps));
        g->map_count = number + 1;
    }
    return &g->maps[number];
}

bool catalog_add(struct catalog *g, const struct stream *s)
{
    struct catalog_map *map = catalog_map(g, s->number);
    const struct metadata *m = &s->metadata;

    if (!g->events) {
        g->events = mem_zero(CATALOG_IDS * sizeof(*g->events));
        g->free_id = 1;
    }
    if (map->known == s->copies.count)
        return true;
    map->known = s->copies.count;
    if (m->cpus > g->cpus)
        g->cpus = m->cpus;
    map->ids = mem_grow(map->ids, m->event_slots * sizeof(*map->ids));
    for (uint32_t id = map->count; id < m->event_slots; id++)
        map->ids[id] = 0;
    map->count = m->event_slots;
    for (uint32_t id = 1; id < m->event_slots; id++) {
        if (!m->events[id] || map->ids[id])
            continue;
        g->event.n = 0;
        if (!catalog_event(g, &g->event, m->events[id]))
            return false;
        map->ids[id] = catalog_place(g, &g->event, id);
        if (!map->ids[id])
            return false;
        g->events[map->ids[id]].role = m->events[id]->role.n;
    }
    return true;
}

uint32_t catalog_id(const struct catalog *g, const struct stream *s, uint32_t id)
{
    const struct catalog_map *map = &g->maps[s->number];

    return id < map->count && map->ids[id] ? map->ids[id] : id;
}

void catalog_forget(struct catalog *g, const struct stream *s)
{
    struct catalog_map *map = catalog_map(g, s->number);

    free(map->ids);
    *map = (struct catalog_map){0};
}

void catalog_payload(const struct catalog *g, struct pack *p, const struct metadata_text *tool,
                     uint64_t clock_hz)
{
    uint32_t events = 0;

    for (uint32_t id = 1; id < CATALOG_IDS; id++)
        events += g->events[id].bytes != NULL;
    catalog_head(p, CATALOG_MAP, tool->n ? 6 : 5);
    if (tool->n)
        catalog_text_of(p, "tool", tool);
    catalog_word(p, "clock");
    catalog_head(p, CATALOG_MAP, 2);
    catalog_number(p, "hz", clock_hz);
    catalog_word(p, "name");
    catalog_word(p, "merged");
    catalog_number(p, "cpus", g->cpus);
    catalog_word(p, "buffer");
    catalog_head(p, CATALOG_MAP, 4);
    catalog_word(p, "name");
    catalog_word(p, "merged");
    catalog_word(p, "mode");
    catalog_word(p, "discard");
    catalog_number(p, "subbuf_bytes", 0);
    catalog_number(p, "subbufs", 0);
    catalog_word(p, "tables");
    catalog_head(p, CATALOG_ARRAY, g->table_count);
    for (uint32_t i = 0; i < g->table_count; i++)
        pack_add(p, g->tables[i].bytes, g->tables[i].n);
    catalog_word(p, "events");
    catalog_head(p, CATALOG_ARRAY, events);
    for (uint32_t id = 1; id < CATALOG_IDS; id++)
        if (g->events[id].bytes) {
            catalog_head(p, CATALOG_MAP, 6u + g->events[id].role);
            catalog_number(p, "id", id);
            pack_add(p, g->events[id].bytes, g->events[id].n);
        }
}

void catalog_close(struct catalog *g)
{
    for (uint32_t id = 0; g->events && id < CATALOG_IDS; id++)
        free(g->events[id].bytes);
    for (uint32_t i = 0; i < g->table_count; i++)
        free(g->tables[i].bytes);
    for (uint32_t i = 0; i < g->map_count; i++)
        free(g->maps[i].ids);
    free(g->event.bytes);
    free(g->table.bytes);
    free(g->events);
    free(g->maps);
    *g = (struct catalog){0};
}
