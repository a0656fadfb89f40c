/* SPDX-License-Identifier: MIT */
/*
 * tp/inner/clock.h - a clock of 64 bits from a counter of 16 to 32.
 *
 * tp/port.h includes it where the port has tp_port_counter() and tp_port_clock_bits instead of
 * tp_port_clock().
 *
 * `tp_clock_halves` counts half periods of the counter: its lowest bit is the counter's highest bit
 * as it was last seen. If the two differ, half a period has passed, and the context that sees it
 * first counts it. So the counter must be read in each half period: by an event, or by
 * tp_clock_tick() from a timer.
 *
 * A context may be interrupted between the two loads for whole periods. It then finds another count
 * of halves after its read of the counter, and reads again. On several CPUs the counter must be the
 * same for all.
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
        /* Read after that load, else the same half period is counted twice: tp/port.h asks for it. */
        uint32_t count = tp_port_counter() & (uint32_t)(((uint64_t)2 << top) - 1);

        if ((halves & 1) != count >> top) {
            /* Only a counter that was read after `halves` may count. */
            tp_arch_word_cas(&tp_clock_halves, halves, halves + 1);
            continue;
        }
        if (__atomic_load_n(&tp_clock_halves, __ATOMIC_ACQUIRE) == halves)
            return (uint64_t)(halves >> 1) << tp_port_clock_bits | count;
    }
}

#endif
