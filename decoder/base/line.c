/* SPDX-License-Identifier: MIT */
/*
 * line.c - lines that are typed at a terminal: all that libedit does here.
 *
 * It is not asked to handle signals: it raises them by kill(), which ends the process (tool/syscalls.c).
 */
#include "base/line.h"

#include <errno.h>
#include <histedit.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

#include "base/mem.h"
#include "base/undo.h"

#define LINE_COLUMNS 80u /* of a terminal that does not say */
#define LINE_SHOWN 200u  /* choices that are listed */

struct line {
    EditLine *edit;
    History *history;
    const char *prompt;
    const volatile sig_atomic_t *stop;
    void (*complete)(void *context, const char *text, size_t n, struct line_choices *to);
    void *context;
    struct line_choices choices;
    struct termios before; /* the settings of the terminal */
    struct undo undo;
};

static volatile sig_atomic_t line_continued;

static void line_signal(int number)
{
    (void)number;
    line_continued = 1;
}

static struct line *line_of(EditLine *edit)
{
    void *l = NULL;

    (void)el_get(edit, EL_CLIENTDATA, &l);
    return l;
}

static char *line_prompt(EditLine *edit)
{
    /* libedit takes a pointer to bytes that are not const, and does not write to them. */
    return (char *)(uintptr_t)line_of(edit)->prompt;
}

/* One character: 1, 0 at the end, -1 if it is to stop. Bytes that are none are dropped. */
static int line_character(EditLine *edit, wchar_t *to)
{
    const struct line *l = line_of(edit);
    mbstate_t state = {0};
    char c;

    for (;;) {
        ssize_t n = read(STDIN_FILENO, &c, 1);
        size_t got;

        if (n < 0 && errno == EINTR && l->stop && *l->stop)
            return -1;
        if (n < 0 && errno == EINTR) {
            if (line_continued) { /* a shell had the terminal meanwhile */
                line_continued = 0;
                (void)el_set(edit, EL_PREP_TERM, 0);
                (void)el_set(edit, EL_PREP_TERM, 1);
                (void)el_set(edit, EL_REFRESH);
            }
            continue;
        }
        if (n <= 0)
            return 0;
        got = mbrtowc(to, &c, 1, &state);
        if (got == (size_t)-1)
            memset(&state, 0, sizeof(state));
        else if (got != (size_t)-2)
            return 1;
    }
}

/* --- what a word may become --- */

void line_choice(struct line_choices *c, const char *name, size_t n)
{
    size_t at = 0;

    if (c->count == LINE_CHOICES)
        return;
    for (; at < c->n; at += strlen(c->names + at) + 1)
        if (strlen(c->names + at) == n && memcmp(c->names + at, name, n) == 0)
            return;
    if (c->room - c->n < n + 1) {
        c->room = 2 * c->room + n + 256;
        c->names = mem_grow(c->names, c->room);
    }
    memcpy(c->names + c->n, name, n);
    c->names[c->n + n] = '\0';
    c->n += n + 1;
    c->count++;
}

/* How many bytes all of them begin with, as whole characters. */
static size_t line_common(const struct line_choices *c)
{
    size_t same = strlen(c->names);

    for (size_t at = 0; at < c->n; at += strlen(c->names + at) + 1) {
        size_t n = 0;

        while (n < same && c->names[n] == c->names[at + n])
            n++;
        same = n;
    }
    while (same && (c->names[same] & 0xc0) == 0x80)
        same--;
    return same;
}

static int line_characters(const char *text, size_t n)
{
    int count = 0;

    for (size_t i = 0; i < n; i++)
        count += (text[i] & 0xc0) != 0x80;
    return count;
}

static unsigned line_columns(void)
{
    struct winsize size;

    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col : LINE_COLUMNS;
}

static void line_list(const struct line_choices *c)
{
    unsigned columns = line_columns(), width = 1, used = 0, shown = 0;

    for (size_t at = 0; at < c->n; at += strlen(c->names + at) + 1)
        width = strlen(c->names + at) + 2 > width ? (unsigned)strlen(c->names + at) + 2 : width;
    fputc('\n', stdout);
    for (size_t at = 0; at < c->n && shown < LINE_SHOWN; at += strlen(c->names + at) + 1, shown++) {
        if (used && used + width > columns) {
            fputc('\n', stdout);
            used = 0;
        }
        fprintf(stdout, "%-*s", (int)width, c->names + at);
        used += width;
    }
    fputc('\n', stdout);
    if (shown < c->count)
        fprintf(stdout, "... %u more\n", c->count - shown);
}

/* The key: as far as all choices are the same, and if that is no further, what they are. */
static unsigned char line_tab(EditLine *edit, int key)
{
    struct line *l = line_of(edit);
    struct line_choices *c = &l->choices;
    const LineInfo *in = el_line(edit);
    size_t before = (size_t)(in->cursor - in->buffer), same;
    char text[256];

    (void)key;
    c->n = c->count = 0;
    c->typed = 0;
    if (l->complete)
        l->complete(l->context, in->buffer, before, c);
    same = c->count ? line_common(c) : 0;
    if (!c->count || c->typed > before || same >= sizeof(text) - 1)
        return CC_ERROR;
    if (same < c->typed ||
        (c->count > 1 && same == c->typed && memcmp(in->cursor - c->typed, c->names, same) == 0)) {
        line_list(c);
        return CC_REDISPLAY;
    }
    memcpy(text, c->names, same);
    if (c->count == 1)
        text[same++] = ' ';
    text[same] = '\0';
    el_deletestr(edit, line_characters(in->cursor - c->typed, c->typed));
    return el_insertstr(edit, text) ? CC_ERROR : CC_REFRESH;
}

/* --- lines --- */

/* In a signal handler as well. */
static void line_undo(void *context)
{
    const struct line *l = context;

    (void)tcsetattr(STDIN_FILENO, TCSANOW, &l->before);
}

static bool line_can(void)
{
    const char *term = getenv("TERM");

    return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) && term && *term &&
           strcmp(term, "dumb") != 0;
}

struct line *line_open(void)
{
    struct line *l;
    HistEvent event;

    if (!line_can())
        return NULL;
    (void)setlocale(LC_CTYPE, "");
    l = mem_zero(sizeof(*l));
    l->undo = (struct undo){.run = line_undo, .context = l};
    l->edit = el_init("tpdecode", stdin, stdout, stderr);
    l->history = history_init();
    if (!l->edit || !l->history) {
        line_close(l);
        return NULL;
    }
    (void)history(l->history, &event, H_SETSIZE, LINE_KEPT);
    (void)history(l->history, &event, H_SETUNIQUE, 1);
    (void)el_set(l->edit, EL_CLIENTDATA, l);
    (void)el_set(l->edit, EL_PROMPT, line_prompt);
    (void)el_set(l->edit, EL_EDITOR, "emacs");
    (void)el_set(l->edit, EL_HIST, history, l->history);
    (void)el_set(l->edit, EL_GETCFN, line_character);
    (void)el_set(l->edit, EL_ADDFN, "complete", "what the word may become", line_tab);
    (void)el_set(l->edit, EL_BIND, "^I", "complete", NULL);
    return l;
}

void line_close(struct line *l)
{
    if (!l)
        return;
    undo_remove(&l->undo);
    if (l->edit)
        el_end(l->edit);
    if (l->history)
        history_end(l->history);
    free(l->choices.names);
    free(l);
}

void line_start(struct line *l, const volatile sig_atomic_t *stop,
                void (*complete)(void *context, const char *text, size_t n,
                                 struct line_choices *to),
                void *context)
{
    l->stop = stop;
    l->complete = complete;
    l->context = context;
}

const char *line_read(struct line *l, const char *prompt, size_t *n)
{
    struct sigaction mine = {.sa_handler = line_signal}, before;
    const char *text;
    HistEvent event;
    int count = 0;

    l->prompt = prompt;
    (void)sigaction(SIGCONT, &mine, &before);
    if (tcgetattr(STDIN_FILENO, &l->before) == 0)
        undo_add(&l->undo);
    el_resize(l->edit);
    text = el_gets(l->edit, &count);
    undo_remove(&l->undo);
    (void)sigaction(SIGCONT, &before, NULL);
    if (!text || count <= 0) {
        (void)el_set(l->edit, EL_PREP_TERM, 0);
        return NULL;
    }
    if (text[strspn(text, " \t\r\n")])
        (void)history(l->history, &event, H_ENTER, text);
    *n = (size_t)count;
    return text;
}
