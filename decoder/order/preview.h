/* SPDX-License-Identifier: MIT */
/*
 * preview.h - what is found out about an input before its items are put out: by a look through it (survey.h), or from its index.
 */
#ifndef PREVIEW_H
#define PREVIEW_H

#include "order/stream.h"

/* Looks through the input, or its index, if that was not done. */
void preview_first(struct stream *s);
/* Does nothing from before this time follow in this input? */
bool preview_is_last(struct stream *s);
/* Is there an index that is good, of a dump whose chunks can be left out (GUIDE_REGULAR)? */
bool preview_is_regular(struct stream *s);
/* Looks through the input with another survey. False: it cannot be sought in. */
bool preview_again(struct stream *s, struct survey *v);
/* When the last record of a capture is, as stream_ns() would say. Captures of several inputs end together. */
uint64_t preview_end_ns(const struct stream *s, const struct survey_capture *c);
/* Looks through the input, if it can be sought in, is not being written, and that was not done. */
void preview_look(struct stream *s);
/* Looks through the input first, if it can be sought in. Does its first capture have a clock pair? */
bool preview_has_wall(struct stream *s);

#endif
