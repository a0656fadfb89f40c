/* SPDX-License-Identifier: MIT */
/*
 * tail.h - only the last records, with the losses between them.
 *
 * The next sink prints everything into a ring of bytes, of which the end is put out. What is
 * printed at the start of a capture (the schema of JSON) is put out at once.
 */
#ifndef TAIL_H
#define TAIL_H

#include "order/sink.h"

#define TAIL_RECORDS_MAX 1000000u
#define TAIL_BYTES (8u << 20) /* of what is printed, at most */

struct tail {
    struct sink sink;
    struct sink *next;
    struct out inner; /* for the next sink */
    char *ring;
    bool direct;      /* not into the ring, but out */
    uint64_t written; /* bytes that came out of `inner` */
    uint64_t *start;  /* of the last records: where the one before ends */
    uint32_t most, room;
    uint64_t records; /* all */
    uint64_t shown;   /* at the end */
};

/* The output for the sink that is to be `next` of tail_open. */
struct out *tail_start(struct tail *t, struct out *o, uint32_t most);
struct sink *tail_open(struct tail *t, struct sink *next);

#endif
