/* SPDX-License-Identifier: MIT */
/* json.h - records as JSON, one object a line. */
#ifndef JSON_H
#define JSON_H

#include "stream.h"

/* What all records of a capture have in common; before its first record. */
void json_schema(struct out *o, const struct stream *s);
void json_record(struct out *o, struct stream_lane *lane);
void json_lost(struct out *o, struct stream_lane *lane);
/* What sampling has left out of an event. */
void json_suppressed(struct out *o, const struct metadata_event *e, uint64_t count);

#endif
