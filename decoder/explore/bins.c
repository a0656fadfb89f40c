/* SPDX-License-Identifier: MIT */
/* bins.c - columns of time. */
#include "explore/bins.h"

#include <stdlib.h>

#include "base/mem.h"

static struct bins_cell *bins_cell(const struct bins *b, uint32_t cpu, uint64_t column)
{
    return &b->cells[(size_t)cpu * BINS_COLUMNS + column % BINS_COLUMNS];
}

static struct bins_time *bins_time(const struct bins *b, uint32_t task, uint64_t column)
{
    return &b->times[(size_t)task * BINS_COLUMNS + column % BINS_COLUMNS];
}

void bins_open(struct bins *b)
{
    *b = (struct bins){.fixed = false};
    b->cells = mem_zero(sizeof(*b->cells) * BINS_CPUS * BINS_COLUMNS);
    b->times = mem_zero(sizeof(*b->times) * BINS_TASKS * BINS_COLUMNS);
}

void bins_fix(struct bins *b, unsigned shift, uint64_t first, uint32_t columns)
{
    b->fixed = b->any = true;
    b->shift = shift;
    b->first = first;
    b->last = first + (columns < BINS_COLUMNS ? columns : BINS_COLUMNS) - 1;
}

void bins_close(struct bins *b)
{
    free(b->cells);
    free(b->times);
    *b = (struct bins){.fixed = false};
}

/* Two become one. */
static void bins_widen_cpu(struct bins *b, uint32_t cpu)
{
    struct bins_cell old[BINS_COLUMNS];

    for (uint64_t i = b->first; i <= b->last; i++) {
        old[i - b->first] = *bins_cell(b, cpu, i);
        *bins_cell(b, cpu, i) = (struct bins_cell){0};
    }
    for (uint64_t i = b->first; i <= b->last; i++) {
        bins_cell(b, cpu, i >> 1)->count += old[i - b->first].count;
        bins_cell(b, cpu, i >> 1)->lost |= old[i - b->first].lost;
    }
}

static void bins_widen_task(struct bins *b, uint32_t task)
{
    struct bins_time old[BINS_COLUMNS];

    for (uint64_t i = b->first; i <= b->last; i++) {
        old[i - b->first] = *bins_time(b, task, i);
        *bins_time(b, task, i) = (struct bins_time){{0}};
    }
    for (uint64_t i = b->first; i <= b->last; i++)
        for (unsigned k = 0; k < BINS_DOES; k++)
            bins_time(b, task, i >> 1)->ns[k] += old[i - b->first].ns[k];
}

static void bins_widen(struct bins *b)
{
    for (uint32_t i = 0; i < BINS_CPUS; i++)
        bins_widen_cpu(b, i);
    for (uint32_t i = 0; i < BINS_TASKS; i++)
        bins_widen_task(b, i);
    b->first >>= 1;
    b->last >>= 1;
    b->shift++;
}

bool bins_reach(struct bins *b, uint64_t ns)
{
    if (b->fixed)
        return ns >> b->shift >= b->first && ns >> b->shift <= b->last;
    if (!b->any)
        b->first = b->last = ns >> b->shift;
    b->any = true;
    for (;;) {
        uint64_t column = ns >> b->shift, first = column < b->first ? column : b->first,
                 last = column > b->last ? column : b->last;

        if (last - first < BINS_COLUMNS) {
            b->first = first;
            b->last = last;
            return true;
        }
        bins_widen(b);
    }
}

void bins_count(struct bins *b, uint32_t cpu, uint64_t ns, bool lost)
{
    struct bins_cell *c = bins_cell(b, cpu, ns >> b->shift);

    c->count += !lost && c->count < UINT32_MAX;
    c->lost = c->lost || lost;
}

uint64_t bins_spend(struct bins *b, uint32_t task, enum bins_does does, uint64_t from_ns,
                    uint64_t to_ns)
{
    uint64_t start, end, at;

    if (!b->fixed) {
        (void)bins_reach(b, from_ns);
        (void)bins_reach(b, to_ns - 1);
    }
    start = b->first << b->shift;
    end = ((b->last + 1) << b->shift) - 1; /* the last nanosecond */
    from_ns = from_ns < start ? start : from_ns;
    to_ns = to_ns > end ? end + 1 : to_ns;
    for (at = from_ns; at < to_ns;) {
        uint64_t next = ((at >> b->shift) + 1) << b->shift;

        next = next < to_ns && next ? next : to_ns;
        bins_time(b, task, at >> b->shift)->ns[does] += next - at;
        at = next;
    }
    return to_ns > from_ns ? to_ns - from_ns : 0;
}

/* The columns that a wider one has, as far as there are such. */
static bool bins_range(const struct bins *b, unsigned shift, uint64_t column, uint64_t *from,
                       uint64_t *to)
{
    unsigned by = shift - b->shift;

    *from = column << by;
    *to = *from + ((uint64_t)1 << by) - 1;
    if (!b->any || *from > b->last || *to < b->first)
        return false;
    *from = *from < b->first ? b->first : *from;
    *to = *to > b->last ? b->last : *to;
    return true;
}

struct bins_cell bins_cpu_at(const struct bins *b, uint32_t cpu, unsigned shift, uint64_t column)
{
    struct bins_cell sum = {0};
    uint64_t from, to;

    if (!bins_range(b, shift, column, &from, &to))
        return sum;
    for (; from <= to; from++) {
        sum.count += bins_cell(b, cpu, from)->count;
        sum.lost = sum.lost || bins_cell(b, cpu, from)->lost;
    }
    return sum;
}

struct bins_time bins_task_at(const struct bins *b, uint32_t task, unsigned shift, uint64_t column)
{
    struct bins_time sum = {{0}};
    uint64_t from, to;

    if (!bins_range(b, shift, column, &from, &to))
        return sum;
    for (; from <= to; from++)
        for (unsigned k = 0; k < BINS_DOES; k++)
            sum.ns[k] += bins_time(b, task, from)->ns[k];
    return sum;
}

enum bins_does bins_most(const struct bins_time *t)
{
    unsigned most = 0;

    for (unsigned i = 1; i < BINS_DOES; i++)
        most = t->ns[i] > t->ns[most] ? i : most;
    return t->ns[most] ? (enum bins_does)most : BINS_UNKNOWN;
}
