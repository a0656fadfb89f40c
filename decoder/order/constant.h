/* SPDX-License-Identifier: MIT */
/*
 * constant.h - columns that have the same text in each row: --column host=web1.
 */
#ifndef CONSTANT_H
#define CONSTANT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CONSTANT_MAX 16u
#define CONSTANT_NAME_BYTES 63u
#define CONSTANT_TEXT_BYTES 255u

struct constant {
    const char *name, *text; /* the name is not ended by a NUL */
    uint32_t name_bytes, text_bytes;
};

struct constant_list {
    uint32_t count;
    struct constant at[CONSTANT_MAX];
};

/* Adds NAME=TEXT, which must stay where it is. NULL, or what is wrong, to be followed by the text. */
const char *constant_read(struct constant_list *l, const char *text);
/* Is there a column of that name, in capitals or not? */
bool constant_has(const struct constant_list *l, const char *name, size_t n);

#endif
