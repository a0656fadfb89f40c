/* SPDX-License-Identifier: MIT */
/*
 * Filters: numbers with a binary point, compared and read without an FPU: a kernel may not touch
 * one. Knows nothing of the engine; see tp/filter.h.
 */
#include "filter.h"
#include "filter_word.h"

#define FLOAT_SIGN (1ull << 63)
#define FLOAT_INFINITE (2047ull << 52) /* all above it, without their sign, are not numbers */
#define FLOAT_POWER_MAX 27             /* 5 to this power has less than 64 bits */

/* --- values --- */

/* The f64 of the same value as an f32. */
static uint64_t filter_float_widen(uint32_t bits)
{
    uint64_t sign = (uint64_t)(bits >> 31) << 63, fraction = (uint64_t)(bits & 0x7fffff) << 29;
    uint64_t exponent = bits >> 23 & 0xff;

    if (exponent == 0xff)
        return sign | FLOAT_INFINITE | fraction;
    if (!exponent && !fraction)
        return sign;
    if (!exponent) { /* subnormal there, normal here */
        for (exponent = 1; !(fraction & 1ull << 52); exponent--)
            fraction <<= 1;
        fraction &= ~(1ull << 52);
    }
    return sign | (exponent + 1023 - 127) << 52 | fraction;
}

/* As a signed number that is ordered as the values are. False: not a number. Both zeros are 0. */
static bool filter_float_order(uint64_t bits, bool narrow, int64_t *order)
{
    if (narrow)
        bits = filter_float_widen((uint32_t)bits);
    *order = (int64_t)(bits & ~FLOAT_SIGN);
    if (bits & FLOAT_SIGN)
        *order = -*order;
    return (bits & ~FLOAT_SIGN) <= FLOAT_INFINITE;
}

bool tp_filter_float_passes(const struct tp_filter_op *op, const struct tp_filter_value *value)
{
    int64_t left, right = (int64_t)op->value;
    bool numbers = filter_float_order(value[op->field].number, op->sides & TP_FILTER_LEFT_F32,
                                      &left);

    if (op->sides & TP_FILTER_WITH_FIELD)
        numbers &= filter_float_order(value[op->other].number, op->sides & TP_FILTER_RIGHT_F32,
                                      &right);
    if (!numbers)
        return op->sides & TP_FILTER_EXCHANGED; /* the jump of what fails */
    if (!(op->sides & TP_FILTER_IS_BELOW))
        return left == right;
    return op->sides & TP_FILTER_TURNED ? right < left : left < right;
}

/* --- words --- */

struct float_wide {
    uint64_t high, low;
};

static struct float_wide filter_float_multiply(uint64_t a, uint64_t b)
{
    uint64_t a0 = (uint32_t)a, a1 = a >> 32, b0 = (uint32_t)b, b1 = b >> 32;
    uint64_t middle = a1 * b0 + (a0 * b0 >> 32), other = a0 * b1 + (uint32_t)middle;

    return (struct float_wide){a1 * b1 + (middle >> 32) + (other >> 32),
                               other << 32 | (uint32_t)(a0 * b0)};
}

/* a * 2^64 / b; *rest: something remains. b has less than 64 bits. */
static struct float_wide filter_float_divide(uint64_t a, uint64_t b, bool *rest)
{
    struct float_wide q = {0, 0};
    uint64_t left = 0;

    for (int i = 127; i >= 0; i--) {
        left = left << 1 | (i >= 64 ? a >> (i - 64) & 1 : 0);
        q.high = q.high << 1 | q.low >> 63;
        q.low <<= 1;
        if (left >= b) {
            left -= b;
            q.low |= 1;
        }
    }
    *rest = left != 0;
    return q;
}

/* The nearest f64 to v * 2^power, of which more follows if `rest`; ties go to even. */
static bool filter_float_round(struct float_wide v, bool rest, int power, uint64_t *bits)
{
    uint64_t fraction;

    *bits = 0;
    if (!v.high && !v.low)
        return true;
    for (; !(v.high >> 63); power--) {
        v.high = v.high << 1 | v.low >> 63;
        v.low <<= 1;
    }
    fraction = v.high >> 11;
    v.high &= 0x7ff;
    if (v.high > 0x400 || (v.high == 0x400 && (v.low || rest || fraction & 1)))
        fraction++;
    power += 127 + (int)(fraction >> 53);
    if (power < -1022 || power > 1023)
        return false;
    *bits = (uint64_t)(power + 1023) << 52 | (fraction >> 53 ? 0 : fraction & ~(1ull << 52));
    return true;
}

/* A decimal exponent after `letter`, if there is one, is added; false: it is none. */
static bool filter_float_exponent(struct tp_words *w, int letter, int *power)
{
    int c = tp_word_peek(w, 1), sign = c == '-' ? -1 : 1, v = 0;

    if ((tp_word_peek(w, 0) | 0x20) != letter)
        return true;
    w->at += c == '-' || c == '+' ? 2u : 1u;
    if (!tp_word_digit(tp_word_peek(w, 0)))
        return false;
    for (; tp_word_digit(tp_word_peek(w, 0)); w->at++)
        if (v < 10000)
            v = 10 * v + tp_word_peek(w, 0) - '0';
    *power += sign * v;
    return true;
}

static int filter_float_digit(int c, uint32_t base)
{
    if (tp_word_digit(c))
        return c - '0';
    c |= 0x20;
    return base == 16 && c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Digits with a point; *power: of the base, to multiply them by. False: none, or too many. */
static bool filter_float_digits(struct tp_words *w, uint32_t base, uint64_t *v, int *power)
{
    uint64_t most = base == 16 ? 1ull << 60 : 1000000000000000000u;
    bool point = false, any = false;

    *v = 0;
    *power = 0;
    for (;; w->at++) {
        int c = tp_word_peek(w, 0), digit = filter_float_digit(c, base);

        if (c == '.' && !point) {
            point = true;
            continue;
        }
        if (digit < 0)
            return any;
        any = true;
        if (*v < most)
            *v = base * *v + (uint32_t)digit;
        else if (digit)
            return false;
        else if (*power < 10000)
            ++*power;
        *power -= point;
    }
}

static bool filter_float_read(struct tp_words *w, uint64_t *bits)
{
    bool hex = tp_word_peek(w, 0) == '0' && (tp_word_peek(w, 1) | 0x20) == 'x', rest = false;
    struct float_wide v;
    uint64_t digits, five = 1;
    int power;

    w->at += hex ? 2 : 0;
    if (!filter_float_digits(w, hex ? 16 : 10, &digits, &power))
        return false;
    power *= hex ? 4 : 1;
    if (!filter_float_exponent(w, hex ? 'p' : 'e', &power))
        return false;
    if (hex)
        return filter_float_round((struct float_wide){0, digits}, false, power, bits);
    if (!digits)
        power = 0;
    if (power > FLOAT_POWER_MAX || power < -FLOAT_POWER_MAX)
        return false;
    for (int i = 0; i < (power < 0 ? -power : power); i++)
        five *= 5;
    if (power >= 0)
        return filter_float_round(filter_float_multiply(digits, five), false, power, bits);
    for (power -= 64; !(digits >> 63); power--) /* so that the quotient has 64 bits and more */
        digits <<= 1;
    v = filter_float_divide(digits, five, &rest);
    return filter_float_round(v, rest, power, bits);
}

bool tp_word_float(struct tp_words *w, int64_t *order)
{
    uint32_t start = w->at;
    bool negative = tp_word_peek(w, 0) == '-';
    uint64_t bits = FLOAT_INFINITE;

    w->at += negative;
    if (tp_word_peek(w, 0) == 'i' && tp_word_peek(w, 1) == 'n' && tp_word_peek(w, 2) == 'f')
        w->at += 3;
    else if (!filter_float_read(w, &bits))
        return tp_word_fail(w, TP_FILTER_RANGE, start,
                            "no number of at most 19 digits and 27 places: beyond that, 0x1p100");
    if (tp_word_inside(tp_word_peek(w, 0)))
        return tp_word_fail(w, TP_FILTER_SYNTAX, w->at, "unexpected after a number");
    return filter_float_order(bits | (negative ? FLOAT_SIGN : 0), false, order);
}
