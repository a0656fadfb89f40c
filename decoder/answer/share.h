/* SPDX-License-Identifier: MIT */
/*
 * share.h - which inputs are parts of one capture: the pipes of its CPUs, or a stream and the image of
 * the crash that ended it.
 *
 * An answer that pairs what is on several CPUs keeps its state by the place of the capture:
 *
 *     begin:  place = share_begin(&x->share, s, &first);   first: set up what is at that place
 *     event:  place = share_place(&x->share, lane->stream);
 *     finish: if (share_leave(&x->share, s->number, &place)) no more of that capture comes
 */
#ifndef SHARE_H
#define SHARE_H

#include "order/stream.h"

struct share {
    struct share_capture {
        uint32_t users;  /* inputs; 0: it is free */
        uint64_t serial; /* join_serial() */
    } * captures;        /* by place, which is below the number of inputs */
    struct share_input {
        struct stream *stream; /* NULL: no capture of it has begun */
        uint32_t place;
    } * inputs; /* by number */
    uint32_t count;
};

void share_open(struct share *h, uint32_t inputs);
/* A capture of an input begins. *first: no other input is a part of it so far. */
uint32_t share_begin(struct share *h, struct stream *s, bool *first);
/* Of an input that has begun. */
uint32_t share_place(const struct share *h, const struct stream *s);
/* The capture of an input is at its end, as far as that input has it. True: it was the last of its
 * inputs. */
bool share_leave(struct share *h, uint32_t input, uint32_t *place);
void share_close(struct share *h);

#endif
