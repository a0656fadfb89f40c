/* SPDX-License-Identifier: MIT */
/*
 * grid.h - the rows of a query: columns of text, CSV, or an object of JSON each.
 *
 * Columns are as wide as the rows so far need, GRID_ROWS at a time; of text and names nothing steers the terminal.
 */
#ifndef GRID_H
#define GRID_H

#include "base/out.h"
#include "base/sqlite.h"

#define GRID_ROWS 1000u
#define GRID_BYTES (4u << 20) /* that are kept to see how wide columns are */

enum grid_format { GRID_TEXT, GRID_CSV, GRID_JSON };

/* Cells of rows that wait until it is known how wide columns are: each a byte that says whether it is a number, its
 * text, and a NUL, of which no text has one. */
struct grid {
    char *bytes;
    size_t n, room;
    uint32_t rows;
    int columns;
    uint32_t *widths;
    struct out cell;
};

void grid_open(struct grid *g);
void grid_close(struct grid *g);
/* Runs it, and prints all rows. False: there is a problem, which is the database's, or the output has one. */
bool grid_print(struct grid *g, struct sqlite_query *q, const struct sqlite *db, struct out *o,
                enum grid_format format);

#endif
