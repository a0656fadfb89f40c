/* SPDX-License-Identifier: MIT */
/*
 * table.h - tables of a database: their columns, which of these are wanted, and rows.
 *
 *     t = table_add(&list, "runs", 4);
 *     table_column(&list, t, "cpu", 3, "integer");
 *     if (table_takes(t, ns, cpu)) {
 *         table_number(t, 0, cpu);
 *         table_write(&list, t);
 *     }
 *
 * A table is made in the database when its first row comes, or by table_make(). A column that is not wanted is there
 * and has no values. SQL does not tell upper from lower case in names, and so it is here.
 */
#ifndef TABLE_H
#define TABLE_H

#include "base/mem.h"
#include "base/sqlite.h"

#define TABLE_COLUMNS 60u /* SQLITE_COLUMNS at most */
#define TABLE_TABLES 4096u
#define TABLE_SLOTS (2u * TABLE_TABLES)
#define TABLE_NAMES_BYTES (12u << 20) /* memory of all */
#define TABLE_READY 64u               /* tables whose rows can be added without preparing it */
#define TABLE_BATCH_ROWS 128u         /* that are inserted together, */
#define TABLE_BATCH_BYTES (32u << 10) /* or so many bytes of texts in them */

/* What a column has: as SQLite calls it, and as a value of JSON, with a % for its name; NULL: it is the same. */
struct table_type {
    const char *word, *json;
};

extern const struct table_type table_integer, table_text, table_any;

struct table {
    const char *name, *other; /* and by which it is known as well, or NULL */
    uint32_t count;
    struct table_column {
        const char *name;
        const char *label; /* what the dump calls it */
        const struct table_type *type;
    } column[TABLE_COLUMNS];
    const char *sys, *event; /* of the table of an event */
    bool apart;              /* its rows are not in the view of all (whole.h) */
    int time, cpu;           /* which columns these are, or -1 */
    uint8_t last;            /* where the columns begin that are after the fields of an event */

    bool wanted;
    uint64_t columns;  /* that are wanted, a bit each */
    int64_t low, high; /* times that are, */
    int64_t first_cpu, last_cpu;
    struct sqlite_use use; /* what a query says of it */

    uint64_t given;              /* columns that may have values */
    uint32_t made;               /* columns that the database has; 0: the table is not there */
    struct sqlite_query *insert; /* NULL: it is not prepared */
    struct sqlite_rows batch;    /* that wait to be inserted, */
    size_t used, room;           /* with so many bytes of texts */
    struct sqlite_value *row;    /* the one that is being made */
    uint64_t rows;               /* they have numbers from 1 on */
};

struct table_list {
    struct sqlite *db;
    struct mem_arena arena;
    struct table **slots; /* by a hash of the name */
    struct table **all;
    uint32_t count, room;
    struct table *ready[TABLE_READY];
    uint32_t next_ready;
    char *text; /* a statement, in the making */
    size_t text_room;
    int error;       /* an errno: the database cannot be written */
    bool all_wanted; /* of tables that are added */
    bool timed;      /* each has an index on the time that is its first column */
    /* Of the rows that wait, where it is the same for all: then they do not have it themselves. */
    bool same;
    int64_t capture, input;
};

void table_open(struct table_list *l, struct sqlite *db, bool all_wanted);
void table_close(struct table_list *l);
/* The table of a name, or NULL. */
struct table *table_find(const struct table_list *l, const char *name, size_t n);
/* A new one. NULL: there are too many. */
struct table *table_add(struct table_list *l, const char *name, size_t n);
/* The number of a column, which is added if there is none of that name and type; one of that name and another type gets
 * _ after its name. -1: there are too many. */
int table_column(struct table_list *l, struct table *t, const char *name, size_t n,
                 const struct table_type *type);
/* A copy of a name that is there as long as the list is, or NULL. */
const char *table_keep(struct table_list *l, const char *name, size_t n);
/* Its `create table`, or the view that is its other name; valid until the next call. */
const char *table_create(struct table_list *l, const struct table *t);
const char *table_view(struct table_list *l, const struct table *t);
/* Makes it in the database as it is now, and its other name. */
void table_make(struct table_list *l, struct table *t);
/* An index on columns by number. */
void table_index(struct table_list *l, struct table *t, const uint8_t *columns, unsigned count);

static inline bool table_wants(const struct table *t, int column)
{
    return t->columns >> column & 1;
}

static inline bool table_takes(const struct table *t, uint64_t ns, uint32_t cpu)
{
    int64_t time = ns > INT64_MAX ? INT64_MAX : (int64_t)ns;

    return t->wanted && time >= t->low && time <= t->high && cpu >= t->first_cpu &&
           cpu <= t->last_cpu;
}

/* Values of the next row: first of all table_start(). What is not wanted, or not given, is NULL. False: it cannot be
 * written. */
bool table_start(struct table_list *l, struct table *t);
/* A text, or bytes. */
void table_copy(struct table *t, int column, const void *text, size_t n, enum sqlite_is is);
void table_write(struct table_list *l, struct table *t);
void table_flush(struct table_list *l, struct table *t);
/* The same, and what the next row needs is made anew: `given` or `same` has changed. */
void table_release(struct table_list *l, struct table *t);
/* All rows are in the database after it. */
void table_flush_all(struct table_list *l);

static inline void table_number(struct table *t, int column, int64_t v)
{
    if (table_wants(t, column))
        t->row[column] = (struct sqlite_value){.is = SQLITE_IS_NUMBER, .number = v};
}

static inline void table_real(struct table *t, int column, double v)
{
    if (table_wants(t, column))
        t->row[column] = (struct sqlite_value){.is = SQLITE_IS_REAL, .real = v};
}

static inline void table_words(struct table *t, int column, const void *text, size_t n)
{
    table_copy(t, column, text, n, SQLITE_IS_TEXT);
}

#endif
