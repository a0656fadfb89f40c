/* SPDX-License-Identifier: MIT */
/*
 * port.h - the bare RISC-V port, of 64 bits and of 32: a kernel in S mode, or in M mode with -DTP_RISCV64_MACHINE,
 * whose tp register points at words of the running task. Without the extension A (-march=rv32imc) one
 * hart only, whose interrupts are masked for a few instructions: then what cannot be masked must not fire.
 *
 *     -DTP_PORT_HEADER='"engine/port/riscv64/port.h"'; there is no .c file
 *
 * The words, of 32 bits each, which the kernel maintains:
 *
 *     offset  macro to override
 *      8  TP_RISCV64_CPU_OFFSET      number of the CPU that the task runs on, 0 .. cpus - 1 (which need not be the hart's)
 *     12  TP_RISCV64_PREEMPT_OFFSET  preemption counter: the task stays where it is while it is not 0
 *     16  TP_RISCV64_PID_OFFSET      id of the task
 *     20  TP_RISCV64_HARDIRQ_OFFSET  not 0 in an interrupt handler
 *     24  TP_RISCV64_NMI_OFFSET      not 0 in an NMI handler (Smrnmi)
 *     28  TP_RISCV64_RESCHED_OFFSET  not 0 when another task should run
 *
 * and, if -DTP_RISCV64_SHADOW_OFFSET=32 or another offset says so, a pointer to the task's struct tp_shadow, or
 * NULL, for tracing the returns of functions (doc/functions.md).
 *
 * (0 .. 7 is left for a pointer.) They are the task's and not the CPU's, because the counter is not changed
 * in one instruction here: a task that is moved between the two halves would change that of the CPU it
 * has left. A scheduler writes the number of the CPU, and the register, when it switches; the
 * interrupt handler that switches does so when its own depth is 0 again. A kernel that does not
 * preempt its own code can as well have the words in its per-CPU area. tp must be the kernel's
 * wherever events are fired: after it was exchanged with sscratch where there is a user mode.
 *
 * Before there are tasks any 32 bytes of zero will do: that is CPU 0, from the first line of C
 * (tests/systems/kernel/riscv64/boot.S). The kernel also supplies
 *
 *     void tp_riscv64_preempt(void);
 *
 * called when the counter falls to 0 and another task should run; it must do nothing if interrupts are
 * off, and may be empty. And it sets tp_riscv64_clock_hz, which it defines: what the device tree has as
 * timebase-frequency.
 *
 * The clock is `time`, the same on all harts; S mode needs mcounteren.TM, which firmware sets. Where M mode has no
 * such register (it may be a trap), or one that is too slow, -DTP_RISCV64_CYCLES takes the cycles of the hart
 * instead (mcycle; in S mode cycle, with mcounteren.CY): only for one hart, or where all start
 * together and none stops. Compile with -march=rv64imac_zicsr_zifencei, rv32imac_zicsr_zifencei or more
 * (clang 14 has the last two in rv64imac), and on 64 bits with -mcmodel=medany. On 32 bits functions are not
 * traced by patching, since hooks.S is of 64.
 */
#ifndef TP_PORT_RISCV64_H
#define TP_PORT_RISCV64_H

#include <stdbool.h>
#include <stdint.h>
#include <tp/wire.h>

#ifndef TP_RISCV64_CPU_OFFSET
#define TP_RISCV64_CPU_OFFSET 8
#endif
#ifndef TP_RISCV64_PREEMPT_OFFSET
#define TP_RISCV64_PREEMPT_OFFSET 12
#endif
#ifndef TP_RISCV64_PID_OFFSET
#define TP_RISCV64_PID_OFFSET 16
#endif
#ifndef TP_RISCV64_HARDIRQ_OFFSET
#define TP_RISCV64_HARDIRQ_OFFSET 20
#endif
#ifndef TP_RISCV64_NMI_OFFSET
#define TP_RISCV64_NMI_OFFSET 24
#endif
#ifndef TP_RISCV64_RESCHED_OFFSET
#define TP_RISCV64_RESCHED_OFFSET 28
#endif

#ifdef TP_RISCV64_MACHINE
#define TP_RISCV64_STATUS "mstatus"
#define TP_RISCV64_INTERRUPTS 0x8u /* MIE */
#define TP_RISCV64_CYCLE "mcycle"
#else
#define TP_RISCV64_STATUS "sstatus"
#define TP_RISCV64_INTERRUPTS 0x2u /* SIE */
#define TP_RISCV64_CYCLE "cycle"
#endif

extern uint64_t tp_riscv64_clock_hz; /* the kernel's, set once; 0: not known yet */
void tp_riscv64_preempt(void);       /* the kernel's; see above */

#define TP_PORT_NAME riscv64

/* Volatile: only a task asks, and it finds its own words wherever it runs. */
static inline volatile uint32_t *tp_riscv64_word(uintptr_t offset)
{
    uintptr_t area;

    __asm__ __volatile__("mv %0, tp" : "=r"(area));
    return (volatile uint32_t *)(area + offset);
}

#define tp_port_cpu tp_port_cpu
static inline uint32_t tp_port_cpu(void)
{
    return *tp_riscv64_word(TP_RISCV64_CPU_OFFSET);
}

#ifdef TP_RISCV64_CYCLES
#define TP_RISCV64_COUNTER TP_RISCV64_CYCLE
#else
#define TP_RISCV64_COUNTER "time"
#endif

#if __riscv_xlen == 32
/* The upper half once more, since the lower one may have wrapped in between. */
#define tp_port_clock_halves tp_port_clock_halves
static inline uint32_t tp_port_clock_halves(uint32_t *high)
{
    uint32_t low, again;

    do {
        __asm__ __volatile__("csrr %0, " TP_RISCV64_COUNTER "h\n\t"
                             "csrr %1, " TP_RISCV64_COUNTER "\n\t"
                             "csrr %2, " TP_RISCV64_COUNTER "h"
                             : "=&r"(*high), "=&r"(low), "=r"(again)
                             :
                             : "memory");
    } while (__builtin_expect(*high != again, 0));
    return low;
}
#endif

#define tp_port_clock tp_port_clock
static inline uint64_t tp_port_clock(void)
{
#if __riscv_xlen == 32
    uint32_t high, low = tp_port_clock_halves(&high);

    return (uint64_t)high << 32 | low;
#else
    uint64_t count;

    __asm__ __volatile__("csrr %0, " TP_RISCV64_COUNTER : "=r"(count) : : "memory");
    return count;
#endif
}

#define tp_port_clock_hz tp_port_clock_hz
static inline uint64_t tp_port_clock_hz(void)
{
    return tp_riscv64_clock_hz;
}

#define tp_port_clock_name TP_RISCV64_COUNTER

/* Not one instruction, but an interrupt in between leaves the counter as it was. */
#define tp_port_pin tp_port_pin
static inline void tp_port_pin(void)
{
    volatile uint32_t *depth = tp_riscv64_word(TP_RISCV64_PREEMPT_OFFSET);

    *depth = *depth + 1;
    __asm__ __volatile__("" : : : "memory");
}

/* An interrupt that wanted another task while the counter was up has left the switch to this call. */
#define tp_port_unpin tp_port_unpin
static inline void tp_port_unpin(void)
{
    volatile uint32_t *depth = tp_riscv64_word(TP_RISCV64_PREEMPT_OFFSET);
    uint32_t left = *depth - 1;

    __asm__ __volatile__("" : : : "memory");
    *depth = left;
    if (__builtin_expect(!left && *tp_riscv64_word(TP_RISCV64_RESCHED_OFFSET), 0))
        tp_riscv64_preempt();
}

#define tp_port_drop tp_port_drop
static inline void tp_port_drop(void)
{
    volatile uint32_t *depth = tp_riscv64_word(TP_RISCV64_PREEMPT_OFFSET);

    __asm__ __volatile__("" : : : "memory");
    *depth = *depth - 1;
}

#ifndef __riscv_atomic
#define tp_port_mask tp_port_mask
static inline uintptr_t tp_port_mask(void)
{
    uintptr_t was;

    __asm__ __volatile__("csrrci %0, " TP_RISCV64_STATUS ", %1"
                         : "=r"(was)
                         : "i"(TP_RISCV64_INTERRUPTS)
                         : "memory");
    return was & TP_RISCV64_INTERRUPTS;
}

static inline void tp_port_unmask(uintptr_t was)
{
    __asm__ __volatile__("csrs " TP_RISCV64_STATUS ", %0" : : "r"(was) : "memory");
}
#endif

#ifdef TP_RISCV64_SHADOW_OFFSET
#define tp_port_shadow tp_port_shadow
static inline struct tp_shadow *tp_port_shadow(void)
{
    return *(struct tp_shadow *volatile *)tp_riscv64_word(TP_RISCV64_SHADOW_OFFSET);
}
#endif

#define tp_port_context tp_port_context
static inline uint64_t tp_port_context(void)
{
    uint32_t depth = *tp_riscv64_word(TP_RISCV64_PREEMPT_OFFSET) - 1; /* without the engine's own */
    uint32_t flags = 0;
    uintptr_t status;

    __asm__ __volatile__("csrr %0, " TP_RISCV64_STATUS : "=r"(status) : : "memory");
    if (!(status & TP_RISCV64_INTERRUPTS))
        flags |= TP_CTX_IRQS_OFF;
    if (*tp_riscv64_word(TP_RISCV64_RESCHED_OFFSET))
        flags |= TP_CTX_NEED_RESCHED;
    if (*tp_riscv64_word(TP_RISCV64_HARDIRQ_OFFSET))
        flags |= TP_CTX_HARDIRQ;
    if (*tp_riscv64_word(TP_RISCV64_NMI_OFFSET))
        flags |= TP_CTX_NMI;
    return tp_context(*tp_riscv64_word(TP_RISCV64_PID_OFFSET), flags, depth);
}

#endif
