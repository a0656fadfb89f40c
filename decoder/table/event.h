/* SPDX-License-Identifier: MIT */
/*
 * event.h - the table of an event: a column for each field, with the type that is nearest in SQL.
 *
 * Events of one name share a table, which has the fields of all of them.
 */
#ifndef EVENT_H
#define EVENT_H

#include "table/cells.h"

/* An event of a capture, and its table. */
struct event {
    const struct metadata_event *is; /* NULL: not seen */
    struct table *table;             /* NULL: it has none */
    int8_t column[TP_LIMIT_FIELDS];  /* by field; -1: none */
};

/* Finds or adds the table of in->is, which is NULL if there are too many. Has it more columns than before? *missing: fields
 * without one. */
bool event_meet(struct cells *c, struct event *in, uint32_t *missing);
/* A row of its table, which it has. */
void event_row(struct cells *c, const struct event *in, struct stream_lane *lane, uint64_t ns,
               const struct value_tail *tails);

#endif
