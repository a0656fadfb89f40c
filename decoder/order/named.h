/* SPDX-License-Identifier: MIT */
/*
 * named.h - a field by name: `pid` of whatever event, `sched:wakeup.pid` of one.
 *
 *     named_read(&n, "sched:wakeup.pid", 16);
 *     named_field(&n, e)             2, or NAMED_NONE
 */
#ifndef NAMED_H
#define NAMED_H

#include "base/near.h"
#include "model/metadata.h"

#define NAMED_NONE UINT8_MAX
/* sys:name.field */
#define NAMED_BYTES (METADATA_JOINED_BYTES + TP_LIMIT_NAME_BYTES)

struct named {
    struct metadata_text all;   /* what was written */
    struct metadata_text event; /* sys:name, sys_name or name; no bytes: of any event */
    struct metadata_text field;
};

/* The text must stay where it is. */
void named_read(struct named *n, const char *text, size_t bytes);
/* The number of the field, or NAMED_NONE. */
uint8_t named_field(const struct named *n, const struct metadata_event *e);
/* Tries the i-th field of an event as what was meant, written in the same way. */
void named_try(const struct named *n, const struct metadata_event *e, uint32_t i, struct near *to);

#endif
