/* SPDX-License-Identifier: MIT */
/*
 * port.h - the bare Cortex-M port: one processor, and SysTick as the clock.
 *
 *     -DTP_PORT_HEADER='"engine/port/cortex-m/port.h"', and engine/port/cortex-m/systick.c
 *
 * ARMv7-M and later compare and swap by LDREX and STREX, and any context may fire events: an interrupt of
 * priority 0, an NMI, a fault. ARMv6-M and v8-M Baseline without them mask interrupts by PRIMASK for a few
 * instructions, which NMIs and faults do not obey: there they must not fire.
 *
 * SysTick counts down from its reload value to 0 and begins anew: any period will do, the kernel's tick as
 * well, if it stays the same. The kernel starts it, sets tp_cortex_m_clock_hz, and calls tp_cortex_m_tick() first thing
 * in its SysTick handler, which nothing may keep off for a whole period. The value is read from the register each time;
 * -DTP_CORTEX_M_RELOAD=24999, the same for all files, saves that load. A context that comes in before the
 * handler, however long it stays, finds it pending and counts the period itself. One that interrupts the
 * handler before its count (an NMI, a higher priority) finds a time before the last one that was read, and
 * counts it as well; if the clock was not read in all of the period before, its time is a period early.
 * It never goes back. Two readings must not be further apart than 2^31 counts, and a period not longer.
 *
 * (With the cycle counter of the DWT, where there is one, a port is simpler: tp_port_clock_bits 32, and
 * tp_port_counter() reads it.)
 *
 * A kernel with tasks may define, before it includes this, tp_cortex_m_pid() for the number of the running
 * one; without that the number is 0. Tasks need no pinning: there is one CPU.
 *
 * Interrupts are said to be off while PRIMASK is set. One that keeps them off by BASEPRI, or has counters of
 * its own for preemption and handlers, puts a context around this one: tests/systems/kernel/cortex-m3/port.h.
 */
#ifndef TP_PORT_CORTEX_M_H
#define TP_PORT_CORTEX_M_H

#include <stdint.h>
#include <tp/wire.h>

#define TP_CORTEX_M_REGISTER(address) (*(volatile uint32_t *)(uintptr_t)(address))
#ifndef TP_CORTEX_M_RELOAD
#define TP_CORTEX_M_RELOAD TP_CORTEX_M_REGISTER(0xe000e014)
#endif
#define TP_CORTEX_M_COUNT TP_CORTEX_M_REGISTER(0xe000e018) /* of SysTick */
#define TP_CORTEX_M_ICSR TP_CORTEX_M_REGISTER(0xe000ed04)
#define TP_CORTEX_M_PENDING (1u << 26) /* SysTick, in ICSR */

extern uint32_t tp_cortex_m_clock_hz;
void tp_cortex_m_tick(void);      /* by the SysTick handler only, first of all */
uint64_t tp_cortex_m_clock(void); /* systick.c */

#define TP_PORT_NAME cortex_m
#define tp_port_leaf 1

#define tp_port_cpu tp_port_cpu
static inline uint32_t tp_port_cpu(void)
{
    return 0;
}

#define tp_port_clock tp_port_clock
static inline uint64_t tp_port_clock(void)
{
    return tp_cortex_m_clock();
}

#define tp_port_clock_hz tp_port_clock_hz
static inline uint64_t tp_port_clock_hz(void)
{
    return tp_cortex_m_clock_hz;
}

#define tp_port_clock_name "systick"

#if !defined(__ARM_FEATURE_LDREX) || !(__ARM_FEATURE_LDREX & 4)
#define tp_port_mask tp_port_mask
static inline uintptr_t tp_port_mask(void)
{
    uintptr_t was;

    __asm__ __volatile__("mrs %0, primask\n\tcpsid i" : "=r"(was) : : "memory");
    return was;
}

static inline void tp_port_unmask(uintptr_t was)
{
    __asm__ __volatile__("msr primask, %0" : : "r"(was) : "memory");
}
#endif

#define tp_port_context tp_port_context
static inline uint64_t tp_port_context(void)
{
    uint32_t exception, primask, flags = 0, pid = 0;

    __asm__ __volatile__("mrs %0, ipsr\n\tmrs %1, primask" : "=r"(exception), "=r"(primask));
    if (primask & 1)
        flags |= TP_CTX_IRQS_OFF;
    if (exception == 2)
        flags |= TP_CTX_NMI;
    else if (exception)
        flags |= TP_CTX_HARDIRQ;
#ifdef tp_cortex_m_pid
    pid = tp_cortex_m_pid();
#endif
    return tp_context(pid, flags, 0);
}

#endif
