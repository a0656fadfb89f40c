/* SPDX-License-Identifier: MIT */
/*
 * cells.h - values of rows: texts of a dump, fields as JSON, and what rows of all tables have.
 */
#ifndef CELLS_H
#define CELLS_H

#include "model/object.h"
#include "order/stream.h"
#include "table/table.h"

/* Columns that records and events begin with. */
enum { CELLS_TIME, CELLS_CPU, CELLS_PID, CELLS_COMM, CELLS_FLAGS, CELLS_CONTEXT };
/* Columns after the fields of an event, from table->last on. */
enum { CELLS_CAPTURE, CELLS_INPUT, CELLS_CUT, CELLS_LAST };

struct cells {
    struct table_list list;
    struct object_list objects;
    struct out text; /* writes into: */
    struct cells_bytes {
        char *bytes;
        size_t n, room;
    } longer; /* what does not fit its buffer */
    uint64_t text_bytes;
    uint64_t wrapped; /* numbers beyond 2^63 - 1 */
};

void cells_open(struct cells *c, struct sqlite *db, bool all_wanted);
void cells_close(struct cells *c);
/* What is printed from here on is a text, */
struct out *cells_text_open(struct cells *c);
/* and up to here: as a value. */
void cells_printed(struct cells *c, struct table *t, int column);
/* A text of a dump: bytes that are no UTF-8 become U+FFFD. */
void cells_words(struct cells *c, struct table *t, int column, const void *text, size_t n);
/* Time, CPU and context of a record. */
void cells_context(struct cells *c, struct table *t, struct stream_lane *lane, uint64_t ns);
/* The fields of a record as one object of JSON; of one that no event describes, its id and its bytes. */
void cells_fields(struct cells *c, struct table *t, int column, const struct metadata_event *e,
                  const struct record *r, const struct value_tail *tails);
/* Names of the fields that were too long to be recorded whole. */
void cells_cut(struct cells *c, struct table *t, int column, const struct metadata_event *e,
               const struct value_tail *tails);
/* Numbers of capture and input. */
void cells_capture(struct table *t, int column, const struct stream *s);

static inline int64_t cells_ns(uint64_t ns)
{
    return ns > INT64_MAX ? INT64_MAX : (int64_t)ns;
}

#endif
