/* SPDX-License-Identifier: MIT */
/*
 * survey.h - a look through the whole of an input that can be sought in, before it is read: what its
 * later chunks say of the clock, and whether its data is in the order of time.
 *
 * Of data only the headers are looked at.
 */
#ifndef SURVEY_H
#define SURVEY_H

#include "bytes/input.h"
#include "model/clock.h"

struct guide;
struct metadata;

#define SURVEY_CAPTURES 256u /* of so many the clock is known beforehand */
/* Of an input that cannot be sought in: its first chunks, those that are no data, are looked at up to so many bytes. */
#define SURVEY_FRONT_BYTES (8u << 20)

struct survey_capture {
    uint64_t at, stream; /* its first chunk */
    uint64_t zero;       /* checksums of its chunk 0; 0: none */
    uint64_t hz;         /* the first that is known, or 0 */
    struct clock_pairs pairs;
    bool ends;    /* it has records, the last of which is */
    uint64_t end; /* at this counter */
};

struct survey_work;

struct survey {
    bool done;
    bool taken; /* from an index, */
    bool front; /* only what is before the first data was looked at, or it was read twice */
    bool
        ends; /* wanted: when captures end. Then data is read too, and what cannot be sought in is read twice, if it can be */
    bool told;    /* `events` was given all that there are in the input */
    bool single;  /* there is one capture only */
    bool ordered; /* on no CPU does the time of a chunk go back */
    uint32_t count;
    struct survey_capture *captures;
    /* NULL, or is given each metadata that there is, which ends with the call. */
    void (*events)(void *context, const struct metadata *m);
    /* NULL, or is given each chunk of data that has records: of which capture of the input, from 1. */
    void (*data)(void *context, uint32_t capture, const struct tp_wire_chunk *h, uint64_t at);
    void *context;
    struct survey_work *work; /* while it looks; here, since memory may run out then */
};

/* The checksums of a chunk 0 as one number, which is not 0. */
static inline uint64_t survey_sum(const struct tp_wire_chunk *h)
{
    return (uint64_t)h->header_crc << 32 | h->payload_crc;
}

/* Reads where the input is, and leaves it there. `at`: the place where reading goes on. False: it
 * cannot be sought in, and nothing was read. */
bool survey_look(struct survey *v, struct input *in, uint64_t at);
/* Of one that cannot be sought in, and that nothing was read of yet: what comes before its first data. It stays in the buffer
 * of the input, and is read again. */
void survey_front(struct survey *v, struct input *in);
/* What an index says, which is good, in place of a look. */
void survey_take(struct survey *v, struct guide *g);
/* It was not done. */
void survey_forget(struct survey *v);
/* What is known of the capture that begins at this offset, or NULL. */
const struct survey_capture *survey_find(const struct survey *v, uint64_t at);
void survey_close(struct survey *v);

#endif
