/* SPDX-License-Identifier: MIT */
/*
 * kdump.h - an image of memory as makedumpfile and QEMU's dump-guest-memory -z write it: page by page, compressed.
 *
 * Searched for regions; the pages of these are written to a file, each at its address, which is then an image
 * as others. From makedumpfile's IMPLEMENTATION and diskdump_mod.h; header versions 1 to 6.
 */
#ifndef KDUMP_H
#define KDUMP_H

#include <stdbool.h>

struct diag_file;

/* Does this file start like one, where it is read? */
bool kdump_is(int fd);
/* A file without a name, in $TMPDIR or /tmp. 0, and why: there can be none. */
int kdump_scratch(const char **problem);
/* The regions in it. NULL, or why it is not read. */
const char *kdump_unpack(int from, int to, struct diag_file *diag);

#endif
