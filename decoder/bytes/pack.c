/* SPDX-License-Identifier: MIT */
/* pack.c - makes chunks of a dump, in either byte order. */
#include "bytes/pack.h"

#include <string.h>

#include "base/crc.h"
#include "base/mem.h"
#include "base/zip.h"
#include "bytes/header.h"

static void pack_room(struct pack *p, size_t n)
{
    size_t room = 2 * p->room + n;

    if (n <= p->room - p->n)
        return;
    p->bytes = mem_grow(p->bytes, room);
    p->room = room;
}

void pack_add(struct pack *p, const void *bytes, size_t n)
{
    pack_room(p, n);
    if (n)
        memcpy(p->bytes + p->n, bytes, n);
    p->n += n;
}

void pack_u32(struct pack *p, uint32_t v)
{
    v = p->swap ? __builtin_bswap32(v) : v;
    pack_add(p, &v, sizeof(v));
}

void pack_u64(struct pack *p, uint64_t v)
{
    v = p->swap ? __builtin_bswap64(v) : v;
    pack_add(p, &v, sizeof(v));
}

void pack_begin(struct pack *p, const struct tp_wire_chunk *head)
{
    p->start = p->n;
    pack_add(p, head, sizeof(*head));
}

void pack_flags(struct pack *p, uint16_t flags, bool swap)
{
    struct tp_wire_chunk h;

    memcpy(&h, p->bytes + p->start, sizeof(h));
    h.flags |= flags;
    memcpy(p->bytes + p->start, &h, sizeof(h));
    p->swap = swap;
}

/* The payload becomes its size and a zlib stream. False if that is not smaller. */
static bool pack_deflate(struct pack *p)
{
    size_t n = pack_payload_bytes(p), got;

    if (n <= 16)
        return false;
    pack_room(p, n);
    got = zip_deflate(p->bytes + p->n - n, n, p->bytes + p->n, n - 12);
    if (!got)
        return false;
    memmove(p->bytes + p->n - n + sizeof(uint32_t), p->bytes + p->n, got);
    p->n -= n;
    pack_u32(p, (uint32_t)n);
    p->n += got;
    return true;
}

void pack_end(struct pack *p, uint32_t records)
{
    static const uint8_t zeros[8];
    size_t crc_at = offsetof(struct tp_wire_chunk, header_crc);
    uint8_t *at;
    struct tp_wire_chunk h;
    uint32_t crc;
    bool zlib;

    pack_add(p, zeros, -(p->n - p->start) & 7u);
    zlib = p->zlib && pack_deflate(p);
    pack_add(p, zeros, -(p->n - p->start) & 7u);
    at = p->bytes + p->start;
    memcpy(&h, at, sizeof(h));
    h.flags |= zlib ? TP_CHUNK_ZLIB : 0;
    memcpy(h.magic, header_magic, sizeof(header_magic));
    h.order = TP_WIRE_ORDER;
    h.major = TP_WIRE_MAJOR;
    h.minor = TP_WIRE_MINOR;
    h.word_bytes = p->word_bytes;
    h.header_bytes = TP_WIRE_CHUNK_BYTES;
    h.stream = p->stream;
    h.size_bytes = (uint32_t)(p->n - p->start);
    h.records = records;
    h.payload_crc = crc_add(0, at + sizeof(h), p->n - p->start - sizeof(h)) ^ p->wrong;
    if (h.type != TP_CHUNK_DATA) {
        h.cpu = TP_CHUNK_NO_CPU;
        h.seq = p->other++;
    }
    if (p->swap)
        header_swap(&h);
    memcpy(at, &h, sizeof(h));
    crc = crc_add(crc_add(0, at, crc_at), at + crc_at + 4, sizeof(h) - crc_at - 4);
    if (p->swap)
        crc = __builtin_bswap32(crc);
    memcpy(at + crc_at, &crc, sizeof(crc));
}
