/* SPDX-License-Identifier: MIT */
/* need.c - what statements need of a table. */
#include "base/need.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct need {
    sqlite3_vtab base;
    struct sqlite_use *use;
};

static int need_close(sqlite3_vtab_cursor *c)
{
    free(c);
    return SQLITE_OK;
}

static int need_disconnect(sqlite3_vtab *t)
{
    free(t);
    return SQLITE_OK;
}

static int need_connect(sqlite3 *db, void *context, int n, const char *const *words,
                        sqlite3_vtab **to, char **problem)
{
    struct sqlite_use *use = context;
    struct need *t = mem_try_grow(NULL, sizeof(*t));
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
static void need_narrow(int op, sqlite3_value *value, int64_t *low, int64_t *high)
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
static void need_widen(sqlite3_index_info *info, int column, struct sqlite_range *r)
{
    int64_t low = INT64_MIN, high = INT64_MAX;
    sqlite3_value *value;

    for (int i = 0; i < info->nConstraint; i++)
        if (info->aConstraint[i].usable && info->aConstraint[i].iColumn == column &&
            sqlite3_vtab_rhs_value(info, i, &value) == SQLITE_OK)
            need_narrow(info->aConstraint[i].op, value, &low, &high);
    r->all = r->all || (low == INT64_MIN && high == INT64_MAX);
    r->low = !r->any || low < r->low ? low : r->low;
    r->high = !r->any || high > r->high ? high : r->high;
    r->any = true;
}

static void need_index_add(struct sqlite_index *x, int column)
{
    for (unsigned i = 0; i < x->count; i++)
        if (x->column[i] == column)
            return;
    if (x->count < SQLITE_INDEX_COLUMNS)
        x->column[x->count++] = (uint8_t)column;
}

/* An index for a join: columns that are compared for equality, then one that is compared otherwise. */
static void need_propose(struct sqlite_use *use, sqlite3_index_info *info)
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
            need_index_add(&x, column);
        }
    for (unsigned i = 0; i < use->index_count; i++)
        joined = joined && memcmp(&use->indexes[i], &x, sizeof(x)) != 0;
    if (joined && use->index_count < SQLITE_INDEXES)
        use->indexes[use->index_count++] = x;
}

static int need_plan(sqlite3_vtab *table, sqlite3_index_info *info)
{
    struct sqlite_use *use = ((struct need *)table)->use;

    use->used = true;
    use->columns |= info->colUsed;
    need_widen(info, use->time, &use->times);
    need_widen(info, use->cpu, &use->cpus);
    need_propose(use, info);
    return SQLITE_OK;
}

static int need_open(sqlite3_vtab *table, sqlite3_vtab_cursor **to)
{
    (void)table;
    *to = mem_try_grow(NULL, sizeof(**to));
    return *to ? SQLITE_OK : SQLITE_NOMEM;
}

static int need_filter(sqlite3_vtab_cursor *c, int n, const char *text, int count,
                       sqlite3_value **values)
{
    (void)c;
    (void)n;
    (void)text;
    (void)count;
    (void)values;
    return SQLITE_OK;
}

static int need_next(sqlite3_vtab_cursor *c)
{
    (void)c;
    return SQLITE_OK;
}

/* It has no rows. */
static int need_eof(sqlite3_vtab_cursor *c)
{
    (void)c;
    return 1;
}

static int need_column(sqlite3_vtab_cursor *c, sqlite3_context *to, int i)
{
    (void)c;
    (void)to;
    (void)i;
    return SQLITE_OK;
}

static int need_row(sqlite3_vtab_cursor *c, sqlite3_int64 *to)
{
    (void)c;
    *to = 0;
    return SQLITE_OK;
}

static const sqlite3_module need_calls = {
    .xCreate = need_connect, /* the same: it is there without a statement */
    .xConnect = need_connect,
    .xBestIndex = need_plan,
    .xDisconnect = need_disconnect,
    .xDestroy = need_disconnect,
    .xOpen = need_open,
    .xClose = need_close,
    .xFilter = need_filter,
    .xNext = need_next,
    .xEof = need_eof,
    .xColumn = need_column,
    .xRowid = need_row,
};

int need_make(struct sqlite3 *db, const char *name, struct sqlite_use *use)
{
    return sqlite3_create_module(db, name, &need_calls, use);
}
