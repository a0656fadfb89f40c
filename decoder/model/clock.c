/* SPDX-License-Identifier: MIT */
/* clock.c - counter values as time, exactly. */
#include "model/clock.h"

#include <stdio.h>
#include <string.h>

#include "base/out.h"

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
    /* The last second ends where the counter does. */
    c->second_ticks = c->hz <= UINT64_MAX - c->base ? c->hz : 0 - c->base;
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

void clock_pair(struct clock_pairs *c, uint64_t ticks, uint64_t wall_ns)
{
    unsigned i = c->count;

    while (i && c->at[i - 1].ticks > ticks)
        i--;
    if (i && c->at[i - 1].ticks == ticks) {
        c->version += c->at[i - 1].wall_ns != wall_ns;
        c->at[i - 1].wall_ns = wall_ns;
        return;
    }
    c->version++;
    if (c->count == CLOCK_PAIRS) {
        if (!i)
            return;
        i--;
        memmove(c->at, c->at + 1, i * sizeof(c->at[0]));
    } else {
        memmove(c->at + i + 1, c->at + i, (c->count - i) * sizeof(c->at[0]));
        c->count++;
    }
    c->at[i] = (struct tp_wire_clock){ticks, wall_ns};
}

void clock_spread(struct clock_pairs *c, uint64_t ticks, uint64_t wall_ns)
{
    if (c->count == CLOCK_PAIRS) {
        for (unsigned i = 1; i < CLOCK_PAIRS / 2; i++)
            c->at[i] = c->at[2 * i];
        c->count = CLOCK_PAIRS / 2;
    }
    clock_pair(c, ticks, wall_ns);
}

uint64_t clock_measured_hz(const struct clock_pairs *c)
{
    const struct tp_wire_clock *a = c->at, *b = c->at + (c->count ? c->count - 1 : 0);
    unsigned __int128 hz;

    if (c->count < 2 || b->wall_ns < a->wall_ns || b->wall_ns - a->wall_ns < CLOCK_NANOS)
        return 0;
    hz = (unsigned __int128)(b->ticks - a->ticks) * CLOCK_NANOS / (b->wall_ns - a->wall_ns);
    return hz > UINT64_MAX ? 0 : (uint64_t)hz;
}

bool clock_zero_ns(const struct clock_pairs *c, uint64_t hz, __int128 *ns)
{
    if (!c->count || !hz)
        return false;
    *ns = c->at[0].wall_ns - (__int128)c->at[0].ticks * CLOCK_NANOS / hz;
    return true;
}

bool clock_is_same_zero(__int128 a_ns, __int128 b_ns)
{
    __int128 apart_ns = a_ns > b_ns ? a_ns - b_ns : b_ns - a_ns;

    return apart_ns <= CLOCK_APART_NS;
}

/* Of two that are equally near, the earlier. */
static const struct tp_wire_clock *clock_nearest(const struct clock_pairs *c, uint64_t ticks)
{
    const struct tp_wire_clock *p = c->at;
    unsigned i = 0;

    while (i < c->count && p[i].ticks <= ticks)
        i++;
    if (i == c->count || (i && ticks - p[i - 1].ticks <= p[i].ticks - ticks))
        i--;
    return &p[i];
}

/* Nanoseconds since 1970-01-01 00:00, rounded down. */
static __int128 clock_wall(const struct clock_pairs *c, uint64_t hz, uint64_t ticks)
{
    const struct tp_wire_clock *p = clock_nearest(c, ticks);
    /* The distance has 64 bits and the factor 30, so nothing overflows. */
    __int128 ns = ((__int128)ticks - p->ticks) * CLOCK_NANOS;

    ns = ns < 0 ? -((-ns + hz - 1) / hz) : ns / hz;
    return ns + p->wall_ns;
}

uint64_t clock_wall_ns(const struct clock_pairs *c, uint64_t hz, uint64_t ticks)
{
    __int128 ns = clock_wall(c, hz, ticks);

    return ns < 0 ? 0 : ns > UINT64_MAX ? UINT64_MAX : (uint64_t)ns;
}

/* Microseconds since 0000-03-01 00:00, rounded down, within the years 1 to 9999. */
static uint64_t clock_calendar_micros(const struct clock_pairs *c, uint64_t hz, uint64_t ticks)
{
    const __int128 epoch = (__int128)719468 * 86400 * CLOCK_MICROS;     /* to 1970-01-01 */
    const __int128 first = (__int128)306 * 86400 * CLOCK_MICROS;        /* to 0001-01-01 */
    const __int128 last = (__int128)3652365 * 86400 * CLOCK_MICROS - 1; /* to 10000-01-01 */
    __int128 ns = clock_wall(c, hz, ticks), micros;

    micros = epoch + (ns < 0 ? -((-ns + 999) / 1000) : ns / 1000);
    return (uint64_t)(micros < first ? first : micros > last ? last : micros);
}

static char *clock_two(char *p, uint64_t v, char after)
{
    memcpy(p, out_pairs + 2 * v, 2);
    p[2] = after;
    return p + 3;
}

/* Years are taken to start in March, so that the odd day is at their end. */
void clock_utc(const struct clock_pairs *c, uint64_t hz, uint64_t ticks, char to[CLOCK_UTC_BYTES])
{
    uint64_t micros = clock_calendar_micros(c, hz, ticks), second = micros / CLOCK_MICROS;
    uint64_t day = second / 86400, era = day / 146097, of_era = day % 146097;
    uint64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    uint64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    uint64_t month = (5 * of_year + 2) / 153, date = of_year - (153 * month + 2) / 5 + 1;

    year += 400 * era + (month >= 10);
    memcpy(to, out_pairs + 2 * (year / 100), 2);
    to = clock_two(to + 2, year % 100, '-');
    to = clock_two(to, month < 10 ? month + 3 : month - 9, '-');
    to = clock_two(to, date, 'T');
    to = clock_two(to, second / 3600 % 24, ':');
    to = clock_two(to, second / 60 % 60, ':');
    to = clock_two(to, second % 60, '.');
    to = out_put_six(to, (uint32_t)(micros % CLOCK_MICROS));
    *to = 'Z';
}
