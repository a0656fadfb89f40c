/* SPDX-License-Identifier: MIT */
/* Numbers with a point in filters, against what C's own arithmetic and strtod say of them. */
#include "engine/filter/filter.h"
#include "tp_test.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { X, Y, F, G, N, FIELDS };

static const struct tp_filter_field fields[FIELDS] = {
    [X] = {"x", TP_FILTER_FLOAT, 8, false, 0, NULL},
    [Y] = {"y", TP_FILTER_FLOAT, 8, false, 0, NULL},
    [F] = {"f", TP_FILTER_FLOAT, 4, false, 0, NULL},
    [G] = {"g", TP_FILTER_FLOAT, 4, false, 0, NULL},
    [N] = {"n", TP_FILTER_SIGNED, 4, false, 0, NULL},
};
static const struct tp_filter_schema schema = {fields, FIELDS, NULL};

/* 1, 0, or the code of an error. */
static int passes(const char *text, double x, double y, float f, float g)
{
    static _Alignas(8) uint8_t program[TP_FILTER_BYTES_MAX];
    struct tp_filter_value v[TP_FILTER_VALUES] = {{0}};
    struct tp_filter_error error;
    uint32_t bits;
    long n = tp_filter_compile((struct tp_filter *)program, sizeof(program), text, strlen(text),
                               &schema, &error);

    if (n < 0)
        return (int)n;
    memcpy(&v[X].number, &x, 8);
    memcpy(&v[Y].number, &y, 8);
    memcpy(&bits, &f, 4);
    v[F].number = bits;
    memcpy(&bits, &g, 4);
    v[G].number = bits;
    return tp_filter_run((const struct tp_filter *)program, v);
}

static const double values[] = {
    0.0,      -0.0,      1,      -1,     0.1,     1.5,
    -1.5,     1e300,     -1e300, 5e-324, -5e-324, 2.2250738585072014e-308,
    INFINITY, -INFINITY, NAN,    1e-45,  3.4e38};
#define VALUES (sizeof(values) / sizeof(values[0]))

/* Every pair of values, each width on each side, by each operator. */
TP_TEST(FilterFloat, FieldsCompareAsInC)
{
    static const char *const ops[] = {"==", "<", "<=", ">", ">=", "!="};
    static const struct {
        const char *a, *b;
    } sides[] = {{"x", "y"}, {"x", "g"}, {"f", "y"}, {"f", "g"}};

    for (size_t i = 0; i < VALUES * VALUES; i++) {
        double x = values[i / VALUES], y = values[i % VALUES];

        for (unsigned s = 0; s < 4; s++) {
            double a = s < 2 ? x : (double)(float)x, b = s % 2 ? (double)(float)y : y;
            const bool want[] = {a == b, a<b, a <= b, a> b, a >= b, a < b || a > b};

            for (unsigned o = 0; o < 6; o++) {
                char text[32];

                snprintf(text, sizeof(text), "%s %s %s", sides[s].a, ops[o], sides[s].b);
                if (passes(text, x, y, (float)x, (float)y) != want[o])
                    TP_FAIL("%s with %a and %a", text, a, b);
            }
        }
    }
}

/* The number that is read is the nearest f64, as strtod has it. */
TP_TEST(FilterFloat, LiteralsAreTheNearest)
{
    static const char *const shown[] = {"0",
                                        "0.0",
                                        "-0",
                                        "1",
                                        "10",
                                        "1.5",
                                        "-2.25",
                                        "0.1",
                                        "1e10",
                                        "1E-5",
                                        "1.e2",
                                        ".5",
                                        "3.14159265358979",
                                        "9007199254740993",
                                        "9007199254740992",
                                        "9007199254740995",
                                        "9999999999999999999",
                                        "1e27",
                                        "1e-27",
                                        "9999999999999999999e27",
                                        "9999999999999999999e-27",
                                        "123456789012345678.9",
                                        "1000000000000000000000000000",
                                        "0x1p-1022",
                                        "0x1.8p1",
                                        "0x10",
                                        "0x1.fffffffffffffp1023",
                                        "0x1.fffffffffffff7p0",
                                        "0x1.fffffffffffff8p0",
                                        "inf",
                                        "-inf",
                                        "0.000000000000000000000000001",
                                        "0x.8p0"};
    uint64_t random = 88172645463325252u;
    char text[64];

    for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++) {
        snprintf(text, sizeof(text), "x == %s", shown[i]);
        if (passes(text, strtod(shown[i], NULL), 0, 0, 0) != 1)
            TP_FAIL("%s", text);
    }
    for (unsigned i = 0; i < 20000; i++) {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        snprintf(text, sizeof(text), "x == %llu.%lluE%d", (unsigned long long)(random >> 40),
                 (unsigned long long)(random & 0xfffffff), (int)(random >> 32 & 31) - 12);
        if (passes(text, strtod(text + 5, NULL), 0, 0, 0) != 1)
            TP_FAIL("%s", text);
    }
}

TP_TEST(FilterFloat, TermsAndLogic)
{
    TP_CHECK_EQ(passes("x", 0.5, 0, 0, 0), 1);
    TP_CHECK_EQ(passes("x", -0.0, 0, 0, 0), 0);
    TP_CHECK_EQ(passes("x", NAN, 0, 0, 0), 0);
    TP_CHECK_EQ(passes("!(x > 1)", 0.5, 0, 0, 0), 1);
    TP_CHECK_EQ(passes("x != 1", NAN, 0, 0, 0), 0);
    TP_CHECK_EQ(passes("f == 0.1", 0, 0, 0.1f, 0), 0); /* it is another number */
    TP_CHECK_EQ(passes("f == 0.5 && x < y || g >= inf", 1, 2, 0.5f, 0), 1);
    TP_CHECK_EQ(passes("f == 0.5 && x < y || g >= inf", 2, 1, 0.5f, INFINITY), 1);
}

TP_TEST(FilterFloat, Errors)
{
    static const struct {
        const char *text;
        int code;
    } e[] = {{"x & 1", TP_FILTER_KIND},          {"x ~ 1", TP_FILTER_KIND},
             {"x == n", TP_FILTER_KIND},         {"n == x", TP_FILTER_KIND},
             {"x == 'a'", TP_FILTER_RANGE},      {"x == 12345678901234567891", TP_FILTER_RANGE},
             {"x == 1e28", TP_FILTER_RANGE},     {"x == 1e-28", TP_FILTER_RANGE},
             {"x == 0x1p1024", TP_FILTER_RANGE}, {"x == 0x1p-1023", TP_FILTER_RANGE},
             {"x == 1e", TP_FILTER_RANGE},       {"x == ", TP_FILTER_RANGE},
             {"x == .", TP_FILTER_RANGE},        {"x == 1.5z", TP_FILTER_SYNTAX},
             {"x == nan", TP_FILTER_RANGE},      {"x = 1", TP_FILTER_SYNTAX}};

    for (size_t i = 0; i < sizeof(e) / sizeof(e[0]); i++)
        if (passes(e[i].text, 0, 0, 0, 0) != e[i].code)
            TP_FAIL("%s: %d", e[i].text, passes(e[i].text, 0, 0, 0, 0));
}
