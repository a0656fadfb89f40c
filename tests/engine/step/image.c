/* SPDX-License-Identifier: MIT */
/* doc/region.md: the region as it can be found in memory at any moment. */
#include "check.h"

#include "../../lib/crc32c.h"

#include <string.h>

#define UNIT 8u

unsigned long images;

/* The ring that is being read. */
static struct tp_wire_region head;
static uint64_t cursor, limit, last_lost[4];
static struct order order;

static const struct tp_wire_region *good_header(const uint8_t *region, unsigned copy)
{
    const uint8_t *at = region + 128u * copy;
    struct tp_wire_region h;

    memcpy(&h, at, sizeof(h));
    return memcmp(h.magic, "\xf5tp\xfb", 4) == 0 && h.copy == copy && h.header_bytes == 128 &&
                   crc32c(crc32c(0, at, 12), at + 16, 112) == h.header_crc
               ? (const void *)at
               : NULL;
}

static uint64_t get64(const uint8_t *at)
{
    uint64_t v;

    memcpy(&v, at, sizeof(v));
    return v;
}

static const uint8_t *subbuf(const uint8_t *region, uint64_t number)
{
    return region + head.data_at + number % head.subbufs * head.subbuf_bytes;
}

static void read_header(const uint8_t *region, struct image *i)
{
    const struct tp_wire_region *a = good_header(region, 0), *b = good_header(region, 1);
    const uint8_t *ring;

    if (!a || !b)
        wrong("region header");
    head = (int32_t)(b->generation - a->generation) > 0 ? *b : *a;
    if (head.cpus != 1 || head.word_bytes != 8 || head.subbufs != scene.subbufs ||
        !!(head.flags & TP_CHUNK_CONTEXT) != scene.context ||
        crc32c(0, region + head.metadata_at, head.metadata_bytes) != head.metadata_crc)
        wrong("region header tells something else");
    ring = region + head.rings_at;
    cursor = get64(ring + head.cursor_at);
    limit = get64(ring + head.limit_at);
    for (unsigned n = 0; n < 4; n++)
        i->refused += last_lost[n] = get64(ring + head.lost_at + 8 * n);
}

static void check_zero(const uint8_t *from, const uint8_t *to, uint64_t number)
{
    for (; from < to; from++)
        if (*from)
            wrong("image: sub-buffer %llu is not zero behind its records", (long long)number);
}

static bool check_header(const struct tp_wire_chunk *h, uint64_t number)
{
    bool ready = number > cursor / head.subbuf_bytes;
    uint32_t units = h->payload_crc & 0xffff;

    if (h->seq != number)
        wrong("image: seq %llu, not %llu", (long long)h->seq, (long long)number);
    if (!(h->flags & TP_CHUNK_LIVE) || (h->flags & TP_CHUNK_CONTEXT) != scene.context ||
        !!(h->flags & TP_CHUNK_OVERWRITE) != scene.overwrite || h->cpu ||
        h->stream != head.stream || h->order != 0x0102 || h->type != TP_CHUNK_DATA)
        wrong("image: header of %llu", (long long)number);
    if (units > head.subbuf_bytes / UNIT || (ready && (h->payload_crc || h->time)))
        wrong("image: commit word %x of %llu", h->payload_crc, (long long)number);
    for (unsigned n = 0; n < 4; n++)
        if (h->lost[n] > last_lost[n])
            wrong("image: lost[%u] of %llu", n, (long long)number);
    return units == head.subbuf_bytes / UNIT;
}

/* The records of a sub-buffer. */
static void check_subbuf(const uint8_t *at, uint64_t number, struct image *i)
{
    const uint8_t *end = at + head.subbuf_bytes, *rec;
    const struct tp_wire_chunk *h = (const void *)at;
    uint32_t commit = h->payload_crc, events = 0, word, done_at;
    bool complete = check_header(h, number), flight = false;

    if (h->time)
        order.high = (uint32_t)(h->time >> 32);
    if (number == cursor / head.subbuf_bytes)
        end = at + cursor % head.subbuf_bytes;
    for (rec = at + 104; rec < end; rec += (word >> 16 & 0xfff) * UNIT) {
        memcpy(&word, rec + 4, sizeof(word));
        if (!word)
            break;
        if (!(word >> 16 & 0xfff) || rec + (word >> 16 & 0xfff) * UNIT > end)
            wrong("image: length in word %x of %llu", word, (long long)number);
        if (word >> 31)
            events += check_record(rec, &order, &done_at);
        else
            flight = true;
    }
    if (complete && (flight || (uint32_t)(rec - at) != h->size_bytes || events != commit >> 16))
        wrong("image: %llu is complete, but not whole", (long long)number);
    if (w->begun == w->done &&
        commit != (number == cursor / head.subbuf_bytes ? events << 16 | (uint32_t)(rec - at) / UNIT
                                                        : events << 16 | head.subbuf_bytes / UNIT))
        wrong("image: commit word %x of %llu when all is done", commit, (long long)number);
    if (complete || number == cursor / head.subbuf_bytes)
        check_zero(complete ? rec : end, at + head.subbuf_bytes, number);
    i->whole += events;
    i->hidden += commit >> 16 > events ? (commit >> 16) - events : 0;
}

void check_image(const uint8_t *region, struct image *i)
{
    uint64_t c, l, n;

    images++;
    memset(i, 0, sizeof(*i));
    memset(&order, 0, sizeof(order));
    read_header(region, i);
    c = cursor / head.subbuf_bytes;
    l = limit / head.subbuf_bytes;
    n = get64(subbuf(region, l) + offsetof(struct tp_wire_chunk, seq)) == l ? l : l - 1;
    i->gone = get64(region + head.rings_at + head.gone_at + 8 * (n % 2));
    for (uint64_t number = n + 1 - head.subbufs; number <= c; number++)
        check_subbuf(subbuf(region, number), number, i);
    for (uint64_t number = c + 1; number < l; number++) {
        check_header((const void *)subbuf(region, number), number);
        check_zero(subbuf(region, number) + 104, subbuf(region, number) + head.subbuf_bytes,
                   number);
    }
}

void check_images(void)
{
    struct image i;

    for (uint32_t t = 0; t < scene.traces; t++) {
        uint64_t sum;

        check_image(w->region[t], &i);
        sum = i.gone + i.whole + i.hidden + i.refused;
        if (sum < w->done || sum > w->begun)
            wrong("image: %llu gone, %llu whole, %llu hidden, %llu refused; %u begun, %u done",
                  (long long)i.gone, (long long)i.whole, (long long)i.hidden, (long long)i.refused,
                  w->begun, w->done);
    }
}

uint64_t image_word(const uint8_t *region, size_t at_field)
{
    const struct tp_wire_region *h = (const void *)region;
    uint16_t at;

    memcpy(&at, (const uint8_t *)h + at_field, sizeof(at));
    return get64(region + h->rings_at + at);
}
