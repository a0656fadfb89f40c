/* SPDX-License-Identifier: MIT */
/*
 * hint.h - what is wrong with an input that is not read as it is, and what to do: compressed data, an image of memory
 * that is no file, a dump that a terminal has changed.
 */
#ifndef HINT_H
#define HINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bytes/cooked.h"

#define HINT_TEXT_BYTES 1024u

struct input;

struct hint {
    uint8_t start[8]; /* of the input, unless a chunk is there: */
    bool dump;
    bool region; /* of a trace in memory: a header of one, */
    uint64_t region_at;
    struct cooked cooked;
};

/* Where the input is, there is no chunk. */
void hint_place(struct hint *h, struct input *in);
/* A sentence about the input of this name; false: there is nothing to say. `any`: chunks were found. */
bool hint_text(const struct hint *h, const struct input *in, const char *name, bool any,
               char text[HINT_TEXT_BYTES]);

#endif
