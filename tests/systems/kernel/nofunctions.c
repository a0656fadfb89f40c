/* SPDX-License-Identifier: MIT */
/* nofunctions.c - instead of functions.c in a kernel whose functions are not traced. */
#include "kernel.h"

void functions_init(void)
{
}

bool functions_run(struct tp_trace *trace)
{
    (void)trace;
    if (option(OPT_FN) || option(OPT_FN_KNOWN) || option(OPT_FN_DEEP) || option(OPT_FN_COST))
        panic("this kernel is not compiled for tracing functions", NULL);
    return false;
}

void functions_follow_leaf(bool on)
{
    (void)on;
}

void functions_follow_all(struct tp_trace *trace)
{
    (void)trace;
}

void functions_follow_none(void)
{
}
