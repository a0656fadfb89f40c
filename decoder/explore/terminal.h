/* SPDX-License-Identifier: MIT */
/*
 * terminal.h - the terminal while it is used as a screen: its settings, its size, its signals.
 *
 *     terminal_open(&t, NULL)          before rights are given up
 *     terminal_start(&t)               the screen is ours
 *     terminal_stop(&t)                and as it was before
 *
 * Keys come from the terminal even if standard input is the dump. A signal that ends the process sets the
 * terminal back (base/undo.h).
 */
#ifndef TERMINAL_H
#define TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <termios.h>

#include "base/undo.h"

struct terminal {
    int fd; /* for keys; 0: not open */
    bool started;
    struct termios before;
    struct undo undo;
    uint32_t rows, columns;
};

/* What a signal has asked for since the last call. */
struct terminal_asked {
    bool resized, suspended, continued;
};

/* Another than /dev/tty, if `path` is not NULL. Returns NULL, or what is wrong. */
const char *terminal_open(struct terminal *t, const char *path);
void terminal_close(struct terminal *t);
/* False: its settings cannot be changed. */
bool terminal_start(struct terminal *t);
void terminal_stop(struct terminal *t);
/* Stops the process as ctrl-Z does elsewhere; returns when it goes on, with the screen ours again. */
void terminal_suspend(struct terminal *t);
void terminal_measure(struct terminal *t);
struct terminal_asked terminal_asked(void);
/* As struct out_sink has it; the context is not used. */
int terminal_write(void *context, const void *bytes, size_t n);

#endif
