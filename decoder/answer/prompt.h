/* SPDX-License-Identifier: MIT */
/*
 * prompt.h - queries that come from standard input, at a terminal with a prompt before each.
 *
 * A query ends with a semicolon, and may have many lines. .tables, .schema and .quit are words of its own. Control-C
 * ends the query that runs, or drops what was typed. Where the terminal and this program can (base/line.h), words are completed
 * by the tabulator key, and lines come back by the arrow keys.
 */
#ifndef PROMPT_H
#define PROMPT_H

#include "answer/ask.h"
#include "base/line.h"

#define PROMPT_BYTES (1u << 20) /* of a query */

struct prompt {
    struct line *line; /* NULL: lines are read as they come */
    char *text;        /* that is typed */
    size_t n, room;
};

/* At the end a->wrong is false if it was at a terminal: what is wrong was said where it was typed. */
void prompt_run(struct prompt *p, struct ask *a);
void prompt_close(struct prompt *p);

#endif
