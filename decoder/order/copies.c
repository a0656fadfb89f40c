/* SPDX-License-Identifier: MIT */
/* copies.c - the payloads of metadata that differ, for a sink that copies them. */
#include "order/copies.h"

#include <stdlib.h>
#include <string.h>

#include "base/crc.h"
#include "base/mem.h"

static struct copies_payload **copies_slot(struct copies *c, uint32_t crc)
{
    if (!c->slots)
        c->slots = mem_zero(COPIES_SLOTS * sizeof(*c->slots));
    return &c->slots[crc % COPIES_SLOTS];
}

static bool copies_has(struct copies *c, const uint8_t *payload, size_t n, uint32_t crc)
{
    for (const struct copies_payload *k = *copies_slot(c, crc); k; k = k->in_slot)
        if (k->crc == crc && k->bytes == n && !memcmp(k->payload, payload, n))
            return true;
    return false;
}

/* An engine that learns of a module adds to what it said before: then the last payload is a part of this
 * one, and goes. */
static void copies_drop_part(struct copies *c, const uint8_t *payload, size_t n)
{
    struct copies_payload *k = c->last, **at;

    if (!k || k->bytes > n || memcmp(k->payload, payload, k->bytes) != 0)
        return;
    for (at = copies_slot(c, k->crc); *at != k;)
        at = &(*at)->in_slot;
    *at = k->in_slot;
    c->last = k->before;
    *(k->before ? &k->before->next : &c->first) = NULL;
    c->bytes -= k->bytes;
    c->now--;
    free(k);
}

static void copies_put(struct copies *c, const uint8_t *payload, size_t n, uint32_t crc)
{
    struct copies_payload *k = mem_alloc(sizeof(*k) + n), **slot = copies_slot(c, crc);

    *k = (struct copies_payload){
        .before = c->last, .in_slot = *slot, .number = c->count, .crc = crc, .bytes = (uint32_t)n};
    memcpy(k->payload, payload, n);
    *slot = k;
    *(c->last ? &c->last->next : &c->first) = k;
    c->last = k;
    c->bytes += n;
    c->now++;
    c->count++;
}

bool copies_add(struct copies *c, const uint8_t *payload, size_t n)
{
    uint32_t crc = crc_add(0, payload, n);

    if (copies_has(c, payload, n, crc))
        return true;
    copies_drop_part(c, payload, n);
    if (c->now == COPIES_MAX || c->bytes + n > COPIES_BYTES)
        return false;
    copies_put(c, payload, n, crc);
    return true;
}

void copies_free(struct copies *c)
{
    while (c->first) {
        struct copies_payload *next = c->first->next;

        free(c->first);
        c->first = next;
    }
    free(c->slots);
    c->slots = NULL;
    c->last = NULL;
    c->bytes = c->now = c->count = 0;
}
