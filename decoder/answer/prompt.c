/* SPDX-License-Identifier: MIT */
/* prompt.c - queries that come from standard input. */
#include "answer/prompt.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "answer/words.h"
#include "base/mem.h"

static volatile sig_atomic_t prompt_stop;

static void prompt_signal(int number)
{
    (void)number;
    prompt_stop = 1;
}

static const char *prompt_mark(const struct prompt *p)
{
    return p->n ? "...> " : "sql> ";
}

static void prompt_show(const struct prompt *p, struct ask *a, bool terminal)
{
    if (!terminal || p->line)
        return;
    out_text(a->out, prompt_mark(p));
    out_flush(a->out);
}

static void prompt_room(struct prompt *p, size_t n)
{
    if (p->room - p->n > n)
        return;
    p->room = 2 * p->room + n + 256;
    p->text = mem_grow(p->text, p->room);
}

static void prompt_complete(void *context, const char *text, size_t n, struct line_choices *to)
{
    words_find(context, text, n, to);
}

/* Adds a line that was edited. False: there are no more. */
static bool prompt_edit(struct prompt *p, struct ask *a)
{
    const char *line;
    size_t n = 0;

    prompt_room(p, 1);
    line = line_read(p->line, prompt_mark(p), &n);
    if (!line) {
        out_text(a->out, "\n");
        p->n = prompt_stop ? 0 : p->n;
    } else if (n < PROMPT_BYTES - p->n) {
        prompt_room(p, n);
        memcpy(p->text + p->n, line, n);
        p->n += n;
    }
    p->text[p->n] = '\0';
    return line ? n < PROMPT_BYTES - p->n : prompt_stop;
}

/* Adds a line. False: there are no more. */
static bool prompt_read(struct prompt *p)
{
    char c = 0;
    ssize_t n;

    while (c != '\n' && p->n < PROMPT_BYTES) {
        prompt_room(p, 1);
        n = read(STDIN_FILENO, &c, 1);
        if (n < 0 && errno == EINTR && prompt_stop) {
            p->n = 0;
            return true;
        }
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        p->text[p->n++] = c;
    }
    if (!p->text)
        return false;
    p->text[p->n] = '\0';
    return c == '\n' && p->n < PROMPT_BYTES;
}

/* A word of its own. False: it is to end. */
static bool prompt_word(const struct prompt *p, struct ask *a)
{
    static const char tables[] =
        "select name, type from sqlite_schema where type in ('table', 'view') order by type, name";
    static const char schema[] =
        "select m.name as \"table\", c.name as column, c.type from sqlite_schema m, "
        "pragma_table_info(m.name) c where m.type = 'table'";

    if (strncmp(p->text, ".quit", 5) == 0 || strncmp(p->text, ".exit", 5) == 0)
        return false;
    if (strncmp(p->text, ".tables", 7) == 0)
        (void)ask_run(a, tables);
    else if (strncmp(p->text, ".schema", 7) == 0)
        (void)ask_run(a, schema);
    else
        out_text(a->out, ".tables  .schema  .quit, or a query that ends with ;\n");
    return true;
}

static bool prompt_blank(const char *text)
{
    return !text[strspn(text, " \t\r\n;")];
}

/* What was typed so far. False: it is to end. */
static bool prompt_take(struct prompt *p, struct ask *a, bool whole)
{
    bool goes_on = true;

    if (*p->text == '.')
        goes_on = prompt_word(p, a);
    else if (!whole && !sqlite_is_whole(p->text) && !prompt_blank(p->text))
        return true;
    else if (!prompt_blank(p->text))
        (void)ask_run(a, p->text);
    p->n = 0;
    return goes_on;
}

void prompt_run(struct prompt *p, struct ask *a)
{
    struct sigaction mine = {.sa_handler = prompt_signal}, before;
    bool terminal = isatty(STDIN_FILENO), more = true;

    if (terminal)
        (void)sigaction(SIGINT, &mine, &before);
    sqlite_stop_at(a->db, &prompt_stop);
    if (p->line)
        line_start(p->line, &prompt_stop, prompt_complete, a->db);
    while (more && !a->out->error) {
        prompt_show(p, a, terminal);
        prompt_stop = 0;
        more = p->line ? prompt_edit(p, a) : prompt_read(p);
        if (p->text && !prompt_take(p, a, !more))
            break;
        out_flush(a->out);
    }
    if (terminal)
        (void)sigaction(SIGINT, &before, NULL);
    /* What was typed wrong was said at its place. */
    if (terminal)
        a->wrong = false;
}

void prompt_close(struct prompt *p)
{
    free(p->text);
    p->text = NULL;
}
