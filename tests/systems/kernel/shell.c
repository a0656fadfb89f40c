/* SPDX-License-Identifier: MIT */
/*
 * A shell on a serial line, for the control tree and nothing else:
 *
 *     ls [PATH]            cat PATH
 *     echo TEXT > PATH     TEXT may be in quotes
 *     fire N               fires job:item N times, with n = 1 .. N
 *     call N               calls known_root N times
 *     exit                 ends the machine
 */
#include "kernel.h"

#include <tp/control.h>
#include <tp/port.h>
#include <tp/tree.h>

#include "events.h"

#define LINE_BYTES 1200
#define DELETE 0x7f

static uint8_t memory[65536] __attribute__((aligned(16)));

/* --- the line --- */

static void out_bytes(const char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        console_line_put(bytes[i]);
}

static size_t length(const char *text)
{
    size_t n = 0;

    while (text[n])
        n++;
    return n;
}

static void out_text(const char *text)
{
    out_bytes(text, length(text));
}

static char in(void)
{
    char c;

    while (!console_line_get(&c))
        thread_sleep(1);
    return c;
}

/* What is typed is shown, as a terminal wants it. */
static void read_line(char *line)
{
    size_t n = 0;
    char c;

    while ((c = in()) != '\n' && c != '\r') {
        if ((c == DELETE || c == '\b') && n) {
            out_text("\b \b");
            n--;
        } else if (c >= ' ' && c != DELETE && n < LINE_BYTES - 1) {
            console_line_put(c);
            line[n++] = c;
        }
    }
    line[n] = 0;
    console_line_put('\n');
}

/* --- the commands --- */

/* What stands behind a command, or NULL if it is another one. */
static char *behind(char *line, const char *command)
{
    while (*command && *command == *line) {
        command++;
        line++;
    }
    if (*command || (*line && *line != ' '))
        return NULL;
    while (*line == ' ')
        line++;
    return line;
}

static void complain(const char *path, const char *what)
{
    out_text(path);
    out_text(": ");
    out_text(what);
    console_line_put('\n');
}

static const char *why(long err)
{
    return err == TP_ENOENT ? "no such file" : tp_strerror((int)err);
}

static void ls(const char *path)
{
    struct tp_tree_info info;
    char name[TP_LIMIT_NAME_BYTES + 1];
    long n = tp_tree_stat(path, &info);

    if (!n && !info.directory) {
        out_text(path);
        console_line_put('\n');
        return;
    }
    for (uint32_t i = 0; !n; i++) {
        n = tp_tree_list(path, i, name, sizeof(name));
        if (n <= 0)
            break;
        out_text(name);
        console_line_put('\n');
        n = 0;
    }
    if (n < 0)
        complain(path, why(n));
}

static void cat(const char *path)
{
    char buffer[48]; /* small, so that texts come in pieces */
    uint64_t offset = 0;
    long n;

    while ((n = tp_tree_read(path, offset, buffer, sizeof(buffer))) > 0) {
        out_bytes(buffer, (size_t)n);
        offset += (uint64_t)n;
    }
    if (n < 0)
        complain(path, n == TP_EINVAL ? "this is a directory" : why(n));
}

/* As a shell does: what is left is what was between quotes. Returns what is behind the text. */
static char *unquote(char **text)
{
    char quote = **text, *end;

    if (quote == '"' || quote == '\'') {
        for (end = ++*text; *end && *end != quote;)
            end++;
        if (!*end)
            return end;
        *end = 0;
        return end + 1;
    }
    for (end = *text; *end && *end != '>';)
        end++;
    return end;
}

static void echo(char *text)
{
    static char explained[2 * LINE_BYTES];
    struct tp_filter_error error;
    char *path = unquote(&text);
    size_t n;
    int err;

    while (*path == ' ')
        path++;
    if (*path != '>') {
        out_text("echo TEXT > PATH; a TEXT with > in it stands in quotes\n");
        return;
    }
    *path++ = 0;
    while (*path == ' ')
        path++;
    for (n = length(text); n && text[n - 1] == ' ';)
        n--;
    text[n] = '\n'; /* where a quote, a blank or the > was: `path` is behind that */
    err = tp_tree_write(path, text, n + 1, &error);
    text[n] = 0;
    if (err == TP_EFILTER) {
        tp_filter_explain(&error, text, n, explained, sizeof(explained));
        out_text(explained);
    } else if (err) {
        complain(path, error.what);
    }
}

static uint32_t number(const char *text)
{
    uint32_t n = 0;

    while (*text >= '0' && *text <= '9')
        n = n * 10 + (uint32_t)(*text++ - '0');
    return n;
}

static void fire(const char *count)
{
    for (uint32_t i = 1, n = number(count); i <= n; i++)
        FIRE(job_item, i, 0);
}

static void call(const char *count)
{
    for (uint32_t i = 1, n = number(count); i <= n; i++)
        known_root(i);
}

static void run(char *line)
{
    char *rest;

    if ((rest = behind(line, "ls")))
        ls(rest);
    else if ((rest = behind(line, "cat")))
        cat(rest);
    else if ((rest = behind(line, "echo")))
        echo(rest);
    else if ((rest = behind(line, "fire")))
        fire(rest);
    else if ((rest = behind(line, "call")))
        call(rest);
    else if (*line)
        out_text("ls [PATH], cat PATH, echo TEXT > PATH, fire N, call N, exit\n");
}

void shell_run(void)
{
    static char line[LINE_BYTES + 1];

    if (tp_control_set_memory(memory, sizeof(memory), CPUS))
        panic("tp_control_set_memory", NULL);
    console_line_open();
    for (;;) {
        out_text("# ");
        read_line(line);
        if (behind(line, "exit")) {
            out_text("what was not read here is now sent to the dump\n");
            return;
        }
        run(line);
    }
}
