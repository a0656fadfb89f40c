/* SPDX-License-Identifier: MIT */
/* A port with a counter of 24 bits, the low ones of a time that the test sets. */
#ifndef TEST_NARROW_PORT_H
#define TEST_NARROW_PORT_H

#include <stdint.h>

extern uint64_t narrow_time;
extern void (*narrow_hook)(void); /* called once, before the counter is next read */

#define tp_port_cpu tp_port_cpu
static inline uint32_t tp_port_cpu(void)
{
    return 0;
}

#define tp_port_clock_bits 24
static inline uint32_t tp_port_counter(void)
{
    void (*hook)(void) = narrow_hook;

    narrow_hook = 0;
    if (hook)
        hook();
    return (uint32_t)narrow_time & 0xffffffu;
}

#define tp_port_clock_hz tp_port_clock_hz
static inline uint64_t tp_port_clock_hz(void)
{
    return 1000000;
}

#endif
