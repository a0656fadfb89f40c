/* SPDX-License-Identifier: MIT */
/*
 * chunk.h - finds the chunks of one input and checks them.
 *
 * Knows headers and checksums, and nothing of what is in a payload. Damage is
 * reported here; a chunk with a good header and a bad payload is returned
 * all the same, because its header says what is missing.
 */
#ifndef CHUNK_H
#define CHUNK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <tp/wire.h>

#include "bytes/header.h"
#include "bytes/hint.h"

struct diag_file;
struct input;

struct chunk {
    struct tp_wire_chunk head; /* in our byte order */
    bool swap;                 /* the payload is in the other byte order */
    bool bad;                  /* the payload must not be read ... */
    bool salvage;              /* ... but by who knows which parts of it are whole */
    uint64_t at;               /* offset in the input */
    uint64_t index;            /* number in the input, from 0 */
    const uint8_t *payload;    /* valid until the next chunk_next() */
    size_t payload_bytes;
};

/* How many entries of this size its payload has, of those that its header declares. */
static inline size_t chunk_entries(const struct chunk *c, size_t each)
{
    size_t room = c->payload_bytes / each;

    return c->head.records < room ? c->head.records : room;
}

enum chunk_status {
    CHUNK_FOUND,
    CHUNK_REFUSED, /* made by a format that this reader does not know */
    CHUNK_NONE     /* end of the input */
};

struct chunk_reader {
    struct input *in;
    struct diag_file *diag;
    uint64_t index;      /* of the next chunk */
    size_t consume;      /* bytes of the chunk that was returned */
    uint64_t skipped_at; /* bytes that belong to no chunk */
    uint64_t skipped;
    uint64_t quiet_end; /* what is skipped before here was reported already */
    uint64_t work;      /* bytes searched a second time */
    bool trusted;       /* another reads the same, and looks at checksums of payloads */
    struct hint hint;   /* what it is instead of a dump */
    uint8_t *inflated;  /* payload of a compressed chunk */
};

void chunk_open(struct chunk_reader *r, struct input *in, struct diag_file *diag);
enum chunk_status chunk_next(struct chunk_reader *r, struct chunk *c);
void chunk_close(struct chunk_reader *r);

/* The header of the chunk that chunk_next() would find right here; false if it would have to look
 * for one. */
bool chunk_peek(struct chunk_reader *r, struct tp_wire_chunk *h);
/* Skips it without reading its payload; the input can seek, and has all of it. */
void chunk_pass(struct chunk_reader *r, const struct tp_wire_chunk *h);
/* Skips n chunks, up to an offset of the input, which can seek. */
void chunk_leap(struct chunk_reader *r, uint64_t n, uint64_t offset);
/* Goes on at an offset of the input, which can seek. */
void chunk_move(struct chunk_reader *r, uint64_t offset);

#endif
