/* SPDX-License-Identifier: MIT */
/*
 * notes.h - what is said in a Parquet file of the captures in it, as names and values about the whole file.
 *
 * tracepoint.stream, .host, .clock and so on are of the first capture, tracepoint.2.stream of the second.
 */
#ifndef NOTES_H
#define NOTES_H

#include "export/store.h"
#include "order/sink.h"

#define NOTES_CAPTURES 1024u /* that are described */

struct notes {
    struct store_pairs pairs;
    struct stream **open; /* by number: captures that are being read */
    uint32_t open_count;
    uint32_t captures;
    uint64_t records, lost; /* in the file, or files */
    uint64_t unfinished;    /* events that are not */
};

void notes_begin(struct notes *n, struct stream *s);
/* Did it begin? One without metadata did not. */
bool notes_has(const struct notes *n, const struct stream *s);
void notes_finish(struct notes *n, const struct stream *s);
/* There are no more. `late`: times that were too large. */
void notes_end(struct notes *n, struct diag *diag, uint64_t late);
void notes_close(struct notes *n);

#endif
