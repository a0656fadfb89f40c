/* SPDX-License-Identifier: MIT */
/*
 * perfetto.h - records as Perfetto's protobuf, which its trace processor and its page read.
 *
 * A capture is a machine. Each record is an event of ftrace with typed arguments; its role may make more of
 * it: sched_switch and sched_waking, from which Perfetto has what each CPU runs and what each task waits for,
 * and slices and counters on tracks. doc/formats.md has what goes where.
 */
#ifndef PERFETTO_H
#define PERFETTO_H

#include "export/proto.h"
#include "order/nest.h"

#define PERFETTO_CPUS 1024u            /* Perfetto reads none of a trace that has more */
#define PERFETTO_BUNDLE_BYTES 16384u   /* of a CPU, that are put out together */
#define PERFETTO_HELD_BYTES (8u << 20) /* memory of all of them */
#define PERFETTO_EVENT_FIRST 65536u    /* numbers of events that Perfetto does not know by itself */
#define PERFETTO_EVENT_LAST 536870911u
#define PERFETTO_REMEMBERED 4096u /* tracks and tasks that need not be described again */

struct perfetto_stream;

struct perfetto {
    struct sink sink;
    struct diag *diag;
    bool wrong; /* at the end: a --role fits no event */
    struct roles roles;
    struct sched sched;
    struct nest nest;
    struct perfetto_stream *streams; /* by number */
    uint32_t stream_count;
    uint32_t machines;  /* captures so far */
    uint32_t described; /* events */
    struct pile packet; /* that is being made */
    struct pile value;  /* a text */
    struct out text;    /* writes into it */
    size_t held_bytes;  /* memory of bundles */
    uint64_t tracks[PERFETTO_REMEMBERED];
    struct perfetto_task {
        uint64_t of; /* machine and task, + 1 */
        uint64_t known;
        uint32_t generation;
    } tasks[PERFETTO_REMEMBERED];

    uint64_t left_out; /* records of CPUs from PERFETTO_CPUS on */
    uint64_t put_in;   /* switches that the dump does not have */
    uint64_t late;     /* times beyond 2^63 - 1 */
    uint64_t unfinished;
};

struct sink *perfetto_open(struct perfetto *f, struct out *o, const struct roles_options *roles,
                           struct diag *diag);

#endif
