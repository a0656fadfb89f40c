/* SPDX-License-Identifier: MIT */
/*
 * probe.h - the ring of a machine that is being debugged, as a dump that grows: gdb:HOST:PORT.
 *
 * What is in the ring now, once; or, where the input is followed, what comes into it as well, each record once and in
 * order. What was overwritten between two reads is counted as lost, exactly: the ring says how many events are gone.
 * The machine does nothing for it, and knows nothing of it. doc/region.md says what is read.
 */
#ifndef PROBE_H
#define PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct diag_file;
struct probe;
struct watch;

#define PROBE_INTERVAL_MS 100u          /* between two reads, if nothing else is asked for */
#define PROBE_INTERVAL_MS_MAX 86400000u /* a day */

/* Where the trace is: the region at `at`, or the first one between `at` and `end`, or that of the first trace in the
 * engine's table of traces, at `table`. */
struct probe_options {
    bool has_at;
    uint64_t at, end;     /* end 0: it is at `at` */
    bool has_table;       /* if not has_at */
    uint64_t table;       /* where the machine has it */
    unsigned word_bytes;  /* of its pointers, */
    bool big;             /* and their byte order */
    uint32_t interval_ms; /* 0: PROBE_INTERVAL_MS */
};

/* Over a connection, which is the probe's from now on. Nothing is read yet. */
struct probe *probe_open(int fd, const struct probe_options *o);
void probe_close(struct probe *p); /* NULL: nothing is done */

/* Bytes of the dump: count, or 0 at its end. `watch` NULL: what is there now is all. */
size_t probe_read(struct probe *p, struct diag_file *diag, struct watch *watch, uint8_t *to,
                  size_t n);
/* Why it ended early; NULL: it did not. */
const char *probe_problem(const struct probe *p);

#endif
