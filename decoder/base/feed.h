/* SPDX-License-Identifier: MIT */
/*
 * feed.h - a table of SQLite whose rows are those that are to be inserted, a part of sqlite.c.
 *
 *     feed_make(db, &rows);
 *     rows = ...;                       insert into t select c0, c1 from feed
 */
#ifndef FEED_H
#define FEED_H

#include "base/sqlite.h"

struct sqlite3;

/* *rows: those of the next statement; NULL, there are none. Returns SQLite's code. */
int feed_make(struct sqlite3 *db, const struct sqlite_rows **rows);

#endif
