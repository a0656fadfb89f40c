/* SPDX-License-Identifier: MIT */
/* A Cortex-M3 without an operating system: the vectors, what comes before main, and output by
 * semihosting. */
#include <stddef.h>
#include <stdint.h>

int main(void);
void put(const char *text);

extern uint32_t stack_top[], data_start[], data_end[], data_image[], bss_start[], bss_end[];

void *memcpy(void *to, const void *from, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        ((volatile uint8_t *)to)[i] = ((const uint8_t *)from)[i];
    return to;
}

/* By words, as any kernel does it: sub-buffers are cleared by it. */
void *memset(void *to, int byte, size_t bytes)
{
    uint32_t word = (uint8_t)byte * 0x01010101u;
    size_t i = 0;

    for (; !((uintptr_t)to & 3) && i + 4 <= bytes; i += 4)
        *(volatile uint32_t *)((uintptr_t)to + i) = word;
    for (; i < bytes; i++)
        ((volatile uint8_t *)to)[i] = (uint8_t)byte;
    return to;
}

int memcmp(const void *a, const void *b, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        if (((const uint8_t *)a)[i] != ((const uint8_t *)b)[i])
            return ((const uint8_t *)a)[i] - ((const uint8_t *)b)[i];
    return 0;
}

static int32_t host(uint32_t what, const void *arguments)
{
    register uint32_t r0 __asm__("r0") = what;
    register const void *r1 __asm__("r1") = arguments;

    __asm__ __volatile__("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
    return (int32_t)r0;
}

void put(const char *text)
{
    host(0x04, text);
}

static __attribute__((noreturn)) void leave(uint32_t why)
{
    for (;;)
        host(0x18, (const void *)(uintptr_t)why);
}

void reset(void)
{
    memcpy(data_start, data_image, (size_t)((uint8_t *)data_end - (uint8_t *)data_start));
    memset(bss_start, 0, (size_t)((uint8_t *)bss_end - (uint8_t *)bss_start));
    leave(main() ? 0x20023 : 0x20026);
}

static void fault(void)
{
    put("fault\n");
    leave(0x20023);
}

__attribute__((section(".vectors"), used)) static const uintptr_t vectors[16] = {
    (uintptr_t)stack_top, (uintptr_t)reset, (uintptr_t)fault, (uintptr_t)fault,
    (uintptr_t)fault,     (uintptr_t)fault, (uintptr_t)fault};
