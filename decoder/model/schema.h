/* SPDX-License-Identifier: MIT */
/* schema.h - one number for how an event is defined. */
#ifndef SCHEMA_H
#define SCHEMA_H

#include "model/metadata.h"

/* FNV-1a of 64 bits, doc/format.md section 5. */
uint64_t schema_hash(const struct metadata_event *e);

#endif
