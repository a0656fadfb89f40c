/* SPDX-License-Identifier: MIT */
/* ask.c - runs queries. */
#include "answer/ask.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define ASK_SCANNED 1000000u /* rows that a query may look at without a word */
#define ASK_SCANS 16u        /* or so many times all there are */

void ask_note(struct ask *a, const struct metadata_event *e)
{
    char text[METADATA_JOINED_BYTES];
    struct metadata_text name = metadata_join(e, ':', text);
    size_t n = strlen(a->tables);

    if (strstr(a->tables, text) || n + name.n + 8 > sizeof(a->tables))
        return;
    snprintf(a->tables + n, sizeof(a->tables) - n, ", \"%s\"", text);
}

static void ask_columns(const struct ask *a, const struct table *t)
{
    char text[ASK_COLUMNS_BYTES];
    size_t n = 0;

    for (uint32_t i = 0; i < t->count && n < sizeof(text); i++)
        n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s", i ? ", " : "", t->column[i].name);
    diag_plain(a->diag, "columns of %s: %s", t->name, text);
}

/* Of the tables that the query names. */
static void ask_list_columns(const struct ask *a, const char *query)
{
    uint32_t listed = 0;

    for (uint32_t i = 0; i < a->list->count && listed < ASK_LISTED; i++) {
        const struct table *t = a->list->all[i];

        if (plan_names(query, t->name, strlen(t->name)) ||
            (t->other && plan_names(query, t->other, strlen(t->other)))) {
            ask_columns(a, t);
            listed++;
        }
    }
}

void ask_problem(struct ask *a, const char *query, const char *problem)
{
    diag_line(a->diag, "--sql: %s", problem);
    if (strstr(problem, "no such table"))
        diag_plain(a->diag,
                   "tables: records, losses, tasks, captures, runs, spans, wakeups, suppressed, "
                   "unfinished%s",
                   a->tables);
    if (strstr(problem, "no such column"))
        ask_list_columns(a, query);
    a->wrong = true;
}

/* A join that nothing makes faster looks at all rows of one table for each row of another. */
static void ask_scanned(struct ask *a, struct sqlite_query *q)
{
    uint64_t scanned = sqlite_scanned(q);

    if (scanned > ASK_SCANNED && scanned / ASK_SCANS > a->rows)
        diag_line(a->diag,
                  "--sql: rows were looked at %" PRIu64 " times, and there are %" PRIu64
                  ": compare by = what is joined",
                  scanned, a->rows);
}

bool ask_run(struct ask *a, const char *text)
{
    char problem[PLAN_PROBLEM_BYTES];
    const char *rest = text;

    while (*rest && !a->out->error) {
        const char *from = rest;
        struct sqlite_query *q = sqlite_prepare(a->db, from, &rest);
        bool good = !sqlite_problem(a->db);

        if (q)
            good = grid_print(&a->grid, q, a->db, a->out, a->format);
        if (q && good)
            ask_scanned(a, q);
        if (!good && !a->out->error) {
            if (sqlite_error(a->db))
                a->out->error = sqlite_error(a->db);
            plan_problem(a->db, from, problem);
            ask_problem(a, from, problem);
        }
        sqlite_finish(q);
        if (!good)
            return false;
    }
    return true;
}
