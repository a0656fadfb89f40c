/* SPDX-License-Identifier: MIT */
/* owner.c - which events had a field. */
#include "answer/owner.h"

#include <stdio.h>

/* Its place; OWNER_EVENTS: there is none for it. */
static uint32_t owner_place(struct owner_list *l, const char *name)
{
    uint32_t i = 0;

    while (i < l->count && strcmp(l->name[i], name) != 0)
        i++;
    l->more = i == OWNER_EVENTS;
    if (l->more)
        return i;
    if (i == l->count)
        strcpy(l->name[l->count++], name);
    return i;
}

void owner_meet(struct owner_list *l, const struct metadata_event *e)
{
    char name[METADATA_JOINED_BYTES];
    uint32_t i = 0;

    while (i < l->count && l->at[i] != e)
        i++;
    if (i < l->count || l->more)
        return;
    (void)metadata_join(e, ':', name);
    i = owner_place(l, name);
    if (i < OWNER_EVENTS)
        l->at[i] = e;
}

void owner_follow(struct owner_list *to, const struct owner_list *first)
{
    struct owner_list own = *to;

    *to = *first;
    memset(to->at, 0, sizeof(to->at));
    for (uint32_t i = 0; i < own.count && !to->more; i++)
        (void)owner_place(to, own.name[i]);
    to->more = to->more || own.more;
}

void owner_finish(struct owner_list *l)
{
    memset(l->at, 0, sizeof(l->at));
}

void owner_text(const struct owner_list *l, char to[OWNER_TEXT_BYTES])
{
    size_t n = 0;

    *to = '\0';
    for (uint32_t i = 0; i < l->count; i++)
        n += (size_t)snprintf(to + n, OWNER_TEXT_BYTES - n, "%s%s", i ? ", " : "", l->name[i]);
    snprintf(to + n, OWNER_TEXT_BYTES - n, "%s", l->more ? " and others" : "");
}
