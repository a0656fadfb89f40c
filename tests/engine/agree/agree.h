/* SPDX-License-Identifier: MIT */
/*
 * agree.h - what two readers say of the same memory: tpdecode of the image, and tpdecode of what
 * tp_trace_attach and the pipe make of a copy. doc/region.md has one answer for both.
 */
#ifndef AGREE_H
#define AGREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "order/stream.h"

#define AGREE_CPUS 2u
#define AGREE_BYTES 16384u /* of a region, at most */

/* Of one CPU: sums over its records (time, number, id, context, fields) in their order. */
struct agree_cpu {
    uint64_t records, sum;
    uint64_t lost[STREAM_LOST_CAUSES];
    bool damaged;
};

struct agree_said {
    int error;    /* of tp_trace_attach; of the image: nothing could be read */
    bool damaged; /* said of anything but a CPU, */
    bool copy;    /* or of a copy of the header */
    struct agree_cpu cpu[AGREE_CPUS];
    uint64_t metadata, tasks, clock; /* sums of their bytes */
    uint64_t unfinished;             /* shown of records in flight */
};

/* Each is told line by line if `tell` is not NULL. */
void agree_dump(const uint8_t *bytes, size_t n, struct agree_said *said, FILE *tell);
void agree_image(const uint8_t *bytes, size_t n, struct agree_said *said, FILE *tell);
void agree_attach(const uint8_t *bytes, size_t n, struct agree_said *said, FILE *tell);

/* Classes of difference. */
enum agree_class {
    AGREE_CUT,      /* not all of the region is there: a trace cannot be in it */
    AGREE_LAYOUT,   /* a header that is good, of another engine */
    AGREE_REFUSED,  /* tp_trace_attach refuses what tpdecode reads */
    AGREE_ACCEPTED, /* the other way round */
    AGREE_UNSAID,   /* tpdecode tells of a damaged header copy; a pipe cannot */
    AGREE_TOLD,     /* one says that what is of no CPU is damaged */
    AGREE_RECORDS,  /* other records */
    AGREE_LOST,     /* other losses */
    AGREE_CAUSE,    /* the same number, but not of each cause */
    AGREE_HIDDEN,   /* a CPU is damaged for tpdecode only */
    AGREE_FALSE,    /* a CPU is damaged for tp_trace_attach only */
    AGREE_TASKS,    /* other names */
    AGREE_CLOCK,    /* another clock pair */
    AGREE_METADATA, /* other metadata */
    AGREE_ENDLESS,  /* the pipe does not come to its end */
    AGREE_BEFORE,   /* losses of a damaged CPU before the first chunk of it */
    AGREE_FLIGHT,   /* contents of records in flight: only the image has them */
    AGREE_CLASSES
};
extern const char *const agree_names[AGREE_CLASSES];
#define AGREE_NO_END 1000 /* agree_said.error: the pipe gave more than can be, or no end */

/* Compares; the classes as bits. */
uint32_t agree_compare(const uint8_t *bytes, size_t n, FILE *tell);

/* One of the images of the damager, from a good one: the same for the same number. *what: which. */
size_t agree_damage(uint8_t *bytes, size_t n, uint64_t number, const char **what);

#endif
