/* SPDX-License-Identifier: MIT */
/*
 * inside.h - the spans that lie in others of their track, where each is one record that is written at its end.
 *
 * The spans of a track end in order, so that those that lie in a new one are the last ones that begin after
 * it did.
 */
#ifndef INSIDE_H
#define INSIDE_H

#include <stdbool.h>
#include <stdint.h>

#include "answer/stack.h"

#define INSIDE_SPANS 65536u /* spans in which a later one may lie around */
#define INSIDE_TRACKS 4096u /* tracks of these, by hash */

struct inside_span {
    uint64_t begin_ns, end_ns;
    uint64_t before; /* serial of the one before it on its track; 0: none */
};

struct inside_track {
    struct stack_id id;
    uint64_t newest;
};

struct inside {
    struct inside_span *spans; /* a ring, by serial */
    uint64_t serial;           /* of the last one */
    struct inside_track *tracks;
};

void inside_open(struct inside *in);
/* One more span, and the time in it that is that of spans inside. False: they are not known any longer. */
bool inside_add(struct inside *in, const struct stack_id *id, uint64_t begin_ns, uint64_t end_ns,
                uint64_t *inside_ns);
void inside_close(struct inside *in);

#endif
