/* SPDX-License-Identifier: MIT */
/* clock.c - counter values as time, exactly. */
#include "clock.h"

#include <stdio.h>

#define CLOCK_NANOS 1000000000u
#define CLOCK_MICROS 1000000u
/* Below this, rest * 10^9 fits 64 bits. */
#define CLOCK_FAST_NANO_HZ (UINT64_MAX / CLOCK_NANOS)
#define CLOCK_FAST_MICRO_HZ (UINT64_MAX / CLOCK_MICROS)

void clock_set(struct clock *c, uint64_t hz)
{
    unsigned __int128 one = (unsigned __int128)1 << 64;

    *c = (struct clock){.hz = hz};
    if (hz > CLOCK_MICROS && hz < CLOCK_FAST_MICRO_HZ)
        c->micro = (uint64_t)(one * CLOCK_MICROS / hz);
    if (hz > CLOCK_NANOS && hz < CLOCK_FAST_NANO_HZ)
        c->nano = (uint64_t)(one * CLOCK_NANOS / hz);
}

void clock_move(struct clock *c, uint64_t ticks)
{
    int n;

    c->second = ticks / c->hz;
    c->base = c->second * c->hz;
    c->second_ticks = c->hz;
    n = snprintf(c->text, sizeof(c->text), "%5llu.", (unsigned long long)c->second);
    c->text_bytes = (unsigned)n;
}

uint64_t clock_divide(uint64_t rest, uint64_t units, uint64_t hz)
{
    return (uint64_t)((unsigned __int128)rest * units / hz);
}

uint64_t clock_ns(struct clock *c, uint64_t ticks)
{
    uint64_t rest, ns;

    if (c->hz == CLOCK_NANOS)
        return ticks;
    rest = clock_rest(c, ticks);
    if (__builtin_mul_overflow(c->second, CLOCK_NANOS, &ns) ||
        __builtin_add_overflow(ns, clock_part(c, rest, CLOCK_NANOS, c->nano), &ns))
        return UINT64_MAX;
    return ns;
}
