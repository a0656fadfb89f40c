/* SPDX-License-Identifier: MIT */
/* command.c - what each key does. */
#include "explore/command.h"

#include <stdio.h>
#include <string.h>

#include "explore/session.h"

#define COMMAND_SIDEWAYS 8u /* columns that the list moves */

static void command_move(struct session *s, int64_t by)
{
    uint64_t at = s->view.selected;

    if (by < 0)
        at -= (uint64_t)-by < at ? (uint64_t)-by : at;
    else
        at += (uint64_t)by;
    session_go(s, at);
}

/* By a page: the line that is selected stays where it is on the screen. */
static void command_page(struct session *s, int64_t by)
{
    struct view *v = &s->view;

    if (by < 0)
        v->top -= (uint64_t)-by < v->top ? (uint64_t)-by : v->top;
    else if (v->top + v->list < s->index->lines)
        v->top += (uint64_t)by;
    command_move(s, by);
}

/* The list follows what the lanes show. */
static void command_pan(struct session *s, int direction)
{
    int64_t by = s->view.wide / 4 ? s->view.wide / 4 : 1;

    if (view_pan(&s->view, s->index, direction < 0 ? -by : by))
        return;
    s->find = (struct find){.what = FIND_TIME, .ns = view_middle(&s->view), .include = true};
    session_find(s);
}

static void command_zoom(struct session *s, bool in)
{
    view_zoom(&s->view, s->index, in);
    if (!view_shows(&s->view, s->view.selected_ns))
        view_reveal(&s->view, s->index, s->view.selected_ns);
}

static void command_search(struct session *s, bool back)
{
    if (!*s->view.search) {
        session_message(s, "nothing was searched for: / does");
        return;
    }
    s->find = (struct find){
        .what = FIND_MATCH, .text = s->view.search, .back = back, .from = s->view.selected};
    session_find(s);
}

static void command_loss(struct session *s, bool back)
{
    s->find = (struct find){.what = FIND_LOSS, .back = back, .from = s->view.selected};
    session_find(s);
}

static void command_time(struct session *s, const char *text)
{
    struct moment m;
    const char *problem = moment_read(&m, text);

    if (problem) {
        session_message(s,
                        "not a time: 12.345678, +1.5s after the first record, 2026-01-02T03:04:05");
        return;
    }
    if (m.kind == MOMENT_BEFORE && s->index->any) { /* the time that lines show */
        m.kind = MOMENT_SECONDS;
        m.ns = s->index->last_ns > m.ns ? s->index->last_ns - m.ns : 0;
    }
    s->find = (struct find){.what = FIND_MOMENT, .moment = m, .include = true};
    session_find(s);
}

/* What was typed is complete. */
static void command_typed(struct session *s)
{
    struct view *v = &s->view;
    char prompt = v->prompt;

    v->prompt = 0;
    switch (prompt) {
    case '/':
        if (*v->typed)
            memcpy(v->search, v->typed, sizeof(v->search));
        command_search(s, false);
        break;
    case '&':
        session_filter(s, *v->typed ? v->typed : NULL);
        break;
    default:
        if (*v->typed)
            command_time(s, v->typed);
        break;
    }
}

static void command_ask(struct session *s, char prompt, const char *text)
{
    s->view.prompt = prompt;
    snprintf(s->view.typed, sizeof(s->view.typed), "%s", text);
}

static void command_lanes(struct session *s, int by)
{
    uint32_t all = lanes_count(s->who);
    uint32_t most = all > s->view.lanes ? all - s->view.lanes : 0;
    uint32_t *top = &s->view.lane_top;

    if (by < 0)
        *top -= *top > 0;
    else
        *top += *top < most;
}

/* Keys that move within the list. False: it is another. */
static bool command_list(struct session *s, int key)
{
    int64_t page = s->view.list > 1 ? s->view.list - 1 : 1;

    switch (key) {
    case KEYS_UP:
    case 'k':
        command_move(s, -1);
        return true;
    case KEYS_DOWN:
    case 'j':
    case KEYS_ENTER:
        command_move(s, 1);
        return true;
    case KEYS_PAGE_UP:
    case KEYS_CTRL('B'):
    case 'b':
        command_page(s, -page);
        return true;
    case KEYS_PAGE_DOWN:
    case KEYS_CTRL('F'):
    case ' ':
        command_page(s, page);
        return true;
    case KEYS_HOME:
    case '<':
        session_go(s, 0);
        return true;
    case KEYS_END:
    case '>':
    case 'G':
        session_go(s, s->index->lines ? s->index->lines - 1 : 0);
        return true;
    case 'H':
        s->view.left -= s->view.left < COMMAND_SIDEWAYS ? s->view.left : COMMAND_SIDEWAYS;
        return true;
    case 'L':
        s->view.left += s->view.left < LINES_TEXT_BYTES - COMMAND_SIDEWAYS ? COMMAND_SIDEWAYS : 0;
        return true;
    default:
        return false;
    }
}

/* Keys of the other panes. */
static bool command_pane(struct session *s, int key)
{
    struct view *v = &s->view;

    switch (key) {
    case KEYS_LEFT:
    case 'h':
        command_pan(s, -1);
        return true;
    case KEYS_RIGHT:
    case 'l':
        command_pan(s, 1);
        return true;
    case '+':
    case '=':
        command_zoom(s, true);
        return true;
    case '-':
        command_zoom(s, false);
        return true;
    case '0':
        view_fit(v, s->index);
        return true;
    case 'J':
        command_lanes(s, 1);
        return true;
    case 'K':
        command_lanes(s, -1);
        return true;
    case '{':
        v->field_top -= v->field_top > 0;
        return true;
    case '}':
        v->field_top++;
        return true;
    default:
        return false;
    }
}

static bool command_look(struct session *s, int key)
{
    switch (key) {
    case KEYS_TAB:
    case ']':
        command_loss(s, false);
        return true;
    case KEYS_BACK_TAB:
    case '[':
        command_loss(s, true);
        return true;
    case 'n':
    case 'N':
        command_search(s, key == 'N');
        return true;
    case '/':
        command_ask(s, '/', "");
        return true;
    case '&':
    case 'f':
        command_ask(s, '&', s->view.filter);
        return true;
    case 'g':
    case ':':
        command_ask(s, ':', "");
        return true;
    default:
        return false;
    }
}

static void command_rest(struct session *s, int key)
{
    switch (key) {
    case 'q':
    case KEYS_CTRL('C'):
        s->quit = true;
        break;
    case '?':
        s->view.page = VIEW_HELP;
        break;
    case 'm':
        s->view.page = VIEW_MESSAGES;
        break;
    case KEYS_CTRL('L'):
        s->screen.fresh = true;
        break;
    case KEYS_CTRL('Z'):
        terminal_suspend(&s->terminal);
        s->screen.fresh = true;
        break;
    default:
        break;
    }
}

void command_key(struct session *s, int key)
{
    s->view.message[0] = '\0';
    if (s->view.prompt) {
        if (view_type(&s->view, key))
            command_typed(s);
    } else if (s->view.page != VIEW_PANES && key != KEYS_CTRL('C')) {
        s->view.page = VIEW_PANES;
    } else if (!command_list(s, key) && !command_pane(s, key) && !command_look(s, key)) {
        command_rest(s, key);
    }
}
