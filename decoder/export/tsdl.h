/* SPDX-License-Identifier: MIT */
/*
 * tsdl.h - events and their fields in the language that describes CTF traces, and values as described.
 *
 * Numbers are in little endian on any byte, whatever the kernel was. Names of fields begin with _, as it is usual
 * there: readers remove it, and no name is a word of the language then.
 */
#ifndef TSDL_H
#define TSDL_H

#include "export/pile.h"
#include "model/value.h"

/* An identifier: with _ before it, what may not be in one as _, and, if it is taken, _x after it. */
#define TSDL_NAME_BYTES (TP_LIMIT_NAME_BYTES + 2 + 4 * TP_LIMIT_FIELDS)

/* An integer as a type, up to its }. */
void tsdl_integer(struct out *o, uint32_t bytes, bool is_signed, const char *more);
/* In quotes. */
void tsdl_string(struct out *o, const char *text, size_t n);
/* Begins an event, up to where its fields come; and ends it. */
void tsdl_open(struct out *o, const char *name, size_t n, uint32_t id);
void tsdl_close(struct out *o);
/* The fields of an event. */
void tsdl_fields(struct out *o, const struct metadata_event *e);
/* Is a field of it called so? */
bool tsdl_has(const struct metadata_event *e, const char *name);

/* The values of a record that fits its event. */
void tsdl_record(struct pile *p, const struct metadata_event *e, const struct record *r,
                 const struct value_tail *tails);

#endif
