/* SPDX-License-Identifier: MIT */
/* range.c - lists of numbers as the command line has them. */
#include "base/range.h"

#include <stddef.h>

bool range_number(const char **text, uint64_t most, uint64_t *v)
{
    const char *p = *text;

    *v = 0;
    for (; *p >= '0' && *p <= '9'; p++) {
        uint64_t digit = (uint64_t)(*p - '0');

        if (digit > most || *v > (most - digit) / 10)
            return false;
        *v = 10 * *v + digit;
    }
    if (p == *text)
        return false;
    *text = p;
    return true;
}

const char *range_read(struct range_list *l, const char *text)
{
    uint64_t first, last;

    for (;; text++) {
        if (!range_number(&text, UINT32_MAX, &first))
            return "not a list of numbers";
        last = first;
        if (*text == '-' && (text++, !range_number(&text, UINT32_MAX, &last) || last < first))
            return "not a list of numbers";
        if (l->count == RANGE_MAX)
            return "too long a list";
        l->at[l->count++] = (struct range){(uint32_t)first, (uint32_t)last};
        if (!*text)
            return NULL;
        if (*text != ',')
            return "not a list of numbers";
    }
}
