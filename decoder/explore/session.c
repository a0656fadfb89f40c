/* SPDX-License-Identifier: MIT */
/* session.c - what reads a dump anew while it is looked at. */
#include "explore/session.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bytes/watch.h"

#define SESSION_TURNS 16u    /* chunks between two looks at the clock */
#define SESSION_TELL_MS 250u /* between two lines that say how far it is */
#define SESSION_SCREENS 1u   /* that are read on each side of a part of the lanes */
#define SESSION_BINS 16u     /* of the whole, that a column which is shown has at least */

/* --- while something is read --- */

/* Keys are kept for later. An escape with nothing after it, and ctrl-C, stop what is going on. */
static void session_type(struct session *s)
{
    uint8_t bytes[SESSION_AHEAD];
    ssize_t n = read(s->terminal.fd, bytes, sizeof(bytes));

    for (ssize_t i = 0; i < n; i++)
        if (bytes[i] == KEYS_CTRL('C') || (bytes[i] == KEYS_ESCAPE && n == 1))
            s->stopped = s->pass.stop = true;
        else if (s->ahead_count < SESSION_AHEAD)
            s->ahead[s->ahead_count++] = bytes[i];
}

static void session_say(void *context)
{
    struct session *s = context;
    struct pollfd p = {.fd = s->terminal.fd, .events = POLLIN};
    uint64_t now, bytes = 0;
    char text[80];

    if (++s->turns % SESSION_TURNS)
        return;
    now = watch_now();
    if (now - s->started_ms < SESSION_PATIENCE_MS || now - s->told_ms < SESSION_TELL_MS)
        return;
    s->told_ms = now;
    for (uint32_t i = 0; i < s->setup.count && s->pass.streams; i++)
        bytes += s->pass.streams[i].in.offset;
    if (!terminal_start(&s->terminal))
        return;
    snprintf(text, sizeof(text), "reading, %" PRIu64 " MiB; Esc stops it", bytes >> 20);
    session_resize(s);
    s->note(s, text);
    if (poll(&p, 1, 0) > 0)
        session_type(s);
}

static void session_start(struct session *s)
{
    s->started_ms = watch_now();
    s->told_ms = 0;
    s->stopped = false;
    s->setup.turn = session_say;
    s->setup.turn_context = s;
}

/* --- all of it --- */

static int session_keep(void *context, const void *bytes, size_t n)
{
    struct session *s = context;
    size_t room = SESSION_SAID_BYTES - s->said_bytes;

    s->said_more = s->said_more || n > room;
    if (n > room)
        return 0;
    memcpy(s->said + s->said_bytes, bytes, n);
    s->said_bytes += n;
    return 0;
}

static bool session_line(void *context, const struct pass_line *l)
{
    struct session *s = context;

    index_line(s->index, l, &s->whole);
    return true;
}

/* --filter or --role ask for what there is not. */
static void session_judge(struct session *s)
{
    char text[FIND_PROBLEM_BYTES], *line = text, *end;
    const struct condition *c = &s->pass.select.condition;

    if (s->diag.useful && s->whole.roles.options && !roles_end(&s->whole.roles, &s->diag))
        s->wrong = true;
    if (!s->pass.selects || !s->given->select->filter || !condition_failed(c))
        return;
    s->wrong = true;
    condition_explain(c, text, sizeof(text));
    diag_line(&s->diag, "--filter:");
    for (; line; line = end) {
        end = strchr(line, '\n');
        if (end)
            *end++ = '\0';
        if (*line || end)
            diag_plain(&s->diag, "%s", line);
    }
}

void session_look(struct session *s)
{
    session_start(s);
    pass_forget(&s->setup);
    lines_forget(&s->list);
    s->part.bins.any = false;
    lanes_close(&s->part);
    lanes_close(&s->whole);
    memset(s->who, 0, sizeof(*s->who));
    index_open(s->index, s->setup.filter);
    s->setup.jumps = false;
    s->said_bytes = 0;
    s->diag = (struct diag){.sink = {session_keep, s}};
    lanes_open(&s->whole, s->who, s->options->roles, s->setup.count);
    pass_open(&s->pass, &s->setup, &s->diag);
    s->pass.line = session_line;
    s->pass.context = s;
    s->pass.lanes = &s->whole;
    pass_run(&s->pass);
    s->partial = s->stopped;
    s->setup.jumps = !s->stopped && pass_jumps(&s->pass);
    if (!s->options->follow && !s->stopped)
        session_judge(s);
    pass_close(&s->pass);
    lanes_settle(&s->whole);
    lanes_sort(s->who);
    s->looked_ms = watch_now();
    s->look_ms = s->looked_ms - s->started_ms;
}

/* --- what is shown --- */

static bool session_pass_on(void *context, const struct pass_line *l)
{
    (void)context;
    (void)l;
    return true;
}

bool session_whole(const struct session *s)
{
    const struct view *v = &s->view;

    return v->whole || !s->index->any || v->column_ns / SESSION_BINS >= s->whole.bins.width_ns;
}

/* Are all columns there that are shown? */
static bool session_has_part(const struct session *s)
{
    const struct bins *b = &s->part.bins;
    const struct view *v = &s->view;
    uint64_t after = v->start_ns - b->origin_ns;

    return b->any && b->width_ns == v->column_ns && v->start_ns >= b->origin_ns &&
           after % b->width_ns == 0 && after / b->width_ns + v->wide <= b->last + 1;
}

/* Columns that those of the whole do not give are made for what is shown, and a screen on each side. */
static void session_part(struct session *s)
{
    struct view *v = &s->view;
    struct lanes *l = &s->part;
    const struct bins *b = &l->bins;
    uint64_t columns = SESSION_SCREENS * (uint64_t)v->wide, margin = columns;
    const struct pass_mark *mark;
    uint64_t first_ns;

    if (session_whole(s) || session_has_part(s))
        return;
    if (margin > v->start_ns / v->column_ns)
        margin = v->start_ns / v->column_ns;
    first_ns = v->start_ns - margin * v->column_ns;
    session_start(s);
    lanes_close(l);
    lanes_part(l, &s->whole, v->column_ns, first_ns, (uint32_t)(margin + v->wide + columns));
    mark = s->setup.jumps ? index_before_time(s->index, first_ns) : NULL;
    pass_open(&s->pass, &s->setup, NULL);
    pass_from(&s->pass, mark);
    if (mark)
        lanes_set(l, index_state(s->index, mark), mark->ns);
    s->pass.line = session_pass_on;
    s->pass.context = s;
    s->pass.lanes = l;
    s->pass.until_ns = bins_end(b, b->last);
    pass_run(&s->pass);
    pass_close(&s->pass);
    lanes_settle(l);
}

/* Are all lines there that are shown? */
static bool session_has(const struct session *s, uint64_t from, uint64_t count)
{
    uint64_t end = from + count < s->index->lines ? from + count : s->index->lines;

    return end <= from || (lines_at(&s->list, from) && lines_at(&s->list, end - 1));
}

static void session_lines(struct session *s)
{
    const struct view *v = &s->view;

    if (session_has(s, v->top, v->list) && session_has(s, v->selected, 1))
        return;
    session_start(s);
    lines_read(&s->list, &s->pass, &s->setup, s->index, v->top);
}

void session_prepare(struct session *s)
{
    const struct lines_line *line;

    view_select(&s->view, s->index, s->view.selected);
    session_lines(s);
    line = lines_at(&s->list, s->view.selected);
    if (line && line->kind != PASS_BEGIN)
        s->view.selected_ns = line->ns;
    session_part(s);
}

void session_go(struct session *s, uint64_t number)
{
    const struct lines_line *line;

    view_select(&s->view, s->index, number);
    session_lines(s);
    line = lines_at(&s->list, s->view.selected);
    if (line && line->kind != PASS_BEGIN)
        view_reveal(&s->view, s->index, line->ns);
}

void session_message(struct session *s, const char *text)
{
    snprintf(s->view.message, sizeof(s->view.message), "%s", text);
}

/* Far from the edges of the list, so that what is around it is seen. */
static void session_centre(struct session *s, uint64_t number)
{
    struct view *v = &s->view;

    if (number < v->top || number >= v->top + v->list)
        v->top = number > v->list / 2 ? number - v->list / 2 : 0;
    session_go(s, number);
}

void session_find(struct session *s)
{
    static const char *const none[] = {"no match", "no loss", "nothing", "nothing"};
    char text[64];

    session_start(s);
    find_run(&s->find, &s->pass, &s->setup, s->index);
    if (s->find.wrong) {
        session_message(s, s->find.problem);
    } else if (s->find.found) {
        session_centre(s, s->find.number);
    } else if (s->stopped) {
        session_message(s, "stopped");
    } else if (s->find.what >= FIND_TIME) {
        session_centre(s, s->index->lines ? s->index->lines - 1 : 0);
        session_message(s, "nothing is so late: this is the end");
    } else {
        snprintf(text, sizeof(text), "%s %s", none[s->find.what],
                 s->find.back ? "before this" : "after this");
        session_message(s, text);
    }
}

void session_filter(struct session *s, const char *text)
{
    uint64_t ns = s->view.selected_ns;
    struct find *f = &s->find;

    if (text) {
        /* What is wrong with it is found out by a search. */
        *f = (struct find){.what = FIND_MATCH, .text = text, .include = true};
        s->setup.filter = NULL;
        session_start(s);
        find_run(f, &s->pass, &s->setup, s->index);
        if (f->wrong) {
            session_message(s, f->problem);
            s->setup.filter = *s->view.filter ? s->view.filter : NULL;
            return;
        }
    }
    snprintf(s->view.filter, sizeof(s->view.filter), "%s", text ? text : "");
    s->setup.filter = text ? s->view.filter : NULL;
    session_look(s);
    *f = (struct find){.what = FIND_TIME, .ns = ns, .include = true};
    if (s->index->lines)
        session_find(s);
    if (!text)
        session_message(s, "all are shown");
}

void session_resize(struct session *s)
{
    terminal_measure(&s->terminal);
    if (s->screen.now && s->screen.rows == s->terminal.rows &&
        s->screen.columns == s->terminal.columns)
        return;
    screen_resize(&s->screen, s->terminal.rows, s->terminal.columns);
}
