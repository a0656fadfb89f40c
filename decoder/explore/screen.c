/* SPDX-License-Identifier: MIT */
/* screen.c - lines of text on a terminal: only those that have changed are written. */
#include "explore/screen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define SCREEN_MOVE_BYTES 32u /* ESC [ row ; column H */

void screen_resize(struct screen *s, uint32_t rows, uint32_t columns)
{
    s->rows = rows < SCREEN_ROWS_MAX ? rows : SCREEN_ROWS_MAX;
    s->columns = columns < SCREEN_COLUMNS_MAX ? columns : SCREEN_COLUMNS_MAX;
    free(s->now);
    s->now = NULL;
    free(s->shown);
    s->shown = NULL;
    s->now = mem_zero((s->rows + 1) * sizeof(*s->now));
    s->shown = mem_zero((s->rows + 1) * sizeof(*s->shown));
    s->fresh = true;
}

void screen_close(struct screen *s)
{
    free(s->now);
    free(s->shown);
    s->now = s->shown = NULL;
}

void screen_clear(struct screen *s)
{
    for (uint32_t i = 0; i < s->rows; i++)
        s->now[i].bytes = 0;
    s->cursor_row = s->rows;
    screen_line(s, 0);
}

/* After the last row there is one that is never shown. */
void screen_line(struct screen *s, uint32_t row)
{
    s->row = row < s->rows ? row : s->rows;
    s->column = 0;
    s->limit = s->columns;
    s->look = SCREEN_PLAIN;
    s->now[s->row].bytes = 0;
}

void screen_limit(struct screen *s, uint32_t column)
{
    s->limit = column && column < s->columns ? column : s->columns;
}

static void screen_add(struct screen *s, const char *text, size_t n)
{
    struct screen_row *r = &s->now[s->row];

    if (n > sizeof(r->text) - r->bytes)
        return;
    memcpy(r->text + r->bytes, text, n);
    r->bytes += (uint32_t)n;
}

static void screen_look(struct screen *s, enum screen_look look)
{
    static const char *const looks[SCREEN_LOOKS] = {"\033[0m",    "\033[0;1m",  "\033[0;7m",
                                                    "\033[0;31m", "\033[0;36m", "\033[0;32m",
                                                    "\033[0;33m"};

    if (!s->colour && look > SCREEN_REVERSE)
        look = look == SCREEN_BAD ? SCREEN_BOLD : SCREEN_PLAIN;
    if (look == s->look)
        return;
    s->look = look;
    screen_add(s, looks[look], strlen(looks[look]));
}

/* Columns of a character, 0: it is not shown. The wide ones of East Asia, and pictures; what joins others, and what changes the direction of a line, has no
 * place in a column. */
static uint32_t screen_width(uint32_t code)
{
    static const struct {
        uint32_t first, last, width;
    } ranges[] = {{0, 0x1f, 0},          {0x7f, 0x9f, 0},         {0xad, 0xad, 0},
                  {0x300, 0x36f, 0},     {0x483, 0x489, 0},       {0x590, 0x5cf, 0},
                  {0x600, 0x61f, 0},     {0x64b, 0x65f, 0},       {0x900, 0x10ff, 0},
                  {0x1100, 0x115f, 2},   {0x1160, 0x11ff, 0},     {0x1780, 0x17ff, 0},
                  {0x1ab0, 0x1aff, 0},   {0x1dc0, 0x1dff, 0},     {0x200b, 0x200f, 0},
                  {0x2028, 0x202e, 0},   {0x2060, 0x206f, 0},     {0x20d0, 0x20ff, 0},
                  {0x2e80, 0x303e, 2},   {0x3041, 0xa4cf, 2},     {0xa960, 0xa97f, 2},
                  {0xac00, 0xd7a3, 2},   {0xd7a4, 0xf8ff, 0},     {0xf900, 0xfaff, 2},
                  {0xfe00, 0xfe0f, 0},   {0xfe20, 0xfe2f, 0},     {0xfe30, 0xfe6f, 2},
                  {0xfeff, 0xfeff, 0},   {0xff01, 0xff60, 2},     {0xffe0, 0xffe6, 2},
                  {0xfff0, 0xfffb, 0},   {0x1f300, 0x1f64f, 2},   {0x1f900, 0x1f9ff, 2},
                  {0x20000, 0x3fffd, 2}, {0xe0000, UINT32_MAX, 0}};

    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
        if (code >= ranges[i].first && code <= ranges[i].last)
            return ranges[i].width;
    return 1;
}

void screen_bytes(struct screen *s, enum screen_look look, const char *text, size_t n)
{
    screen_look(s, look);
    for (size_t i = 0, bytes; i < n; i += bytes) {
        uint32_t code = (uint8_t)text[i], width;

        bytes = out_utf8((const uint8_t *)text + i, n - i, &code);
        width = bytes && (!s->ascii || code < 0x7f) ? screen_width(code) : 0;
        if (s->column + (width ? width : 1) > s->limit)
            return;
        if (width)
            screen_add(s, text + i, bytes);
        else
            screen_add(s, "?", 1);
        s->column += width ? width : 1;
        bytes = bytes ? bytes : 1;
    }
}

void screen_text(struct screen *s, enum screen_look look, const char *text)
{
    screen_bytes(s, look, text, strlen(text));
}

void screen_pad(struct screen *s, enum screen_look look, uint32_t column)
{
    while (s->column < column && s->column < s->limit)
        screen_bytes(s, look, " ", 1);
}

void screen_cursor(struct screen *s)
{
    s->cursor_row = s->row;
    s->cursor_column = s->column < s->columns ? s->column : s->columns - 1;
}

static void screen_move(struct out *o, uint32_t row, uint32_t column)
{
    char move[SCREEN_MOVE_BYTES];
    int n = snprintf(move, sizeof(move), "\033[%u;%uH", row + 1, column + 1);

    out_bytes(o, move, (size_t)n);
}

void screen_show(struct screen *s, struct out *o)
{
    if (s->fresh || s->cursor)
        out_text(o, s->fresh ? "\033[?25l\033[0m\033[2J" : "\033[?25l");
    s->cursor = s->cursor_row < s->rows;
    for (uint32_t i = 0; i < s->rows; i++) {
        struct screen_row *now = &s->now[i], *shown = &s->shown[i];

        if (s->fresh)
            shown->bytes = 0;
        if (now->bytes == shown->bytes && memcmp(now->text, shown->text, now->bytes) == 0)
            continue;
        screen_move(o, i, 0);
        /* Erased first: after a line that is full the cursor is in its last column. */
        out_text(o, "\033[0m\033[K");
        out_bytes(o, now->text, now->bytes);
        out_text(o, "\033[0m");
        shown->bytes = now->bytes;
        memcpy(shown->text, now->text, now->bytes);
    }
    s->fresh = false;
    if (s->cursor) {
        screen_move(o, s->cursor_row, s->cursor_column);
        out_text(o, "\033[?25h");
    }
    out_flush(o);
}
