/* SPDX-License-Identifier: MIT */
/* say.c - text, to where the board's console has it, and the last words. */
#include "kernel.h"

#include <stdarg.h>

static void say_number(uint64_t value, unsigned base)
{
    char digits[20];
    int n = 0;

    do {
        digits[n++] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value);
    while (n)
        console_char(digits[--n]);
}

void say(const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    for (; *fmt; fmt++) {
        if (fmt[0] == '%' && fmt[1] == 's') {
            for (const char *s = va_arg(args, const char *); *s; s++)
                console_char(*s);
            fmt++;
        } else if (fmt[0] == '%' && fmt[1] == 'l') {
            say_number(va_arg(args, unsigned long), fmt[2] == 'x' ? 16 : 10);
            fmt += 2;
        } else {
            console_char(*fmt);
        }
    }
    va_end(args);
}

void panic(const char *why, const struct regs *regs)
{
    static uint32_t panicking;

    irq_off();
    if (__atomic_exchange_n(&panicking, 1, __ATOMIC_ACQUIRE))
        cpu_halt();
    say("panic: %s, cpu %lu pid %lu\n", why, (unsigned long)this_local()->number,
        (unsigned long)this_local()->pid);
    if (regs)
        console_regs(regs);
    machine_exit(false);
}
