/* SPDX-License-Identifier: MIT */
/*
 * ask.h - runs queries, prints their rows, and says what is wrong with them.
 */
#ifndef ASK_H
#define ASK_H

#include "answer/grid.h"
#include "answer/plan.h"

#define ASK_TABLES_BYTES 600u   /* of names of tables, in a message */
#define ASK_COLUMNS_BYTES 2048u /* of names of columns */
#define ASK_LISTED 4u           /* tables whose columns are in it */

struct ask {
    struct sqlite *db;
    struct out *out;
    struct diag *diag;
    struct grid grid;
    enum grid_format format;
    const struct table_list *list; /* of the tables that are made */
    uint64_t rows;                 /* of all tables */
    char tables[ASK_TABLES_BYTES];
    bool wrong; /* there was a problem */
};

/* For messages: an event has a table. */
void ask_note(struct ask *a, const struct metadata_event *e);
/* Says what is wrong with a query, and which tables or columns there are instead. */
void ask_problem(struct ask *a, const char *query, const char *problem);
/* All statements of a text. False: one has a problem, which was said, or the output has one. */
bool ask_run(struct ask *a, const char *text);

#endif
