/* SPDX-License-Identifier: MIT */
/* metadata.c - what the metadata of a stream says: clock, events, names. */
#include "model/metadata.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cbor.h"
#include "base/crc.h"
#include "base/diag.h"
#include "model/format.h"

#define METADATA_RECORD_BYTES 32760u
#define METADATA_FULL "metadata takes more than 24 MiB to keep"
#define METADATA_SALVAGE_WORK 16u /* times the bytes of a damaged payload that are read, at most */
#define METADATA_BAD_MAPS 8u      /* in one payload; what follows them is ignored */

/* One payload while it is read. */
struct metadata_load {
    struct metadata *m;
    struct cbor_reader r;
    struct diag_file *diag;
    uint64_t chunk;
    struct metadata_table *tables;
    uint32_t table_count;
    uint32_t bad;   /* maps */
    uint32_t taken; /* events */
    bool whole;     /* the last event */
    bool have_cpus, have_clock, have_events;
    bool clock;   /* of any of the maps */
    bool further; /* not the first map of the payload: it has no more than tables and events */
    bool damaged; /* the checksum of it all is wrong: only what has a right one of its own counts */
    bool added;   /* something that is kept, by this map */
};

static void *metadata_get(struct metadata_load *l, size_t bytes)
{
    void *p = mem_arena_get(&l->m->arena, bytes);

    if (!p)
        cbor_stop(&l->r, METADATA_FULL);
    return p;
}

/* A text of min to max bytes, still inside the payload. */
static bool metadata_text(struct metadata_load *l, struct metadata_text *t, uint32_t min,
                          uint32_t max)
{
    struct cbor_item item;

    if (!cbor_expect(&l->r, CBOR_TEXT, &item))
        return false;
    if (item.count < min || item.count > max)
        return cbor_stop(&l->r, "metadata has a text that is too long or empty");
    t->bytes = (const char *)item.bytes;
    t->n = (uint32_t)item.count;
    return true;
}

static bool metadata_name(struct metadata_load *l, struct metadata_text *t)
{
    return metadata_text(l, t, 1, TP_LIMIT_NAME_BYTES);
}

/* A copy that stays after the payload is gone. */
static bool metadata_keep(struct metadata_load *l, struct metadata_text *t)
{
    char *p = metadata_get(l, t->n + 1u);

    if (!p)
        return false;
    if (t->n)
        memcpy(p, t->bytes, t->n);
    t->bytes = p;
    return true;
}

static bool metadata_is(const struct metadata_text *t, const char *text)
{
    return t->n == strlen(text) && memcmp(t->bytes, text, t->n) == 0;
}

/* The next key of a map. Keys longer than a name are none that we know. */
static bool metadata_key(struct metadata_load *l, struct metadata_text *key)
{
    return metadata_text(l, key, 0, UINT32_MAX);
}

/* A map that may have a checksum of its own. */
struct metadata_map {
    const uint8_t *from; /* its first byte */
    uint64_t left;       /* pairs still to come */
    bool whole;          /* the checksum was there, and right */
};

static bool metadata_open_map(struct metadata_load *l, struct metadata_map *map)
{
    struct cbor_item item;

    map->from = l->r.at;
    map->whole = false;
    if (!cbor_expect(&l->r, CBOR_MAP, &item))
        return false;
    map->left = item.count;
    return true;
}

/* The next key; false: the last was that, or there is a problem. The checksum is taken here. */
static bool metadata_map_key(struct metadata_load *l, struct metadata_map *map,
                             struct metadata_text *key)
{
    const uint8_t *at = l->r.at;
    uint32_t sum;

    if (!map->left || !metadata_key(l, key))
        return false;
    map->left--;
    if (map->left || !metadata_is(key, "crc"))
        return true;
    if (cbor_small(&l->r, &sum))
        map->whole = crc_add(0, map->from, (size_t)(at - map->from)) == sum;
    return false;
}

/* A text that is only shown, from beside the reader. False: it is none, it is too long, or there is no
 * memory, which is the only problem of the payload. */
static bool metadata_note(struct metadata_load *l, struct cbor_reader *look,
                          struct metadata_text *to)
{
    struct cbor_item item;
    struct metadata_text t;

    if (!cbor_expect(look, CBOR_TEXT, &item) || item.count > TP_LIMIT_NAME_BYTES)
        return false;
    t = (struct metadata_text){(const char *)item.bytes, (uint32_t)item.count};
    if (!metadata_keep(l, &t))
        return false;
    *to = t;
    return true;
}

static bool metadata_clock(struct metadata_load *l)
{
    struct metadata_map map;
    struct metadata_text key, name = {0};
    uint64_t hz = 0;
    bool told = false;

    if (!metadata_open_map(l, &map))
        return false;
    while (metadata_map_key(l, &map, &key)) {
        struct cbor_reader look = l->r;

        if (!l->m->known && metadata_is(&key, "name"))
            (void)metadata_note(l, &look, &name);
        if (metadata_is(&key, "hz") ? !cbor_unsigned(&l->r, &hz) : !cbor_skip(&l->r))
            return false;
        told = told || metadata_is(&key, "hz");
    }
    if (l->r.problem)
        return false;
    if (l->damaged && !map.whole)
        return true;
    if (!told)
        return cbor_stop(&l->r, "metadata has no clock rate");
    if (l->m->known && hz && l->m->clock_told && l->m->clock_told != hz)
        return cbor_stop(&l->r, "metadata gives the clock another rate than before");
    if (hz)
        l->m->clock_told = hz;
    if (name.n)
        l->m->clock_name = name;
    l->have_clock = l->clock = true;
    return true;
}

/* One pair of the map. False: it is not as it should be, or there is no memory. */
static bool metadata_buffer_key(struct metadata_load *l, struct cbor_reader *look,
                                const struct metadata_text *key)
{
    struct metadata_text *text = metadata_is(key, "name")   ? &l->m->buffer
                                 : metadata_is(key, "mode") ? &l->m->mode
                                                            : NULL;
    uint64_t *number = metadata_is(key, "subbuf_bytes") ? &l->m->subbuf_bytes
                       : metadata_is(key, "subbufs")    ? &l->m->subbufs
                                                        : NULL;

    if (number)
        return cbor_unsigned(look, number);
    return text ? metadata_note(l, look, text) : cbor_skip(look);
}

/* What is said of the buffer is for information: an error in it is not damage. */
static bool metadata_buffer(struct metadata_load *l)
{
    struct cbor_reader look = l->r;
    struct cbor_item map, key;

    if (!l->m->known && cbor_expect(&look, CBOR_MAP, &map))
        for (uint64_t i = map.count; i-- && cbor_expect(&look, CBOR_TEXT, &key);) {
            struct metadata_text t = {(const char *)key.bytes, (uint32_t)key.count};

            if (!metadata_buffer_key(l, &look, &t))
                break;
        }
    return !l->r.problem && cbor_skip(&l->r);
}

/* What is wrong with something optional costs nothing else. */
static void metadata_odd(struct metadata_load *l, const char *what)
{
    diag_damage(l->diag, "chunk %" PRIu64 ": metadata has %s, ignored", l->chunk, what);
}

static bool metadata_host(struct metadata_load *l)
{
    struct cbor_reader look = l->r;
    struct cbor_item name;
    struct metadata_text t;

    if (!cbor_expect(&look, CBOR_TEXT, &name) || !name.count || name.count > TP_LIMIT_NAME_BYTES) {
        metadata_odd(l, "a host that is no text of 1 to 127 bytes");
    } else if (!l->m->host.n) {
        t = (struct metadata_text){(const char *)name.bytes, (uint32_t)name.count};
        if (!metadata_keep(l, &t))
            return false;
        l->m->host = t;
        l->added = true;
    }
    return cbor_skip(&l->r);
}

/* The value of one key of `image`; what is known already stays. False: not of the type it has. */
static bool metadata_image_key(struct metadata_image *image, const struct metadata_text *key,
                               const struct cbor_item *v)
{
    bool number = v->type == CBOR_UNSIGNED;
    uint32_t known = image->known;

    if (metadata_is(key, "base")) {
        image->base = known & METADATA_BASE ? image->base : v->number;
        image->known |= number ? METADATA_BASE : 0;
        return number;
    }
    if (metadata_is(key, "machine")) {
        image->machine = known & METADATA_MACHINE ? image->machine : v->number;
        image->known |= number ? METADATA_MACHINE : 0;
        return number;
    }
    if (!metadata_is(key, "build_id"))
        return true;
    if (v->type != CBOR_BYTES || !v->count || v->count > METADATA_ID_BYTES)
        return false;
    if (!(known & METADATA_BUILD_ID)) {
        memcpy(image->build_id, v->bytes, (size_t)v->count);
        image->build_id_bytes = (uint32_t)v->count;
        image->known |= METADATA_BUILD_ID;
    }
    return true;
}

static bool metadata_image(struct metadata_load *l)
{
    struct cbor_reader look = l->r;
    struct cbor_item map, key, value;
    bool good = cbor_expect(&look, CBOR_MAP, &map);

    for (uint64_t i = good ? map.count : 0; i--;) {
        struct metadata_text t;

        if (!cbor_expect(&look, CBOR_TEXT, &key) || !cbor_next(&look, &value) ||
            !cbor_skip_inside(&look, &value))
            break; /* cbor_skip() finds it too */
        t = (struct metadata_text){(const char *)key.bytes, (uint32_t)key.count};
        good = metadata_image_key(&l->m->image, &t, &value) && good;
    }
    if (!good)
        metadata_odd(l, "an image with a part that is not as it should be");
    return cbor_skip(&l->r);
}

static int metadata_value_compare(const void *a, const void *b)
{
    const struct metadata_value *x = a, *y = b;

    if (x->negative != y->negative)
        return x->negative ? -1 : 1;
    if (x->bits != y->bits)
        return x->bits < y->bits ? -1 : 1;
    return x->index < y->index ? -1 : x->index > y->index;
}

static bool metadata_values(struct metadata_load *l, struct metadata_table *t)
{
    struct cbor_item array, value;

    if (!cbor_expect(&l->r, CBOR_ARRAY, &array))
        return false;
    if (array.count % 2 || array.count / 2 > TP_LIMIT_TABLE_VALUES)
        return cbor_stop(&l->r, "metadata has a table of a wrong length");
    t->count = (uint32_t)(array.count / 2);
    t->values = metadata_get(l, t->count * sizeof(*t->values));
    if (!t->values)
        return false;
    for (uint32_t i = 0; i < t->count; i++) {
        struct metadata_value *v = &t->values[i];

        if (!cbor_next(&l->r, &value))
            return false;
        if (value.type != CBOR_UNSIGNED && value.type != CBOR_NEGATIVE)
            return cbor_stop(&l->r, "metadata has a value of the wrong type");
        v->negative = value.type == CBOR_NEGATIVE;
        v->bits = v->negative ? ~value.number : value.number;
        v->index = i;
        if (!metadata_name(l, &v->name) || !metadata_keep(l, &v->name))
            return false;
    }
    return true;
}

static bool metadata_table(struct metadata_load *l, struct metadata_table *t)
{
    struct metadata_map map;
    struct metadata_text key, kind = {0};
    bool good = true;

    if (!metadata_open_map(l, &map))
        return false;
    while (good && metadata_map_key(l, &map, &key)) {
        if (metadata_is(&key, "name"))
            good = metadata_name(l, &t->name) && metadata_keep(l, &t->name);
        else if (metadata_is(&key, "kind"))
            good = metadata_name(l, &kind);
        else if (metadata_is(&key, "values"))
            good = metadata_values(l, t);
        else
            good = cbor_skip(&l->r);
    }
    if (!good || l->r.problem)
        return false;
    t->damaged = l->damaged && !map.whole;
    t->flags = metadata_is(&kind, "flags");
    if (!t->flags && !metadata_is(&kind, "enum"))
        return cbor_stop(&l->r, "metadata has a table of an unknown kind");
    if (!t->flags && t->count)
        qsort(t->values, t->count, sizeof(*t->values), metadata_value_compare);
    return true;
}

static bool metadata_tables(struct metadata_load *l)
{
    struct cbor_item array;

    if (!cbor_expect(&l->r, CBOR_ARRAY, &array))
        return false;
    if (l->tables)
        return cbor_stop(&l->r, "metadata has tables twice");
    /* The reader checked that so many items can be there: one byte each at least. */
    l->tables = metadata_get(l, (size_t)array.count * sizeof(*l->tables));
    if (!l->tables)
        return false;
    for (; l->table_count < array.count; l->table_count++)
        if (!metadata_table(l, &l->tables[l->table_count]))
            return false;
    return true;
}

static const struct metadata_kind {
    const char *name;
    enum metadata_type type;
    uint8_t width; /* 0: as large as a pointer */
} metadata_kinds[] = {
    {"u8", METADATA_UNSIGNED, 1},  {"u16", METADATA_UNSIGNED, 2}, {"u32", METADATA_UNSIGNED, 4},
    {"u64", METADATA_UNSIGNED, 8}, {"s8", METADATA_SIGNED, 1},    {"s16", METADATA_SIGNED, 2},
    {"s32", METADATA_SIGNED, 4},   {"s64", METADATA_SIGNED, 8},   {"bool", METADATA_BOOL, 1},
    {"char", METADATA_CHAR, 1},    {"ptr", METADATA_PTR, 0},      {"str", METADATA_STR, 2},
    {"bytes", METADATA_BYTES, 2},  {"f32", METADATA_FLOAT, 4},    {"f64", METADATA_FLOAT, 8},
};

/* Sizes and type of a field that was read. NULL, or why it cannot be. */
static const char *metadata_field_check(struct metadata_field *f)
{
    const struct metadata_kind *k = NULL;
    uint32_t count = f->array ? f->count : 1;

    for (size_t i = 0; i < sizeof(metadata_kinds) / sizeof(metadata_kinds[0]); i++)
        if (metadata_is(&f->type_name, metadata_kinds[i].name))
            k = &metadata_kinds[i];
    if (!k)
        return "a field of an unknown type";
    f->type_name.bytes = k->name;
    f->type = k->type;
    if (f->size > METADATA_RECORD_BYTES || f->at > METADATA_RECORD_BYTES || !count ||
        count > METADATA_RECORD_BYTES)
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

static bool metadata_field_key(struct metadata_load *l, struct metadata_field *f,
                               const struct metadata_text *key)
{
    uint32_t table;

    if (metadata_is(key, "name"))
        return metadata_name(l, &f->name) && metadata_keep(l, &f->name);
    if (metadata_is(key, "type"))
        return metadata_name(l, &f->type_name);
    if (metadata_is(key, "at"))
        return cbor_small(&l->r, &f->at);
    if (metadata_is(key, "size"))
        return cbor_small(&l->r, &f->size);
    if (metadata_is(key, "count") || metadata_is(key, "max")) {
        if (f->array)
            return cbor_stop(&l->r, "metadata has a field that is an array twice");
        f->array = true;
        f->sequence = metadata_is(key, "max");
        return cbor_small(&l->r, &f->count);
    }
    if (!metadata_is(key, "table"))
        return cbor_skip(&l->r);
    if (!cbor_small(&l->r, &table))
        return false;
    if (table >= l->table_count)
        return cbor_stop(&l->r, "metadata refers to a table that is not there");
    f->table = &l->tables[table];
    return true;
}

static bool metadata_fields(struct metadata_load *l, struct metadata_event *e, const char **wrong)
{
    struct cbor_item array, map;
    struct metadata_text key;

    if (!cbor_expect(&l->r, CBOR_ARRAY, &array))
        return false;
    if (array.count > TP_LIMIT_FIELDS)
        return cbor_stop(&l->r, "metadata has an event with too many fields");
    e->field_count = (uint32_t)array.count;
    e->fields = metadata_get(l, e->field_count * sizeof(*e->fields));
    if (!e->fields)
        return false;
    for (uint32_t i = 0; i < e->field_count; i++) {
        struct metadata_field *f = &e->fields[i];
        const char *problem;

        f->at = f->size = UINT32_MAX;
        if (!cbor_expect(&l->r, CBOR_MAP, &map))
            return false;
        for (uint64_t k = map.count; k--;)
            if (!metadata_key(l, &key) || !metadata_field_key(l, f, &key))
                return false;
        problem = f->name.n ? metadata_field_check(f) : "a field without a name";
        if (problem)
            *wrong = problem;
    }
    return true;
}

/* Kept as it is: who asks what an event is reads it (its names and numbers are not ours). */
static bool metadata_role(struct metadata_load *l, struct metadata_text *role)
{
    const uint8_t *at = l->r.at;

    if (!cbor_skip(&l->r))
        return false;
    *role = (struct metadata_text){(const char *)at, (uint32_t)(l->r.at - at)};
    return metadata_keep(l, role);
}

static bool metadata_event_key(struct metadata_load *l, struct metadata_event *e,
                               const struct metadata_text *key, const char **wrong)
{
    if (metadata_is(key, "id"))
        return cbor_small(&l->r, &e->id);
    if (metadata_is(key, "sys"))
        return metadata_name(l, &e->sys) && metadata_keep(l, &e->sys);
    if (metadata_is(key, "name"))
        return metadata_name(l, &e->name) && metadata_keep(l, &e->name);
    if (metadata_is(key, "fmt"))
        return metadata_text(l, &e->fmt, 0, TP_LIMIT_FORMAT_BYTES) && metadata_keep(l, &e->fmt);
    if (metadata_is(key, "bytes"))
        return cbor_small(&l->r, &e->bytes);
    if (metadata_is(key, "role"))
        return metadata_role(l, &e->role);
    if (metadata_is(key, "fields"))
        return e->fields ? cbor_stop(&l->r, "metadata has an event with fields twice")
                         : metadata_fields(l, e, wrong);
    return cbor_skip(&l->r);
}

/* Do the fields lie inside the fixed part? Numbers the tails on the way. */
static const char *metadata_event_check(struct metadata_event *e)
{
    if (!e->id || e->id > TP_ID_EVENT_MAX)
        return "an id that is not for events";
    if (!e->sys.n || !e->name.n || !e->fmt.bytes || !e->fields)
        return "a part missing";
    if (e->bytes > METADATA_RECORD_BYTES)
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

static bool metadata_text_same(const struct metadata_text *a, const struct metadata_text *b)
{
    return a->n == b->n && (!a->n || memcmp(a->bytes, b->bytes, a->n) == 0);
}

static bool metadata_table_same(const struct metadata_table *a, const struct metadata_table *b)
{
    if (a == b)
        return true;
    if (!a || !b || a->flags != b->flags || a->count != b->count)
        return false;
    for (uint32_t i = 0; i < a->count; i++)
        if (metadata_value_compare(&a->values[i], &b->values[i]) != 0 ||
            !metadata_text_same(&a->values[i].name, &b->values[i].name))
            return false;
    return true;
}

static bool metadata_event_same(const struct metadata_event *a, const struct metadata_event *b)
{
    if (a->bytes != b->bytes || a->field_count != b->field_count ||
        !metadata_text_same(&a->sys, &b->sys) || !metadata_text_same(&a->name, &b->name) ||
        !metadata_text_same(&a->fmt, &b->fmt))
        return false;
    for (uint32_t i = 0; i < a->field_count; i++) {
        const struct metadata_field *f = &a->fields[i], *g = &b->fields[i];

        if (f->type != g->type || f->width != g->width || f->array != g->array ||
            f->sequence != g->sequence || f->count != g->count || f->at != g->at ||
            f->size != g->size || !metadata_text_same(&f->name, &g->name) ||
            !metadata_table_same(f->table, g->table))
            return false;
    }
    return true;
}

static void metadata_event_put(struct metadata_load *l, struct metadata_event *e)
{
    struct metadata *m = l->m;

    m->events = mem_reach(m->events, &m->event_slots, e->id, 64, sizeof(*m->events));
    m->events[e->id] = e;
}

/* Does it have a table that is damaged? */
static bool metadata_needs_damaged(const struct metadata_event *e)
{
    for (uint32_t i = 0; i < e->field_count; i++)
        if (e->fields[i].table && e->fields[i].table->damaged)
            return true;
    return false;
}

static bool metadata_one_event(struct metadata_load *l)
{
    struct metadata_map map;
    struct metadata_text key;
    struct mem_arena before = l->m->arena;
    struct metadata_event *e = metadata_get(l, sizeof(*e));
    const struct metadata_event *old;
    const char *wrong = NULL;

    if (!e || !metadata_open_map(l, &map))
        return false;
    e->bytes = UINT32_MAX;
    while (metadata_map_key(l, &map, &key))
        if (!metadata_event_key(l, e, &key, &wrong))
            return false;
    if (l->r.problem)
        return false;
    if (!wrong)
        wrong = metadata_event_check(e);
    l->whole = map.whole;
    old = metadata_event(l->m, e->id);
    if (l->damaged && (!map.whole || metadata_needs_damaged(e))) {
        wrong = NULL; /* known already: that of all of it is wrong */
    } else if (wrong) {
        diag_damage(l->diag, "chunk %" PRIu64 ": event %" PRIu32 " has %s", l->chunk, e->id, wrong);
    } else if (old) {
        if (!metadata_event_same(old, e))
            diag_damage(l->diag,
                        "chunk %" PRIu64 ": event %" PRIu32
                        " defined again as something else, kept the first",
                        l->chunk, e->id);
    } else {
        e->format = format_compile(e, &l->m->arena);
        if (!e->format)
            return cbor_stop(&l->r, METADATA_FULL);
        metadata_event_put(l, e);
        l->added = true;
        l->taken++;
        return true;
    }
    mem_arena_rewind(&l->m->arena, &before);
    return true;
}

static bool metadata_events(struct metadata_load *l)
{
    struct cbor_item array;

    if (!cbor_expect(&l->r, CBOR_ARRAY, &array))
        return false;
    if (array.count > TP_ID_EVENT_MAX)
        return cbor_stop(&l->r, "metadata has too many events");
    for (uint64_t i = array.count; i--;)
        if (!metadata_one_event(l))
            return false;
    l->have_events = true;
    return true;
}

static bool metadata_top(struct metadata_load *l)
{
    struct cbor_item map;
    struct metadata_text key, tool;
    bool good = true;

    if (!cbor_expect(&l->r, CBOR_MAP, &map))
        return false;
    for (uint64_t i = map.count; good && i--;) {
        if (!metadata_key(l, &key))
            return false;
        if (l->further && !metadata_is(&key, "tables") && !metadata_is(&key, "events") &&
            !metadata_is(&key, "clock")) {
            good = cbor_skip(&l->r);
        } else if (metadata_is(&key, "tool")) {
            good = metadata_name(l, &tool) && metadata_keep(l, &tool);
            l->m->tool = good && !l->m->known ? tool : l->m->tool;
        } else if (metadata_is(&key, "clock")) {
            good = metadata_clock(l);
        } else if (metadata_is(&key, "cpus")) {
            good = cbor_unsigned(&l->r, &l->m->cpus);
            l->have_cpus = true;
        } else if (metadata_is(&key, "buffer")) {
            good = metadata_buffer(l);
        } else if (metadata_is(&key, "host")) {
            good = metadata_host(l);
        } else if (metadata_is(&key, "image")) {
            good = metadata_image(l);
        } else if (metadata_is(&key, "tables")) {
            good = metadata_tables(l);
        } else if (metadata_is(&key, "events")) {
            good = metadata_events(l);
        } else {
            good = cbor_skip(&l->r);
        }
    }
    if (good && (!l->have_events || (!l->further && (!l->have_clock || !l->have_cpus))))
        return cbor_stop(&l->r, "metadata has a part missing");
    return good;
}

/* Where the item at `map`, which should be a map, and the zeros that fill it up end, whatever is wrong
 * inside; NULL: it is not well formed, or there is something else. */
static const uint8_t *metadata_end(const uint8_t *payload, const uint8_t *map, const uint8_t *end)
{
    struct cbor_reader r;
    const uint8_t *at;

    cbor_open(&r, map, (size_t)(end - map));
    if ((map < end && !*map) || !cbor_skip(&r)) /* zeros are no item */
        return NULL;
    for (at = r.at; at < end && (at - payload) % 8; at++)
        if (*at)
            return NULL;
    return at;
}

/* One map of the payload. Where the next may be: `end`, if there is none. */
static const uint8_t *metadata_map(struct metadata_load *l, const uint8_t *payload,
                                   const uint8_t *map, const uint8_t *end)
{
    const uint8_t *next = metadata_end(payload, map, end);
    struct mem_arena before = l->m->arena;

    l->added = false;
    l->tables = NULL;
    l->table_count = 0;
    l->have_events = false;
    cbor_open(&l->r, map, (size_t)(end - map));
    if (metadata_top(l) && !next)
        cbor_stop(&l->r, "something follows the metadata");
    /* A map without anything new must cost nothing: when modules are loaded one after the other,
     * the maps of all of them are repeated each time. */
    if (!l->added && !l->damaged && (l->m->known || l->further))
        mem_arena_rewind(&l->m->arena, &before);
    if (!l->r.problem)
        return next;
    if (!l->damaged)
        diag_damage(l->diag, "chunk %" PRIu64 ": %s", l->chunk, l->r.problem);
    return next && ++l->bad < METADATA_BAD_MAPS ? next : end;
}

/* The events of damaged metadata, wherever they are: one begins with its id, and says itself whether
 * it is whole. */
static void metadata_salvage(struct metadata_load *l, const uint8_t *at, const uint8_t *end)
{
    static const uint8_t id[] = {CBOR_TEXT_HEAD + 2, 'i', 'd'};
    size_t work = METADATA_SALVAGE_WORK * (size_t)(end - at);
    uint32_t taken = l->taken;
    struct mem_arena before;

    for (; (size_t)(end - at) > sizeof(id); at++) {
        if (*at < CBOR_MAP_HEAD || *at >= CBOR_MAP_HEAD + 24 || memcmp(at + 1, id, sizeof(id)) != 0)
            continue;
        before = l->m->arena;
        cbor_open(&l->r, at, (size_t)(end - at));
        if (metadata_one_event(l) && l->whole)
            at = l->r.at - 1;
        else if (work < (size_t)(l->r.at - at))
            return;
        else
            work -= (size_t)(l->r.at - at); /* what looks like an event may hold others */
        if (taken == l->taken)
            mem_arena_rewind(&l->m->arena, &before);
        taken = l->taken;
    }
}

bool metadata_salvage_read(struct metadata *m, const uint8_t *payload, size_t n,
                           struct diag_file *diag, uint64_t chunk_index)
{
    struct metadata_load l = {.m = m, .diag = diag, .chunk = chunk_index, .damaged = true};

    m->arena.limit = METADATA_MEMORY_BYTES;
    if (n > TP_LIMIT_METADATA_BYTES || m->salvaged == METADATA_SALVAGES_MAX)
        return false;
    m->salvaged++;
    metadata_map(&l, payload, payload, payload + n);
    if (l.clock || m->known)
        metadata_salvage(&l, payload, payload + n);
    if ((!l.clock && !m->known) || !l.taken)
        return false;
    diag_note(diag,
              "chunk %" PRIu64 ": of its damaged metadata %" PRIu32
              " events are whole and are used",
              chunk_index, l.taken);
    m->known = true;
    return true;
}

bool metadata_read(struct metadata *m, const uint8_t *payload, size_t n, uint32_t crc,
                   struct diag_file *diag, uint64_t chunk_index)
{
    struct metadata_load l = {.m = m, .diag = diag, .chunk = chunk_index};

    /* The engine repeats it every MiB: the same bytes need not be read again. */
    if (m->known && m->last_crc == crc && m->last_bytes == n)
        return true;
    m->arena.limit = METADATA_MEMORY_BYTES;
    if (n > TP_LIMIT_METADATA_BYTES) {
        diag_damage(diag, "chunk %" PRIu64 ": metadata is too large", chunk_index);
        return false;
    }
    for (const uint8_t *at = payload, *end = n ? payload + n : payload; at < end || !l.further;
         l.further = true)
        at = metadata_map(&l, payload, at, end);
    /* A clock and some events are of use even if the rest is broken. */
    if (!l.clock && !m->known)
        return false;
    m->known = true;
    m->last_crc = crc;
    m->last_bytes = n;
    return true;
}

void metadata_free(struct metadata *m)
{
    free(m->events);
    mem_arena_free(&m->arena);
    *m = (struct metadata){0};
}

const struct metadata_text *metadata_enum_name(const struct metadata_table *t, bool negative,
                                               uint64_t bits)
{
    uint32_t low = 0, high = t->count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const struct metadata_value *v = &t->values[middle];

        if (v->negative != negative ? v->negative : v->bits < bits)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == t->count || t->values[low].negative != negative || t->values[low].bits != bits)
        return NULL;
    return &t->values[low].name;
}
