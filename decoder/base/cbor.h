/* SPDX-License-Identifier: MIT */
/*
 * cbor.h - CBOR item by item, with our own bounds.
 *
 * Containers are not built: an array or map is an item that says how many
 * follow. Nothing is allocated. Indefinite lengths are refused.
 *
 *     cbor_open(&r, bytes, n);
 *     if (cbor_next(&r, &item) && item.type == CBOR_MAP)
 *         for (uint64_t i = item.count; i--;) ... key, then value
 */
#ifndef CBOR_H_
#define CBOR_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CBOR_DEPTH_MAX 6u /* doc/format.md section 5 */

/* First bytes of a text and a map of less than 24: this plus the length. */
#define CBOR_TEXT_HEAD 0x60
#define CBOR_MAP_HEAD 0xa0

enum cbor_kind {
    CBOR_UNSIGNED,
    CBOR_NEGATIVE, /* the value is -1 - number */
    CBOR_TEXT,
    CBOR_BYTES,
    CBOR_ARRAY,
    CBOR_MAP,
    CBOR_TAG,  /* one item follows that it belongs to */
    CBOR_OTHER /* floats, true, null ... */
};

struct cbor_item {
    enum cbor_kind type;
    uint64_t number;      /* CBOR_UNSIGNED, CBOR_NEGATIVE */
    const uint8_t *bytes; /* CBOR_TEXT, CBOR_BYTES: inside the input */
    uint64_t count;       /* bytes of it; elements of an array; pairs of a map */
};

struct cbor_reader {
    const uint8_t *at, *end;
    uint64_t left[CBOR_DEPTH_MAX + 1]; /* items still to come at each depth */
    unsigned depth;
    const char *problem; /* NULL: all good so far */
};

void cbor_open(struct cbor_reader *r, const uint8_t *bytes, size_t n);
/* The next item; false if there is none, with the reason in `problem`. */
bool cbor_next(struct cbor_reader *r, struct cbor_item *item);
/* Skips the next item with all that is in it. */
bool cbor_skip(struct cbor_reader *r);
/* Skips what is inside an item that was just read. */
bool cbor_skip_inside(struct cbor_reader *r, const struct cbor_item *item);
/* The next item, which must be of this type. */
bool cbor_expect(struct cbor_reader *r, enum cbor_kind type, struct cbor_item *item);
bool cbor_unsigned(struct cbor_reader *r, uint64_t *v);
/* A number that must fit 32 bits to be of any use; else the largest. */
bool cbor_small(struct cbor_reader *r, uint32_t *v);

/* Notes the first problem; always false. */
static inline bool cbor_stop(struct cbor_reader *r, const char *problem)
{
    if (!r->problem)
        r->problem = problem;
    return false;
}

#endif
