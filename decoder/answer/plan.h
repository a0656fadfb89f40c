/* SPDX-License-Identifier: MIT */
/*
 * plan.h - what a query needs: of which tables, which columns, times and CPUs.
 *
 * The query is prepared in a database whose tables are pretended (base/sqlite.h): SQLite says which columns it
 * reads, which comparisons with constants there are, and by what tables are joined. Only that is then filled
 * (table/fill.h). What cannot be said is wanted whole.
 */
#ifndef PLAN_H
#define PLAN_H

#include "table/fill.h"

#define PLAN_PROBLEM_BYTES 512u

struct plan {
    const char *query;
    char problem[PLAN_PROBLEM_BYTES];
    struct sqlite *db; /* while it is made */
};

/* Sets what is wanted of each table. False: the query can never be run, and p->problem is why. */
bool plan_make(struct plan *p, struct table_list *l);
void plan_close(struct plan *p);
/* Does the query have this name in it, alone or as a part of a longer one? */
bool plan_names(const char *query, const char *name, size_t n);
/* Are all tables that are wanted wanted for some time only, and which? */
bool plan_times(const struct table_list *l, int64_t *low, int64_t *high);
/* Indexes for the joins. */
void plan_indexes(struct table_list *l);
/* What the last problem is, and where in the query. */
void plan_problem(const struct sqlite *db, const char *query, char to[PLAN_PROBLEM_BYTES]);

#endif
