/* SPDX-License-Identifier: MIT */
/*
 * line.h - lines that are typed at a terminal: moving in them, those before, and what a word may become.
 *
 *     l = line_open();                 before rights are given up
 *     line_start(l, &stop, complete, context);
 *     while ((text = line_read(l, "sql> ", &n)))
 *         ...
 *     line_close(l);
 *
 * By libedit. Where that is not there, noline.c is in its place. Lines are kept in memory only.
 */
#ifndef LINE_H
#define LINE_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LINE_KEPT 500      /* lines that one may go back to */
#define LINE_CHOICES 1000u /* that a word has; of more the rest is not shown */

struct line;

/* What the word before the cursor may become. */
struct line_choices {
    size_t typed; /* its bytes, which end at the cursor */
    char *names;  /* each ended by a NUL */
    size_t n, room;
    uint32_t count;
};
/* One more, if it is not there yet. */
void line_choice(struct line_choices *c, const char *name, size_t n);

/* NULL: standard input and output are no terminal that can place its cursor, or there is no libedit. Files are opened. */
struct line *line_open(void);
void line_close(struct line *l); /* NULL: nothing */
/* Reading ends when *stop is not 0. `complete` adds choices for the n bytes of a line that are before the cursor. */
void line_start(struct line *l, const volatile sig_atomic_t *stop,
                void (*complete)(void *context, const char *text, size_t n,
                                 struct line_choices *to),
                void *context);
/* A line with its end, valid until the next call. NULL: there are no more, or *stop. */
const char *line_read(struct line *l, const char *prompt, size_t *n);

#endif
