/* SPDX-License-Identifier: MIT */
/* The hosted port with a clock that stands still: what an event costs besides reading one. */
#include "../../engine/port/hosted/port.h"

#define BENCH_NO_CLOCK 1

#undef tp_port_clock
#undef tp_port_clock_halves
#define tp_port_clock tp_bench_clock
static inline uint64_t tp_bench_clock(void)
{
    return 1;
}
