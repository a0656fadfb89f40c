/* SPDX-License-Identifier: MIT */
/*
 * Filters: compiles a text into a program. Knows nothing of the engine; see tp/filter.h. The
 * words of the text are read in filter_word.c.
 *
 * The tests are in the order of the text. Each one leaves two jumps open, which are kept in two
 * lists, "passed" and "failed", until their target is known: && sends what passed to the test
 * that comes next, || what failed, and ! exchanges the lists. So all that an open parenthesis has
 * to remember, whatever it contains, is two lists and how many ! come before it: that is the
 * stack.
 *
 * The texts are stored after the last test, where they belong in the end, and move up when
 * another test is added, so the program is the only memory that compiling takes.
 */
#include "filter.h"
#include "filter_word.h"
#include <tp/inner/memory.h>

/* A jump is the op's index times two, plus which of its jumps it is. In a list the target of each
 * jump holds the next jump, and that of the last one NONE. A jump is a byte, since levels are on
 * the stack. */
#define NONE 0xffu
_Static_assert(2 * TP_FILTER_OPS_MAX <= NONE, "jumps are bytes");
_Static_assert(TP_FILTER_DEPTH_MAX <= 0xff, "nots is a byte");

struct level {
    uint8_t passed; /* of what comes before a || */
    uint8_t failed; /* of what comes before a &&, since the last || */
    uint8_t nots;   /* ! before what comes next */
};

struct jumps {
    uint8_t passed, failed;
};

struct parser {
    struct tp_words words;
    struct tp_filter_op *op;
    uint32_t uses, ops;
    uint32_t depth; /* ( and ! that are open */
    uint32_t open;  /* ( that are open: index of the level */
    struct level level[TP_FILTER_DEPTH_MAX + 1];
};

/* --- what is emitted --- */

/* Moves the texts up, to make room for a test. */
static void filter_compile_move_texts(struct tp_words *w, uint32_t bytes)
{
    for (uint32_t i = w->literal_bytes; i-- > 0;)
        w->literals[i + bytes] = w->literals[i];
    w->literals += bytes;
    w->literal_room -= bytes;
}

static bool filter_compile_emit(struct parser *p, uint32_t column, const struct tp_filter_op *op)
{
    if (p->ops == TP_FILTER_OPS_MAX)
        return tp_word_fail(&p->words, TP_FILTER_TOO_LONG, column, "more than 64 tests");
    if (p->words.literal_bytes + sizeof(*op) > p->words.literal_room)
        return tp_word_no_room(&p->words, column);
    filter_compile_move_texts(&p->words, sizeof(*op));
    p->op[p->ops++] = *op;
    return true;
}

static void filter_compile_use(struct parser *p, uint32_t index)
{
    p->uses |= 1u << index;
}

/* Leaves the jumps of the last op open. */
static void filter_compile_open_jumps(struct parser *p, bool turned, struct jumps *j)
{
    struct tp_filter_op *op = &p->op[p->ops - 1];
    uint32_t first = (p->ops - 1) * 2;

    op->to[0] = op->to[1] = NONE;
    j->failed = (uint8_t)(first + turned);
    j->passed = (uint8_t)(first + !turned);
}

static uint16_t *filter_compile_target(struct parser *p, uint32_t jump)
{
    return &p->op[jump / 2].to[jump & 1];
}

/* Joins two lists into one. */
static uint8_t filter_compile_join(struct parser *p, uint8_t a, uint8_t b)
{
    uint32_t end = b;

    if (b == NONE)
        return a;
    while (*filter_compile_target(p, end) != NONE)
        end = *filter_compile_target(p, end);
    *filter_compile_target(p, end) = a;
    return b;
}

static void filter_compile_send(struct parser *p, uint32_t list, uint32_t to)
{
    while (list != NONE) {
        uint16_t *t = filter_compile_target(p, list);

        list = *t;
        *t = (uint16_t)to;
    }
}

/* --- terms --- */

/* Compares number & mask with a constant. Each side may have values that the other cannot hold.
 * True: the jumps are exchanged. */
static bool filter_compile_compare_number(struct tp_filter_op *op, bool is_signed,
                                          enum tp_relation r, struct tp_number n)
{
    bool turned = r == TP_REL_NOT_EQUAL || r == TP_REL_AT_LEAST || r == TP_REL_ABOVE;
    bool high = !n.negative && n.bits >> 63;

    if (r == TP_REL_EQUAL || r == TP_REL_NOT_EQUAL) {
        op->test = TP_FILTER_EQUAL;
        op->value = n.bits;
        if (is_signed ? !high : !n.negative)
            return turned;
    } else {
        bool plus = r == TP_REL_AT_MOST || r == TP_REL_ABOVE; /* a <= n is a < n + 1 */
        bool top = plus && high && n.bits + 1 == 0;

        n.bits += plus;
        high = top || (!n.negative && n.bits >> 63);
        op->test = is_signed ? TP_FILTER_BELOW_SIGNED : TP_FILTER_BELOW;
        op->value = n.bits;
        if (is_signed ? !high : !n.negative && !top)
            return turned;
        turned ^= high;
    }
    /* The answer is always the same, since nothing is below 0. */
    op->test = TP_FILTER_BELOW;
    op->value = 0;
    return turned;
}

static bool filter_compile_compare_field(struct tp_filter_op *op, enum tp_relation r)
{
    op->test = r == TP_REL_EQUAL || r == TP_REL_NOT_EQUAL ? TP_FILTER_EQUAL_FIELD
                                                          : TP_FILTER_BELOW_FIELD;
    if (r == TP_REL_ABOVE || r == TP_REL_AT_MOST)
        op->sides |= TP_FILTER_TURNED;
    return r == TP_REL_NOT_EQUAL || r == TP_REL_AT_LEAST || r == TP_REL_AT_MOST;
}

/* The MASK after FIELD &, and the operator after that, which is at *at. */
static bool filter_compile_mask(struct parser *p, const struct tp_operand *o, struct tp_number *n,
                                enum tp_relation *r, uint32_t *at)
{
    tp_word_blanks(&p->words);
    if (!tp_word_number(&p->words, o, n, NULL, NULL))
        return false;
    tp_word_blanks(&p->words);
    *at = p->words.at;
    if (!tp_word_operator(&p->words, r))
        return false;
    if (*r == TP_REL_MASKED)
        return tp_word_fail(&p->words, TP_FILTER_SYNTAX, *at,
                            "'&' is not an operator here: use &&");
    return true;
}

/* What comes after OP: a number or a field. */
static bool filter_compile_right_side(struct parser *p, const struct tp_operand *o, bool is_signed,
                                      enum tp_relation r, struct tp_filter_op *op, bool *turned)
{
    struct tp_operand other = {0, 0, NULL};
    struct tp_number n = {0, false};
    bool is_field = false;

    tp_word_blanks(&p->words);
    if (!tp_word_number(&p->words, o, &n, &other, &is_field))
        return false;
    if (!is_field) {
        *turned = filter_compile_compare_number(op, is_signed, r, n);
        return true;
    }
    op->other = other.index;
    op->sides = (uint8_t)((is_signed ? TP_FILTER_LEFT_SIGNED : 0u) |
                          (other.kind == TP_FILTER_SIGNED ? TP_FILTER_RIGHT_SIGNED : 0u));
    *turned = filter_compile_compare_field(op, r);
    filter_compile_use(p, other.index);
    return true;
}

/* FIELD, FIELD & MASK, FIELD OP VALUE, FIELD & MASK OP VALUE; p is after FIELD. */
static bool filter_compile_number_term(struct parser *p, uint32_t start, const struct tp_operand *o,
                                       struct jumps *j)
{
    struct tp_filter_op op = {.test = TP_FILTER_EQUAL, .field = o->index, .mask = ~0ull};
    bool is_signed = o->kind == TP_FILTER_SIGNED, turned = true;
    struct tp_number n;
    enum tp_relation r;
    uint32_t at = p->words.at;

    if (!tp_word_operator(&p->words, &r))
        return false;
    if (r == TP_REL_MASKED) {
        if (!filter_compile_mask(p, o, &n, &r, &at))
            return false;
        op.mask = n.bits;
        is_signed = is_signed && n.negative;
    }
    if (r == TP_REL_LIKE)
        return tp_word_fail(&p->words, TP_FILTER_KIND, at,
                            "~ is for texts, and the field is a number");
    if (r != TP_REL_ENDS &&
        !filter_compile_right_side(p, o, is_signed, r, &op, &turned)) /* TP_REL_ENDS: is it not 0 */
        return false;
    filter_compile_use(p, o->index);
    if (!filter_compile_emit(p, start, &op))
        return false;
    filter_compile_open_jumps(p, turned, j);
    return true;
}

/* FIELD of f32 or f64 OP VALUE or FIELD; p is after FIELD. */
static bool filter_compile_float_term(struct parser *p, uint32_t start, const struct tp_operand *o,
                                      struct jumps *j)
{
    struct tp_filter_op op = {.test = TP_FILTER_REAL, .field = o->index};
    bool turned = true; /* TP_REL_ENDS: is it not 0 */
    uint32_t at = p->words.at;
    struct tp_operand other;
    enum tp_relation r;
    int64_t order = 0;

    if (!tp_word_operator(&p->words, &r))
        return false;
    if (r == TP_REL_LIKE || r == TP_REL_MASKED)
        return tp_word_fail(&p->words, TP_FILTER_KIND, at,
                            "this number has == != < <= > and >= only");
    op.sides = o->field->bytes == 4 ? TP_FILTER_LEFT_F32 : 0;
    tp_word_blanks(&p->words);
    at = p->words.at;
    if (r != TP_REL_ENDS && tp_word_field(&p->words, &other)) {
        if (other.kind != TP_FILTER_FLOAT)
            return tp_word_fail(&p->words, TP_FILTER_KIND, at, "this field is no f32 or f64");
        op.other = other.index;
        op.sides |= TP_FILTER_WITH_FIELD | (other.field->bytes == 4 ? TP_FILTER_RIGHT_F32 : 0);
        filter_compile_use(p, other.index);
    } else if (r != TP_REL_ENDS && !tp_word_float(&p->words, &order)) {
        return false;
    }
    op.value = (uint64_t)order;
    if (r != TP_REL_ENDS)
        turned = r == TP_REL_NOT_EQUAL || r == TP_REL_AT_LEAST || r == TP_REL_AT_MOST;
    if (r != TP_REL_ENDS && r != TP_REL_EQUAL && r != TP_REL_NOT_EQUAL)
        op.sides |= TP_FILTER_IS_BELOW;
    if (r == TP_REL_ABOVE || r == TP_REL_AT_MOST)
        op.sides |= TP_FILTER_TURNED;
    if (turned)
        op.sides |= TP_FILTER_EXCHANGED;
    filter_compile_use(p, o->index);
    if (!filter_compile_emit(p, start, &op))
        return false;
    filter_compile_open_jumps(p, turned, j);
    return true;
}

/* TEXT == VALUE, and so on; p is after TEXT. */
static bool filter_compile_text_term(struct parser *p, uint32_t start, const struct tp_operand *o,
                                     struct jumps *j)
{
    struct tp_filter_op op = {.test = TP_FILTER_SAME, .field = o->index};
    uint32_t at = p->words.at;
    struct tp_operand other;
    enum tp_relation r;

    if (!tp_word_operator(&p->words, &r))
        return false;
    if (r == TP_REL_ENDS)
        return tp_word_fail(&p->words, TP_FILTER_KIND, start, "a text needs ==, != or ~");
    if (r != TP_REL_EQUAL && r != TP_REL_NOT_EQUAL && r != TP_REL_LIKE)
        return tp_word_fail(&p->words, TP_FILTER_KIND, at, "a text has ==, != and ~ only");
    tp_word_blanks(&p->words);
    at = p->words.at;
    op.literal_at = p->words.literal_bytes;
    if (tp_word_peek(&p->words, 0) == '"' || tp_word_peek(&p->words, 0) == '\'') {
        if (!tp_word_quoted(&p->words, r == TP_REL_LIKE))
            return false;
    } else if (r != TP_REL_LIKE && tp_word_field(&p->words, &other)) {
        if (other.kind != TP_FILTER_TEXT)
            return tp_word_fail(&p->words, TP_FILTER_KIND, at,
                                "this field is not a text: put a text in quotes");
        op.test = TP_FILTER_SAME_FIELD;
        op.other = other.index;
        filter_compile_use(p, other.index);
    } else if (!tp_word_bare(&p->words, r == TP_REL_LIKE)) {
        return false;
    }
    op.literal_bytes = p->words.literal_bytes - op.literal_at;
    if (r == TP_REL_LIKE)
        op.test = TP_FILTER_GLOB;
    filter_compile_use(p, o->index);
    if (!filter_compile_emit(p, start, &op))
        return false;
    filter_compile_open_jumps(p, r == TP_REL_NOT_EQUAL, j);
    return true;
}

static bool filter_compile_term(struct parser *p, struct jumps *j)
{
    uint32_t start = p->words.at;
    struct tp_operand o;

    if (!tp_word_letter(tp_word_peek(&p->words, 0)))
        return tp_word_fail(&p->words, TP_FILTER_SYNTAX, start, "a field was expected");
    tp_word_skip(&p->words);
    if (!tp_word_find(&p->words, start, p->words.at, &o))
        return tp_word_fail(&p->words, TP_FILTER_NO_FIELD, start, "no such field");
    if (o.kind == TP_FILTER_OPAQUE)
        return tp_word_fail(&p->words, TP_FILTER_KIND, start,
                            "bytes and arrays cannot be compared");
    tp_word_blanks(&p->words);
    if (o.kind == TP_FILTER_FLOAT)
        return filter_compile_float_term(p, start, &o, j);
    return o.kind == TP_FILTER_TEXT ? filter_compile_text_term(p, start, &o, j)
                                    : filter_compile_number_term(p, start, &o, j);
}

/* --- the expression --- */

static void filter_compile_begin_level(struct parser *p)
{
    p->level[p->open] = (struct level){NONE, NONE, 0};
}

/* Any ! and ( before a term. */
static bool filter_compile_prefixes(struct parser *p)
{
    for (;; p->words.at++) {
        int c;

        tp_word_blanks(&p->words);
        c = tp_word_peek(&p->words, 0);
        if (c != '!' && c != '(')
            return true;
        if (p->depth == TP_FILTER_DEPTH_MAX)
            return tp_word_fail(&p->words, TP_FILTER_TOO_DEEP, p->words.at,
                                "more than 32 nested ( and !");
        p->depth++;
        if (c == '!') {
            p->level[p->open].nots++;
        } else {
            p->open++;
            filter_compile_begin_level(p);
        }
    }
}

/* Applies the ! that come before what has just ended. */
static void filter_compile_apply_nots(struct parser *p, struct jumps *j)
{
    struct level *l = &p->level[p->open];

    if (l->nots & 1)
        *j = (struct jumps){.passed = j->failed, .failed = j->passed};
    p->depth -= l->nots;
    l->nots = 0;
}

/* Makes *last the jumps of the level whose last operand it is. */
static void filter_compile_end_level(struct parser *p, struct jumps *last)
{
    struct level *l = &p->level[p->open];

    last->passed = filter_compile_join(p, l->passed, last->passed);
    last->failed = filter_compile_join(p, l->failed, last->failed);
}

/* Any ) after an operand. */
static bool filter_compile_suffixes(struct parser *p, struct jumps *j)
{
    for (;; p->words.at++) {
        tp_word_blanks(&p->words);
        if (tp_word_peek(&p->words, 0) != ')')
            return true;
        if (!p->open)
            return tp_word_fail(&p->words, TP_FILTER_SYNTAX, p->words.at, "a ) without a (");
        filter_compile_end_level(p, j);
        p->open--;
        p->depth--;
        filter_compile_apply_nots(p, j);
    }
}

/* && or || after the operand `left`. */
static bool filter_compile_junction(struct parser *p, struct jumps *left)
{
    struct level *l = &p->level[p->open];
    int c = tp_word_peek(&p->words, 0);

    if (c != '&' && c != '|')
        return tp_word_fail(&p->words, TP_FILTER_SYNTAX, p->words.at, "an operator was expected");
    if (tp_word_peek(&p->words, 1) != c)
        return tp_word_fail(&p->words, TP_FILTER_SYNTAX, p->words.at,
                            c == '&' ? "'&' is not an operator here: use &&"
                                     : "'|' is not an operator: use ||");
    p->words.at += 2;
    if (c == '&') {
        filter_compile_send(p, left->passed, p->ops);
        l->failed = filter_compile_join(p, l->failed, left->failed);
    } else {
        filter_compile_send(p, filter_compile_join(p, l->failed, left->failed), p->ops);
        l->failed = NONE;
        l->passed = filter_compile_join(p, l->passed, left->passed);
    }
    return true;
}

static bool filter_compile_expression(struct parser *p)
{
    struct jumps j;

    filter_compile_begin_level(p);
    for (;;) {
        if (!filter_compile_prefixes(p) || !filter_compile_term(p, &j))
            return false;
        filter_compile_apply_nots(p, &j);
        if (!filter_compile_suffixes(p, &j))
            return false;
        if (p->words.at == p->words.bytes)
            break;
        if (!filter_compile_junction(p, &j))
            return false;
    }
    if (p->open)
        return tp_word_fail(&p->words, TP_FILTER_SYNTAX, p->words.at, "a ) is missing");
    filter_compile_end_level(p, &j);
    filter_compile_send(p, j.passed, TP_FILTER_ACCEPT);
    filter_compile_send(p, j.failed, TP_FILTER_REJECT);
    return true;
}

/* The texts are in place; NULs follow them up to a multiple of 8. */
static bool filter_compile_finish(struct parser *p, struct tp_filter *out)
{
    uint32_t at = (uint32_t)(sizeof(*out) + p->ops * sizeof(*p->op));
    uint32_t padding = -p->words.literal_bytes & 7;

    if (p->words.literal_bytes + padding > p->words.literal_room)
        return tp_word_no_room(&p->words, p->words.bytes);
    for (uint32_t i = 0; i < p->ops; i++)
        if (p->op[i].test == TP_FILTER_SAME || p->op[i].test == TP_FILTER_GLOB)
            p->op[i].literal_at += at;
    memset(p->words.literals + p->words.literal_bytes, 0, padding);
    *out = (struct tp_filter){.bytes = at + p->words.literal_bytes + padding,
                              .uses = p->uses,
                              .ops = (uint16_t)p->ops,
                              .literals_at = (uint16_t)at};
    return true;
}

long tp_filter_compile(struct tp_filter *out, size_t room, const char *text, size_t bytes,
                       const struct tp_filter_schema *schema, struct tp_filter_error *error)
{
    struct parser p; /* not cleared: a level is written before it is read */

    p.words.text = text;
    p.words.bytes = (uint32_t)bytes;
    p.words.at = 0;
    p.words.schema = schema;
    p.words.error = error;
    p.words.literals = (char *)(out + 1);
    p.words.literal_room = room > sizeof(*out) ? room - sizeof(*out) : 0;
    p.op = (struct tp_filter_op *)(out + 1);
    p.uses = p.ops = p.words.literal_bytes = p.depth = p.open = 0;

    if (bytes > TP_FILTER_TEXT_MAX) {
        tp_word_fail(&p.words, TP_FILTER_TOO_LONG, TP_FILTER_TEXT_MAX, "more than 1023 bytes");
        return error->code;
    }
    tp_word_blanks(&p.words);
    if (p.words.at == p.words.bytes) {
        tp_word_fail(&p.words, TP_FILTER_EMPTY, 0, "the filter is empty");
        return error->code;
    }
    if (!filter_compile_expression(&p) || !filter_compile_finish(&p, out))
        return error->code;
    return (long)out->bytes;
}
