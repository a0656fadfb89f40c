/* SPDX-License-Identifier: MIT */
/*
 * host.c - by semihosting: text, the dump into a file of the host's, the command line from there, the end of the
 * machine; and the entry of C.
 */
#include "kernel.h"

#include "engine/port/transport/semihosting.h"

#define EXIT_SUCCESS 33 /* as on x86_64 */
#define EXIT_PANIC 35
#define LINE_BYTES 512

static intptr_t file;

_Noreturn void board_main(void);

void console_char(char c)
{
    tp_semihosting_char(c);
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
