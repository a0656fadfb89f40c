/* SPDX-License-Identifier: MIT */
/* owner.c - which events had a field. */
#include "answer/owner.h"

#include <stdio.h>

void owner_meet(struct owner_list *l, const struct metadata_event *e)
{
    char name[METADATA_JOINED_BYTES];
    uint32_t i = 0;

    while (i < l->count && l->at[i] != e)
        i++;
    if (i < l->count || l->more)
        return;
    (void)metadata_join(e, ':', name);
    for (i = 0; i < l->count && strcmp(l->name[i], name) != 0;)
        i++;
    l->more = i == OWNER_EVENTS;
    if (l->more)
        return;
    memcpy(l->name[i], name, e->sys.n + 1 + e->name.n + 1);
    l->at[i] = e;
    l->count += i == l->count;
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
