/* SPDX-License-Identifier: MIT */
/* How benchmarks measure: ratios of two loops that are timed one after the other. */
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#include <stdlib.h>
#include <time.h>

#define ROUNDS 101

static inline double seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static inline int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static inline double median(double *times, unsigned n)
{
    qsort(times, n, sizeof(*times), compare);
    return times[n / 2];
}

static inline double time_of(void (*loop)(void), unsigned times)
{
    double start = seconds();

    for (unsigned i = 0; i < times; i++)
        loop();
    return seconds() - start;
}

/* Both loops in each round, `times` each, so that what disturbs the machine disturbs both; the
 * median of all rounds. `between` is called behind each, and not timed. *spent, or NULL: the median
 * of a run of `tested`, in seconds. */
static inline double ratio_of(void (*tested)(void), void (*limit)(void), unsigned times,
                              void (*between)(void), double *spent)
{
    double r[ROUNDS], t[ROUNDS];

    for (unsigned round = 0; round < ROUNDS; round++) {
        r[round] = 1 / time_of(limit, times);
        between();
        t[round] = time_of(tested, times);
        between();
        r[round] *= t[round];
        t[round] /= times;
    }
    if (spent)
        *spent = median(t, ROUNDS);
    return median(r, ROUNDS);
}

#endif
