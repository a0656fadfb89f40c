/* SPDX-License-Identifier: MIT */
/* columns.c - fields by name. */
#include "order/columns.h"

#include <string.h>

uint8_t columns_add(struct columns *c, const char *name, size_t n)
{
    if (c->count == COLUMNS_MAX)
        return COLUMNS_NONE;
    c->name[c->count] = (struct metadata_text){name, (uint32_t)n};
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
        if (e->fields[i].name.n == name->n &&
            memcmp(e->fields[i].name.bytes, name->bytes, name->n) == 0)
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

void columns_finish(struct columns *c, const struct stream *s)
{
    memset(c->events, 0, sizeof(c->events));
    for (uint32_t id = 0; c->count && id < s->metadata.event_slots; id++)
        for (uint32_t i = 0; s->metadata.events[id] && i < c->count; i++)
            c->seen[i] = c->seen[i] ||
                         columns_field(s->metadata.events[id], &c->name[i]) != COLUMNS_NONE;
}

void columns_end(const struct columns *c, struct diag *d)
{
    for (uint32_t i = 0; i < c->count; i++)
        if (!c->seen[i])
            diag_line(d, "no event has a field '%.*s'", (int)c->name[i].n, c->name[i].bytes);
}
