/* SPDX-License-Identifier: MIT */
/*
 * words.h - what the word before the cursor may become in a query: a word of SQL, a table, a column.
 *
 *     select * from rec          records
 *     select common_c            common_comm
 *     select * from "sched:sw    "sched:switch"
 *
 * After `from` and `join` only tables, after a dot only columns. Columns are those of the tables that the line names,
 * or, if it names none, of all. A name that could steer the terminal is not offered.
 */
#ifndef WORDS_H
#define WORDS_H

#include "base/line.h"
#include "base/sqlite.h"

/* Adds them for the n bytes of a query that are before the cursor. */
void words_find(struct sqlite *db, const char *text, size_t n, struct line_choices *to);

#endif
