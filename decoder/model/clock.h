/* SPDX-License-Identifier: MIT */
/*
 * clock.h - counter values as time, exactly: floor(ticks * 10^9 / hz), and
 * with the help of clock pairs as UTC.
 *
 * Records come in order, so the second of the last one is kept and dividing
 * is rare.
 */
#ifndef CLOCK_H
#define CLOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <tp/wire.h>

/* Pairs kept; of more, those with the lowest counters are forgotten. */
#define CLOCK_PAIRS 64u

struct clock {
    uint64_t hz;
    uint64_t micro, nano; /* floor(10^6 * 2^64 / hz), 10^9; 0: take the slow way */
    uint64_t base;        /* counter at the start of `second` */
    uint64_t second;
    uint64_t second_ticks; /* hz, or 0 before the first use */
    unsigned text_bytes;
    char text[24]; /* "%5lu." of second */
};

struct clock_pairs {
    unsigned count;
    unsigned version;                     /* changes when they do */
    struct tp_wire_clock at[CLOCK_PAIRS]; /* by counter */
};

void clock_set(struct clock *c, uint64_t hz);
/* `ticks` was `wall_ns` after 1970-01-01 00:00 UTC. */
void clock_pair(struct clock_pairs *c, uint64_t ticks, uint64_t wall_ns);
/* The same, but of more than there is room for every second one is forgotten. */
void clock_spread(struct clock_pairs *c, uint64_t ticks, uint64_t wall_ns);
/* Counts a second, as the first and the last pair say; 0: they are less than a second apart. */
uint64_t clock_measured_hz(const struct clock_pairs *c);
/* The time of day at which the counter was 0, by the first pair. False: there is none. */
bool clock_zero_ns(const struct clock_pairs *c, uint64_t hz, __int128 *ns);
/* Pairs of one boot agree within this: a clock of some machines has whole seconds. */
#define CLOCK_APART_NS 1000000000
/* Is that one boot? */
bool clock_is_same_zero(__int128 a_ns, __int128 b_ns);
/* By the pair that is nearest, which must be there; 2026-11-23T23:12:33.123456Z, not ended by a
 * NUL. Years before 1 and after 9999 become the first and last moment of these. */
#define CLOCK_UTC_BYTES 27u
void clock_utc(const struct clock_pairs *c, uint64_t hz, uint64_t ticks, char to[CLOCK_UTC_BYTES]);
/* The same as a number, from 0 to 2^64 - 1. */
uint64_t clock_wall_ns(const struct clock_pairs *c, uint64_t hz, uint64_t ticks);
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

/* The same, 0 to 999999999. */
static inline uint32_t clock_nanos(struct clock *c, uint64_t ticks)
{
    return (uint32_t)clock_part(c, clock_rest(c, ticks), 1000000000u, c->nano);
}

/* Nanoseconds; saturates at 2^64 - 1. */
uint64_t clock_ns(struct clock *c, uint64_t ticks);

#endif
