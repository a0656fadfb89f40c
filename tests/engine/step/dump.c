/* SPDX-License-Identifier: MIT */
/* Sections 4, 6 and 9 of doc/format.md: one record, and the chunks of a dump of one CPU. */
#include "check.h"

#include "../../lib/crc32c.h"

#include <string.h>

static uint32_t get32(const uint8_t *at)
{
    uint32_t v;

    memcpy(&v, at, sizeof(v));
    return v;
}

/* What was fired is known by its number, and everything else of it by that. */
static uint32_t check_event(const uint8_t *rec, uint32_t id, uint32_t bytes)
{
    uint32_t at = 8, n, sum = 4, want = 16;

    if (scene.context) {
        if (get32(rec + at) != STEP_PID || get32(rec + at + 4))
            wrong("context word");
        at += 8;
    }
    n = get32(rec + at);
    if (id == tp_event_step_text.id) {
        want = 8 + 10 + sizeof(STEP_TEXT) - 1;
        if (rec[at + 8] != sizeof(STEP_TEXT) - 1 || rec[at + 9] ||
            memcmp(rec + at + 10, STEP_TEXT, sizeof(STEP_TEXT) - 1) != 0)
            wrong("text of %x", n);
    } else if (id != tp_event_step_small.id) {
        sum = 8; /* tp_printk: a slot of 8 for each */
        want = 24;
    }
    want = (want + (scene.context ? 8 : 0) + 7) & ~7u;
    if (bytes != want)
        wrong("record of %u bytes, not %u", bytes, want);
    if (get32(rec + at + sum) != checksum(n))
        wrong("checksum of %x", n);
    return n;
}

bool check_record(const uint8_t *rec, struct order *o, uint32_t *done_at)
{
    uint32_t word = get32(rec + 4), id = word & 0xffff, bytes = (word >> 16 & 0xfff) * 8;
    uint32_t n, level, serial;
    uint64_t time;

    if (word & 0x70000000u || !(word & 0x80000000u))
        wrong("record word %x", word);
    if (id == 0xffff) {
        if (bytes != 16 || get32(rec + 8) != get32(rec))
            wrong("time stamp");
        o->high = get32(rec + 12);
    }
    time = (uint64_t)o->high << 32 | get32(rec);
    if (time < o->time)
        wrong("time goes back from %llx to %llx", (long long)o->time, (long long)time);
    o->time = time;
    if (id == 0xffff)
        return false;
    if (!id || id > 4)
        wrong("record id %x", id);
    n = check_event(rec, id, bytes);
    level = n >> 24;
    serial = n & 0xffffff;
    if (level >= LEVELS || serial >= w->serial[level])
        wrong("record %x was never fired", n);
    if (serial < o->next[level])
        wrong("record %x again, or behind a later one", n);
    o->next[level] = serial + 1;
    *done_at = w->done_at[level][serial];
    return true;
}

/* A record with the number k, in a chunk that tells of `refused` before it: so many were begun
 * before it was done. If not, losses are told earlier than they were. */
static void check_place(uint64_t k, uint64_t refused, uint32_t done_at)
{
    if (done_at && k + refused + 1 > done_at)
        wrong("%llu lost told before event %llu, of %u begun", (long long)refused, (long long)k,
              done_at);
}

static void check_records(const struct tp_wire_chunk *h, const uint8_t *payload, struct order *o,
                          const struct told *t)
{
    uint32_t size = h->size_bytes - h->header_bytes, events = 0, done_at;

    o->high = (uint32_t)(h->time >> 32);
    if (size && get32(payload) != (uint32_t)h->time)
        wrong("time of chunk %llu", (long long)h->seq);
    for (uint32_t at = 0, bytes; at < size; at += bytes) {
        bytes = (get32(payload + at + 4) >> 16 & 0xfff) * 8;
        if (size - at < 8 || !bytes || bytes > size - at)
            wrong("record of %u bytes at %u of %u", bytes, at, size);
        if (check_record(payload + at, o, &done_at))
            check_place(h->first_record + events++, t->refused, done_at);
    }
    if (events != h->records)
        wrong("%u events, not %u", events, h->records);
}

static void check_data(const struct tp_wire_chunk *h, const uint8_t *payload, struct order *o,
                       struct told *t)
{
    if (h->cpu != 0 || (h->flags & 1) != scene.context || (h->flags & 4) ||
        !!(h->flags & TP_CHUNK_OVERWRITE) != scene.overwrite)
        wrong("chunk flags %x", h->flags);
    if (h->first_record < t->next)
        wrong("first_record goes back to %llu", (long long)h->first_record);
    if (h->first_record > t->next && t->any && !h->lost[4] && !(h->flags & TP_CHUNK_UNFINISHED))
        wrong("%llu missing for no cause", (long long)(h->first_record - t->next));
    t->refused = 0;
    for (unsigned i = 0; i < TP_LOST_CAUSES; i++) {
        if (h->lost[i] < t->lost[i])
            wrong("lost[%u] goes back", i);
        t->lost[i] = h->lost[i];
        t->refused += i == TP_LOST_OVERWRITTEN ? 0 : h->lost[i];
    }
    check_records(h, payload, o, t);
    t->unfinished |= h->flags & TP_CHUNK_UNFINISHED;
    t->damaged |= h->flags & TP_CHUNK_DAMAGED;
    t->any = true;
    t->decoded += h->records;
    t->next = h->first_record + h->records;
}

void check_dump(const uint8_t *bytes, size_t size, struct told *t)
{
    struct order order = {.time = 0};
    struct tp_wire_chunk h;

    memset(t, 0, sizeof(*t));
    for (size_t at = 0; at < size; at += h.size_bytes) {
        if (size - at < sizeof(h))
            wrong("dump ends in a header");
        memcpy(&h, bytes + at, sizeof(h));
        if (memcmp(h.magic, "\xf5tp\xfa", 4) != 0 || h.order != 0x0102 || h.header_bytes != 104 ||
            h.size_bytes < 104 || h.size_bytes % 8 || h.size_bytes > size - at)
            wrong("chunk header at %zu of %zu", at, size);
        if (crc32c(crc32c(0, bytes + at, 28), bytes + at + 32, 72) != h.header_crc ||
            crc32c(0, bytes + at + 104, h.size_bytes - 104) != h.payload_crc)
            wrong("checksum of chunk at %zu", at);
        if (t->ended)
            wrong("chunk behind the end");
        if (h.type == TP_CHUNK_DATA)
            check_data(&h, bytes + at + 104, &order, t);
        t->started |= h.type == TP_CHUNK_METADATA;
        t->ended = h.type == TP_CHUNK_END;
    }
    if (!t->started)
        wrong("dump without metadata");
}
