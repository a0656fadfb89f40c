/* SPDX-License-Identifier: MIT */
/*
 * target.h - a file that is written and takes its name only when it is whole.
 *
 * What is no regular file, as a pipe, is written directly. A signal that ends the process removes
 * the file that was begun.
 */
#ifndef TARGET_H
#define TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct target {
    int fd;
    uint64_t bytes;
    const char *path;
    char *temporary; /* NULL: none */
};

/* "-" is standard output. NULL, or what is wrong; no input may be the file. */
const char *target_open(struct target *t, const char *path, char **inputs, size_t count);
/* As struct out_sink wants it; `context` is the target. */
int target_write(void *context, const void *bytes, size_t n);
/* Gives the file its name, or removes it. 0 or an errno. */
int target_close(struct target *t, bool keep);

#endif
