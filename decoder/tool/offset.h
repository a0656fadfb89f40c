/* SPDX-License-Identifier: MIT */
/* offset.h - --offset FILE=TIME: times of an input that are moved. */
#ifndef OFFSET_H
#define OFFSET_H

#include <stdbool.h>
#include <stdint.h>

#define OFFSET_MAX 64u

struct offset_list {
    uint32_t count;
    struct offset {
        const char *file;
        uint32_t file_bytes;
        int64_t ns;
    } at[OFFSET_MAX];
};

/* Adds one, whose text is kept. NULL, or what is wrong with it. */
const char *offset_read(struct offset_list *l, const char *text);
/* Is it of this input? */
bool offset_is_of(const struct offset *o, const char *path);

#endif
