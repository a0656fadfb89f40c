/* SPDX-License-Identifier: MIT */
/*
 * need.h - what statements need of a table, a part of sqlite.c: a table without rows, of which SQLite asks, when it prepares a
 * statement, how it would look for these.
 */
#ifndef NEED_H
#define NEED_H

#include "base/sqlite.h"

struct sqlite3;

/* Returns SQLite's code. */
int need_make(struct sqlite3 *db, const char *name, struct sqlite_use *use);

#endif
