/* SPDX-License-Identifier: MIT */
/*
 * undo.h - what a signal that ends the process must still put right: a file that was begun, the
 * settings of a terminal.
 *
 *     t->undo = (struct undo){.run = mine, .context = t};
 *     undo_add(&t->undo);
 *     ...
 *     undo_remove(&t->undo);
 */
#ifndef UNDO_H
#define UNDO_H

#include <stdbool.h>

struct undo {
    void (*run)(void *context); /* in a signal handler: system calls only */
    void *context;
    struct undo *volatile next;
};

/* The memory is the caller's, until undo_remove(). */
void undo_add(struct undo *u);
void undo_remove(struct undo *u);
/* Runs all of them: for a handler of one of these signals. */
void undo_all(void);
#define UNDO_SIGNALS 5u
extern const int undo_signals[UNDO_SIGNALS];
/* Called with these signals blocked, when there is something to put right and when there is nothing
 * any more. NULL in a program that is not tpdecode: its signals are its own. */
extern void (*undo_watch)(bool any);

#endif
