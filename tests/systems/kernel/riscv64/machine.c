/* SPDX-License-Identifier: MIT */
/* machine.c - what M mode does itself: the timer, interrupts to others, starting them, by the CLINT. */
#include "kernel.h"

#define CLINT 0x02000000u
#define CLINT_TIMER (CLINT + 0x4000)

void mode_init(void)
{
    mode_timer(UINT64_MAX);
    __asm__ __volatile__("csrw mie, %0" : : "r"(1 << CAUSE_SOFTWARE | 1 << CAUSE_TIMER));
}

void mode_timer(uint64_t at)
{
    *(volatile uint64_t *)(uintptr_t)(CLINT_TIMER + 8 * mode_hart(this_local()->number)) = at;
}

void mode_send(uint32_t cpu)
{
    __asm__ __volatile__("fence iorw, iorw" : : : "memory");
    *(volatile uint32_t *)(uintptr_t)(CLINT + 4 * mode_hart(cpu)) = 1;
}

void mode_take(void)
{
    *(volatile uint32_t *)(uintptr_t)(CLINT + 4 * mode_hart(this_local()->number)) = 0;
    __asm__ __volatile__("fence iorw, iorw" : : : "memory");
}

void mode_start(uint32_t cpu)
{
    mode_send(cpu);
}

/* As it waits after a reset. */
void mode_stop(void)
{
    second_waits();
}
