/* SPDX-License-Identifier: MIT */
/*
 * child.h - another process of the same run, and a pipe in each direction.
 *
 * It is started before a byte of an input is read, so that it gives up its rights by itself. The two say by one byte what
 * there is to do and what was done; all else is in memory that they share.
 */
#ifndef CHILD_H
#define CHILD_H

#include <stdbool.h>

enum child_side {
    CHILD_NONE,   /* it cannot be started */
    CHILD_PARENT, /* it was */
    CHILD_ITSELF  /* this is it */
};

/* The end of one of them. */
struct child {
    int hear, tell; /* read and written by it; -1: the other one has ended */
};

/* Forks. Signals end the new process, and undo nothing: that is for the one that has started it. */
enum child_side child_start(struct child *c);
void child_close(struct child *c);
/* False: the other one has ended. */
bool child_tell(const struct child *c, char what);
/* Waits. 0: the other one has ended. */
char child_hear(const struct child *c);
/* Is there something to hear, or has it ended? */
bool child_has(const struct child *c);

#endif
