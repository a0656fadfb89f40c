/* SPDX-License-Identifier: MIT */
/*
 * demangle.h - names as C++ and Rust have them in the source, from those in a symbol table: all that
 * libiberty does here.
 */
#ifndef DECODER_DEMANGLE_H
#define DECODER_DEMANGLE_H

#include <stdbool.h>
#include <stddef.h>

#define DEMANGLE_BYTES 1023u /* libiberty does not read longer ones */

/* Without parameters and return type; what compilers add to copies of functions (.cold) stays.
 * Returns the bytes at `to`, at most `room`, without a NUL; 0: it is not mangled. *cut: there would
 * be more. A short name may stand for an endless one: it is made no longer than that. */
size_t demangle(const char *name, size_t n, char *to, size_t room, bool *cut);

#endif
