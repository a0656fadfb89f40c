/* SPDX-License-Identifier: MIT */
/*
 * console.c - by UHI: text to the host, the dump into a file of the host's, the command line from there, the end of the
 * machine; and the entry of C. The serial line is in serial.c.
 */
#include "kernel.h"

#include "engine/port/transport/uhi.h"

#define RESET 0xbf000500u /* of the board */
#define RESET_NOW 0x42u
#define EXIT_SUCCESS 33 /* as on x86_64 */
#define EXIT_PANIC 35
#define LINE_BYTES 512

static int32_t files[CHANNELS];

_Noreturn void board_main(void);

void console_char(char c)
{
    tp_uhi_char(c);
}

/* There is no other device than the host's files. tests/systems/kernel/run gives them their names. */
bool channel_open(unsigned number)
{
    files[number] = tp_uhi_open(number ? "second" : "dump");
    return files[number] != -1;
}

void channel_write(unsigned number, const void *bytes, size_t n)
{
    if (!tp_uhi_write(files[number], bytes, n))
        panic("the host's file takes no more", NULL);
}

bool file_open(void)
{
    return channel_open(0);
}

void file_write(const void *bytes, size_t n)
{
    channel_write(0, bytes, n);
}

void machine_exit(bool success)
{
    tp_uhi_exit(success ? EXIT_SUCCESS : EXIT_PANIC);
    cpu_halt();
}

void machine_reset(void)
{
    *(volatile uint32_t *)(uintptr_t)RESET = RESET_NOW;
    cpu_halt();
}

void console_regs(const struct regs *r)
{
    say("pc %lx status %lx cause %lx value %lx\n", (unsigned long)r->x[0], (unsigned long)r->status,
        (unsigned long)r->cause, (unsigned long)r->value);
    for (int i = 1; i < 32; i++)
        say("$%lu %lx%s", (unsigned long)i, (unsigned long)r->x[i], i % 4 == 3 ? "\n" : " ");
}

void board_main(void)
{
    static char line[LINE_BYTES];
    size_t used = 0;

    console_init();
    for (uint32_t i = 1; i < tp_uhi_arguments(); i++) { /* without the kernel's name */
        if (!tp_uhi_argument(i, line + used, sizeof(line) - used - 1))
            panic("the host's command line is too long", NULL);
        while (line[used])
            used++;
        line[used++] = ' ';
        line[used] = 0;
    }
    kernel_main(line, BOARD_MEMORY_END);
}
