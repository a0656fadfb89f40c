/* SPDX-License-Identifier: MIT */
/*
 * lane.h - the items of one input, by CPU.
 *
 * Chunks of a CPU go into its lane (intake.h), and come out as items, in their order: losses, task
 * names, events.
 */
#ifndef LANE_H
#define LANE_H

#include "order/stream.h"

/* A chunk that waits to be put out. */
struct lane_chunk {
    struct lane_chunk *next;
    struct tp_wire_chunk head;
    uint64_t index;
    uint64_t arrived;                  /* by the clock of watch.h, if the input is followed */
    uint64_t lost[STREAM_LOST_CAUSES]; /* before its first record; if `over`, in it */
    uint32_t records, skip;
    bool swap, loss, damage;
    bool bad;  /* its payload */
    bool left; /* it is not here, but what was left out: up to its time */
    bool over; /* the loss is what was missing in it */
    size_t bytes;
    const uint8_t *payload;
    _Alignas(8) uint8_t own[];
};

/* Fetches what a look at a lane needs. Always inline: compilers leave out calls of what does nothing else. */
static inline void lane_fetch(const struct stream_lane *lane) __attribute__((always_inline));
static inline void lane_fetch(const struct stream_lane *lane)
{
    __builtin_prefetch(lane);
    __builtin_prefetch((const char *)lane + 64);
    __builtin_prefetch((const char *)lane + 128);
}

/* The lane, which is made if need be. */
struct stream_lane *lane_get(struct stream *s, uint32_t cpu);
/* What was lost, for the sum of the stream. Of a capture that may be in several inputs it is counted when it is put
 * out (join.h). */
void lane_count_lost(struct stream *s, uint64_t n);
/* The chunk is the last one of the lane, which owns it. */
void lane_push(struct stream_lane *lane, struct lane_chunk *c);
/* Times are moved by stream->shift: those that lanes have already. */
void lane_move_all(struct stream *s);
/* The chunk that the item of a lane is in, and its time. False: it has none. */
bool lane_head(const struct stream_lane *lane, uint64_t *index, uint64_t *time);
/* Moves a lane to its next item. */
void lane_advance(struct stream_lane *lane);

/* The time of what is after the lane's item, if it is an event of the same chunk, as it seems at first sight. */
static inline bool lane_peek(const struct stream_lane *lane, uint64_t *time)
{
    const struct record_walk *w = &lane->walk;

    if (!lane->left || (size_t)(w->end - w->at) < sizeof(struct tp_wire_record) ||
        lane->stream->offset_ns)
        return false;
    *time = w->high | load_u32(w->at + offsetof(struct tp_wire_record, time_low), w->swap);
    return true;
}

/* For a caller that counts the n events after the one of the lane without taking them one by one:
 * they are in its chunk up to `at`, none is damaged, their times do not go back, and the last is
 * `time`. */
void lane_pass(struct stream_lane *lane, const uint8_t *at, uint32_t n, uint64_t time);

/* The same for a caller that has put them out. */
void lane_take(struct stream_lane *lane, const uint8_t *at, uint32_t n, uint64_t time);

/* Its item is a loss, by the books of the input: makes it that by the books of all inputs that have the
 * capture. */
void lane_share_loss(struct stream_lane *lane, struct books *all);

/* When the first came of the chunks that wait to be put out, if the input is followed; UINT64_MAX:
 * none waits. */
uint64_t lane_oldest(const struct stream *s);
/* What comes is not what follows the last chunk read: the books start anew. */
void lane_unsync_all(struct stream *s);
/* Drops the chunks that are queued, as lost. */
void lane_drop_all(struct stream *s);
/* Frees the lanes; nothing may refer to them any more. */
void lane_free_all(struct stream *s);

#endif
