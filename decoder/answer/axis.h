/* SPDX-License-Identifier: MIT */
/* axis.h - times above the columns of a timeline. */
#ifndef AXIS_H
#define AXIS_H

#include "base/out.h"

/* A line: |1.5 at the column where that is, at round seconds, as close as there is room for; none if
 * no such time is there. indent: what is before the columns. start_ns: of the first column. */
void axis_text(struct out *o, const char *indent, uint64_t start_ns, uint64_t column_ns,
               uint32_t columns);

#endif
