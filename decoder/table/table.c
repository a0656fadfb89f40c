/* SPDX-License-Identifier: MIT */
/* table.c - tables of a database. */
#include "table/table.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <tp/wire.h>

const struct table_type table_integer = {"integer", NULL}, table_text = {"text", NULL},
                        table_any = {"", NULL};

void table_open(struct table_list *l, struct sqlite *db, bool all_wanted)
{
    memset(l, 0, sizeof(*l));
    l->db = db;
    l->all_wanted = all_wanted;
    l->arena.limit = TABLE_NAMES_BYTES;
    l->slots = mem_zero(TABLE_SLOTS * sizeof(*l->slots));
}

static char table_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static bool table_same(const char *name, const char *other, size_t n)
{
    return strncasecmp(name, other, n) == 0 && !name[n];
}

/* Where it is, or where there is room for it. */
static struct table **table_slot(const struct table_list *l, const char *name, size_t n)
{
    uint32_t hash = 2166136261u;

    for (size_t i = 0; i < n; i++)
        hash = (hash ^ (uint8_t)table_lower(name[i])) * 16777619u;
    while (l->slots[hash % TABLE_SLOTS] && !table_same(l->slots[hash % TABLE_SLOTS]->name, name, n))
        hash++;
    return &l->slots[hash % TABLE_SLOTS];
}

struct table *table_find(const struct table_list *l, const char *name, size_t n)
{
    return *table_slot(l, name, n);
}

const char *table_keep(struct table_list *l, const char *name, size_t n)
{
    char *to = mem_arena_get(&l->arena, n + 1);

    if (to)
        memcpy(to, name, n);
    return to;
}

struct table *table_add(struct table_list *l, const char *name, size_t n)
{
    struct table *t = l->count < TABLE_TABLES ? mem_arena_get(&l->arena, sizeof(*t)) : NULL;
    const char *copy = t ? table_keep(l, name, n) : NULL;

    if (!copy)
        return NULL;
    *t = (struct table){.name = copy,
                        .time = -1,
                        .cpu = -1,
                        .wanted = l->all_wanted,
                        .columns = l->all_wanted ? UINT64_MAX : 0,
                        .given = UINT64_MAX,
                        .low = INT64_MIN,
                        .high = INT64_MAX,
                        .last_cpu = UINT32_MAX};
    if (l->count == l->room) {
        l->all = mem_grow(l->all, (l->room ? 2 * l->room : 32) * sizeof(struct table *));
        l->room = l->room ? 2 * l->room : 32;
    }
    l->all[l->count++] = t;
    *table_slot(l, name, n) = t;
    return t;
}

int table_column(struct table_list *l, struct table *t, const char *name, size_t n,
                 const struct table_type *type)
{
    char text[256 + TABLE_COLUMNS];
    const char *copy;

    if (n > 255)
        return -1;
    memcpy(text, name, n);
    for (unsigned i = 0; i < t->count; i++)
        if (table_same(t->column[i].name, text, n)) {
            if (t->column[i].type == type)
                return (int)i;
            text[n++] = '_';
            i = UINT32_MAX; /* is there one of that name? */
        }
    copy = t->count < TABLE_COLUMNS ? table_keep(l, text, n) : NULL;
    if (!copy)
        return -1;
    t->column[t->count] = (struct table_column){copy, copy, type};
    return (int)t->count++;
}

/* --- statements --- */

static char *table_put_column(char *p, const struct table_column *c)
{
    p = sqlite_quote(p, c->name, strlen(c->name));
    *p++ = ' ';
    return stpcpy(p, c->type->word);
}

/* Room for any statement about a table. */
static char *table_room(struct table_list *l, const struct table *t)
{
    size_t n = 256 + 4 * strlen(t->name) + (t->other ? 2 * strlen(t->other) : 0);

    for (uint32_t i = 0; i < t->count; i++)
        n += 2 * strlen(t->column[i].name) + 24;
    if (n > l->text_room) {
        l->text = mem_grow(l->text, n);
        l->text_room = n;
    }
    return l->text;
}

const char *table_create(struct table_list *l, const struct table *t)
{
    char *p = stpcpy(table_room(l, t), "create table ");

    p = sqlite_quote(p, t->name, strlen(t->name));
    for (uint32_t i = 0; i < t->count; i++) {
        *p++ = i ? ',' : '(';
        p = table_put_column(p, &t->column[i]);
    }
    strcpy(p, ")");
    return l->text;
}

const char *table_view(struct table_list *l, const struct table *t)
{
    char *p = stpcpy(table_room(l, t), "create view ");

    p = sqlite_quote(p, t->other, strlen(t->other));
    p = stpcpy(p, " as select * from ");
    *sqlite_quote(p, t->name, strlen(t->name)) = '\0';
    return l->text;
}

static void table_failed(struct table_list *l)
{
    if (!l->error)
        l->error = sqlite_error(l->db) ? sqlite_error(l->db) : EIO;
}

static void table_run(struct table_list *l, const char *text)
{
    if (!sqlite_run(l->db, text))
        table_failed(l);
}

void table_flush(struct table_list *l, struct table *t)
{
    if (t->batch.count && l->same && t->last) {
        sqlite_put_number(t->insert, 1, l->capture);
        sqlite_put_number(t->insert, 2, l->input);
    }
    if (t->batch.count && !l->error && !sqlite_insert(t->insert, &t->batch))
        table_failed(l);
    t->batch.count = 0;
    t->used = 0;
    if (t->room > 2 * TABLE_BATCH_BYTES) {
        free(t->batch.bytes);
        t->batch.bytes = NULL;
        t->room = 0;
    }
}

/* Its rows need a statement and memory, until others need these. */
void table_release(struct table_list *l, struct table *t)
{
    if (t->insert)
        table_flush(l, t);
    sqlite_finish(t->insert);
    t->insert = NULL;
    free(t->batch.values);
    free(t->batch.bytes);
    t->batch = (struct sqlite_rows){.count = 0};
    t->room = 0;
}

/* Columns that came after it was made. */
static void table_extend(struct table_list *l, struct table *t)
{
    table_release(l, t);
    while (t->made < t->count && !l->error) {
        char *p = stpcpy(table_room(l, t), "alter table ");

        p = sqlite_quote(p, t->name, strlen(t->name));
        p = stpcpy(p, " add column ");
        *table_put_column(p, &t->column[t->made++]) = '\0';
        table_run(l, l->text);
    }
}

void table_index(struct table_list *l, struct table *t, const uint8_t *columns, unsigned count)
{
    char name[2 * TP_LIMIT_NAME_BYTES + 64], *p;
    size_t n = (size_t)snprintf(name, sizeof(name) - 32, "%s by", t->name);

    for (unsigned i = 0; i < count; i++)
        n += (size_t)snprintf(name + n, sizeof(name) - n, " %u", columns[i]);
    p = stpcpy(table_room(l, t), "create index ");
    p = sqlite_quote(p, name, n);
    p = stpcpy(p, " on ");
    p = sqlite_quote(p, t->name, strlen(t->name));
    for (unsigned i = 0; i < count; i++) {
        *p++ = i ? ',' : '(';
        p = sqlite_quote(p, t->column[columns[i]].name, strlen(t->column[columns[i]].name));
    }
    strcpy(p, ")");
    table_run(l, l->text);
}

/* By the first column, where that is a time. Rows come in its order, so an index that grows with them takes less time than
 * one that is sorted in the end. */
static void table_by_time(struct table_list *l, struct table *t)
{
    static const uint8_t first = 0;
    const char *name = t->column[0].name;

    if (strcmp(name, "time_ns") == 0 || strcmp(name, "start_ns") == 0)
        table_index(l, t, &first, 1);
}

void table_make(struct table_list *l, struct table *t)
{
    if (t->made && t->made < t->count)
        table_extend(l, t);
    if (t->made || l->error)
        return;
    t->made = t->count;
    table_run(l, table_create(l, t));
    if (l->timed)
        table_by_time(l, t);
    /* If another table has that name this one is without it. */
    if (t->other && !sqlite_run(l->db, table_view(l, t)))
        t->other = NULL;
}

/* --- rows --- */

static void table_prepare(struct table_list *l, struct table *t)
{
    struct table **place = &l->ready[l->next_ready++ % TABLE_READY];
    char *p;

    if (*place)
        table_release(l, *place);
    *place = t;
    p = stpcpy(table_room(l, t), "insert into ");
    p = sqlite_quote(p, t->name, strlen(t->name));
    for (uint32_t i = 0; i < t->count; i++) {
        p = stpcpy(p, i ? "," : " select");
        if (l->same && t->last && i - t->last < 2)
            p += sprintf(p, " ?%" PRIu32, i - t->last + 1);
        else
            p += t->given >> i & 1 ? sprintf(p, " c%" PRIu32, i) : sprintf(p, " null");
    }
    strcpy(p, " from feed");
    t->batch.columns = t->count;
    t->batch.values = mem_alloc(TABLE_BATCH_ROWS * t->count * sizeof(*t->batch.values));
    t->insert = sqlite_prepare(l->db, l->text, NULL);
    if (!t->insert)
        table_failed(l);
}

bool table_start(struct table_list *l, struct table *t)
{
    if (t->made != t->count)
        table_make(l, t);
    if (!t->insert && !l->error)
        table_prepare(l, t);
    if (!t->insert || l->error)
        return false;
    t->row = t->batch.values + (size_t)t->batch.count * t->count;
    memset(t->row, 0, t->count * sizeof(*t->row));
    return true;
}

void table_copy(struct table *t, int column, const void *text, size_t n, enum sqlite_is is)
{
    if (!table_wants(t, column))
        return;
    if (t->room - t->used < n) {
        t->room = 2 * t->room + n + 1024;
        t->batch.bytes = mem_grow(t->batch.bytes, t->room);
    }
    if (n)
        memcpy(t->batch.bytes + t->used, text, n);
    t->row[column] = (struct sqlite_value){.is = is, .bytes = (uint32_t)n, .at = t->used};
    t->used += n;
}

void table_write(struct table_list *l, struct table *t)
{
    t->rows++;
    if (++t->batch.count == TABLE_BATCH_ROWS || t->used > TABLE_BATCH_BYTES)
        table_flush(l, t);
}

void table_flush_all(struct table_list *l)
{
    for (uint32_t i = 0; i < l->count; i++)
        if (l->all[i]->insert)
            table_flush(l, l->all[i]);
}

void table_close(struct table_list *l)
{
    for (uint32_t i = 0; i < l->count; i++) {
        free((char *)l->all[i]->use.text);
        free(l->all[i]->batch.values);
        free(l->all[i]->batch.bytes);
    }
    free(l->slots);
    free(l->all);
    free(l->text);
    mem_arena_free(&l->arena);
    memset(l, 0, sizeof(*l));
}
