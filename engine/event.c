/* SPDX-License-Identifier: MIT */
/*
 * The events of the image: found through the section of pointers that
 * TP_EVENT fills, numbered from 1 in its order, never moved.
 */
#include "engine.h"

/* Weak: an image without events has no such section. */
extern struct tp_event *const __start_tp_events[] __attribute__((weak, visibility("hidden")));
extern struct tp_event *const __stop_tp_events[] __attribute__((weak, visibility("hidden")));

const struct tp_type_info tp_types[] = {
    [TP_TYPE_U8] = {"u8", 1, false},
    [TP_TYPE_U16] = {"u16", 2, false},
    [TP_TYPE_U32] = {"u32", 4, false},
    [TP_TYPE_U64] = {"u64", 8, false},
    [TP_TYPE_S8] = {"s8", 1, false},
    [TP_TYPE_S16] = {"s16", 2, false},
    [TP_TYPE_S32] = {"s32", 4, false},
    [TP_TYPE_S64] = {"s64", 8, false},
    [TP_TYPE_BOOL] = {"bool", 1, false},
    [TP_TYPE_CHAR] = {"char", 1, false},
    [TP_TYPE_PTR] = {"ptr", sizeof(void *), false},
    [TP_TYPE_STR] = {"str", 2, true}, /* a length; the text is in the tail */
    [TP_TYPE_BYTES] = {"bytes", 2, true},
};

static uint32_t events;

uint32_t tp_events_count(void)
{
    return events;
}

struct tp_event *tp_events_get(uint32_t id)
{
    return __start_tp_events[id - 1];
}

/* `least` to `most` bytes before the NUL. */
static bool fits(const char *text, uint32_t least, uint32_t most)
{
    uint32_t n = 0;

    while (n <= most && text[n])
        n++;
    return n >= least && n <= most;
}

static bool is_name(const char *text)
{
    return fits(text, 1, TP_LIMIT_NAME_BYTES);
}

static bool valid_table(const struct tp_table *t)
{
    if (!is_name(t->name) || t->values > TP_LIMIT_TABLE_VALUES)
        return false;
    for (uint32_t i = 0; i < t->values; i++)
        if (!is_name(t->value[i].name))
            return false;
    return true;
}

static bool valid(const struct tp_event *e)
{
    if (!is_name(e->sys) || !is_name(e->name) || !fits(e->fmt, 0, TP_LIMIT_FORMAT_BYTES) ||
        e->fields > TP_LIMIT_FIELDS)
        return false;
    for (uint32_t i = 0; i < e->fields; i++)
        if (!is_name(e->field[i].name) || (e->field[i].table && !valid_table(e->field[i].table)))
            return false;
    return true;
}

int tp_events_init(void)
{
    uintptr_t bytes = (uintptr_t)__stop_tp_events - (uintptr_t)__start_tp_events;
    size_t count = bytes / sizeof(__start_tp_events[0]);

    if (events)
        return 0;
    if (bytes % sizeof(__start_tp_events[0]) || count > TP_ID_EVENT_MAX)
        return TP_ELIMIT;
    for (size_t i = 0; i < count; i++)
        if (!valid(__start_tp_events[i]))
            return TP_ELIMIT;
    for (size_t i = 0; i < count; i++)
        __start_tp_events[i]->id = (uint16_t)(i + 1);
    events = (uint32_t)count;
    return 0;
}

/* True if the pattern matches all of the text. Linear: only the last * is ever taken back. */
static bool matches(const char *pattern, const char *text)
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
static bool chosen(const struct tp_event *e, const char *pattern)
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
    return matches(sys, e->sys) && (!pattern[n] || matches(pattern + n + 1, e->name));
}

int tp_events_choose(unsigned trace, const char *pattern, bool want)
{
    int err = TP_ENOENT;

    for (uint32_t id = 1; id <= events; id++) {
        struct tp_event *e = tp_events_get(id);

        if (!chosen(e, pattern))
            continue;
        tp_arch_set(&e->want, 1u << trace, want);
        tp_event_update(e, trace);
        err = 0;
    }
    return err;
}

void tp_events_run(unsigned trace)
{
    for (uint32_t id = 1; id <= events; id++)
        tp_event_update(tp_events_get(id), trace);
}

/* --- the registry --- */

uint32_t tp_event_last(void)
{
    return events;
}

struct tp_event *tp_event_get(uint32_t id)
{
    return id && id <= events ? tp_events_get(id) : NULL;
}

bool tp_event_matches(const struct tp_event *event, const char *pattern)
{
    return chosen(event, pattern);
}
