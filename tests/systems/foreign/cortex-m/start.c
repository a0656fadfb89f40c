/* SPDX-License-Identifier: MIT */
/* start.c - the vectors, and what comes before main. */
#include "engine/port/transport/semihosting.h"

#include <stddef.h>
#include <stdint.h>

extern uint32_t stack_top[], data_start[], data_end[], data_image[], bss_start[], bss_end[];

int main(void);
void on_tick(void);
void on_high(void);
void on_nmi(void);

static void reset(void)
{
    __builtin_memcpy(data_start, data_image, (size_t)((uint8_t *)data_end - (uint8_t *)data_start));
    __builtin_memset(bss_start, 0, (size_t)((uint8_t *)bss_end - (uint8_t *)bss_start));
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
