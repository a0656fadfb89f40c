/* SPDX-License-Identifier: MIT */
/*
 * lines.h - lines as text has them, with all fields of each: as many as are kept around those that are shown.
 */
#ifndef LINES_H
#define LINES_H

#include "explore/index.h"
#include "print/text.h"

#define LINES_KEPT 512u          /* that are kept, */
#define LINES_BEFORE 128u        /* of which so many are before the first that is wanted */
#define LINES_TEXT_BYTES 2048u   /* of a line, the rest is not shown */
#define LINES_FIELDS_BYTES 8192u /* of all its fields */

struct lines_line {
    uint64_t ns;
    uint32_t cpu;
    enum pass_kind kind;
    uint32_t text_bytes, fields_bytes;
    char text[LINES_TEXT_BYTES];
    char fields[LINES_FIELDS_BYTES]; /* a line each */
};

struct lines {
    uint64_t first; /* number of the first */
    uint32_t count;
    struct lines_line *lines;
    struct out out;
    struct text text;
    struct stamp stamp; /* as they are printed */
    char *to;           /* where the output goes at the moment */
    uint32_t room, used;
};

void lines_open(struct lines *l, struct stamp stamp, struct symbols *symbols);
void lines_close(struct lines *l);
/* What is printed to l->out goes there, l->used bytes of it; what has no room is dropped. */
void lines_into(struct lines *l, char *to, uint32_t room);
/* Has it this line? */
const struct lines_line *lines_at(const struct lines *l, uint64_t number);
/* Reads those around a line anew. */
void lines_read(struct lines *l, struct pass *p, struct pass_setup *setup, const struct index *x,
                uint64_t number);
/* They are not what they were. */
void lines_forget(struct lines *l);

#endif
