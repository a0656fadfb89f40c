/* SPDX-License-Identifier: MIT */
/*
 * port.h - the bare MIPS port, 32 bits, release 2, either byte order: a kernel whose $28 (gp) points at words of the
 * running task, as Linux has it.
 *
 *     -DTP_PORT_HEADER='"engine/port/mips32/port.h"'; there is no .c file
 *
 * The words, of 32 bits each, which the kernel maintains:
 *
 *     offset  macro to override
 *      4  TP_MIPS32_CPU_OFFSET      number of the CPU that the task runs on, 0 .. cpus - 1
 *      8  TP_MIPS32_PREEMPT_OFFSET  preemption counter: the task stays where it is while it is not 0
 *     12  TP_MIPS32_PID_OFFSET      id of the task
 *     16  TP_MIPS32_HARDIRQ_OFFSET  not 0 in an interrupt handler
 *     20  TP_MIPS32_NMI_OFFSET      not 0 in an NMI handler
 *     24  TP_MIPS32_RESCHED_OFFSET  not 0 when another task should run
 *
 * (0 .. 3 is left for a pointer.) They are the task's and not the CPU's, because the counter is not changed
 * in one instruction here: a task that is moved between the two halves would change that of the CPU it
 * has left. A scheduler writes the number of the CPU, and the register, when it switches; the
 * interrupt handler that switches does so when its own depth is 0 again. A kernel that does not
 * preempt its own code can as well have the words in its per-CPU area. Another register:
 * -DTP_MIPS32_REGISTER='"$23"', which no compiled code may use then (-ffixed-23).
 *
 * Before there are tasks any 28 bytes of zero will do: that is CPU 0, from the first line of C
 * (tests/systems/kernel/mips32/boot.S). The kernel also supplies
 *
 *     void tp_mips32_preempt(void);
 *
 * called when the counter falls to 0 and another task should run; it must do nothing if interrupts are
 * off, and may be empty. And it sets tp_mips32_clock_hz, which it defines: how often in a second Count
 * counts, half as fast as the processor on most.
 *
 * The clock is Count of coprocessor 0, 32 bits: an event, or tp_clock_tick() in a timer, must read it at least twice in
 * each wrap (25 seconds at 160 MHz). On several CPUs it must be the same for all, which the kernel sees to.
 * Atomic words are ll and sc, so memory must be cached (kseg0, not kseg1), and any context may fire events. Compile with
 * -march=mips32r2 or later, -mno-abicalls -fno-pic -G0: the register is free then.
 */
#ifndef TP_PORT_MIPS32_H
#define TP_PORT_MIPS32_H

#include <stdbool.h>
#include <stdint.h>
#include <tp/wire.h>

#ifndef TP_MIPS32_REGISTER
#define TP_MIPS32_REGISTER "$28"
#endif
#ifndef TP_MIPS32_CPU_OFFSET
#define TP_MIPS32_CPU_OFFSET 4
#endif
#ifndef TP_MIPS32_PREEMPT_OFFSET
#define TP_MIPS32_PREEMPT_OFFSET 8
#endif
#ifndef TP_MIPS32_PID_OFFSET
#define TP_MIPS32_PID_OFFSET 12
#endif
#ifndef TP_MIPS32_HARDIRQ_OFFSET
#define TP_MIPS32_HARDIRQ_OFFSET 16
#endif
#ifndef TP_MIPS32_NMI_OFFSET
#define TP_MIPS32_NMI_OFFSET 20
#endif
#ifndef TP_MIPS32_RESCHED_OFFSET
#define TP_MIPS32_RESCHED_OFFSET 24
#endif

#define TP_MIPS32_STATUS_IE 0x1u     /* interrupts are on, if neither of these is set: */
#define TP_MIPS32_STATUS_LEVELS 0x6u /* in an exception, in an error */

extern uint32_t tp_mips32_clock_hz; /* the kernel's, set once; 0: not known yet */
void tp_mips32_preempt(void);       /* the kernel's; see above */

#define TP_PORT_NAME mips32

/* Volatile: only a task asks, and it finds its own words wherever it runs. */
static inline volatile uint32_t *tp_mips32_word(uintptr_t offset)
{
    uintptr_t area;

    __asm__ __volatile__("move %0, " TP_MIPS32_REGISTER : "=r"(area));
    return (volatile uint32_t *)(area + offset);
}

#define tp_port_cpu tp_port_cpu
static inline uint32_t tp_port_cpu(void)
{
    return *tp_mips32_word(TP_MIPS32_CPU_OFFSET);
}

/* A read of coprocessor 0 is in program order. */
#define tp_port_clock_bits 32
static inline uint32_t tp_port_counter(void)
{
    uint32_t count;

    __asm__ __volatile__("mfc0 %0, $9" : "=r"(count) : : "memory");
    return count;
}

#define tp_port_clock_hz tp_port_clock_hz
static inline uint64_t tp_port_clock_hz(void)
{
    return tp_mips32_clock_hz;
}

#define tp_port_clock_name "count"

/* Not one instruction, but an interrupt in between leaves the counter as it was. */
#define tp_port_pin tp_port_pin
static inline void tp_port_pin(void)
{
    volatile uint32_t *depth = tp_mips32_word(TP_MIPS32_PREEMPT_OFFSET);

    *depth = *depth + 1;
    __asm__ __volatile__("" : : : "memory");
}

/* An interrupt that wanted another task while the counter was up has left the switch to this call. */
#define tp_port_unpin tp_port_unpin
static inline void tp_port_unpin(void)
{
    volatile uint32_t *depth = tp_mips32_word(TP_MIPS32_PREEMPT_OFFSET);
    uint32_t left = *depth - 1;

    __asm__ __volatile__("" : : : "memory");
    *depth = left;
    if (__builtin_expect(!left && *tp_mips32_word(TP_MIPS32_RESCHED_OFFSET), 0))
        tp_mips32_preempt();
}

#define tp_port_drop tp_port_drop
static inline void tp_port_drop(void)
{
    volatile uint32_t *depth = tp_mips32_word(TP_MIPS32_PREEMPT_OFFSET);

    __asm__ __volatile__("" : : : "memory");
    *depth = *depth - 1;
}

#define tp_port_context tp_port_context
static inline uint64_t tp_port_context(void)
{
    uint32_t depth = *tp_mips32_word(TP_MIPS32_PREEMPT_OFFSET) - 1; /* without the engine's own */
    uint32_t flags = 0, status;

    __asm__ __volatile__("mfc0 %0, $12" : "=r"(status) : : "memory");
    if ((status & (TP_MIPS32_STATUS_IE | TP_MIPS32_STATUS_LEVELS)) != TP_MIPS32_STATUS_IE)
        flags |= TP_CTX_IRQS_OFF;
    if (*tp_mips32_word(TP_MIPS32_RESCHED_OFFSET))
        flags |= TP_CTX_NEED_RESCHED;
    if (*tp_mips32_word(TP_MIPS32_HARDIRQ_OFFSET))
        flags |= TP_CTX_HARDIRQ;
    if (*tp_mips32_word(TP_MIPS32_NMI_OFFSET))
        flags |= TP_CTX_NMI;
    return tp_context(*tp_mips32_word(TP_MIPS32_PID_OFFSET), flags, depth);
}

#endif
