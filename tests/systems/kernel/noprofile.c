/* SPDX-License-Identifier: MIT */
/* noprofile.c - profile.c for boards that have no chain of frame pointers: there are no samples. */
#include "kernel.h"

void profile_timer(const struct regs *regs)
{
    (void)regs;
}

void profile_run(uint64_t ticks)
{
    (void)ticks;
    panic("this board takes no samples", NULL);
}
