/* SPDX-License-Identifier: MIT */
/*
 * description.h - what a capture says about itself: its metadata, how fast its counter counts, and what follows from these.
 */
#ifndef DESCRIPTION_H
#define DESCRIPTION_H

#include "order/stream.h"

/* A chunk of metadata. */
enum stream_change description_take(struct stream *s, const struct chunk *c);
/* Takes the metadata of another dump for a capture that begins without its own. `c`: its first chunk of data. */
void description_use_given(struct stream *s, const struct chunk *c);

#endif
