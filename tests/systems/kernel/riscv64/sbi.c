/* SPDX-License-Identifier: MIT */
/* sbi.c - what S mode asks its firmware for: the timer, interrupts to others, starting them. */
#include "kernel.h"

#define SBI_TIME 0x54494d45u
#define SBI_IPI 0x735049u
#define SBI_HSM 0x48534du
#define SBI_ALREADY_THERE (-6)
#define SBI_INVALID (-3) /* it is on its way from one state to another */

enum hsm_function { HSM_START, HSM_STOP };

static uint64_t sbi_call(uint64_t extension, uint64_t function, uint64_t a, uint64_t b, uint64_t c)
{
    register uint64_t a0 __asm__("a0") = a;
    register uint64_t a1 __asm__("a1") = b;
    register uint64_t a2 __asm__("a2") = c;
    register uint64_t a6 __asm__("a6") = function;
    register uint64_t a7 __asm__("a7") = extension;

    __asm__ __volatile__("ecall" : "+r"(a0), "+r"(a1) : "r"(a2), "r"(a6), "r"(a7) : "memory");
    return a0;
}

void mode_init(void)
{
    mode_timer(UINT64_MAX);
    __asm__ __volatile__("csrw sie, %0" : : "r"(1 << CAUSE_SOFTWARE | 1 << CAUSE_TIMER));
}

void mode_timer(uint64_t at)
{
    sbi_call(SBI_TIME, 0, at, 0, 0);
}

void mode_send(uint32_t cpu)
{
    sbi_call(SBI_IPI, 0, 1ul << mode_hart(cpu), 0, 0);
}

void mode_take(void)
{
    __asm__ __volatile__("csrc sip, %0" : : "r"(1 << CAUSE_SOFTWARE) : "memory");
}

void mode_start(uint32_t cpu)
{
    int64_t err;

    do {
        err = (int64_t)sbi_call(SBI_HSM, HSM_START, mode_hart(cpu), (uint64_t)start_second, 0);
    } while (err == SBI_ALREADY_THERE || err == SBI_INVALID);
    if (err)
        panic("cpu 1 is not to be had", NULL);
}

void mode_stop(void)
{
    sbi_call(SBI_HSM, HSM_STOP, 0, 0, 0);
    panic("cpu 1 is not to be stopped", NULL);
}
