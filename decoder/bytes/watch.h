/* SPDX-License-Identifier: MIT */
/*
 * watch.h - waits for more of an input that is still being written: a pipe, a device, a file that
 * grows.
 *
 * While there is nothing to read, and at least each WATCH_TICK_MS, the owner has a turn.
 */
#ifndef WATCH_H
#define WATCH_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

struct diag_file;

#define WATCH_TICK_MS 100
/* Between two turns at most so much counts as waiting: what the process was stopped, or its output took, is no time in which
 * something could have been read. */
#define WATCH_PASS_MS (2 * WATCH_TICK_MS)

struct watch {
    const char *path; /* NULL: standard input */
    struct diag_file *diag;
    const volatile sig_atomic_t *stop; /* not 0: the user wants no more; may be NULL */
    bool (*tick)(void *context);       /* false: no more is wanted */
    void *context;
    bool ended; /* an end mark was read: what is not there yet is not waited for */

    bool known, regular, gone;
    bool dry;          /* there was nothing to read when it was looked last */
    uint64_t last;     /* when the owner had its last turn */
    uint64_t clock_ms; /* how long was waited since it was opened */
};

/* Waits until `fd` can be read without waiting, or has ended. False: it should not be read. */
bool watch_wait(struct watch *w, int fd);
/* A turn of the owner, for who waits in another way. False: no more is wanted. */
bool watch_turn(struct watch *w);
/* Milliseconds, from some moment on. */
uint64_t watch_now(void);

#endif
