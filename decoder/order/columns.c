/* SPDX-License-Identifier: MIT */
/* columns.c - fields by name. */
#include "order/columns.h"

#include <string.h>

uint8_t columns_add(struct columns *c, const char *name, size_t n)
{
    if (c->count == COLUMNS_MAX)
        return COLUMNS_NONE;
    c->name[c->count] = (struct metadata_text){name, (uint32_t)n};
    near_open(&c->near[c->count], name, n);
    return (uint8_t)c->count++;
}

const char *columns_read(struct columns *c, const char *text)
{
    for (;;) {
        size_t n = strcspn(text, ",");

        if (!n || n > TP_LIMIT_NAME_BYTES)
            return "not a list of names";
        if (columns_add(c, text, n) == COLUMNS_NONE)
            return "too long a list";
        if (!text[n])
            return NULL;
        text += n + 1;
    }
}

static uint8_t columns_field(const struct metadata_event *e, const struct metadata_text *name)
{
    for (uint32_t i = 0; i < e->field_count; i++)
        if (metadata_same(&e->fields[i].name, name))
            return (uint8_t)i;
    return COLUMNS_NONE;
}

const struct columns_event *columns_find(struct columns *c, const struct metadata_event *e)
{
    struct columns_event *in = &c->events[e->id % COLUMNS_EVENTS];

    if (in->event == e)
        return in;
    in->event = e;
    for (uint32_t i = 0; i < c->count; i++)
        in->field[i] = columns_field(e, &c->name[i]);
    return in;
}

/* One event, for a name that was not seen yet. */
static void columns_try(struct columns *c, uint32_t i, const struct metadata_event *e)
{
    c->seen[i] = columns_field(e, &c->name[i]) != COLUMNS_NONE;
    for (uint32_t k = 0; k < e->field_count && !c->seen[i]; k++)
        near_try(&c->near[i], e->fields[k].name.bytes, e->fields[k].name.n);
}

void columns_look(struct columns *c, const struct stream *s)
{
    for (uint32_t id = 0; c->count && id < s->metadata.event_slots; id++)
        for (uint32_t i = 0; s->metadata.events[id] && i < c->count; i++)
            if (!c->seen[i])
                columns_try(c, i, s->metadata.events[id]);
}

void columns_finish(struct columns *c, const struct stream *s)
{
    memset(c->events, 0, sizeof(c->events));
    columns_look(c, s);
}

void columns_end(const struct columns *c, struct diag *d)
{
    for (uint32_t i = 0; i < c->count; i++) {
        char hint[NEAR_HINT_BYTES];

        if (!c->seen[i])
            diag_wrong(d, "no event has a field '%.*s'%s", (int)c->name[i].n, c->name[i].bytes,
                       near_hint(&c->near[i], NEAR_LISTED, hint));
    }
}
