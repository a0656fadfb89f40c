/* SPDX-License-Identifier: MIT */
/*
 * sqlite.c - a database: all that libsqlite3 does here, with three parts in files of their own: its files (vfs.c), rows that
 * are inserted (feed.c), and what statements need (need.c). No other file includes sqlite3.h.
 */
#include "base/sqlite.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/feed.h"
#include "base/mem.h"
#include "base/need.h"
#include "base/vfs.h"

#define SQLITE_STEPS 20000 /* of a query, between looks whether it is to end */

const bool sqlite_is_there = true;

static unsigned sqlite_users;

struct sqlite {
    sqlite3 *db;
    struct vfs *vfs;
    const volatile sig_atomic_t *stop;
    int code, at;
    bool guarded;
    struct sqlite_query *queries;
    const struct sqlite_rows *feed; /* that are being inserted */
};

struct sqlite_query {
    struct sqlite *of;
    sqlite3_stmt *statement;
    struct sqlite_query *next, **place;
};

/* --- the database --- */

/* Keeps what went wrong. False: it did. */
static bool sqlite_good(struct sqlite *s, int code)
{
    s->code = code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : code;
    s->at = s->code ? sqlite3_error_offset(s->db) : -1;
    if ((code & 0xff) == SQLITE_NOMEM || code == SQLITE_IOERR_NOMEM)
        mem_failed();
    return !s->code;
}

static int sqlite_progress(void *context)
{
    const struct sqlite *s = context;

    return s->stop && *s->stop;
}

void sqlite_stop_at(struct sqlite *s, const volatile sig_atomic_t *stop)
{
    s->stop = stop;
}

/* Of the settings those are left that only say something. */
static int sqlite_allows(void *context, int what, const char *a, const char *b, const char *c,
                         const char *d)
{
    static const char *const harmless[] = {"table_info", "table_xinfo",   "table_list",
                                           "index_list", "function_list", "integrity_check"};
    const struct sqlite *s = context;

    (void)c;
    (void)d;
    if (!s->guarded)
        return SQLITE_OK;
    if (what == SQLITE_PRAGMA) {
        for (size_t i = 0; i < sizeof(harmless) / sizeof(harmless[0]); i++)
            if (sqlite3_stricmp(a, harmless[i]) == 0)
                return SQLITE_OK;
        return SQLITE_DENY;
    }
    if (what == SQLITE_FUNCTION && b && sqlite3_stricmp(b, "load_extension") == 0)
        return SQLITE_DENY;
    return what == SQLITE_ATTACH || what == SQLITE_DETACH ? SQLITE_DENY : SQLITE_OK;
}

void sqlite_guard(struct sqlite *s)
{
    s->guarded = true;
    (void)sqlite3_set_authorizer(s->db, sqlite_allows, s);
}

const char *sqlite_problem(const struct sqlite *s)
{
    return s->code ? sqlite3_errmsg(s->db) : NULL;
}

int sqlite_problem_at(const struct sqlite *s)
{
    return s->code ? s->at : -1;
}

int sqlite_error(const struct sqlite *s)
{
    int kind = s->code & 0xff;

    if (vfs_error(s->vfs))
        return vfs_error(s->vfs);
    return kind == SQLITE_FULL ? ENOSPC : kind == SQLITE_IOERR || kind == SQLITE_CORRUPT ? EIO : 0;
}

bool sqlite_stopped(const struct sqlite *s)
{
    return s->code == SQLITE_INTERRUPT;
}

/* --- statements --- */

bool sqlite_run(struct sqlite *s, const char *text)
{
    return sqlite_good(s, sqlite3_exec(s->db, text, NULL, NULL, NULL));
}

struct sqlite_query *sqlite_prepare(struct sqlite *s, const char *text, const char **rest)
{
    struct sqlite_query *q = mem_zero(sizeof(*q));

    *q = (struct sqlite_query){.of = s, .next = s->queries, .place = &s->queries};
    if (s->queries)
        s->queries->place = &q->next;
    s->queries = q;
    if (sqlite_good(s, sqlite3_prepare_v2(s->db, text, -1, &q->statement, rest)) && q->statement)
        return q;
    sqlite_finish(q);
    return NULL;
}

bool sqlite_step(struct sqlite_query *q)
{
    int code = sqlite3_step(q->statement);

    return sqlite_good(q->of, code) && code == SQLITE_ROW;
}

void sqlite_reset(struct sqlite_query *q)
{
    (void)sqlite3_reset(q->statement);
    (void)sqlite3_clear_bindings(q->statement);
}

void sqlite_finish(struct sqlite_query *q)
{
    if (!q)
        return;
    (void)sqlite3_finalize(q->statement);
    *q->place = q->next;
    if (q->next)
        q->next->place = q->place;
    free(q);
}

bool sqlite_only_reads(struct sqlite_query *q)
{
    return sqlite3_stmt_readonly(q->statement);
}

uint64_t sqlite_scanned(struct sqlite_query *q)
{
    return (uint32_t)sqlite3_stmt_status(q->statement, SQLITE_STMTSTATUS_FULLSCAN_STEP, 0);
}

bool sqlite_is_whole(const char *text)
{
    return sqlite3_complete(text) == 1;
}

void sqlite_put_number(struct sqlite_query *q, int i, int64_t v)
{
    (void)sqlite_good(q->of, sqlite3_bind_int64(q->statement, i, v));
}

void sqlite_put_text(struct sqlite_query *q, int i, const char *text)
{
    (void)sqlite_good(q->of, sqlite3_bind_text(q->statement, i, text, -1, SQLITE_STATIC));
}

int sqlite_columns(struct sqlite_query *q)
{
    return sqlite3_column_count(q->statement);
}

const char *sqlite_name(struct sqlite_query *q, int i)
{
    const char *name = sqlite3_column_name(q->statement, i);

    if (!name)
        mem_failed();
    return name;
}

enum sqlite_is sqlite_type(struct sqlite_query *q, int i)
{
    switch (sqlite3_column_type(q->statement, i)) {
    case SQLITE_INTEGER:
        return SQLITE_IS_NUMBER;
    case SQLITE_FLOAT:
        return SQLITE_IS_REAL;
    case SQLITE_TEXT:
        return SQLITE_IS_TEXT;
    case SQLITE_BLOB:
        return SQLITE_IS_BYTES;
    default:
        return SQLITE_IS_NOTHING;
    }
}

int64_t sqlite_number(struct sqlite_query *q, int i)
{
    return sqlite3_column_int64(q->statement, i);
}

double sqlite_real(struct sqlite_query *q, int i)
{
    return sqlite3_column_double(q->statement, i);
}

const void *sqlite_bytes(struct sqlite_query *q, int i, size_t *n)
{
    const void *bytes = sqlite3_column_blob(q->statement, i);

    *n = (size_t)sqlite3_column_bytes(q->statement, i);
    if (!bytes && sqlite3_errcode(q->of->db) == SQLITE_NOMEM)
        mem_failed();
    return bytes ? bytes : "";
}

bool sqlite_insert(struct sqlite_query *q, const struct sqlite_rows *rows)
{
    struct sqlite *s = q->of;
    bool good;

    s->feed = rows;
    (void)sqlite_step(q);
    good = !s->code;
    s->feed = NULL;
    (void)sqlite3_reset(q->statement);
    return good;
}

bool sqlite_pretend(struct sqlite *s, const char *name, struct sqlite_use *use)
{
    return sqlite_good(s, need_make(s->db, name, use));
}

/* --- opening --- */

static const char sqlite_settings[] =
    "pragma page_size=16384; pragma journal_mode=off; pragma synchronous=off; pragma "
    "secure_delete=off;"
    "pragma locking_mode=exclusive; pragma temp_store=file; pragma cache_size=-8000;";

struct sqlite *sqlite_open(int fd, struct spill *spill)
{
    struct sqlite *s = mem_zero(sizeof(*s));
    const char *name = fd >= 0 ? "file" : spill ? "" : ":memory:", *files = NULL;
    int code;

    s->vfs = vfs_new(fd, spill);
    if (!s->vfs) {
        free(s);
        mem_failed();
    }
    if (!sqlite_users++)
        (void)sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
    code = sqlite3_initialize();
    if (!code && (fd >= 0 || spill)) {
        files = vfs_register(s->vfs);
        code = files ? SQLITE_OK : SQLITE_NOMEM;
    }
    if (!code)
        code = sqlite3_open_v2(name, &s->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, files);
    if (code) {
        sqlite_close(s);
        mem_failed();
    }
    sqlite3_hard_heap_limit64(SQLITE_MEMORY_BYTES);
    sqlite3_limit(s->db, SQLITE_LIMIT_LENGTH, SQLITE_TEXT_MAX);
    sqlite3_limit(s->db, SQLITE_LIMIT_ATTACHED, 0);
    sqlite3_limit(s->db, SQLITE_LIMIT_WORKER_THREADS, 0);
    sqlite3_progress_handler(s->db, SQLITE_STEPS, sqlite_progress, s);
    code = sqlite3_exec(s->db, sqlite_settings, NULL, NULL, NULL);
    if (!code && (fd >= 0 || spill))
        code = feed_make(s->db, &s->feed);
    if (code) {
        sqlite_close(s);
        mem_failed();
    }
    return s;
}

void sqlite_close(struct sqlite *s)
{
    if (!s)
        return;
    while (s->queries)
        sqlite_finish(s->queries);
    (void)sqlite3_close(s->db);
    vfs_close(s->vfs);
    free(s);
    if (!--sqlite_users)
        (void)sqlite3_shutdown();
}
