/* SPDX-License-Identifier: MIT */
/* schema.h - what makes two events the same, in one number. */
#ifndef SCHEMA_H
#define SCHEMA_H

#include "model/metadata.h"

/* Sums of the bytes that doc/format.md section 5 calls the schema of an event. */
struct schema {
    uint64_t hash; /* FNV-1a of 64 bits */
    uint32_t crc;  /* CRC-32C */
};
#define SCHEMA_START ((struct schema){.hash = 0xcbf29ce484222325u})

void schema_add(struct schema *s, const struct metadata_event *e);

#endif
