/* SPDX-License-Identifier: MIT */
/* works.c - what this board can do instead of the usual work. */
#include "kernel.h"

bool works_run(struct tp_trace *trace)
{
    if (functions_run(trace))
        return true;
    if (option(OPT_STORY) && option(OPT_DIE))
        functions_follow_all(trace); /* what it called last */
    if (option(OPT_STORM))
        storm_run(trace, option(OPT_STORM));
    else if (option(OPT_HOTPLUG))
        hotplug_run(option(OPT_HOTPLUG), option(OPT_KILL));
    else if (option(OPT_BELL))
        bell_run(trace, option(OPT_BELL));
    else if (option(OPT_PROBES))
        probes_run(trace, option(OPT_PROBES));
    else if (option(OPT_PATCH))
        live_run(trace, option(OPT_PATCH));
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
    if (option(OPT_STORM))
        storm_report();
    if (option(OPT_BELL))
        bell_report();
    if (option(OPT_PATCH))
        live_report();
}
