/* SPDX-License-Identifier: MIT */
/* The hosted port with a clock of 1 GHz that whoever fires the events moves on. */
#include "../../engine/port/hosted/port.h"

extern uint64_t bench_now;

#undef tp_port_clock
#undef tp_port_clock_halves
#undef tp_port_clock_hz
#undef tp_port_clock_name
#define tp_port_clock tp_bench_clock
static inline uint64_t tp_bench_clock(void)
{
    return bench_now;
}
#define tp_port_clock_hz tp_bench_clock_hz
static inline uint64_t tp_bench_clock_hz(void)
{
    return 1000000000;
}
#define tp_port_clock_name "made"
