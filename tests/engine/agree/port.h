/* SPDX-License-Identifier: MIT */
/* The port of the agree test: the CPU and the clock are variables of the test. */
#ifndef AGREE_PORT_H
#define AGREE_PORT_H

#include <stdint.h>

#define AGREE_HZ 1000000000u
#define AGREE_PID 4242u

extern uint64_t agree_clock;
extern uint32_t agree_now_cpu;

#define tp_port_cpu tp_port_cpu
static inline uint32_t tp_port_cpu(void)
{
    return agree_now_cpu;
}

/* One instruction, else an interrupt inside it could turn the clock back. */
#define tp_port_clock tp_port_clock
static inline uint64_t tp_port_clock(void)
{
    return __atomic_fetch_add(&agree_clock, 1, __ATOMIC_RELAXED);
}

#define tp_port_clock_hz tp_port_clock_hz
static inline uint64_t tp_port_clock_hz(void)
{
    return AGREE_HZ;
}
#define tp_port_clock_name "agree"

#define tp_port_context tp_port_context
static inline uint64_t tp_port_context(void)
{
    return AGREE_PID;
}

#endif
