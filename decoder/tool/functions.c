/* SPDX-License-Identifier: MIT */
/* functions.c - --functions: where the functions of a kernel are, as its file set_function takes it. */
#include "tool/functions.h"

#include <string.h>
#include <tp/filter.h>

#define FUNCTIONS_PADDING 64u /* compilers leave so much at most between functions of a file */

/* What compilers make of a function has its name and then a point: f.cold, f.part.0. */
static bool functions_match(const char *glob, const char *name, size_t n)
{
    const char *point = memchr(name, '.', n);

    return tp_filter_glob(glob, strlen(glob), name, n) ||
           (point && tp_filter_glob(glob, strlen(glob), name, (size_t)(point - name)));
}

static void functions_range(struct out *o, uint64_t from, uint64_t to)
{
    out_hex(o, from);
    out_text(o, "-");
    out_hex(o, to);
    out_text(o, "\n");
}

/* Neighbours that match are one range, if nothing else is between them. */
bool functions_print(struct symbols *s, const char *glob, struct out *o)
{
    uint64_t from = 0, to = 0;
    bool joins = false, any = false;

    for (uint32_t i = 0; i < s->count; i++) {
        uint64_t at = s->at[i].address + s->slide;
        char name[SYMBOLS_TEXT_BYTES];
        size_t n = s->at[i].code ? symbols_function(s, at, name) : 0;
        bool meant = n && functions_match(glob, name, n);

        if (joins && !(meant && at >= from && at <= to + FUNCTIONS_PADDING)) {
            functions_range(o, from, to);
            joins = false;
        }
        if (!meant)
            continue;
        from = joins ? from : at;
        to = joins && to > at + s->at[i].bytes ? to : at + s->at[i].bytes;
        joins = any = true;
    }
    if (joins)
        functions_range(o, from, to);
    return any;
}
