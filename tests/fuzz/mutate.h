/* SPDX-License-Identifier: MIT */
/*
 * mutate.h - changes that know the bytes (doc/format.md): what is changed gets the checksums that fit, so
 * that it is read and not only refused.
 */
#ifndef MUTATE_H
#define MUTATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All of them change up to `max` bytes at `data` in place and return the new size. */
size_t mutate_dump(uint8_t *data, size_t size, size_t max, unsigned seed);
size_t mutate_cbor(uint8_t *data, size_t size, size_t max, unsigned seed);
size_t mutate_region(uint8_t *data, size_t size, size_t max, unsigned seed);
/* A text made of lines: some go, come twice, or are replaced by one that `make` makes. */
size_t mutate_lines(uint8_t *data, size_t size, size_t max, unsigned seed,
                    size_t (*make)(char *to, size_t room));

/* A random number below n, from the seed of the mutation that runs. */
uint32_t mutate_random(uint32_t n);
void mutate_seed(unsigned seed);

/* Checksums of all chunks that are whole; of both headers of a region and its metadata. */
void mutate_seal_dump(uint8_t *data, size_t size);
void mutate_seal_region(uint8_t *data, size_t size);

/* A chunk around a payload: the result is at `to`, which has room for it. Returns its size. */
struct mutate_chunk {
    uint8_t type;
    uint16_t cpu, flags;
    uint32_t records;
    uint64_t seq, time, first_record;
};
size_t mutate_make_chunk(uint8_t *to, struct mutate_chunk c, const void *payload, size_t n);

#endif
