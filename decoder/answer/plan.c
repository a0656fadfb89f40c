/* SPDX-License-Identifier: MIT */
/* plan.c - what a query needs. */
#include "answer/plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PLAN_NEAR_BYTES 32 /* of the query, where the problem is */

bool plan_names(const char *query, const char *name, size_t n)
{
    char text[4 * METADATA_JOINED_BYTES + 3];

    if (n > 2 * METADATA_JOINED_BYTES)
        return false;
    /* A quote in it is doubled in the query. */
    *sqlite_quote(text, name, n) = '\0';
    text[strlen(text) - 1] = '\0';
    return strcasestr(query, text + 1);
}

void plan_problem(const struct sqlite *db, const char *query, char to[PLAN_PROBLEM_BYTES])
{
    const char *what = sqlite_problem(db);
    int at = sqlite_problem_at(db);

    if (at >= 0 && (size_t)at < strlen(query))
        snprintf(to, PLAN_PROBLEM_BYTES, "%s, at '%.*s'", what, PLAN_NEAR_BYTES, query + at);
    else
        snprintf(to, PLAN_PROBLEM_BYTES, "%s", what ? what : "");
}

/* A table or column of that name may come with a later capture, or with a module. */
static bool plan_may_come(const struct sqlite *db)
{
    const char *what = sqlite_problem(db);

    return what && strncmp(what, "no such ", 8) == 0;
}

static void plan_pretend(struct table_list *l, struct sqlite *db, struct table *t)
{
    const char *text = table_create(l, t);
    size_t n = strlen(text) + 1;
    char *copy = mem_alloc(n);

    free((char *)t->use.text);
    t->use = (struct sqlite_use){.text = memcpy(copy, text, n), .time = t->time, .cpu = t->cpu};
    (void)sqlite_pretend(db, t->name, &t->use);
    if (t->other)
        (void)sqlite_run(db, table_view(l, t));
}

/* In an outer join a comparison need not leave rows out: SQLite tells of such as of others. */
static bool plan_outer(const char *query)
{
    static const char *const words[] = {"left", "right", "full", "outer"};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (strcasestr(query, words[i]))
            return true;
    return false;
}

static void plan_want(struct table *t, bool whole, bool ranges)
{
    const struct sqlite_use *use = &t->use;
    bool times = ranges && t->time >= 0 && use->times.any && !use->times.all;
    bool cpus = ranges && t->cpu >= 0 && use->cpus.any && !use->cpus.all;

    t->wanted = whole || use->used;
    t->columns = whole ? UINT64_MAX : use->columns;
    t->low = times ? use->times.low : INT64_MIN;
    t->high = times ? use->times.high : INT64_MAX;
    t->first_cpu = cpus ? use->cpus.low : INT64_MIN;
    t->last_cpu = cpus ? use->cpus.high : INT64_MAX;
}

/* Prepares all statements. False: there is a problem. */
static bool plan_prepare(struct plan *p)
{
    const char *rest = p->query, *text;

    while (*rest) {
        struct sqlite_query *q = sqlite_prepare(p->db, text = rest, &rest);

        if (!q && sqlite_problem(p->db)) {
            plan_problem(p->db, text, p->problem);
            return false;
        }
        if (q && !sqlite_only_reads(q))
            (void)sqlite_step(q); /* others may need what it makes */
        sqlite_finish(q);
    }
    return true;
}

bool plan_make(struct plan *p, struct table_list *l)
{
    bool ranges = !plan_outer(p->query), good, open;

    p->db = sqlite_open(-1, NULL);
    for (uint32_t i = 0; i < l->count; i++)
        plan_pretend(l, p->db, l->all[i]);
    good = plan_prepare(p);
    open = !good && plan_may_come(p->db);
    sqlite_close(p->db);
    p->db = NULL;
    for (uint32_t i = 0; i < l->count; i++) {
        struct table *t = l->all[i];
        bool named = plan_names(p->query, t->name, strlen(t->name)) ||
                     (t->other && plan_names(p->query, t->other, strlen(t->other)));

        plan_want(t, open && named, !open && ranges);
    }
    return good || open;
}

void plan_close(struct plan *p)
{
    sqlite_close(p->db);
    p->db = NULL;
}

bool plan_times(const struct table_list *l, int64_t *low, int64_t *high)
{
    *low = INT64_MAX;
    *high = INT64_MIN;
    for (uint32_t i = 0; i < l->count; i++) {
        const struct table *t = l->all[i];

        if (!t->wanted)
            continue;
        if (t->time < 0 || (t->low == INT64_MIN && t->high == INT64_MAX))
            return false;
        *low = t->low < *low ? t->low : *low;
        *high = t->high > *high ? t->high : *high;
    }
    return true;
}

void plan_indexes(struct table_list *l)
{
    for (uint32_t i = 0; i < l->count; i++) {
        struct table *t = l->all[i];

        for (uint32_t k = 0; k < t->use.index_count && t->made; k++)
            table_index(l, t, t->use.indexes[k].column, t->use.indexes[k].count);
    }
}
