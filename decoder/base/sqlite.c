/* SPDX-License-Identifier: MIT */
/*
 * sqlite.c - a database: all that libsqlite3 does here.
 *
 * SQLite asks its files of a struct sqlite3_vfs, which here opens none: the database is a descriptor that is open, or, as
 * everything temporary, blocks of the spill. What SQLite asks beyond that, such as locks, it gets without a system call.
 */
#include "base/sqlite.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/blocks.h"
#include "base/mem.h"

#define SQLITE_STEPS 20000 /* of a query, between looks whether it is to end */
#define SQLITE_NAME "tpdecode"

const bool sqlite_is_there = true;

static unsigned sqlite_users;

struct sqlite {
    sqlite3 *db;
    sqlite3_vfs vfs;
    bool registered;
    struct spill *spill;
    struct spill main; /* the database, if it is a file */
    struct blocks blocks;
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

struct sqlite_file {
    sqlite3_file base;
    struct sqlite *of;
    bool main;
    struct blocks_file blocks;
};

/* --- files --- */

static int sqlite_file_close(sqlite3_file *file)
{
    struct sqlite_file *f = (struct sqlite_file *)file;

    if (!f->main)
        blocks_drop(&f->of->blocks, &f->blocks);
    return SQLITE_OK;
}

static int sqlite_file_read(sqlite3_file *file, void *to, int n, sqlite3_int64 at)
{
    struct sqlite_file *f = (struct sqlite_file *)file;
    uint64_t bytes = f->main ? f->of->main.bytes : f->blocks.bytes;
    uint64_t there = (uint64_t)at < bytes ? bytes - (uint64_t)at : 0;
    size_t have = (uint64_t)n < there ? (size_t)n : (size_t)there;
    bool good;

    memset((char *)to + have, 0, (size_t)n - have);
    good = f->main ? spill_read(&f->of->main, (uint64_t)at, to, have)
                   : blocks_read(&f->of->blocks, &f->blocks, (uint64_t)at, to, have);
    if (!good)
        return SQLITE_IOERR_READ;
    return have < (size_t)n ? SQLITE_IOERR_SHORT_READ : SQLITE_OK;
}

static int sqlite_file_write(sqlite3_file *file, const void *bytes, int n, sqlite3_int64 at)
{
    struct sqlite_file *f = (struct sqlite_file *)file;
    struct spill *to = f->main ? &f->of->main : f->of->spill;
    bool good = true;

    if (f->main) {
        spill_put(to, (uint64_t)at, bytes, (size_t)n);
        to->bytes = (uint64_t)(at + n) > to->bytes ? (uint64_t)(at + n) : to->bytes;
    } else {
        good = blocks_write(&f->of->blocks, &f->blocks, (uint64_t)at, bytes, (size_t)n);
    }
    if (to->error)
        return to->error == ENOSPC ? SQLITE_FULL : SQLITE_IOERR_WRITE;
    return good ? SQLITE_OK : SQLITE_IOERR_NOMEM;
}

static int sqlite_file_truncate(sqlite3_file *file, sqlite3_int64 bytes)
{
    struct sqlite_file *f = (struct sqlite_file *)file;

    /* The database grows only. */
    if (!f->main)
        blocks_cut(&f->of->blocks, &f->blocks, (uint64_t)bytes);
    return SQLITE_OK;
}

static int sqlite_file_size(sqlite3_file *file, sqlite3_int64 *bytes)
{
    struct sqlite_file *f = (struct sqlite_file *)file;

    *bytes = (sqlite3_int64)(f->main ? f->of->main.bytes : f->blocks.bytes);
    return SQLITE_OK;
}

static int sqlite_file_nothing(sqlite3_file *file, int what)
{
    (void)file;
    (void)what;
    return SQLITE_OK;
}

static int sqlite_file_reserved(sqlite3_file *file, int *is)
{
    (void)file;
    *is = 0;
    return SQLITE_OK;
}

static int sqlite_file_control(sqlite3_file *file, int what, void *with)
{
    (void)file;
    (void)what;
    (void)with;
    return SQLITE_NOTFOUND;
}

static int sqlite_file_zero(sqlite3_file *file)
{
    (void)file;
    return 0;
}

static const sqlite3_io_methods sqlite_file_calls = {
    .iVersion = 1,
    .xClose = sqlite_file_close,
    .xRead = sqlite_file_read,
    .xWrite = sqlite_file_write,
    .xTruncate = sqlite_file_truncate,
    .xSync = sqlite_file_nothing,
    .xFileSize = sqlite_file_size,
    .xLock = sqlite_file_nothing,
    .xUnlock = sqlite_file_nothing,
    .xCheckReservedLock = sqlite_file_reserved,
    .xFileControl = sqlite_file_control,
    .xSectorSize = sqlite_file_zero,
    .xDeviceCharacteristics = sqlite_file_zero,
};

static int sqlite_vfs_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags,
                           int *got)
{
    struct sqlite *s = vfs->pAppData;
    struct sqlite_file *f = (struct sqlite_file *)file;

    memset(f, 0, sizeof(*f));
    f->of = s;
    f->main = name && flags & SQLITE_OPEN_MAIN_DB;
    /* Nothing but the database has a name. */
    if ((name && !f->main) || (!name && !s->spill))
        return SQLITE_CANTOPEN;
    f->base.pMethods = &sqlite_file_calls;
    if (got)
        *got = flags;
    return SQLITE_OK;
}

static int sqlite_vfs_delete(sqlite3_vfs *vfs, const char *name, int sync)
{
    (void)vfs;
    (void)name;
    (void)sync;
    return SQLITE_OK;
}

static int sqlite_vfs_access(sqlite3_vfs *vfs, const char *name, int what, int *is)
{
    (void)vfs;
    (void)name;
    (void)what;
    *is = 0;
    return SQLITE_OK;
}

static int sqlite_vfs_path(sqlite3_vfs *vfs, const char *name, int room, char *to)
{
    (void)vfs;
    snprintf(to, (size_t)room, "%s", name);
    return SQLITE_OK;
}

/* The same for each run: nothing here is a secret. */
static int sqlite_vfs_random(sqlite3_vfs *vfs, int n, char *to)
{
    (void)vfs;
    memset(to, 0, (size_t)n);
    return n;
}

static int sqlite_vfs_sleep(sqlite3_vfs *vfs, int micros)
{
    (void)vfs;
    return micros;
}

/* Julian days, in milliseconds. */
static int sqlite_vfs_time(sqlite3_vfs *vfs, sqlite3_int64 *to)
{
    (void)vfs;
    *to = 210866760000000 + (sqlite3_int64)time(NULL) * 1000;
    return SQLITE_OK;
}

static int sqlite_vfs_error(sqlite3_vfs *vfs, int room, char *to)
{
    (void)vfs;
    (void)room;
    (void)to;
    return 0;
}

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

    if (s->main.error || (s->spill && s->spill->error))
        return s->main.error ? s->main.error : s->spill->error;
    return kind == SQLITE_FULL ? ENOSPC : kind == SQLITE_IOERR || kind == SQLITE_CORRUPT ? EIO : 0;
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

/* --- rows that are inserted --- */

static int sqlite_table_close(sqlite3_vtab_cursor *c)
{
    free(c);
    return SQLITE_OK;
}

static int sqlite_table_disconnect(sqlite3_vtab *t)
{
    free(t);
    return SQLITE_OK;
}

struct sqlite_feed {
    sqlite3_vtab_cursor base;
    const struct sqlite_rows *rows;
    uint32_t row;
    const struct sqlite_value *values; /* of that */
};

struct sqlite_feeder {
    sqlite3_vtab base;
    struct sqlite *of;
};

static int sqlite_feed_connect(sqlite3 *db, void *context, int n, const char *const *words,
                               sqlite3_vtab **to, char **problem)
{
    struct sqlite_feeder *f = mem_try_grow(NULL, sizeof(*f));
    char text[8 * SQLITE_FEED_COLUMNS], *p = stpcpy(text, "create table feed(c0");
    int code;

    (void)n;
    (void)words;
    (void)problem;
    if (!f)
        return SQLITE_NOMEM;
    memset(f, 0, sizeof(*f));
    f->of = context;
    for (unsigned i = 1; i < SQLITE_FEED_COLUMNS; i++)
        p += sprintf(p, ",c%u", i);
    strcpy(p, ")");
    code = sqlite3_declare_vtab(db, text);
    if (code)
        free(f);
    else
        *to = &f->base;
    return code;
}

static int sqlite_feed_plan(sqlite3_vtab *table, sqlite3_index_info *info)
{
    (void)table;
    info->estimatedRows = 1;
    return SQLITE_OK;
}

static int sqlite_feed_open(sqlite3_vtab *table, sqlite3_vtab_cursor **to)
{
    struct sqlite_feed *c = mem_try_grow(NULL, sizeof(*c));

    if (!c)
        return SQLITE_NOMEM;
    *c = (struct sqlite_feed){.rows = ((struct sqlite_feeder *)table)->of->feed};
    *to = &c->base;
    return SQLITE_OK;
}

static int sqlite_feed_filter(sqlite3_vtab_cursor *c, int n, const char *text, int count,
                              sqlite3_value **values)
{
    struct sqlite_feed *f = (struct sqlite_feed *)c;

    (void)n;
    (void)text;
    (void)count;
    (void)values;
    f->row = 0;
    f->values = f->rows ? f->rows->values : NULL;
    return SQLITE_OK;
}

static int sqlite_feed_next(sqlite3_vtab_cursor *c)
{
    struct sqlite_feed *f = (struct sqlite_feed *)c;

    f->row++;
    f->values += f->rows->columns;
    return SQLITE_OK;
}

/* Where no rows are given there are none. */
static int sqlite_feed_eof(sqlite3_vtab_cursor *c)
{
    const struct sqlite_feed *f = (struct sqlite_feed *)c;

    return !f->rows || f->row == f->rows->count;
}

static int sqlite_feed_column(sqlite3_vtab_cursor *c, sqlite3_context *to, int i)
{
    const struct sqlite_feed *f = (struct sqlite_feed *)c;
    const struct sqlite_rows *r = f->rows;
    const struct sqlite_value *v = &f->values[(unsigned)i];

    if ((unsigned)i >= r->columns)
        return SQLITE_OK;
    switch (v->is) {
    case SQLITE_IS_NUMBER:
        sqlite3_result_int64(to, v->number);
        break;
    case SQLITE_IS_REAL:
        sqlite3_result_double(to, v->real);
        break;
    case SQLITE_IS_TEXT:
        sqlite3_result_text(to, r->bytes + v->at, (int)v->bytes, SQLITE_STATIC);
        break;
    case SQLITE_IS_BYTES:
        sqlite3_result_blob(to, r->bytes + v->at, (int)v->bytes, SQLITE_STATIC);
        break;
    case SQLITE_IS_NOTHING:
        break;
    }
    return SQLITE_OK;
}

static int sqlite_feed_row(sqlite3_vtab_cursor *c, sqlite3_int64 *to)
{
    *to = ((struct sqlite_feed *)c)->row;
    return SQLITE_OK;
}

static const sqlite3_module sqlite_feed_calls = {
    .xConnect = sqlite_feed_connect, /* no xCreate: there is no other one */
    .xBestIndex = sqlite_feed_plan,
    .xDisconnect = sqlite_table_disconnect,
    .xOpen = sqlite_feed_open,
    .xClose = sqlite_table_close,
    .xFilter = sqlite_feed_filter,
    .xNext = sqlite_feed_next,
    .xEof = sqlite_feed_eof,
    .xColumn = sqlite_feed_column,
    .xRowid = sqlite_feed_row,
};

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

/* --- what statements need --- */

struct sqlite_pretended {
    sqlite3_vtab base;
    struct sqlite_use *use;
};

static int sqlite_pretend_connect(sqlite3 *db, void *context, int n, const char *const *words,
                                  sqlite3_vtab **to, char **problem)
{
    struct sqlite_use *use = context;
    struct sqlite_pretended *t = mem_try_grow(NULL, sizeof(*t));
    int code;

    (void)n;
    (void)words;
    (void)problem;
    if (!t)
        return SQLITE_NOMEM;
    memset(t, 0, sizeof(*t));
    t->use = use;
    code = sqlite3_declare_vtab(db, use->text);
    if (code)
        free(t);
    else
        *to = &t->base;
    return code;
}

/* A range of the values that a comparison with a constant leaves. More is no mistake: rows are compared again. */
static void sqlite_narrow(int op, sqlite3_value *value, int64_t *low, int64_t *high)
{
    double real = sqlite3_value_double(value);
    bool whole = sqlite3_value_type(value) == SQLITE_INTEGER;
    int64_t v = sqlite3_value_int64(value), down, up;

    if (!whole && (sqlite3_value_type(value) != SQLITE_FLOAT || real < -9e18 || real > 9e18))
        return;
    down = whole ? v : (int64_t)real - 1;
    up = whole ? v : (int64_t)real + 1;
    if ((op == SQLITE_INDEX_CONSTRAINT_EQ || op == SQLITE_INDEX_CONSTRAINT_GE ||
         op == SQLITE_INDEX_CONSTRAINT_GT) &&
        down > *low)
        *low = down;
    if ((op == SQLITE_INDEX_CONSTRAINT_EQ || op == SQLITE_INDEX_CONSTRAINT_LE ||
         op == SQLITE_INDEX_CONSTRAINT_LT) &&
        up < *high)
        *high = up;
}

/* What this statement leaves of a column, added to what others do. */
static void sqlite_widen(sqlite3_index_info *info, int column, struct sqlite_range *r)
{
    int64_t low = INT64_MIN, high = INT64_MAX;
    sqlite3_value *value;

    for (int i = 0; i < info->nConstraint; i++)
        if (info->aConstraint[i].usable && info->aConstraint[i].iColumn == column &&
            sqlite3_vtab_rhs_value(info, i, &value) == SQLITE_OK)
            sqlite_narrow(info->aConstraint[i].op, value, &low, &high);
    r->all = r->all || (low == INT64_MIN && high == INT64_MAX);
    r->low = !r->any || low < r->low ? low : r->low;
    r->high = !r->any || high > r->high ? high : r->high;
    r->any = true;
}

static void sqlite_index_add(struct sqlite_index *x, int column)
{
    for (unsigned i = 0; i < x->count; i++)
        if (x->column[i] == column)
            return;
    if (x->count < SQLITE_INDEX_COLUMNS)
        x->column[x->count++] = (uint8_t)column;
}

/* An index for a join: columns that are compared for equality, then one that is compared otherwise. */
static void sqlite_propose(struct sqlite_use *use, sqlite3_index_info *info)
{
    struct sqlite_index x = {.count = 0};
    bool joined = false, ranged = false;
    sqlite3_value *value;

    for (int pass = 0; pass < 2; pass++)
        for (int i = 0; i < info->nConstraint; i++) {
            int op = info->aConstraint[i].op, column = info->aConstraint[i].iColumn;
            bool equal = op == SQLITE_INDEX_CONSTRAINT_EQ || op == SQLITE_INDEX_CONSTRAINT_IS;
            bool range = op == SQLITE_INDEX_CONSTRAINT_GT || op == SQLITE_INDEX_CONSTRAINT_GE ||
                         op == SQLITE_INDEX_CONSTRAINT_LT || op == SQLITE_INDEX_CONSTRAINT_LE;

            if (column < 0 || column >= (int)SQLITE_COLUMNS || (pass ? !range || ranged : !equal))
                continue;
            if (sqlite3_vtab_rhs_value(info, i, &value) == SQLITE_OK)
                continue;
            joined = true;
            ranged = ranged || pass;
            sqlite_index_add(&x, column);
        }
    for (unsigned i = 0; i < use->index_count; i++)
        joined = joined && memcmp(&use->indexes[i], &x, sizeof(x)) != 0;
    if (joined && use->index_count < SQLITE_INDEXES)
        use->indexes[use->index_count++] = x;
}

static int sqlite_pretend_plan(sqlite3_vtab *table, sqlite3_index_info *info)
{
    struct sqlite_use *use = ((struct sqlite_pretended *)table)->use;

    use->used = true;
    use->columns |= info->colUsed;
    sqlite_widen(info, use->time, &use->times);
    sqlite_widen(info, use->cpu, &use->cpus);
    sqlite_propose(use, info);
    return SQLITE_OK;
}

static int sqlite_pretend_open(sqlite3_vtab *table, sqlite3_vtab_cursor **to)
{
    (void)table;
    *to = mem_try_grow(NULL, sizeof(**to));
    return *to ? SQLITE_OK : SQLITE_NOMEM;
}

static int sqlite_pretend_filter(sqlite3_vtab_cursor *c, int n, const char *text, int count,
                                 sqlite3_value **values)
{
    (void)c;
    (void)n;
    (void)text;
    (void)count;
    (void)values;
    return SQLITE_OK;
}

static int sqlite_pretend_next(sqlite3_vtab_cursor *c)
{
    (void)c;
    return SQLITE_OK;
}

/* It has no rows. */
static int sqlite_pretend_eof(sqlite3_vtab_cursor *c)
{
    (void)c;
    return 1;
}

static int sqlite_pretend_column(sqlite3_vtab_cursor *c, sqlite3_context *to, int i)
{
    (void)c;
    (void)to;
    (void)i;
    return SQLITE_OK;
}

static int sqlite_pretend_row(sqlite3_vtab_cursor *c, sqlite3_int64 *to)
{
    (void)c;
    *to = 0;
    return SQLITE_OK;
}

static const sqlite3_module sqlite_pretend_calls = {
    .xCreate = sqlite_pretend_connect, /* the same: it is there without a statement */
    .xConnect = sqlite_pretend_connect,
    .xBestIndex = sqlite_pretend_plan,
    .xDisconnect = sqlite_table_disconnect,
    .xDestroy = sqlite_table_disconnect,
    .xOpen = sqlite_pretend_open,
    .xClose = sqlite_table_close,
    .xFilter = sqlite_pretend_filter,
    .xNext = sqlite_pretend_next,
    .xEof = sqlite_pretend_eof,
    .xColumn = sqlite_pretend_column,
    .xRowid = sqlite_pretend_row,
};

bool sqlite_pretend(struct sqlite *s, const char *name, struct sqlite_use *use)
{
    return sqlite_good(s, sqlite3_create_module(s->db, name, &sqlite_pretend_calls, use));
}

/* --- opening --- */

static const char sqlite_settings[] =
    "pragma page_size=16384; pragma journal_mode=off; pragma synchronous=off; pragma "
    "secure_delete=off;"
    "pragma locking_mode=exclusive; pragma temp_store=file; pragma cache_size=-8000;";

static void sqlite_register(struct sqlite *s)
{
    s->vfs = (sqlite3_vfs){.iVersion = 2,
                           .szOsFile = sizeof(struct sqlite_file),
                           .mxPathname = 64,
                           .zName = SQLITE_NAME,
                           .pAppData = s,
                           .xOpen = sqlite_vfs_open,
                           .xDelete = sqlite_vfs_delete,
                           .xAccess = sqlite_vfs_access,
                           .xFullPathname = sqlite_vfs_path,
                           .xRandomness = sqlite_vfs_random,
                           .xSleep = sqlite_vfs_sleep,
                           .xGetLastError = sqlite_vfs_error,
                           .xCurrentTimeInt64 = sqlite_vfs_time};
    s->registered = sqlite3_vfs_register(&s->vfs, 0) == SQLITE_OK;
}

struct sqlite *sqlite_open(int fd, struct spill *spill)
{
    struct sqlite *s = mem_zero(sizeof(*s));
    const char *name = fd >= 0 ? "file" : spill ? "" : ":memory:";
    int code;

    if (!sqlite_users++)
        (void)sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
    s->spill = spill;
    s->main.fd = fd;
    blocks_open(&s->blocks, spill);
    code = sqlite3_initialize();
    if (!code && (fd >= 0 || spill))
        sqlite_register(s);
    if (!code)
        code = sqlite3_open_v2(name, &s->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
                               s->registered ? SQLITE_NAME : NULL);
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
        code = sqlite3_create_module(s->db, "feed", &sqlite_feed_calls, s);
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
    if (s->registered)
        (void)sqlite3_vfs_unregister(&s->vfs);
    blocks_close(&s->blocks);
    free(s);
    if (!--sqlite_users)
        (void)sqlite3_shutdown();
}
