// SPDX-License-Identifier: MIT
/*
 * hotplug.c - CPUs that come and go. There is a ring for each that can be there at all, and what it
 * has recorded stays when it goes; so all that is to do is to record that it did.
 */
#include "parts.h"

#define TP_CREATE
#include "hotplug.h"

#include <linux/cpuhotplug.h>

static enum cpuhp_state hotplug_state;

static int hotplug_online(unsigned int cpu)
{
    tp_cpu_online(cpu);
    return 0;
}

static int hotplug_offline(unsigned int cpu)
{
    tp_cpu_offline(cpu);
    return 0;
}

int hotplug_add(void)
{
    int state = cpuhp_setup_state_nocalls(CPUHP_AP_ONLINE_DYN, "tracepoint:online", hotplug_online,
                                          hotplug_offline);

    hotplug_state = state < 0 ? 0 : (enum cpuhp_state)state;
    return state < 0 ? state : 0;
}

void hotplug_remove(void)
{
    cpuhp_remove_state_nocalls(hotplug_state);
}
