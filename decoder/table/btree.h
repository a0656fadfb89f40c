/* SPDX-License-Identifier: MIT */
/*
 * btree.h - an index of SQLite's on a time, as the pages of its file format, for rows whose times come in order.
 *
 *     btree_open(&b, db);
 *     btree_add(&b, time, 1);
 *     btree_add(&b, time, 2);
 *     root = btree_finish(&b);
 *     btree_close(&b);
 *
 * SQLite itself needs a third of the time of a whole database for such indexes. https://www.sqlite.org/fileformat2.html
 */
#ifndef BTREE_H
#define BTREE_H

#include "base/sqlite.h"

#define BTREE_LEVELS 6u /* of 700 pages each and more: that many pages have no numbers */

struct btree_page;

struct btree {
    struct sqlite *db;
    struct btree_page
        *levels[BTREE_LEVELS]; /* the last page of each; the leaves are the first level */
};

void btree_open(struct btree *b, struct sqlite *db);
/* An entry that comes after those that are there: a time that is not smaller, and the number of its row. */
void btree_add(struct btree *b, int64_t time, uint64_t row);
/* The number of its page at the top. 0: sqlite_error() says why it cannot be written. */
uint32_t btree_finish(struct btree *b);
void btree_close(struct btree *b);

#endif
