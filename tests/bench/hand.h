/* SPDX-License-Identifier: MIT */
/*
 * hand.h - the text of a dump of mixed.h, printed by hand: what tpdecode is measured against.
 *
 * Knows what events there are, and believes that nothing in the dump is wrong.
 */
#ifndef HAND_H
#define HAND_H

#include <stdbool.h>

/* Takes a dump of one CPU into memory. */
void hand_load(const char *path);
/* Prints it to a file, or reads from there what must be the same. Ends the program if it is not. */
void hand_print(int fd, bool compare);

#endif
