/* SPDX-License-Identifier: MIT */
/* table.c - tables of a database. */
#include "table/table.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <tp/wire.h>

void table_open(struct table_list *l, struct sqlite *db, bool all_wanted)
{
    memset(l, 0, sizeof(*l));
    l->db = db;
    l->all_wanted = all_wanted;
    l->arena.limit = TABLE_NAMES_BYTES;
    l->slots = mem_zero(TABLE_SLOTS * sizeof(*l->slots));
}

void table_close(struct table_list *l)
{
    for (uint32_t i = 0; i < l->count; i++)
        free((char *)l->all[i]->use.text);
    free(l->slots);
    free(l->all);
    free(l->text);
    mem_arena_free(&l->arena);
    l->slots = l->all = NULL;
    l->text = NULL;
    l->count = 0;
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
                 const char *type)
{
    char text[256 + TABLE_COLUMNS];
    const char *copy;

    if (n > 255)
        return -1;
    memcpy(text, name, n);
    for (unsigned i = 0; i < t->count; i++)
        if (table_same(t->column[i].name, text, n)) {
            if (strcmp(t->column[i].type, type) == 0)
                return (int)i;
            text[n++] = '_';
            i = UINT32_MAX; /* is there one of that name? */
        }
    copy = t->count < TABLE_COLUMNS ? table_keep(l, text, n) : NULL;
    if (!copy)
        return -1;
    t->column[t->count] = (struct table_column){copy, type};
    return (int)t->count++;
}

/* --- statements --- */

static char *table_put_column(char *p, const struct table_column *c)
{
    p = sqlite_quote(p, c->name, strlen(c->name));
    *p++ = ' ';
    return stpcpy(p, c->type);
}

/* Room for any statement about a table. */
static char *table_room(struct table_list *l, const struct table *t)
{
    size_t n = 256 + 4 * strlen(t->name) + (t->other ? 2 * strlen(t->other) : 0);

    for (uint32_t i = 0; i < t->count; i++)
        n += 2 * strlen(t->column[i].name) + 16;
    if (n > l->text_room) {
        l->text = mem_grow(l->text, n);
        l->text_room = n;
    }
    return l->text;
}

const char *table_text(struct table_list *l, const struct table *t)
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

const char *table_view_text(struct table_list *l, const struct table *t)
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

/* Columns that came after it was made. */
static void table_extend(struct table_list *l, struct table *t)
{
    while (t->made < t->count && !l->error) {
        char *p = stpcpy(table_room(l, t), "alter table ");

        p = sqlite_quote(p, t->name, strlen(t->name));
        p = stpcpy(p, " add column ");
        *table_put_column(p, &t->column[t->made++]) = '\0';
        table_run(l, l->text);
    }
    sqlite_finish(t->insert);
    t->insert = NULL;
}

void table_make(struct table_list *l, struct table *t)
{
    if (t->made && t->made < t->count)
        table_extend(l, t);
    if (t->made || l->error)
        return;
    t->made = t->count;
    table_run(l, table_text(l, t));
    /* If another table has that name this one is without it. */
    if (t->other && !sqlite_run(l->db, table_view_text(l, t)))
        t->other = NULL;
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

/* --- rows --- */

static void table_prepare(struct table_list *l, struct table *t)
{
    struct table **place = &l->ready[l->next_ready++ % TABLE_READY];
    char *p;

    if (*place) {
        sqlite_finish((*place)->insert);
        (*place)->insert = NULL;
    }
    *place = t;
    p = stpcpy(table_room(l, t), "insert into ");
    p = sqlite_quote(p, t->name, strlen(t->name));
    p = stpcpy(p, " values");
    for (uint32_t i = 0; i < t->count; i++) {
        *p++ = i ? ',' : '(';
        *p++ = '?';
    }
    strcpy(p, ")");
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
    return t->insert && !l->error;
}

void table_number(struct table *t, int column, int64_t v)
{
    if (table_wants(t, column))
        sqlite_put_number(t->insert, column + 1, v);
}

void table_words(struct table *t, int column, const void *text, size_t n)
{
    if (table_wants(t, column))
        sqlite_put_text(t->insert, column + 1, text, n, false);
}

void table_write(struct table_list *l, struct table *t)
{
    (void)sqlite_step(t->insert);
    if (sqlite_problem(l->db))
        table_failed(l);
    sqlite_reset(t->insert);
    t->rows++;
}
