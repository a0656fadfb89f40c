/* SPDX-License-Identifier: MIT */
/* metadata.c - what the metadata of a stream says. */
#include "model/metadata.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "model/declared.h"

#define METADATA_SALVAGE_WORK 16u /* times the bytes of a damaged payload that are read, at most */
#define METADATA_BAD_MAPS 8u      /* in one payload; what follows them is ignored */

static bool metadata_clock(struct payload *p)
{
    struct payload_map map;
    struct metadata_text key, name = {0};
    uint64_t hz = 0;
    bool told = false;

    if (!payload_open_map(p, &map))
        return false;
    while (payload_map_key(p, &map, &key)) {
        struct cbor_reader look = p->r;

        if (!p->m->known && payload_is(&key, "name"))
            (void)payload_note(p, &look, &name);
        if (payload_is(&key, "hz") ? !cbor_unsigned(&p->r, &hz) : !cbor_skip(&p->r))
            return false;
        told = told || payload_is(&key, "hz");
    }
    if (p->r.problem)
        return false;
    if (p->damaged && !map.whole)
        return true;
    if (!told)
        return cbor_stop(&p->r, "metadata has no clock rate");
    if (p->m->known && hz && p->m->clock_told && p->m->clock_told != hz)
        return cbor_stop(&p->r, "metadata gives the clock another rate than before");
    if (hz)
        p->m->clock_told = hz;
    if (name.n)
        p->m->clock_name = name;
    p->have_clock = p->clock = true;
    return true;
}

/* One pair of the map. False: it is not as it should be, or there is no memory. */
static bool metadata_buffer_key(struct payload *p, struct cbor_reader *look,
                                const struct metadata_text *key)
{
    struct metadata_text *text = payload_is(key, "name")   ? &p->m->buffer
                                 : payload_is(key, "mode") ? &p->m->mode
                                                           : NULL;
    uint64_t *number = payload_is(key, "subbuf_bytes") ? &p->m->subbuf_bytes
                       : payload_is(key, "subbufs")    ? &p->m->subbufs
                                                       : NULL;

    if (number)
        return cbor_unsigned(look, number);
    return text ? payload_note(p, look, text) : cbor_skip(look);
}

/* What is said of the buffer is for information: an error in it is not damage. */
static bool metadata_buffer(struct payload *p)
{
    struct cbor_reader look = p->r;
    struct cbor_item map, key;

    if (!p->m->known && cbor_expect(&look, CBOR_MAP, &map))
        for (uint64_t i = map.count; i-- && cbor_expect(&look, CBOR_TEXT, &key);) {
            struct metadata_text t = {(const char *)key.bytes, (uint32_t)key.count};

            if (!metadata_buffer_key(p, &look, &t))
                break;
        }
    return !p->r.problem && cbor_skip(&p->r);
}

/* What is wrong with something optional costs nothing else. */
static void metadata_odd(struct payload *p, const char *what)
{
    diag_damage(p->diag, "chunk %" PRIu64 ": metadata has %s, ignored", p->chunk, what);
}

static bool metadata_host(struct payload *p)
{
    struct cbor_reader look = p->r;
    struct cbor_item name;
    struct metadata_text t;

    if (!cbor_expect(&look, CBOR_TEXT, &name) || !name.count || name.count > TP_LIMIT_NAME_BYTES) {
        metadata_odd(p, "a host that is no text of 1 to 127 bytes");
    } else if (!p->m->host.n) {
        t = (struct metadata_text){(const char *)name.bytes, (uint32_t)name.count};
        if (!payload_keep(p, &t))
            return false;
        p->m->host = t;
        p->added = true;
    }
    return cbor_skip(&p->r);
}

/* The value of one key of `image`; what is known already stays. False: not of the type it has. */
static bool metadata_image_key(struct metadata_image *image, const struct metadata_text *key,
                               const struct cbor_item *v)
{
    bool number = v->type == CBOR_UNSIGNED;
    uint32_t known = image->known;

    if (payload_is(key, "base")) {
        image->base = known & METADATA_BASE ? image->base : v->number;
        image->known |= number ? METADATA_BASE : 0;
        return number;
    }
    if (payload_is(key, "machine")) {
        image->machine = known & METADATA_MACHINE ? image->machine : v->number;
        image->known |= number ? METADATA_MACHINE : 0;
        return number;
    }
    if (!payload_is(key, "build_id"))
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

static bool metadata_image(struct payload *p)
{
    struct cbor_reader look = p->r;
    struct cbor_item map, key, value;
    bool good = cbor_expect(&look, CBOR_MAP, &map);

    for (uint64_t i = good ? map.count : 0; i--;) {
        struct metadata_text t;

        if (!cbor_expect(&look, CBOR_TEXT, &key) || !cbor_next(&look, &value) ||
            !cbor_skip_inside(&look, &value))
            break; /* cbor_skip() finds it too */
        t = (struct metadata_text){(const char *)key.bytes, (uint32_t)key.count};
        good = metadata_image_key(&p->m->image, &t, &value) && good;
    }
    if (!good)
        metadata_odd(p, "an image with a part that is not as it should be");
    return cbor_skip(&p->r);
}

static bool metadata_top(struct payload *p)
{
    struct cbor_item map;
    struct metadata_text key, tool;
    bool good = true;

    if (!cbor_expect(&p->r, CBOR_MAP, &map))
        return false;
    for (uint64_t i = map.count; good && i--;) {
        if (!payload_key(p, &key))
            return false;
        if (p->further && !payload_is(&key, "tables") && !payload_is(&key, "events") &&
            !payload_is(&key, "clock")) {
            good = cbor_skip(&p->r);
        } else if (payload_is(&key, "tool")) {
            good = payload_name(p, &tool) && payload_keep(p, &tool);
            p->m->tool = good && !p->m->known ? tool : p->m->tool;
        } else if (payload_is(&key, "clock")) {
            good = metadata_clock(p);
        } else if (payload_is(&key, "cpus")) {
            good = cbor_unsigned(&p->r, &p->m->cpus);
            p->have_cpus = true;
        } else if (payload_is(&key, "buffer")) {
            good = metadata_buffer(p);
        } else if (payload_is(&key, "host")) {
            good = metadata_host(p);
        } else if (payload_is(&key, "image")) {
            good = metadata_image(p);
        } else if (payload_is(&key, "tables")) {
            good = declared_tables(p);
        } else if (payload_is(&key, "events")) {
            good = declared_events(p);
        } else {
            good = cbor_skip(&p->r);
        }
    }
    if (good && (!p->have_events || (!p->further && (!p->have_clock || !p->have_cpus))))
        return cbor_stop(&p->r, "metadata has a part missing");
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
static const uint8_t *metadata_map(struct payload *p, const uint8_t *payload, const uint8_t *map,
                                   const uint8_t *end)
{
    const uint8_t *next = metadata_end(payload, map, end);
    struct mem_arena before = p->m->arena;

    p->added = false;
    p->tables = NULL;
    p->table_count = 0;
    p->have_events = false;
    cbor_open(&p->r, map, (size_t)(end - map));
    if (metadata_top(p) && !next)
        cbor_stop(&p->r, "something follows the metadata");
    /* A map without anything new must cost nothing: when modules are loaded one after the other,
     * the maps of all of them are repeated each time. */
    if (!p->added && !p->damaged && (p->m->known || p->further))
        mem_arena_rewind(&p->m->arena, &before);
    if (!p->r.problem)
        return next;
    if (!p->damaged)
        diag_damage(p->diag, "chunk %" PRIu64 ": %s", p->chunk, p->r.problem);
    return next && ++p->bad < METADATA_BAD_MAPS ? next : end;
}

/* The events of damaged metadata, wherever they are: one begins with its id, and says itself whether
 * it is whole. */
static void metadata_salvage(struct payload *p, const uint8_t *at, const uint8_t *end)
{
    static const uint8_t id[] = {CBOR_TEXT_HEAD + 2, 'i', 'd'};
    size_t work = METADATA_SALVAGE_WORK * (size_t)(end - at);
    uint32_t taken = p->taken;
    struct mem_arena before;

    for (; (size_t)(end - at) > sizeof(id); at++) {
        if (*at < CBOR_MAP_HEAD || *at >= CBOR_MAP_HEAD + 24 || memcmp(at + 1, id, sizeof(id)) != 0)
            continue;
        before = p->m->arena;
        cbor_open(&p->r, at, (size_t)(end - at));
        if (declared_event(p) && p->whole)
            at = p->r.at - 1;
        else if (work < (size_t)(p->r.at - at))
            return;
        else
            work -= (size_t)(p->r.at - at); /* what looks like an event may hold others */
        if (taken == p->taken)
            mem_arena_rewind(&p->m->arena, &before);
        taken = p->taken;
    }
}

bool metadata_salvage_read(struct metadata *m, const uint8_t *payload, size_t n,
                           struct diag_file *diag, uint64_t chunk_index)
{
    struct payload p = {.m = m, .diag = diag, .chunk = chunk_index, .damaged = true};

    m->arena.limit = METADATA_MEMORY_BYTES;
    if (n > TP_LIMIT_METADATA_BYTES || m->salvaged == METADATA_SALVAGES_MAX)
        return false;
    m->salvaged++;
    metadata_map(&p, payload, payload, payload + n);
    if (p.clock || m->known)
        metadata_salvage(&p, payload, payload + n);
    if ((!p.clock && !m->known) || !p.taken)
        return false;
    diag_note(diag,
              "chunk %" PRIu64 ": of its damaged metadata %" PRIu32
              " events are whole and are used",
              chunk_index, p.taken);
    m->known = true;
    return true;
}

bool metadata_repeats(const struct metadata *m, size_t n, uint32_t crc)
{
    return m->known && m->last_crc == crc && m->last_bytes == n;
}

bool metadata_read(struct metadata *m, const uint8_t *payload, size_t n, uint32_t crc,
                   struct diag_file *diag, uint64_t chunk_index)
{
    struct payload p = {.m = m, .diag = diag, .chunk = chunk_index};

    if (metadata_repeats(m, n, crc))
        return true;
    m->arena.limit = METADATA_MEMORY_BYTES;
    if (n > TP_LIMIT_METADATA_BYTES) {
        diag_damage(diag, "chunk %" PRIu64 ": metadata is too large", chunk_index);
        return false;
    }
    for (const uint8_t *at = payload, *end = n ? payload + n : payload; at < end || !p.further;
         p.further = true)
        at = metadata_map(&p, payload, at, end);
    /* A clock and some events are of use even if the rest is broken. */
    if (!p.clock && !m->known)
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
