/* SPDX-License-Identifier: MIT */
/* payload.c - one payload of metadata while it is read. */
#include "model/payload.h"

#include <string.h>

#include "base/crc.h"

void *payload_get(struct payload *p, size_t bytes)
{
    void *got = mem_arena_get(&p->m->arena, bytes);

    if (!got)
        cbor_stop(&p->r, PAYLOAD_FULL);
    return got;
}

/* A text of min to max bytes, still inside the payload. */
bool payload_text(struct payload *p, struct metadata_text *t, uint32_t min, uint32_t max)
{
    struct cbor_item item;

    if (!cbor_expect(&p->r, CBOR_TEXT, &item))
        return false;
    if (item.count < min || item.count > max)
        return cbor_stop(&p->r, "metadata has a text that is too long or empty");
    t->bytes = (const char *)item.bytes;
    t->n = (uint32_t)item.count;
    return true;
}

bool payload_name(struct payload *p, struct metadata_text *t)
{
    return payload_text(p, t, 1, TP_LIMIT_NAME_BYTES);
}

/* A copy that stays after the payload is gone. */
bool payload_keep(struct payload *p, struct metadata_text *t)
{
    char *copy = payload_get(p, t->n + 1u);

    if (!copy)
        return false;
    if (t->n)
        memcpy(copy, t->bytes, t->n);
    t->bytes = copy;
    return true;
}

bool payload_is(const struct metadata_text *t, const char *text)
{
    return t->n == strlen(text) && memcmp(t->bytes, text, t->n) == 0;
}

/* The next key of a map. Keys longer than a name are none that we know. */
bool payload_key(struct payload *p, struct metadata_text *key)
{
    return payload_text(p, key, 0, UINT32_MAX);
}

bool payload_open_map(struct payload *p, struct payload_map *map)
{
    struct cbor_item item;

    map->from = p->r.at;
    map->whole = false;
    if (!cbor_expect(&p->r, CBOR_MAP, &item))
        return false;
    map->left = item.count;
    return true;
}

/* The next key; false: the last was that, or there is a problem. The checksum is taken here. */
bool payload_map_key(struct payload *p, struct payload_map *map, struct metadata_text *key)
{
    const uint8_t *at = p->r.at;
    uint32_t sum;

    if (!map->left || !payload_key(p, key))
        return false;
    map->left--;
    if (map->left || !payload_is(key, "crc"))
        return true;
    if (cbor_small(&p->r, &sum))
        map->whole = crc_add(0, map->from, (size_t)(at - map->from)) == sum;
    return false;
}

/* A text that is only shown, from beside the reader. False: it is none, it is too long, or there is no
 * memory, which is the only problem of the payload. */
bool payload_note(struct payload *p, struct cbor_reader *look, struct metadata_text *to)
{
    struct cbor_item item;
    struct metadata_text t;

    if (!cbor_expect(look, CBOR_TEXT, &item) || item.count > TP_LIMIT_NAME_BYTES)
        return false;
    t = (struct metadata_text){(const char *)item.bytes, (uint32_t)item.count};
    if (!payload_keep(p, &t))
        return false;
    *to = t;
    return true;
}
