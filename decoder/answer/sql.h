/* SPDX-License-Identifier: MIT */
/*
 * sql.h - --sql: what SQL asks of a dump.
 *
 * The input is read once, in order, and what the query needs of it becomes tables in a temporary database; then the
 * query runs. Without a query all tables are filled, and queries come from standard input. doc/sql.md has the tables.
 */
#ifndef SQL_H
#define SQL_H

#include "answer/ask.h"
#include "answer/prompt.h"
#include "order/sink.h"

struct sql_options {
    const char *query; /* NULL: they come from standard input */
    enum grid_format format;
};

struct sql {
    struct sink sink;
    struct fill fill;
    struct plan plan;
    struct ask ask;
    struct prompt prompt;
    struct sqlite *db;
    struct sql_stream *streams; /* by number */
    uint32_t inputs;
    bool begun;
    bool ranged; /* only times from low to high are needed */
    int64_t low, high;
};

struct sink *sql_open(struct sql *s, struct out *o, const struct sql_options *options,
                      const struct roles_options *roles, uint32_t inputs, struct spill *spill,
                      struct diag *diag);
#endif
