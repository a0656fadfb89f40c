/* SPDX-License-Identifier: MIT */
/*
 * tp/inner/clock.h - a clock of 64 bits from a counter of 24 to 32.
 *
 * Included by tp/port.h where the port has tp_port_counter() and
 * tp_port_clock_bits instead of tp_port_clock().
 *
 * `tp_clock_halves` counts half periods of the counter: its lowest bit is the
 * counter's highest as it was last seen. If they differ, half a period has
 * passed. Whoever sees that first moves it on, so each half period must be seen
 * by somebody: an event, or tp_clock_tick() from a timer.
 *
 * A context may be interrupted between the two loads for whole periods; it
 * then finds another count of halves behind its read of the counter, and
 * reads again. On several CPUs the counter must be the same for all.
 */
#ifndef TP_INNER_CLOCK_H
#define TP_INNER_CLOCK_H

#include <tp/inner/arch.h>

#if tp_port_clock_bits < 16 || tp_port_clock_bits > 32
#error "tracepoint: tp_port_clock_bits is 16 to 32; a wider counter is given by tp_port_clock()"
#endif

extern tp_word tp_clock_halves; /* in engine/core/trace.c */

#define tp_port_clock tp_port_clock
static inline uint64_t tp_port_clock(void)
{
    const uint32_t top = tp_port_clock_bits - 1;

    for (;;) {
        tp_word halves = __atomic_load_n(&tp_clock_halves, __ATOMIC_ACQUIRE);
        /* After the load, or half a period that has passed is seen twice: tp/port.h asks for that. */
        uint32_t count = tp_port_counter() & (uint32_t)(((uint64_t)2 << top) - 1);

        if ((halves & 1) != count >> top) {
            /* Only a counter that was read after `halves` moves it on. */
            tp_arch_word_cas(&tp_clock_halves, halves, halves + 1);
            continue;
        }
        if (__atomic_load_n(&tp_clock_halves, __ATOMIC_ACQUIRE) == halves)
            return (uint64_t)(halves >> 1) << tp_port_clock_bits | count;
    }
}

#endif
