/* SPDX-License-Identifier: MIT */
/*
 * The program of a filter: written by filter_compile.c, read by filter.c. Of all this the engine
 * uses only tp_filter_numbers, inline where an event is fired.
 */
#ifndef TP_ENGINE_FILTER_H
#define TP_ENGINE_FILTER_H

#include <tp/filter.h>

/* All other comparisons are one of these with its two jumps exchanged, or with a value that is one
 * higher. */
enum tp_filter_test {
    TP_FILTER_EQUAL,        /* number & mask == value */
    TP_FILTER_BELOW,        /* number & mask < value, unsigned */
    TP_FILTER_BELOW_SIGNED, /* number & mask < value, signed */
    TP_FILTER_EQUAL_FIELD,  /* number & mask == number of other, by `sides` */
    TP_FILTER_BELOW_FIELD,  /* number & mask < number of other, by `sides` */
    TP_FILTER_SAME,         /* text is the literal */
    TP_FILTER_GLOB,         /* text matches the literal */
    TP_FILTER_SAME_FIELD,   /* text is the text of other */
    TP_FILTER_REAL          /* f32 or f64 against a constant or other, by `sides` */
};

/* Which sides of a comparison of two fields are signed; TURNED: it is other < number. */
#define TP_FILTER_LEFT_SIGNED 1u
#define TP_FILTER_RIGHT_SIGNED 2u
#define TP_FILTER_TURNED 4u

/* And of a TP_FILTER_REAL, as well as TURNED. EXCHANGED: the two jumps are. */
#define TP_FILTER_LEFT_F32 1u
#define TP_FILTER_RIGHT_F32 2u
#define TP_FILTER_WITH_FIELD 8u
#define TP_FILTER_IS_BELOW 16u
#define TP_FILTER_EXCHANGED 32u

/* Targets of jumps that are the answer. */
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

static inline const struct tp_filter_op *tp_filter_ops(const struct tp_filter *filter)
{
    return (const struct tp_filter_op *)(filter + 1);
}

/* filter_float.c: for a TP_FILTER_REAL. What is not a number passes no comparison. */
bool tp_filter_float_passes(const struct tp_filter_op *op, const struct tp_filter_value *value);

/* For a test of a number and a constant. */
static inline bool tp_filter_number_passes(const struct tp_filter_op *op, uint64_t number)
{
    number &= op->mask;
    if (__builtin_expect(op->test == TP_FILTER_EQUAL, 1))
        return number == op->value;
    if (op->test == TP_FILTER_BELOW)
        return number < op->value;
    return (int64_t)number < (int64_t)op->value;
}

/* Runs from op `at` on while the tests are of a number and a constant, as most are. Returns the
 * first op of another kind, or TP_FILTER_REJECT or _ACCEPT. The two branches are separate so that a
 * processor can predict them: otherwise it would wait for each test before it knows the next op. */
static inline uint32_t tp_filter_numbers(const struct tp_filter *filter, uint32_t at,
                                         const struct tp_filter_value *value)
{
    const struct tp_filter_op *ops = tp_filter_ops(filter), *op = &ops[at];

    while (op->test <= TP_FILTER_BELOW_SIGNED) {
        if (tp_filter_number_passes(op, value[op->field].number)) {
            at = op->to[1];
            if (at >= TP_FILTER_REJECT)
                return at;
            op = &ops[at];
        } else {
            at = op->to[0];
            if (at >= TP_FILTER_REJECT)
                return at;
            op = &ops[at];
        }
    }
    return at;
}

#endif
