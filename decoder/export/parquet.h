/* SPDX-License-Identifier: MIT */
/*
 * parquet.h - all records in one file of Apache Parquet.
 *
 * Their fields are JSON, and a loss is a row that has no event. doc/formats.md has the columns; shelf.h writes
 * a file for each event.
 */
#ifndef PARQUET_H
#define PARQUET_H

#include "export/notes.h"
#include "export/sheet.h"

struct parquet {
    struct sink sink;
    struct diag *diag;
    struct sheet sheet;
    struct store store;
    bool started;
    struct notes notes;
};

/* The spill is open, and stays the caller's, as other processes do (NULL: none). */
struct sink *parquet_open(struct parquet *p, struct out *o, const struct constant_list *constants,
                          bool compress, struct crew *crew, struct spill *spill, struct diag *diag);

#endif
