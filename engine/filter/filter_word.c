/* SPDX-License-Identifier: MIT */
/* The words of a filter's text: fields, numbers, names, texts, operators. See filter_word.h. */
#include "filter_word.h"

/* --- bytes and words --- */

/* True for a byte of a text without quotes; a glob has more of them. */
static bool filter_word_is_bare(int c, bool glob)
{
    static const char others[] = ".-/:*?[]!^\\";

    for (unsigned i = 0; i < (glob ? 11u : 6u); i++)
        if (c == others[i])
            return true;
    return tp_word_inside(c) || c >= 0x80;
}

/* True if text[from..to) is that name. */
static bool filter_word_is_name(const struct tp_words *w, uint32_t from, uint32_t to,
                                const char *name)
{
    for (; from < to; from++, name++)
        if (!*name || *name != w->text[from])
            return false;
    return !*name;
}

bool tp_word_find(const struct tp_words *w, uint32_t from, uint32_t to, struct tp_operand *o)
{
    static const struct {
        const char *name;
        uint8_t index, kind;
    } common[] = {
        {"common_type", TP_FILTER_ID, TP_FILTER_UNSIGNED},
        {"common_flags", TP_FILTER_FLAGS, TP_FILTER_UNSIGNED},
        {"common_preempt_count", TP_FILTER_PREEMPT, TP_FILTER_UNSIGNED},
        {"common_pid", TP_FILTER_PID, TP_FILTER_SIGNED},
        {"common_cpu", TP_FILTER_CPU, TP_FILTER_UNSIGNED},
        {"common_comm", TP_FILTER_COMM, TP_FILTER_TEXT},
        {"CPU", TP_FILTER_CPU, TP_FILTER_UNSIGNED},
        {"cpu", TP_FILTER_CPU, TP_FILTER_UNSIGNED},
        {"COMM", TP_FILTER_COMM, TP_FILTER_TEXT},
        {"comm", TP_FILTER_COMM, TP_FILTER_TEXT},
    };

    for (uint32_t i = 0; i < w->schema->fields; i++)
        if (filter_word_is_name(w, from, to, w->schema->field[i].name)) {
            *o = (struct tp_operand){(uint8_t)i, w->schema->field[i].kind, &w->schema->field[i]};
            return true;
        }
    for (uint32_t i = 0; i < sizeof(common) / sizeof(common[0]); i++)
        if (filter_word_is_name(w, from, to, common[i].name)) {
            *o = (struct tp_operand){common[i].index, common[i].kind, NULL};
            return true;
        }
    return false;
}

static bool filter_word_has_names(const struct tp_operand *o)
{
    return o->field && o->field->names;
}

static bool filter_word_has_flags(const struct tp_operand *o)
{
    return filter_word_has_names(o) && o->field->flags;
}

/* --- numbers --- */

static uint32_t filter_word_digit_of(int c)
{
    if (tp_word_digit(c))
        return (uint32_t)(c - '0');
    if (c >= 'a' && c <= 'f')
        return (uint32_t)(c - 'a') + 10;
    if (c >= 'A' && c <= 'F')
        return (uint32_t)(c - 'A') + 10;
    return 16;
}

static bool filter_word_digits(struct tp_words *w, uint64_t *bits)
{
    uint32_t start = w->at, base = 10;

    if (tp_word_peek(w, 0) == '0' && (tp_word_peek(w, 1) == 'x' || tp_word_peek(w, 1) == 'X')) {
        base = 16;
        w->at += 2;
    } else if (tp_word_peek(w, 0) == '0') {
        base = 8;
    }
    *bits = 0;
    do {
        uint32_t d = filter_word_digit_of(tp_word_peek(w, 0));

        if (d >= base)
            return tp_word_fail(w, TP_FILTER_SYNTAX, w->at, "a digit was expected");
        /* 2^64 - 1 is 1844674407370955161 times 10, plus 5. */
        if (base == 16  ? *bits >> 60 != 0
            : base == 8 ? *bits >> 61 != 0
                        : *bits > 1844674407370955161u || (*bits == 1844674407370955161u && d > 5))
            return tp_word_fail(w, TP_FILTER_RANGE, start, "more than 64 bits");
        *bits = *bits * base + d;
        w->at++;
    } while (tp_word_inside(tp_word_peek(w, 0)));
    return true;
}

/* The byte that a backslash and c mean in quotes; 0 if the backslash is a byte like any other. */
static char filter_word_escaped(int c)
{
    switch (c) {
    case 'n':
        return '\n';
    case 't':
        return '\t';
    case '"':
    case '\'':
    case '\\':
        return (char)c;
    default:
        return 0;
    }
}

/* 'c', with w at the quote. */
static bool filter_word_character(struct tp_words *w, uint64_t *bits)
{
    uint32_t n = tp_word_peek(w, 1) == '\\' ? 2 : 1;
    int c = n == 2 ? filter_word_escaped(tp_word_peek(w, 2)) : tp_word_peek(w, 1);

    if (c <= 0 || (n == 1 && c == '\'') || tp_word_peek(w, n + 1) != '\'')
        return tp_word_fail(w, TP_FILTER_SYNTAX, w->at, "one character was expected in the quotes");
    *bits = (uint64_t)c;
    w->at += n + 2;
    return true;
}

/* Digits or 'c', with or without a minus. */
static bool filter_word_plain_number(struct tp_words *w, struct tp_number *n)
{
    uint32_t start = w->at;
    bool minus = tp_word_peek(w, 0) == '-';

    w->at += minus;
    if (tp_word_peek(w, 0) == '\'' ? !filter_word_character(w, &n->bits)
        : tp_word_digit(tp_word_peek(w, 0))
            ? !filter_word_digits(w, &n->bits)
            : !tp_word_fail(w, TP_FILTER_SYNTAX, start, "a number was expected"))
        return false;
    n->negative = minus && n->bits;
    if (n->negative && n->bits > 1ull << 63)
        return tp_word_fail(w, TP_FILTER_RANGE, start, "more than 64 bits");
    if (n->negative)
        n->bits = 0 - n->bits;
    return true;
}

/* A name's value as the field stores it. */
static void filter_word_as_stored(const struct tp_operand *o, int64_t value, struct tp_number *n)
{
    n->bits = (uint64_t)value;
    if (o->kind == TP_FILTER_SIGNED) {
        if (o->field->bytes == 1)
            n->bits = (uint64_t)(int8_t)value;
        else if (o->field->bytes == 2)
            n->bits = (uint64_t)(int16_t)value;
        else if (o->field->bytes == 4)
            n->bits = (uint64_t)(int32_t)value;
        n->negative = n->bits >> 63;
    } else {
        if (o->field->bytes == 1)
            n->bits = (uint8_t)value;
        else if (o->field->bytes == 2)
            n->bits = (uint16_t)value;
        else if (o->field->bytes == 4)
            n->bits = (uint32_t)value;
        n->negative = false;
    }
}

static bool filter_word_name_value(const struct tp_words *w, uint32_t from, uint32_t to,
                                   const struct tp_operand *o, struct tp_number *n)
{
    for (uint32_t i = 0; filter_word_has_names(o) && i < o->field->names; i++) {
        int64_t value;
        const char *name = w->schema->name_at(o->field->table, i, &value);

        if (filter_word_is_name(w, from, to, name)) {
            filter_word_as_stored(o, value, n);
            return true;
        }
    }
    return false;
}

/* Sets *end to the quote that closes the one at w. */
static bool filter_word_quote_end(struct tp_words *w, uint32_t *end)
{
    int quote = tp_word_peek(w, 0);
    uint32_t ahead = 1;

    while (tp_word_peek(w, ahead) >= 0 && tp_word_peek(w, ahead) != quote)
        ahead += tp_word_peek(w, ahead) == '\\' ? 2 : 1;
    if (tp_word_peek(w, ahead) < 0)
        return tp_word_fail(w, TP_FILTER_SYNTAX, w->at, "this quote does not end");
    *end = w->at + ahead;
    return true;
}

static void filter_word_merge(struct tp_number *all, const struct tp_number *part)
{
    all->bits |= part->bits;
    all->negative |= part->negative;
}

/* "NAME", or "NAME | NAME" of flags. A name may contain any byte, | too. */
static bool filter_word_quoted_names(struct tp_words *w, const struct tp_operand *o,
                                     struct tp_number *n)
{
    uint32_t from = w->at + 1, end, to;
    struct tp_number part;

    if (!filter_word_quote_end(w, &end))
        return false;
    w->at = end + 1;
    if (filter_word_name_value(w, from, end, o, n))
        return true;
    *n = (struct tp_number){0, false};
    for (;; from = to + 1) {
        uint32_t stop;

        for (to = from; to < end && !(filter_word_has_flags(o) && w->text[to] == '|'); to++)
            ;
        while (from < to && w->text[from] == ' ' && filter_word_has_flags(o))
            from++;
        for (stop = to; stop > from && w->text[stop - 1] == ' ' && filter_word_has_flags(o);)
            stop--;
        if (!filter_word_name_value(w, from, stop, o, &part))
            return tp_word_fail(w, TP_FILTER_NO_NAME, from, "no such name in the field's table");
        filter_word_merge(n, &part);
        if (to == end)
            return true;
    }
}

/* One number, or one name without quotes. If it is the name of a field, *other is that field, and
 * *is_field is set; with NULL no field is allowed. */
static bool filter_word_number_part(struct tp_words *w, const struct tp_operand *o,
                                    struct tp_number *n, struct tp_operand *other, bool *is_field)
{
    uint32_t start = w->at;

    if (!tp_word_letter(tp_word_peek(w, 0)))
        return filter_word_plain_number(w, n);
    tp_word_skip(w);
    if (filter_word_name_value(w, start, w->at, o, n))
        return true;
    if (other && tp_word_find(w, start, w->at, other)) {
        *is_field = true;
        if (other->kind > TP_FILTER_SIGNED)
            return tp_word_fail(w, TP_FILTER_KIND, start, "this field is not a number");
        return true;
    }
    if (filter_word_has_names(o))
        return tp_word_fail(w, TP_FILTER_NO_NAME, start, "no such name in the field's table");
    if (other)
        return tp_word_fail(w, TP_FILTER_NO_FIELD, start, "no such field");
    return tp_word_fail(w, TP_FILTER_SYNTAX, start, "a number was expected");
}

bool tp_word_number(struct tp_words *w, const struct tp_operand *o, struct tp_number *n,
                    struct tp_operand *other, bool *is_field)
{
    struct tp_number part;
    int c = tp_word_peek(w, 0);

    if ((c == '"' || c == '\'') && filter_word_has_names(o))
        return filter_word_quoted_names(w, o, n);
    if (c == '"')
        return tp_word_fail(w, TP_FILTER_KIND, w->at, "a text, but the field is a number");
    if (!filter_word_number_part(w, o, n, other, is_field))
        return false;
    if (is_field && *is_field)
        return true;
    while (filter_word_has_flags(o)) {
        tp_word_blanks(w);
        if (tp_word_peek(w, 0) != '|' || tp_word_peek(w, 1) == '|')
            break;
        w->at++;
        tp_word_blanks(w);
        if (!filter_word_number_part(w, o, &part, NULL, NULL))
            return false;
        filter_word_merge(n, &part);
    }
    return true;
}

/* --- operators --- */

/* Skips the operator at w->at. Operators that are not in the language but likely have errors of
 * their own. */
bool tp_word_operator(struct tp_words *w, enum tp_relation *r)
{
    int c = tp_word_peek(w, 0), next = tp_word_peek(w, 1);

    *r = TP_REL_ENDS;
    if (c == '=' && next != '=')
        return tp_word_fail(w, TP_FILTER_SYNTAX, w->at, "'=' is not an operator: use ==");
    if (c == '!' && next != '=')
        return tp_word_fail(w, TP_FILTER_SYNTAX, w->at, "'!' is not an operator: use !=");
    if (c == '=' || c == '!')
        *r = c == '=' ? TP_REL_EQUAL : TP_REL_NOT_EQUAL;
    else if (c == '<')
        *r = next == '=' ? TP_REL_AT_MOST : TP_REL_BELOW;
    else if (c == '>')
        *r = next == '=' ? TP_REL_AT_LEAST : TP_REL_ABOVE;
    else if (c == '~')
        *r = TP_REL_LIKE;
    else if (c == '&' && next != '&')
        *r = TP_REL_MASKED;
    if (*r == TP_REL_BELOW || *r == TP_REL_ABOVE || *r == TP_REL_LIKE || *r == TP_REL_MASKED)
        w->at++;
    else if (*r != TP_REL_ENDS)
        w->at += 2;
    return true;
}

/* --- texts --- */

static bool filter_word_add_byte(struct tp_words *w, uint32_t start, char c)
{
    if (w->literal_bytes == TP_FILTER_LITERALS_MAX)
        return tp_word_fail(w, TP_FILTER_TOO_LONG, start, "more than 512 bytes of texts");
    if (w->literal_bytes >= w->literal_room)
        return tp_word_no_room(w, start);
    w->literals[w->literal_bytes++] = c;
    return true;
}

/* "..." or '...', with w at the quote. A glob keeps the backslashes that are part of it. */
bool tp_word_quoted(struct tp_words *w, bool glob)
{
    uint32_t start = w->at, end;

    if (!filter_word_quote_end(w, &end))
        return false;
    for (w->at++; w->at < end; w->at++) {
        char c = w->text[w->at];

        if (c == '\\') {
            char e = filter_word_escaped(tp_word_peek(w, 1));

            if ((!e || (glob && e == '\\')) && !filter_word_add_byte(w, start, c))
                return false;
            c = e ? e : w->text[w->at + 1];
            w->at++;
        }
        if (!c)
            return tp_word_fail(w, TP_FILTER_SYNTAX, w->at, "a NUL in a text");
        if (!filter_word_add_byte(w, start, c))
            return false;
    }
    w->at = end + 1;
    return true;
}

/* A text without quotes. In a glob \ takes the next byte with it, whatever that is. */
bool tp_word_bare(struct tp_words *w, bool glob)
{
    uint32_t start = w->at;

    while (filter_word_is_bare(tp_word_peek(w, 0), glob)) {
        if (tp_word_peek(w, 0) == '\\' && tp_word_peek(w, 1) > 0) {
            if (!filter_word_add_byte(w, start, '\\'))
                return false;
            w->at++;
        }
        if (!filter_word_add_byte(w, start, w->text[w->at]))
            return false;
        w->at++;
    }
    if (w->at == start)
        return tp_word_fail(w, TP_FILTER_SYNTAX, start, "a text was expected");
    return true;
}

/* The field that the bare word at w names, if it names one; then w is after it. */
bool tp_word_field(struct tp_words *w, struct tp_operand *other)
{
    uint32_t start = w->at;

    tp_word_skip(w);
    if (!filter_word_is_bare(tp_word_peek(w, 0), false) && tp_word_find(w, start, w->at, other))
        return true;
    w->at = start;
    return false;
}
