/* SPDX-License-Identifier: MIT */
/* start.c - the vectors, what comes before main, and what the engine asks of a libc. */
#include "engine/port/transport/semihosting.h"

#include <stddef.h>
#include <stdint.h>

extern uint32_t stack_top[], data_start[], data_end[], data_image[], bss_start[], bss_end[];

int main(void);
void on_tick(void);
void on_high(void);
void on_nmi(void);

void *memcpy(void *to, const void *from, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        ((uint8_t *)to)[i] = ((const uint8_t *)from)[i];
    return to;
}

void *memset(void *to, int byte, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        ((uint8_t *)to)[i] = (uint8_t)byte;
    return to;
}

int memcmp(const void *a, const void *b, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        if (((const uint8_t *)a)[i] != ((const uint8_t *)b)[i])
            return ((const uint8_t *)a)[i] - ((const uint8_t *)b)[i];
    return 0;
}

static void reset(void)
{
    memcpy(data_start, data_image, (size_t)((uint8_t *)data_end - (uint8_t *)data_start));
    memset(bss_start, 0, (size_t)((uint8_t *)bss_end - (uint8_t *)bss_start));
    tp_semihosting_exit((uintptr_t)main());
}

static void fault(void)
{
    tp_semihosting_exit(4);
}

__attribute__((section(".vectors"), used)) static const uintptr_t vectors[16 + 32] = {
    [0] = (uintptr_t)stack_top, [1] = (uintptr_t)reset,    [2] = (uintptr_t)on_nmi,
    [3] = (uintptr_t)fault,     [15] = (uintptr_t)on_tick, [16 + 8] = (uintptr_t)on_high,
};
