/* SPDX-License-Identifier: MIT */
/* feed.c - a table of SQLite whose rows are those that are to be inserted. */
#include "base/feed.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct feed_cursor {
    sqlite3_vtab_cursor base;
    const struct sqlite_rows *rows;
    uint32_t row;
    const struct sqlite_value *values; /* of that */
};

struct feed {
    sqlite3_vtab base;
    const struct sqlite_rows *const *rows;
};

static int feed_close(sqlite3_vtab_cursor *c)
{
    free(c);
    return SQLITE_OK;
}

static int feed_disconnect(sqlite3_vtab *t)
{
    free(t);
    return SQLITE_OK;
}

static int feed_connect(sqlite3 *db, void *context, int n, const char *const *words,
                        sqlite3_vtab **to, char **problem)
{
    struct feed *f = mem_try_grow(NULL, sizeof(*f));
    char text[8 * SQLITE_FEED_COLUMNS], *p = stpcpy(text, "create table feed(c0");
    int code;

    (void)n;
    (void)words;
    (void)problem;
    if (!f)
        return SQLITE_NOMEM;
    memset(f, 0, sizeof(*f));
    f->rows = context;
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

static int feed_plan(sqlite3_vtab *table, sqlite3_index_info *info)
{
    (void)table;
    info->estimatedRows = 1;
    return SQLITE_OK;
}

static int feed_open(sqlite3_vtab *table, sqlite3_vtab_cursor **to)
{
    struct feed_cursor *c = mem_try_grow(NULL, sizeof(*c));

    if (!c)
        return SQLITE_NOMEM;
    *c = (struct feed_cursor){.rows = *((struct feed *)table)->rows};
    *to = &c->base;
    return SQLITE_OK;
}

static int feed_filter(sqlite3_vtab_cursor *c, int n, const char *text, int count,
                       sqlite3_value **values)
{
    struct feed_cursor *f = (struct feed_cursor *)c;

    (void)n;
    (void)text;
    (void)count;
    (void)values;
    f->row = 0;
    f->values = f->rows ? f->rows->values : NULL;
    return SQLITE_OK;
}

static int feed_next(sqlite3_vtab_cursor *c)
{
    struct feed_cursor *f = (struct feed_cursor *)c;

    f->row++;
    f->values += f->rows->columns;
    return SQLITE_OK;
}

/* Where no rows are given there are none. */
static int feed_eof(sqlite3_vtab_cursor *c)
{
    const struct feed_cursor *f = (struct feed_cursor *)c;

    return !f->rows || f->row == f->rows->count;
}

static int feed_column(sqlite3_vtab_cursor *c, sqlite3_context *to, int i)
{
    const struct feed_cursor *f = (struct feed_cursor *)c;
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

static int feed_row(sqlite3_vtab_cursor *c, sqlite3_int64 *to)
{
    *to = ((struct feed_cursor *)c)->row;
    return SQLITE_OK;
}

static const sqlite3_module feed_calls = {
    .xConnect = feed_connect, /* no xCreate: there is no other one */
    .xBestIndex = feed_plan,
    .xDisconnect = feed_disconnect,
    .xOpen = feed_open,
    .xClose = feed_close,
    .xFilter = feed_filter,
    .xNext = feed_next,
    .xEof = feed_eof,
    .xColumn = feed_column,
    .xRowid = feed_row,
};

int feed_make(struct sqlite3 *db, const struct sqlite_rows **rows)
{
    return sqlite3_create_module(db, "feed", &feed_calls, rows);
}
