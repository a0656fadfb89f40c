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
#define HEADER_MAJOR_OLD 0u /* no format has it: the checksum was another one */
#define HEADER_MADE_BYTES 64u

extern const uint8_t header_magic[4];

void header_swap(struct tp_wire_chunk *h);
/* The header at p, of which all TP_WIRE_CHUNK_BYTES are there, in our byte order. False if it has
 * not the magic or no byte order; nothing else is checked. */
bool header_read(const uint8_t *p, struct tp_wire_chunk *h, bool *swap);
/* The same, and false as well if its sizes cannot be right. The checksum is not checked. */
bool header_sizes(const uint8_t *p, struct tp_wire_chunk *h, bool *swap);
/* The checksum of a header that header_sizes() has read, of which all header_bytes are there. */
bool header_whole(const uint8_t *p, struct tp_wire_chunk *h);
/* Is `sum` the checksum of the n bytes at p but for the four at `at`, which hold it? That of the
 * dumps before format 1.0 counts as well: then *major becomes HEADER_MAJOR_OLD. */
bool header_sum(const uint8_t *p, size_t n, size_t at, uint32_t sum, uint8_t *major);
/* Why another major is not read. */
const char *header_made_by(char text[HEADER_MADE_BYTES], unsigned major, unsigned minor);
/* All of this: is there a chunk header at p, of which n bytes are there? */
bool header_good(const uint8_t *p, size_t n, struct tp_wire_chunk *h, bool *swap);

#endif
