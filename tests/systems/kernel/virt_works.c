/* SPDX-License-Identifier: MIT */
/* virt_works.c - what the boards but x86_64 can do instead of the usual work. */
#include "kernel.h"

bool works_run(struct tp_trace *trace)
{
    if (option(OPT_STORM) || option(OPT_HOTPLUG) || option(OPT_PROBES) || option(OPT_PATCH) ||
        option(OPT_SHELL) || (CPUS == 1 && (option(OPT_BELL) || option(OPT_STORY))))
        panic("this board cannot do that", NULL);
    if (option(OPT_BELL))
        bell_run(trace, option(OPT_BELL));
    else if (option(OPT_STORY))
        story_run();
    else
        return false;
    return true;
}

void works_report(void)
{
    if (option(OPT_BELL))
        bell_report();
}
