/* SPDX-License-Identifier: MIT */
/*
 * cooked.h - was a dump on its way changed as text is? A terminal that is not raw turns line ends into others, and
 * takes some bytes as keys.
 */
#ifndef COOKED_H
#define COOKED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cooked {
    uint32_t places; /* with the magic and no good header, or with a damaged payload */
    uint32_t tries;
    uint32_t looked,
        keys; /* bytes of no chunk and of these, and how many of them are keys of a terminal */
    uint64_t feeds, returns; /* in damaged payloads */
    const char *proof;       /* what was found to have happened; NULL: nothing for sure */
};

/* Bytes that are not part of any chunk. */
void cooked_skipped(struct cooked *c, const uint8_t *p, size_t n);
/* The magic of a chunk is at p, of which n bytes are there, and no good header. */
void cooked_header(struct cooked *c, const uint8_t *p, size_t n);
/* A payload of `size` bytes from p on, of which n bytes and what follows are there, has not this checksum. */
void cooked_payload(struct cooked *c, const uint8_t *p, size_t n, size_t size, uint32_t crc);
/* What has happened, for a sentence, or NULL. `any`: good chunks were found. */
const char *cooked_reason(const struct cooked *c, bool any);

#endif
