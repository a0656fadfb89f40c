/* SPDX-License-Identifier: MIT */
/* A Cortex-M0 (nRF51, as QEMU's `microbit` has it): no compare-and-swap, and for a clock a counter
 * of 24 bits that goes down. */
#ifndef M0_PORT_H
#define M0_PORT_H

#include <stdint.h>

#define M0_REG(address) (*(volatile uint32_t *)(uintptr_t)(address))
#define SYST_CVR M0_REG(0xe000e018)
#define SYST_HZ 16000000

#define tp_port_cpu tp_port_cpu
static inline uint32_t tp_port_cpu(void)
{
    return 0;
}

#define tp_port_clock_bits 24
#define tp_port_clock_name "systick"
static inline uint32_t tp_port_counter(void)
{
    return 0xffffff - SYST_CVR;
}

#define tp_port_clock_hz tp_port_clock_hz
static inline uint64_t tp_port_clock_hz(void)
{
    return SYST_HZ;
}

#define tp_port_mask tp_port_mask
static inline uintptr_t tp_port_mask(void)
{
    uintptr_t was;

    __asm__ __volatile__("mrs %0, primask\n\tcpsid i" : "=r"(was) : : "memory");
    return was;
}

static inline void tp_port_unmask(uintptr_t was)
{
    __asm__ __volatile__("msr primask, %0" : : "r"(was) : "memory");
}

#endif
