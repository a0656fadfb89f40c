/* SPDX-License-Identifier: MIT */
/*
 * row.h - the fields of a record, one after the other, in little endian.
 *
 * A number has its width. A pointer that may have a name is followed by that: a string of the block plus 1, or 0.
 * A text, bytes and an array of char are 2 * length + 1 if it was cut, then those; a sequence is 2 * its
 * elements + 1 if it was cut, then these; an array of fixed size just its elements.
 */
#ifndef ROW_H
#define ROW_H

#include "export/block.h"
#include "model/value.h"

/* Of a record that fits its event. */
void row_add(struct block *b, const struct metadata_event *e, const struct record *r,
             const struct value_tail *tails);
/* Of one that fits none: its id, then all its bytes. */
void row_raw(struct block *b, const struct record *r);

#endif
