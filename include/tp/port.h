/* SPDX-License-Identifier: MIT */
/*
 * tp/port.h - what a kernel supplies.
 *
 *     // my_port.h: compile with -DTP_PORT_HEADER='"my_port.h"'
 *     #define tp_port_cpu tp_port_cpu
 *     static inline uint32_t tp_port_cpu(void) { return this_cpu()->number; }
 *
 *     #define tp_port_clock tp_port_clock
 *     static inline uint64_t tp_port_clock(void) { return read_cycle_counter(); }
 *
 *     #define tp_port_clock_hz tp_port_clock_hz
 *     static inline uint64_t tp_port_clock_hz(void) { return cycle_counter_hz; }
 *
 * The calls are static inline functions, each with a macro of its own name, so that this file can see
 * that it is defined. It is included by the engine and where events are created, not where they
 * are fired. The port knows nothing of the ring, and the ring nothing of the kernel. Any call may
 * come from any context: task, interrupt, NMI. doc/porting.md takes a kernel's author through it.
 *
 * Needed:
 *   uint32_t tp_port_cpu(void)       number of this CPU, 0 .. cpus - 1; does not change between
 *                                    tp_port_pin and tp_port_unpin
 *   uint64_t tp_port_clock(void)     a counter that never goes back on one CPU, and that differs
 *                                    between CPUs by less than is acceptable in the order of records
 *   uint64_t tp_port_clock_hz(void)  its counts in a second. 0: not known yet; tp_clock_known
 *                                    (tp/module.h) says later that it is
 *
 * Optional:
 *   void tp_port_pin(void)           keeps this task on this CPU (preemption off) ...
 *   void tp_port_unpin(void)         ... until this call; nests. Not needed if a task cannot be moved
 *                                    to another CPU while it fires an event
 *   void tp_port_drop(void)          as tp_port_unpin, but lets another task run no sooner than something
 *                                    else does. For function tracing, where tp_port_unpin may call
 *                                    what is traced; doc/functions.md
 *   const char *tp_port_symbol(uintptr_t address)  the name of the function that an address is in, or
 *                                    NULL; for function tracing by name
 *   struct tp_shadow *tp_port_shadow(void)  that of the running task (tp/fn.h), or NULL; for tracing the
 *                                    returns of functions on aarch64 and riscv64
 *   uint64_t tp_port_context(void)   the running task and its state, made by tp_context(); read only
 *                                    for traces with `context` set
 *   void tp_port_doorbell(unsigned trace)  wakes all readers that sleep after tp_pipe_sleep or
 *                                    tp_cpu_pipe_sleep on the trace of this number (tp_trace_number).
 *                                    It comes from any context: set a flag, send an interrupt
 *   uintptr_t tp_port_mask(void)     keeps interrupts off this CPU ...
 *   void tp_port_unmask(uintptr_t)   ... until this call, which gets the result of tp_port_mask; nests.
 *                                    For a processor without compare-and-swap. A context that cannot
 *                                    be masked must then not fire events
 *   uint32_t tp_port_clock_halves(uint32_t *high)  in addition to tp_port_clock: the counter as two
 *                                    words, of which the lower one is returned. Saves some
 *                                    instructions where the processor has it in two registers
 *   tp_port_clock_bits, uint32_t tp_port_counter(void)  instead of tp_port_clock, for a counter of 16
 *                                    to 32 bits. The engine makes a clock of it, if something
 *                                    (an event, or tp_clock_tick) reads it twice in each wrap.
 *                                    It must be read in program order, not before an earlier load. A
 *                                    counter that is a system register needs a barrier for that, since
 *                                    reading it is no access to memory: on ARM an isb before the read
 *   bool tp_port_barrier_all(void)   makes every CPU do a full fence before it returns (an interrupt
 *                                    to each, membarrier()); false: not possible now. Called by control
 *                                    calls (tp/control.h); saves a fence for each event that has a
 *                                    filter, a trigger or a probe
 *   bool tp_port_patch(void *site, const void *bytes, size_t n)  with TP_PATCH: writes an instruction
 *                                    over one of the same length, as doc/porting.md says; false: not
 *                                    possible now, since this context cannot wait for other CPUs
 *   TP_PORT_NAME                     defined as a word: files that were compiled for ports of
 *                                    different names do not link. Nor do files that were compiled
 *                                    with and without tp_port_leaf, tp_port_mask or tp_port_clock_bits
 *   tp_port_leaf                     defined: none of these calls fires an event, nor calls code that
 *                                    does. Saves the check for recursion: some 5 instructions an event
 *   tp_port_clock_name               a string, the name of the clock in the dump; else "counter"
 *
 * tp_port_cpu and tp_port_pin must not fire events. The others may, without tp_port_leaf: such an
 * event is recorded, up to a depth of 8, and from there on refused and counted. tp_port_clock must
 * not fire an event at each call, because an event that was interrupted reads the clock again.
 */
#ifndef TP_PORT_H
#define TP_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <tp/wire.h>

struct tp_shadow; /* tp/fn.h */

/* The context word of struct tp_wire_context. flags: TP_CTX_*; preempt_depth above 255 is 255. */
static inline uint64_t tp_context(uint32_t pid, uint32_t flags, uint32_t preempt_depth)
{
    uint32_t depth = preempt_depth > 255 ? 255 : preempt_depth;

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return pid | (uint64_t)(flags & 0xffu) << 32 | (uint64_t)depth << 40;
#else
    return (uint64_t)pid << 32 | (uint64_t)(flags & 0xffu) << 24 | (uint64_t)depth << 16;
#endif
}

#ifndef TP_PORT_HEADER
#error                                                                                             \
    "tracepoint: define TP_PORT_HEADER, for example -DTP_PORT_HEADER='\"engine/port/hosted/port.h\"'"
#else
#include <tp/inner/given.h>

#ifdef tp_port_clock_bits
#include <tp/inner/clock.h>
#endif

#ifndef tp_port_cpu
#error "tracepoint: the port must define tp_port_cpu()"
#endif
#ifndef tp_port_clock
#error "tracepoint: the port must define tp_port_clock()"
#endif
#ifndef tp_port_clock_hz
#error "tracepoint: the port must define tp_port_clock_hz()"
#endif
#ifndef tp_port_clock_halves
#define tp_port_clock_halves tp_port_halve_clock
static inline uint32_t tp_port_halve_clock(uint32_t *high)
{
    uint64_t time = tp_port_clock();

    *high = (uint32_t)(time >> 32);
    return (uint32_t)time;
}
#endif
#ifndef tp_port_clock_name
#define tp_port_clock_name "counter"
#endif

#ifndef tp_port_pin
#define tp_port_pin tp_port_pin
static inline void tp_port_pin(void)
{
}
#define tp_port_unpin tp_port_unpin
static inline void tp_port_unpin(void)
{
}
#endif

#ifndef tp_port_drop
#define TP_PORT_DROPS 0
#define tp_port_drop tp_port_drop
static inline void tp_port_drop(void)
{
    tp_port_unpin();
}
#else
#define TP_PORT_DROPS 1
#endif

#ifndef tp_port_symbol
#define tp_port_symbol tp_port_symbol
static inline const char *tp_port_symbol(uintptr_t address)
{
    (void)address;
    return NULL;
}
#endif

#ifndef tp_port_shadow
#define tp_port_shadow tp_port_shadow
static inline struct tp_shadow *tp_port_shadow(void)
{
    return NULL;
}
#endif

#ifndef tp_port_doorbell
#define tp_port_doorbell tp_port_doorbell
static inline void tp_port_doorbell(unsigned trace)
{
    (void)trace;
}
#endif

#ifndef tp_port_patch
#ifdef TP_PATCH
#error "tracepoint: with TP_PATCH the port must define tp_port_patch()"
#endif
#define tp_port_patch tp_port_patch
static inline bool tp_port_patch(void *site, const void *bytes, size_t n)
{
    (void)site;
    (void)bytes;
    (void)n;
    return false;
}
#endif

#ifndef tp_port_context
#define tp_port_context tp_port_context
static inline uint64_t tp_port_context(void)
{
    return 0;
}
#endif

/* What of a port changes how records are made becomes part of a name that the engine and each file
 * with events use: files that were compiled for different ports do not link. */
#ifndef TP_PORT_NAME
#define TP_PORT_NAME port
#endif
#ifdef tp_port_leaf
#define TP_PORT_HOOKS leaf
#else
#define TP_PORT_HOOKS hooks
#endif
#ifdef tp_port_mask
#define TP_PORT_SWAPS mask
#else
#define TP_PORT_SWAPS swap
#endif
#ifdef tp_port_clock_bits
#define TP_PORT_CLOCK narrow
#else
#define TP_PORT_CLOCK wide
#endif
#define TP_PORT_SYMBOL(name)                                                                       \
    TP_PORT_SYMBOL_(name, TP_PORT_NAME, TP_PORT_HOOKS, TP_PORT_SWAPS, TP_PORT_CLOCK)
#define TP_PORT_SYMBOL_(name, a, b, c, d) TP_PORT_SYMBOL__(name, a, b, c, d)
#define TP_PORT_SYMBOL__(name, a, b, c, d) name##_##a##_##b##_##c##_##d
#endif /* TP_PORT_HEADER */
#endif
