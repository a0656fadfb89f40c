/* SPDX-License-Identifier: MIT */
/* glob.c - names of events with * and ?. */
#include "order/glob.h"

/* As the engine chooses events. Linear: it only ever goes back to the last *. */
static bool glob_matches(const char *pattern, uint32_t n, const struct metadata_text *text)
{
    uint32_t p = 0, star = UINT32_MAX, from = 0;

    for (uint32_t i = 0; i < text->n;) {
        if (p < n && pattern[p] == '*') {
            star = ++p;
            from = i;
        } else if (p < n && (pattern[p] == '?' || pattern[p] == text->bytes[i])) {
            p++;
            i++;
        } else if (star != UINT32_MAX) {
            p = star;
            i = ++from;
        } else {
            return false;
        }
    }
    while (p < n && pattern[p] == '*')
        p++;
    return p == n;
}

bool glob_names(const struct glob *g, const struct metadata_event *e)
{
    char text[METADATA_JOINED_BYTES];
    struct metadata_text joined;

    if (g->name)
        return glob_matches(g->sys, g->sys_bytes, &e->sys) &&
               glob_matches(g->name, g->name_bytes, &e->name);
    joined = metadata_join(e, '_', text);
    return glob_matches(g->sys, g->sys_bytes, &e->sys) ||
           glob_matches(g->sys, g->sys_bytes, &e->name) ||
           glob_matches(g->sys, g->sys_bytes, &joined);
}
