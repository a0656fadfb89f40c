/* SPDX-License-Identifier: MIT */
/*
 * database.h - a dump as a database of SQLite, with the tables of --sql and indexes by time.
 *
 * It is written in place, so it needs a file that is there and empty.
 */
#ifndef DATABASE_H
#define DATABASE_H

#include "table/fill.h"

struct database {
    struct sink sink;
    struct fill fill;
    struct sqlite *db;
    bool wrong;
};

struct sink *database_open(struct database *d, struct out *o, const struct roles_options *roles,
                           int fd, struct spill *spill, struct diag *diag);

#endif
