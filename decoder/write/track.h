/* SPDX-License-Identifier: MIT */
/*
 * track.h - the chunks of one CPU of a dump that is written: its numbers and its losses.
 *
 * They are collected in t->pack until they are written. Numbers start at 0.
 *
 *     track_loss(t, time, loss, false);
 *     track_event(t, time, id, &record);
 *     track_close(t);
 */
#ifndef TRACK_H
#define TRACK_H

#include "bytes/pack.h"
#include "model/record.h"
#include "order/stream.h"

#define TRACK_CHUNK_BYTES (256u << 10) /* a payload that is as long ends */

struct track {
    struct pack pack;
    uint32_t cpu;
    uint16_t flags; /* of all its chunks */
    uint64_t seq, number, lost[TP_LOST_CAUSES];
    uint64_t shown; /* the last time that a reader has seen of it */
    bool begun;     /* it has a chunk */
    bool expected;  /* a reader waits for it, without having seen it */

    /* The chunk in the making. */
    bool open, context;
    uint64_t high; /* upper half of its time */
    uint32_t records;
};

void track_event(struct track *t, uint64_t time, uint32_t id, const struct record *r);
void track_unfinished(struct track *t, uint64_t time, uint32_t id, const struct record *r);
/* `context`: the records after it will have one. */
void track_task(struct track *t, uint64_t time, const struct tp_wire_task *task, bool swap,
                bool context);
/* So many were lost right before `time`, by cause. */
void track_loss(struct track *t, uint64_t time, const uint64_t loss[STREAM_LOST_CAUSES],
                bool damage);
/* Nothing from before `time` will come. */
void track_mark(struct track *t, uint64_t time);
void track_close(struct track *t);

#endif
