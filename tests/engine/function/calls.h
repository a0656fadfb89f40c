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

#endif
