/* SPDX-License-Identifier: MIT */
/* list.h - the events of a capture, one a line. */
#ifndef LIST_H
#define LIST_H

#include "stream.h"

void list_events(struct out *o, const struct stream *s);

#endif
