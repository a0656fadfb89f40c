/* SPDX-License-Identifier: MIT */
/*
 * screen.h - lines of text on a terminal: only those that have changed are written.
 *
 *     screen_clear(&s);
 *     screen_line(&s, 0);
 *     screen_text(&s, SCREEN_BOLD, "dump.tp");
 *     screen_show(&s, &out);
 *
 * A line takes what fits into it. Control characters do not get into it: texts of a dump are escaped already, and
 * what is left of them here is shown as a question mark, as is a character that the terminal cannot show.
 */
#ifndef SCREEN_H
#define SCREEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/out.h"

#define SCREEN_ROWS_MAX 300u
#define SCREEN_COLUMNS_MAX 500u
/* Of a line: each column may have a character of four bytes with a look of its own. */
#define SCREEN_LINE_BYTES (SCREEN_COLUMNS_MAX * 16u + 16u)

enum screen_look {
    SCREEN_PLAIN,
    SCREEN_BOLD,
    SCREEN_REVERSE,
    SCREEN_BAD,  /* red */
    SCREEN_TIME, /* cyan */
    SCREEN_RUN,  /* green */
    SCREEN_WAIT, /* yellow */
    SCREEN_LOOKS
};

struct screen_row {
    uint32_t bytes;
    char text[SCREEN_LINE_BYTES];
};

struct screen {
    bool ascii, colour;
    uint32_t rows, columns;
    struct screen_row *now, *shown;
    bool fresh;  /* what the terminal shows is not known */
    bool cursor; /* it is shown */
    uint32_t row, column, limit;
    enum screen_look look;
    uint32_t cursor_row, cursor_column; /* where the cursor is shown; row `rows`: nowhere */
};

/* All is drawn again. */
void screen_resize(struct screen *s, uint32_t rows, uint32_t columns);
void screen_close(struct screen *s);
void screen_clear(struct screen *s);
/* What follows goes into this line, from its start on. */
void screen_line(struct screen *s, uint32_t row);
void screen_bytes(struct screen *s, enum screen_look look, const char *text, size_t n);
void screen_text(struct screen *s, enum screen_look look, const char *text);
/* What follows has room up to this column; 0: up to the end. Of the line only. */
void screen_limit(struct screen *s, uint32_t column);
/* Blanks up to a column, if it is not there yet. */
void screen_pad(struct screen *s, enum screen_look look, uint32_t column);
void screen_cursor(struct screen *s);
void screen_show(struct screen *s, struct out *o);

#endif
