/* SPDX-License-Identifier: MIT */
/*
 * moment.h - points in time as the command line has them, and where they are on the
 * counter of a capture.
 *
 *     12.345678                      seconds, as records show them
 *     +1.5s +200ms +3                since the first record
 *     -1.5s -200ms -3                before the last record
 *     2026-01-02T03:04:05.678        time of day: UTC, or with an offset after it
 */
#ifndef MOMENT_H
#define MOMENT_H

#include <stdbool.h>
#include <stdint.h>

struct stream;

enum moment_kind { MOMENT_NONE, MOMENT_SECONDS, MOMENT_SINCE, MOMENT_BEFORE, MOMENT_DAY };

struct moment {
    enum moment_kind kind;
    uint64_t
        ns; /* since counter 0, since the first record, before the last one, since 1970-01-01 UTC */
    bool nanos; /* given to the nanosecond: 1.000000000, +5ns */
};

/* NULL, or what is wrong with the text. */
const char *moment_read(struct moment *m, const char *text);

/* The same of a time that may be added to others: +1.5s, -200ms, 3. */
const char *moment_span(int64_t *ns, const char *text);

/* The first count that is not before it, or 2^64 - 1. A time of day needs a clock pair, one before
 * the end needs stream->end_known. */
uint64_t moment_first(const struct moment *m, const struct stream *s);
/* A time of day moves against the counter when pairs are added: so long before the count `first` it is safe. */
uint64_t moment_early(uint64_t first, const struct stream *s);
/* The last count of its microsecond, or, if it was given to the nanosecond, of that; it may be before any. */
bool moment_last(const struct moment *m, const struct stream *s, uint64_t *ticks);

#endif
