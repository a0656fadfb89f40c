/* SPDX-License-Identifier: MIT */
/*
 * chrome.h - records as Chrome's trace events in JSON, which speedscope and many other viewers read.
 *
 * A capture has four processes of the viewer: CPUs, each a thread with what it runs and all records as instants;
 * tasks, with what begins and ends in them; the same of interrupts by CPU; and of all else.
 */
#ifndef CHROME_H
#define CHROME_H

#include "model/object.h"
#include "order/nest.h"

#define CHROME_TRACKS 32768u    /* of what is neither a CPU nor a task */
#define CHROME_NAME_BYTES 96u   /* of what runs or is open */
#define CHROME_REMEMBERED 4096u /* tasks whose names need not be said again */

struct chrome_stream;
struct chrome_name;

struct chrome {
    struct sink sink;
    struct diag *diag;
    bool wrong; /* at the end: a --role fits no event */
    struct roles roles;
    struct sched sched;
    struct nest nest;
    struct object_list objects;
    struct chrome_stream *streams; /* by number */
    uint32_t stream_count;
    uint32_t machines;         /* captures so far */
    bool started, any;         /* an event was written */
    struct chrome_name *names; /* of what is open, by slot */
    struct chrome_track {
        uint64_t is; /* a hash; 0: free */
        uint32_t number;
    } * tracks;
    uint32_t track_count;
    struct chrome_task {
        uint64_t of; /* machine and task */
        uint64_t known;
        uint32_t generation;
    } tasks[CHROME_REMEMBERED];
    uint64_t trackless; /* spans */
};

struct sink *chrome_open(struct chrome *c, struct out *o, const struct roles_options *roles,
                         struct diag *diag);

#endif
