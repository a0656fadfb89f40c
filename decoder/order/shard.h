/* SPDX-License-Identifier: MIT */
/*
 * shard.h - one of several parts of a dump: each item is in exactly one of them.
 *
 *     shard_read(&o, "3/16");
 *
 * A sink before another one. Parts are cut by capture and time, so that each has about as many bytes of data: all who
 * decode a part of the same file find the same times, from the headers of its chunks. Of data before the part only these
 * headers are read, as far as it is in order; metadata, clock pairs and tasks chunks are read from the start on.
 */
#ifndef SHARD_H
#define SHARD_H

#include "order/sink.h"

#define SHARD_MAX 4096u      /* parts */
#define SHARD_SAMPLES 65536u /* times that are looked at to cut by */
/* Data so near before a part is read, since it may name tasks. */
#define SHARD_NEAR_BYTES (16ull << 20)

struct shard_options {
    uint32_t number, count; /* from 1; count is 0: all of the dump */
};

/* "K/N". NULL, or what is wrong. */
const char *shard_read(struct shard_options *o, const char *text);

struct shard_time {
    uint32_t capture; /* from 1 */
    uint64_t ticks;
};

struct shard {
    struct sink sink;
    const struct shard_options *options;
    struct sink *next;
    struct diag *diag;
    struct stream *stream;
    bool planned, wrong;        /* wrong: the input cannot be cut, which was reported */
    bool begun;                 /* the next sink has a capture */
    bool stops;                 /* after data_end there is nothing of it */
    struct survey survey;       /* while it is planned */
    struct shard_time *samples; /* the same: times, for each `unit` bytes of data */
    uint32_t sample_count;
    uint64_t unit, rest;
    struct shard_time first, last; /* from this time on, and before that one */
    uint64_t data_at,
        data_end; /* offsets: of the first data of it or of later parts, after the last of it or
                                       of earlier ones */
    uint64_t records, lost;
};

struct sink *shard_open(struct shard *s, const struct shard_options *o, struct sink *next,
                        struct diag *diag);

#endif
