/* SPDX-License-Identifier: MIT */
/*
 * convert.h - writes the items of a dump as a dump.
 *
 * A sink: what comes out decodes to the text that another sink would have printed. Records are
 * gathered by CPU, CONVERT_BATCH_BYTES of them, and written with marks after them, so that a reader
 * puts all of a batch out before it reads the next. Records that came too late, or went back in
 * time, get a batch of their own: they stay where they are.
 *
 * Captures of one input are written one after the other. Those of several inputs become one, with
 * the events of all of them (catalog.h).
 */
#ifndef CONVERT_H
#define CONVERT_H

#include "order/sink.h"
#include "write/catalog.h"
#include "write/track.h"

#define CONVERT_BATCH_BYTES (1u << 20)
#define CONVERT_TASKS_MAX 4096u    /* names that are repeated */
#define CONVERT_SILENT_MAX 1024u   /* CPUs that have marks without a record */
#define CONVERT_ORDER_BYTES 65536u /* may be spent on disorder, and as much as all records take */

struct convert {
    struct sink sink;
    struct diag *diag;
    bool zlib;
    bool whole;          /* nothing is left out */
    bool merged;         /* several inputs become one capture */
    const char *problem; /* why it stopped */

    /* The capture that is written. */
    struct stream *stream; /* of which this is, but if `merged` */
    struct catalog catalog;
    uint64_t id;           /* of it, or of the last one */
    bool started;          /* it has its metadata */
    unsigned open;         /* inputs that are in it and have not ended */
    bool cut;              /* one has ended without an end mark */
    bool in_ns;            /* their clocks differ: it counts nanoseconds */
    uint64_t hz;           /* of the first of several */
    uint16_t ending;       /* flags of those that have ended */
    uint16_t flags;        /* of all that its chunks have */
    struct track **tracks; /* by CPU */
    uint32_t slots, count;
    struct pack other; /* chunks that are not data */
    struct pack scratch;
    uint64_t known;          /* version of the metadata that is written */
    uint64_t pairs;          /* of the clock pairs */
    uint64_t strangers;      /* events of unknown CPUs */
    uint64_t *counts;        /* by id: what sampling has left out; NULL: nothing */
    struct task_table tasks; /* what a reader of it knows */
    struct convert_named {
        const struct stream *stream;
        uint32_t pid, theirs, ours;
    } named; /* the last name that was right */

    bool any, late;
    uint64_t time; /* the last there was, and its CPU */
    uint32_t cpu, late_cpu;
    size_t batch;        /* bytes that are not written */
    uint64_t since;      /* written since the metadata */
    uint64_t all, spent; /* written; of that, for order */
};

struct sink *convert_open(struct convert *c, struct out *out, struct diag *diag, bool whole,
                          bool merged, bool zlib);

#endif
