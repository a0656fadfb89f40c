/* SPDX-License-Identifier: MIT */
/* The loop of a disabled event, with TP_PATCH where that can be. */
#if defined(__x86_64__) || defined(__aarch64__) || (defined(__riscv) && __riscv_xlen == 64)
#define TP_PATCH
#endif
#include <tp/event.h>

TP_EVENT(bench, two, "a=%u b=%u", u32 a, u32 b)

void loop_patched(uint32_t events);

void loop_patched(uint32_t events)
{
    for (uint32_t i = 0; i < events; i++) {
        __asm__ __volatile__("" : : "r"(i) : "memory");
        trace_bench_two(i, i + 1);
    }
}
