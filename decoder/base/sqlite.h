/* SPDX-License-Identifier: MIT */
/*
 * sqlite.h - a database: all of SQLite that is used here. Without it nosqlite.c is in its place.
 *
 *     s = sqlite_open(-1, &spill);
 *     sqlite_run(s, "create table t(a)");
 *     q = sqlite_prepare(s, "select a from t", NULL);
 *     while (sqlite_step(q))
 *         ... sqlite_number(q, 0)
 *     sqlite_finish(q);
 *     sqlite_close(s);
 *
 * No file is opened: the database is in a descriptor that is open, or in the spill, where all temporary files are as
 * well. SQLite's memory has a limit. When there is no memory, mem_failed() is called, after SQLite has returned.
 */
#ifndef SQLITE_H
#define SQLITE_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/spill.h"

#define SQLITE_MEMORY_BYTES (40 << 20)
#define SQLITE_TEXT_MAX (16 << 20) /* of one value, and of one query */
#define SQLITE_INDEXES 8u          /* that are proposed for a table */
#define SQLITE_INDEX_COLUMNS 4u
#define SQLITE_COLUMNS 63u /* of a table that is watched */

struct sqlite;
struct sqlite_query;

/* False: there is only nosqlite.c, and none of the functions may be called. */
extern const bool sqlite_is_there;

/* fd: of the file that is the database; -1: it is temporary. The spill may be NULL, then all is in memory. */
struct sqlite *sqlite_open(int fd, struct spill *spill);
void sqlite_close(struct sqlite *s);
/* What runs ends when this is not 0. */
void sqlite_stop_at(struct sqlite *s, const volatile sig_atomic_t *stop);
/* From now on no other file can be attached and no setting changed. */
void sqlite_guard(struct sqlite *s);

/* What went wrong last, or NULL, and where in the text of the query, or -1. */
const char *sqlite_problem(const struct sqlite *s);
int sqlite_problem_at(const struct sqlite *s);
/* The errno of a disk that is full or broken, or 0. */
int sqlite_error(const struct sqlite *s);

bool sqlite_run(struct sqlite *s, const char *text);
/* The first statement of a text; *rest: what follows it. NULL: there is a problem, or there is none, and the text has
 * no statement. */
struct sqlite_query *sqlite_prepare(struct sqlite *s, const char *text, const char **rest);
/* Is there a row? */
bool sqlite_step(struct sqlite_query *q);
/* To be run again, with values that are all NULL. */
void sqlite_reset(struct sqlite_query *q);
void sqlite_finish(struct sqlite_query *q);
/* Does it change nothing? */
bool sqlite_only_reads(struct sqlite_query *q);
/* Rows of tables that were looked at without an index. */
uint64_t sqlite_scanned(struct sqlite_query *q);
/* Is a text a whole statement, with its semicolon? */
bool sqlite_is_whole(const char *text);

/* Values of a statement, from 1 on. A text must stay where it is until it was run. */
void sqlite_put_number(struct sqlite_query *q, int i, int64_t v);
void sqlite_put_text(struct sqlite_query *q, int i, const char *text);

/* Values of a row, from 0 on. */
enum sqlite_is {
    SQLITE_IS_NOTHING,
    SQLITE_IS_NUMBER,
    SQLITE_IS_REAL,
    SQLITE_IS_TEXT,
    SQLITE_IS_BYTES
};
int sqlite_columns(struct sqlite_query *q);
const char *sqlite_name(struct sqlite_query *q, int i);
enum sqlite_is sqlite_type(struct sqlite_query *q, int i);
int64_t sqlite_number(struct sqlite_query *q, int i);
double sqlite_real(struct sqlite_query *q, int i);
/* The bytes of a text, or of bytes. */
const void *sqlite_bytes(struct sqlite_query *q, int i, size_t *n);
/* Rows that are inserted by one statement, which is much faster than a statement for each:
 * insert into t select c0, c1 from feed */
struct sqlite_value {
    enum sqlite_is is;
    uint32_t bytes; /* of a text, or of bytes: how many, at `at` of those of the rows */
    union {
        int64_t number;
        double real;
        size_t at;
    };
};
struct sqlite_rows {
    uint32_t columns, count;
    struct sqlite_value *values; /* row by row */
    char *bytes;
};
#define SQLITE_FEED_COLUMNS 64u
bool sqlite_insert(struct sqlite_query *q, const struct sqlite_rows *rows);

/* What statements need of a table. */
struct sqlite_range {
    bool any; /* of the statements that were prepared */
    bool all; /* one of them wants it for all values; else: */
    int64_t low, high;
};
struct sqlite_index {
    uint8_t count;
    uint8_t column[SQLITE_INDEX_COLUMNS]; /* those that are compared for equality first */
};
struct sqlite_use {
    const char *text; /* given: its `create table`; */
    int time, cpu;    /* and which columns the ranges are of, or -1 */
    bool used;
    uint64_t columns; /* a bit each */
    struct sqlite_range times, cpus;
    uint32_t index_count;
    struct sqlite_index indexes[SQLITE_INDEXES]; /* that would help: it is joined by these */
};
/* A table without rows. Each statement that is prepared says what it needs of it; the text and `use` must stay where
 * they are. */
bool sqlite_pretend(struct sqlite *s, const char *name, struct sqlite_use *use);

/* "a""b": a name in a statement. Returns the end; at most 2 * n + 2 bytes, without a NUL. */
static inline char *sqlite_quote(char *to, const char *name, size_t n)
{
    *to++ = '"';
    for (size_t i = 0; i < n; i++) {
        if (name[i] == '"')
            *to++ = '"';
        *to++ = name[i];
    }
    *to++ = '"';
    return to;
}

#endif
