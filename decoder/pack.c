/* SPDX-License-Identifier: MIT */
/* pack.c - makes chunks of a dump, in either byte order. */
#include "pack.h"

#include <string.h>

#include "chunk.h"
#include "mem.h"
#include "zip.h"

void pack_add(struct pack *p, const void *bytes, size_t n)
{
    if (n > p->room - p->n) {
        p->room = 2 * p->room + n;
        p->bytes = mem_grow(p->bytes, p->room);
    }
    if (n)
        memcpy(p->bytes + p->n, bytes, n);
    p->n += n;
}

void pack_u32(struct pack *p, uint32_t v)
{
    v = p->swap ? __builtin_bswap32(v) : v;
    pack_add(p, &v, sizeof(v));
}

void pack_begin(struct pack *p, const struct tp_wire_chunk *head)
{
    p->start = p->n;
    pack_add(p, head, sizeof(*head));
}

void pack_drop(struct pack *p)
{
    p->n = p->start;
}

void pack_end(struct pack *p, uint32_t records)
{
    static const uint8_t zeros[8],
        magic[4] = {TP_WIRE_MAGIC0, TP_WIRE_MAGIC1, TP_WIRE_MAGIC2, TP_WIRE_MAGIC3};
    size_t crc_at = offsetof(struct tp_wire_chunk, header_crc);
    uint8_t *at;
    struct tp_wire_chunk h;
    uint32_t crc;

    pack_add(p, zeros, -(p->n - p->start) & 7u);
    at = p->bytes + p->start;
    memcpy(&h, at, sizeof(h));
    memcpy(h.magic, magic, sizeof(magic));
    h.order = TP_WIRE_ORDER;
    h.major = TP_WIRE_MAJOR;
    h.minor = TP_WIRE_MINOR;
    h.word_bytes = p->word_bytes;
    h.header_bytes = TP_WIRE_CHUNK_BYTES;
    h.stream = p->stream;
    h.size_bytes = (uint32_t)(p->n - p->start);
    h.records = records;
    h.payload_crc = zip_crc(0, at + sizeof(h), p->n - p->start - sizeof(h));
    if (h.type != TP_CHUNK_DATA) {
        h.cpu = TP_CHUNK_NO_CPU;
        h.seq = p->other++;
    }
    if (p->swap)
        chunk_header_swap(&h);
    memcpy(at, &h, sizeof(h));
    crc = zip_crc(zip_crc(0, at, crc_at), at + crc_at + 4, sizeof(h) - crc_at - 4);
    if (p->swap)
        crc = __builtin_bswap32(crc);
    memcpy(at + crc_at, &crc, sizeof(crc));
}
