/* SPDX-License-Identifier: MIT */
/*
 * phase.h - Chrome's trace events one by one, a part of chrome.c: what they begin with, and the names of what they are on.
 *
 * Times are microseconds with three digits after the point, written from nanoseconds: never a double, which
 * would let the end of a slice come after the start of the next one.
 */
#ifndef PHASE_H
#define PHASE_H

#include "export/chrome.h"

/* Processes of the viewer, of each capture. */
enum { CHROME_CPUS = 1, CHROME_TASKS, CHROME_INTERRUPTS, CHROME_SPANS, CHROME_PROCESSES };

#define CHROME_PLACE_BYTES 64u /* what is before a time, with two numbers of 32 bits */

struct chrome_name {
    uint32_t n;
    char text[CHROME_NAME_BYTES];
};

struct chrome_cpu {
    bool named,
        spans_named; /* its name was written, in the process of CPUs, in that of interrupts */
    bool runs_known; /* what it runs: */
    struct chrome_name name;
    uint64_t since_ns, last_ns;
    uint32_t place_bytes;
    char place[CHROME_PLACE_BYTES]; /* what an instant of it begins with; none yet: 0 bytes */
};

struct chrome_stream {
    uint32_t machine;             /* from 1; 0: no capture */
    bool named[CHROME_PROCESSES]; /* the name was written */
    const struct stream *stream;
    struct chrome_cpu *cpus;
    uint32_t cpu_count;
    uint64_t last_ns; /* the latest time */
};

struct chrome_stream *phase_stream(struct chrome *c, const struct stream *s);
struct chrome_cpu *phase_cpu(struct chrome_stream *s, uint32_t cpu);
/* Before the first one. */
void phase_start(struct chrome *c);
void phase_number(struct out *o, const char *before, uint64_t v);
void phase_string(struct out *o, const char *before, const void *text, size_t n);
/* With three digits after the point. */
void phase_micros(struct out *o, uint64_t ns);
void phase_time(struct out *o, uint64_t ns);
/* Begins one, of a thread of one of the processes. */
void phase_open(struct chrome *c, char what, const struct chrome_stream *s, unsigned process,
                uint64_t thread);
/* One end of a slice. */
void phase_edge(struct chrome *c, char what, const struct chrome_stream *s, unsigned process,
                uint64_t thread, uint64_t ns, const void *name, size_t n);
/* The start of an instant of a CPU, whose name was written. */
void phase_instant(struct out *o, const struct chrome_stream *s, struct chrome_cpu *cpu,
                   uint32_t number);
/* Names, where the viewer does not know them. */
void phase_tell_cpu(struct chrome *c, struct chrome_stream *s, unsigned process, uint32_t cpu,
                    bool *named);
void phase_tell_task(struct chrome *c, struct chrome_stream *s, int32_t pid);
/* The number of a track that is neither a CPU nor a task; 0: there are too many. */
uint32_t phase_track(struct chrome *c, struct chrome_stream *s, const struct nest_span *span,
                     const struct nest_record *r);

#endif
