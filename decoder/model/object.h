/* SPDX-License-Identifier: MIT */
/*
 * object.h - the fields of a record as an object of JSON, whose names are made ready once for each event.
 *
 *     struct object_list list = {.head = ",\"is\":\"%s.%e\""};     %s is the subsystem, %e the event
 *     const struct object *in = object_find(&list, e);
 *     object_head(o, in);                  ,"is":"x.y"
 *     out_bytes(o, "{", 1);
 *     object_fields(o, in, r, tails);      "a":1,"b":"x"
 *     out_bytes(o, "}", 1);
 *
 * %s and %e are escaped for a string of JSON. At the end of a capture its events are gone: object_forget().
 */
#ifndef OBJECT_H
#define OBJECT_H

#include "model/value.h"

#define OBJECT_EVENTS 1024u /* that are remembered */
#define OBJECT_UNIT 32u     /* bytes that may be read after the texts */

struct object {
    const struct metadata_event *event;
    uint32_t end[TP_LIMIT_FIELDS + 1]; /* of the text before each field, its name included */
    char text[];                       /* first the head */
};

struct object_list {
    const char *head; /* a pattern; NULL: none */
    struct object *events[OBJECT_EVENTS];
};

/* Valid until the next call. */
const struct object *object_find(struct object_list *l, const struct metadata_event *e);
void object_forget(struct object_list *l);
/* All fields, without the braces. */
void object_fields(struct out *o, const struct object *in, const struct record *r,
                   const struct value_tail *tails);

/* A part of object.text. Most are short. */
static inline void object_piece(struct out *o, const char *text, size_t n)
{
    if (n > OBJECT_UNIT) {
        out_bytes(o, text, n);
        return;
    }
    memcpy(out_room(o, OBJECT_UNIT), text, OBJECT_UNIT);
    o->at += n;
}

static inline void object_head(struct out *o, const struct object *in)
{
    object_piece(o, in->text, in->end[0]);
}

#endif
