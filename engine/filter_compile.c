/* SPDX-License-Identifier: MIT */
/*
 * Filters: a text becomes a program. A leaf; see tp/filter.h.
 *
 * The tests come in the order of the text. Each leaves two jumps open, which hang in two lists,
 * "passed" and "failed", until it is known what they mean: && sends what passed to the test that
 * comes next, || what failed, and ! swaps the lists. What an open parenthesis has to remember is
 * therefore two lists and how many ! are in front of it, whatever is in it: that is the stack.
 */
#include "filter.h"

void *memcpy(void *restrict to, const void *restrict from, size_t bytes);
void *memset(void *to, int byte, size_t bytes);

/* A list of jumps: the op's index times two, plus which. The next one is where the target will be;
 * the end is no target. */
#define NONE 0xfffdu

struct level {
    uint16_t passed; /* of what is in front of a || */
    uint16_t failed; /* of what is in front of a &&, since the last || */
    uint8_t nots;    /* ! in front of what comes next */
};

struct jumps {
    uint16_t passed, failed;
};

struct parser {
    const char *text;
    uint32_t bytes, at;
    const struct tp_filter_schema *schema;
    struct tp_filter_error *error;
    struct tp_filter_op *op;
    size_t room; /* for all of the program */
    uint32_t uses, ops, literal_bytes;
    uint32_t depth; /* ( and ! that are open */
    uint32_t open;  /* ( that are open: index of the level */
    struct level level[TP_FILTER_DEPTH_MAX + 1];
    char literals[TP_FILTER_LITERALS_MAX];
};

/* A field of the event or a common one. */
struct operand {
    uint8_t index; /* of its value */
    uint8_t kind;
    const struct tp_filter_field *field; /* NULL: a common one */
};

struct number {
    uint64_t bits;
    bool negative;
};

enum relation {
    ENDS, /* none: what comes does not belong to the term */
    EQUAL,
    NOT_EQUAL,
    BELOW,
    AT_MOST,
    ABOVE,
    AT_LEAST,
    LIKE,
    MASKED
};

static bool fail(struct parser *p, enum tp_filter_code code, uint32_t column, const char *what)
{
    p->error->code = code;
    p->error->column = column;
    p->error->what = what;
    return false;
}

/* --- bytes and words --- */

/* The byte, or -1 behind the end. */
static int peek(const struct parser *p, uint32_t ahead)
{
    return p->at + ahead < p->bytes ? (unsigned char)p->text[p->at + ahead] : -1;
}

static void blanks(struct parser *p)
{
    while (peek(p, 0) == ' ' || (peek(p, 0) >= '\t' && peek(p, 0) <= '\r'))
        p->at++;
}

static bool is_digit(int c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(int c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_word(int c)
{
    return is_letter(c) || is_digit(c);
}

/* What a text without quotes is made of; a glob has more. */
static bool is_bare(int c, bool glob)
{
    static const char others[] = ".-/:*?[]!^\\";

    for (unsigned i = 0; i < (glob ? 11u : 6u); i++)
        if (c == others[i])
            return true;
    return is_word(c) || c >= 0x80;
}

/* Is text[from..to) that name? */
static bool is_name(const struct parser *p, uint32_t from, uint32_t to, const char *name)
{
    for (; from < to; from++, name++)
        if (!*name || *name != p->text[from])
            return false;
    return !*name;
}

static void skip_word(struct parser *p)
{
    while (is_word(peek(p, 0)))
        p->at++;
}

/* The field that text[from..to) names. Its own come first. */
static bool find(const struct parser *p, uint32_t from, uint32_t to, struct operand *o)
{
    static const struct {
        const char *name;
        uint8_t index, kind;
    } common[] = {
        {"common_type", TP_FILTER_ID, TP_FILTER_UNSIGNED},
        {"common_flags", TP_FILTER_FLAGS, TP_FILTER_UNSIGNED},
        {"common_preempt_count", TP_FILTER_PREEMPT, TP_FILTER_UNSIGNED},
        {"common_pid", TP_FILTER_PID, TP_FILTER_SIGNED},
        {"CPU", TP_FILTER_CPU, TP_FILTER_UNSIGNED},
        {"cpu", TP_FILTER_CPU, TP_FILTER_UNSIGNED},
        {"COMM", TP_FILTER_COMM, TP_FILTER_TEXT},
        {"comm", TP_FILTER_COMM, TP_FILTER_TEXT},
    };

    for (uint32_t i = 0; i < p->schema->fields; i++)
        if (is_name(p, from, to, p->schema->field[i].name)) {
            *o = (struct operand){(uint8_t)i, p->schema->field[i].kind, &p->schema->field[i]};
            return true;
        }
    for (uint32_t i = 0; i < sizeof(common) / sizeof(common[0]); i++)
        if (is_name(p, from, to, common[i].name)) {
            *o = (struct operand){common[i].index, common[i].kind, NULL};
            return true;
        }
    return false;
}

static bool has_names(const struct operand *o)
{
    return o->field && o->field->names;
}

static bool has_flags(const struct operand *o)
{
    return has_names(o) && o->field->flags;
}

/* --- numbers --- */

static uint32_t digit_of(int c)
{
    if (is_digit(c))
        return (uint32_t)(c - '0');
    if (c >= 'a' && c <= 'f')
        return (uint32_t)(c - 'a') + 10;
    if (c >= 'A' && c <= 'F')
        return (uint32_t)(c - 'A') + 10;
    return 16;
}

static bool digits(struct parser *p, uint64_t *bits)
{
    uint32_t start = p->at, base = 10;

    if (peek(p, 0) == '0' && (peek(p, 1) == 'x' || peek(p, 1) == 'X')) {
        base = 16;
        p->at += 2;
    } else if (peek(p, 0) == '0') {
        base = 8;
    }
    *bits = 0;
    do {
        uint32_t d = digit_of(peek(p, 0));

        if (d >= base)
            return fail(p, TP_FILTER_SYNTAX, p->at, "a digit was expected");
        /* 2^64 - 1 is 1844674407370955161 times 10, and 5. */
        if (base == 16  ? *bits >> 60 != 0
            : base == 8 ? *bits >> 61 != 0
                        : *bits > 1844674407370955161u || (*bits == 1844674407370955161u && d > 5))
            return fail(p, TP_FILTER_RANGE, start, "more than 64 bits");
        *bits = *bits * base + d;
        p->at++;
    } while (is_word(peek(p, 0)));
    return true;
}

/* The byte behind a backslash, in quotes; 0 if it says nothing. */
static char escaped(int c)
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

/* 'c', with the parser at the quote. */
static bool character(struct parser *p, uint64_t *bits)
{
    uint32_t n = peek(p, 1) == '\\' ? 2 : 1;
    int c = n == 2 ? escaped(peek(p, 2)) : peek(p, 1);

    if (c <= 0 || (n == 1 && c == '\'') || peek(p, n + 1) != '\'')
        return fail(p, TP_FILTER_SYNTAX, p->at, "one character was expected in the quotes");
    *bits = (uint64_t)c;
    p->at += n + 2;
    return true;
}

/* Digits or 'c', with or without a minus. */
static bool plain_number(struct parser *p, struct number *n)
{
    uint32_t start = p->at;
    bool minus = peek(p, 0) == '-';

    p->at += minus;
    if (peek(p, 0) == '\''     ? !character(p, &n->bits)
        : is_digit(peek(p, 0)) ? !digits(p, &n->bits)
                               : !fail(p, TP_FILTER_SYNTAX, start, "a number was expected"))
        return false;
    n->negative = minus && n->bits;
    if (n->negative && n->bits > 1ull << 63)
        return fail(p, TP_FILTER_RANGE, start, "more than 64 bits");
    if (n->negative)
        n->bits = 0 - n->bits;
    return true;
}

/* A name's value as the field stores it. */
static void as_stored(const struct operand *o, int64_t value, struct number *n)
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

static bool name_value(const struct parser *p, uint32_t from, uint32_t to, const struct operand *o,
                       struct number *n)
{
    for (uint32_t i = 0; has_names(o) && i < o->field->names; i++) {
        int64_t value;
        const char *name = p->schema->name_at(o->field->table, i, &value);

        if (is_name(p, from, to, name)) {
            as_stored(o, value, n);
            return true;
        }
    }
    return false;
}

/* Sets *end to where the quote that p is at ends. */
static bool quote_end(struct parser *p, uint32_t *end)
{
    int quote = peek(p, 0);
    uint32_t ahead = 1;

    while (peek(p, ahead) >= 0 && peek(p, ahead) != quote)
        ahead += peek(p, ahead) == '\\' ? 2 : 1;
    if (peek(p, ahead) < 0)
        return fail(p, TP_FILTER_SYNTAX, p->at, "this quote does not end");
    *end = p->at + ahead;
    return true;
}

static void merge(struct number *all, const struct number *part)
{
    all->bits |= part->bits;
    all->negative |= part->negative;
}

/* "NAME", or "NAME | NAME" of flags. A name may have any bytes, | too. */
static bool quoted_names(struct parser *p, const struct operand *o, struct number *n)
{
    uint32_t from = p->at + 1, end, to;
    struct number part;

    if (!quote_end(p, &end))
        return false;
    p->at = end + 1;
    if (name_value(p, from, end, o, n))
        return true;
    *n = (struct number){0, false};
    for (;; from = to + 1) {
        uint32_t stop;

        for (to = from; to < end && !(has_flags(o) && p->text[to] == '|'); to++)
            ;
        while (from < to && p->text[from] == ' ' && has_flags(o))
            from++;
        for (stop = to; stop > from && p->text[stop - 1] == ' ' && has_flags(o);)
            stop--;
        if (!name_value(p, from, stop, o, &part))
            return fail(p, TP_FILTER_NO_NAME, from, "no such name in the field's table");
        merge(n, &part);
        if (to == end)
            return true;
    }
}

/* One number, or one name without quotes. If it is the name of a field, *other is that field, and
 * *is_field is set; NULL: no field is allowed here. */
static bool number_part(struct parser *p, const struct operand *o, struct number *n,
                        struct operand *other, bool *is_field)
{
    uint32_t start = p->at;

    if (!is_letter(peek(p, 0)))
        return plain_number(p, n);
    skip_word(p);
    if (name_value(p, start, p->at, o, n))
        return true;
    if (other && find(p, start, p->at, other)) {
        *is_field = true;
        if (other->kind > TP_FILTER_SIGNED)
            return fail(p, TP_FILTER_KIND, start, "this field is no number");
        return true;
    }
    if (has_names(o))
        return fail(p, TP_FILTER_NO_NAME, start, "no such name in the field's table");
    if (other)
        return fail(p, TP_FILTER_NO_FIELD, start, "no such field");
    return fail(p, TP_FILTER_SYNTAX, start, "a number was expected");
}

/* What a number is compared with or masked by. */
static bool number_value(struct parser *p, const struct operand *o, struct number *n,
                         struct operand *other, bool *is_field)
{
    struct number part;
    int c = peek(p, 0);

    if ((c == '"' || c == '\'') && has_names(o))
        return quoted_names(p, o, n);
    if (c == '"')
        return fail(p, TP_FILTER_KIND, p->at, "a text, but the field is a number");
    if (!number_part(p, o, n, other, is_field))
        return false;
    if (is_field && *is_field)
        return true;
    while (has_flags(o)) {
        blanks(p);
        if (peek(p, 0) != '|' || peek(p, 1) == '|')
            break;
        p->at++;
        blanks(p);
        if (!number_part(p, o, &part, NULL, NULL))
            return false;
        merge(n, &part);
    }
    return true;
}

/* --- what is emitted --- */

static bool emit(struct parser *p, uint32_t column, const struct tp_filter_op *op)
{
    if (p->ops == TP_FILTER_OPS_MAX)
        return fail(p, TP_FILTER_TOO_LONG, column, "more than 64 tests");
    if (sizeof(struct tp_filter) + (p->ops + 1) * sizeof(*op) > p->room)
        return fail(p, TP_FILTER_TOO_LONG, column, "no room for the program");
    p->op[p->ops++] = *op;
    return true;
}

static void use(struct parser *p, uint32_t index)
{
    p->uses |= 1u << index;
}

/* The jumps of the op that was emitted last. */
static void open_jumps(struct parser *p, bool turned, struct jumps *j)
{
    struct tp_filter_op *op = &p->op[p->ops - 1];
    uint32_t first = (p->ops - 1) * 2;

    op->to[0] = op->to[1] = NONE;
    j->failed = (uint16_t)(first + turned);
    j->passed = (uint16_t)(first + !turned);
}

static uint16_t *target(struct parser *p, uint32_t jump)
{
    return &p->op[jump / 2].to[jump & 1];
}

/* Both lists in one. */
static uint16_t join(struct parser *p, uint16_t a, uint16_t b)
{
    uint16_t end = b;

    if (b == NONE)
        return a;
    while (*target(p, end) != NONE)
        end = *target(p, end);
    *target(p, end) = a;
    return b;
}

static void send(struct parser *p, uint32_t list, uint32_t to)
{
    while (list != NONE) {
        uint16_t *t = target(p, list);

        list = *t;
        *t = (uint16_t)to;
    }
}

/* --- terms --- */

/* Steps over the operator at p->at. One that is of no language is said to be, where it is likely.
 */
static bool operator_at(struct parser *p, enum relation *r)
{
    int c = peek(p, 0), next = peek(p, 1);

    *r = ENDS;
    if (c == '=' && next != '=')
        return fail(p, TP_FILTER_SYNTAX, p->at, "'=' is not an operator: ==");
    if (c == '!' && next != '=')
        return fail(p, TP_FILTER_SYNTAX, p->at, "'!' is not an operator: !=");
    if (c == '=' || c == '!')
        *r = c == '=' ? EQUAL : NOT_EQUAL;
    else if (c == '<')
        *r = next == '=' ? AT_MOST : BELOW;
    else if (c == '>')
        *r = next == '=' ? AT_LEAST : ABOVE;
    else if (c == '~')
        *r = LIKE;
    else if (c == '&' && next != '&')
        *r = MASKED;
    if (*r != ENDS)
        p->at += *r == BELOW || *r == ABOVE || *r == LIKE || *r == MASKED ? 1 : 2;
    return true;
}

/* number & mask compared with a number, which both may have that the other side cannot hold. */
static bool compare_number(struct tp_filter_op *op, bool is_signed, enum relation r,
                           struct number n)
{
    bool turned = r == NOT_EQUAL || r == AT_LEAST || r == ABOVE;
    bool high = !n.negative && n.bits >> 63;

    if (r == EQUAL || r == NOT_EQUAL) {
        op->test = TP_FILTER_EQUAL;
        op->value = n.bits;
        if (is_signed ? !high : !n.negative)
            return turned;
    } else {
        bool plus = r == AT_MOST || r == ABOVE; /* a <= n is a < n + 1 */
        bool top = plus && high && n.bits + 1 == 0;

        n.bits += plus;
        high = top || (!n.negative && n.bits >> 63);
        op->test = is_signed ? TP_FILTER_BELOW_SIGNED : TP_FILTER_BELOW;
        op->value = n.bits;
        if (is_signed ? !high : !n.negative && !top)
            return turned;
        turned ^= high;
    }
    /* Never, or turned always: nothing is below 0. */
    op->test = TP_FILTER_BELOW;
    op->value = 0;
    return turned;
}

static bool compare_field(struct tp_filter_op *op, enum relation r)
{
    op->test = r == EQUAL || r == NOT_EQUAL ? TP_FILTER_EQUAL_FIELD : TP_FILTER_BELOW_FIELD;
    if (r == ABOVE || r == AT_MOST)
        op->sides |= TP_FILTER_TURNED;
    return r == NOT_EQUAL || r == AT_LEAST || r == AT_MOST;
}

/* The MASK behind FIELD &, and the operator behind that, which is at *at. */
static bool mask(struct parser *p, const struct operand *o, struct number *n, enum relation *r,
                 uint32_t *at)
{
    blanks(p);
    if (!number_value(p, o, n, NULL, NULL))
        return false;
    blanks(p);
    *at = p->at;
    if (!operator_at(p, r))
        return false;
    if (*r == MASKED)
        return fail(p, TP_FILTER_SYNTAX, *at, "'&' is not an operator here: &&");
    return true;
}

/* What is behind OP: a number or a field. */
static bool right_side(struct parser *p, const struct operand *o, bool is_signed, enum relation r,
                       struct tp_filter_op *op, bool *turned)
{
    struct operand other = {0, 0, NULL};
    struct number n = {0, false};
    bool is_field = false;

    blanks(p);
    if (!number_value(p, o, &n, &other, &is_field))
        return false;
    if (!is_field) {
        *turned = compare_number(op, is_signed, r, n);
        return true;
    }
    op->other = other.index;
    op->sides = (uint8_t)((is_signed ? TP_FILTER_LEFT_SIGNED : 0u) |
                          (other.kind == TP_FILTER_SIGNED ? TP_FILTER_RIGHT_SIGNED : 0u));
    *turned = compare_field(op, r);
    use(p, other.index);
    return true;
}

/* FIELD, FIELD & MASK, FIELD OP VALUE, FIELD & MASK OP VALUE; p is behind FIELD. */
static bool number_term(struct parser *p, uint32_t start, const struct operand *o, struct jumps *j)
{
    struct tp_filter_op op = {.test = TP_FILTER_EQUAL, .field = o->index, .mask = ~0ull};
    bool is_signed = o->kind == TP_FILTER_SIGNED, turned = true;
    struct number n;
    enum relation r;
    uint32_t at = p->at;

    if (!operator_at(p, &r))
        return false;
    if (r == MASKED) {
        if (!mask(p, o, &n, &r, &at))
            return false;
        op.mask = n.bits;
        is_signed = is_signed && n.negative;
    }
    if (r == LIKE)
        return fail(p, TP_FILTER_KIND, at, "~ is for texts, and the field is a number");
    if (r != ENDS && !right_side(p, o, is_signed, r, &op, &turned)) /* ENDS: it is not 0 */
        return false;
    use(p, o->index);
    if (!emit(p, start, &op))
        return false;
    open_jumps(p, turned, j);
    return true;
}

static bool add_byte(struct parser *p, uint32_t start, char c)
{
    if (p->literal_bytes == TP_FILTER_LITERALS_MAX)
        return fail(p, TP_FILTER_TOO_LONG, start, "more than 512 bytes of texts");
    p->literals[p->literal_bytes++] = c;
    return true;
}

/* "..." or '...', with p at the quote. A glob keeps the backslashes that are its own. */
static bool quoted_text(struct parser *p, bool glob)
{
    uint32_t start = p->at, end;

    if (!quote_end(p, &end))
        return false;
    for (p->at++; p->at < end; p->at++) {
        char c = p->text[p->at];

        if (c == '\\') {
            char e = escaped(peek(p, 1));

            if ((!e || (glob && e == '\\')) && !add_byte(p, start, c))
                return false;
            c = e ? e : p->text[p->at + 1];
            p->at++;
        }
        if (!c)
            return fail(p, TP_FILTER_SYNTAX, p->at, "a NUL in a text");
        if (!add_byte(p, start, c))
            return false;
    }
    p->at = end + 1;
    return true;
}

/* A text without quotes; a glob's \ has the next byte with it, whatever that is. */
static bool bare_text(struct parser *p, bool glob)
{
    uint32_t start = p->at;

    while (is_bare(peek(p, 0), glob)) {
        if (peek(p, 0) == '\\' && peek(p, 1) > 0) {
            if (!add_byte(p, start, '\\'))
                return false;
            p->at++;
        }
        if (!add_byte(p, start, p->text[p->at]))
            return false;
        p->at++;
    }
    if (p->at == start)
        return fail(p, TP_FILTER_SYNTAX, start, "a text was expected");
    return true;
}

/* The field that the bare word at p is the name of, if it is; then p is behind it. */
static bool word_field(struct parser *p, struct operand *other)
{
    uint32_t start = p->at;

    skip_word(p);
    if (!is_bare(peek(p, 0), false) && find(p, start, p->at, other))
        return true;
    p->at = start;
    return false;
}

/* TEXT == VALUE, and so on; p is behind TEXT. */
static bool text_term(struct parser *p, uint32_t start, const struct operand *o, struct jumps *j)
{
    struct tp_filter_op op = {.test = TP_FILTER_SAME, .field = o->index};
    uint32_t at = p->at;
    struct operand other;
    enum relation r;

    if (!operator_at(p, &r))
        return false;
    if (r == ENDS)
        return fail(p, TP_FILTER_KIND, start, "a text needs ==, != or ~");
    if (r != EQUAL && r != NOT_EQUAL && r != LIKE)
        return fail(p, TP_FILTER_KIND, at, "a text has ==, != and ~ only");
    blanks(p);
    at = p->at;
    op.literal_at = p->literal_bytes;
    if (peek(p, 0) == '"' || peek(p, 0) == '\'') {
        if (!quoted_text(p, r == LIKE))
            return false;
    } else if (r != LIKE && word_field(p, &other)) {
        if (other.kind != TP_FILTER_TEXT)
            return fail(p, TP_FILTER_KIND, at, "this field is no text; quotes make it one");
        op.test = TP_FILTER_SAME_FIELD;
        op.other = other.index;
        use(p, other.index);
    } else if (!bare_text(p, r == LIKE)) {
        return false;
    }
    op.literal_bytes = p->literal_bytes - op.literal_at;
    if (r == LIKE)
        op.test = TP_FILTER_GLOB;
    use(p, o->index);
    if (!emit(p, start, &op))
        return false;
    open_jumps(p, r == NOT_EQUAL, j);
    return true;
}

static bool term(struct parser *p, struct jumps *j)
{
    uint32_t start = p->at;
    struct operand o;

    if (!is_letter(peek(p, 0)))
        return fail(p, TP_FILTER_SYNTAX, start, "a field was expected");
    skip_word(p);
    if (!find(p, start, p->at, &o))
        return fail(p, TP_FILTER_NO_FIELD, start, "no such field");
    if (o.kind == TP_FILTER_OPAQUE)
        return fail(p, TP_FILTER_KIND, start, "bytes and arrays cannot be asked for");
    blanks(p);
    return o.kind == TP_FILTER_TEXT ? text_term(p, start, &o, j) : number_term(p, start, &o, j);
}

/* --- all of it --- */

static void begin_level(struct parser *p)
{
    p->level[p->open] = (struct level){NONE, NONE, 0};
}

/* Any ! and ( in front of a term. */
static bool prefixes(struct parser *p)
{
    for (;; p->at++) {
        int c;

        blanks(p);
        c = peek(p, 0);
        if (c != '!' && c != '(')
            return true;
        if (p->depth == TP_FILTER_DEPTH_MAX)
            return fail(p, TP_FILTER_TOO_DEEP, p->at, "more than 32 ( and ! inside each other");
        p->depth++;
        if (c == '!') {
            p->level[p->open].nots++;
        } else {
            p->open++;
            begin_level(p);
        }
    }
}

/* The ! in front of what has just ended. */
static void apply_nots(struct parser *p, struct jumps *j)
{
    struct level *l = &p->level[p->open];

    if (l->nots & 1)
        *j = (struct jumps){.passed = j->failed, .failed = j->passed};
    p->depth -= l->nots;
    l->nots = 0;
}

/* All of a level: what it is when `last` is its last operand. */
static void end_level(struct parser *p, struct jumps *last)
{
    struct level *l = &p->level[p->open];

    last->passed = join(p, l->passed, last->passed);
    last->failed = join(p, l->failed, last->failed);
}

/* Any ) behind an operand. */
static bool suffixes(struct parser *p, struct jumps *j)
{
    for (;; p->at++) {
        blanks(p);
        if (peek(p, 0) != ')')
            return true;
        if (!p->open)
            return fail(p, TP_FILTER_SYNTAX, p->at, "a ) without a (");
        end_level(p, j);
        p->open--;
        p->depth--;
        apply_nots(p, j);
    }
}

/* && or || behind the operand `left`. */
static bool junction(struct parser *p, struct jumps *left)
{
    struct level *l = &p->level[p->open];
    int c = peek(p, 0);

    if (c != '&' && c != '|')
        return fail(p, TP_FILTER_SYNTAX, p->at, "an operator was expected");
    if (peek(p, 1) != c)
        return fail(p, TP_FILTER_SYNTAX, p->at,
                    c == '&' ? "'&' is not an operator here: &&" : "'|' is not an operator: ||");
    p->at += 2;
    if (c == '&') {
        send(p, left->passed, p->ops);
        l->failed = join(p, l->failed, left->failed);
    } else {
        send(p, join(p, l->failed, left->failed), p->ops);
        l->failed = NONE;
        l->passed = join(p, l->passed, left->passed);
    }
    return true;
}

static bool expression(struct parser *p)
{
    struct jumps j;

    begin_level(p);
    for (;;) {
        if (!prefixes(p) || !term(p, &j))
            return false;
        apply_nots(p, &j);
        if (!suffixes(p, &j))
            return false;
        if (p->at == p->bytes)
            break;
        if (!junction(p, &j))
            return false;
    }
    if (p->open)
        return fail(p, TP_FILTER_SYNTAX, p->at, "a ) is missing");
    end_level(p, &j);
    send(p, j.passed, TP_FILTER_ACCEPT);
    send(p, j.failed, TP_FILTER_REJECT);
    return true;
}

/* The literals behind the ops, with NULs up to a multiple of 8. */
static bool finish(struct parser *p, struct tp_filter *out)
{
    uint32_t at = (uint32_t)(sizeof(*out) + p->ops * sizeof(*p->op));
    uint32_t bytes = (at + p->literal_bytes + 7) & ~7u;

    if (bytes > p->room)
        return fail(p, TP_FILTER_TOO_LONG, p->bytes, "no room for the program");
    for (uint32_t i = 0; i < p->ops; i++)
        if (p->op[i].test == TP_FILTER_SAME || p->op[i].test == TP_FILTER_GLOB)
            p->op[i].literal_at += at;
    memset((char *)out + at, 0, bytes - at);
    memcpy((char *)out + at, p->literals, p->literal_bytes);
    *out = (struct tp_filter){
        .bytes = bytes, .uses = p->uses, .ops = (uint16_t)p->ops, .literals_at = (uint16_t)at};
    return true;
}

long tp_filter_compile(struct tp_filter *out, size_t room, const char *text, size_t bytes,
                       const struct tp_filter_schema *schema, struct tp_filter_error *error)
{
    struct parser p; /* not cleared: its literals are large, and written before they are read */

    p.text = text;
    p.bytes = (uint32_t)bytes;
    p.at = 0;
    p.schema = schema;
    p.error = error;
    p.op = (struct tp_filter_op *)(out + 1);
    p.room = room;
    p.uses = p.ops = p.literal_bytes = p.depth = p.open = 0;

    if (bytes > TP_FILTER_TEXT_MAX) {
        fail(&p, TP_FILTER_TOO_LONG, TP_FILTER_TEXT_MAX, "more than 1023 bytes");
        return error->code;
    }
    blanks(&p);
    if (p.at == p.bytes) {
        fail(&p, TP_FILTER_EMPTY, 0, "the filter is empty");
        return error->code;
    }
    if (!expression(&p) || !finish(&p, out))
        return error->code;
    return (long)out->bytes;
}
