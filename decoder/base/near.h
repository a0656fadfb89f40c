/* SPDX-License-Identifier: MIT */
/*
 * near.h - which of some names was meant when another one was typed.
 *
 *     near_open(&n, "evnt", 4);
 *     near_try(&n, "event", 5);
 *     near_best(&n)                  "event"
 */
#ifndef NEAR_H
#define NEAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NEAR_BYTES 64u       /* of names that are compared, longer ones are not */
#define NEAR_TRIES_MAX 4096u /* what is tried beyond that is not looked at */

struct near {
    char text[NEAR_BYTES], best[NEAR_BYTES]; /* with a NUL */
    uint32_t bytes;
    uint32_t tries;
    uint32_t distance; /* of `best`: letters to change, add, leave out or swap */
};

void near_open(struct near *n, const char *text, size_t bytes);
void near_try(struct near *n, const char *name, size_t bytes);
#define NEAR_HINT_BYTES (NEAR_BYTES + 20)
#define NEAR_LISTED "; --list-events shows what there is"
/* What a message about the name ends in: ": did you mean 'event'?", else what is given. */
const char *near_hint(const struct near *n, const char *otherwise, char to[NEAR_HINT_BYTES]);
/* The nearest of those that were tried, the first of several; NULL: none is near. */
const char *near_best(const struct near *n);

#endif
