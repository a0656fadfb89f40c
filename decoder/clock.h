/* SPDX-License-Identifier: MIT */
/*
 * clock.h - counter values as time, exactly: floor(ticks * 10^9 / hz).
 *
 * Records come in order, so the second of the last one is kept and dividing
 * is rare.
 */
#ifndef CLOCK_H
#define CLOCK_H

#include <stdint.h>

struct clock {
    uint64_t hz;
    uint64_t micro, nano; /* floor(10^6 * 2^64 / hz), 10^9; 0: take the slow way */
    uint64_t base;        /* counter at the start of `second` */
    uint64_t second;
    uint64_t second_ticks; /* hz, or 0 before the first use */
    unsigned text_bytes;
    char text[24]; /* "%5lu." of second */
};

void clock_set(struct clock *c, uint64_t hz);
void clock_move(struct clock *c, uint64_t ticks); /* to the second of ticks */
uint64_t clock_divide(uint64_t rest, uint64_t units, uint64_t hz);

/* rest * units / hz for rest < hz, where m is floor(units * 2^64 / hz). */
static inline uint64_t clock_part(const struct clock *c, uint64_t rest, uint64_t units, uint64_t m)
{
    uint64_t q;

    if (!m)
        return clock_divide(rest, units, c->hz);
    q = (uint64_t)((unsigned __int128)rest * m >> 64);
    /* m is at most 1 too small and rest below 2^64: q is at most 1 too small. */
    return q + (rest * units - q * c->hz >= c->hz);
}

/* Makes `second` the one of ticks and returns the ticks since its start. */
static inline uint64_t clock_rest(struct clock *c, uint64_t ticks)
{
    if (__builtin_expect(ticks - c->base >= c->second_ticks, 0))
        clock_move(c, ticks);
    return ticks - c->base;
}

/* 0 to 999999, within the second that is now in c->second and c->text. */
static inline uint32_t clock_micros(struct clock *c, uint64_t ticks)
{
    return (uint32_t)clock_part(c, clock_rest(c, ticks), 1000000u, c->micro);
}

/* Nanoseconds; saturates at 2^64 - 1. */
uint64_t clock_ns(struct clock *c, uint64_t ticks);

#endif
