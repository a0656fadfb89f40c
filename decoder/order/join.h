/* SPDX-License-Identifier: MIT */
/*
 * join.h - captures that are in several inputs: a stream, and the image of the crash that ended it.
 *
 * Each of its records is shown once, and lost is what none of the inputs has. So the books of such a
 * capture are kept where items are put out, by what all its inputs have given so far.
 */
#ifndef JOIN_H
#define JOIN_H

#include "order/stream.h"

/* Captures that have been read to their end, and may still come in another input: of more, the oldest
 * is forgotten. */
#define JOIN_KEPT 256u

struct join;

struct join_list {
    struct join *first; /* the newest first */
    uint32_t inputs, idle;
    uint64_t serial; /* of the newest */
    struct stream
        *counts; /* what is lost of these captures is in its count: late ones take it back */
};

/* A capture of an input begins. `zero`: checksums of its chunk 0; 0: not known. */
void join_enter(struct stream *s, uint64_t zero);
/* A number that the inputs of one capture have in common; 0: no other input can be a part of it. */
uint64_t join_serial(const struct stream *s);
/* And it is at its end. */
void join_leave(struct stream *s);
void join_free(struct join_list *l);

/* What is to be done with the item of a lane, if stream->join is not NULL. False: it is not put out, for it
 * was there before. Of a loss it sets how much that is. */
bool join_item(struct stream_lane *lane);

#endif
