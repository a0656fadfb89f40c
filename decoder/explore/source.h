/* SPDX-License-Identifier: MIT */
/*
 * source.h - inputs that can be read again: what comes from a pipe, a connection or a serial line goes into an unnamed
 * temporary file, which is then read in its place.
 *
 *     source_open(&s, streams, count)      before rights are given up
 *     while (source_waits(&s)) ... poll() on source_poll() ... source_read(&s)
 */
#ifndef SOURCE_H
#define SOURCE_H

#include <poll.h>

#include "base/spill.h"
#include "order/stream.h"

#define SOURCE_BYTES_MAX (4ull << 30) /* of one input that cannot be read again; the rest is left */
#define SOURCE_INPUTS_MAX 64u         /* of these */

struct source {
    struct stream *streams;
    uint32_t count;
    struct source_pipe {
        struct stream *stream;
        struct input in; /* as it was opened */
        struct spill spill;
        bool ended, full;
    } pipes[SOURCE_INPUTS_MAX];
    uint32_t pipe_count;
    uint64_t size; /* of all, when it was last asked */
};

/* NULL, or what is wrong. */
const char *source_open(struct source *s, struct stream *streams, uint32_t count);
void source_close(struct source *s);
/* May more come from a pipe? */
bool source_waits(const struct source *s);
/* Those that may be read; how many. */
uint32_t source_poll(const struct source *s, struct pollfd *to);
/* Reads what there is of each that is ready now. */
void source_read(struct source *s);
/* Nothing more is read: what came is all there is. */
void source_stop(struct source *s);
uint64_t source_bytes(const struct source *s);
/* Is there more than when this was last asked? */
bool source_grew(struct source *s);

#endif
