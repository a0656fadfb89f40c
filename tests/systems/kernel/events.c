/* SPDX-License-Identifier: MIT */
/* Creates the events, and checks that the per-CPU area is what the port header says. */
#include "kernel.h"

#define TP_CREATE
#include "events.h"

_Static_assert(offsetof(struct cpu, number) == TP_X86_CPU_OFFSET, "per-CPU layout");
_Static_assert(offsetof(struct cpu, preempt_depth) == TP_X86_PREEMPT_OFFSET, "per-CPU layout");
_Static_assert(offsetof(struct cpu, pid) == TP_X86_PID_OFFSET, "per-CPU layout");
_Static_assert(offsetof(struct cpu, irq_depth) == TP_X86_HARDIRQ_OFFSET, "per-CPU layout");
_Static_assert(offsetof(struct cpu, nmi_depth) == TP_X86_NMI_OFFSET, "per-CPU layout");
_Static_assert(offsetof(struct cpu, need_resched) == TP_X86_RESCHED_OFFSET, "per-CPU layout");
_Static_assert(CPU_PREEMPT_OFFSET == TP_X86_PREEMPT_OFFSET, "per-CPU layout");
_Static_assert(offsetof(struct cpu, fired) == CPU_FIRED_OFFSET, "per-CPU layout");

void tp_x86_preempt(void)
{
    sched_preempt();
}
