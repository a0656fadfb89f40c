/* SPDX-License-Identifier: MIT */
/*
 * copies.h - the payloads of metadata that differ, for a sink that copies them. The engine repeats them: each is kept once.
 */
#ifndef COPIES_H
#define COPIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tp/wire.h>

#define COPIES_MAX 16384u
#define COPIES_BYTES TP_LIMIT_METADATA_BYTES
#define COPIES_SLOTS 1024u /* by checksum */

struct copies_payload {
    struct copies_payload *next, *before, *in_slot;
    uint64_t number; /* of all that were there at any time, from 0 */
    uint32_t crc;
    uint32_t bytes;
    uint8_t payload[];
};

struct copies {
    struct copies_payload *first, *last;
    struct copies_payload **slots; /* NULL: there are none yet */
    unsigned now, count;           /* that are there, and were at any time */
    size_t bytes;
};

/* False: there is no room for another one. */
bool copies_add(struct copies *c, const uint8_t *payload, size_t n);
void copies_free(struct copies *c);

#endif
