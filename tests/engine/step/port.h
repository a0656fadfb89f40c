/* SPDX-License-Identifier: MIT */
/* The port of the step test: one CPU, a clock that is a counter in memory. Only for that. */
#ifndef STEP_PORT_H
#define STEP_PORT_H

#include <stdint.h>

#define STEP_HZ 1000000000u
#define STEP_PID 4242u

extern uint64_t *step_clock; /* in the world that is saved and loaded */

#define tp_port_cpu tp_port_cpu
static inline uint32_t tp_port_cpu(void)
{
    return 0;
}

/* One instruction, else an interrupt inside it could turn the clock back. */
#define tp_port_clock tp_port_clock
static inline uint64_t tp_port_clock(void)
{
    return __atomic_fetch_add(step_clock, 1, __ATOMIC_RELAXED);
}

#define tp_port_clock_hz tp_port_clock_hz
static inline uint64_t tp_port_clock_hz(void)
{
    return STEP_HZ;
}
#define tp_port_clock_name "step"

#define tp_port_context tp_port_context
static inline uint64_t tp_port_context(void)
{
    return STEP_PID;
}

#endif
