// SPDX-License-Identifier: MIT
/*
 * main.c - cost.ko measures what recording costs, with the engine and with what Linux has, and says
 * so in the kernel's log. It is of use in a machine where time is instructions: compare.sh.
 */
#include "linux.h"
#include "cost.h"
#include "events.h"

#include <linux/module.h>
#include <tp/trace.h>

MODULE_LICENSE("Dual MIT/GPL");
MODULE_DESCRIPTION("the cost of an event");

static bool overwrite;
module_param(overwrite, bool, 0444);
static bool full;
module_param(full, bool, 0444);

/* The same loop: with a number that something wants. */
static void cost_nothing(u32 n)
{
    __asm__ __volatile__("" : : "r"(n));
}

static void cost_pair(u32 n)
{
    tp_cost_pair(n, n);
}

static void cost_off(u32 n)
{
    tp_cost_off(n, n);
}

static void cost_printk(u32 n)
{
    tp_printk("a=%u b=%u", n, n);
}

static int __init cost_init(void)
{
    int err = tp_linux_events_add(TP_LINUX_EVENTS);

    if (err)
        return err;
    tp_trace_disable(tp_linux_trace(), "cost:off");
    COST_MEASURE("nothing", cost_nothing);
    COST_MEASURE("off", cost_off);
    if (full) {
        for (u32 i = 0; i < 64; i++)
            (void)COST_LOOP(cost_pair);
        COST_MEASURE("refused", cost_pair);
        return 0;
    }
    COST_MEASURE("pair", cost_pair);
    COST_MEASURE("printk", cost_printk);
    return linux_measure(overwrite);
}

static void __exit cost_exit(void)
{
    tp_linux_events_remove(TP_LINUX_EVENTS);
}

module_init(cost_init);
module_exit(cost_exit);
