/* SPDX-License-Identifier: MIT */
/*
 * console.c - the dump or the shell's line by the PL011, the machine's reset, and what its registers are; the rest is in
 * host.c.
 */
#include "kernel.h"

#include "engine/port/transport/pl011.h"

#define UART 0x09000000u
#define UART_NO_DATA (1u << 4) /* a flag */
#define PSCI_RESET 0x84000009u

bool console_serial_taken;

void console_init(void)
{
    tp_pl011_open(UART, 0, 0);
}

void serial_write(const void *bytes, size_t n)
{
    tp_pl011_write(UART, bytes, n);
}

/* The shell's line; the dump goes elsewhere then. */
void console_line_open(void)
{
}

void console_line_put(char c)
{
    serial_write(&c, 1);
}

bool console_line_get(char *c)
{
    if (*tp_pl011_register(UART, TP_PL011_FLAGS) & UART_NO_DATA)
        return false;
    *c = (char)*tp_pl011_register(UART, TP_PL011_DATA);
    return true;
}

void machine_reset(void)
{
    register uint64_t call __asm__("x0") = PSCI_RESET;

    __asm__ __volatile__("dsb sy\n\thvc #0" : "+r"(call) : : "memory");
    __builtin_unreachable();
}

void console_regs(const struct regs *r)
{
    say("pc %lx pstate %lx syndrome %lx address %lx\n", r->pc, r->pstate, r->syndrome, r->address);
    for (int i = 0; i < 31; i++)
        say("x%lu %lx%s", (unsigned long)i, r->x[i], i % 4 == 3 || i == 30 ? "\n" : " ");
}
