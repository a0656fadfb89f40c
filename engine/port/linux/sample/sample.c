// SPDX-License-Identifier: MIT
/*
 * sample.c - tracepoint_linux.ko: while it is loaded, events of ours are fired where Linux has
 * tracepoints. The kernel's log has their number for each CPU when it is unloaded.
 */
#include "../linux.h"
#include "sample.h"

#include <linux/cpumask.h>
#include <linux/module.h>
#include <linux/tracepoint.h>

MODULE_LICENSE("Dual MIT/GPL");
MODULE_DESCRIPTION("tracepoint: Linux's own tracepoints as events");

DEFINE_PER_CPU(u64, sample_fired);

static void sample_hook(struct sample_hook *hooks)
{
    for (; hooks->name; hooks++) {
        hooks->hooked = !tp_linux_hook(hooks->name, hooks->probe);
        if (!hooks->hooked)
            pr_info("no tracepoint %s\n", hooks->name);
    }
}

static void sample_unhook(struct sample_hook *hooks)
{
    for (; hooks->name; hooks++)
        if (hooks->hooked)
            tp_linux_unhook(hooks->name, hooks->probe);
}

static int __init sample_init(void)
{
    int err = tp_linux_events_add(TP_LINUX_EVENTS);

    if (err)
        return err;
    sample_hook(sched_hooks);
    sample_hook(span_hooks);
    return 0;
}

static void __exit sample_exit(void)
{
    int cpu;

    sample_unhook(sched_hooks);
    sample_unhook(span_hooks);
    tracepoint_synchronize_unregister();
    tp_linux_events_remove(TP_LINUX_EVENTS);
    for_each_possible_cpu(cpu)
        pr_info("fired cpu=%d count=%llu\n", cpu, per_cpu(sample_fired, cpu));
}

module_init(sample_init);
module_exit(sample_exit);
