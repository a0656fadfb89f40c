/* SPDX-License-Identifier: MIT */
/*
 * header.h - the header of a chunk.
 *
 * Knows one header at one place: where chunks are, and what is in their payload, is chunk.h.
 */
#ifndef HEADER_H
#define HEADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <tp/wire.h>

#define HEADER_BYTES_MAX 4096u

extern const uint8_t header_magic[4];

void header_swap(struct tp_wire_chunk *h);
/* The header at p, of which all TP_WIRE_CHUNK_BYTES are there, in our byte order. False if it has
 * not the magic or no byte order; nothing else is checked. */
bool header_read(const uint8_t *p, struct tp_wire_chunk *h, bool *swap);
/* The same, and false as well if its sizes cannot be right. The checksum is not checked. */
bool header_sizes(const uint8_t *p, struct tp_wire_chunk *h, bool *swap);
/* The checksum of a header that header_sizes() has read, of which all header_bytes are there. */
bool header_whole(const uint8_t *p, const struct tp_wire_chunk *h);
/* All of this: is there a chunk header at p, of which n bytes are there? */
bool header_good(const uint8_t *p, size_t n, struct tp_wire_chunk *h, bool *swap);

#endif
