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

static void choose_one(struct tp_event *e, unsigned trace, bool want)
{
    tp_arch_set(&e->want, 1u << trace, want);
    tp_seam_update(e, trace);
}

void tp_events_choose_all(unsigned trace, bool want)
{
    struct tp_event *e;

    for (uint32_t id = 1; id <= tp_event_last(); id++)
        if ((e = tp_event_get(id)) != NULL)
            choose_one(e, trace, want);
}

int tp_events_choose(unsigned trace, const char *pattern, bool want)
{
    struct tp_event *e;
    int err = TP_ENOENT;

    for (uint32_t id = 1; id <= tp_event_last(); id++) {
        e = tp_event_get(id);
        if (!e || !tp_event_matches(e, pattern))
            continue;
        choose_one(e, trace, want);
        err = 0;
    }
    return err;
}
