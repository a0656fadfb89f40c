/* SPDX-License-Identifier: MIT */
/*
 * diag.h - messages on stderr, and the facts that decide the exit code.
 *
 * Every message is one line; text from a dump or a file name cannot put
 * control characters into it.
 */
#ifndef DIAG_H
#define DIAG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/out.h"

#define DIAG_FILE_LINES 20u /* damage lines shown of each file */

struct diag_file;

struct diag {
    struct out_sink
        sink; /* without a function nothing is put out: of an input that is read twice */
    /* If not NULL, lines are passed to this instead: without the names of program and file, and
     * without an end. The file is NULL if it is about the run. */
    void (*tell)(void *context, const struct diag_file *f, bool damage, const char *text, size_t n);
    void *tell_context;
    uint64_t damaged_chunks;
    uint64_t told; /* messages about something wrong in a file, other than a missing end */
    bool damage;   /* something could not be decoded */
    bool broken;   /* and not only because an input was cut off */
    bool cut;      /* an input stops before its end */
    bool foreign;  /* an input is no dump */
    bool refused;  /* a version that this program cannot read */
    bool wrong;    /* what was asked for is in no input */
    bool useful;   /* at least one input was a dump with something to decode */
};

struct diag_file {
    struct diag *diag;
    const char *name;
    bool quiet;     /* the user has stopped it: that it ends in the middle is not reported */
    uint64_t lines; /* damage lines, shown or not */
};

/* A line about the run. */
void diag_line(struct diag *d, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The same about what was asked for and is not there. */
void diag_wrong(struct diag *d, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A line without the program's name before it. */
void diag_plain(struct diag *d, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A line about one file that is no error by itself. */
void diag_note(struct diag_file *f, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Likewise: what is missing would have come after everything that is there. */
void diag_open_end(struct diag_file *f, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* A file that could not be used at all. */
void diag_fail(struct diag_file *f, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Damage: counted, and shown up to DIAG_FILE_LINES. */
void diag_damage(struct diag_file *f, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Damage of the kind that the input ends too early. */
void diag_cut(struct diag_file *f, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Says how many damage lines were not shown. */
void diag_file_end(struct diag_file *f);

#endif
