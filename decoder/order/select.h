/* SPDX-License-Identifier: MIT */
/*
 * select.h - which items of a dump are passed on: by time, CPU, task, event and fields.
 *
 * A sink before another one. A loss is passed on if its CPU and its time are asked for: what was
 * lost may have been anything else.
 */
#ifndef SELECT_H
#define SELECT_H

#include "base/range.h"
#include "order/asked.h"
#include "order/condition.h"
#include "order/moment.h"
#include "order/sink.h"

#define SELECT_EVENTS 1024u /* that are remembered */

struct select_options {
    uint32_t globs;
    struct glob glob[GLOB_MAX];
    struct range_list captures; /* of each input, from 1 */
    struct range_list cpus, pids;
    struct moment from, to;
    bool has_head;
    uint64_t head;      /* so many records, then it has enough */
    const char *filter; /* NULL: none */
};

/* Adds what --event says: `sys:name` or `sys` with * and ?, several with commas between. NULL, or
 * what is wrong. The text must stay where it is. */
const char *select_read_events(struct select_options *o, const char *text);
/* Is an event one of those that it names, or does it name none? */
bool select_names(const struct select_options *o, const struct metadata_event *e);
/* Does it count from the last record, which is to be looked for? */
static inline bool select_ends(const struct select_options *o)
{
    return o->from.kind == MOMENT_BEFORE || o->to.kind == MOMENT_BEFORE;
}
/* Does it select anything at all? */
bool select_wanted(const struct select_options *o);

struct select {
    struct sink sink;
    const struct select_options *options;
    struct sink *next;
    struct diag *diag;
    struct select_stream *streams; /* by number */
    uint32_t stream_count;
    struct select_event {
        const struct metadata_event *event;
        bool wanted;
    } events[SELECT_EVENTS];
    struct condition condition;
    struct asked *asked;           /* what of the above there is */
    bool has_tail;                 /* --tail; both are set after it is opened */
    uint64_t tail;                 /* only so many of the last are wanted; 0: all */
    struct select_skip *skip;      /* what is, by an index */
    uint64_t shown, records, lost; /* given on; those in the time asked for; lost in the CPUs too */
};

struct sink *select_open(struct select *s, const struct select_options *o, struct sink *next,
                         uint32_t streams, struct diag *diag);

#endif
