/* SPDX-License-Identifier: MIT */
/* Damage: the same for the same number. */
#include "agree.h"

#include <stddef.h>
#include <string.h>
#include <tp/wire.h>

#include "base/crc.h"

static uint64_t damage_state;

static uint64_t damage_random(void)
{
    uint64_t z = damage_state += 0x9e3779b97f4a7c15u;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static size_t damage_below(size_t n)
{
    return n ? (size_t)(damage_random() % n) : 0;
}

static void damage_seal(uint8_t *region)
{
    for (unsigned copy = 0; copy < 2; copy++) {
        uint8_t *at = region + copy * TP_REGION_COPY_BYTES;
        struct tp_wire_region *h = (void *)at;

        h->header_crc = crc_add(crc_add(0, at, 12), at + 16, TP_REGION_HEADER_BYTES - 16);
    }
}

static void damage_seal_metadata(uint8_t *region)
{
    for (unsigned copy = 0; copy < 2; copy++) {
        struct tp_wire_region *h = (void *)(region + copy * TP_REGION_COPY_BYTES);

        h->metadata_crc = crc_add(0, region + h->metadata_at, h->metadata_bytes);
    }
    damage_seal(region);
}

static void damage_bit(uint8_t *at, size_t n)
{
    size_t bit = damage_below(8 * n);

    at[bit / 8] ^= (uint8_t)(1u << bit % 8);
}

/* One to eight bytes of a part, each any. */
static void damage_bytes(uint8_t *at, size_t n)
{
    size_t count = 1 + damage_below(8), from = damage_below(n);

    for (; count && from < n; count--, from++)
        at[from] = (uint8_t)damage_random();
}

static void damage_in(uint8_t *at, size_t n)
{
    (damage_random() & 3 ? damage_bit : damage_bytes)(at, n);
}

/* A word of a part becomes 0, all ones, its neighbour, or a little more or less. */
static void damage_word(uint8_t *at, size_t n)
{
    uint8_t *p = at + 8 * damage_below(n / 8), *q = at + 8 * damage_below(n / 8);
    uint64_t v;

    memcpy(&v, p, sizeof(v));
    switch (damage_random() % 5) {
    case 0:
        v = 0;
        break;
    case 1:
        v = UINT64_MAX;
        break;
    case 2:
        memcpy(&v, q, sizeof(v));
        break;
    case 3:
        v += 1 + damage_below(8);
        break;
    default:
        v -= 8u << damage_below(10);
    }
    memcpy(p, &v, sizeof(v));
}

/* The word of one of the records of a sub-buffer, as far as they can be followed. */
static void damage_record(uint8_t *subbuf, uint32_t bytes)
{
    uint32_t offsets[512], count = 0, word;

    for (uint32_t at = TP_WIRE_CHUNK_BYTES; at + 8 <= bytes && count < 512;) {
        memcpy(&word, subbuf + at + 4, sizeof(word));
        offsets[count++] = at;
        if (!TP_RECORD_UNITS(word))
            break;
        at += TP_RECORD_UNITS(word) * TP_RECORD_UNIT;
    }
    damage_in(subbuf + offsets[damage_below(count)] + 4, 4);
}

size_t agree_damage(uint8_t *bytes, size_t n, uint64_t number, const char **what)
{
    const struct tp_wire_region *first = (const void *)bytes;
    struct tp_wire_region h = *first;
    uint8_t *ring = bytes + h.rings_at + damage_below(h.cpus) * h.ring_bytes;
    uint8_t *data = bytes + h.data_at, *subbuf;
    size_t data_bytes = (size_t)h.cpus * h.subbufs * h.subbuf_bytes, keep;

    damage_state = number * 0xd1342543de82ef95u;
    ring = bytes + h.rings_at + damage_below(h.cpus) * h.ring_bytes;
    subbuf = data + damage_below((size_t)h.cpus * h.subbufs) * h.subbuf_bytes;
    switch (damage_random() % 19) {
    case 0:
        *what = "a copy of the header";
        damage_in(bytes + TP_REGION_COPY_BYTES * damage_below(2), TP_REGION_COPY_BYTES);
        break;
    case 1:
        *what = "a copy of the header, with its checksum";
        damage_in(bytes + TP_REGION_COPY_BYTES * damage_below(2), TP_REGION_HEADER_BYTES);
        for (unsigned copy = 0; copy < 2; copy++) /* else it is another region */
            bytes[TP_REGION_COPY_BYTES * copy + offsetof(struct tp_wire_region, copy)] = (uint8_t)
                copy;
        damage_seal(bytes);
        break;
    case 2:
        *what = "cursor or limit";
        damage_in(ring + (damage_random() & 1 ? h.cursor_at : h.limit_at), h.word_bytes);
        break;
    case 3:
        *what = "gone";
        damage_in(ring + h.gone_at, 16);
        break;
    case 4:
        *what = "counts of losses";
        damage_in(ring + h.lost_at, 32);
        break;
    case 5:
        *what = "a word of the ring state";
        damage_word(ring + (h.cursor_at & ~7u), 64);
        break;
    case 6:
    case 7:
        *what = "the header of a sub-buffer";
        damage_in(subbuf, TP_WIRE_CHUNK_BYTES);
        break;
    case 8:
        *what = "a word of the header of a sub-buffer";
        damage_word(subbuf, TP_WIRE_CHUNK_BYTES);
        break;
    case 9:
    case 10:
        *what = "the word of a record";
        damage_record(subbuf, h.subbuf_bytes);
        break;
    case 11:
        *what = "data";
        damage_in(data, data_bytes);
        break;
    case 12:
        *what = "metadata";
        damage_in(bytes + h.metadata_at, h.metadata_bytes);
        if (damage_random() & 1)
            damage_seal_metadata(bytes);
        break;
    case 13:
        *what = "the table of tasks";
        damage_in(bytes + h.tasks_at, sizeof(struct tp_wire_tasks) + h.tasks * 32u);
        break;
    case 14:
        *what = "several places";
        for (size_t times = 2 + damage_below(6); times; times--)
            damage_in(damage_random() & 1 ? data : ring,
                      damage_random() & 1 ? data_bytes / 4 : h.ring_bytes);
        break;
    case 15:
        *what = "random counts of a ring";
        for (unsigned i = 0; i < 48; i++)
            ring[i < 16 ? h.gone_at + i : h.lost_at + i - 16u] = (uint8_t)damage_random();
        break;
    case 16:
        *what = "the headers of all sub-buffers of a CPU";
        subbuf = data + damage_below(h.cpus) * h.subbufs * h.subbuf_bytes;
        for (uint32_t i = 0; i < h.subbufs; i++)
            subbuf[i * h.subbuf_bytes + 4 + damage_below(3)] ^= 0x40;
        break;
    case 17:
        *what = "a ring state, all of it random";
        for (uint32_t i = 0; i < h.ring_bytes; i++)
            ring[i] = (uint8_t)damage_random();
        break;
    default:
        *what = "cut";
        keep = damage_below(n);
        return keep < 512 ? 512 : keep;
    }
    return n;
}
