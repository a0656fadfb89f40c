/* SPDX-License-Identifier: MIT */
/* diag.c - messages on stderr, and the facts that decide the exit code. */
#include "base/diag.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#define DIAG_LINE_BYTES 1024u

/* Gives a line to the function that takes messages instead of stderr. */
static void diag_tell(const struct diag *d, const struct diag_file *f, bool damage,
                      const char *format, va_list args)
{
    char text[DIAG_LINE_BYTES], line[6 * DIAG_LINE_BYTES];

    if (vsnprintf(text, sizeof(text), format, args) < 0)
        return;
    d->tell(d->tell_context, f, damage, line, out_escape(line, text, strlen(text), OUT_TEXT));
}

static void diag_put(struct diag *d, const char *prefix, const char *name, const char *format,
                     va_list args)
{
    char text[DIAG_LINE_BYTES];
    char line[6 * 2 * DIAG_LINE_BYTES + 64];
    size_t n;
    int got;

    if (!d->sink.write)
        return;
    n = strlen(prefix);
    memcpy(line, prefix, n);
    if (name) {
        size_t bytes = strlen(name);

        n += out_escape(line + n, name, bytes < DIAG_LINE_BYTES ? bytes : DIAG_LINE_BYTES,
                        OUT_TEXT);
        line[n++] = ':';
        line[n++] = ' ';
    }
    got = vsnprintf(text, sizeof(text), format, args);
    if (got < 0)
        return;
    n += out_escape(line + n, text, strlen(text), OUT_TEXT);
    line[n++] = '\n';
    /* There is no way to report that stderr fails. */
    (void)d->sink.write(d->sink.context, line, n);
}

static void diag_run(struct diag *d, const char *prefix, const char *format, va_list args)
{
    if (d->tell)
        diag_tell(d, NULL, false, format, args);
    else
        diag_put(d, prefix, NULL, format, args);
}

static void diag_about(struct diag_file *f, bool damage, const char *format, va_list args)
{
    if (f->diag->tell)
        diag_tell(f->diag, f, damage, format, args);
    else
        diag_put(f->diag, "tpdecode: ", f->name, format, args);
}

void diag_line(struct diag *d, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    diag_run(d, "tpdecode: ", format, args);
    va_end(args);
}

void diag_wrong(struct diag *d, const char *format, ...)
{
    va_list args;

    d->wrong = true;
    va_start(args, format);
    diag_run(d, "tpdecode: ", format, args);
    va_end(args);
}

void diag_plain(struct diag *d, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    diag_run(d, "", format, args);
    va_end(args);
}

void diag_note(struct diag_file *f, const char *format, ...)
{
    va_list args;

    f->diag->told++;
    va_start(args, format);
    diag_about(f, false, format, args);
    va_end(args);
}

void diag_open_end(struct diag_file *f, const char *format, ...)
{
    va_list args;

    f->diag->cut = true;
    va_start(args, format);
    diag_about(f, true, format, args);
    va_end(args);
}

void diag_fail(struct diag_file *f, const char *format, ...)
{
    va_list args;

    f->diag->damage = f->diag->broken = true;
    f->diag->told++;
    va_start(args, format);
    diag_about(f, true, format, args);
    va_end(args);
}

static void diag_count(struct diag_file *f, const char *format, va_list args)
{
    f->diag->damage = true;
    f->diag->told++;
    f->diag->damaged_chunks++;
    if (f->lines++ < DIAG_FILE_LINES)
        diag_about(f, true, format, args);
}

void diag_damage(struct diag_file *f, const char *format, ...)
{
    va_list args;

    if (f->quiet)
        return;
    f->diag->broken = true;
    va_start(args, format);
    diag_count(f, format, args);
    va_end(args);
}

void diag_cut(struct diag_file *f, const char *format, ...)
{
    va_list args;

    if (f->quiet)
        return;
    f->diag->cut = true;
    va_start(args, format);
    diag_count(f, format, args);
    va_end(args);
}

void diag_file_end(struct diag_file *f)
{
    if (f->lines > DIAG_FILE_LINES)
        diag_note(f, "and %" PRIu64 " more", f->lines - DIAG_FILE_LINES);
    f->lines = 0;
}
