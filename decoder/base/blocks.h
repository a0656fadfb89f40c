/* SPDX-License-Identifier: MIT */
/*
 * blocks.h - many temporary files in one that was opened before rights are given up.
 *
 * A file is a list of blocks; those of a file that is closed are used again.
 */
#ifndef BLOCKS_H
#define BLOCKS_H

#include "base/spill.h"

#define BLOCKS_BYTES (256u << 10) /* of each */

struct blocks {
    struct spill *spill;
    uint32_t used;  /* blocks of the spill */
    uint32_t *free; /* those of them that no file has */
    uint32_t free_count, free_room;
};

struct blocks_file {
    uint32_t *at; /* where its blocks are */
    uint32_t count, room;
    uint64_t bytes;
};

void blocks_open(struct blocks *b, struct spill *spill);
void blocks_close(struct blocks *b);
/* False: the disk is full, which spill->error says, or there is no memory. */
bool blocks_write(struct blocks *b, struct blocks_file *f, uint64_t at, const void *bytes,
                  size_t n);
/* What is beyond its end is zero; `n` bytes at most. Returns false if it cannot be read. */
bool blocks_read(struct blocks *b, const struct blocks_file *f, uint64_t at, void *to, size_t n);
/* Makes it shorter. */
void blocks_cut(struct blocks *b, struct blocks_file *f, uint64_t bytes);
/* Frees the blocks of a file. */
void blocks_drop(struct blocks *b, struct blocks_file *f);

#endif
