/* SPDX-License-Identifier: MIT */
/* Stands in for engine/control until that is merged: not to be kept. */
#include "engine.h"
#include "text.h"
#include <tp/control.h>

#define WEAK __attribute__((weak))

static char filters[64][TP_FILTER_TEXT_MAX + 1];
static char triggers[64][64];

WEAK uint32_t tp_event_last(void) { return tp_events_count(); }
WEAK struct tp_event *tp_event_get(uint32_t id) { return tp_events_get(id); }
WEAK const char *tp_subsystem_next(const char *sys)
{
    bool found = !sys;

    for (uint32_t id = 1; id <= tp_events_count(); id++) {
        const char *its = tp_events_get(id)->sys;
        bool first = true;

        for (uint32_t i = 1; i < id; i++)
            first &= !tp_text_is(its, tp_text_length(its), tp_events_get(i)->sys);
        if (first && found)
            return its;
        if (first && tp_text_is(its, tp_text_length(its), sys))
            found = true;
    }
    return NULL;
}
bool tp_event_matches(const struct tp_event *e, const char *pattern);
WEAK const char *tp_filter_text(const struct tp_trace *t, const struct tp_event *e)
{
    (void)t;
    return filters[e->id][0] ? filters[e->id] : NULL;
}
WEAK int tp_filter(struct tp_trace *t, const char *pattern, const char *text, struct tp_filter_error *error)
{
    (void)t;
    for (uint32_t i = 0; text && text[i]; i++)
        if (text[i] == '@') {
            *error = (struct tp_filter_error){TP_FILTER_SYNTAX, i, "something else is expected"};
            return TP_EFILTER;
        }
    for (uint32_t id = 1; id <= tp_events_count(); id++)
        if (tp_event_matches(tp_events_get(id), pattern)) {
            memset(filters[id], 0, sizeof(filters[id]));
            if (text)
                memcpy(filters[id], text, tp_text_length(text));
        }
    return 0;
}
WEAK int tp_trigger(struct tp_trace *t, const char *pattern, const char *text, struct tp_filter_error *error)
{
    (void)t;
    if (text[0] != 't' && text[0] != '!') {
        *error = (struct tp_filter_error){TP_FILTER_SYNTAX, 0, "no such action"};
        return TP_EFILTER;
    }
    for (uint32_t id = 1; id <= tp_events_count(); id++)
        if (tp_event_matches(tp_events_get(id), pattern)) {
            memset(triggers[id], 0, 64);
            if (text[0] != '!')
                memcpy(triggers[id], text, tp_text_length(text));
        }
    return 0;
}
WEAK long tp_trigger_text(const struct tp_trace *t, const struct tp_event *e, uint32_t i, char *out, size_t room)
{
    struct tp_text to = {.out = out, .room = room - 1};

    (void)t;
    if (i || !triggers[e->id][0])
        return TP_ENOENT;
    tp_text_put(&to, triggers[e->id]);
    out[to.at] = 0;
    return (long)to.at;
}
WEAK size_t tp_filter_explain(const struct tp_filter_error *error, const char *text, size_t bytes, char *out, size_t room)
{
    struct tp_text to = {.out = out, .room = room - 1};

    tp_text_put(&to, error->what);
    tp_text_put(&to, " at column ");
    tp_text_number(&to, error->column);
    tp_text_put(&to, "\n");
    for (size_t i = 0; i < bytes; i++)
        tp_text_char(&to, text[i] < ' ' ? '?' : text[i]);
    tp_text_put(&to, "\n");
    for (size_t i = 0; i < error->column; i++)
        tp_text_char(&to, ' ');
    tp_text_put(&to, "^");
    out[tp_text_bytes(&to)] = 0;
    return tp_text_bytes(&to);
}
