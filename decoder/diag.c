/* SPDX-License-Identifier: MIT */
/* diag.c - what is said on stderr, and what the exit code is made of. */
#include "diag.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#define DIAG_LINE_BYTES 1024u

static void diag_put(struct diag *d, const char *prefix, const char *name, const char *format,
                     va_list args)
{
    char text[DIAG_LINE_BYTES];
    char line[6 * 2 * DIAG_LINE_BYTES + 64];
    size_t n;
    int got;

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
    /* Nobody is left to tell when stderr fails. */
    (void)d->sink.write(d->sink.context, line, n);
}

void diag_line(struct diag *d, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    diag_put(d, "tpdecode: ", NULL, format, args);
    va_end(args);
}

void diag_plain(struct diag *d, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    diag_put(d, "", NULL, format, args);
    va_end(args);
}

void diag_note(struct diag_file *f, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    diag_put(f->diag, "tpdecode: ", f->name, format, args);
    va_end(args);
}

void diag_fail(struct diag_file *f, const char *format, ...)
{
    va_list args;

    f->diag->damage = true;
    va_start(args, format);
    diag_put(f->diag, "tpdecode: ", f->name, format, args);
    va_end(args);
}

void diag_damage(struct diag_file *f, const char *format, ...)
{
    va_list args;

    if (f->quiet)
        return;
    f->diag->damage = true;
    f->diag->damaged_chunks++;
    if (f->lines++ >= DIAG_FILE_LINES)
        return;
    va_start(args, format);
    diag_put(f->diag, "tpdecode: ", f->name, format, args);
    va_end(args);
}

void diag_file_end(struct diag_file *f)
{
    if (f->lines > DIAG_FILE_LINES)
        diag_note(f, "and %" PRIu64 " more", f->lines - DIAG_FILE_LINES);
    f->lines = 0;
}
