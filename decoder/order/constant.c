/* SPDX-License-Identifier: MIT */
/* constant.c - columns that have the same text in each row. */
#include "order/constant.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/out.h"

/* What all outputs have already, in one format or another. */
static const char *const constant_taken[] = {
    "time",    "time_ns", "wall_ns",    "ticks",   "relative_ns", "delta_ns",  "utc",
    "local",   "cpu",     "flags",      "sys",     "event",       "fields",    "cut",
    "message", "lost",    "cause",      "capture", "input",       "id",        "raw",
    "pid",     "name",    "task_group", "schema",  "unfinished",  "suppressed"};

static bool constant_is(const char *name, size_t n, const char *other, size_t other_bytes)
{
    return n == other_bytes && strncasecmp(name, other, n) == 0;
}

bool constant_has(const struct constant_list *l, const char *name, size_t n)
{
    for (uint32_t i = 0; i < l->count; i++)
        if (constant_is(name, n, l->at[i].name, l->at[i].name_bytes))
            return true;
    return false;
}

static const char *constant_name(const struct constant_list *l, const char *name, size_t n)
{
    if (!n || n > CONSTANT_NAME_BYTES || isdigit((unsigned char)*name))
        return "the name of a column is letters, digits and _, as host=web1, and at most 63 of "
               "them, not";
    for (size_t i = 0; i < n; i++)
        if (!isalnum((unsigned char)name[i]) && name[i] != '_')
            return "the name of a column is letters, digits and _, as host=web1, not";
    for (size_t i = 0; i < sizeof(constant_taken) / sizeof(constant_taken[0]); i++)
        if (constant_is(name, n, constant_taken[i], strlen(constant_taken[i])))
            return "each record has a column of that name already:";
    if (n >= 7 && strncasecmp(name, "common_", 7) == 0)
        return "names that begin with common_ are of the record itself:";
    return constant_has(l, name, n) ? "a column of that name was given already:" : NULL;
}

const char *constant_read(struct constant_list *l, const char *text)
{
    const char *equals = strchr(text, '='), *problem;
    size_t n = equals ? strlen(equals + 1) : 0;

    if (!equals)
        return "not NAME=TEXT, as host=web1:";
    problem = constant_name(l, text, (size_t)(equals - text));
    if (problem)
        return problem;
    if (n > CONSTANT_TEXT_BYTES)
        return "the text of a column has at most 255 bytes, not";
    if (out_valid((const uint8_t *)equals + 1, n) != n)
        return "the text of a column is not UTF-8:";
    if (l->count == CONSTANT_MAX)
        return "more than 16 columns:";
    l->at[l->count++] = (struct constant){text, equals + 1, (uint32_t)(equals - text), (uint32_t)n};
    return NULL;
}
