/* SPDX-License-Identifier: MIT */
/*
 * value.h - the fields of one record: finding them, printing them.
 */
#ifndef VALUE_H
#define VALUE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/out.h"
#include "model/metadata.h"
#include "model/record.h"

struct value_tail {
    const uint8_t *at;
    uint32_t bytes;
    bool cut;
};

/* The tails of a record. False if the record is too short for its event. */
bool value_tails(const struct metadata_event *e, const struct record *r,
                 struct value_tail tails[TP_LIMIT_FIELDS]);

/* Where the bytes of a field are, in the fixed part or in a tail. */
struct value_tail value_bytes(const struct metadata_field *f, const struct record *r,
                              const struct value_tail *tails);

/* An integer of width bytes as 64 bits, with its sign if it has one. */
uint64_t value_load(const uint8_t *p, uint32_t width, bool is_signed, bool swap);

/* Text up to its first NUL. */
uint32_t value_text_bytes(const uint8_t *p, uint32_t n);

/* Names of the bits of v, joined by '|', as %s prints them. */
void value_flags(struct out *o, const struct metadata_field *f, uint64_t v, enum out_escape how);

/* Name of an enum's value, or NULL. */
const struct metadata_text *value_enum(const struct metadata_field *f, uint64_t v);

/* Runs the format of the event, from the ": sys_name: " on. */
void value_print(struct out *o, const struct metadata_event *e, const struct record *r,
                 const struct value_tail *tails);
/* The same without it. */
void value_message(struct out *o, const struct metadata_event *e, const struct record *r,
                   const struct value_tail *tails);

#endif
