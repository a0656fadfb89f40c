/* SPDX-License-Identifier: MIT */
/*
 * options.h - the command line of tpdecode.
 *
 *     static struct options o;
 *     problem = options_read(&o, argc, argv);
 */
#ifndef OPTIONS_H
#define OPTIONS_H

#include "tool/decode.h"
#include "tool/sandbox.h"

#define OPTIONS_HINT_BYTES 256u

enum options_answer {
    OPTIONS_DECODE,
    OPTIONS_HELP,
    OPTIONS_HELP_ALL,
    OPTIONS_VERSION,
    OPTIONS_LEGEND,
    OPTIONS_WRONG /* say what, with the text */
};

struct options {
    struct decode_options decode; /* all but inputs and outputs */
    struct columns columns;
    struct template template;
    struct roles_options roles;
    enum { OPTIONS_AUTO, OPTIONS_ALWAYS, OPTIONS_NEVER } progress;
    struct sandbox sandbox; /* its mode */
    const char *sql;        /* what --sql has: a query, - or, if `typed`, a file */
    bool typed;
    const char *output; /* path of a dump, file or directory to write, or NULL */
    char **paths;       /* the files, `count` of them */
    size_t count;
    const char *what, *text;       /* of OPTIONS_WRONG */
    char hint[OPTIONS_HINT_BYTES]; /* what to do about it; "": --help says */
};

/* What to do about a file that is not there and has the name of what other programs have as a command,
 * in `hint`. False: it is a file as any other. */
bool options_is_command(const char *path, char hint[OPTIONS_HINT_BYTES]);

/* `o` is all zero but for what a mode is by default. Texts of argv are kept. `terminal`: standard output is one. */
enum options_answer options_read(struct options *o, int argc, char **argv, bool terminal);

#endif
