/* SPDX-License-Identifier: MIT */
/*
 * spill.h - an unnamed temporary file, for what does not fit in memory and can be written only at the end.
 *
 * It is opened before rights are given up, and is gone with the process.
 */
#ifndef SPILL_H
#define SPILL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct spill {
    int fd; /* 0: it is not open */
    uint64_t bytes;
    int error; /* the first errno; nothing is written after it */
};

/* A file without a name in $TMPDIR or /tmp, for reading and writing. 0: there can be none. */
int spill_file(void);
bool spill_open(struct spill *s);
void spill_close(struct spill *s);
/* Appends; returns where it is. */
uint64_t spill_add(struct spill *s, const void *bytes, size_t n);
/* Writes over what is there. */
void spill_put(struct spill *s, uint64_t at, const void *bytes, size_t n);
/* False, and `error` is set: it cannot be read. */
bool spill_read(struct spill *s, uint64_t at, void *to, size_t n);

#endif
