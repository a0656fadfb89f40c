/* SPDX-License-Identifier: MIT */
/*
 * port.h - the test kernel's port: that of engine/port/cortex-m, what it cannot know of this kernel's contexts (that
 * BASEPRI keeps interrupts off, its tasks, and handlers that run in thread mode), and what all boards add.
 */
#ifndef KERNEL_PORT_H
#define KERNEL_PORT_H

#define TP_CORTEX_M_RELOAD 24999u /* a tick */

#include "engine/port/cortex-m/port.h"

#undef tp_port_leaf /* hooks fire events */

/* struct local of kernel.h: kernel.ld gives it this name. cpu.c checks the numbers. */
#define CORTEX_M3_PREEMPT 2
#define CORTEX_M3_PID 3
#define CORTEX_M3_IRQ 4
#define CORTEX_M3_RESCHED 6
extern volatile uint32_t cortex_m3_local[];

static inline uint64_t cortex_m3_context(void)
{
    uint32_t flags = 0, basepri;

    __asm__ __volatile__("mrs %0, basepri" : "=r"(basepri) : : "memory");
    if (basepri)
        flags |= TP_CTX_IRQS_OFF;
    if (cortex_m3_local[CORTEX_M3_RESCHED])
        flags |= TP_CTX_NEED_RESCHED;
    if (cortex_m3_local[CORTEX_M3_IRQ])
        flags |= TP_CTX_HARDIRQ;
    return tp_port_context() |
           tp_context(cortex_m3_local[CORTEX_M3_PID], flags, cortex_m3_local[CORTEX_M3_PREEMPT]);
}
#undef tp_port_context
#define tp_port_context cortex_m3_context

#include "hooks.h"

#endif
