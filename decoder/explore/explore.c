/* SPDX-License-Identifier: MIT */
/* explore.c - the dump on a terminal, to move about in. */
#include "explore/explore.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "bytes/watch.h"
#include "explore/command.h"
#include "explore/draw.h"
#include "explore/session.h"

#define EXPLORE_FOLLOW_MS                                                                          \
    500u /* between two looks at an input that grows, and as many times as long as one takes: */
#define EXPLORE_FOLLOW_TIMES 5u
#define EXPLORE_PARTS 16u /* of a pipe, between two looks at the keys */
#define EXPLORE_KEYS 64u  /* bytes that are read at once */

struct explore {
    struct session session;
};

struct explore *explore_open(const struct given *given, const char **problem)
{
    struct explore *e = mem_zero(sizeof(*e));
    struct session *s = &e->session;

    s->given = given;
    s->options = given->options;
    *problem = terminal_open(&s->terminal, given->options->terminal);
    if (!*problem)
        *problem = source_open(&s->source, given->streams, given->count);
    if (!*problem)
        return e;
    source_close(&s->source);
    terminal_close(&s->terminal);
    free(e);
    return NULL;
}

static void explore_start(struct session *s)
{
    const struct given *g = s->given;

    s->note = draw_note;
    s->setup = (struct pass_setup){.inputs = g->streams,
                                   .count = g->count,
                                   .select = g->select,
                                   .symbols = g->symbols,
                                   .symbols_path = g->symbols_path,
                                   .place = g->place};
    s->setup.surveys = mem_zero(g->count * sizeof(*s->setup.surveys));
    s->setup.names = mem_zero(g->count * sizeof(*s->setup.names));
    s->said = mem_alloc(SESSION_SAID_BYTES);
    s->index = mem_zero(sizeof(*s->index));
    s->who = mem_zero(sizeof(*s->who));
    out_open(&s->out, (struct out_sink){terminal_write, NULL});
    lines_open(&s->list, g->stamp, g->symbols);
    s->screen = (struct screen){.ascii = s->options->ascii, .colour = s->options->colour};
}

/* --- waiting --- */

static void explore_size(struct session *s)
{
    session_resize(s);
    view_resize(&s->view, s->screen.rows, s->screen.columns, lanes_count(s->who));
    if (s->view.whole)
        view_fit(&s->view, s->index);
    if (s->view.lane_top + s->view.lanes > lanes_count(s->who))
        s->view.lane_top = lanes_count(s->who) - s->view.lanes;
    view_reveal(&s->view, s->index, s->view.selected_ns);
}

/* What signals have asked for. */
static void explore_signals(struct session *s)
{
    struct terminal_asked asked = terminal_asked();

    if (asked.suspended) {
        terminal_suspend(&s->terminal);
    } else if (asked.continued) {
        terminal_stop(&s->terminal);
        (void)terminal_start(&s->terminal);
    }
    if (asked.suspended || asked.continued)
        s->screen.fresh = true;
    explore_size(s);
}

static void explore_bytes(struct session *s, const uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < n && !s->quit; i++) {
        int key = keys_take(&s->keys, bytes[i]);

        if (key)
            command_key(s, key);
        key = keys_held(&s->keys);
        if (key)
            command_key(s, key);
    }
}

/* The terminal is gone: that is the end. */
static void explore_keys(struct session *s)
{
    uint8_t bytes[EXPLORE_KEYS];
    ssize_t n = read(s->terminal.fd, bytes, sizeof(bytes));

    if (n > 0)
        explore_bytes(s, bytes, (size_t)n);
    else if (!n || (errno != EINTR && errno != EAGAIN))
        s->quit = true;
}

/* Keys, a pipe or a signal; at most so long. True: there are keys. */
static bool explore_wait(struct session *s, int ms)
{
    struct pollfd p[1 + SOURCE_INPUTS_MAX] = {{.fd = s->terminal.fd, .events = POLLIN}};
    uint32_t n = source_poll(&s->source, p + 1);

    if (keys_wait(&s->keys))
        ms = KEYS_WAIT_MS;
    if (poll(p, 1 + n, ms) == 0 && keys_wait(&s->keys)) {
        int key = keys_idle(&s->keys);

        if (key)
            command_key(s, key);
    }
    return p[0].revents;
}

/* --- what grows --- */

/* Is it time to say how far it is, since the last time? The terminal is ready then. */
static bool explore_is_due(struct session *s, uint64_t *last)
{
    if (watch_now() - *last < SESSION_PATIENCE_MS || !terminal_start(&s->terminal))
        return false;
    *last = watch_now();
    session_resize(s);
    return true;
}

/* All that comes from pipes, unless it is followed; any key: that is enough. */
static void explore_fill(struct session *s)
{
    uint64_t start = watch_now();
    char text[80];

    while (!s->options->follow && source_waits(&s->source)) {
        struct pollfd p[1 + SOURCE_INPUTS_MAX] = {{.fd = s->terminal.fd, .events = POLLIN}};
        uint32_t n = source_poll(&s->source, p + 1);

        (void)poll(p, 1 + n, (int)SESSION_PATIENCE_MS);
        if (s->terminal.started && p[0].revents) {
            uint8_t byte;

            (void)!read(s->terminal.fd, &byte, 1);
            source_stop(&s->source);
        }
        source_read(&s->source);
        if (!explore_is_due(s, &start))
            continue;
        snprintf(text, sizeof(text), "reading, %" PRIu64 " KiB; any key: that is enough",
                 source_bytes(&s->source) >> 10);
        draw_note(s, text);
    }
}

/* What is compressed is unpacked, unless it is followed; any key: it stays as it is, and is unpacked again each time. */
static void explore_unpack(struct session *s)
{
    struct pollfd p = {.fd = s->terminal.fd, .events = POLLIN};
    uint64_t start = watch_now();
    char text[80];
    uint8_t byte;

    while (!s->options->follow && source_unpack(&s->source)) {
        if (!explore_is_due(s, &start))
            continue;
        snprintf(text, sizeof(text), "unpacking, %" PRIu64 " MiB; any key: that takes too long",
                 source_unpacks(&s->source) >> 20);
        draw_note(s, text);
        if (poll(&p, 1, 0) > 0 && read(s->terminal.fd, &byte, 1) == 1)
            source_keep(&s->source);
    }
}

/* Looks at it again, with the end in view if that was looked at. */
static void explore_grow(struct session *s)
{
    bool end = s->view.selected + 1 >= s->index->lines;
    uint64_t now = watch_now();

    for (unsigned i = 0; i < EXPLORE_PARTS; i++)
        source_read(&s->source);
    if (now - s->looked_ms < EXPLORE_FOLLOW_MS ||
        now - s->looked_ms < EXPLORE_FOLLOW_TIMES * s->look_ms || !source_grew(&s->source))
        return;
    session_look(s);
    explore_size(s);
    session_go(s, end && s->index->lines ? s->index->lines - 1 : s->view.selected);
}

static void explore_loop(struct session *s)
{
    while (!s->quit && !s->out.error) {
        bool keys;

        session_prepare(s);
        draw_all(s);
        if (s->ahead_count) {
            uint32_t n = s->ahead_count;

            s->ahead_count = 0;
            explore_bytes(s, s->ahead, n);
            continue;
        }
        keys = explore_wait(s, s->options->follow ? WATCH_TICK_MS : -1);
        explore_signals(s);
        if (keys)
            explore_keys(s);
        if (s->options->follow)
            explore_grow(s);
    }
}

bool explore_run(struct explore *e)
{
    struct session *s = &e->session;

    explore_start(s);
    explore_fill(s);
    explore_unpack(s);
    (void)source_grew(&s->source);
    session_look(s);
    if (s->wrong || (!s->diag.useful && !s->options->follow && !s->stopped))
        return !s->wrong;
    if (!terminal_start(&s->terminal))
        return true;
    s->view.whole = true;
    s->view.selected_ns = s->index->first_ns;
    explore_size(s);
    if (s->options->follow && s->index->lines)
        session_go(s, s->index->lines - 1);
    explore_loop(s);
    return true;
}

/* What was found out about the dump decides how the command ends. */
static void explore_tell(struct session *s)
{
    struct diag *d = s->given->diag;
    bool open = s->options->follow &&
                !s->diag.broken; /* it goes on, so that its end is missing is no damage */

    terminal_close(&s->terminal);
    if (s->said_bytes && !open)
        (void)d->sink.write(d->sink.context, s->said, s->said_bytes);
    if (s->said_more)
        diag_line(d, "and more messages");
    for (uint32_t i = 0; i < s->source.pipe_count; i++)
        if (s->source.pipes[i].full)
            diag_note(&s->source.pipes[i].stream->diag,
                      "there is no room for more of it: not all was read");
    d->damage = d->damage || (s->diag.damage && !open);
    d->useful = d->useful || s->diag.useful;
    d->refused = d->refused || s->diag.refused;
    d->wrong = d->wrong || s->diag.wrong;
}

void explore_close(struct explore *e)
{
    struct session *s;

    if (!e)
        return;
    s = &e->session;
    explore_tell(s);
    pass_close(&s->pass);
    if (s->setup.names)
        pass_forget(&s->setup);
    free(s->setup.surveys);
    free(s->setup.names);
    lanes_close(&s->part);
    lanes_close(&s->whole);
    find_close(&s->find);
    lines_close(&s->list);
    screen_close(&s->screen);
    out_close(&s->out);
    free(s->said);
    free(s->index);
    free(s->who);
    source_close(&s->source);
    free(e);
}
