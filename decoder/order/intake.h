/* SPDX-License-Identifier: MIT */
/*
 * intake.h - chunks of data, as they go into the lanes of their CPUs (lane.h).
 *
 * Keeps the books of record numbers and losses: what is missing before a chunk, what of it was there before.
 */
#ifndef INTAKE_H
#define INTAKE_H

#include "order/stream.h"

/* The first chunk of a CPU that has records, by which a capture is known again. */
void intake_start(struct stream_lane *lane, const struct tp_wire_chunk *h);
/* A chunk of data that is not read: what its header says is known for those that follow it. */
void intake_enter(struct stream *s, const struct tp_wire_chunk *h);
/* The next events of a CPU, the last of which is at this counter, are left out: nothing is lost before them. */
void intake_leave_out(struct stream *s, uint32_t cpu, uint32_t records, uint64_t last);
/* Takes a chunk of data; *lane is what it changes. `copy`: its payload is not there until it is used. */
enum stream_change intake_data(struct stream *s, const struct chunk *c, bool copy,
                               struct stream_lane **lane);
/* Are records missing before it that may still come? */
bool intake_is_early(const struct stream *s, const struct tp_wire_chunk *h);
/* Is it the chunk that the data of its CPU began with, or one in its place? */
enum intake_start { INTAKE_ELSEWHERE, INTAKE_SAME, INTAKE_OTHER };
enum intake_start intake_compare(const struct stream *s, const struct tp_wire_chunk *h);

#endif
