/* SPDX-License-Identifier: MIT */
/* The vectors, and what comes before main. */
#include "m0.h"

extern uint32_t stack_top[], data_start[], data_end[], data_image[], bss_start[], bss_end[];

/* Semihosting: QEMU does it on the host. */
static int32_t host(uint32_t what, const void *arguments)
{
    register uint32_t r0 __asm__("r0") = what;
    register const void *r1 __asm__("r1") = arguments;

    __asm__ __volatile__("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
    return (int32_t)r0;
}

int32_t host_create(const char *name, uint32_t length)
{
    const uint32_t open_wb[3] = {(uint32_t)name, 5, length};

    return host(0x01, open_wb);
}

void host_write(int32_t file, const void *bytes, uint32_t count)
{
    const uint32_t write[3] = {(uint32_t)file, (uint32_t)bytes, count};

    if (host(0x05, write))
        host_exit("write");
}

void host_exit(const char *error)
{
    if (error)
        host(0x04, error);
    for (;;)
        host(0x18, (const void *)(uintptr_t)(error ? 0x20023 : 0x20026));
}

static void reset(void)
{
    __builtin_memcpy(data_start, data_image, (size_t)((uint8_t *)data_end - (uint8_t *)data_start));
    __builtin_memset(bss_start, 0, (size_t)((uint8_t *)bss_end - (uint8_t *)bss_start));
    main();
    host_exit(NULL);
}

static void fault(void)
{
    host_exit("fault\n");
}

__attribute__((section(".vectors"), used)) static const uintptr_t vectors[16 + 32] = {
    [0] = (uintptr_t)stack_top,    [1] = (uintptr_t)reset,    [2] = (uintptr_t)fault,
    [3] = (uintptr_t)fault,        [15] = (uintptr_t)on_wrap, [16 + 8] = (uintptr_t)on_low,
    [16 + 9] = (uintptr_t)on_high,
};
