/* SPDX-License-Identifier: MIT */
/*
 * The port of the stress tests: the hosted one, with a doorbell, and a clock that a test can start
 * just below a wrap and let run faster, so that its upper half changes often.
 */
#ifndef STRESS_PORT_H
#define STRESS_PORT_H

#include "../../../engine/port/hosted/port.h"

/* Both are set while no trace is open. */
extern uint64_t stress_clock_offset;
extern unsigned stress_clock_shift;
void stress_doorbell(unsigned trace);

static inline uint64_t stress_clock(void)
{
    return (tp_port_clock() << stress_clock_shift) + stress_clock_offset;
}
#undef tp_port_clock
#undef tp_port_clock_halves
#define tp_port_clock stress_clock

static inline uint64_t stress_clock_hz(void)
{
    return tp_port_clock_hz() << stress_clock_shift;
}
#undef tp_port_clock_hz
#define tp_port_clock_hz stress_clock_hz

#define tp_port_doorbell stress_doorbell

#endif
