/* SPDX-License-Identifier: MIT */
/*
 * leader.h - the process that leads several: it cuts a file into windows, gives them to workers, and puts out what they make,
 * in order.
 */
#ifndef LEADER_H
#define LEADER_H

#include "order/stream.h"
#include "tool/jobs.h"

/* Of a window, at first; then as many as give seven eighths of the output that a worker has room for. */
#define LEADER_WINDOW_BYTES (1ull << 20)
#define LEADER_WINDOW_MOST (64ull << 20)
#define LEADER_WINDOW_SUM (8ull << 20)    /* that is only counted */
#define LEADER_MEMORY_BYTES (64ull << 20) /* that all processes may take together, */
#define LEADER_MEMORY_EACH (8ull << 20)   /* and so much more for each worker */
#define LEADER_MEMORY_OTHER (10ull << 20) /* that they take for anything but output and chunks */

/* The leader: does all of it. An exit status, or LEADER_ALONE: the input is not cut, and nothing was done. */
#define LEADER_ALONE (-1)
int leader_run(struct jobs *j, struct stream *s);

#endif
