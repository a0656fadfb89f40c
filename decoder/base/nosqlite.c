/* SPDX-License-Identifier: MIT */
/* nosqlite.c - in the place of sqlite.c where there is no SQLite. The command refuses what needs one. */
#include <stdlib.h>

#include "base/sqlite.h"

const bool sqlite_is_there = false;

#define NOSQLITE(type, name, ...)                                                                  \
    type name(__VA_ARGS__)                                                                         \
    {                                                                                              \
        abort();                                                                                   \
    }

#pragma GCC diagnostic ignored "-Wunused-parameter"
#pragma GCC diagnostic ignored "-Wsuggest-attribute=noreturn"

NOSQLITE(struct sqlite *, sqlite_open, int fd, struct spill *spill)
NOSQLITE(void, sqlite_stop_at, struct sqlite *s, const volatile sig_atomic_t *stop)
NOSQLITE(void, sqlite_guard, struct sqlite *s)
NOSQLITE(const char *, sqlite_problem, const struct sqlite *s)
NOSQLITE(int, sqlite_problem_at, const struct sqlite *s)
NOSQLITE(int, sqlite_error, const struct sqlite *s)
NOSQLITE(bool, sqlite_run, struct sqlite *s, const char *text)
NOSQLITE(struct sqlite_query *, sqlite_prepare, struct sqlite *s, const char *text,
         const char **rest)
NOSQLITE(bool, sqlite_step, struct sqlite_query *q)
NOSQLITE(void, sqlite_reset, struct sqlite_query *q)
NOSQLITE(bool, sqlite_only_reads, struct sqlite_query *q)
NOSQLITE(uint64_t, sqlite_scanned, struct sqlite_query *q)
NOSQLITE(bool, sqlite_is_whole, const char *text)
NOSQLITE(void, sqlite_put_number, struct sqlite_query *q, int i, int64_t v)
NOSQLITE(void, sqlite_put_text, struct sqlite_query *q, int i, const char *text)
NOSQLITE(int, sqlite_columns, struct sqlite_query *q)
NOSQLITE(const char *, sqlite_name, struct sqlite_query *q, int i)
NOSQLITE(enum sqlite_is, sqlite_type, struct sqlite_query *q, int i)
NOSQLITE(int64_t, sqlite_number, struct sqlite_query *q, int i)
NOSQLITE(double, sqlite_real, struct sqlite_query *q, int i)
NOSQLITE(const void *, sqlite_bytes, struct sqlite_query *q, int i, size_t *n)
NOSQLITE(bool, sqlite_insert, struct sqlite_query *q, const struct sqlite_rows *rows)
NOSQLITE(bool, sqlite_pretend, struct sqlite *s, const char *name, struct sqlite_use *use)

/* What was never opened is closed like everything else. */
void sqlite_close(struct sqlite *s)
{
    (void)s;
}

void sqlite_finish(struct sqlite_query *q)
{
    (void)q;
}
