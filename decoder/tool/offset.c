/* SPDX-License-Identifier: MIT */
/* offset.c - --offset FILE=TIME: times of an input that are moved. */
#include "tool/offset.h"

#include <string.h>

#include "order/moment.h"

bool offset_is_of(const struct offset *o, const char *path)
{
    return strlen(path) == o->file_bytes && memcmp(o->file, path, o->file_bytes) == 0;
}

/* The name of a file may have a '=' in it, a time has none. */
const char *offset_read(struct offset_list *l, const char *text)
{
    const char *equals = strrchr(text, '='), *problem;
    struct offset o = {.file = text};

    if (!equals || equals == text)
        return "not FILE=TIME, as dump.tp=+1.5s or dump.tp=-200ms, but";
    o.file_bytes = (uint32_t)(equals - text);
    problem = moment_span(&o.ns, equals + 1);
    if (problem)
        return problem;
    for (uint32_t i = 0; i < l->count; i++)
        if (l->at[i].file_bytes == o.file_bytes && memcmp(l->at[i].file, text, o.file_bytes) == 0)
            return "a second offset of the same file";
    if (l->count == OFFSET_MAX)
        return "too many offsets";
    l->at[l->count++] = o;
    return NULL;
}
