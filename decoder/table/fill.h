/* SPDX-License-Identifier: MIT */
/*
 * fill.h - the tables that a dump is in SQL, and their rows.
 *
 *     fill_open(&f, db, roles, diag, true);
 *     fill_begin(&f, s);  fill_event(&f, lane, e);  ...  fill_finish(&f, s);
 *     fill_end(&f);
 *
 * The same for a database that is written and for one that answers: that takes only what its queries name (table.h
 * says what is wanted). doc/sql.md has the tables. Calls are those of a sink.
 */
#ifndef FILL_H
#define FILL_H

#include "table/scene.h"

#define FILL_FREE_BYTES                                                                            \
    (1u << 30) /* of text; of more at most so many for each byte that is read: */
#define FILL_RATIO 4096u

/* The tables that are always there. */
enum fill_fixed {
    FILL_RECORDS,
    FILL_UNFINISHED,
    FILL_LOSSES,
    FILL_SUPPRESSED,
    FILL_TASKS,
    FILL_CAPTURES,
    FILL_RUNS,
    FILL_SPANS,
    FILL_WAKEUPS,
    FILL_FIXED
};

struct fill_stream;

struct fill {
    struct cells cells;
    struct table *fixed[FILL_FIXED];
    struct diag *diag;
    struct roles roles;
    struct scene scene;
    struct fill_stream *streams; /* by number */
    uint32_t stream_count;
    bool changed;
    /* Is the table of an event asked for? NULL: all are. */
    bool (*asks)(void *context, const struct metadata_event *e);
    /* There are new tables or columns, and no row of these yet: what of them is wanted is to be said. May be NULL. */
    void (*change)(void *context);
    void *context;

    uint64_t homeless;   /* records of events for which there is no table */
    uint64_t columnless; /* fields without a column */
    bool wrong;          /* at the end: a --role fits no event */
};

/* roles, symbols: NULL, there are none. all: every table is wanted. */
void fill_open(struct fill *f, struct sqlite *db, const struct roles_options *roles,
               struct symbols *symbols, struct diag *diag, bool all);
void fill_close(struct fill *f);
void fill_begin(struct fill *f, struct stream *s);
void fill_event(struct fill *f, struct stream_lane *lane, const struct metadata_event *e);
void fill_unfinished(struct fill *f, struct stream_lane *lane, const struct metadata_event *e);
void fill_loss(struct fill *f, struct stream_lane *lane);
void fill_finish(struct fill *f, struct stream *s);
/* Makes all tables, and says what they lack; `name`: of the option. */
void fill_end(struct fill *f, const char *name);

#endif
