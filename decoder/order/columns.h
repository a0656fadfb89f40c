/* SPDX-License-Identifier: MIT */
/*
 * columns.h - fields by name: those that --fields and a template ask for, whatever the event.
 *
 *     const struct columns_event *in = columns_find(c, e);
 *     if (in->field[i] != COLUMNS_NONE)
 *         field_print(o, &e->fields[in->field[i]], ...);
 */
#ifndef COLUMNS_H
#define COLUMNS_H

#include "base/near.h"
#include "order/sink.h"

#define COLUMNS_MAX 64u
#define COLUMNS_NONE UINT8_MAX
#define COLUMNS_EVENTS 256u /* that are remembered */

struct columns_event {
    const struct metadata_event *event;
    uint8_t field[COLUMNS_MAX]; /* number of the field, or COLUMNS_NONE */
};

struct columns {
    uint32_t count;
    struct metadata_text name[COLUMNS_MAX];
    bool seen[COLUMNS_MAX]; /* some event has it */
    struct near near[COLUMNS_MAX];
    struct columns_event events[COLUMNS_EVENTS];
};

/* Adds a name, which must stay where it is, and gives its number; COLUMNS_NONE: too many. */
uint8_t columns_add(struct columns *c, const char *name, size_t n);
/* Adds a,b,c. NULL, or what is wrong. */
const char *columns_read(struct columns *c, const char *text);

const struct columns_event *columns_find(struct columns *c, const struct metadata_event *e);
/* A capture is at its end: its events are forgotten, which of its fields there were is not. */
void columns_finish(struct columns *c, const struct stream *s);
/* Looks which of the names there are in a capture. */
void columns_look(struct columns *c, const struct stream *s);
/* Says which names no event has, and what is near. */
void columns_end(const struct columns *c, struct diag *d);

#endif
