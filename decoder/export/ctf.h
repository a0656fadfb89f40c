/* SPDX-License-Identifier: MIT */
/*
 * ctf.h - traces in the Common Trace Format, version 1.8, for babeltrace2 and Trace Compass.
 *
 * A capture is a trace: a directory with a file for each CPU, and one that describes them, which is written
 * when all events are known. If there is one capture, the trace is the directory that was asked for; else each
 * is in one below it.
 */
#ifndef CTF_H
#define CTF_H

#include "export/lttng.h"
#include "export/parcel.h"

#define CTF_TRACES 4096u

struct ctf_trace;

struct ctf {
    struct sink sink;
    struct folder *folder;
    struct diag *diag;
    bool lttng;  /* names are those of LTTng, where a role says so */
    bool direct; /* the first trace is the directory itself */
    bool wrong;  /* at the end: a --role fits no event */
    struct roles roles;
    struct sched sched;
    struct lttng names;
    struct ctf_trace *traces;
    uint32_t count, room;
    uint32_t *inputs; /* by number of the stream: its trace + 1; 0: it is in none */
    uint32_t input_count;
    bool others;         /* there were more than CTF_TRACES; reported */
    uint64_t back, late; /* times, as struct parcel has them */
    uint64_t uncounted;  /* losses of which the number is not known */
    bool dated;          /* some capture has a time of day, */
    bool undated;        /* some has none that can be written */
};

/* The folder is open, and stays the caller's. */
struct sink *ctf_open(struct ctf *c, struct out *o, const struct roles_options *roles, bool lttng,
                      struct folder *folder, struct diag *diag);

#endif
