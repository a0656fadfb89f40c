/* SPDX-License-Identifier: MIT */
/*
 * sheet.h - records, losses and tasks as rows of columns.
 *
 * A row has time, CPU and task at its start, then what it is about, and at its end which capture and input it is of, and the
 * columns of --column.
 */
#ifndef SHEET_H
#define SHEET_H

#include "export/store.h"
#include "model/object.h"
#include "order/constant.h"
#include "order/sink.h"

/* The first columns of records. Of losses there are the first three. */
enum { SHEET_TIME, SHEET_WALL, SHEET_CPU, SHEET_PID, SHEET_COMM, SHEET_FLAGS, SHEET_FIRST };

/* What all tables of a run share. */
struct sheet {
    struct pages pages;
    struct spill *spill;
    const struct constant_list *constants; /* NULL: none */
    struct symbols *symbols;               /* as in struct out */
    bool inputs;                           /* there are several */
    struct object_list objects;
    struct out text;       /* one that is being made; */
    struct pile long_text; /* what of it left the buffer */
    size_t held;           /* memory of all columns */
    uint64_t late;         /* times beyond 2^63 - 1 */
};

void sheet_open(struct sheet *t, struct spill *spill, const struct constant_list *constants,
                struct symbols *symbols, bool compress, struct crew *crew);
void sheet_close(struct sheet *t);
/* A capture is at its end. */
void sheet_finish(struct sheet *t);

/* Adds the columns that rows begin with: `context`, those of the task as well; and end with. */
void sheet_add_first(struct store *s, bool context);
void sheet_add_last(struct sheet *t, struct store *s);
/* One for a field, and of what type it is. */
enum column_is sheet_is(const struct sheet *t, const struct metadata_field *f);
void sheet_add_field(struct sheet *t, struct store *s, const struct metadata_field *f);

/* Their values, as far as there are any. */
void sheet_time(struct sheet *t, struct store *s, struct stream_lane *lane);
void sheet_context(struct store *s, const struct stream_lane *lane);
/* From column i on. */
void sheet_last(struct sheet *t, struct store *s, uint32_t i, const struct stream *from);
void sheet_field(struct sheet *t, struct column *c, const struct metadata_field *f,
                 const struct record *r, const struct value_tail *tails);
/* The names of the fields that were too long to be recorded whole, if there are any. */
void sheet_cut(struct store *s, uint32_t column, const struct metadata_event *e,
               const struct value_tail *tails);
/* All fields as JSON; of a record that fits no event, its id and its bytes. */
void sheet_json(struct sheet *t, struct column *c, const struct metadata_event *e,
                const struct record *r, const struct value_tail *tails);
void sheet_word(struct column *c, const char *text);

#endif
