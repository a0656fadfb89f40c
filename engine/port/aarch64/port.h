/* SPDX-License-Identifier: MIT */
/*
 * port.h - the bare AArch64 port: a kernel at EL1 whose TPIDR_EL1 points at words of the running task.
 *
 *     -DTP_PORT_HEADER='"engine/port/aarch64/port.h"'; there is no .c file
 *
 * The words, of 32 bits each, which the kernel maintains:
 *
 *     offset  macro to override
 *      8  TP_AARCH64_CPU_OFFSET      number of the CPU that the task runs on, 0 .. cpus - 1
 *     12  TP_AARCH64_PREEMPT_OFFSET  preemption counter: the task stays where it is while it is not 0
 *     16  TP_AARCH64_PID_OFFSET      id of the task
 *     20  TP_AARCH64_HARDIRQ_OFFSET  not 0 in an interrupt handler
 *     24  TP_AARCH64_NMI_OFFSET      not 0 in an NMI handler (a pseudo-NMI, an FIQ)
 *     28  TP_AARCH64_RESCHED_OFFSET  not 0 when another task should run
 *
 * and, if -DTP_AARCH64_SHADOW_OFFSET=32 or another offset says so, a pointer to the task's struct tp_shadow, or
 * NULL, for tracing the returns of functions (doc/functions.md).
 *
 * (0 .. 7 is left for a pointer.) They are the task's and not the CPU's, because the counter is not changed
 * in one instruction here: a task that is moved between the two halves would change that of the CPU it
 * has left. A scheduler writes the number of the CPU, and the register, when it switches; the
 * interrupt handler that switches does so when its own depth is 0 again. A kernel that does not
 * preempt its own code can as well have the words in its per-CPU area. Another register:
 * -DTP_AARCH64_REGISTER='"sp_el0"'.
 *
 * Before there are tasks any 32 bytes of zero will do: that is CPU 0, from the first line of C
 * (tests/systems/kernel/aarch64/boot.S). The kernel also supplies
 *
 *     void tp_aarch64_preempt(void);
 *
 * called when the counter falls to 0 and another task should run; it must do nothing if interrupts are
 * off, and may be empty.
 *
 * The clock is the virtual counter, the same on all CPUs; firmware must have set CNTFRQ_EL0. Its read is
 * after an isb, since the counter is otherwise read early; with FEAT_ECV -DTP_AARCH64_ECV saves
 * that. The MMU must be on, and memory cacheable, before the first event: exclusive
 * accesses are not guaranteed to work otherwise. Compile with -mgeneral-regs-only -mno-outline-atomics.
 */
#ifndef TP_PORT_AARCH64_H
#define TP_PORT_AARCH64_H

#include <stdbool.h>
#include <stdint.h>
#include <tp/wire.h>

#ifndef TP_AARCH64_REGISTER
#define TP_AARCH64_REGISTER "tpidr_el1"
#endif
#ifndef TP_AARCH64_CPU_OFFSET
#define TP_AARCH64_CPU_OFFSET 8
#endif
#ifndef TP_AARCH64_PREEMPT_OFFSET
#define TP_AARCH64_PREEMPT_OFFSET 12
#endif
#ifndef TP_AARCH64_PID_OFFSET
#define TP_AARCH64_PID_OFFSET 16
#endif
#ifndef TP_AARCH64_HARDIRQ_OFFSET
#define TP_AARCH64_HARDIRQ_OFFSET 20
#endif
#ifndef TP_AARCH64_NMI_OFFSET
#define TP_AARCH64_NMI_OFFSET 24
#endif
#ifndef TP_AARCH64_RESCHED_OFFSET
#define TP_AARCH64_RESCHED_OFFSET 28
#endif

#define TP_AARCH64_DAIF_I 0x80u

void tp_aarch64_preempt(void); /* the kernel's; see above */

#define TP_PORT_NAME aarch64

/* Volatile: only a task asks, and it finds its own words wherever it runs. */
static inline volatile uint32_t *tp_aarch64_word(uintptr_t offset)
{
    uintptr_t area;

    __asm__ __volatile__("mrs %0, " TP_AARCH64_REGISTER : "=r"(area));
    return (volatile uint32_t *)(area + offset);
}

#define tp_port_cpu tp_port_cpu
static inline uint32_t tp_port_cpu(void)
{
    return *tp_aarch64_word(TP_AARCH64_CPU_OFFSET);
}

#define tp_port_clock tp_port_clock
static inline uint64_t tp_port_clock(void)
{
    uint64_t count;

#ifdef TP_AARCH64_ECV
    __asm__ __volatile__("mrs %0, s3_3_c14_c0_6" : "=r"(count) : : "memory"); /* CNTVCTSS_EL0 */
#else
    __asm__ __volatile__("isb\n\tmrs %0, cntvct_el0" : "=r"(count) : : "memory");
#endif
    return count;
}

#define tp_port_clock_hz tp_port_clock_hz
static inline uint64_t tp_port_clock_hz(void)
{
    uint64_t hz;

    __asm__ __volatile__("mrs %0, cntfrq_el0" : "=r"(hz));
    return hz;
}

#define tp_port_clock_name "cntvct"

/* Not one instruction, but an interrupt in between leaves the counter as it was. */
#define tp_port_pin tp_port_pin
static inline void tp_port_pin(void)
{
    volatile uint32_t *depth = tp_aarch64_word(TP_AARCH64_PREEMPT_OFFSET);

    *depth = *depth + 1;
    __asm__ __volatile__("" : : : "memory");
}

/* An interrupt that wanted another task while the counter was up has left the switch to this call. */
#define tp_port_unpin tp_port_unpin
static inline void tp_port_unpin(void)
{
    volatile uint32_t *depth = tp_aarch64_word(TP_AARCH64_PREEMPT_OFFSET);
    uint32_t left = *depth - 1;

    __asm__ __volatile__("" : : : "memory");
    *depth = left;
    if (__builtin_expect(!left && *tp_aarch64_word(TP_AARCH64_RESCHED_OFFSET), 0))
        tp_aarch64_preempt();
}

#define tp_port_drop tp_port_drop
static inline void tp_port_drop(void)
{
    volatile uint32_t *depth = tp_aarch64_word(TP_AARCH64_PREEMPT_OFFSET);

    __asm__ __volatile__("" : : : "memory");
    *depth = *depth - 1;
}

#ifdef TP_AARCH64_SHADOW_OFFSET
#define tp_port_shadow tp_port_shadow
static inline struct tp_shadow *tp_port_shadow(void)
{
    return *(struct tp_shadow *volatile *)tp_aarch64_word(TP_AARCH64_SHADOW_OFFSET);
}
#endif

#define tp_port_context tp_port_context
static inline uint64_t tp_port_context(void)
{
    uint32_t depth = *tp_aarch64_word(TP_AARCH64_PREEMPT_OFFSET) - 1; /* without the engine's own */
    uint32_t flags = 0;
    uint64_t daif;

    __asm__ __volatile__("mrs %0, daif" : "=r"(daif) : : "memory");
    if (daif & TP_AARCH64_DAIF_I)
        flags |= TP_CTX_IRQS_OFF;
    if (*tp_aarch64_word(TP_AARCH64_RESCHED_OFFSET))
        flags |= TP_CTX_NEED_RESCHED;
    if (*tp_aarch64_word(TP_AARCH64_HARDIRQ_OFFSET))
        flags |= TP_CTX_HARDIRQ;
    if (*tp_aarch64_word(TP_AARCH64_NMI_OFFSET))
        flags |= TP_CTX_NMI;
    return tp_context(*tp_aarch64_word(TP_AARCH64_PID_OFFSET), flags, depth);
}

#endif
