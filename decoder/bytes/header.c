/* SPDX-License-Identifier: MIT */
/* header.c - the header of a chunk. */
#include "bytes/header.h"

#include <stdio.h>
#include <string.h>

#include "base/crc.h"
#include "base/zip.h"

const uint8_t header_magic[4] = {TP_WIRE_MAGIC0, TP_WIRE_MAGIC1, TP_WIRE_MAGIC2, TP_WIRE_MAGIC3};

void header_swap(struct tp_wire_chunk *h)
{
    h->order = __builtin_bswap16(h->order);
    h->header_bytes = __builtin_bswap16(h->header_bytes);
    h->flags = __builtin_bswap16(h->flags);
    h->cpu = __builtin_bswap16(h->cpu);
    h->size_bytes = __builtin_bswap32(h->size_bytes);
    h->records = __builtin_bswap32(h->records);
    h->payload_crc = __builtin_bswap32(h->payload_crc);
    h->header_crc = __builtin_bswap32(h->header_crc);
    h->stream = __builtin_bswap64(h->stream);
    h->seq = __builtin_bswap64(h->seq);
    h->time = __builtin_bswap64(h->time);
    h->first_record = __builtin_bswap64(h->first_record);
    for (unsigned i = 0; i < TP_LOST_CAUSES; i++)
        h->lost[i] = __builtin_bswap64(h->lost[i]);
}

bool header_read(const uint8_t *p, struct tp_wire_chunk *h, bool *swap)
{
    if (memcmp(p, header_magic, sizeof(header_magic)) != 0)
        return false;
    memcpy(h, p, sizeof(*h));
    *swap = h->order != TP_WIRE_ORDER;
    if (*swap)
        header_swap(h);
    return h->order == TP_WIRE_ORDER;
}

bool header_sizes(const uint8_t *p, struct tp_wire_chunk *h, bool *swap)
{
    return header_read(p, h, swap) && h->header_bytes >= TP_WIRE_CHUNK_BYTES &&
           h->header_bytes <= HEADER_BYTES_MAX && h->size_bytes >= h->header_bytes &&
           h->size_bytes % 8 == 0 && h->size_bytes <= TP_LIMIT_CHUNK_BYTES;
}

bool header_sum(const uint8_t *p, size_t n, size_t at, uint32_t sum, uint8_t *major)
{
    size_t rest = at + sizeof(sum);

    if (crc_add(crc_add(0, p, at), p + rest, n - rest) == sum)
        return true;
    if (zip_crc(zip_crc(0, p, at), p + rest, n - rest) != sum)
        return false;
    *major = HEADER_MAJOR_OLD;
    return true;
}

bool header_whole(const uint8_t *p, struct tp_wire_chunk *h)
{
    return header_sum(p, h->header_bytes, offsetof(struct tp_wire_chunk, header_crc), h->header_crc,
                      &h->major);
}

const char *header_made_by(char text[HEADER_MADE_BYTES], unsigned major, unsigned minor)
{
    if (major == HEADER_MAJOR_OLD)
        return "made before format 1.0; only the tpdecode of the tracepoint that made it reads it";
    snprintf(text, HEADER_MADE_BYTES, "made by format %u.%u, this tpdecode reads up to %u.x", major,
             minor, TP_WIRE_MAJOR);
    return text;
}

bool header_good(const uint8_t *p, size_t n, struct tp_wire_chunk *h, bool *swap)
{
    return n >= TP_WIRE_CHUNK_BYTES && header_sizes(p, h, swap) && n >= h->header_bytes &&
           header_whole(p, h);
}
