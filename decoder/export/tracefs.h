/* SPDX-License-Identifier: MIT */
/*
 * tracefs.h - an event of a dump as Linux describes it. Its records are as that description says (layout.h).
 *
 * The text is that of events/SYS/EVENT/format in Linux's tracefs. Numbers are in little endian, whatever
 * the kernel was; include/tp/linux.h has how types appear. A name has letters, digits and _, all else
 * becomes _. Flags without a width are as wide as in the dump.
 */
#ifndef TRACEFS_H
#define TRACEFS_H

#include "model/value.h"

#define TRACEFS_NAME_BYTES (TP_LIMIT_NAME_BYTES + 1)
#define TRACEFS_HEADER_BYTES 8u

/* The fields that all events begin with. */
extern const char tracefs_common[];

/* A name that readers take; with a NUL. */
void tracefs_name(char to[TRACEFS_NAME_BYTES], struct metadata_text name);
/* name, id: what the event is called there. */
void tracefs_format(struct out *o, const struct metadata_event *e, const char *name, uint32_t id);
/* What a record begins with, as a number in little endian: type, flags, number of the task. context: struct
 * tp_wire_context, or NULL. */
uint64_t tracefs_header(uint32_t id, const uint8_t *context, int32_t pid);
/* Is it text for Linux? */
bool tracefs_is_text(const struct metadata_field *f);
/* Where a field is in a record, after what ends at `end`, and how many bytes it has there; of a tail, those that say where
 * it is. */
uint32_t tracefs_at(const struct metadata_field *f, uint32_t end);
uint32_t tracefs_bytes(const struct metadata_field *f);

#endif
