/* SPDX-License-Identifier: MIT */
/* draw.c - what is on the screen: lanes, lines, fields. */
#include "explore/draw.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "answer/axis.h"
#include "base/number.h"
#include "explore/help.h"
#include "explore/session.h"

#define DRAW_NAME (VIEW_LABEL - 2u) /* characters of a label */
#define DRAW_TEXT_BYTES 4096u
#define DRAW_FIELD_COLUMNS 40u /* of a field, where several are side by side */

/* --- lanes --- */

static void draw_axis(struct session *s)
{
    const struct view *v = &s->view;
    char text[DRAW_TEXT_BYTES];
    struct lines *l = &s->list;

    screen_line(&s->screen, 1);
    if (!s->index->any)
        return;
    screen_pad(&s->screen, SCREEN_PLAIN, VIEW_LABEL);
    lines_into(l, text, sizeof(text));
    axis_text(&l->out, "", v->start_ns, v->column_ns, v->wide);
    out_flush(&l->out);
    screen_bytes(&s->screen, SCREEN_TIME, text, l->used ? l->used - 1 : 0);
}

static const struct bins *draw_bins(const struct session *s)
{
    return session_whole(s) ? &s->whole.bins : &s->part.bins;
}

static struct bins_cell draw_cell(const struct session *s, uint32_t cpu, uint32_t column)
{
    uint64_t from_ns = view_start(&s->view, column);

    return bins_cpu_at(draw_bins(s), cpu, from_ns, from_ns + (s->view.column_ns - 1));
}

static struct bins_time draw_time(const struct session *s, uint32_t task, uint32_t column)
{
    uint64_t from_ns = view_start(&s->view, column);

    return bins_task_at(draw_bins(s), task, from_ns, from_ns + (s->view.column_ns - 1));
}

/* The column of the line that is selected is a bar through all lanes. */
static enum screen_look draw_look(const struct session *s, uint32_t column, enum screen_look look)
{
    return column == view_column(&s->view, s->view.selected_ns) ? SCREEN_REVERSE : look;
}

static uint32_t draw_most(const struct session *s)
{
    const struct view *v = &s->view;
    uint32_t most = 1;

    for (uint32_t cpu = 0; cpu < s->who->cpu_count; cpu++)
        for (uint32_t i = 0; i < v->wide; i++) {
            uint32_t count = draw_cell(s, cpu, i).count;

            most = count > most ? count : most;
        }
    return most;
}

static void draw_cpu(struct session *s, uint32_t cpu, uint32_t most)
{
    static const char ramp[] = " .:-=+*#%@";
    const struct view *v = &s->view;
    char label[40];
    int n;

    if (s->who->places > 1)
        n = snprintf(label, sizeof(label), "%" PRIu32 ":cpu %" PRIu32, s->who->cpus[cpu].place + 1,
                     s->who->cpus[cpu].cpu);
    else
        n = snprintf(label, sizeof(label), "cpu %" PRIu32, s->who->cpus[cpu].cpu);
    screen_pad(&s->screen, SCREEN_PLAIN, DRAW_NAME - (uint32_t)n);
    screen_text(&s->screen, SCREEN_PLAIN, label);
    screen_text(&s->screen, SCREEN_PLAIN, " |");
    for (uint32_t i = 0; i < v->wide; i++) {
        struct bins_cell c = draw_cell(s, cpu, i);
        unsigned levels = s->screen.ascii ? sizeof(ramp) - 2 : 8, level = 0;
        char block[4] = "\xe2\x96\x80";

        if (c.count)
            level = (unsigned)(((uint64_t)c.count * levels + most - 1) / most);
        block[2] = (char)(0x80 + level);
        if (c.lost)
            screen_text(&s->screen, draw_look(s, i, SCREEN_BAD), "!");
        else if (s->screen.ascii || !level)
            screen_bytes(&s->screen, draw_look(s, i, SCREEN_PLAIN), &ramp[level], 1);
        else
            screen_text(&s->screen, draw_look(s, i, SCREEN_PLAIN), block);
    }
}

/* As --timeline has it, name and number at the right of the label; of several captures with the number of its one. */
static void draw_who(struct session *s, const struct lanes_task *t)
{
    char name[6 * LANES_NAME_BYTES + 32], number[NUMBER_BYTES + 1] = "-";
    size_t n = 0, room;

    number_put(number + 1, t->id);
    room = DRAW_NAME - strlen(number);
    if (s->who->captures > 1)
        n = (size_t)snprintf(name, sizeof(name), "%" PRIu32 ":", t->capture);
    if (t->name_bytes)
        n += out_escape(name + n, t->name, t->name_bytes, OUT_TEXT);
    else
        n += (size_t)snprintf(name + n, sizeof(name) - n, "<...>");
    if (n > room)
        for (n = room; n && ((uint8_t)name[n] & 0xc0) == 0x80;)
            n--;
    screen_pad(&s->screen, SCREEN_PLAIN, (uint32_t)(room - n));
    screen_bytes(&s->screen, SCREEN_PLAIN, name, n);
    screen_text(&s->screen, SCREEN_PLAIN, number);
    screen_text(&s->screen, SCREEN_PLAIN, " |");
}

static void draw_task(struct session *s, uint32_t task)
{
    static const char *const glyphs[][BINS_DOES + 1] = {
        {"\xe2\x96\x88", "\xe2\x96\x92", "\xc2\xb7", " "}, {"#", "+", ".", " "}};
    static const enum screen_look looks[] = {SCREEN_RUN, SCREEN_WAIT, SCREEN_PLAIN, SCREEN_PLAIN};
    const struct view *v = &s->view;

    draw_who(s, &s->who->tasks[task]);
    for (uint32_t i = 0; i < v->wide; i++) {
        struct bins_time t = draw_time(s, task, i);
        enum bins_does does = bins_most(&t);

        screen_text(&s->screen, draw_look(s, i, looks[does]), glyphs[s->screen.ascii][does]);
    }
}

static void draw_lane_pane(struct session *s)
{
    const struct lanes_who *w = s->who;
    uint32_t most = draw_most(s);

    draw_axis(s);
    for (uint32_t i = 0; i < s->view.lanes; i++) {
        uint32_t lane = s->view.lane_top + i;

        screen_line(&s->screen, 2 + i);
        if (lane < w->cpu_count)
            draw_cpu(s, w->order_cpus[lane], most);
        else if (lane - w->cpu_count < w->shown_tasks)
            draw_task(s, w->order_tasks[lane - w->cpu_count]);
    }
}

/* --- lines and fields --- */

/* The characters from column `left` on. */
static void draw_from(struct screen *c, enum screen_look look, const char *text, size_t n,
                      uint32_t left)
{
    while (left && n) {
        size_t bytes = 1;

        while (bytes < n && ((uint8_t)text[bytes] & 0xc0) == 0x80)
            bytes++;
        text += bytes;
        n -= bytes;
        left--;
    }
    screen_bytes(c, look, text, n);
}

static void draw_list_pane(struct session *s, uint32_t row)
{
    const struct view *v = &s->view;

    for (uint32_t i = 0; i < v->list; i++) {
        const struct lines_line *line = lines_at(&s->list, v->top + i);
        bool selected = v->top + i == v->selected;

        screen_line(&s->screen, row + i);
        if (!line || v->top + i >= s->index->lines)
            continue;
        draw_from(&s->screen,
                  selected                   ? SCREEN_REVERSE
                  : line->kind == PASS_LOSS  ? SCREEN_BAD
                  : line->kind == PASS_BEGIN ? SCREEN_BOLD
                                             : SCREEN_PLAIN,
                  line->text, line->text_bytes, v->left);
        if (selected)
            screen_pad(&s->screen, SCREEN_REVERSE, s->screen.columns);
    }
}

/* Lines of a text; returns how many there are. */
static uint32_t draw_lines(struct session *s, const char *text, size_t n, uint32_t row,
                           uint32_t rows)
{
    uint32_t count = 0;

    for (const char *end = text + n; text < end; count++) {
        const char *next = memchr(text, '\n', (size_t)(end - text));
        size_t bytes = (size_t)((next ? next : end) - text);

        if (count < rows) {
            screen_line(&s->screen, row + count);
            screen_bytes(&s->screen, count ? SCREEN_PLAIN : SCREEN_BOLD, text, bytes);
        }
        text += bytes + 1;
    }
    return count;
}

/* The start of a line of a text, or NULL. */
static const char *draw_line_at(const char *text, const char *end, uint32_t line, size_t *bytes)
{
    const char *next;

    for (; line && text < end; line--)
        text = (next = memchr(text, '\n', (size_t)(end - text))) ? next + 1 : end;
    if (text >= end)
        return NULL;
    next = memchr(text, '\n', (size_t)(end - text));
    *bytes = (size_t)((next ? next : end) - text);
    return text;
}

/* How many are side by side: one, if one of them is long. */
static uint32_t draw_across(const struct session *s, const struct lines_line *line)
{
    uint32_t across = s->screen.columns / DRAW_FIELD_COLUMNS;
    size_t n;

    for (uint32_t i = 0; draw_line_at(line->fields, line->fields + line->fields_bytes, i, &n); i++)
        if (n >= DRAW_FIELD_COLUMNS)
            return 1;
    return across ? across : 1;
}

/* Side by side where there is room: down, then on at the top of the next column. */
static void draw_field_pane(struct session *s, uint32_t row)
{
    const struct lines_line *line = lines_at(&s->list, s->view.selected);
    struct view *v = &s->view;
    uint32_t across = line ? draw_across(s, line) : 1;
    size_t last;

    /* Not beyond the last one. */
    while (line && v->field_top &&
           !draw_line_at(line->fields, line->fields + line->fields_bytes, v->field_top, &last))
        v->field_top--;
    for (uint32_t i = 0; line && s->index->lines && i < v->fields; i++) {
        screen_line(&s->screen, row + i);
        for (uint32_t k = 0; k < across; k++) {
            uint32_t at = v->field_top + k * v->fields + i;
            size_t n = 0;
            const char *text = draw_line_at(line->fields, line->fields + line->fields_bytes, at,
                                            &n);

            screen_limit(&s->screen, k + 1 < across ? (k + 1) * DRAW_FIELD_COLUMNS - 1 : 0);
            if (text)
                screen_bytes(&s->screen, at ? SCREEN_PLAIN : SCREEN_BOLD, text, n);
            screen_limit(&s->screen, 0);
            if (k + 1 < across)
                screen_pad(&s->screen, SCREEN_PLAIN, (k + 1) * DRAW_FIELD_COLUMNS);
        }
    }
}

/* --- around the panes --- */

static void draw_title(struct session *s)
{
    const struct stream *first = &s->given->streams[0];
    char text[DRAW_TEXT_BYTES], low[NUMBER_BYTES], high[NUMBER_BYTES], name[1024];
    size_t n = strlen(first->diag.name);

    n = out_escape(name, first->diag.name, n < 160 ? n : 160, OUT_TEXT);
    number_put_seconds(low, s->index->first_ns);
    number_put_seconds(high, s->index->last_ns);
    snprintf(text, sizeof(text), " %.*s%s  %" PRIu64 " lines, %" PRIu64 " losses%s%s  %s to %s%s%s",
             (int)n, name, s->setup.count > 1 ? " and others" : "", s->index->lines,
             s->index->losses, s->setup.filter ? "  only: " : "",
             s->setup.filter ? s->setup.filter : "", s->index->any ? low : "-",
             s->index->any ? high : "-", s->options->follow ? "  follows" : "",
             s->partial ? "  not all was read" : "");
    screen_line(&s->screen, 0);
    screen_text(&s->screen, SCREEN_REVERSE, text);
    screen_pad(&s->screen, SCREEN_REVERSE, s->screen.columns);
}

/* Where the list is; how wide a column is. */
static void draw_between(struct session *s, uint32_t row)
{
    const struct lanes_who *w = s->who;
    const struct view *v = &s->view;
    char text[256], width[NUMBER_BYTES];
    uint32_t lanes = lanes_count(w);

    number_put_micros(width, v->column_ns);
    snprintf(text, sizeof(text),
             "-- lanes %" PRIu32 " to %" PRIu32 " of %" PRIu32 "%s, a column is %s us ",
             lanes ? v->lane_top + 1 : 0,
             v->lane_top + v->lanes < lanes ? v->lane_top + v->lanes : lanes, lanes,
             w->more_tasks || w->more_cpus ? " and more" : "", width);
    screen_line(&s->screen, row);
    screen_text(&s->screen, SCREEN_BOLD, text);
    snprintf(text, sizeof(text), "-- line %" PRIu64 " of %" PRIu64 " ",
             s->index->lines ? v->selected + 1 : 0, s->index->lines);
    screen_text(&s->screen, SCREEN_BOLD, text);
    while (s->screen.column < s->screen.columns)
        screen_text(&s->screen, SCREEN_BOLD, "-");
}

static void draw_rule(struct session *s, uint32_t row)
{
    screen_line(&s->screen, row);
    screen_text(&s->screen, SCREEN_BOLD, "-- fields ");
    while (s->screen.column < s->screen.columns)
        screen_text(&s->screen, SCREEN_BOLD, "-");
}

static void draw_last(struct session *s)
{
    static const char keys[] =
        "q quit  ? keys  +- zoom  hl pan  / search  & filter  Tab loss  g time";
    const struct view *v = &s->view;
    const char *message = v->message;
    uint32_t lines = 1, row = s->screen.rows - 1;
    char prompt[2] = {v->prompt};

    for (const char *p = message; (p = strchr(p, '\n')) && p[1]; p++)
        lines++;
    if (v->prompt) {
        screen_line(&s->screen, row);
        screen_text(&s->screen, SCREEN_BOLD, prompt);
        /* The end is what is typed. */
        message = v->typed;
        while (strlen(message) + 2 > s->screen.columns)
            message++;
        screen_text(&s->screen, SCREEN_PLAIN, message);
        screen_cursor(&s->screen);
    } else if (*message) {
        lines = lines < s->screen.rows ? lines : s->screen.rows;
        draw_lines(s, message, strlen(message), row + 1 - lines, lines);
    } else {
        screen_line(&s->screen, row);
        screen_text(&s->screen, SCREEN_PLAIN, keys);
    }
}

static void draw_panes(struct session *s)
{
    const struct view *v = &s->view;
    uint32_t row = 2 + v->lanes;

    draw_title(s);
    draw_lane_pane(s);
    draw_between(s, row);
    draw_list_pane(s, row + 1);
    row += 1 + v->list;
    draw_rule(s, row);
    draw_field_pane(s, row + 1);
    if (!s->index->lines) {
        screen_line(&s->screen, 2);
        screen_text(&s->screen, SCREEN_BOLD,
                    s->setup.filter ? "nothing passes the filter" : "no records");
    }
    draw_last(s);
}

void draw_all(struct session *s)
{
    struct view *v = &s->view;

    screen_clear(&s->screen);
    if (v->rows < VIEW_ROWS_LEAST || v->columns < VIEW_COLUMNS_LEAST) {
        screen_text(&s->screen, SCREEN_PLAIN, "the terminal is too small; q quits");
    } else if (v->page == VIEW_HELP) {
        const char *states = help_states[s->screen.ascii];
        uint32_t n = draw_lines(s, help_keys, strlen(help_keys), 0, s->screen.rows);

        screen_line(&s->screen, n);
        screen_bytes(&s->screen, SCREEN_PLAIN, states, strlen(states) - 1);
    } else if (v->page == VIEW_MESSAGES) {
        screen_text(&s->screen, SCREEN_BOLD,
                    s->said_bytes ? "Messages; any key goes back"
                                  : "There are no messages; any key goes back");
        draw_lines(s, s->said, s->said_bytes, 2, s->screen.rows - 2);
    } else {
        draw_panes(s);
    }
    screen_show(&s->screen, &s->out);
}

void draw_note(struct session *s, const char *text)
{
    screen_line(&s->screen, s->screen.rows - 1);
    screen_text(&s->screen, SCREEN_BOLD, text);
    screen_show(&s->screen, &s->out);
}
