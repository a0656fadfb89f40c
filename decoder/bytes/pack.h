/* SPDX-License-Identifier: MIT */
/*
 * pack.h - makes chunks of a dump, in either byte order.
 *
 *     pack_begin(p, &head);
 *     pack_add(p, bytes, n);
 *     pack_end(p, records);
 */
#ifndef PACK_H
#define PACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <tp/wire.h>

struct pack {
    bool swap;
    bool zlib; /* payloads are compressed, if that makes them smaller */
    uint8_t word_bytes;
    uint64_t stream;
    uint8_t *bytes; /* the chunks made, to be freed */
    size_t n, room;
    size_t start;   /* of the chunk in the making */
    uint64_t other; /* chunks made that are not data */
    uint32_t wrong; /* bits that are wrong in the checksum of a payload */
};

/* Of the head: type, cpu, flags, seq of data, time, first_record, lost. */
void pack_begin(struct pack *p, const struct tp_wire_chunk *head);
/* More flags for a chunk without a payload yet, and another byte order. */
void pack_flags(struct pack *p, uint16_t flags, bool swap);
void pack_add(struct pack *p, const void *bytes, size_t n);
void pack_u32(struct pack *p, uint32_t v); /* in the byte order of the dump */
void pack_u64(struct pack *p, uint64_t v);
void pack_end(struct pack *p, uint32_t records);

static inline size_t pack_payload_bytes(const struct pack *p)
{
    return p->n - p->start - TP_WIRE_CHUNK_BYTES;
}

#endif
