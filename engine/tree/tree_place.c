/* SPDX-License-Identifier: MIT */
/* What both paths and files need of a place. */
#include "tree.h"

struct tp_event *tp_place_event(const char *sys, const char *name, size_t n)
{
    for (uint32_t id = 1; id <= tp_event_last(); id++) {
        struct tp_event *e = tp_event_get(id);

        if (e && tp_text_is(name, n, e->name) && tp_text_is(sys, tp_text_length(sys), e->sys))
            return e;
    }
    return NULL;
}

/* Only calls of tp_printk, which have a file, can share a name. */
bool tp_event_first(const struct tp_event *event)
{
    return !event->file ||
           tp_place_event(event->sys, event->name, tp_text_length(event->name)) == event;
}

uint32_t tp_place_cpus(const struct tp_place *p)
{
    struct tp_config c;

    return tp_trace_config(p->trace, &c) ? 0 : c.cpus;
}

static char *tree_place_append(char *to, const char *text)
{
    while (*text)
        *to++ = *text++;
    return to;
}

void tp_place_pattern(const struct tp_place *p, char pattern[TP_PATTERN_BYTES])
{
    pattern = tree_place_append(pattern, p->sys ? p->sys : "*");
    *pattern++ = ':';
    pattern = tree_place_append(pattern, p->event ? p->event->name : "*");
    *pattern = 0;
}
