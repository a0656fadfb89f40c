/* SPDX-License-Identifier: MIT */
/*
 * console.c - text to the host by semihosting, the dump by the PL011 or into a file of the host's, the command line
 * from there, the end of the machine, and the entry of C.
 */
#include "kernel.h"

#include "engine/port/transport/pl011.h"
#include "engine/port/transport/semihosting.h"

#define UART 0x09000000u
#define UART_NO_DATA (1u << 4) /* a flag */
#define EXIT_SUCCESS 33        /* as on x86_64 */
#define EXIT_PANIC 35
#define PSCI_RESET 0x84000009u
#define LINE_BYTES 512

bool console_serial_taken;

static intptr_t file;

_Noreturn void board_main(void);

void console_init(void)
{
    tp_pl011_open(UART, 0, 0);
}

void console_char(char c)
{
    tp_semihosting_char(c);
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
