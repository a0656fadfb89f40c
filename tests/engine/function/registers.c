/* SPDX-License-Identifier: MIT */
/*
 * registers.c - functions that are given, and return, as much in registers as there can be, and one that is
 * left by longjmp: what they see must not depend on whether they are traced.
 */
#include "calls.h"

#include <setjmp.h>

#define REGISTERS __attribute__((noinline))
#define JUMPS (3 * TP_SHADOW_CALLS)

struct pair {
    long a, b;
};

struct wide {
    long n[8];
};

static jmp_buf back;
static volatile long left;

/* Eight arguments, and two on the stack. */
REGISTERS static long registers_many(long a, long b, long c, long d, long e, long f, long g, long h,
                                     long i, long j)
{
    left++;
    return a + 2 * b + 3 * c + 4 * d + 5 * e + 6 * f + 7 * g + 8 * h + 9 * i + 10 * j;
}

/* Two registers. */
REGISTERS static struct pair registers_pair(long a)
{
    left++;
    return (struct pair){a, ~a};
}

/* Into memory that the caller says. */
REGISTERS static struct wide registers_wide(long a)
{
    struct wide w;

    for (long i = 0; i < 8; i++)
        w.n[i] = a + i;
    left++;
    return w;
}

/* Ends in a jump to another function. */
REGISTERS static struct pair registers_tail(long a)
{
    left++;
    return registers_pair(a + 1);
}

REGISTERS static void registers_leave(int n)
{
    left++;
    if (n > 0)
        registers_leave(n - 1);
    else if (left)
        longjmp(back, 1);
    left++;
}

REGISTERS static bool registers_jump(void)
{
    if (setjmp(back))
        return true;
    registers_leave(3);
    return false;
}

static bool registers_jump_often(void)
{
    for (int i = 0; i < JUMPS; i++)
        if (!registers_jump())
            return false;
    return true;
}

const void *const registers_functions[] = {registers_many,       registers_pair,     registers_wide,
                                           registers_tail,       registers_leave,    registers_jump,
                                           registers_jump_often, registers_are_kept, NULL};

bool registers_are_kept(void)
{
    const struct pair p = registers_pair(77), t = registers_tail(76);
    const struct wide w = registers_wide(5);

    for (long i = 0; i < 8; i++)
        if (w.n[i] != 5 + i)
            return false;
    return registers_many(1, 2, 3, 4, 5, 6, 7, 8, 9, 10) == 385 && p.a == 77 && p.b == ~77L &&
           t.a == 77 && t.b == ~77L && registers_jump_often();
}
