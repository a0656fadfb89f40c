/* SPDX-License-Identifier: MIT */
/* columns.c - fields by name. */
#include "order/columns.h"

#include <string.h>

#include "model/field.h"
#include "order/preview.h"

uint8_t columns_add(struct columns *c, const char *name, size_t n)
{
    if (c->count == COLUMNS_MAX)
        return COLUMNS_NONE;
    named_read(&c->name[c->count], name, n);
    near_open(&c->near[c->count], name, n);
    return (uint8_t)c->count++;
}

uint8_t columns_add_common(struct columns *c, const char *name, size_t n)
{
    uint8_t i = columns_add(c, name, n);

    if (i != COLUMNS_NONE)
        c->common[i] = common_find(name, n);
    return i;
}

static bool columns_twice(const struct columns *c, const char *name, size_t n)
{
    const struct metadata_text new = {name, (uint32_t)n};

    for (uint32_t i = 0; i < c->count; i++)
        if (metadata_same(&c->name[i].all, &new))
            return true;
    return false;
}

const char *columns_read(struct columns *c, const char *text)
{
    for (;;) {
        size_t n = strcspn(text, ",");

        if (!n || n > NAMED_BYTES)
            return "not a list of names";
        if (columns_twice(c, text, n))
            return "a name is twice in the list";
        if (columns_add_common(c, text, n) == COLUMNS_NONE)
            return "too long a list";
        if (!text[n])
            return NULL;
        text += n + 1;
    }
}

void columns_start(struct columns *c)
{
    memset(c->events, 0, sizeof(c->events));
    c->hopeless = false;
    for (uint32_t i = 0; i < c->count; i++) {
        c->seen[i] = c->missed[i] = false;
        near_open(&c->near[i], c->name[i].all.bytes, c->name[i].all.n);
    }
}

static bool columns_always(const struct columns *c, uint32_t i)
{
    return c->common[i] && common_always(c->name[i].all.bytes, c->name[i].all.n);
}

const struct columns_event *columns_find(struct columns *c, const struct metadata_event *e)
{
    struct columns_event *in = &c->events[e->id % COLUMNS_EVENTS];

    if (in->event == e)
        return in;
    in->event = e;
    in->again = 0;
    for (uint32_t i = 0; i < c->count; i++) {
        in->field[i] = columns_always(c, i) ? COLUMNS_NONE : named_field(&c->name[i], e);
        if (in->field[i] != COLUMNS_NONE && memchr(in->field, in->field[i], i))
            in->again |= (uint64_t)1 << i;
    }
    return in;
}

const struct metadata_text *columns_name(const struct columns *c, const struct columns_event *in,
                                         uint32_t i)
{
    return in->field[i] != COLUMNS_NONE ? &in->event->fields[in->field[i]].name : &c->name[i].all;
}

bool columns_is_anyway(const struct columns *c, uint32_t i)
{
    return columns_always(c, i) && c->common[i] <= COMMON_PID;
}

void columns_print(const struct columns *c, const struct columns_event *in, uint32_t i,
                   const struct stream_lane *lane, const struct value_tail *tails, struct out *o,
                   enum out_escape how)
{
    if (in->field[i] != COLUMNS_NONE)
        field_print(o, &in->event->fields[in->field[i]], &lane->record, tails, how);
    else
        common_print(c->common[i], lane, in->event, o, how);
}

/* One event, for a name that was not seen yet. */
static void columns_try(struct columns *c, uint32_t i, const struct metadata_event *e)
{
    c->seen[i] = c->common[i] || named_field(&c->name[i], e) != NAMED_NONE;
    for (uint32_t k = 0; k < e->field_count && !c->seen[i]; k++)
        named_try(&c->name[i], e, k, &c->near[i]);
}

void columns_look(struct columns *c, const struct metadata *m)
{
    for (uint32_t id = 0; c->count && id < m->event_slots; id++)
        for (uint32_t i = 0; m->events[id] && i < c->count; i++)
            if (!c->seen[i])
                columns_try(c, i, m->events[id]);
}

void columns_end(struct columns *c, struct diag *d)
{
    for (uint32_t i = 0; i < c->count; i++) {
        const struct metadata_text *name = &c->name[i].all;
        const char *common = common_hint(name->bytes, name->n);
        char hint[NEAR_HINT_BYTES];

        if (!c->seen[i] && !c->missed[i])
            diag_wrong(d, "no event has a field '%.*s'%s", (int)name->n, name->bytes,
                       common ? common : near_hint(&c->near[i], NEAR_LISTED, hint));
        c->missed[i] = !c->seen[i];
    }
}

bool columns_hopeless(struct columns *c, struct stream *s)
{
    if (!c || !c->count)
        return false;
    columns_look(c, &s->metadata);
    if (s->others || !memchr(c->seen, false, c->count))
        return false;
    preview_look(s);
    if (!s->survey.told)
        return false;
    columns_end(c, s->diag.diag);
    return c->hopeless = !memchr(c->seen, true, c->count);
}

void columns_finish(struct columns *c, const struct stream *s)
{
    memset(c->events, 0, sizeof(c->events));
    columns_look(c, &s->metadata);
}
