/* SPDX-License-Identifier: MIT */
/*
 * Text out: to QEMU's debug console, where the report goes, and to COM1 unless
 * the dump goes there. And the way out, through the isa-debug-exit device.
 */
#include "kernel.h"

#define DEBUGCON 0xe9
#define COM1 0x3f8
#define COM2 0x2f8
#define COM2_LINE_STATUS (COM2 + 5)
#define COM2_DATA 0x01
#define COM2_EMPTY 0x20
#define DEBUG_EXIT 0xf4
#define EXIT_SUCCESS 0x10 /* QEMU's status is 2 x + 1: 33 */
#define EXIT_PANIC 0x11   /* 35 */

#define TP_UART_16550_READ(at) port_in(COM1 + (at))
#define TP_UART_16550_WRITE(at, value) port_out(COM1 + (at), (value))
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

void console_char(char c)
{
    port_out(DEBUGCON, (uint8_t)c);
    if (!console_serial_taken)
        serial_write(&c, 1);
}

/* COM2, where the shell is. */
void console_line_open(void)
{
    port_out(COM2 + 1, 0); /* as COM1, in uart_16550.h */
    port_out(COM2 + 3, 0x80);
    port_out(COM2 + 0, 1);
    port_out(COM2 + 1, 0);
    port_out(COM2 + 3, 0x03);
    port_out(COM2 + 2, 0xc7);
}

void console_line_put(char c)
{
    while (!(port_in(COM2_LINE_STATUS) & COM2_EMPTY))
        ;
    port_out(COM2, (uint8_t)c);
}

bool console_line_get(char *c)
{
    if (!(port_in(COM2_LINE_STATUS) & COM2_DATA))
        return false;
    *c = (char)port_in(COM2);
    return true;
}

bool file_open(void)
{
    return false;
}

void file_write(const void *bytes, size_t n)
{
    (void)bytes;
    (void)n;
}

void machine_exit(bool success)
{
    port_out(DEBUG_EXIT, success ? EXIT_SUCCESS : EXIT_PANIC);
    for (;;)
        __asm__ __volatile__("cli; hlt");
}

void machine_reset(void)
{
    static const struct {
        uint16_t limit;
        uint64_t base;
    } __attribute__((packed)) no_table = {0, 0};

    /* An exception that cannot be told, nor that it cannot: the processor gives up. */
    __asm__ __volatile__("cli; lidt %0; ud2" : : "m"(no_table));
    __builtin_unreachable();
}

void console_regs(const struct regs *r)
{
    uint64_t address;

    __asm__ __volatile__("movq %%cr2, %0" : "=r"(address));
    say("vector %lu error %lx rip %lx rflags %lx cr2 %lx\n", r->vector, r->error, r->rip, r->rflags,
        address);
    say("rax %lx rbx %lx rcx %lx rdx %lx\n", r->rax, r->rbx, r->rcx, r->rdx);
    say("rsi %lx rdi %lx rbp %lx rsp %lx\n", r->rsi, r->rdi, r->rbp, r->rsp);
    say("r8 %lx r9 %lx r10 %lx r11 %lx\n", r->r8, r->r9, r->r10, r->r11);
    say("r12 %lx r13 %lx r14 %lx r15 %lx\n", r->r12, r->r13, r->r14, r->r15);
}
