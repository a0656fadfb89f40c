/* SPDX-License-Identifier: MIT */
/* Patterns of the names of events. */
#include "events.h"

/* True if the pattern matches all of the text. Linear: only the last * is ever tried again. */
static bool match_text(const char *pattern, const char *text)
{
    const char *star = NULL, *from = NULL;

    while (*text) {
        if (*pattern == '*') {
            star = ++pattern;
            from = text;
        } else if (*pattern == '?' || *pattern == *text) {
            pattern++;
            text++;
        } else if (star) {
            pattern = star;
            text = ++from;
        } else {
            return false;
        }
    }
    while (*pattern == '*')
        pattern++;
    return !*pattern;
}

/* `sys:name`, or `sys` for all of it. */
bool tp_event_matches(const struct tp_event *e, const char *pattern)
{
    char sys[TP_LIMIT_NAME_BYTES + 1];
    uint32_t n = 0;

    while (pattern[n] && pattern[n] != ':' && n < TP_LIMIT_NAME_BYTES) {
        sys[n] = pattern[n];
        n++;
    }
    sys[n] = 0;
    if (pattern[n] && pattern[n] != ':')
        return false;
    return match_text(sys, e->sys) && (!pattern[n] || match_text(pattern + n + 1, e->name));
}
