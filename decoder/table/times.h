/* SPDX-License-Identifier: MIT */
/*
 * times.h - the times of a table's rows, as far as they come in order: all that an index on them needs.
 *
 * They are kept as differences, in the temporary file.
 */
#ifndef TIMES_H
#define TIMES_H

#include "base/blocks.h"
#include "base/sqlite.h"
#include "table/btree.h"

#define TIMES_BYTES 1024u /* in memory */

struct times {
    int64_t last;
    struct blocks_file before; /* what has left the memory */
    uint32_t n;
    uint8_t bytes[TIMES_BYTES];
    uint32_t page; /* where the index begins that was written */
};

void times_close(struct times *t, struct sqlite *db);
/* False: the time is smaller than the one before. Or the disk is full, which sqlite_error() says. */
bool times_add(struct times *t, struct sqlite *db, int64_t time);
/* Writes the index, of rows that have numbers from 1 on, into the database. False: the disk is full, as above. */
bool times_index(struct times *t, struct sqlite *db, struct btree *b);

#endif
