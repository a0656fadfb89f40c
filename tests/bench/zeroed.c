/* SPDX-License-Identifier: MIT */
/* An event, and its loop, compiled so that all locals are cleared which the code does not exempt. */
#define TP_CREATE
#include <tp/event.h>

TP_EVENT(bench, zeroed, "a=%u b=%u", u32 a, u32 b)

void loop_zeroed(uint32_t events);

__attribute__((noinline)) void loop_zeroed(uint32_t events)
{
    for (uint32_t i = 0; i < events; i++)
        trace_bench_zeroed(i, i + 1);
}
