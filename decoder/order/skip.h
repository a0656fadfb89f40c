/* SPDX-License-Identifier: MIT */
/*
 * skip.h - chunks that are left out by what the index beside a dump says of them (bytes/guide.h).
 *
 * Only of a dump in which nothing is damaged, late or out of order when the index is made. What is not data is always
 * read, and so is data with more than events in it.
 */
#ifndef SKIP_H
#define SKIP_H

#include "order/sink.h"
#include "order/stream.h"

/* Leaves out what comes next, if it is not wanted (stream->wants). A lane then promises more. True: metadata was left out that
 * would have been read, so no more is read now: names depend on how far the input is read before an item is put out. */
bool skip_ahead(struct stream *s);
/* A chunk was read: if it is not what the index says, that is not used any more. */
void skip_check(struct stream *s, const struct chunk *c);
/* Gives the sums of the index to the sink. */
void skip_sum(struct stream *s, struct sink *k);
/* From this counter on there are at least so many records that are wanted, by the index; 0: not known. `has`: how many of
 * them a chunk of data has at least. */
uint64_t skip_tail(struct stream *s, uint64_t records,
                   uint64_t (*has)(void *context, const struct guide_chunk *c), void *context);

#endif
