/* SPDX-License-Identifier: MIT */
/* A Cortex-M3 with a clock that the test moves on. */
#ifndef M3_PORT_H
#define M3_PORT_H

#include <stdint.h>

#define tp_port_cpu tp_port_cpu
static inline uint32_t tp_port_cpu(void)
{
    return 0;
}

extern uint64_t m3_clock;

#define tp_port_clock tp_port_clock
static inline uint64_t tp_port_clock(void)
{
    return m3_clock;
}

#define tp_port_clock_hz tp_port_clock_hz
static inline uint64_t tp_port_clock_hz(void)
{
    return 1000000;
}

#endif
