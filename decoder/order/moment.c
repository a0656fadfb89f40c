/* SPDX-License-Identifier: MIT */
/* moment.c - points in time as the command line has them. */
#include "order/moment.h"

#include <string.h>

#include "base/range.h"
#include "order/stream.h"

#define MOMENT_NANOS 1000000000u

static const char moment_wrong[] = "not a time";

/* A number with up to nine digits after its point, times 10^9; at *step, what its last digit counts. */
static bool moment_decimal(const char **p, unsigned __int128 *v, uint64_t *step)
{
    uint64_t whole, part = 0, scale = MOMENT_NANOS;

    if (!range_number(p, UINT64_MAX, &whole))
        return false;
    if (**p == '.') {
        const char *start = ++*p;

        if (!range_number(p, MOMENT_NANOS - 1, &part) || *p - start > 9)
            return false;
        for (const char *c = start; c < *p; c++)
            scale /= 10;
        part *= scale;
    }
    *v = (unsigned __int128)whole * MOMENT_NANOS + part;
    *step = scale;
    return true;
}

/* Nanoseconds of what was read in units of so many of them. */
static const char *moment_units(struct moment *m, unsigned __int128 v, uint64_t unit)
{
    /* 94 bits times 42: a product that does not fit is far beyond what is allowed. */
    if (v > (unsigned __int128)UINT64_MAX * MOMENT_NANOS / unit)
        return "too far a time";
    m->ns = (uint64_t)(v * unit / MOMENT_NANOS);
    return NULL;
}

/* A number with its unit, or of seconds. */
static const char *moment_unit(struct moment *m, const char *p)
{
    static const struct {
        const char *name;
        uint64_t ns;
    } units[] = {{"", MOMENT_NANOS},
                 {"s", MOMENT_NANOS},
                 {"ms", 1000000},
                 {"us", 1000},
                 {"ns", 1},
                 {"m", 60ull * MOMENT_NANOS},
                 {"h", 3600ull * MOMENT_NANOS}};
    unsigned __int128 v;
    uint64_t step;

    if (!moment_decimal(&p, &v, &step))
        return moment_wrong;
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
        if (strcmp(p, units[i].name) == 0) {
            m->nanos = step < 1000 * (uint64_t)MOMENT_NANOS / units[i].ns;
            return moment_units(m, v, units[i].ns);
        }
    return moment_wrong;
}

/* Exactly `digits` digits, at least `least` and at most `most`. */
static bool moment_part(const char **p, int digits, uint32_t least, uint32_t most, uint32_t *v)
{
    const char *start = *p;
    uint64_t got;

    if (!range_number(p, most, &got) || *p - start != digits || got < least)
        return false;
    *v = (uint32_t)got;
    return true;
}

static bool moment_skip(const char **p, char c)
{
    return **p == c && (++*p, true);
}

/* Days from 1970-01-01; years are taken to start in March. */
static int64_t moment_days(uint32_t year, uint32_t month, uint32_t date)
{
    uint64_t y = month <= 2 ? year - 1 : year, m = month <= 2 ? month + 9 : month - 3;

    return (int64_t)(365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + date) - 719469;
}

/* What follows a time of day: the minutes that it is ahead of UTC. */
static bool moment_zone(const char *p, int64_t *minutes)
{
    bool west = *p == '-';
    uint32_t hour, minute;

    *minutes = 0;
    if (!*p || strcmp(p, "Z") == 0 || strcmp(p, " UTC") == 0)
        return true;
    if (!moment_skip(&p, west ? '-' : '+') || !moment_part(&p, 2, 0, 23, &hour) ||
        !moment_skip(&p, ':') || !moment_part(&p, 2, 0, 59, &minute) || *p)
        return false;
    *minutes = west ? -(int64_t)(60 * hour + minute) : 60 * hour + minute;
    return true;
}

static const char *moment_day(struct moment *m, const char *p)
{
    static const uint8_t dates[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    uint32_t year, month, date, hour = 0, minute = 0;
    unsigned __int128 second = 0;
    uint64_t step = MOMENT_NANOS;
    __int128 ns;
    int64_t ahead;
    bool leap;

    m->kind = MOMENT_DAY;
    if (!moment_part(&p, 4, 1, 9999, &year) || !moment_skip(&p, '-') ||
        !moment_part(&p, 2, 1, 12, &month) || !moment_skip(&p, '-') ||
        !moment_part(&p, 2, 1, 31, &date))
        return moment_wrong;
    leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    if (date > dates[month - 1] + (uint32_t)(leap && month == 2))
        return moment_wrong;
    if (moment_skip(&p, 'T') || moment_skip(&p, ' ')) {
        if (!moment_part(&p, 2, 0, 23, &hour) || !moment_skip(&p, ':') ||
            !moment_part(&p, 2, 0, 59, &minute))
            return moment_wrong;
        if (moment_skip(&p, ':') &&
            (!moment_decimal(&p, &second, &step) || second >= (unsigned __int128)60 * MOMENT_NANOS))
            return moment_wrong;
    }
    if (!moment_zone(p, &ahead))
        return moment_wrong;
    ns = (((__int128)moment_days(year, month, date) * 24 + hour) * 60 + minute - ahead) * 60;
    ns = ns * MOMENT_NANOS + (__int128)second;
    if (ns < 0 || ns > UINT64_MAX)
        return "too far a time";
    m->ns = (uint64_t)ns;
    m->nanos = step < 1000;
    return NULL;
}

const char *moment_read(struct moment *m, const char *text)
{
    const char *p = text;

    *m = (struct moment){.kind = MOMENT_SECONDS};
    if (*p == '-' || *p == '+') {
        m->kind = *p++ == '-' ? MOMENT_BEFORE : MOMENT_SINCE;
        return moment_unit(m, p);
    }
    if (strlen(text) > 4 && text[4] == '-')
        return moment_day(m, text);
    while (*p == ' ')
        p++; /* as in what text shows */
    return moment_unit(m, p);
}

const char *moment_span(int64_t *ns, const char *text)
{
    struct moment m;
    bool back = *text == '-';
    const char *problem = moment_unit(&m, text + (back || *text == '+'));

    if (problem)
        return problem;
    if (m.ns > INT64_MAX)
        return "too far a time";
    *ns = back ? -(int64_t)m.ns : (int64_t)m.ns;
    return NULL;
}

/* ceil(ns * hz / 10^9). */
static __int128 moment_ticks(__int128 ns, uint64_t hz)
{
    bool before = ns < 0;
    __int128 seconds, rest;

    ns = before ? -ns : ns;
    seconds = ns / MOMENT_NANOS * hz;
    rest = ns % MOMENT_NANOS * hz;
    return before ? -(seconds + rest / MOMENT_NANOS)
                  : seconds + (rest + MOMENT_NANOS - 1) / MOMENT_NANOS;
}

/* The first count that is not before `more` nanoseconds after the moment. */
static __int128 moment_at(const struct moment *m, const struct stream *s, unsigned more)
{
    uint64_t hz = s->metadata.clock_hz;
    bool before = m->kind == MOMENT_BEFORE;
    __int128 ns = before ? (__int128)s->end_ns - m->ns : m->ns, best = 0, distance = -1;

    ns += more;
    if (m->kind != MOMENT_DAY && !(before && s->by_wall))
        return moment_ticks(m->kind == MOMENT_SINCE ? ns + s->base_ns : ns, hz);
    /* By the pair that is nearest, as records are shown. */
    for (unsigned i = 0; i < s->pairs.count; i++) {
        __int128 ticks = moment_ticks(ns - s->pairs.at[i].wall_ns, hz);

        if (distance >= 0 && (ticks < 0 ? -ticks : ticks) >= distance)
            continue;
        distance = ticks < 0 ? -ticks : ticks;
        best = ticks + s->pairs.at[i].ticks;
    }
    return best;
}

uint64_t moment_first(const struct moment *m, const struct stream *s)
{
    __int128 ticks = moment_at(m, s, 0);

    return ticks < 0 ? 0 : ticks > UINT64_MAX ? UINT64_MAX : (uint64_t)ticks;
}

uint64_t moment_early(uint64_t first, const struct stream *s)
{
    uint64_t pair = s->pairs.count ? s->pairs.at[0].ticks : 0, hz = s->metadata.clock_hz;
    uint64_t distance = first > pair ? first - pair : pair - first;
    uint64_t margin = hz > UINT64_MAX / 4 ? hz : 2 * hz;

    margin = margin > UINT64_MAX - distance / 512 ? UINT64_MAX : margin + distance / 512;
    return first > margin ? first - margin : 0;
}

bool moment_last(const struct moment *m, const struct stream *s, uint64_t *ticks)
{
    bool whole = !m->nanos && m->ns % 1000 == 0 && m->kind != MOMENT_BEFORE;
    __int128 last = moment_at(m, s, whole ? 1000 : 1) - 1;

    *ticks = last > UINT64_MAX ? UINT64_MAX : (uint64_t)last;
    return last >= 0;
}
