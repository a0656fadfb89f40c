/* SPDX-License-Identifier: MIT */
/* stamp.c - the times of records as --time asks for them. */
#include "order/stamp.h"

#include <time.h>

#define STAMP_SECOND_NS 1000000000

enum stamp_mode stamp_decide(const struct stamp *t, struct stream *s)
{
    if (t->mode < STAMP_UTC)
        return t->mode;
    if (s->day_known)
        return t->mode;
    if (!s->day_told)
        diag_note(&s->diag, "no clock pair before the first record: times are not %s but seconds",
                  t->mode == STAMP_UTC ? "UTC" : "local");
    s->day_told = true;
    return STAMP_SECONDS;
}

int64_t stamp_relative_ns(struct stream *s, uint64_t ticks)
{
    return (int64_t)(clock_ns(&s->clock, ticks) - s->base_ns);
}

int64_t stamp_delta_ns(struct stamp *t, struct stream *s, uint64_t ticks)
{
    uint64_t ns = clock_ns(&s->clock, ticks);
    int64_t delta = t->any ? (int64_t)(ns - t->last_ns) : 0;

    t->any = true;
    t->last_ns = ns;
    return delta;
}

/* Seconds in the width that the counter's have; rounded down, and of what is before, up. */
static char *stamp_seconds(char *p, int64_t ns, bool precise)
{
    uint64_t all = ns < 0 ? 0 - (uint64_t)ns : (uint64_t)ns;
    char text[24], *end = text;

    if (ns < 0 && all >= (precise ? 1 : 1000)) /* no -0.000000 */
        *end++ = '-';
    end = out_put_u64(end, all / STAMP_SECOND_NS);
    for (long n = end - text; n < 5; n++)
        *p++ = ' ';
    memcpy(p, text, (size_t)(end - text));
    p += end - text;
    *p++ = '.';
    return precise ? out_put_nine(p, (uint32_t)(all % STAMP_SECOND_NS))
                   : out_put_six(p, (uint32_t)(all % STAMP_SECOND_NS / 1000));
}

static char *stamp_two(char *p, int v, char after)
{
    memcpy(p, out_pairs + 2 * (v % 100), 2);
    p[2] = after;
    return p + 3;
}

/* The last three of nine digits of a time of day, if they are wanted. */
static char *stamp_rest(const struct stream *s, uint64_t ticks, bool precise, char *p)
{
    uint32_t rest;

    if (!precise)
        return p;
    rest = (uint32_t)(clock_wall_ns(&s->pairs, s->clock.hz, ticks) % 1000);
    *p++ = (char)('0' + rest / 100);
    memcpy(p, out_pairs + 2 * (rest % 100), 2);
    return p + 2;
}

static char *stamp_utc(const struct stream *s, uint64_t ticks, bool precise, char *p)
{
    clock_utc(&s->pairs, s->clock.hz, ticks, p);
    p = stamp_rest(s, ticks, precise, p + CLOCK_UTC_BYTES - 1);
    *p = 'Z';
    return p + 1;
}

/* The time of day where this runs, 2026-11-24T00:12:33.123456+01:00; returns its end. */
static char *stamp_local(const struct stream *s, uint64_t ticks, bool precise, char *p)
{
    char utc[CLOCK_UTC_BYTES + 1];
    struct tm tm = {0};
    time_t t;
    int ahead;

    clock_utc(&s->pairs, s->clock.hz, ticks, utc);
    utc[CLOCK_UTC_BYTES] = '\0';
    if (!strptime(utc, "%Y-%m-%dT%H:%M:%S", &tm))
        return p;
    t = timegm(&tm);
    /* The years 1 to 9999 in UTC may be one more or less here: then it is UTC. */
    if (!localtime_r(&t, &tm) || tm.tm_year < 1 - 1900 || tm.tm_year > 9999 - 1900)
        gmtime_r(&t, &tm);
    ahead = (int)(tm.tm_gmtoff / 60);
    memcpy(p, out_pairs + 2 * ((tm.tm_year + 1900) / 100), 2);
    p = stamp_two(p + 2, tm.tm_year + 1900, '-');
    p = stamp_two(p, tm.tm_mon + 1, '-');
    p = stamp_two(p, tm.tm_mday, 'T');
    p = stamp_two(p, tm.tm_hour, ':');
    p = stamp_two(p, tm.tm_min, ':');
    p = stamp_two(p, tm.tm_sec, '.');
    memcpy(p, utc + CLOCK_UTC_BYTES - 7, 6);
    p = stamp_rest(s, ticks, precise, p + 6);
    *p = ahead < 0 ? '-' : '+';
    ahead = ahead < 0 ? -ahead : ahead;
    p = stamp_two(p + 1, ahead / 60, ':');
    return stamp_two(p, ahead % 60, 0) - 1;
}

char *stamp_other(struct stamp *t, struct stream *s, uint64_t ticks, char *p)
{
    bool precise = stamp_precise(t);
    uint32_t part;

    switch (stamp_decide(t, s)) {
    case STAMP_RAW:
        return out_put_u64(p, ticks);
    case STAMP_RELATIVE:
        return stamp_seconds(p, stamp_relative_ns(s, ticks), precise);
    case STAMP_DELTA:
        return stamp_seconds(p, stamp_delta_ns(t, s, ticks), precise);
    case STAMP_UTC:
        return stamp_utc(s, ticks, precise, p);
    case STAMP_LOCAL:
        return stamp_local(s, ticks, precise, p);
    case STAMP_SECONDS:
        break;
    }
    part = precise ? clock_nanos(&s->clock, ticks) : clock_micros(&s->clock, ticks);
    memcpy(p, s->clock.text, sizeof(s->clock.text));
    p += s->clock.text_bytes;
    return precise ? out_put_nine(p, part) : out_put_six(p, part);
}
