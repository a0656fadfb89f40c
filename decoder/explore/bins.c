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
    *b = (struct bins){.width_ns = 1};
    b->cells = mem_zero(sizeof(*b->cells) * BINS_CPUS * BINS_COLUMNS);
    b->times = mem_zero(sizeof(*b->times) * BINS_TASKS * BINS_COLUMNS);
}

void bins_fix(struct bins *b, uint64_t width_ns, uint64_t first_ns, uint32_t columns)
{
    uint64_t most = (UINT64_MAX - first_ns) / width_ns;

    b->fixed = b->any = true;
    b->width_ns = width_ns;
    b->origin_ns = first_ns;
    b->first = 0;
    b->last = (columns < BINS_COLUMNS ? columns : BINS_COLUMNS) - 1;
    b->last = b->last < most ? b->last : most;
}

static uint64_t bins_column(const struct bins *b, uint64_t ns)
{
    return (ns - b->origin_ns) / b->width_ns;
}

uint64_t bins_end(const struct bins *b, uint64_t column)
{
    uint64_t start = b->origin_ns + column * b->width_ns;

    return start > UINT64_MAX - (b->width_ns - 1) ? UINT64_MAX : start + (b->width_ns - 1);
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
    for (uint32_t i = 0; i < b->cpus; i++)
        bins_widen_cpu(b, i);
    for (uint32_t i = 0; i < b->tasks; i++)
        bins_widen_task(b, i);
    b->first >>= 1;
    b->last >>= 1;
    b->width_ns *= 2;
}

bool bins_reach(struct bins *b, uint64_t ns)
{
    if (b->fixed)
        return ns >= b->origin_ns && bins_column(b, ns) <= b->last;
    if (!b->any)
        b->first = b->last = bins_column(b, ns);
    b->any = true;
    for (;;) {
        uint64_t column = bins_column(b, ns), first = column < b->first ? column : b->first,
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
    struct bins_cell *c = bins_cell(b, cpu, bins_column(b, ns));

    b->cpus = cpu < b->cpus ? b->cpus : cpu + 1;
    c->count += !lost && c->count < UINT32_MAX;
    c->lost = c->lost || lost;
}

uint64_t bins_spend(struct bins *b, uint32_t task, enum bins_does does, uint64_t from_ns,
                    uint64_t to_ns)
{
    uint64_t start, end, at;

    b->tasks = task < b->tasks ? b->tasks : task + 1;
    if (!b->fixed) {
        (void)bins_reach(b, from_ns);
        (void)bins_reach(b, to_ns - 1);
    }
    start = b->origin_ns + b->first * b->width_ns;
    end = bins_end(b, b->last);
    from_ns = from_ns < start ? start : from_ns;
    to_ns = to_ns > end ? end + 1 : to_ns;
    for (at = from_ns; at < to_ns;) {
        uint64_t column = bins_column(b, at), next = bins_end(b, column) + 1;

        next = next < to_ns && next ? next : to_ns;
        bins_time(b, task, column)->ns[does] += next - at;
        at = next;
    }
    return to_ns > from_ns ? to_ns - from_ns : 0;
}

/* --- a column that is as wide as need be --- */

/* The columns that have a part of this time; false: none has. */
static bool bins_range(const struct bins *b, uint64_t from_ns, uint64_t last_ns, uint64_t *from,
                       uint64_t *to)
{
    if (!b->any || last_ns < b->origin_ns)
        return false;
    *from = from_ns < b->origin_ns ? 0 : bins_column(b, from_ns);
    *to = bins_column(b, last_ns);
    *from = *from < b->first ? b->first : *from;
    *to = *to > b->last ? b->last : *to;
    return *from <= *to;
}

struct bins_cell bins_cpu_at(const struct bins *b, uint32_t cpu, uint64_t from_ns, uint64_t last_ns)
{
    struct bins_cell sum = {0};
    uint64_t from, to, middle;

    if (!bins_range(b, from_ns, last_ns, &from, &to))
        return sum;
    for (; from <= to; from++) {
        middle = b->origin_ns + from * b->width_ns + b->width_ns / 2;
        if (middle < from_ns || middle > last_ns)
            continue;
        sum.count += bins_cell(b, cpu, from)->count;
        sum.lost = sum.lost || bins_cell(b, cpu, from)->lost;
    }
    return sum;
}

struct bins_time bins_task_at(const struct bins *b, uint32_t task, uint64_t from_ns,
                              uint64_t last_ns)
{
    struct bins_time sum = {{0}};
    uint64_t from, to;

    if (!bins_range(b, from_ns, last_ns, &from, &to))
        return sum;
    for (; from <= to; from++) {
        uint64_t start = b->origin_ns + from * b->width_ns, end = bins_end(b, from), part;

        start = start < from_ns ? from_ns : start;
        part = (end > last_ns ? last_ns : end) - start;
        for (unsigned k = 0; k < BINS_DOES; k++)
            sum.ns[k] += (uint64_t)((unsigned __int128)bins_time(b, task, from)->ns[k] *
                                    ((unsigned __int128)part + 1) / b->width_ns);
    }
    return sum;
}

enum bins_does bins_most(const struct bins_time *t)
{
    unsigned most = 0;

    for (unsigned i = 1; i < BINS_DOES; i++)
        most = t->ns[i] > t->ns[most] ? i : most;
    return t->ns[most] ? (enum bins_does)most : BINS_UNKNOWN;
}
