/* SPDX-License-Identifier: MIT */
/*
 * What a filter's program is made of: written by filter_compile.c, read by filter.c, and nobody
 * else's business.
 */
#ifndef TP_ENGINE_FILTER_H
#define TP_ENGINE_FILTER_H

#include <tp/filter.h>

/* The others are these turned round: by the other of the two jumps, or a value one higher. */
enum tp_filter_test {
    TP_FILTER_EQUAL,        /* number & mask == value */
    TP_FILTER_BELOW,        /* number & mask < value, unsigned */
    TP_FILTER_BELOW_SIGNED, /* number & mask < value, signed */
    TP_FILTER_EQUAL_FIELD,  /* number & mask == number of other, by `sides` */
    TP_FILTER_BELOW_FIELD,  /* number & mask < number of other, by `sides` */
    TP_FILTER_SAME,         /* text is the literal */
    TP_FILTER_GLOB,         /* text matches the literal */
    TP_FILTER_SAME_FIELD    /* text is the text of other */
};

/* Which sides of a comparison of two fields are signed; and that it is other < number. */
#define TP_FILTER_LEFT_SIGNED 1u
#define TP_FILTER_RIGHT_SIGNED 2u
#define TP_FILTER_TURNED 4u

/* Jumps that are the answer. */
#define TP_FILTER_REJECT 0xfffeu
#define TP_FILTER_ACCEPT 0xffffu

struct tp_filter_op {
    uint8_t test; /* enum tp_filter_test */
    uint8_t field, other, sides;
    uint16_t to[2]; /* the op that is next if the test fails, if it passes */
    union {
        struct {
            uint64_t value, mask;
        };
        struct {
            uint32_t literal_at, literal_bytes; /* from the start of the program */
        };
    };
};
_Static_assert(sizeof(struct tp_filter_op) == 24, "TP_FILTER_BYTES_MAX counts on it");

#endif
