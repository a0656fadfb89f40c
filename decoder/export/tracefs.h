/* SPDX-License-Identifier: MIT */
/*
 * tracefs.h - an event of a dump as Linux describes it, and its records as that description says.
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
/* type, flags, number of the task. context: struct tp_wire_context, or NULL. */
void tracefs_header(uint8_t to[TRACEFS_HEADER_BYTES], uint32_t id, const uint8_t *context,
                    int32_t pid);
/* The fields of a record that fits its event, after the header: all bytes of it, or 0: more than
 * `room`. */
uint32_t tracefs_record(uint8_t *to, uint32_t room, const struct metadata_event *e,
                        const struct record *r, const struct value_tail *tails);

#endif
