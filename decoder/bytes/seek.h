/* SPDX-License-Identifier: MIT */
/*
 * seek.h - finds the part of a file that a time is in, by the headers of its chunks.
 *
 * Chunks are in order of time but for SEEK_WINDOW_BYTES: merge.c assumes that as well. A
 * search by halves finds a place that is early enough; from SEEK_WINDOW_BYTES before it on chunks
 * are read, but the data of a CPU that has a later chunk from before that time as well. What does
 * not look as expected is not searched: then all of it is read.
 */
#ifndef SEEK_H
#define SEEK_H

#include <stdbool.h>
#include <stdint.h>
#include <tp/wire.h>

struct chunk_reader;
struct input;

#define SEEK_WINDOW_BYTES (16ull << 20)
#define SEEK_LEAST_BYTES (1ull << 20) /* for less it does not pay */

struct seek {
    bool wanted, tried;
    uint64_t from; /* counter: what is before it may be left out */

    uint64_t size;  /* of the input */
    uint64_t end;   /* of what may be left out; 0: nothing */
    uint64_t *last; /* for each CPU, where its last chunk from before `from` is, or 0 */
    uint32_t slots;
    bool entered; /* of what is left out the headers are taken into account (intake_enter) */
};

/* Does the input end in the capture `stream`, so that no other follows? */
bool seek_single(const struct input *in, uint64_t stream);
/* Where to continue reading, instead of after `at`. False: reading continues there. */
bool seek_find(struct seek *k, const struct input *in, uint64_t at, uint64_t stream, uint64_t *go);
/* The last chunk so far of a CPU from before `from`. */
void seek_note(struct seek *k, uint32_t cpu, uint64_t at);
/* Skips the next chunk, if that is to be left out: its header. */
bool seek_pass(struct seek *k, struct chunk_reader *r, struct tp_wire_chunk *h);
void seek_close(struct seek *k);

#endif
