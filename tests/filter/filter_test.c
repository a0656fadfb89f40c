/* SPDX-License-Identifier: MIT */
/*
 * Filters: what each construct means, each error, both sides of each limit, and random texts
 * against the slow evaluator beside this. The tables were written by hand from tp/filter.h.
 */
#include "engine/filter/filter.h"
#include "filter_slow.h"
#include "tp_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Blocks of code that have run, since the compiler calls this in each. */
static uint64_t steps;

__attribute__((no_sanitize_coverage)) void __sanitizer_cov_trace_pc(void)
{
    steps++;
}

/* --- the event --- */

struct name {
    const char *name;
    int64_t value;
};

static const struct name open_flags[] = {
    {"O_WRONLY", 1}, {"O_RDWR", 2}, {"O_CREAT", 0x40}, {"O_EXCL", 0x80}, {"odd|name", 0x100}};
static const struct name states[] = {{"RUNNING", 0}, {"SLEEPING", 1}, {"DEAD", -1}, {"b", 200}};
static const struct name wide_flags[] = {{"TOP", INT64_MIN}, {"LOW", 1}};

static const char *name_at(const void *table, uint32_t i, int64_t *value)
{
    const struct name *n = (const struct name *)table + i;

    *value = n->value;
    return n->name;
}

enum { A, B, C, D, NAME, OTHER, FLAGS, STATE, BLOB, X, WIDE, ZERO, EMPTY, FIELDS };

static const struct tp_filter_field fields[FIELDS] = {
    [A] = {"a", TP_FILTER_UNSIGNED, 4, false, 0, NULL},
    [B] = {"b", TP_FILTER_SIGNED, 4, false, 0, NULL},
    [C] = {"c", TP_FILTER_UNSIGNED, 8, false, 0, NULL},
    [D] = {"d", TP_FILTER_SIGNED, 8, false, 0, NULL},
    [NAME] = {"name", TP_FILTER_TEXT, 0, false, 0, NULL},
    [OTHER] = {"other", TP_FILTER_TEXT, 0, false, 0, NULL},
    [FLAGS] = {"flags", TP_FILTER_UNSIGNED, 4, true, 5, open_flags},
    [STATE] = {"state", TP_FILTER_SIGNED, 1, false, 4, states},
    [BLOB] = {"blob", TP_FILTER_OPAQUE, 0, false, 0, NULL},
    [X] = {"x", TP_FILTER_UNSIGNED, 1, false, 0, NULL},
    [WIDE] = {"wide", TP_FILTER_UNSIGNED, 8, true, 2, wide_flags},
    [ZERO] = {"zero", TP_FILTER_UNSIGNED, 4, false, 0, NULL},
    [EMPTY] = {"empty", TP_FILTER_TEXT, 0, false, 0, NULL},
};
static const struct tp_filter_schema schema = {fields, FIELDS, name_at};

static const struct tp_filter_value record[TP_FILTER_VALUES] = {
    [A] = {.number = 5},
    [B] = {.number = (uint64_t)-3},
    [C] = {.number = UINT64_MAX},
    [D] = {.number = 1ull << 63},
    [NAME] = {.text = "kworker/0:1\0junk", .text_bytes = 16},
    [OTHER] = {.text = "bashful", .text_bytes = 4}, /* no NUL in it */
    [FLAGS] = {.number = 0x41},
    [STATE] = {.number = (uint64_t)-1},
    [X] = {.number = 'x'},
    [WIDE] = {.number = 1ull << 63},
    [ZERO] = {.number = 0},
    [EMPTY] = {.text = NULL, .text_bytes = 0},
    [TP_FILTER_ID] = {.number = 7},
    [TP_FILTER_FLAGS] = {.number = 1},
    [TP_FILTER_PREEMPT] = {.number = 2},
    [TP_FILTER_PID] = {.number = 1234},
    [TP_FILTER_CPU] = {.number = 3},
    [TP_FILTER_COMM] = {.text = "12abc", .text_bytes = 5},
};

union program {
    struct tp_filter filter;
    uint8_t bytes[TP_FILTER_BYTES_MAX];
    uint64_t aligned;
};

/* With the text and the program in memory that ends where they do. */
static long compile_exactly(union program *p, const char *text, size_t bytes, size_t room,
                            struct tp_filter_error *error)
{
    char *copy = malloc(bytes ? bytes : 1);
    struct tp_filter *out = malloc(room ? room : 1);
    long n;

    memcpy(copy, text, bytes);
    memset(error, 0x5a, sizeof(*error));
    n = tp_filter_compile(out, room, copy, bytes, &schema, error);
    if (n > 0)
        memcpy(p->bytes, out, (size_t)n);
    free(copy);
    free(out);
    return n;
}

/* Runs a copy that is where the program was not made, with nothing but what it says it uses. */
static bool run_copy(const union program *p, const struct tp_filter_value *value)
{
    struct tp_filter *copy = malloc(p->filter.bytes);
    struct tp_filter_value used[TP_FILTER_VALUES];
    bool pass;

    for (uint32_t i = 0; i < TP_FILTER_VALUES; i++)
        used[i] = p->filter.uses >> i & 1
                      ? value[i]
                      : (struct tp_filter_value){0xdeadbeefdeadbeef, (const void *)8, 99};
    memcpy(copy, p->bytes, p->filter.bytes);
    pass = tp_filter_run(copy, used);
    free(copy);
    return pass;
}

/* 1, 0, or the code. */
static long evaluate(const char *text)
{
    struct tp_filter_error error;
    union program p;
    long n = compile_exactly(&p, text, strlen(text), sizeof(p), &error);

    if (n < 0) {
        TP_FAIL("%s: %s at column %u", text, error.what, error.column);
        return n;
    }
    TP_CHECK_EQ(n, p.filter.bytes);
    TP_CHECK_EQ(n % 8, 0);
    return run_copy(&p, record);
}

/* Each of the texts, up to NULL, and its opposite. */
static void all_are(const char *const *text, bool pass)
{
    for (; *text; text++) {
        char not [1100];

        if (evaluate(*text) != pass)
            TP_FAIL("%s is not %s", *text, pass ? "true" : "false");
        snprintf(not, sizeof(not ), "!(%s)", *text);
        if (evaluate(not ) != !pass)
            TP_FAIL("%s is not %s", not, pass ? "false" : "true");
    }
}

#define TRUE_ARE(...) all_are((const char *const[]){__VA_ARGS__, NULL}, true)
#define FALSE_ARE(...) all_are((const char *const[]){__VA_ARGS__, NULL}, false)

/* --- what it means --- */

TP_TEST(Filter, Comparisons)
{
    TRUE_ARE("a == 5", "a != 4", "a < 6", "a <= 5", "a > 4", "a >= 5", "a<=6", "a>=4");
    FALSE_ARE("a == 4", "a != 5", "a < 5", "a <= 4", "a > 5", "a >= 6");
    TRUE_ARE("b == -3", "b < 0", "b < -2", "b <= -3", "b > -4", "b >= -3", "b != 3");
    FALSE_ARE("b == 3", "b > 0", "b < -3", "b <= -4", "b > -3", "b >= -2", "b >= 0");
    TRUE_ARE("a", "b", "c", "a&&b");
    FALSE_ARE("zero", "zero != 0", "!a");
}

TP_TEST(Filter, NumbersAsTheyAreNotAsBits)
{
    TRUE_ARE("c == 18446744073709551615", "c == 0xffffffffffffffff", "c > 9223372036854775807",
             "c > 0", "c >= 18446744073709551615", "c <= 18446744073709551615", "c != -1", "c > -1",
             "c >= -9223372036854775808");
    FALSE_ARE("c == -1", "c < 0", "c > 18446744073709551615", "c < 18446744073709551615", "c < -1",
              "c <= -1");
    TRUE_ARE("d == -9223372036854775808", "d < -9223372036854775807", "d < 9223372036854775808",
             "d <= 18446744073709551615", "d != 0x8000000000000000", "d <= -9223372036854775808",
             "d <= 9223372036854775807", "d >= -9223372036854775808");
    FALSE_ARE("d == 9223372036854775808", "d > 9223372036854775807", "d > 9223372036854775808",
              "d >= 18446744073709551615", "d > 0", "d < -9223372036854775808", "d > -1");
    TRUE_ARE("x < 300", "x > -300", "b < 4294967293", "b != 4294967293", "b != 0xfffffffd");
    FALSE_ARE("x == 376", "x > 300", "b == 4294967293", "b > 4294967292");
}

TP_TEST(Filter, Literals)
{
    TRUE_ARE("a == 0x5", "a == 0X05", "a == 05", "a != -5", "b == -0x3", "b == -03", "zero == 0",
             "zero == -0", "zero == 00", "zero == 0x0", "a < 010", "a > 4&&a<0x6", "x == 'x'",
             "x != 'y'", "x >= 'x'", "b > -'x'", "c == 01777777777777777777777", "a == 000005",
             "d == -01000000000000000000000");
    FALSE_ARE("a == 010", "x == 'X'", "zero == '\\n'", "x == '\\''", "x == '\"'", "x == '\\\\'",
              "x < '\\t'", "b == -'x'", "x == '\xe9'", "zero != -0", "zero < -0", "zero > -0");
}

TP_TEST(Filter, Masks)
{
    TRUE_ARE("flags & 1", "flags&0x40", "flags & 0x43", "flags & 1 == 1", "flags & 0x41 == 0x41",
             "flags & 3 == 1", "flags & 2 == 0", "flags & 0x40 > 8", "a & 4 && a & 1",
             "zero || a & 1", "a & 6 == 4", "!flags & 2", "b & 1", "b & 0xff == 0xfd",
             "b & -4 == -4", "b & -1 == -3", "b & 0xffffffffffffffff == 0xfffffffffffffffd",
             "c & -16 == 0xfffffffffffffff0", "d & 0x8000000000000000", "c & -1 == c", "a & 5 == a",
             "a & 1 < a", "d & -1 < zero", "a & -1 > b");
    FALSE_ARE("flags & 2", "flags & 0", "flags & 3 == 3", "flags & 0x43 == 0x43", "a & 2",
              "b & -4 == 0xfffffffffffffffc", "b & 0xffffffffffffffff == -3",
              "b & 0xffffffffffffffff < 0", "zero & -1", "c & -1 == -1", "a & 4 == a", "b & 2");
}

TP_TEST(Filter, Names)
{
    TRUE_ARE("flags & O_CREAT", "flags == O_CREAT|O_WRONLY", "flags == O_WRONLY | O_CREAT",
             "flags == \"O_CREAT|O_WRONLY\"", "flags == ' O_CREAT | O_WRONLY '",
             "flags & O_CREAT|O_EXCL == O_CREAT", "flags & O_RDWR|O_CREAT", "flags == 0x40|1",
             "flags == O_CREAT|1", "flags & 'odd|name' == 0", "flags < \"odd|name\"",
             "flags & O_RDWR||a == 5", "state == DEAD", "state == 'DEAD'", "state < RUNNING",
             "state != SLEEPING", "wide == TOP", "wide & TOP", "wide > LOW", "state == -1",
             "wide == TOP || a", "wide & TOP|LOW == 'TOP'");
    FALSE_ARE("flags & O_EXCL", "flags == O_CREAT", "state == RUNNING", "state == \"SLEEPING\"",
              "flags & \"O_EXCL|O_RDWR\"", "wide & LOW", "flags & 'odd|name'", "wide == TOP|LOW");
    /* 200 in a signed byte is -56; and b is the name here, not the field, which is -3. */
    TRUE_ARE("state > b", "state & -1 > b");
    FALSE_ARE("state == b", "state < b");
}

/* -2 and 0x1234567889abcdef as each width holds them; all bits of the field are set. */
TP_TEST(Filter, NamesAreAsTheFieldStoresThem)
{
    static const struct name table[] = {{"MINUS", -2}, {"LONG", 0x1234567889abcdef}, {"ONE", 1}};
    static const struct {
        uint8_t kind, bytes;
        uint64_t number;
        const char *filter;
    } all[] = {
        {TP_FILTER_UNSIGNED, 1, 0xff, "f & MINUS == 254 && f & LONG == 0xef && f > MINUS"},
        {TP_FILTER_UNSIGNED, 2, 0xffff, "f & MINUS == 65534 && f & LONG == 0xcdef && f > MINUS"},
        {TP_FILTER_UNSIGNED, 4, 0xffffffff,
         "f & MINUS == 4294967294 && f & LONG == 0x89abcdef && f > MINUS"},
        {TP_FILTER_UNSIGNED, 4, 0xfffffffe, "f == MINUS && f >= MINUS && !(f < MINUS)"},
        {TP_FILTER_UNSIGNED, 8, UINT64_MAX,
         "f & MINUS == 0xfffffffffffffffe && f & LONG == 0x1234567889abcdef && f > MINUS"},
        {TP_FILTER_SIGNED, 1, UINT64_MAX, "f & MINUS == -2 && f & LONG == -17 && f > MINUS"},
        {TP_FILTER_SIGNED, 2, UINT64_MAX, "f & MINUS == -2 && f & LONG == -12817 && f > MINUS"},
        {TP_FILTER_SIGNED, 4, UINT64_MAX,
         "f & MINUS == -2 && f & LONG == -1985229329 && f > MINUS"},
        {TP_FILTER_SIGNED, 8, UINT64_MAX,
         "f & MINUS == -2 && f & LONG == 0x1234567889abcdef && f > MINUS"},
        /* A minus in any part is one of the whole. */
        {TP_FILTER_SIGNED, 4, UINT64_MAX,
         "f == ONE|MINUS && f == MINUS|ONE && f == 1|-2 && f == 'ONE|MINUS'"},
    };

    for (unsigned i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        struct tp_filter_field f = {"f", all[i].kind, all[i].bytes, true, 3, table};
        struct tp_filter_schema one = {&f, 1, name_at};
        struct tp_filter_value v[TP_FILTER_VALUES] = {[0] = {.number = all[i].number}};
        struct tp_filter_error error;
        union program p;

        if (tp_filter_compile(&p.filter, sizeof(p), all[i].filter, strlen(all[i].filter), &one,
                              &error) < 0)
            TP_FAIL("%s: %s at column %u", all[i].filter, error.what, error.column);
        else if (!tp_filter_run(&p.filter, v))
            TP_FAIL("%u bytes: %s", all[i].bytes, all[i].filter);
    }
}

TP_TEST(Filter, FieldsWithFields)
{
    TRUE_ARE("a > b", "b < a", "a != b", "a >= b", "b <= a", "c > d", "d < c", "d != c", "c != b",
             "c > a", "b > d", "d < b", "d <= b", "a == a", "b == b", "b <= b", "b >= b",
             "common_pid > a", "a > CPU", "wide != d", "wide > d", "zero < a", "b >= d");
    FALSE_ARE("a < b", "a == b", "b > a", "b >= a", "a <= b", "c < d", "c == d", "c <= d",
              "wide == d", "wide < d", "wide <= d", "b < d", "b <= d", "a < a", "b > b",
              "zero >= a");
    TRUE_ARE("name != other", "name == name", "other == other", "empty != name", "comm == COMM");
    FALSE_ARE("name == other", "other != other", "empty == other", "name == comm");
}

TP_TEST(Filter, Texts)
{
    TRUE_ARE("name == \"kworker/0:1\"", "name == 'kworker/0:1'", "name == kworker/0:1",
             "name != kworker", "other == bash", "other != bashful", "other != bas",
             "comm == 12abc", "comm == '12abc'", "comm != 123", "comm != 12", "empty == \"\"",
             "empty == ''", "name != ''", "empty != y", "name != \"name\"", "other=='bash'&&a",
             "other != -x", "other != 'a b'", "other != \"a\\\"b\\'\\\\\\n\\t\"",
             "other != 'it\"s'", "other != a.b-c/d:e*f?g", "other != \xc3\xa9", "other != \"\xff\"",
             "other != 'a' && other != \"b\"", "(other == bash)");
    FALSE_ARE("name == \"kworker/0:1junk\"", "name == ''", "other == 'bashful'", "other == bas",
              "comm == 12ab", "comm == 123", "empty == 'x'", "other == 'Bash'", "other == b*",
              "other == bas?", "other == '[b]ash'", "other != bash");
}

/* The text of a filter is unescaped into what the field holds. */
TP_TEST(Filter, Escapes)
{
    static const struct {
        const char *filter, *is;
    } all[] = {
        {"other == \"a\\\\b\"", "a\\b"},
        {"other == \"a\\\"b\"", "a\"b"},
        {"other == 'a\\'b'", "a'b"},
        {"other == \"a\\nb\"", "a\nb"},
        {"other == \"a\\tb\"", "a\tb"},
        {"other == \"a\\xb\"", "a\\xb"}, /* no escape: both bytes stay */
        {"other == 'a\"b'", "a\"b"},
        {"other == \" a \"", " a "},
        {"other ~ \"a\\\\b\"", "a\\b"},
        {"other ~ \"a\\\"b\"", "a\"b"},
        {"other ~ \"a\\*b\"", "a*b"},
        {"other ~ \"a\\?\\[\"", "a?["},
        {"other ~ \"a\\nb\"", "a\nb"},
        {"other ~ \"a\\\\*\"", "a\\*"},
        {"other ~ a\\*b", "a*b"},
        {"other ~ a\\ b", "a b"},
        {"other ~ a\\", "a\\"},
    };

    for (unsigned i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        struct tp_filter_value v[TP_FILTER_VALUES];
        struct tp_filter_error error;
        union program p;

        memcpy(v, record, sizeof(v));
        v[OTHER].text = all[i].is;
        v[OTHER].text_bytes = (uint32_t)strlen(all[i].is);
        TP_CHECK(compile_exactly(&p, all[i].filter, strlen(all[i].filter), sizeof(p), &error) > 0);
        if (!run_copy(&p, v))
            TP_FAIL("%s", all[i].filter);
        v[OTHER].text = "a_b";
        v[OTHER].text_bytes = 3;
        if (run_copy(&p, v))
            TP_FAIL("%s is true of a_b", all[i].filter);
    }
}

TP_TEST(Filter, GlobsInFilters)
{
    TRUE_ARE("name ~ \"kworker*\"", "name ~ kworker*", "name ~ k*1", "name ~ *", "other ~ b??h",
             "other ~ [a-c]ash", "other ~ [!a]*", "other ~ [^a]ash && a", "other ~ '[!x-z]*'",
             "empty ~ *", "empty ~ ''", "comm ~ 12*", "comm ~ [0-9]2*", "other ~ bash",
             "name ~ name*"
             " || a");
    FALSE_ARE("name ~ worker*", "name ~ \"kworker\"", "name ~ *junk", "other ~ ???",
              "other ~ ?????", "other ~ [!b]*", "empty ~ ?", "comm ~ '12'", "other ~ Bash",
              "other ~ ''", "other ~ other", "other ~ comm");
}

TP_TEST(Filter, Precedence)
{
    TRUE_ARE("a == 5 || a == 5 && a == 4", "a == 4 && a == 4 || a == 5",
             "(a > 8 && a <= 10) || b < 5", "a == 5 && (a == 4 || a == 5)", "!a == 4 && a == 5",
             "!(a == 4) && !(a == 3)", "!!a", "! ! ! zero", "!(a == 4 && a == 5) && a",
             "!(a && (zero || !b))", "!zero || a == 4", "((((a))))", "a == 4 || a == 3 || a == 5",
             "a && b && c && d", "zero || zero && a || a && !zero", "a == 5 || b && zero && c");
    FALSE_ARE("(a == 5 || a == 5) && a == 4", "!(a == 5 || a == 4)", "!a == 5 || zero",
              "!(!(a == 4))", "zero && a && a", "(a || zero || zero) && zero",
              "(zero || a || zero) && (zero || zero || a) && zero", "a == 4 || a == 3 || a == 2",
              "a && b && c && zero", "zero && a || zero && b", "(zero || a) && (b && zero)",
              "!(a || b) || zero");
}

TP_TEST(Filter, BlanksAreNothing)
{
    TRUE_ARE(" a==5", "\ta \n==\r5 ", "  (  a&&b  )\v\f", "a&1==1", "!  ( zero )",
             "flags==O_CREAT  |  O_WRONLY");
}

TP_TEST(Filter, CommonFields)
{
    struct tp_filter_field own[] = {{"CPU", TP_FILTER_UNSIGNED, 4, false, 0, NULL},
                                    {"comm", TP_FILTER_SIGNED, 4, false, 0, NULL}};
    struct tp_filter_schema theirs = {own, 2, NULL};
    struct tp_filter_value v[TP_FILTER_VALUES] = {
        [0] = {.number = 9},
        [1] = {.number = (uint64_t)-7},
        [TP_FILTER_CPU] = {.number = 3},
        [TP_FILTER_COMM] = {.text = "sh", .text_bytes = 2}};
    static const char text[] = "CPU == 9 && cpu == 3 && comm == -7 && COMM == sh";
    struct tp_filter_error error;
    union program p;

    TRUE_ARE("common_type == 7", "common_flags == 1", "common_preempt_count == 2",
             "common_pid == 1234", "common_pid > -1", "CPU == 3", "cpu == 3", "COMM == 12abc",
             "comm ~ 12*", "common_pid & 2", "CPU", "common_cpu == 3", "common_comm ~ 12*");
    TP_CHECK(tp_filter_compile(&p.filter, sizeof(p), text, strlen(text), &theirs, &error) > 0);
    TP_CHECK(tp_filter_run(&p.filter, v));
    TP_CHECK_EQ(p.filter.uses, 3u | 1u << TP_FILTER_CPU | 1u << TP_FILTER_COMM);
}

/* --- errors --- */

struct wrong {
    const char *text;
    int code;
    uint32_t column;
    const char *what;
};

TP_TEST(Filter, Errors)
{
    static const struct wrong all[] = {
        {"", TP_FILTER_EMPTY, 0, "the filter is empty"},
        {" \t\n", TP_FILTER_EMPTY, 0, "the filter is empty"},
        {"a = 5", TP_FILTER_SYNTAX, 2, "'=' is not an operator: use =="},
        {"a =~ 5", TP_FILTER_SYNTAX, 2, "'=' is not an operator: use =="},
        {"a ! 5", TP_FILTER_SYNTAX, 2, "'!' is not an operator: use !="},
        {"name !~ x", TP_FILTER_SYNTAX, 5, "'!' is not an operator: use !="},
        {"a == 5 & b == 3", TP_FILTER_SYNTAX, 7, "'&' is not an operator here: use &&"},
        {"a & 1 & 2", TP_FILTER_SYNTAX, 6, "'&' is not an operator here: use &&"},
        {"(a) & 1", TP_FILTER_SYNTAX, 4, "'&' is not an operator here: use &&"},
        {"a == 5 | b", TP_FILTER_SYNTAX, 7, "'|' is not an operator: use ||"},
        {"state == DEAD|RUNNING", TP_FILTER_SYNTAX, 13, "'|' is not an operator: use ||"},
        {"a b", TP_FILTER_SYNTAX, 2, "an operator was expected"},
        {"a == 5 b", TP_FILTER_SYNTAX, 7, "an operator was expected"},
        {"a == 5.5", TP_FILTER_SYNTAX, 6, "an operator was expected"},
        {"name == y \"z\"", TP_FILTER_SYNTAX, 10, "an operator was expected"},
        {"5 == a", TP_FILTER_SYNTAX, 0, "a field was expected"},
        {"a == 5 &&", TP_FILTER_SYNTAX, 9, "a field was expected"},
        {"a == 5 || ", TP_FILTER_SYNTAX, 10, "a field was expected"},
        {"&& a", TP_FILTER_SYNTAX, 0, "a field was expected"},
        {"!", TP_FILTER_SYNTAX, 1, "a field was expected"},
        {"a && != 5", TP_FILTER_SYNTAX, 6, "a field was expected"},
        {"()", TP_FILTER_SYNTAX, 1, "a field was expected"},
        {"\"a\" == 5", TP_FILTER_SYNTAX, 0, "a field was expected"},
        {"\xc3\xa9 == 5", TP_FILTER_SYNTAX, 0, "a field was expected"},
        {"(a == 5", TP_FILTER_SYNTAX, 7, "a ) is missing"},
        {"((a) ", TP_FILTER_SYNTAX, 5, "a ) is missing"},
        {"a == 5)", TP_FILTER_SYNTAX, 6, "a ) without a ("},
        {"a ==", TP_FILTER_SYNTAX, 4, "a number was expected"},
        {"a == && b", TP_FILTER_SYNTAX, 5, "a number was expected"},
        {"a << 5", TP_FILTER_SYNTAX, 3, "a number was expected"},
        {"a === 5", TP_FILTER_SYNTAX, 4, "a number was expected"},
        {"a == -", TP_FILTER_SYNTAX, 5, "a number was expected"},
        {"a == - 5", TP_FILTER_SYNTAX, 5, "a number was expected"},
        {"a == --5", TP_FILTER_SYNTAX, 5, "a number was expected"},
        {"a == +5", TP_FILTER_SYNTAX, 5, "a number was expected"},
        {"a & b", TP_FILTER_SYNTAX, 4, "a number was expected"},
        {"a &", TP_FILTER_SYNTAX, 3, "a number was expected"},
        {"a == 08", TP_FILTER_SYNTAX, 6, "a digit was expected"},
        {"a == 12abc", TP_FILTER_SYNTAX, 7, "a digit was expected"},
        {"a == 0x", TP_FILTER_SYNTAX, 7, "a digit was expected"},
        {"a == 0xfg", TP_FILTER_SYNTAX, 8, "a digit was expected"},
        {"a == 1_0", TP_FILTER_SYNTAX, 6, "a digit was expected"},
        {"x == 'xy'", TP_FILTER_SYNTAX, 5, "one character was expected in the quotes"},
        {"x == '''", TP_FILTER_SYNTAX, 5, "one character was expected in the quotes"},
        {"x == ''", TP_FILTER_SYNTAX, 5, "one character was expected in the quotes"},
        {"x == 'x", TP_FILTER_SYNTAX, 5, "one character was expected in the quotes"},
        {"x == '", TP_FILTER_SYNTAX, 5, "one character was expected in the quotes"},
        {"x == '\\q'", TP_FILTER_SYNTAX, 5, "one character was expected in the quotes"},
        {"name == \"x", TP_FILTER_SYNTAX, 8, "this quote does not end"},
        {"name == 'x\"", TP_FILTER_SYNTAX, 8, "this quote does not end"},
        {"name == 'x\\'", TP_FILTER_SYNTAX, 8, "this quote does not end"},
        {"name ~ \"", TP_FILTER_SYNTAX, 7, "this quote does not end"},
        {"flags == \"O_CREAT", TP_FILTER_SYNTAX, 9, "this quote does not end"},
        {"name ==", TP_FILTER_SYNTAX, 7, "a text was expected"},
        {"name == )", TP_FILTER_SYNTAX, 8, "a text was expected"},
        {"name == [a]", TP_FILTER_SYNTAX, 8, "a text was expected"},
        {"nope == 5", TP_FILTER_NO_FIELD, 0, "no such field"},
        {"a > b && e", TP_FILTER_NO_FIELD, 9, "no such field"},
        {"A == 5", TP_FILTER_NO_FIELD, 0, "no such field"},
        {"aa", TP_FILTER_NO_FIELD, 0, "no such field"},
        {"common_pi == 1", TP_FILTER_NO_FIELD, 0, "no such field"},
        {"a == nope", TP_FILTER_NO_FIELD, 5, "no such field"},
        {"name", TP_FILTER_KIND, 0, "a text needs ==, != or ~"},
        {"a && (name)", TP_FILTER_KIND, 6, "a text needs ==, != or ~"},
        {"name < x", TP_FILTER_KIND, 5, "a text has ==, != and ~ only"},
        {"name & 1", TP_FILTER_KIND, 5, "a text has ==, != and ~ only"},
        {"name >= x", TP_FILTER_KIND, 5, "a text has ==, != and ~ only"},
        {"a ~ 5", TP_FILTER_KIND, 2, "~ is for texts, and the field is a number"},
        {"a & 1 ~ x", TP_FILTER_KIND, 6, "~ is for texts, and the field is a number"},
        {"a == \"5\"", TP_FILTER_KIND, 5, "a text, but the field is a number"},
        {"a == name", TP_FILTER_KIND, 5, "this field is not a number"},
        {"a == blob", TP_FILTER_KIND, 5, "this field is not a number"},
        {"name == a", TP_FILTER_KIND, 8, "this field is not a text: put a text in quotes"},
        {"name == blob", TP_FILTER_KIND, 8, "this field is not a text: put a text in quotes"},
        {"blob == 1", TP_FILTER_KIND, 0, "bytes and arrays cannot be compared"},
        {"a == 18446744073709551616", TP_FILTER_RANGE, 5, "more than 64 bits"},
        {"a == 18446744073709551620", TP_FILTER_RANGE, 5, "more than 64 bits"},
        {"a == 18446744073709551629", TP_FILTER_RANGE, 5, "more than 64 bits"},
        {"a == 99999999999999999999", TP_FILTER_RANGE, 5, "more than 64 bits"},
        {"a == 184467440737095516150", TP_FILTER_RANGE, 5, "more than 64 bits"},
        {"a == 0x10000000000000000", TP_FILTER_RANGE, 5, "more than 64 bits"},
        {"a == 02000000000000000000000", TP_FILTER_RANGE, 5, "more than 64 bits"},
        {"a == -9223372036854775809", TP_FILTER_RANGE, 5, "more than 64 bits"},
        {"flags & O_NOPE", TP_FILTER_NO_NAME, 8, "no such name in the field's table"},
        {"flags == O_CREAT|O_NOPE", TP_FILTER_NO_NAME, 17, "no such name in the field's table"},
        {"flags == 'O_CREAT| O_NOPE'", TP_FILTER_NO_NAME, 19, "no such name in the field's table"},
        {"flags == \"\"", TP_FILTER_NO_NAME, 10, "no such name in the field's table"},
        {"flags == 'O_CREAT|'", TP_FILTER_NO_NAME, 18, "no such name in the field's table"},
        {"flags == O_CREAT|", TP_FILTER_SYNTAX, 17, "a number was expected"},
        {"state == 'DEAD|RUNNING'", TP_FILTER_NO_NAME, 10, "no such name in the field's table"},
        {"state == nope", TP_FILTER_NO_NAME, 9, "no such name in the field's table"},
        {"state == 'D'", TP_FILTER_NO_NAME, 10, "no such name in the field's table"},
        {"flags == a|1", TP_FILTER_SYNTAX, 10, "'|' is not an operator: use ||"},
    };

    for (unsigned i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        const struct wrong *w = &all[i];
        struct tp_filter_error error;
        char shown[300], expected[300];
        union program p;
        long n = compile_exactly(&p, w->text, strlen(w->text), sizeof(p), &error);

        if (n != w->code || (int)error.code != w->code || error.column != w->column ||
            strcmp(error.what, w->what))
            TP_FAIL("%s: %ld (%d) \"%s\" at %u", w->text, n, error.code, error.what, error.column);
        if (strpbrk(w->text, "\t\n\xc3"))
            continue;
        snprintf(expected, sizeof(expected), "%s at column %u\n%s\n%*s^\n", w->what, w->column + 1,
                 w->text, (int)w->column, "");
        TP_CHECK_EQ(tp_filter_explain(&error, w->text, strlen(w->text), shown, sizeof(shown)),
                    strlen(expected));
        TP_CHECK_STREQ(shown, expected);
    }
}

TP_TEST(Filter, NulInTheText)
{
    static const struct {
        const char *text;
        uint32_t bytes, column;
        const char *what;
    } all[] = {{"\0", 1, 0, "a field was expected"},
               {"a\0", 2, 1, "an operator was expected"},
               {"a ==\0 5", 7, 4, "a number was expected"},
               {"a == 5\0", 7, 6, "an operator was expected"},
               {"x == '\0'", 8, 5, "one character was expected in the quotes"},
               {"name == y\0z", 11, 9, "an operator was expected"},
               {"name == \"x\0\"", 12, 10, "a NUL in a text"},
               {"name == \"x\\\0\"", 13, 11, "a NUL in a text"},
               {"name ~ x\\\0", 10, 9, "an operator was expected"}};

    for (unsigned i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        struct tp_filter_error error;
        union program p;

        if (compile_exactly(&p, all[i].text, all[i].bytes, sizeof(p), &error) != TP_FILTER_SYNTAX ||
            error.column != all[i].column || strcmp(error.what, all[i].what))
            TP_FAIL("%u: \"%s\" at %u", i, error.what, error.column);
    }
}

TP_TEST(Filter, ExplainsInThreeLines)
{
    struct tp_filter_error error = {TP_FILTER_NO_FIELD, 4, "no such field"};
    static const char whole[] = "no such field at column 5\na > x\n    ^\n";
    char line[100], small[8];

    TP_CHECK_EQ(tp_filter_explain(&error, "a > x", 5, line, sizeof(line)), 38);
    TP_CHECK_STREQ(line, whole);
    /* What ends the lines, or drives a terminal, is '?': NUL, ESC, DEL, U+009B. */
    tp_filter_explain(&error, "\0\x1b\n\x7f\n\n", 6, line, sizeof(line));
    TP_CHECK_STREQ(line, "no such field at column 5\n????\n    ^\n");
    tp_filter_explain(&error, "\xc2\x9bz\x9b", 4, line, sizeof(line));
    TP_CHECK_STREQ(line, "no such field at column 5\n??z\x9b\n   ^\n");
    tp_filter_explain(&error, "\xc2\xa9\xc2\xa0z", 5, line, sizeof(line));
    TP_CHECK_STREQ(line, "no such field at column 5\n\xc2\xa9\xc2\xa0z\n  ^\n");
    /* The caret is below the character, whatever it takes in bytes. */
    tp_filter_explain(&error, "\xc3\xa9\xc3\xa9x", 5, line, sizeof(line));
    TP_CHECK_STREQ(line, "no such field at column 5\n\xc3\xa9\xc3\xa9x\n  ^\n");
    error.column = 1023;
    tp_filter_explain(&error, "", 0, line, 30);
    TP_CHECK_STREQ(line, "no such field at column 1024\n");
    error.column = 90;
    TP_CHECK_EQ(tp_filter_explain(&error, "a > x", 5, small, sizeof(small)), 7);
    TP_CHECK_STREQ(small, "no such");
    for (size_t room = 1; room < 60; room++) {
        char *cut = malloc(room);

        size_t n = tp_filter_explain(&error, "a > x", 5, cut, room);

        TP_CHECK_EQ(n, strlen(cut));
        free(cut);
    }
    TP_CHECK_EQ(tp_filter_explain(&error, "a > x", 5, NULL, 0), 0);
}

/* --- limits --- */

static long repeated(const char *unit, const char *last, unsigned times, size_t room,
                     struct tp_filter_error *error)
{
    char text[4096] = "";
    union program p;

    for (unsigned i = 0; i < times; i++)
        strcat(text, unit);
    strcat(text, last);
    return compile_exactly(&p, text, strlen(text), room, error);
}

TP_TEST(Filter, LimitOfTests)
{
    struct tp_filter_error error;

    TP_CHECK_EQ(repeated("a||", "a", 63, TP_FILTER_BYTES_MAX, &error), 16 + 64 * 24);
    TP_CHECK_EQ(repeated("a||", "a", 64, TP_FILTER_BYTES_MAX, &error), TP_FILTER_TOO_LONG);
    TP_CHECK_EQ(error.column, 64 * 3);
    TP_CHECK_STREQ(error.what, "more than 64 tests");
}

TP_TEST(Filter, LimitOfTheText)
{
    char text[1025];
    struct tp_filter_error error;
    union program p;

    memset(text, ' ', sizeof(text));
    text[1022] = 'a';
    TP_CHECK_EQ(compile_exactly(&p, text, 1023, sizeof(p), &error), 40);
    TP_CHECK_EQ(compile_exactly(&p, text, 1024, sizeof(p), &error), TP_FILTER_TOO_LONG);
    TP_CHECK_EQ(error.column, 1023);
    TP_CHECK_STREQ(error.what, "more than 1023 bytes");
}

TP_TEST(Filter, LimitOfTheTexts)
{
    char text[600] = "name == ";
    struct tp_filter_error error;
    union program p;

    memset(text + 8, 'x', 513);
    TP_CHECK_EQ(compile_exactly(&p, text, 8 + 512, sizeof(p), &error), 16 + 24 + 512);
    TP_CHECK_EQ(compile_exactly(&p, text, 8 + 513, sizeof(p), &error), TP_FILTER_TOO_LONG);
    TP_CHECK_EQ(error.column, 8);
    TP_CHECK_STREQ(error.what, "more than 512 bytes of texts");
    text[8] = text[8 + 513] = '"';
    TP_CHECK_EQ(compile_exactly(&p, text, 8 + 514, sizeof(p), &error), 16 + 24 + 512);
    /* Two texts share it. */
    memcpy(text + 8 + 514, " || name == y", 14);
    TP_CHECK_EQ(compile_exactly(&p, text, strlen(text), sizeof(p), &error), TP_FILTER_TOO_LONG);
    TP_CHECK_EQ(error.column, 8 + 514 + 12);
}

TP_TEST(Filter, LimitOfTheDepth)
{
    struct tp_filter_error error;
    const char *closing = "))))))))))))))))))))))))))))))))"; /* 32 */
    char last[64];

    snprintf(last, sizeof(last), "a%s", closing);
    TP_CHECK_EQ(repeated("(", last, 32, TP_FILTER_BYTES_MAX, &error), 40);
    TP_CHECK_EQ(repeated("(", last, 33, TP_FILTER_BYTES_MAX, &error), TP_FILTER_TOO_DEEP);
    TP_CHECK_EQ(error.column, 32);
    TP_CHECK_STREQ(error.what, "more than 32 nested ( and !");
    TP_CHECK_EQ(repeated("!", "a", 32, TP_FILTER_BYTES_MAX, &error), 40);
    TP_CHECK_EQ(repeated("!", "a", 33, TP_FILTER_BYTES_MAX, &error), TP_FILTER_TOO_DEEP);
    snprintf(last, sizeof(last), "a%s", closing + 16);
    TP_CHECK_EQ(repeated("!(", last, 16, TP_FILTER_BYTES_MAX, &error), 40);
    TP_CHECK_EQ(repeated("!(", last, 17, TP_FILTER_BYTES_MAX, &error), TP_FILTER_TOO_DEEP);
    TP_CHECK_EQ(error.column, 32);
    /* What has ended does not count. */
    TP_CHECK_EQ(repeated("!(a)||", "a", 60, TP_FILTER_BYTES_MAX, &error), 16 + 61 * 24);
}

TP_TEST(Filter, LimitOfTheRoom)
{
    static const char text[] = "a && name == 123456789";
    struct tp_filter_error error;
    union program p;

    TP_CHECK_EQ(compile_exactly(&p, text, strlen(text), 16 + 2 * 24 + 16, &error), 80);
    TP_CHECK_MEMEQ(p.bytes + 64, "123456789\0\0\0\0\0\0", 16);
    for (size_t room = 0; room < 80; room++) {
        TP_CHECK_EQ(compile_exactly(&p, text, strlen(text), room, &error), TP_FILTER_NO_ROOM);
        TP_CHECK_STREQ(error.what, "no room for the program");
        /* The first test; the text, 9 bytes; its test; the NULs after it. */
        TP_CHECK_EQ(error.column, room < 40 ? 0 : room < 49 ? 13 : room < 73 ? 5 : strlen(text));
    }
}

TP_TEST(Filter, LargestProgram)
{
    char text[1100] = "";
    struct tp_filter_error error;
    union program p;

    for (unsigned i = 0; i < 64; i++)
        strcat(text, i ? "||comm~*1234567" : "comm~*1234567");
    TP_CHECK_EQ(compile_exactly(&p, text, strlen(text), sizeof(p), &error), TP_FILTER_BYTES_MAX);
    TP_CHECK_EQ(sizeof(p), 16 + 64 * 24 + 512);
    TP_CHECK_EQ(p.filter.ops, 64);
    TP_CHECK_EQ(p.filter.literals_at, 16 + 64 * 24);
    TP_CHECK(!run_copy(&p, record));
}

/* --- globs --- */

static bool glob(const char *pattern, const char *text)
{
    return tp_filter_glob(pattern, strlen(pattern), text, strlen(text));
}

TP_TEST(Filter, Globs)
{
    static const char *const match[][2] = {{"", ""},          {"*", ""},
                                           {"***", ""},       {"a", "a"},
                                           {"*", "abc"},      {"a*", "abc"},
                                           {"*c", "abc"},     {"*b*", "abc"},
                                           {"a*c", "ac"},     {"a**c", "abbc"},
                                           {"?", "a"},        {"a?c", "abc"},
                                           {"*?", "a"},       {"*ab*abc", "ababababc"},
                                           {"[a]", "a"},      {"[abc]", "b"},
                                           {"[a-c]", "c"},    {"[a-c]", "a"},
                                           {"[!a]", "b"},     {"[^a]", "b"},
                                           {"[!a-c]", "d"},   {"[]]", "]"},
                                           {"[]a]", "a"},     {"[!]]", "a"},
                                           {"[a-]", "-"},     {"[-a]", "-"},
                                           {"[a^]", "^"},     {"[a!]", "!"},
                                           {"[", "["},        {"[a", "[a"},
                                           {"[]", "[]"},      {"[!]", "[!]"},
                                           {"[^]", "[^]"},    {"a]", "a]"},
                                           {"\\*", "*"},      {"\\?", "?"},
                                           {"\\[a]", "[a]"},  {"\\\\", "\\"},
                                           {"\\", "\\"},      {"\\a", "a"},
                                           {"[\\]", "\\"},    {"[\\]]", "\\]"},
                                           {"[*]", "*"},      {"[?]x", "?x"},
                                           {"[a-cx-z]", "y"}, {"[\x80-\xff]", "\xe9"},
                                           {"?", "\xff"},     {"*[0-9]", "a1b2"},
                                           {"[*", "[abc"},    {"*\\*", "a*"},
                                           {"[%--]", "-"}};
    static const char *const differ[][2] = {{"", "a"},
                                            {"a", ""},
                                            {"?", ""},
                                            {"a", "b"},
                                            {"a", "ab"},
                                            {"ab", "a"},
                                            {"a*", "ba"},
                                            {"*c", "cb"},
                                            {"a?c", "ac"},
                                            {"[a]", "b"},
                                            {"[a-c]", "d"},
                                            {"[!a]", "a"},
                                            {"[^a]", "a"},
                                            {"[!a]", ""},
                                            {"[]]", "a"},
                                            {"[!]]", "]"},
                                            {"\\*", "a"},
                                            {"\\a", "\\a"},
                                            {"[c-a]", "b"},
                                            {"A", "a"},
                                            {"*ab*abc", "abababab"},
                                            {"[a", "a"},
                                            {"\\[a]", "a"},
                                            {"[\\]]", "]"},
                                            {"[\x80-\xff]", "a"},
                                            {"a*b*c", "acb"},
                                            {"*?", ""}};

    for (unsigned i = 0; i < sizeof(match) / sizeof(match[0]); i++)
        if (!glob(match[i][0], match[i][1]))
            TP_FAIL("%s does not match %s", match[i][0], match[i][1]);
    for (unsigned i = 0; i < sizeof(differ) / sizeof(differ[0]); i++)
        if (glob(differ[i][0], differ[i][1]))
            TP_FAIL("%s matches %s", differ[i][0], differ[i][1]);
    TP_CHECK(tp_filter_glob("a\0b", 3, "a\0b", 3));
    TP_CHECK(!tp_filter_glob("a\0b", 3, "a\0c", 3));
    TP_CHECK(tp_filter_glob("*", 1, NULL, 0));
}

/* Blocks of code that a glob takes which fails at its very end, on a text of one byte. */
static uint64_t glob_steps(const char *unit, unsigned units, char byte, size_t text_bytes)
{
    char pattern[4096] = "", text[4096];
    uint64_t before;

    for (unsigned i = 0; i < units; i++)
        strcat(pattern, unit);
    strcat(pattern, "=");
    memset(text, byte, sizeof(text));
    before = steps;
    TP_CHECK(!tp_filter_glob(pattern, strlen(pattern), text, text_bytes));
    return steps - before;
}

/* Whatever the pattern, its steps are bound by one factor times its bytes times those of the text.
 */
TP_TEST(Filter, GlobsAreLinear)
{
    static const char *const units[] = {"*a", "a*", "*[a-z]", "[a-z]",     "[",
                                        "[!", "*[", "*[[",    "[[]",       "?",
                                        "*?", "**", "\\a",    "*aaaaaaaa", "[a-zA-Z0-9]"};
    uint64_t seven = glob_steps("*a", 7, 'a', 64);

    TP_CHECK(seven > 64); /* else nobody counts */
    TP_CHECK_LE(seven, 12 * 64 * 15);
    for (unsigned i = 0; i < sizeof(units) / sizeof(units[0]); i++)
        for (unsigned n = 1; n <= 256; n *= 2)
            for (size_t bytes = 16; bytes <= 1024; bytes *= 4)
                for (int star = 0; star < 2; star++) {
                    char unit[32];
                    uint64_t bound, a, open;

                    snprintf(unit, sizeof(unit), "%s%s", star ? "*" : "", units[i]);
                    bound = 12 * (strlen(unit) * n + 2) * (bytes + 1);
                    a = glob_steps(unit, n, 'a', bytes);
                    open = glob_steps(unit, n, '[', bytes);
                    if (a > bound || open > bound)
                        TP_FAIL("%s, %u times, on %zu bytes: %llu and %llu", unit, n, bytes,
                                (unsigned long long)a, (unsigned long long)open);
                }
}

/* A '[' that nothing closes is not searched for its end over and over. */
TP_TEST(Filter, OpenClassesAreLinear)
{
    char pattern[1001], text[1001];
    uint64_t before;

    memset(pattern, '[', sizeof(pattern));
    memset(text, '[', sizeof(text));
    pattern[0] = '*';
    pattern[1000] = '=';
    before = steps;
    TP_CHECK(!tp_filter_glob(pattern, 1001, text, 1001));
    TP_CHECK_LE(steps - before, 12ull * 1001 * 1001);
}

/* --- random texts --- */

static uint64_t seed = 0x9e3779b97f4a7c15;

static uint32_t any(uint32_t below)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)(seed >> 32) % below;
}

static char made[4096];
static size_t made_bytes;

#define ONE_OF(...)                                                                                \
    ((const char *const[]){                                                                        \
        __VA_ARGS__}[any(sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))])

static void say(const char *s)
{
    size_t n = strlen(s);

    if (made_bytes + n < 2000) {
        memcpy(made + made_bytes, s, n);
        made_bytes += n;
    }
    if (!any(3))
        made[made_bytes++] = ONE_OF(" ", " ", "\t", "\n")[0];
}

static const char *a_number(void)
{
    static char text[64];
    uint64_t n = any(3) ? any(8) : (uint64_t)any(UINT32_MAX) << 32 | any(UINT32_MAX);

    n >>= any(2) ? 0 : any(64);
    switch (any(8)) {
    case 0:
        return ONE_OF("18446744073709551615", "18446744073709551616", "9223372036854775807",
                      "9223372036854775808", "-9223372036854775808", "-9223372036854775809", "'x'",
                      "-'a'", "'\\n'", "0xffffffffffffffff", "-1", "-0", "4294967295",
                      "-2147483648", "08", "0x", "1777777777777777777777");
    case 1:
        snprintf(text, sizeof(text), "%s0x%llx", any(2) ? "-" : "", (unsigned long long)n);
        break;
    case 2:
        snprintf(text, sizeof(text), "%s0%llo", any(2) ? "-" : "", (unsigned long long)n);
        break;
    default:
        snprintf(text, sizeof(text), "%s%llu", any(2) ? "-" : "", (unsigned long long)n);
    }
    return text;
}

static const char *a_name(void)
{
    return ONE_OF("O_WRONLY", "O_CREAT", "O_CREAT|O_WRONLY", "O_RDWR | 4", "\"O_EXCL\"",
                  "'O_CREAT | O_EXCL'", "'odd|name'", "DEAD", "RUNNING", "'SLEEPING'", "TOP", "b",
                  "TOP|LOW", "nope");
}

static const char *a_numeric(void)
{
    return ONE_OF("a", "b", "c", "d", "flags", "state", "x", "wide", "zero", "common_pid", "CPU",
                  "cpu", "common_cpu", "common_type", "common_flags", "common_preempt_count");
}

static const char *a_text(void)
{
    return ONE_OF("name", "other", "empty", "comm", "COMM", "common_comm");
}

static const char *a_literal(void)
{
    return ONE_OF("bash", "\"bash\"", "'ba'", "''", "\"\"", "ab*", "a?", "[ab]*", "\"[!a]*\"", "*b",
                  "*a*b", "12", "aab", "\"a\\\"\"", "'\\*'", "a\\*", "[a-b]?", "'[]a]b'", "*?*",
                  "[!b]a", "[", "'[a'", "\"\\\\\"", "b", "other", "comm", "a\\", "\xc3\xa9",
                  "'a\\nb'", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
}

static const char *a_relation(void)
{
    return ONE_OF("==", "!=", "<", "<=", ">", ">=");
}

static void say_term(void)
{
    if (!any(3)) {
        say(a_text());
        say(ONE_OF("==", "!=", "~", "~"));
        say(any(5) ? a_literal() : a_text());
        return;
    }
    say(a_numeric());
    if (!any(4)) {
        say("&");
        say(any(3) ? a_number() : a_name());
    }
    if (!any(5))
        return;
    say(a_relation());
    say(any(3) ? a_number() : any(2) ? a_numeric() : a_name());
}

static void say_any(unsigned depth)
{
    unsigned operands = 1 + (any(3) ? any(3) : 0);

    while (operands--) {
        while (!any(5))
            say("!");
        if (depth && !any(3)) {
            say("(");
            say_any(depth - 1);
            say(")");
        } else {
            say_term();
        }
        if (operands)
            say(any(2) ? "&&" : "||");
    }
}

static void mutate(void)
{
    static const char alphabet[] = "()!&|=<>~\"'\\ -09axbcd_*?[]^\0\xff\n|&.:";
    size_t at = any((uint32_t)made_bytes + 1);
    char c = alphabet[any(sizeof(alphabet) - 1)];

    switch (any(4)) {
    case 0:
        if (at < made_bytes)
            made[at] = c;
        break;
    case 1:
        memmove(made + at + 1, made + at, made_bytes - at);
        made[at] = c;
        made_bytes++;
        break;
    case 2:
        made_bytes = at;
        break;
    default:
        if (at < made_bytes)
            memmove(made + at, made + at + 1, --made_bytes - at);
    }
}

static void make_text(void)
{
    made_bytes = 0;
    if (any(300)) {
        say_any(any(4));
    } else { /* around the limits */
        unsigned times = 20 + any(60);

        for (unsigned i = 0; i < times; i++)
            say(ONE_OF("!", "(", "a||", "!(", "a&&", "x||"));
        say_any(1);
        for (unsigned i = any(40); i; i--)
            say(")");
    }
    while (!any(2))
        mutate();
}

static uint64_t a_value(unsigned field)
{
    uint64_t v = any(2) ? any(8) : any(2) ? (uint64_t)0 - any(9) : 1ull << any(64);

    if (field == C || field == D || field == WIDE)
        return v;
    if (field == X)
        return any(2) ? 'x' : (uint8_t)v;
    if (field == STATE)
        return any(2) ? (uint64_t)(int8_t)200 : (uint64_t)(int8_t)v;
    if (field == FLAGS)
        return any(2) ? any(0x200) : (uint32_t)v;
    return field == B || field == TP_FILTER_PID ? (uint64_t)(int32_t)v : (uint32_t)v;
}

/* Texts end where their memory does. */
static void make_record(struct tp_filter_value *v, char *memory[TP_FILTER_VALUES])
{
    for (unsigned i = 0; i < TP_FILTER_VALUES; i++) {
        const char *text = ONE_OF("", "bash", "ba", "b", "aab", "12", "ab", "a\"", "*", "a*", "]b",
                                  "aa\0b", "a\nb", "[a", "\\", "\xc3\xa9", "ab\0");
        uint32_t bytes = (uint32_t)strlen(text) + any(2) * any(4); /* literals are padded below */
        char padded[16] = "";

        strcpy(padded, text);
        memory[i] = malloc(bytes ? bytes : 1);
        memcpy(memory[i], padded, bytes);
        v[i] = (struct tp_filter_value){a_value(i), bytes ? memory[i] : NULL, bytes};
    }
}

static void check_shape(const union program *p)
{
    const struct tp_filter_op *op = (const struct tp_filter_op *)(p->bytes + 16);

    for (uint32_t i = 0; i < p->filter.ops; i++)
        for (int way = 0; way < 2; way++) {
            uint32_t to = op[i].to[way];

            if (to < TP_FILTER_REJECT && (to <= i || to >= p->filter.ops))
                TP_FAIL("op %u goes to %u: %.*s", i, to, (int)made_bytes, made);
        }
    TP_CHECK_EQ(p->filter.literals_at, 16u + p->filter.ops * 24u);
    TP_CHECK_EQ(p->filter.zero, 0);
}

TP_TEST(Filter, RandomTexts)
{
    unsigned rounds = 1000000;
    unsigned accepted = 0, passed = 0, failures = 0;

    for (unsigned round = 0; round < rounds && failures < 10; round++) {
        struct tp_filter_error error;
        const struct slow_node *tree;
        union program p;
        long n;

        make_text();
        tree = slow_parse(made, made_bytes, &schema);
        n = compile_exactly(&p, made, made_bytes, sizeof(p), &error);
        if (n < 0 && (error.column > made_bytes || n != (long)error.code || !error.what)) {
            TP_FAIL("column %u of: %.*s", error.column, (int)made_bytes, made);
            failures++;
        }
        if ((n > 0) != (tree != NULL)) {
            TP_FAIL("%s by the slow one: %.*s: %s", tree ? "accepted" : "refused", (int)made_bytes,
                    made, n < 0 ? error.what : "");
            failures++;
            continue;
        }
        if (n < 0)
            continue;
        accepted++;
        check_shape(&p);
        TP_CHECK_EQ(p.filter.uses, slow_uses(tree));
        for (unsigned i = 0; i < 4; i++) {
            struct tp_filter_value v[TP_FILTER_VALUES];
            char *memory[TP_FILTER_VALUES];
            int expected;

            make_record(v, memory);
            expected = slow_eval(tree, v);
            passed += (unsigned)expected;
            if (run_copy(&p, v) != expected) {
                TP_FAIL("%d by the slow one: %.*s", expected, (int)made_bytes, made);
                failures++;
            }
            for (unsigned k = 0; k < TP_FILTER_VALUES; k++)
                free(memory[k]);
        }
    }
    /* Else the texts are no test. */
    TP_CHECK_GE(accepted, rounds / 4);
    TP_CHECK_GE(rounds - accepted, rounds / 4);
    TP_CHECK_GE(passed, accepted);
    TP_CHECK_GE(4 * accepted - passed, accepted);
}

/* Short patterns of the bytes that mean something, on short texts: against sets of places. */
TP_TEST(Filter, RandomGlobs)
{
    unsigned matched = 0, failures = 0;

    for (unsigned round = 0; round < 300000 && failures < 10; round++) {
        size_t m = any(9), n = any(7);
        char *pattern = malloc(m + 1), *text = malloc(n + 1);
        bool is;

        /* At the end of their memory. */
        for (size_t i = 0; i < m; i++)
            pattern[1 + i] = "**??[[]]!^-\\abb"[any(15)];
        for (size_t i = 0; i < n; i++)
            text[1 + i] = "aabbc-]\\[!"[any(10)];
        is = tp_filter_glob(pattern + 1, m, text + 1, n);
        matched += is;
        if (is != slow_glob(pattern + 1, m, text + 1, n)) {
            TP_FAIL("%d: %.*s on %.*s", is, (int)m, pattern + 1, (int)n, text + 1);
            failures++;
        }
        free(pattern);
        free(text);
    }
    TP_CHECK_GE(matched, 10000);
}
