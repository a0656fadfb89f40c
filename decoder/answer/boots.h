/* SPDX-License-Identifier: MIT */
/*
 * boots.h - are the captures of an input, which an answer puts on one axis of time, known to be of one boot?
 *
 * A note says it where they are not. Captures of several inputs are put in order by merge.c, which says how.
 */
#ifndef BOOTS_H
#define BOOTS_H

#include "order/stream.h"

struct boots {
    uint32_t count;  /* captures */
    bool zero_known; /* of the first one: */
    __int128 zero_ns;
    bool unsure; /* another is not known to be of the same boot */
};

/* A capture is at its end. */
void boots_add(struct boots *b, const struct stream *s);
/* `what`: the option that asks for the answer. */
void boots_end(const struct boots *b, struct diag *diag, const char *what);

#endif
