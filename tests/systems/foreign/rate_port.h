/* SPDX-License-Identifier: MIT */
/* A clock of any speed, which the program sets. */
#ifndef TEST_RATE_PORT_H
#define TEST_RATE_PORT_H

#include <stdbool.h>
#include <stdint.h>

extern uint64_t rate_now, rate_hz;

#define tp_port_leaf
#define tp_port_cpu tp_port_cpu
static inline uint32_t tp_port_cpu(void)
{
    return 0;
}
#define tp_port_clock tp_port_clock
static inline uint64_t tp_port_clock(void)
{
    return rate_now;
}
#define tp_port_clock_hz tp_port_clock_hz
static inline uint64_t tp_port_clock_hz(void)
{
    return rate_hz;
}

#endif
