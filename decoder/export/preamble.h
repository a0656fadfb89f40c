/* SPDX-License-Identifier: MIT */
/*
 * preamble.h - what the description of a CTF trace begins with: where it is from, its clock, its packets, what each
 * record has, and the events that are our own.
 */
#ifndef PREAMBLE_H
#define PREAMBLE_H

#include "export/parcel.h"

/* Numbers of events that are our own, above those of dumps. */
enum { PREAMBLE_UNKNOWN = 0x10000, PREAMBLE_UNFINISHED, PREAMBLE_LOST };

/* False: it has no time of day. lttng: as if LTTng had recorded it. */
bool preamble_write(struct out *o, const struct parcel *p, struct stream *s, bool lttng);

#endif
