/* SPDX-License-Identifier: MIT */
/*
 * graph.h - --graph: calls as they begin and end, as Linux's function_graph shows them.
 *
 * What begins and ends is what has these roles: functions, system calls, interrupts. Each task has one
 * stack. An interrupt is inside of what it interrupted, and what it calls is inside of the interrupt. A call
 * without others in it is one line, with how long it took. Records are printed as they come: the lines of one
 * CPU are in order, but a call on one line is where it ended.
 */
#ifndef GRAPH_H
#define GRAPH_H

#include "order/nest.h"

#define GRAPH_DEPTH 200u /* deeper calls are shown at this depth */

struct graph_options {
    uint32_t depth; /* --depth: deeper ones are not shown; 0: all are */
    bool colour;
    uint64_t over_ns; /* --over: only those that took so long, each when it ends; 0: all */
};

struct graph_call;
struct graph_stream;

struct graph {
    struct sink sink;
    bool json;
    const struct graph_options *options;
    struct diag *diag;
    struct roles roles;
    struct sched sched;
    struct nest nest;
    struct graph_call *calls;     /* by slot; NULL: none was needed yet */
    struct graph_stream *streams; /* by number */
    uint32_t stream_count;
    bool any;   /* some event is begin or span */
    bool read;  /* some capture was read to its end */
    bool wrong; /* the question cannot be answered, and it was said why */
};

struct sink *graph_open(struct graph *g, struct out *o, const struct graph_options *options,
                        const struct roles_options *roles, bool json, struct diag *diag);

#endif
