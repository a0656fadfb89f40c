/* SPDX-License-Identifier: MIT */
/*
 * store.h - a Parquet file: row groups of columns, and at the end what describes them.
 *
 *     store_open(&s, &pages, spill, target, true, &held);
 *     column_number(store_column(&s, 0), 1);      for each column that has a value
 *     store_row(&s);
 *     store_end(&s, &pairs);
 *
 * A group is put when it is full, and described when the next one is. What describes the groups is in a temporary file
 * until the end, so that memory does not grow with the file.
 */
#ifndef STORE_H
#define STORE_H

#include "export/chain.h"
#include "export/pages.h"

#define STORE_ROWS 122880u         /* of a group */
#define STORE_BYTES (16u << 20)    /* or so much memory */
#define STORE_NAME_BYTES 192u      /* of a column, with what it gets to be the only one */
#define STORE_FOOTER_MAX INT32_MAX /* bytes that readers take */

struct store_part;

struct store {
    struct pages *pages;
    struct spill *spill;
    struct pages_target target;
    struct column *columns;
    uint32_t count;
    bool keep; /* memory, from group to group */
    uint32_t group_rows;
    uint32_t put_rows;        /* of the group before, which is not described yet */
    struct store_part *parts; /* its columns */
    uint64_t rows, groups;    /* that are described */
    size_t used;              /* bytes of values of the group */
    size_t *held;             /* memory of the columns of all files */
    struct chain described;
    struct thrift head;
};

/* Names and values about the whole file, as thrift has them. */
struct store_pairs {
    struct thrift list;
    uint32_t count;
};

void store_open(struct store *s, struct pages *pages, struct spill *spill,
                struct pages_target target, bool keep, size_t *held);
void store_close(struct store *s);
/* Adds a column, before the first row. A name that there is already, in capitals or not, gets a _. */
void store_add(struct store *s, const char *name, size_t n, enum column_is is, bool optional);

/* The column, at the row that is being made: rows before it that have no value are such. */
static inline struct column *store_column(struct store *s, uint32_t i)
{
    struct column *c = &s->columns[i];

    if (c->rows < s->group_rows)
        column_reach(c, s->group_rows);
    return c;
}

/* This row has all its values. Writes the group if it is full. */
void store_row(struct store *s);
/* Puts the rows that there are, as a group. */
void store_flush(struct store *s);
/* Writes the rest. False: the temporary file cannot be read, or there are too many groups. */
bool store_end(struct store *s, const struct store_pairs *pairs);

void store_pair(struct store_pairs *p, const char *key, const void *value, size_t n);
void store_pairs_free(struct store_pairs *p);

#endif
