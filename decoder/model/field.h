/* SPDX-License-Identifier: MIT */
/*
 * field.h - one field of a record by itself, not as the event's format has it.
 *
 * As JSON, or as text: a=5 name=bash flags=RUN|IDLE list={1,2}.
 */
#ifndef FIELD_H
#define FIELD_H

#include "model/value.h"

/* A text in quotes, if it is JSON. */
void field_text(struct out *o, const void *text, size_t n, enum out_escape how);
/* The value of a field of a record that fits its event. */
void field_print(struct out *o, const struct metadata_field *f, const struct record *r,
                 const struct value_tail *tails, enum out_escape how);

#endif
