/* SPDX-License-Identifier: MIT */
/*
 * console.c - the dump or the shell's line by the UART, the dump or something else into files of the host's, the
 * machine's reset, and what its registers are; the rest is in host.c.
 */
#include "kernel.h"

#include "engine/port/transport/semihosting.h"

#define UART(offset) (*(volatile uint32_t *)(uintptr_t)(0x40004000 + (offset)))
#define UART_DATA 0x0
#define UART_STATE 0x4
#define UART_FULL 1u
#define UART_RECEIVED 2u
#define UART_CONTROL 0x8
#define UART_BOTH_WAYS 3u
#define UART_DIVISOR 0x10
#define UART_DIVISOR_LEAST 16u
#define AIRCR (*(volatile uint32_t *)(uintptr_t)0xe000ed0c)
#define AIRCR_RESET 0x05fa0004u

bool console_serial_taken;

static intptr_t files[CHANNELS];

void console_init(void)
{
    UART(UART_DIVISOR) = UART_DIVISOR_LEAST;
    UART(UART_CONTROL) = UART_BOTH_WAYS;
}

void serial_write(const void *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        while (UART(UART_STATE) & UART_FULL)
            ;
        UART(UART_DATA) = ((const uint8_t *)bytes)[i];
    }
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
    if (!(UART(UART_STATE) & UART_RECEIVED))
        return false;
    *c = (char)UART(UART_DATA);
    return true;
}

/* There is no other device than the host's files. tests/systems/kernel/run gives them their names. */
bool channel_open(unsigned number)
{
    files[number] = tp_semihosting_open(number ? "second" : "dump");
    return files[number] != -1;
}

void channel_write(unsigned number, const void *bytes, size_t n)
{
    if (!tp_semihosting_write(files[number], bytes, n))
        panic("the host's file takes no more", NULL);
}

void machine_reset(void)
{
    AIRCR = AIRCR_RESET;
    cpu_halt();
}

void console_regs(const struct regs *r)
{
    say("pc %lx lr %lx xpsr %lx basepri %lx\n", (unsigned long)r->pc, (unsigned long)r->lr,
        (unsigned long)r->xpsr, (unsigned long)r->basepri);
    for (int i = 0; i < 4; i++)
        say("r%lu %lx ", (unsigned long)i, (unsigned long)r->r0[i]);
    for (int i = 0; i < 8; i++)
        say("r%lu %lx%s", (unsigned long)i + 4, (unsigned long)r->r4[i], i == 7 ? "\n" : " ");
}
