/* SPDX-License-Identifier: MIT */
/* One CPU, and a counter that a variable is: what the engine itself costs, on any processor. */
#ifndef FOOTPRINT_PORT_H
#define FOOTPRINT_PORT_H

#include <stdint.h>

extern volatile uint32_t footprint_clock;

#define tp_port_leaf

#define tp_port_cpu tp_port_cpu
static inline uint32_t tp_port_cpu(void)
{
    return 0;
}

#define tp_port_clock tp_port_clock
static inline uint64_t tp_port_clock(void)
{
    return footprint_clock++;
}

#define tp_port_clock_hz tp_port_clock_hz
static inline uint64_t tp_port_clock_hz(void)
{
    return 1000000;
}

#endif
