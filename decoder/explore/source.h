/* SPDX-License-Identifier: MIT */
/*
 * source.h - inputs that can be read again, from any place: what comes from a pipe, a connection or a serial line goes into an
 * unnamed temporary file, which is then read in its place. So does what is unpacked of gzip; if that is damaged, or there is no
 * room for it, it stays as it is, and is read from its start each time.
 *
 *     source_open(&s, streams, count)      before rights are given up
 *     while (source_waits(&s)) ... poll() on source_poll() ... source_read(&s)
 *     while (source_unpack(&s)) ...
 */
#ifndef SOURCE_H
#define SOURCE_H

#include <poll.h>

#include "base/spill.h"
#include "order/stream.h"

#define SOURCE_BYTES_MAX (4ull << 30) /* of the file of one input; the rest of a pipe is left */
#define SOURCE_INPUTS_MAX 64u         /* that have a file */

struct source {
    struct stream *streams;
    uint32_t count;
    struct source_pipe {
        struct stream *stream;
        struct input in;    /* as it was opened */
        struct spill spill; /* all that has come through a pipe */
        struct spill plain; /* what was unpacked */
        bool ended, full;
        bool done; /* there is nothing to unpack any more */
    } pipes[SOURCE_INPUTS_MAX];
    uint32_t pipe_count;
    struct zip_input *zip; /* what is unpacked now; or NULL */
    struct input *packed;  /* of that, */
    uint64_t packed_bytes; /* and how much of it was read */
    bool packed_wrong;     /* it cannot be read any more */
    uint64_t size;         /* of all, when it was last asked */
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
/* Once nothing more is read: unpacks a part of what is compressed. False: all that can be is plain. */
bool source_unpack(struct source *s);
/* What is compressed stays so. */
void source_keep(struct source *s);
/* So much was unpacked. */
uint64_t source_unpacks(const struct source *s);
uint64_t source_bytes(const struct source *s);
/* Is there more than when this was last asked? */
bool source_grew(struct source *s);

#endif
