/* SPDX-License-Identifier: MIT */
/*
 * known.c - functions whose calls are known: functions_test.sh has the graph of known_root, written by
 * hand. None may be inlined, cloned, or lose a call to another.
 */
#include "kernel.h"

#define KNOWN __attribute__((noinline, noclone))

static volatile uint32_t sum;

KNOWN uint32_t known_leaf(uint32_t n)
{
    sum += n;
    return n + 1;
}

static KNOWN uint32_t known_twig(uint32_t n)
{
    return known_leaf(n) + known_leaf(n + 1);
}

/* Calls itself: n deep. */
KNOWN uint32_t known_down(uint32_t n)
{
    return n ? known_down(n - 1) + sum : known_leaf(n);
}

/* Two returns, of which one is taken. */
static KNOWN uint32_t known_choose(uint32_t n)
{
    if (n % 2)
        return known_twig(n) * sum;
    sum += 2;
    return sum;
}

KNOWN uint32_t known_root(uint32_t n)
{
    uint32_t all = known_twig(n);

    all += known_choose(1);
    all += known_choose(2);
    return all + known_down(3);
}

const void *const known_functions[] = {known_leaf,   known_twig, known_down,
                                       known_choose, known_root, NULL};
