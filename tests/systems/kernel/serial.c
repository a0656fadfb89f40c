/* SPDX-License-Identifier: MIT */
/* serial.c - the 16550 of boards that have its registers in memory: the dump, or the shell's line. */
#include "kernel.h"

#define UART_STATUS 5 /* a register */
#define UART_DATA 0x01

#define TP_UART_16550_READ(at) (*(volatile uint8_t *)(uintptr_t)(BOARD_UART + (at)))
#define TP_UART_16550_WRITE(at, value)                                                             \
    (*(volatile uint8_t *)(uintptr_t)(BOARD_UART + (at)) = (value))
#include "engine/port/transport/uart_16550.h"

bool console_serial_taken;

void console_init(void)
{
    tp_uart_16550_open(1);
}

void serial_write(const void *bytes, size_t n)
{
    tp_uart_16550_write(bytes, n);
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
    if (!(TP_UART_16550_READ(UART_STATUS) & UART_DATA))
        return false;
    *c = (char)TP_UART_16550_READ(0);
    return true;
}
