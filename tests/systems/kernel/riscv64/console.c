/* SPDX-License-Identifier: MIT */
/* console.c - the machine's reset, and what its registers are; the rest is in serial.c and host.c. */
#include "kernel.h"

#define TEST_DEVICE 0x00100000u
#define TEST_RESET 0x7777u

void machine_reset(void)
{
    *(volatile uint32_t *)(uintptr_t)TEST_DEVICE = TEST_RESET;
    cpu_halt();
}

void console_regs(const struct regs *r)
{
    say("pc %lx status %lx cause %lx value %lx\n", r->x[0], r->status, r->cause, r->value);
    for (int i = 1; i < 32; i++)
        say("x%lu %lx%s", (unsigned long)i, r->x[i], i % 4 == 3 ? "\n" : " ");
}
