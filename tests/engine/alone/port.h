/* SPDX-License-Identifier: MIT */
/* One CPU, and a counter that a variable is. */
#ifndef ALONE_PORT_H
#define ALONE_PORT_H

#include <stdint.h>

extern uint64_t alone_clock;

#define tp_port_leaf

#define tp_port_cpu tp_port_cpu
static inline uint32_t tp_port_cpu(void)
{
    return 0;
}

#define tp_port_clock tp_port_clock
static inline uint64_t tp_port_clock(void)
{
    return __atomic_add_fetch(&alone_clock, 1000, __ATOMIC_RELAXED);
}

#define tp_port_clock_hz tp_port_clock_hz
static inline uint64_t tp_port_clock_hz(void)
{
    return 1000000000;
}

#endif
