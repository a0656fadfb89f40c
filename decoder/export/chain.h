/* SPDX-License-Identifier: MIT */
/*
 * chain.h - bytes that are kept in a temporary file until the end, several such lists in one file.
 *
 * Each block begins with the offset of the next one, whose place is taken when the block is written.
 */
#ifndef CHAIN_H
#define CHAIN_H

#include "base/spill.h"

#define CHAIN_BLOCK_BYTES 1024u

struct chain {
    uint64_t first, next; /* offsets of blocks: the first, and the one that is filled */
    uint64_t bytes;
    uint32_t used; /* of `block` */
    uint8_t *block;
};

void chain_add(struct chain *c, struct spill *s, const void *bytes, size_t n);
/* Gives all bytes to a function, in pieces. False: the temporary file cannot be read. */
bool chain_read(struct chain *c, struct spill *s,
                void (*take)(void *context, const void *bytes, size_t n), void *context);
void chain_free(struct chain *c);

#endif
