/* SPDX-License-Identifier: MIT */
/*
 * The bare x86-64 port: a kernel whose %gs points at a per-CPU area.
 *
 *     -DTP_PORT_HEADER='"engine/port/x86_64/port.h"', and engine/port/x86_64/tsc.c
 *
 * The kernel has these words of 32 bits in each CPU's area, and maintains them:
 *
 *     offset  macro to override
 *      8  TP_X86_CPU_OFFSET      number of the CPU, 0 .. cpus - 1
 *     12  TP_X86_PREEMPT_OFFSET  preemption counter: the running task stays while it is not 0
 *     16  TP_X86_PID_OFFSET      id of the running task
 *     20  TP_X86_HARDIRQ_OFFSET  not 0 in an interrupt handler
 *     24  TP_X86_NMI_OFFSET      not 0 in an NMI handler
 *     28  TP_X86_RESCHED_OFFSET  not 0 when another task should run
 *
 * (0 .. 7 is left for a pointer of the area to itself, as most kernels have.)
 * It must be valid before the first event is fired on that CPU, and %gs must be
 * the kernel's wherever events are fired: after swapgs where there is a user
 * mode. Compile with -mno-red-zone, as any kernel must.
 *
 * Before the areas exist any 32 bytes of zero will do: that is CPU 0. So a boot
 * CPU that sets its GS base to such a place in its first lines of assembly can
 * open a trace and fire events as soon as it runs C, and change to its real area
 * later, with interrupts off (tests/systems/kernel/x86_64/boot.S: cpu_early). A CPU that is
 * started again after it was stopped in the middle of an event begins with its
 * preemption counter set back to 0.
 *
 * A kernel that adds to the port, such as tp_port_doorbell, has a header of its own
 * that includes this one (tests/systems/kernel/x86_64/port.h). The kernel also supplies
 *
 *     void tp_x86_preempt(void);
 *
 * called when the counter falls to 0 and another task should run; it must do
 * nothing if interrupts are off, and may be empty if the kernel preempts
 * nowhere but in its own code. And it sets tp_x86_tsc_hz, for example with
 *
 *     tp_x86_tsc_hz = tp_x86_tsc_calibrate();
 *
 * before tp_trace_open. The counter is the TSC: invariant and synchronised between
 * CPUs on any machine of the last decade (CPUID 80000007h, EDX bit 8).
 */
#ifndef TP_PORT_X86_64_H
#define TP_PORT_X86_64_H

#include <stdbool.h>
#include <stdint.h>
#include <tp/wire.h>

#ifndef TP_X86_CPU_OFFSET
#define TP_X86_CPU_OFFSET 8
#endif
#ifndef TP_X86_PREEMPT_OFFSET
#define TP_X86_PREEMPT_OFFSET 12
#endif
#ifndef TP_X86_PID_OFFSET
#define TP_X86_PID_OFFSET 16
#endif
#ifndef TP_X86_HARDIRQ_OFFSET
#define TP_X86_HARDIRQ_OFFSET 20
#endif
#ifndef TP_X86_NMI_OFFSET
#define TP_X86_NMI_OFFSET 24
#endif
#ifndef TP_X86_RESCHED_OFFSET
#define TP_X86_RESCHED_OFFSET 28
#endif

#define TP_X86_FLAGS_IF 0x200u

extern uint64_t tp_x86_tsc_hz; /* counts of the TSC a second, set once by the kernel */

/* Measures the TSC against channel 0 of the PIT (which it leaves stopped), with interrupts off, in
 * 10 to 100 ms. 0: there is no PIT. */
uint64_t tp_x86_tsc_calibrate(void);

void tp_x86_preempt(void); /* the kernel's; see above */

/* Volatile: a task that was moved must not see a value of the CPU it left. */
#define TP_X86_LOAD(offset)                                                                        \
    __extension__({                                                                                \
        uint32_t tp_value_;                                                                        \
                                                                                                   \
        __asm__ __volatile__("movl %%gs:%c1, %0" : "=r"(tp_value_) : "i"(offset));                 \
        tp_value_;                                                                                 \
    })

#define TP_PORT_NAME x86_64
#define tp_port_cpu tp_port_cpu
static inline uint32_t tp_port_cpu(void)
{
    return TP_X86_LOAD(TP_X86_CPU_OFFSET);
}

/* Not serialising: an interrupt is, so no record of this CPU can be older than the one before. */
#define tp_port_clock_halves tp_port_clock_halves
static inline uint32_t tp_port_clock_halves(uint32_t *high)
{
    uint32_t low;

    __asm__ __volatile__("rdtsc" : "=a"(low), "=d"(*high) : : "memory");
    return low;
}

#define tp_port_clock tp_port_clock
static inline uint64_t tp_port_clock(void)
{
    uint32_t high, low = tp_port_clock_halves(&high);

    return low | (uint64_t)high << 32;
}

#define tp_port_clock_hz tp_port_clock_hz
static inline uint64_t tp_port_clock_hz(void)
{
    return tp_x86_tsc_hz;
}

#define tp_port_clock_name "tsc"

/* One instruction, so that an interrupt cannot come between load and store. */
#define tp_port_pin tp_port_pin
static inline void tp_port_pin(void)
{
    __asm__ __volatile__("incl %%gs:%c0" : : "i"(TP_X86_PREEMPT_OFFSET) : "memory", "cc");
}

/* An interrupt that wanted another task while the counter was up has left the switch to this call.
 * One that comes after the decrement switches by itself. */
#define tp_port_unpin tp_port_unpin
static inline void tp_port_unpin(void)
{
    bool zero;

    __asm__ __volatile__("decl %%gs:%c1" : "=@ccz"(zero) : "i"(TP_X86_PREEMPT_OFFSET) : "memory");
    if (__builtin_expect(zero && TP_X86_LOAD(TP_X86_RESCHED_OFFSET), 0))
        tp_x86_preempt();
}

/* Only for the hooks of function tracing: what else wants another task asks by itself. */
#define tp_port_drop tp_port_drop
static inline void tp_port_drop(void)
{
    __asm__ __volatile__("decl %%gs:%c0" : : "i"(TP_X86_PREEMPT_OFFSET) : "memory", "cc");
}

#define tp_port_context tp_port_context
static inline uint64_t tp_port_context(void)
{
    uint32_t depth = TP_X86_LOAD(TP_X86_PREEMPT_OFFSET) - 1; /* without the engine's own pin */
    uint32_t flags = 0;
    uint64_t eflags;

    __asm__ __volatile__("pushfq; popq %0" : "=r"(eflags) : : "memory");
    if (!(eflags & TP_X86_FLAGS_IF))
        flags |= TP_CTX_IRQS_OFF;
    if (TP_X86_LOAD(TP_X86_RESCHED_OFFSET))
        flags |= TP_CTX_NEED_RESCHED;
    if (TP_X86_LOAD(TP_X86_HARDIRQ_OFFSET))
        flags |= TP_CTX_HARDIRQ;
    if (TP_X86_LOAD(TP_X86_NMI_OFFSET))
        flags |= TP_CTX_NMI;
    return tp_context(TP_X86_LOAD(TP_X86_PID_OFFSET), flags, depth);
}

#endif
