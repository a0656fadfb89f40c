/* SPDX-License-Identifier: MIT */
/*
 * columns.h - fields by name: those that --fields and a template ask for, whatever the event, and what
 * records have as well as fields, if they ask for that.
 *
 *     const struct columns_event *in = columns_find(c, e);
 *     if (columns_has(c, in, i))
 *         columns_print(c, in, i, lane, tails, o, OUT_TEXT);
 */
#ifndef COLUMNS_H
#define COLUMNS_H

#include "base/near.h"
#include "order/common.h"
#include "order/named.h"
#include "order/sink.h"

#define COLUMNS_MAX 64u
#define COLUMNS_NONE NAMED_NONE
#define COLUMNS_EVENTS 256u /* that are remembered */

struct columns_event {
    const struct metadata_event *event;
    uint8_t field[COLUMNS_MAX]; /* number of the field, or COLUMNS_NONE */
    uint64_t again; /* a bit each: a column before it is the same field, by another name */
};

struct columns {
    uint32_t count;
    struct named name[COLUMNS_MAX];
    enum common common[COLUMNS_MAX]; /* where the event has no such field */
    bool seen[COLUMNS_MAX];          /* some event has it */
    bool missed[COLUMNS_MAX];        /* that none has it was reported */
    bool hopeless;                   /* no event of the only input has any of them */
    struct near near[COLUMNS_MAX];
    struct columns_event events[COLUMNS_EVENTS];
};

/* Adds a name, which must stay where it is, and gives its number; COLUMNS_NONE: too many. */
uint8_t columns_add(struct columns *c, const char *name, size_t n);
/* The same of a name that may be what every record has: common_pid, cpu. */
uint8_t columns_add_common(struct columns *c, const char *name, size_t n);
/* Adds a,b,c, each either. NULL, or what is wrong. */
const char *columns_read(struct columns *c, const char *text);

const struct columns_event *columns_find(struct columns *c, const struct metadata_event *e);
/* Is the i-th the same field as one before it? */
static inline bool columns_again(const struct columns_event *in, uint32_t i)
{
    return in->again >> i & 1;
}
/* Forgets what was found in what was read before. */
void columns_start(struct columns *c);
/* Has this event the i-th, as a field or as what every record has? */
static inline bool columns_has(const struct columns *c, const struct columns_event *in, uint32_t i)
{
    return in->field[i] != COLUMNS_NONE || c->common[i];
}
/* What it is called in a line of a record: a field by its own name. */
const struct metadata_text *columns_name(const struct columns *c, const struct columns_event *in,
                                         uint32_t i);
/* Is the i-th the record's CPU, task or its name, whatever fields there are? Lines have that anyway. */
bool columns_is_anyway(const struct columns *c, uint32_t i);
/* The i-th of a record that has it and fits its event. */
void columns_print(const struct columns *c, const struct columns_event *in, uint32_t i,
                   const struct stream_lane *lane, const struct value_tail *tails, struct out *o,
                   enum out_escape how);
/* A capture is at its end: its events are forgotten, which of its fields there were is not. */
void columns_finish(struct columns *c, const struct stream *s);
/* Looks which of the names there are in a capture. */
void columns_look(struct columns *c, const struct metadata *m);
/* A capture begins. Says which of the names no event has, if there is one input and it was looked through. Is it
 * all of them? `c` may be NULL. */
bool columns_hopeless(struct columns *c, struct stream *s);
/* Says which names no event has, and what is near; each once. */
void columns_end(struct columns *c, struct diag *d);

#endif
