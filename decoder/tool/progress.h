/* SPDX-License-Identifier: MIT */
/*
 * progress.h - how far a long run is, on standard error.
 *
 * On a terminal a line that is overwritten; else, if it was asked for, lines. Messages go through
 * it, so that they do not end up in that line.
 */
#ifndef PROGRESS_H
#define PROGRESS_H

#include "base/out.h"
#include "order/stream.h"

#define PROGRESS_FIRST_MS 1000u /* shorter runs need none, if it was not asked for */
#define PROGRESS_EVERY_MS 500u

enum progress_mode { PROGRESS_NONE, PROGRESS_TERMINAL, PROGRESS_LINES };

struct progress {
    enum progress_mode mode;
    bool asked; /* for: there is a last line, however short the run is */
    bool shown; /* a line is on the terminal */
    struct out_sink sink;
    uint64_t start, next;
};

void progress_open(struct progress *p, enum progress_mode mode, bool asked, struct out_sink sink);
/* Called often. */
void progress_turn(struct progress *p, const struct stream *streams, size_t count);
/* The run is over. */
void progress_end(struct progress *p, const struct stream *streams, size_t count);
/* As struct out_sink wants it, for messages; `context` is the progress. */
int progress_write(void *context, const void *bytes, size_t n);

#endif
