/* SPDX-License-Identifier: MIT */
/* virt_works.c - what the boards but x86_64 can do instead of the usual work. */
#include "kernel.h"

/* One CPU cannot wait for another; and a CPU of these goes by its own will only. */
static bool possible(void)
{
    const bool two = option(OPT_STORY) || option(OPT_HOTPLUG) || option(OPT_PATCH);

    return option(OPT_SAMPLE) < 2 && !option(OPT_STORM) && !option(OPT_KILL) && (CPUS > 1 || !two);
}

bool works_run(struct tp_trace *trace)
{
    if (!possible())
        panic("this board cannot do that", NULL);
    if (functions_run(trace))
        return true;
    if (option(OPT_HOTPLUG))
        hotplug_run(option(OPT_HOTPLUG), false);
    else if (option(OPT_BELL))
        bell_run(trace, option(OPT_BELL));
    else if (option(OPT_PROBES))
        probes_run(trace, option(OPT_PROBES));
    else if (option(OPT_PATCH))
        live_run(trace, option(OPT_PATCH));
    else if (option(OPT_SPIN))
        profile_run(option(OPT_SPIN));
    else if (option(OPT_STORY))
        story_run();
    else if (option(OPT_SHELL))
        shell_run();
    else
        return false;
    return true;
}

void works_report(void)
{
    if (option(OPT_BELL))
        bell_report();
    if (option(OPT_PATCH))
        live_report();
}
