/* SPDX-License-Identifier: MIT */
/*
 * Text out: to QEMU's debug console, where the report goes, and to COM1 unless
 * the dump goes there. And the way out, through the isa-debug-exit device.
 */
#include "kernel.h"

#include <stdarg.h>

#define DEBUGCON 0xe9
#define COM1 0x3f8
#define COM1_FIFO_BYTES 16
#define COM1_LINE_STATUS (COM1 + 5)
#define COM1_EMPTY 0x20
#define DEBUG_EXIT 0xf4
#define EXIT_SUCCESS 0x10 /* QEMU's status is 2 x + 1: 33 */
#define EXIT_PANIC 0x11   /* 35 */

bool console_serial_taken;

void console_init(void)
{
    port_out(COM1 + 1, 0);    /* no interrupts */
    port_out(COM1 + 3, 0x80); /* the divisor ... */
    port_out(COM1 + 0, 1);    /* 115200 baud */
    port_out(COM1 + 1, 0);
    port_out(COM1 + 3, 0x03); /* ... 8 bits, no parity, one stop bit */
    port_out(COM1 + 2, 0xc7); /* FIFOs on and empty */
}

void serial_write(const void *bytes, size_t n)
{
    const uint8_t *p = bytes;

    for (size_t i = 0; i < n; i++) {
        if (i % COM1_FIFO_BYTES == 0)
            while (!(port_in(COM1_LINE_STATUS) & COM1_EMPTY))
                ;
        port_out(COM1, p[i]);
    }
}

static void say_char(char c)
{
    port_out(DEBUGCON, (uint8_t)c);
    if (!console_serial_taken)
        serial_write(&c, 1);
}

static void say_number(uint64_t value, unsigned base)
{
    char digits[20];
    int n = 0;

    do {
        digits[n++] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value);
    while (n)
        say_char(digits[--n]);
}

void say(const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    for (; *fmt; fmt++) {
        if (fmt[0] == '%' && fmt[1] == 's') {
            for (const char *s = va_arg(args, const char *); *s; s++)
                say_char(*s);
            fmt++;
        } else if (fmt[0] == '%' && fmt[1] == 'l') {
            say_number(va_arg(args, unsigned long), fmt[2] == 'x' ? 16 : 10);
            fmt += 2;
        } else {
            say_char(*fmt);
        }
    }
    va_end(args);
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

static void say_regs(const struct regs *r)
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

void panic(const char *why, const struct regs *regs)
{
    static uint32_t panicking;

    __asm__ __volatile__("cli");
    if (__atomic_exchange_n(&panicking, 1, __ATOMIC_ACQUIRE))
        for (;;)
            __asm__ __volatile__("cli; hlt");
    say("panic: %s, cpu %lu pid %lu\n", why, (unsigned long)this_cpu()->number,
        (unsigned long)this_cpu()->pid);
    if (regs)
        say_regs(regs);
    machine_exit(false);
}
