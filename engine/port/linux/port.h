/* SPDX-License-Identifier: MIT */
/*
 * port.h - the port for Linux: the engine as a module of that kernel (doc/linux.md).
 *
 * Each file with events of a module includes it by TP_PORT_HEADER, so its inline functions use
 * nothing but what the kernel and tracepoint.ko export. All of it may be called from any context,
 * NMIs included.
 */
#ifndef TP_PORT_LINUX_H
#define TP_PORT_LINUX_H

#include <linux/irqflags.h>
#include <linux/jump_label.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <linux/types.h>
#include <tp/wire.h>
#ifdef CONFIG_X86
#include <asm/asm.h>
#endif

/* `linux` is a macro in some modes of the compiler. */
#define TP_PORT_NAME linux_kernel

/* The calls below fire nothing themselves. That tp_port_unpin may run another task, which does,
 * comes after the record is finished. */
#define tp_port_leaf

/* engine/port/linux/clock.c */
DECLARE_STATIC_KEY_FALSE(tp_linux_tsc); /* the clock is the TSC, else the monotonic one */
#ifdef CONFIG_X86_64
#define TP_LINUX_PRESERVES __attribute__((__no_caller_saved_registers__))
#else
#define TP_LINUX_PRESERVES
#endif
TP_LINUX_PRESERVES uint64_t tp_linux_clock(void);
uint64_t tp_linux_clock_hz(void);
const char *tp_linux_clock_name(void);
bool tp_linux_barrier_all(void);
void tp_linux_doorbell(unsigned int trace); /* reader.c */

#define tp_port_cpu tp_port_cpu
static __always_inline uint32_t tp_port_cpu(void)
{
    return (uint32_t)raw_smp_processor_id();
}

#define tp_port_pin tp_port_pin
static __always_inline void tp_port_pin(void)
{
    preempt_disable_notrace();
}

#define tp_port_unpin tp_port_unpin
static __always_inline void tp_port_unpin(void)
{
    preempt_enable_notrace();
}

/* Not serialising: an interrupt is, so no record of this CPU can be older than the one before. The
 * call leaves all other registers as they were, so that an event with the TSC saves none for it. */
#define tp_port_clock_halves tp_port_clock_halves
static __always_inline uint32_t tp_port_clock_halves(uint32_t *high)
{
    uint64_t time;

#ifdef CONFIG_X86_64
    if (static_branch_likely(&tp_linux_tsc)) {
        uint32_t low;

        __asm__ __volatile__("rdtsc" : "=a"(low), "=d"(*high) : : "memory");
        return low;
    }
    __asm__ __volatile__("call %P2"
                         : "=a"(time), ASM_CALL_CONSTRAINT
                         : "i"(tp_linux_clock)
                         : "memory", "cc");
#else
    time = tp_linux_clock();
#endif
    *high = (uint32_t)(time >> 32);
    return (uint32_t)time;
}

#define tp_port_clock tp_port_clock
static __always_inline uint64_t tp_port_clock(void)
{
    uint32_t high, low = tp_port_clock_halves(&high);

    return low | (uint64_t)high << 32;
}

#define tp_port_clock_hz tp_port_clock_hz
static inline uint64_t tp_port_clock_hz(void)
{
    return tp_linux_clock_hz();
}

#define tp_port_clock_name tp_linux_clock_name()

/* `depth` is without the engine's own pin. */
#define tp_port_context tp_port_context
static __always_inline uint64_t tp_port_context(void)
{
    uint32_t count = (uint32_t)preempt_count(), depth = count & PREEMPT_MASK, flags = 0;

    if (irqs_disabled())
        flags |= TP_CTX_IRQS_OFF;
    if (tif_need_resched())
        flags |= TP_CTX_NEED_RESCHED;
    if (count & SOFTIRQ_OFFSET)
        flags |= TP_CTX_SOFTIRQ;
    if (count & HARDIRQ_MASK)
        flags |= TP_CTX_HARDIRQ;
    if (count & NMI_MASK)
        flags |= TP_CTX_NMI;
    return tp_context((uint32_t)current->pid, flags, depth ? depth - 1 : 0);
}

#define tp_port_barrier_all tp_linux_barrier_all

#define tp_port_doorbell tp_port_doorbell
static inline void tp_port_doorbell(unsigned int trace)
{
    tp_linux_doorbell(trace);
}

#endif
