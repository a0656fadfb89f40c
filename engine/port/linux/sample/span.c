// SPDX-License-Identifier: MIT
/* span.c - what has a beginning and an end: interrupts, softirqs, system calls. */
#include "events.h"
#include "sample.h"

#include <linux/interrupt.h>
#include <linux/ptrace.h>
#include <asm/syscall.h>

static void span_irq_began(void *data, int irq, struct irqaction *action)
{
    SAMPLE(irq_entry, irq, action->name);
}

static void span_irq_ended(void *data, int irq, struct irqaction *action, int result)
{
    SAMPLE(irq_exit, irq, result == IRQ_HANDLED);
}

static void span_softirq_began(void *data, unsigned int vec)
{
    SAMPLE(irq_softirq_entry, (s32)vec);
}

static void span_softirq_ended(void *data, unsigned int vec)
{
    SAMPLE(irq_softirq_exit, (s32)vec);
}

static void span_timer_began(void *data, int vector)
{
    SAMPLE(irq_timer_entry, (u32)vector);
}

static void span_timer_ended(void *data, int vector)
{
    SAMPLE(irq_timer_exit, (u32)vector);
}

static void span_call_began(void *data, struct pt_regs *regs, long nr)
{
    SAMPLE(sys_enter, (s32)nr);
}

static void span_call_ended(void *data, struct pt_regs *regs, long ret)
{
    SAMPLE(sys_exit, (s32)syscall_get_nr(current, regs), ret);
}

/* local_timer_*: of x86. */
struct sample_hook span_hooks[] = {
    {.name = "irq_handler_entry", .probe = span_irq_began},
    {.name = "irq_handler_exit", .probe = span_irq_ended},
    {.name = "softirq_entry", .probe = span_softirq_began},
    {.name = "softirq_exit", .probe = span_softirq_ended},
    {.name = "local_timer_entry", .probe = span_timer_began},
    {.name = "local_timer_exit", .probe = span_timer_ended},
    {.name = "sys_enter", .probe = span_call_began},
    {.name = "sys_exit", .probe = span_call_ended},
    {},
};
