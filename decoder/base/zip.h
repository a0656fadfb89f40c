/* SPDX-License-Identifier: MIT */
/*
 * zip.h - all that zlib does here: gzip input, compressed payloads, CRC-32.
 *
 * Knows neither files nor chunks. Nothing is inflated beyond the room given.
 */
#ifndef ZIP_H
#define ZIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* crc: 0 to start, else the CRC-32 of what came before. */
uint32_t zip_crc(uint32_t crc, const void *bytes, size_t n);

/* True if this is how a gzip file starts; n may be less than the 3 it needs. */
bool zip_is_gzip(const uint8_t *bytes, size_t n);

/* Where compressed bytes come from: count, 0 at the end, below 0 on error. */
typedef long zip_read_fn(void *context, uint8_t *to, size_t n);

/* A gzip file of one or more members, read as a stream. */
struct zip_input;

enum zip_problem {
    ZIP_GOOD,
    ZIP_CUT, /* it ends too early */
    ZIP_DAMAGED,
    ZIP_FOLLOWED, /* by something else */
    ZIP_PROBLEMS
};

/* `start`: bytes already read. */
struct zip_input *zip_input_new(zip_read_fn *read, void *context, const uint8_t *start, size_t n);
void zip_input_free(struct zip_input *z);
/* Plain bytes: count, or 0 at the end. After that zip_input_problem() says whether it was a good
 * one. No more is read for them than they need, however large the pieces are in which they are asked for. */
size_t zip_input_read(struct zip_input *z, uint8_t *to, size_t n);
enum zip_problem zip_input_problem(const struct zip_input *z);
/* In words. NULL: there is none. */
const char *zip_problem_text(enum zip_problem problem);

/*
 * Inflates a zlib stream that must give exactly `want` bytes; up to 7 zeros
 * may follow it. NULL on success with the bytes in *to (to be freed), else
 * what is wrong. Memory grows with what comes out, not with `want`.
 */
const char *zip_inflate(const uint8_t *from, size_t n, size_t want, uint8_t **to);

/* Deflates into a zlib stream in room for `room` bytes: how many it takes, or 0 if it has no room
 * there. */
size_t zip_deflate(const uint8_t *from, size_t n, uint8_t *to, size_t room);

/* Makes gzip files of bytes in memory, each a whole one, quickly rather than small. */
struct zip_packer;

struct zip_packer *zip_packer_new(void);
void zip_packer_free(struct zip_packer *z);
/* Returns how many bytes there are now, at *to, until the next call. */
size_t zip_pack(struct zip_packer *z, const uint8_t *from, size_t n, const uint8_t **to);

#endif
