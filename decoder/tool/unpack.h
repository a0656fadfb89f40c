/* SPDX-License-Identifier: MIT */
/*
 * unpack.h - inputs that are compressed by gzip, each inflated by a process of its own.
 *
 * Like all others they are started before an input is read; of a pipe its first bytes are looked at and left where they are.
 */
#ifndef UNPACK_H
#define UNPACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "order/stream.h"

/* Inflating less takes no longer than starting a process for it. */
#define UNPACK_LARGE_BYTES (1u << 20)

struct unpack {
    uint32_t count; /* of these processes */

    /* Of one of them: */
    struct inflate *to; /* what it inflates goes here; NULL: this process is none of them */
    struct input *from;
};

/* Starts at most so many. `large`: none for a file of less than UNPACK_LARGE_BYTES. In each of them it returns as well. */
void unpack_open(struct unpack *u, struct stream *streams, size_t count, uint32_t most, bool large);
/* In another process, which reads none of the inputs: closes what leads to these. */
void unpack_leave(struct stream *streams, size_t count);
/* The descriptors that this process writes, of which there are u->count at most. */
size_t unpack_written(const struct unpack *u, const struct stream *streams, size_t count, int *fd);
/* Has one of them ended too early? */
bool unpack_lost(const struct stream *streams, size_t count);

/* One of them: inflates its input, and ends with the one that reads it. */
_Noreturn void unpack_work(struct unpack *u);
/* One that cannot: it ends, and says so if it has no memory. */
_Noreturn void unpack_end(struct unpack *u, bool no_memory);

#endif
