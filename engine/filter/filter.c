/* SPDX-License-Identifier: MIT */
/* Filters: runs a program, matches a glob, explains an error. Knows nothing of the engine; see
 * tp/filter.h. */
#include "filter.h"
#include <tp/inner/memory.h>

/* True if the class at pattern[0] contains the byte; *bytes becomes the length of the class.
 * pattern[0] is a '[' that the pattern's last ']' or an earlier one closes. As in Linux, a ']' that
 * comes first and a '-' at an end are themselves, and there is no escape. */
static bool filter_in_class(const unsigned char *pattern, unsigned char byte, size_t *bytes)
{
    bool inverted = pattern[1] == '!' || pattern[1] == '^', found = false;
    size_t at = inverted ? 2 : 1;

    do {
        unsigned char from = pattern[at], to = from;

        if (pattern[at + 1] == '-' && pattern[at + 2] != ']') {
            to = pattern[at + 2];
            at += 2;
        }
        found |= from <= byte && byte <= to;
    } while (pattern[++at] != ']');
    *bytes = at + 1;
    return found != inverted;
}

/* True if a ']' can close the class at pattern[at]; otherwise the '[' is a byte like any other.
 * Only the pattern's last ']' is compared with, so nothing is searched twice. */
static bool filter_closed(const unsigned char *pattern, size_t at, size_t last)
{
    size_t first = at + 1;

    if (first < last && (pattern[first] == '!' || pattern[first] == '^'))
        first++;
    return first < last;
}

/* True if the element at pattern[at] matches the byte; *bytes is then its length. */
static bool filter_matches(const unsigned char *pattern, size_t at, size_t end, size_t last,
                           unsigned char byte, size_t *bytes)
{
    *bytes = 1;
    if (at == end)
        return false;
    if (pattern[at] == '?')
        return true;
    if (pattern[at] == '[' && filter_closed(pattern, at, last))
        return filter_in_class(pattern + at, byte, bytes);
    if (pattern[at] == '\\' && at + 1 < end) {
        *bytes = 2;
        at++;
    }
    return pattern[at] == byte;
}

bool tp_filter_glob(const char *pattern_text, size_t pattern_bytes, const char *text,
                    size_t text_bytes)
{
    const unsigned char *pattern = (const unsigned char *)pattern_text;
    const unsigned char *bytes = (const unsigned char *)text;
    size_t last = pattern_bytes, at = 0, i = 0, length, star = 0, from = 0;
    bool starred = false;

    while (last && pattern[last - 1] != ']')
        last--;
    last -= last > 0; /* an index; 0 closes nothing, as does no ']' */

    while (i < text_bytes) {
        if (at < pattern_bytes && pattern[at] == '*') {
            starred = true;
            star = ++at;
            from = i;
            if (at == pattern_bytes)
                return true;
        } else if (filter_matches(pattern, at, pattern_bytes, last, bytes[i], &length)) {
            at += length;
            i++;
        } else if (starred) { /* only the last * is ever made longer */
            at = star;
            i = ++from;
        } else {
            return false;
        }
    }
    while (at < pattern_bytes && pattern[at] == '*')
        at++;
    return at == pattern_bytes;
}

/* Bytes of a text: up to a NUL, or all of them. */
static uint32_t filter_length(const struct tp_filter_value *value)
{
    const char *text = value->text;
    uint32_t n = 0;

    while (n < value->text_bytes && text[n])
        n++;
    return n;
}

/* No literal contains a NUL. */
static bool filter_is_literal(const struct tp_filter_value *value, const char *literal,
                              uint32_t bytes)
{
    const char *text = value->text;

    if (value->text_bytes < bytes || (bytes && !tp_memory_same(text, literal, bytes)))
        return false;
    return value->text_bytes == bytes || !text[bytes];
}

static __attribute__((__noinline__)) bool filter_passes_text(const struct tp_filter *filter,
                                                             const struct tp_filter_op *op,
                                                             const struct tp_filter_value *value)
{
    const char *literal = (const char *)filter + op->literal_at;
    const struct tp_filter_value *text = &value[op->field], *other;
    uint32_t bytes;

    if (op->test == TP_FILTER_SAME)
        return filter_is_literal(text, literal, op->literal_bytes);
    bytes = filter_length(text);
    if (op->test == TP_FILTER_GLOB)
        return tp_filter_glob(literal, op->literal_bytes, text->text, bytes);
    other = &value[op->other];
    return filter_length(other) == bytes &&
           (!bytes || tp_memory_same(text->text, other->text, bytes));
}

/* Compares values, not bits: a negative number is below every other one. */
static bool filter_passes_field(const struct tp_filter_op *op, uint64_t left, uint64_t right)
{
    bool left_negative = (op->sides & TP_FILTER_LEFT_SIGNED) && left >> 63;
    bool right_negative = (op->sides & TP_FILTER_RIGHT_SIGNED) && right >> 63;

    if (op->test == TP_FILTER_EQUAL_FIELD)
        return left == right && left_negative == right_negative;
    if (left_negative != right_negative)
        return op->sides & TP_FILTER_TURNED ? right_negative : left_negative;
    return op->sides & TP_FILTER_TURNED ? right < left : left < right;
}

static bool filter_passes_other(const struct tp_filter *filter, const struct tp_filter_op *op,
                                const struct tp_filter_value *value)
{
    if (op->test == TP_FILTER_REAL)
        return tp_filter_float_passes(op, value);
    if (op->test >= TP_FILTER_SAME)
        return filter_passes_text(filter, op, value);
    return filter_passes_field(op, value[op->field].number & op->mask, value[op->other].number);
}

/* Runs from op `at` on, which is not a test of a number and a constant. Not inlined, so that a
 * program of those tests alone runs without a call. */
static __attribute__((__noinline__)) bool
filter_run_others(const struct tp_filter *filter, uint32_t at, const struct tp_filter_value *value)
{
    const struct tp_filter_op *op = tp_filter_ops(filter);

    while (at < TP_FILTER_REJECT) {
        at = op[at].to[filter_passes_other(filter, &op[at], value)];
        if (at < TP_FILTER_REJECT)
            at = tp_filter_numbers(filter, at, value);
    }
    return at == TP_FILTER_ACCEPT;
}

/* True if the text differs from the literal in its first byte, as most do. */
static inline bool filter_begins_otherwise(const struct tp_filter *filter,
                                           const struct tp_filter_op *op,
                                           const struct tp_filter_value *value)
{
    const struct tp_filter_value *text = &value[op->field];

    return op->test == TP_FILTER_SAME && op->literal_bytes && text->text_bytes &&
           *(const char *)text->text != ((const char *)filter)[op->literal_at];
}

/* First the tests that need no call. */
bool tp_filter_run(const struct tp_filter *filter, const struct tp_filter_value *value)
{
    const struct tp_filter_op *op = tp_filter_ops(filter);
    uint32_t at = tp_filter_numbers(filter, 0, value);

    while (at < TP_FILTER_REJECT && filter_begins_otherwise(filter, &op[at], value)) {
        at = op[at].to[0];
        if (at < TP_FILTER_REJECT)
            at = tp_filter_numbers(filter, at, value);
    }
    return at < TP_FILTER_REJECT ? filter_run_others(filter, at, value) : at == TP_FILTER_ACCEPT;
}

/* --- errors as text --- */

struct line {
    char *out;
    size_t room, at; /* at: bytes so far, with those that did not fit */
};

static void filter_put(struct line *l, char c)
{
    if (l->at + 1 < l->room)
        l->out[l->at] = c;
    l->at++;
}

static void filter_put_text(struct line *l, const char *text)
{
    while (*text)
        filter_put(l, *text++);
}

/* A column is at most TP_FILTER_TEXT_MAX. No division is used, which not every processor has. */
static void filter_put_column(struct line *l, uint32_t n)
{
    static const uint16_t units[] = {1000, 100, 10, 1};
    bool shown = false;

    for (unsigned i = 0; i < 4; i++) {
        char digit = '0';

        for (; n >= units[i] && digit < '9'; n -= units[i])
            digit++;
        shown |= digit != '0' || i == 3;
        if (shown)
            filter_put(l, digit);
    }
}

/* True for a control character of ASCII, and for U+0080 to U+009F, which are two bytes in UTF-8. */
static bool filter_is_control(const unsigned char *text, size_t i, size_t bytes)
{
    if (text[i] == 0xc2)
        return i + 1 < bytes && text[i + 1] >= 0x80 && text[i + 1] < 0xa0;
    if (text[i] >= 0x80 && text[i] < 0xa0)
        return i && text[i - 1] == 0xc2;
    return text[i] < 0x20 || text[i] == 0x7f;
}

size_t tp_filter_explain(const struct tp_filter_error *error, const char *text, size_t bytes,
                         char *out, size_t room)
{
    const unsigned char *byte = (const unsigned char *)text;
    struct line l = {out, room, 0};

    while (bytes && text[bytes - 1] == '\n') /* it ended the line, not the filter */
        bytes--;

    filter_put_text(&l, error->what);
    filter_put_text(&l, " at column ");
    filter_put_column(&l, error->column + 1);
    filter_put(&l, '\n');
    for (size_t i = 0; i < bytes; i++)
        filter_put(&l, filter_is_control(byte, i, bytes) ? '?' : text[i]);
    filter_put(&l, '\n');
    /* A character is one column wide, so its bytes after the first add no blank. */
    for (size_t i = 0; i < error->column; i++)
        if (i >= bytes || (byte[i] & 0xc0) != 0x80 || filter_is_control(byte, i, bytes))
            filter_put(&l, ' ');
    filter_put(&l, '^');
    filter_put(&l, '\n');
    if (!room)
        return 0;
    l.at = l.at < room ? l.at : room - 1;
    out[l.at] = 0;
    return l.at;
}
