/* SPDX-License-Identifier: MIT */
/* conform.h - the two other ways than tpdecode by which a test vector is read. */
#ifndef CONFORM_H
#define CONFORM_H

#include <stddef.h>
#include <stdint.h>

/* Reads a dump with libtpdecode and prints what it gives: a JSON object a line for each record and
 * loss, as doc/format.md annex B has them, and the answer. Exit status. */
int conform_library(const char *path);

/* Puts a region into memory as this engine lays it out, attaches to that, and writes the dump that
 * its pipe gives. 77: not a region that this machine could have left. Exit status. */
int conform_attach(const uint8_t *image, size_t bytes);

#endif
