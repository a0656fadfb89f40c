/* SPDX-License-Identifier: MIT */
/* owner.h - which events had a field: those of one name need not be the same thing. */
#ifndef OWNER_H
#define OWNER_H

#include "model/metadata.h"

#define OWNER_EVENTS 4u /* that are named */
#define OWNER_TEXT_BYTES (OWNER_EVENTS * (METADATA_JOINED_BYTES + 2) + sizeof(" and others"))

struct owner_list {
    const struct metadata_event *at[OWNER_EVENTS]; /* in this capture; NULL: not there so far */
    char name[OWNER_EVENTS][METADATA_JOINED_BYTES];
    uint32_t count;
    bool more;
};

void owner_meet(struct owner_list *l, const struct metadata_event *e);
/* A capture is at its end. */
void owner_finish(struct owner_list *l);
/* `to` comes after `first`, of another who has met events: it is as if it had met these before. */
void owner_follow(struct owner_list *to, const struct owner_list *first);
/* a:b, c:d and others */
void owner_text(const struct owner_list *l, char to[OWNER_TEXT_BYTES]);

#endif
