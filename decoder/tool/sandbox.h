/* SPDX-License-Identifier: MIT */
/*
 * sandbox.h - when all files are open, every right that is not needed is given up.
 *
 * A fault in reading a dump that was made to use it then has nothing to use. Landlock and seccomp; where
 * one is missing a note says so, or nothing is read.
 */
#ifndef SANDBOX_H
#define SANDBOX_H

#include <stdbool.h>
#include <stddef.h>

struct diag;

#define SANDBOX_PIPES 64u

enum sandbox_mode {
    SANDBOX_AUTO,    /* as far as the system can */
    SANDBOX_REQUIRE, /* or not at all */
    SANDBOX_OFF
};

/* A build whose instrumentation opens files at the end (gcov) cannot be confined. */
#ifndef SANDBOX_DEFAULT
#define SANDBOX_DEFAULT SANDBOX_AUTO
#endif

struct sandbox {
    enum sandbox_mode mode;
    /* Descriptors that are written, in addition to standard output and error; -1: none. */
    int output, old, probe;
    const char *path; /* a file that is renamed or removed in the end; NULL: none */
    const int *pipes; /* to other processes of this run */
    size_t pipe_count;
    int folder; /* a directory that files are made in (base/folder.h); -1: none */
};

/* False, and it was said why: the run must end. */
bool sandbox_enter(const struct sandbox *s, struct diag *diag);

#endif
