/* SPDX-License-Identifier: MIT */
/*
 * jobs_help.h - for tests that what several processes give is what one gives: exit code, output and messages.
 */
#ifndef JOBS_HELP_H
#define JOBS_HELP_H

#include "help.h"
#include "tool/decode.h"

#define JOBS_DAMAGED 150u /* dumps that are damaged at random */

/* One process and three. `what` and `way` name it in a failure. */
void jobs_same(struct decode_options o, const char *path, const char *what, const char *way);
void jobs_same_bytes(struct decode_options o, const struct help_bytes *b, const char *what,
                     const char *way);
/* A new file, whose name needs 32 bytes. */
void jobs_write(char *path, const uint8_t *bytes, size_t n);
/* Four CPUs that take turns, with gaps, marks and metadata again. */
struct help_bytes jobs_dump(void);
/* A bit, bytes that are gone, doubled, from elsewhere; the rest, cut off. */
void jobs_damage(struct help_bytes *b, const struct help_bytes *good, uint64_t *state);

#endif
