/* SPDX-License-Identifier: MIT */
/* calls.h - functions whose calls are known. */
#ifndef CALLS_H
#define CALLS_H

#include <tp/fn.h>

unsigned calls_leaf(unsigned n);
unsigned calls_quiet(unsigned n);
unsigned calls_twig(unsigned n);
unsigned calls_down(unsigned n);
unsigned calls_root(unsigned n);

/* registers.c. False: something that a function was given, or has returned, is not what it was. */
bool registers_are_kept(void);
extern const void *const registers_functions[]; /* all that are there, and NULL */

#endif
