/* SPDX-License-Identifier: MIT */
/*
 * calls.c - functions whose calls are known: function_test.sh has what calls_root makes, by hand. None may
 * be inlined, cloned, or lose a call to another.
 */
#include "calls.h"

#define CALLS __attribute__((noinline))

static volatile unsigned sum;

CALLS unsigned calls_leaf(unsigned n)
{
    sum += n;
    return n + sum;
}

/* It is not to be seen. */
TP_NOTRACE CALLS unsigned calls_quiet(unsigned n)
{
    sum += n;
    return sum;
}

CALLS unsigned calls_twig(unsigned n)
{
    return calls_leaf(n) + calls_quiet(n) + calls_leaf(n + 1);
}

/* Calls itself: n deep. */
CALLS unsigned calls_down(unsigned n)
{
    return n ? calls_down(n - 1) * sum : calls_leaf(n);
}

CALLS unsigned calls_root(unsigned n)
{
    unsigned all = calls_twig(n);

    return all + calls_down(3);
}
