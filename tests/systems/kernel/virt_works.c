/* SPDX-License-Identifier: MIT */
/* virt_works.c - what the boards on QEMU's virt machines can do instead of the usual work. */
#include "kernel.h"

bool works_run(struct tp_trace *trace)
{
    if (option(OPT_STORM) || option(OPT_HOTPLUG) || option(OPT_PROBES) || option(OPT_PATCH) ||
        option(OPT_SHELL) || option(OPT_SAMPLE) > 1)
        panic("this board cannot do that", NULL);
    if (option(OPT_BELL))
        bell_run(trace, option(OPT_BELL));
    else if (option(OPT_SPIN))
        profile_run(option(OPT_SPIN));
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
