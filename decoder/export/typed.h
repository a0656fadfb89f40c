/* SPDX-License-Identifier: MIT */
/*
 * typed.h - events and their fields with Perfetto's types: described once, then given by their numbers.
 */
#ifndef TYPED_H
#define TYPED_H

#include "export/packet.h"

/* The number of an event, which is described before it is used. e: NULL, for what has no description. */
uint32_t typed_number(struct perfetto *f, struct perfetto_stream *s, uint32_t cpu,
                      const struct metadata_event *e);
/* All fields of an event, as described. */
void typed_fields(struct perfetto *f, struct pile *p, const struct metadata_event *e,
                  const struct record *r, const struct value_tail *tails);
/* A field as an argument of a slice, and numbers and texts as such. */
void typed_annotate(struct perfetto *f, const struct metadata_field *d, const struct record *r,
                    const struct value_tail *tails);
void typed_annotate_u64(struct perfetto *f, const char *name, uint64_t v);
void typed_annotate_text(struct perfetto *f, const char *name, const char *text);
/* Its bits as a double. */
uint64_t typed_double(double v);

#endif
