/* SPDX-License-Identifier: MIT */
#include "filter_slow.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

typedef __int128 slow_int;

enum slow_kind { OR, AND, NOT, NUMBERS, TEXTS };
enum slow_op { EQ, NE, LT, LE, GT, GE, GLOB };

struct slow_node {
    enum slow_kind kind;
    const struct slow_node *left, *right;
    enum slow_op op;
    uint32_t field, other; /* other: UINT32_MAX if there is a value */
    int is_signed, other_signed, masked, mask_negative;
    slow_int number;
    uint64_t mask;
    char *text;
    size_t text_bytes;
};

static struct slow_node node[4096];
static char pool[1 << 16];
static size_t nodes, pooled;

static const char *at, *end;
static const struct tp_filter_schema *schema;
static unsigned tests, literals;

struct who {
    uint32_t index;
    int kind;
    const struct tp_filter_field *field;
};

static int next(void)
{
    return at < end ? (unsigned char)*at : -1;
}

static void space(void)
{
    while (next() >= 0 && strchr(" \t\n\v\f\r", next()) && next())
        at++;
}

static int starts(const char *s)
{
    size_t n = strlen(s);

    if ((size_t)(end - at) < n || memcmp(at, s, n))
        return 0;
    at += n;
    return 1;
}

static int is_word(int c)
{
    return c >= 0 && c < 128 && (isalnum(c) || c == '_');
}

/* The word here, in the pool; NULL if there is none or it begins with a digit. */
static char *word(void)
{
    char *w = pool + pooled;

    if (!is_word(next()) || isdigit(next()))
        return NULL;
    while (is_word(next()))
        pool[pooled++] = *at++;
    pool[pooled++] = 0;
    return w;
}

static int who_is(const char *name, struct who *w)
{
    static const struct who shared[] = {
        {TP_FILTER_ID, TP_FILTER_UNSIGNED, NULL},      {TP_FILTER_FLAGS, TP_FILTER_UNSIGNED, NULL},
        {TP_FILTER_PREEMPT, TP_FILTER_UNSIGNED, NULL}, {TP_FILTER_PID, TP_FILTER_SIGNED, NULL},
        {TP_FILTER_CPU, TP_FILTER_UNSIGNED, NULL},     {TP_FILTER_COMM, TP_FILTER_TEXT, NULL},
        {TP_FILTER_CPU, TP_FILTER_UNSIGNED, NULL},     {TP_FILTER_COMM, TP_FILTER_TEXT, NULL},
        {TP_FILTER_CPU, TP_FILTER_UNSIGNED, NULL},     {TP_FILTER_COMM, TP_FILTER_TEXT, NULL}};
    static const char *const names[] = {
        "common_type", "common_flags", "common_preempt_count", "common_pid", "cpu", "comm",
        "CPU",         "COMM",         "common_cpu",           "common_comm"};

    for (uint32_t i = 0; i < schema->fields; i++)
        if (!strcmp(schema->field[i].name, name)) {
            *w = (struct who){i, schema->field[i].kind, &schema->field[i]};
            return 1;
        }
    for (unsigned i = 0; i < 10; i++)
        if (!strcmp(names[i], name)) {
            *w = shared[i];
            return 1;
        }
    return 0;
}

/* What a store of the value into the field and a load from it give. */
static slow_int through(const struct who *w, int64_t v)
{
    unsigned bits = w->field->bytes * 8u;
    slow_int range = (slow_int)1 << bits, r = v % range;

    if (r < 0)
        r += range;
    if (w->kind == TP_FILTER_SIGNED && r >= range / 2)
        r -= range;
    return r;
}

static int named(const struct who *w, const char *name, slow_int *v)
{
    for (uint32_t i = 0; w->field && i < w->field->names; i++) {
        int64_t value;

        if (!strcmp(schema->name_at(w->field->table, i, &value), name)) {
            *v = through(w, value);
            return 1;
        }
    }
    return 0;
}

static int unescape(int c)
{
    return c == 'n' ? '\n' : c == 't' ? '\t' : c > 0 && strchr("\\\"'", c) ? c : 0;
}

static int literal_number(slow_int *v)
{
    int minus = next() == '-';
    const slow_int limit = (slow_int)1 << 64;

    at += minus;
    if (next() == '\'') {
        at++;
        if (next() == '\\') {
            at++;
            if (!(*v = unescape(next())))
                return 0;
        } else if (next() <= 0 || next() == '\'') {
            return 0;
        } else {
            *v = next();
        }
        at++;
        if (!starts("'"))
            return 0;
    } else {
        unsigned base = 10;

        if (!isdigit(next() < 0 ? 0 : next()))
            return 0;
        if (starts("0x") || starts("0X"))
            base = 16;
        else if (next() == '0')
            base = 8;
        if (!is_word(next()))
            return 0;
        for (*v = 0; is_word(next()); at++) {
            static const char hex[] = "0123456789abcdef";
            const char *d = strchr(hex, tolower(next()));

            if (!d || d - hex >= (int)base)
                return 0;
            *v = *v * base + (d - hex);
            if (*v >= limit)
                return 0;
        }
    }
    if (minus)
        *v = -*v;
    return *v >= -(limit / 2);
}

/* The quote here, raw, into the pool; NULL if it does not end. */
static char *quote(size_t *bytes)
{
    char q = *at++, *s = pool + pooled;

    *bytes = 0;
    while (next() >= 0 && *at != q) {
        if (*at == '\\') {
            s[(*bytes)++] = *at++;
            if (next() < 0)
                return NULL;
        }
        s[(*bytes)++] = *at++;
    }
    pooled += *bytes + 1;
    s[*bytes] = 0;
    return starts((char[]){q, 0}) ? s : NULL;
}

static slow_int both(slow_int a, slow_int b)
{
    uint64_t bits = (uint64_t)a | (uint64_t)b;

    return a < 0 || b < 0 ? (slow_int)(int64_t)bits : (slow_int)bits;
}

static int quoted_number(const struct who *w, slow_int *v)
{
    size_t bytes;
    char *s = quote(&bytes), *part;

    if (!s || strlen(s) != bytes)
        return 0;
    if (named(w, s, v))
        return 1;
    if (!w->field->flags)
        return 0;
    for (*v = 0; s; s = part) {
        slow_int one;
        size_t n;

        part = strchr(s, '|');
        if (part)
            *part++ = 0;
        while (*s == ' ')
            s++;
        for (n = strlen(s); n && s[n - 1] == ' ';)
            s[--n] = 0;
        if (!named(w, s, &one))
            return 0;
        *v = both(*v, one);
    }
    return 1;
}

static int one_number(const struct who *w, slow_int *v, struct who *other)
{
    char *name = word();

    if (!name)
        return literal_number(v);
    if (named(w, name, v))
        return 1;
    if (other && who_is(name, other))
        return other->kind <= TP_FILTER_SIGNED;
    if (other)
        other->index = UINT32_MAX;
    return 0;
}

/* other->index stays UINT32_MAX if it is no field. */
static int number(const struct who *w, slow_int *v, struct who *other)
{
    int table = w->field && w->field->names;

    if (table && (next() == '"' || next() == '\''))
        return quoted_number(w, v);
    if (!one_number(w, v, other))
        return 0;
    if (other && other->index != UINT32_MAX)
        return 1;
    for (;;) {
        slow_int more;

        space();
        if (!table || !w->field->flags || next() != '|' || (at + 1 < end && at[1] == '|'))
            return 1;
        at++;
        space();
        if (!one_number(w, &more, NULL))
            return 0;
        *v = both(*v, more);
    }
}

static int operator_here(enum slow_op *op)
{
    if (starts("=="))
        *op = EQ;
    else if (starts("!="))
        *op = NE;
    else if (starts("<="))
        *op = LE;
    else if (starts(">="))
        *op = GE;
    else if (starts("<"))
        *op = LT;
    else if (starts(">"))
        *op = GT;
    else if (starts("~"))
        *op = GLOB;
    else
        return 0;
    return 1;
}

static int number_term(struct slow_node *n, const struct who *w)
{
    struct who other = {UINT32_MAX, 0, NULL};
    slow_int v;

    n->kind = NUMBERS;
    n->mask = UINT64_MAX;
    n->other = UINT32_MAX;
    space();
    if (next() == '&' && !(at + 1 < end && at[1] == '&')) {
        at++;
        space();
        if (!number(w, &v, NULL))
            return 0;
        n->masked = 1;
        n->mask = (uint64_t)v;
        n->mask_negative = v < 0;
        space();
    }
    n->op = NE;
    if (!operator_here(&n->op))
        return 1; /* a field alone; the number is 0 */
    if (n->op == GLOB)
        return 0;
    space();
    if (!number(w, &n->number, &other))
        return 0;
    n->other = other.index;
    n->other_signed = other.kind == TP_FILTER_SIGNED;
    return 1;
}

static int is_bare(int c, int glob)
{
    return c >= 128 || is_word(c) || (c > 0 && strchr(glob ? "_.-/:*?[]!^\\" : "_.-/:*?", c));
}

static int bare_text(struct slow_node *n, int glob)
{
    n->text = pool + pooled;
    while (is_bare(next(), glob)) {
        if (next() == '\\' && at + 1 < end && at[1])
            pool[pooled++] = *at++;
        pool[pooled++] = *at++;
    }
    n->text_bytes = (size_t)(pool + pooled - n->text);
    pool[pooled++] = 0;
    return n->text_bytes > 0;
}

static int quoted_text(struct slow_node *n, int glob)
{
    size_t bytes, to = 0;
    char *s = quote(&bytes);

    if (!s || memchr(s, 0, bytes))
        return 0;
    for (size_t i = 0; i < bytes; i++) {
        int c = s[i] == '\\' ? unescape((unsigned char)s[i + 1]) : 0;

        if (glob && c == '\\') {
            s[to++] = '\\';
            s[to++] = '\\';
            i++;
        } else if (c) {
            s[to++] = (char)c;
            i++;
        } else {
            s[to++] = s[i];
        }
    }
    n->text = s;
    n->text_bytes = to;
    return 1;
}

static int text_term(struct slow_node *n)
{
    n->kind = TEXTS;
    n->other = UINT32_MAX;
    space();
    if (!operator_here(&n->op) || (n->op != EQ && n->op != NE && n->op != GLOB))
        return 0;
    space();
    if (next() == '"' || next() == '\'') {
        if (!quoted_text(n, n->op == GLOB))
            return 0;
    } else {
        struct who other;

        if (!bare_text(n, n->op == GLOB))
            return 0;
        if (n->op != GLOB && strlen(n->text) == n->text_bytes && who_is(n->text, &other)) {
            n->other = other.index;
            n->text_bytes = 0;
            if (other.kind != TP_FILTER_TEXT)
                return 0;
        }
    }
    literals += (unsigned)n->text_bytes;
    return 1;
}

static struct slow_node *make(enum slow_kind kind, const struct slow_node *left,
                              const struct slow_node *right)
{
    node[nodes] = (struct slow_node){.kind = kind, .left = left, .right = right};
    return &node[nodes++];
}

static const struct slow_node *any_of(unsigned depth);

static const struct slow_node *operand(unsigned depth)
{
    struct slow_node *n;
    struct who w;
    char *name;

    space();
    if (starts("!")) {
        const struct slow_node *of = depth < TP_FILTER_DEPTH_MAX ? operand(depth + 1) : NULL;

        return of ? make(NOT, of, NULL) : NULL;
    }
    if (starts("(")) {
        const struct slow_node *in = depth < TP_FILTER_DEPTH_MAX ? any_of(depth + 1) : NULL;

        space();
        return in && starts(")") ? in : NULL;
    }
    name = word();
    if (!name || !who_is(name, &w) || w.kind == TP_FILTER_OPAQUE)
        return NULL;
    n = make(TEXTS, NULL, NULL);
    n->field = w.index;
    n->is_signed = w.kind == TP_FILTER_SIGNED;
    tests++;
    return (w.kind == TP_FILTER_TEXT ? text_term(n) : number_term(n, &w)) ? n : NULL;
}

static const struct slow_node *all_of(unsigned depth)
{
    const struct slow_node *n = operand(depth);

    for (space(); n && starts("&&"); space()) {
        const struct slow_node *right = operand(depth);

        n = right ? make(AND, n, right) : NULL;
    }
    return n;
}

static const struct slow_node *any_of(unsigned depth)
{
    const struct slow_node *n = all_of(depth);

    for (space(); n && starts("||"); space()) {
        const struct slow_node *right = all_of(depth);

        n = right ? make(OR, n, right) : NULL;
    }
    return n;
}

const struct slow_node *slow_parse(const char *text, size_t bytes,
                                   const struct tp_filter_schema *of)
{
    const struct slow_node *n;

    at = text;
    end = text + bytes;
    schema = of;
    nodes = pooled = tests = literals = 0;
    if (bytes > TP_FILTER_TEXT_MAX)
        return NULL;
    n = any_of(0);
    if (at != end || tests > TP_FILTER_OPS_MAX || literals > TP_FILTER_LITERALS_MAX)
        return NULL;
    return n;
}

static slow_int as_number(const struct tp_filter_value *v, int is_signed)
{
    return is_signed ? (slow_int)(int64_t)v->number : (slow_int)v->number;
}

static int eval_numbers(const struct slow_node *n, const struct tp_filter_value *value)
{
    slow_int a = as_number(&value[n->field], n->is_signed), b = n->number;

    if (n->masked) {
        uint64_t left = (uint64_t)a & n->mask;

        a = n->is_signed && n->mask_negative ? (slow_int)(int64_t)left : (slow_int)left;
    }
    if (n->other != UINT32_MAX)
        b = as_number(&value[n->other], n->other_signed);
    switch (n->op) {
    case EQ:
        return a == b;
    case NE:
        return a != b;
    case LT:
        return a < b;
    case LE:
        return a <= b;
    case GT:
        return a > b;
    case GE:
        return a >= b;
    default:
        abort();
    }
}

static int eval_texts(const struct slow_node *n, const struct tp_filter_value *value)
{
    const struct tp_filter_value *v = &value[n->field], *o = &value[n->other];
    size_t bytes = v->text_bytes ? strnlen(v->text, v->text_bytes) : 0, other = n->text_bytes;
    const char *with = n->text;
    int same;

    if (n->op == GLOB)
        return slow_glob(n->text, n->text_bytes, v->text, bytes);
    if (n->other != UINT32_MAX) {
        other = o->text_bytes ? strnlen(o->text, o->text_bytes) : 0;
        with = o->text;
    }
    same = bytes == other;
    for (size_t i = 0; same && i < bytes; i++)
        same = ((const char *)v->text)[i] == with[i];
    return n->op == EQ ? same : !same;
}

int slow_eval(const struct slow_node *n, const struct tp_filter_value *value)
{
    switch (n->kind) {
    case OR:
        return slow_eval(n->left, value) || slow_eval(n->right, value);
    case AND:
        return slow_eval(n->left, value) && slow_eval(n->right, value);
    case NOT:
        return !slow_eval(n->left, value);
    case NUMBERS:
        return eval_numbers(n, value);
    default:
        return eval_texts(n, value);
    }
}

uint32_t slow_uses(const struct slow_node *n)
{
    uint32_t bits;

    if (n->kind == NOT)
        return slow_uses(n->left);
    if (n->kind == OR || n->kind == AND)
        return slow_uses(n->left) | slow_uses(n->right);
    bits = 1u << n->field;
    return n->other == UINT32_MAX ? bits : bits | 1u << n->other;
}

/* All the places of the pattern at once: each is a set of bytes, or any number of any. */
int slow_glob(const char *pattern, size_t m, const char *text, size_t n)
{
    static unsigned char set[1100][256], star[1100], on[1101], then[1101];
    size_t places = 0;

    memset(set, 0, sizeof(set[0]) * (m < 1100 ? m : 1100));
    memset(star, 0, sizeof(star));
    for (size_t i = 0; i < m; i++, places++) {
        unsigned char c = (unsigned char)pattern[i];
        size_t from = i + 1, to;
        int inverted;

        if (c == '*') {
            star[places] = 1;
            continue;
        }
        if (c == '?') {
            memset(set[places], 1, 256);
            continue;
        }
        if (c == '\\' && i + 1 < m) {
            set[places][(unsigned char)pattern[++i]] = 1;
            continue;
        }
        inverted = c == '[' && from < m && (pattern[from] == '!' || pattern[from] == '^');
        from += (size_t)inverted;
        for (to = from + 1; to < m && pattern[to] != ']'; to++)
            ;
        if (c != '[' || to >= m) {
            set[places][c] = 1;
            continue;
        }
        for (size_t k = from; k < to; k++) {
            int low = (unsigned char)pattern[k], high = low;

            if (k + 2 < to && pattern[k + 1] == '-') {
                high = (unsigned char)pattern[k + 2];
                k += 2;
            }
            for (; low <= high; low++)
                set[places][low] = 1;
        }
        for (int b = 0; inverted && b < 256; b++)
            set[places][b] ^= 1;
        i = to;
    }
    memset(on, 0, sizeof(on));
    on[0] = 1;
    for (size_t i = 0; i <= n; i++) {
        memset(then, 0, sizeof(then));
        for (size_t p = 0; p < places; p++) {
            if (!on[p])
                continue;
            if (star[p])
                on[p + 1] = then[p] = 1;
            else if (i < n && set[p][(unsigned char)text[i]])
                then[p + 1] = 1;
        }
        if (i == n)
            return on[places];
        memcpy(on, then, sizeof(on));
    }
    return 0;
}
