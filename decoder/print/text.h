/* SPDX-License-Identifier: MIT */
/*
 * text.h - records as lines of text, in the layout of ftrace.
 *
 *     comm-pid     [cpu] flags secs.usecs: sys_event: fields
 */
#ifndef TEXT_H
#define TEXT_H

#include "order/columns.h"
#include "order/stamp.h"

/* The lines of a loss; `colour` as terminals know it, or NULL. */
void text_loss(struct out *o, const struct stream_lane *lane, const char *colour);

struct text {
    struct sink sink;
    struct stamp stamp;
    struct columns *columns; /* the only fields; NULL: as the format of the event says */
    bool colour;
};
/* With time, name of the event and what is missing in colour, or without. */
struct sink *text_open(struct text *t, struct out *o, struct stamp stamp, struct columns *columns,
                       bool colour);

#endif
