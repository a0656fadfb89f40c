/* SPDX-License-Identifier: MIT */
/* range.h - lists of numbers as the command line has them: 0,2-5. */
#ifndef RANGE_H
#define RANGE_H

#include <stdbool.h>
#include <stdint.h>

#define RANGE_MAX 256u /* numbers and ranges in a list */

struct range_list {
    uint32_t count; /* 0: no list was given */
    struct range {
        uint32_t first, last;
    } at[RANGE_MAX];
};

/* Adds what a text says. NULL, or what is wrong with it. */
const char *range_read(struct range_list *l, const char *text);
/* A decimal number at *text, which is moved to its end. False if there is none up to `most`. */
bool range_number(const char **text, uint64_t most, uint64_t *v);

static inline bool range_has(const struct range_list *l, uint32_t v)
{
    for (uint32_t i = 0; i < l->count; i++)
        if (v >= l->at[i].first && v <= l->at[i].last)
            return true;
    return false;
}

#endif
