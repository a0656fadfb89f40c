/* SPDX-License-Identifier: MIT */
/*
 * console.c - text to the host by semihosting, the dump by the 16550 or into a file of the host's, the command line
 * from there, the end of the machine, and the entry of C.
 */
#include "kernel.h"

#include "engine/port/transport/semihosting.h"

#define UART 0x10000000u
#define UART_STATUS 5 /* a register */
#define UART_DATA 0x01
#define TEST_DEVICE 0x00100000u
#define TEST_RESET 0x7777u
#define EXIT_SUCCESS 33 /* as on x86_64 */
#define EXIT_PANIC 35
#define LINE_BYTES 512

#define TP_UART_16550_READ(at) (*(volatile uint8_t *)(uintptr_t)(UART + (at)))
#define TP_UART_16550_WRITE(at, value) (*(volatile uint8_t *)(uintptr_t)(UART + (at)) = (value))
#include "engine/port/transport/uart_16550.h"

bool console_serial_taken;

static intptr_t file;

_Noreturn void board_main(void);

void console_init(void)
{
    tp_uart_16550_open(1);
}

void console_char(char c)
{
    tp_semihosting_char(c);
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

bool file_open(void)
{
    file = tp_semihosting_open("dump");
    return file != -1;
}

void file_write(const void *bytes, size_t n)
{
    if (!tp_semihosting_write(file, bytes, n))
        panic("the host's file takes no more", NULL);
}

void machine_exit(bool success)
{
    tp_semihosting_exit(success ? EXIT_SUCCESS : EXIT_PANIC);
    cpu_halt();
}

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

void board_main(void)
{
    static char line[LINE_BYTES];
    const char *options = line;

    console_init();
    if (!tp_semihosting_line(line, sizeof(line)))
        panic("the host has no command line", NULL);
    while (*options && *options != ' ') /* the kernel's name */
        options++;
    kernel_main(options, BOARD_MEMORY_END);
}
