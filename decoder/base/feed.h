/* SPDX-License-Identifier: MIT */
/*
 * feed.h - bytes that another process makes, in blocks of memory that it shares with the one that reads them.
 *
 *     feed_start(&f);                   returns in both
 *
 *     while ((b = feed_room(&f))) {     the one that makes them
 *         b->head.bytes = make(b->at, FEED_BLOCK_BYTES);
 *         feed_give(&f);
 *     }
 *
 *     at = feed_next(&f);               the one that reads them
 *     use(at, f.head.bytes);
 *     feed_free(&f);
 *
 * Blocks are read in the order in which they are made. Each process knows by one byte in a pipe that a block is its own.
 */
#ifndef FEED_H
#define FEED_H

#include <stdint.h>

#include "base/child.h"

#define FEED_BLOCK_BYTES (256u << 10)
#define FEED_BLOCKS 4u

struct feed_head {
    uint64_t taken;   /* bytes that were read to make this block, and those before it */
    uint32_t bytes;   /* 0: the one before was the last */
    uint32_t problem; /* an enum zip_problem that was found after these */
    int32_t error;    /* errno of a read that failed after these */
};

struct feed_block {
    struct feed_head head;
    uint8_t at[FEED_BLOCK_BYTES];
};

struct feed {
    struct child at;
    struct feed_block *blocks; /* NULL: it is not open */
    uint64_t made, freed;      /* blocks, as far as this process knows */
    struct feed_head
        head;  /* of the reader: of the block that is read, as it was once, and is good */
    bool lost; /* the process that makes them has ended too early */
};

enum child_side feed_start(struct feed *f);
void feed_close(struct feed *f);

/* --- the process that makes them --- */

/* Waits for a block that is free. NULL: the reader has ended. */
struct feed_block *feed_room(struct feed *f);
/* Hands it over. */
void feed_give(struct feed *f);
/* Waits until a descriptor can be read. False: the reader has ended. */
bool feed_wait(struct feed *f, int fd);
/* There will be no more, since there is no memory. */
void feed_fail(struct feed *f);

/* --- the one that reads them --- */

/* The bytes of the block that is read now, and f->head; waits for it. If there will be none the run ends, as where there is no
 * memory. */
const uint8_t *feed_next(struct feed *f);
void feed_free(struct feed *f);

#endif
