/* SPDX-License-Identifier: MIT */
/*
 * layout.h - how a record of a dump becomes one of Linux, as tracefs.h describes its event: which bytes go where.
 *
 * It is a few steps, found once for each event, and all that a process needs that has no metadata: a copy of its bytes is
 * as good.
 */
#ifndef LAYOUT_H
#define LAYOUT_H

#include <stddef.h>
#include <string.h>

#include "model/metadata.h"

enum layout_what {
    LAYOUT_COPY, /* bytes as they are, perhaps of several fields */
    LAYOUT_TURN, /* numbers of `width` bytes, in the other order of bytes */
    LAYOUT_TAIL  /* str, bytes, sequences: its bytes come after all that is there */
};

struct layout_step {
    uint16_t from, to; /* in the fields of the record; in the record of Linux, with its header */
    uint16_t bytes;    /* of a tail: 0 */
    uint8_t what, width;
    bool text, turn; /* of a tail; its elements are in the other order */
};

struct layout {
    uint16_t bytes; /* of a record of Linux, without tails; 0: there is none that is so large */
    uint16_t fixed; /* of the fields of a record, without tails */
    uint8_t count, tails;
    bool swap; /* as in struct record */
    struct layout_step steps[TP_LIMIT_FIELDS];
};

/* Records of Linux have at most `room` bytes. */
void layout_make(struct layout *l, const struct metadata_event *e, bool swap, uint32_t room);
/* How large it is of these fields, which value_tails() has found to fit. 0: more than `room`. */
uint32_t layout_bytes_tails(const struct layout *l, const uint8_t *fields, uint32_t room);
static inline uint32_t layout_bytes(const struct layout *l, const uint8_t *fields, uint32_t room)
{
    return l->tails && l->bytes ? layout_bytes_tails(l, fields, room) : l->bytes;
}
/* Writes all after the header; `to` begins with that. */
void layout_fill(const struct layout *l, uint8_t *to, const uint8_t *fields);

/* Mostly few bytes; more are copied by a call. */
#define LAYOUT_SMALL 64u
static inline void layout_copy(uint8_t *to, const uint8_t *from, uint32_t n)
{
    if (n > LAYOUT_SMALL) {
        memcpy(to, from, n);
        return;
    }
    for (; n >= 8; n -= 8, to += 8, from += 8)
        memcpy(to, from, 8);
    if (n & 4)
        memcpy(to, from, 4);
    to += n & 4;
    from += n & 4;
    for (n &= 3; n; n--)
        *to++ = *from++;
}

/* Bytes of it that count: those after are all alike. */
static inline uint32_t layout_used(const struct layout *l)
{
    return (uint32_t)(offsetof(struct layout, steps) + l->count * sizeof(l->steps[0]));
}

#endif
