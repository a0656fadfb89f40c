/* SPDX-License-Identifier: MIT */
/*
 * Benchmarks of filters, printed as those of bench.c:
 *
 *   filter_term      a filter of one term against the same comparison in a function of C
 *   filter_terms     four terms that are all looked at, against one
 *   filter_glob      a glob with seven stars that fails on 64 bytes, against one with one star
 *   glob_us          its time, in microseconds
 */
#include "measure.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tp/filter.h>

#define RUNS 20000u

static uint64_t one[TP_FILTER_BYTES_MAX / 8], four[TP_FILTER_BYTES_MAX / 8];
static struct tp_filter_value value[TP_FILTER_VALUES];
static char text[64];
static volatile uint32_t passed;

static const struct tp_filter_field fields[] = {{"a", TP_FILTER_UNSIGNED, 4, false, 0, NULL},
                                                {"b", TP_FILTER_SIGNED, 4, false, 0, NULL}};
static const struct tp_filter_schema schema = {fields, 2, NULL};

static __attribute__((noinline)) bool by_hand(const struct tp_filter_value *v)
{
    return v->number > 4;
}

static void loop_by_hand(void)
{
    for (uint32_t i = 0; i < RUNS; i++) {
        value[0].number = i & 7;
        passed += by_hand(value);
    }
}

static void loop_one(void)
{
    for (uint32_t i = 0; i < RUNS; i++) {
        value[0].number = i & 7;
        passed += tp_filter_run((const struct tp_filter *)one, value);
    }
}

static void loop_four(void)
{
    for (uint32_t i = 0; i < RUNS; i++) {
        value[0].number = i & 7;
        passed += tp_filter_run((const struct tp_filter *)four, value);
    }
}

static void loop_star(void)
{
    for (uint32_t i = 0; i < RUNS; i++)
        passed += tp_filter_glob("*ab", 3, text, sizeof(text));
}

static void loop_glob(void)
{
    for (uint32_t i = 0; i < RUNS; i++)
        passed += tp_filter_glob("*a*a*a*a*a*a*ab", 15, text, sizeof(text));
}

static void nothing(void)
{
}

static double ratio(void (*tested)(void), void (*limit)(void))
{
    return ratio_of(tested, limit, 1, nothing, NULL);
}

static void compile(uint64_t *program, const char *filter)
{
    struct tp_filter_error error;

    if (tp_filter_compile((struct tp_filter *)program, TP_FILTER_BYTES_MAX, filter, strlen(filter),
                          &schema, &error) < 0)
        abort();
}

int main(void)
{
    double spent, glob;

    compile(one, "a > 4");
    compile(four, "a < 8 && b == 0 && a != 9 && !(a & 8)");
    memset(text, 'a', sizeof(text));
    printf("bench filter_term %.2f\n", ratio(loop_one, loop_by_hand));
    printf("bench filter_terms %.2f at most 4\n", ratio(loop_four, loop_one));
    glob = ratio_of(loop_glob, loop_star, 1, nothing, &spent);
    printf("bench filter_glob %.2f at most 2\n", glob);
    printf("bench glob_us %.2f at most 1\n", spent / RUNS * 1e6);
    return 0;
}
