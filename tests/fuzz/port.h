/* SPDX-License-Identifier: MIT */
/* The port of the fuzz targets: one CPU at a time, a clock that counts. Only for those. */
#ifndef FUZZ_PORT_H
#define FUZZ_PORT_H

#include <stdint.h>

extern uint32_t fuzz_cpu;
extern uint64_t fuzz_time;

#define tp_port_cpu tp_port_cpu
static inline uint32_t tp_port_cpu(void)
{
    return fuzz_cpu;
}

#define tp_port_clock tp_port_clock
static inline uint64_t tp_port_clock(void)
{
    return fuzz_time++;
}

#define tp_port_clock_hz tp_port_clock_hz
static inline uint64_t tp_port_clock_hz(void)
{
    return 1000000000;
}
#define tp_port_clock_name "fuzz"

#define tp_port_context tp_port_context
static inline uint64_t tp_port_context(void)
{
    return 7;
}

#endif
