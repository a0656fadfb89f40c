/* SPDX-License-Identifier: MIT */
/*
 * port.h - a port to begin with: copy it, and replace what is marked PUT. It compiles as it is, and traces one
 * CPU with a clock that counts readings. include/tp/port.h says what each call must do; doc/porting.md goes
 * through it.
 *
 *     -DTP_PORT_HEADER='"my_port.h"'
 *
 * All calls may come from any context, NMIs included: they must not lock or sleep.
 */
#ifndef MY_PORT_H /* PUT a name of yours, here and in the next line */
#define MY_PORT_H

#include <stdbool.h>
#include <stdint.h>
#include <tp/wire.h>
/* PUT headers of the kernel: what this_cpu(), the running task and so on are. */

/* PUT a word: files compiled for ports of different names do not link. */
#define TP_PORT_NAME template

/* PUT the number of this CPU, 0 .. cpus - 1; before there are per-CPU areas, 0. */
#define tp_port_cpu tp_port_cpu
static inline uint32_t tp_port_cpu(void)
{
    return 0;
}

/* PUT a read of a counter that does not go back, in program order, the same for all CPUs. One of 16 to 32
 * bits: define tp_port_clock_bits and tp_port_counter() instead. */
extern uint64_t my_clock; /* PUT nothing: it goes. One C file has it now: uint64_t my_clock; */
#define tp_port_clock tp_port_clock
static inline uint64_t tp_port_clock(void)
{
    return __atomic_add_fetch(&my_clock, 1, __ATOMIC_RELAXED);
}

/* PUT its counts in a second; 0: not known yet, and tp_clock_known() will say. */
#define tp_port_clock_hz tp_port_clock_hz
static inline uint64_t tp_port_clock_hz(void)
{
    return 1000000000;
}

/* PUT its name. */
#define tp_port_clock_name "template"

/* Can a task be moved to another CPU while it runs kernel code? PUT preemption off here; it nests. Else
 * remove this and the next one. */
#define tp_port_pin tp_port_pin
static inline void tp_port_pin(void)
{
}

/* PUT preemption on again; if another task should run by now, this may switch. */
#define tp_port_unpin tp_port_unpin
static inline void tp_port_unpin(void)
{
}

/* PUT the running task, what kind of context this is (TP_CTX_IRQS_OFF, _HARDIRQ, _SOFTIRQ, _NMI, _NEED_RESCHED), and how
 * often preemption is off, without tp_port_pin's. Only traces with .context = true read it. */
#define tp_port_context tp_port_context
static inline uint64_t tp_port_context(void)
{
    return tp_context(0, 0, 0);
}

/* PUT what wakes a reader after tp_pipe_sleep: set a flag, send an interrupt. Who polls removes it. */
#define tp_port_doorbell tp_port_doorbell
static inline void tp_port_doorbell(unsigned trace)
{
    (void)trace;
}

/* Keep this line if nothing above fires an event, nor calls code that does: it saves a check. */
#define tp_port_leaf 1

/* No compare-and-swap of a word (ARMv6-M)? PUT interrupts off and on, and #if 1. */
#if 0
#define tp_port_mask tp_port_mask
static inline uintptr_t tp_port_mask(void)
{
    return 0;
}

static inline void tp_port_unmask(uintptr_t was)
{
    (void)was;
}
#endif

#endif
