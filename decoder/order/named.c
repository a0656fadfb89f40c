/* SPDX-License-Identifier: MIT */
/* named.c - a field by name. */
#include "order/named.h"

#include <stdio.h>

void named_read(struct named *n, const char *text, size_t bytes)
{
    size_t event = bytes;

    while (event && text[event - 1] != '.')
        event--;
    n->all = (struct metadata_text){text, (uint32_t)bytes};
    n->event = (struct metadata_text){text, event ? (uint32_t)event - 1 : 0};
    n->field = (struct metadata_text){text + event, (uint32_t)(bytes - event)};
}

/* Is it of this event, should it have such a field? */
static bool named_of(const struct named *n, const struct metadata_event *e)
{
    char joined[METADATA_JOINED_BYTES];
    struct metadata_text name;

    if (!n->event.n || metadata_same(&n->event, &e->name))
        return true;
    name = metadata_join(e, ':', joined);
    if (metadata_same(&n->event, &name))
        return true;
    name = metadata_join(e, '_', joined);
    return metadata_same(&n->event, &name);
}

static uint8_t named_find(const struct metadata_event *e, const struct metadata_text *name)
{
    for (uint32_t i = 0; i < e->field_count; i++)
        if (metadata_same(&e->fields[i].name, name))
            return (uint8_t)i;
    return NAMED_NONE;
}

/* Names of fields with a dot come first. */
uint8_t named_field(const struct named *n, const struct metadata_event *e)
{
    uint8_t all = named_find(e, &n->all);

    return all == NAMED_NONE && n->event.n && named_of(n, e) ? named_find(e, &n->field) : all;
}

void named_try(const struct named *n, const struct metadata_event *e, uint32_t i, struct near *to)
{
    const struct metadata_text *field = &e->fields[i].name;
    char joined[METADATA_JOINED_BYTES], text[NAMED_BYTES + 1];
    struct metadata_text event = e->name;

    if (named_of(n, e) && n->event.n)
        event = n->event;
    else if (memchr(n->event.bytes, ':', n->event.n))
        event = metadata_join(e, ':', joined);
    if (n->event.n)
        snprintf(text, sizeof(text), "%.*s.%.*s", (int)event.n, event.bytes, (int)field->n,
                 field->bytes);
    else
        snprintf(text, sizeof(text), "%.*s", (int)field->n, field->bytes);
    near_try(to, text, strlen(text));
}
