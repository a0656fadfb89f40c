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

struct undo {
    void (*run)(void *context); /* in a signal handler: system calls only */
    void *context;
    struct undo *volatile next;
};

/* The memory is the caller's, until undo_remove(). Signals that are ignored, or have a handler, stay as
 * they are: such a handler calls undo_signal() in the end. */
void undo_add(struct undo *u);
void undo_remove(struct undo *u);
/* Runs all of them, and ends the process by this signal. */
void undo_signal(int number);

#endif
