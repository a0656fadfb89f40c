/* SPDX-License-Identifier: MIT */
/*
 * target.h - a file that is written and takes its name only when it is whole.
 *
 * A symbolic link is followed; mode, owner and group of a file that is there stay. Where a new file could not have
 * them, or the file has more names, its bytes are copied into the old one in the end. What is no
 * regular file, as a pipe, is written directly. A signal that ends the process removes the file that was
 * begun.
 */
#ifndef TARGET_H
#define TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/undo.h"

struct target {
    int fd;
    uint64_t bytes;
    char *path; /* of the file itself, through links; NULL: no temporary file */
    char *temporary;
    int old; /* the file that is there, to be copied into; -1: none */
    struct undo undo;
};

/* "-" is standard output. NULL, or what is wrong; none of the files that are read may be the file. */
const char *target_open(struct target *t, const char *path, const char *const *read, size_t count);
/* As struct out_sink wants it; `context` is the target. */
int target_write(void *context, const void *bytes, size_t n);
/* Gives the file its name, or removes it. 0 or an errno. */
int target_close(struct target *t, bool keep);

#endif
