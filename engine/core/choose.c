/* SPDX-License-Identifier: MIT */
/* Patterns, and the choice of the events that match. */
#include "core.h"
#include "seam.h"

/* True if the pattern matches all of the text. Linear: only the last * is ever tried again. */
static bool choose_matches(const char *pattern, const char *text)
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
    return choose_matches(sys, e->sys) && (!pattern[n] || choose_matches(pattern + n + 1, e->name));
}

/* The next event after *id, which becomes its id, or NULL. */
static struct tp_event *choose_next(uint32_t *id, const char *pattern)
{
    while (++*id <= tp_event_last()) {
        struct tp_event *e = tp_event_get(*id);

        if (e && tp_event_matches(e, pattern))
            return e;
    }
    return NULL;
}

int tp_events_choose(unsigned trace, const char *pattern, bool want)
{
    struct tp_event *e;
    uint32_t id = 0;
    int err = TP_ENOENT;

    while ((e = choose_next(&id, pattern)) != NULL) {
        tp_arch_set(&e->want, 1u << trace, want);
        tp_seam_update(e, trace);
        err = 0;
    }
    return err;
}
