/* SPDX-License-Identifier: MIT */
/*
 * window.h - chunks of data in order, although some came before others that belong before them.
 *
 * A chunk with numbers missing before it waits until those come, or WINDOW_CHUNKS others have come, or
 * those that wait are WINDOW_BYTES.
 */
#ifndef WINDOW_H
#define WINDOW_H

#include "order/stream.h"

#define WINDOW_CHUNKS 64u
#define WINDOW_BYTES (4u << 20)

/* Takes a chunk of data; *lane is what it changes. */
enum stream_change window_data(struct stream *s, const struct chunk *c, struct stream_lane **lane);
/* A chunk that is not data came. */
enum stream_change window_tick(struct stream *s, struct stream_lane **lane);
/* The capture is over: what waits comes now. */
void window_end(struct stream *s);
void window_free(struct stream *s);

#endif
