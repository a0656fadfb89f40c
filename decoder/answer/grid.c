/* SPDX-License-Identifier: MIT */
/* grid.c - the rows of a query. */
#include "answer/grid.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "model/field.h"
#include "model/float.h"

/* --- one value --- */

static void grid_real(struct out *o, double v, enum grid_format format)
{
    char text[FLOAT_TEXT_BYTES];
    size_t n = float_text(v, 8, text);

    if (format == GRID_JSON && !float_finite(v))
        field_text(o, text, n, OUT_JSON);
    else
        out_bytes(o, text, n);
}

/* As in RFC 4180: in quotes, if it has a comma, a quote or the end of a line. Nothing is quoted that is NULL, and an
 * empty text is. */
static void grid_csv_text(struct out *o, const char *text, size_t n)
{
    bool plain = n;

    for (size_t i = 0; i < n; i++)
        plain = plain && text[i] != ',' && text[i] != '"' && text[i] != '\n' && text[i] != '\r';
    if (plain) {
        out_bytes_long(o, text, n);
        return;
    }
    out_bytes(o, "\"", 1);
    for (size_t i = 0; i < n; i++)
        out_bytes(o, text[i] == '"' ? "\"\"" : text + i, text[i] == '"' ? 2 : 1);
    out_bytes(o, "\"", 1);
}

static void grid_text(struct out *o, const char *text, size_t n, enum grid_format format)
{
    if (format == GRID_CSV)
        grid_csv_text(o, text, n);
    else
        field_text(o, text, n, format == GRID_JSON ? OUT_JSON : OUT_TEXT);
}

static void grid_value(struct out *o, struct sqlite_query *q, int i, enum grid_format format)
{
    const void *bytes;
    size_t n;

    switch (sqlite_type(q, i)) {
    case SQLITE_IS_NUMBER:
        out_s64(o, sqlite_number(q, i));
        break;
    case SQLITE_IS_REAL:
        grid_real(o, sqlite_real(q, i), format);
        break;
    case SQLITE_IS_TEXT:
        bytes = sqlite_bytes(q, i, &n);
        grid_text(o, bytes, n, format);
        break;
    case SQLITE_IS_BYTES:
        bytes = sqlite_bytes(q, i, &n);
        if (format == GRID_JSON)
            out_bytes(o, "\"", 1);
        out_hex_bytes(o, bytes, n, false);
        if (format == GRID_JSON)
            out_bytes(o, "\"", 1);
        break;
    case SQLITE_IS_NOTHING:
        out_text(o, format == GRID_JSON ? "null" : format == GRID_CSV ? "" : "-");
        break;
    }
}

/* --- a row a line --- */

static void grid_json(struct out *o, struct sqlite_query *q)
{
    for (int i = 0; i < sqlite_columns(q); i++) {
        const char *name = sqlite_name(q, i);

        out_bytes(o, i ? "," : "{", 1);
        field_text(o, name, strlen(name), OUT_JSON);
        out_bytes(o, ":", 1);
        grid_value(o, q, i, GRID_JSON);
    }
    out_text(o, "}\n");
}

static void grid_csv(struct out *o, struct sqlite_query *q, bool names)
{
    for (int i = 0; i < sqlite_columns(q); i++) {
        out_bytes(o, ",", i ? 1 : 0);
        if (names)
            grid_csv_text(o, sqlite_name(q, i), strlen(sqlite_name(q, i)));
        else
            grid_value(o, q, i, GRID_CSV);
    }
    out_bytes(o, "\n", 1);
}

static bool grid_lines(struct sqlite_query *q, const struct sqlite *db, struct out *o,
                       enum grid_format format)
{
    if (format == GRID_CSV && sqlite_columns(q))
        grid_csv(o, q, true);
    while (!o->error && sqlite_step(q)) {
        if (format == GRID_CSV)
            grid_csv(o, q, false);
        else
            grid_json(o, q);
    }
    return !o->error && !sqlite_problem(db);
}

/* --- columns --- */

static int grid_keep(void *context, const void *bytes, size_t n)
{
    struct grid *g = context;

    if (g->room - g->n < n) {
        g->room = 2 * g->room + n;
        g->bytes = mem_grow(g->bytes, g->room);
    }
    memcpy(g->bytes + g->n, bytes, n);
    g->n += n;
    return 0;
}

/* In characters. */
static uint32_t grid_wide(const char *text)
{
    uint32_t n = 0;

    for (; *text; text++)
        n += (*text & 0xc0) != 0x80;
    return n;
}

static void grid_add(struct grid *g, struct sqlite_query *q)
{
    for (int i = 0; i < g->columns; i++) {
        size_t at = g->n;
        bool number = sqlite_type(q, i) == SQLITE_IS_NUMBER || sqlite_type(q, i) == SQLITE_IS_REAL;
        uint32_t width;

        out_bytes(&g->cell, number ? "n" : "t", 1);
        grid_value(&g->cell, q, i, GRID_TEXT);
        out_bytes(&g->cell, "", 1);
        out_flush(&g->cell);
        width = grid_wide(g->bytes + at + 1);
        g->widths[i] = width > g->widths[i] ? width : g->widths[i];
    }
    g->rows++;
}

static void grid_cell(const struct grid *g, struct out *o, int i, bool right, const char *text)
{
    uint32_t width = grid_wide(text), pad = g->widths[i] > width ? g->widths[i] - width : 0;

    if (i)
        out_text(o, "  ");
    if (right)
        out_pad(o, ' ', pad);
    out_bytes_long(o, text, strlen(text));
    if (!right && i + 1 < g->columns)
        out_pad(o, ' ', pad);
}

/* Names are above numbers at the right, if the first row has a number there. */
static void grid_head(const struct grid *g, struct out *o, struct sqlite_query *q)
{
    const char *cell = g->bytes;

    for (int i = 0; i < g->columns; i++) {
        const char *name = sqlite_name(q, i);
        size_t n = strlen(name);
        char *shown = mem_alloc(6 * n + 1);

        shown[out_escape(shown, name, n, OUT_TEXT)] = '\0';
        grid_cell(g, o, i, g->rows && *cell == 'n', shown);
        free(shown);
        cell += g->rows ? strlen(cell) + 1 : 0;
    }
    out_bytes(o, "\n", 1);
}

static void grid_flush(struct grid *g, struct out *o)
{
    const char *cell = g->bytes;

    for (uint32_t row = 0; row < g->rows; row++) {
        for (int i = 0; i < g->columns; i++) {
            grid_cell(g, o, i, *cell == 'n', cell + 1);
            cell += strlen(cell) + 1;
        }
        out_bytes(o, "\n", 1);
    }
    g->rows = 0;
    g->n = 0;
}

static void grid_columns(struct grid *g, struct sqlite_query *q, const struct sqlite *db,
                         struct out *o)
{
    bool headed = false, more = true;

    for (int i = 0; i < g->columns; i++)
        g->widths[i] = (uint32_t)out_escaped_bytes(sqlite_name(q, i), strlen(sqlite_name(q, i)));
    while (more && !o->error) {
        while (g->rows < GRID_ROWS && g->n < GRID_BYTES && (more = sqlite_step(q)))
            grid_add(g, q);
        /* Of a query that fails at once nothing is shown. */
        if (!headed && !g->rows && sqlite_problem(db))
            return;
        if (!headed && g->columns)
            grid_head(g, o, q);
        headed = true;
        grid_flush(g, o);
    }
}

void grid_open(struct grid *g)
{
    *g = (struct grid){.bytes = NULL};
    out_open(&g->cell, (struct out_sink){grid_keep, g});
}

void grid_close(struct grid *g)
{
    out_close(&g->cell);
    free(g->bytes);
    free(g->widths);
    g->bytes = NULL;
    g->widths = NULL;
}

bool grid_print(struct grid *g, struct sqlite_query *q, const struct sqlite *db, struct out *o,
                enum grid_format format)
{
    if (format != GRID_TEXT)
        return grid_lines(q, db, o, format);
    g->columns = sqlite_columns(q);
    g->widths = mem_grow(g->widths, ((size_t)g->columns + 1) * sizeof(*g->widths));
    grid_columns(g, q, db, o);
    return !o->error && !sqlite_problem(db);
}
