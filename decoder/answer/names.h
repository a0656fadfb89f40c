/* SPDX-License-Identifier: MIT */
/*
 * names.h - numbers for names: of spans, functions, and what begins a path.
 *
 * Beyond NAMES_MAX there is one for all others, NAMES_OTHERS. 0 is none.
 */
#ifndef NAMES_H
#define NAMES_H

#include <stddef.h>
#include <stdint.h>

#define NAMES_MAX 8192u
#define NAMES_BYTES 128u /* names that are the same so far are the same */
#define NAMES_OTHERS 1u

struct names_one {
    char text[NAMES_BYTES];
    uint32_t bytes;
    uint32_t kind; /* the caller's; the same text of another kind is another name */
    uint32_t next; /* of the same hash */
};

struct names {
    struct names_one *at; /* may move with the next new name */
    uint32_t count, room;
    uint32_t *heads; /* by hash */
};

void names_open(struct names *n);
uint32_t names_number(struct names *n, const char *text, size_t bytes, uint32_t kind);
/* By text, then by kind. */
int names_compare(const struct names_one *a, const struct names_one *b);
void names_close(struct names *n);

#endif
