/* SPDX-License-Identifier: MIT */
/* noprofile.c - instead of profile.c on a board whose compiler makes no frames that could be walked. */
#include "kernel.h"

void profile_timer(const struct regs *regs)
{
    (void)regs;
    if (option(OPT_SAMPLE))
        panic("this board takes no samples", NULL);
}

void profile_hit(const struct regs *regs)
{
    (void)regs;
}

void profile_run(uint64_t ticks)
{
    (void)ticks;
    panic("this board takes no samples", NULL);
}
