/* SPDX-License-Identifier: MIT */
/* strip.c - columns of time that become wider. */
#include "answer/strip.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/number.h"

/* Of a row of any of both. */
static size_t strip_place(const struct strip *s, uint32_t row, __int128 column)
{
    int64_t at = (int64_t)(column % s->columns);

    return (size_t)row * s->columns + (size_t)(at < 0 ? at + s->columns : at);
}

struct strip_cell *strip_cell(const struct strip *s, uint32_t row, __int128 column)
{
    return &s->cells[strip_place(s, row, column)];
}

struct strip_does *strip_does(const struct strip *s, uint32_t row, __int128 column)
{
    return &s->does[strip_place(s, row, column)];
}

void strip_add(struct strip_cell *to, const struct strip_cell *c)
{
    to->count += c->count;
    to->lost = number_add(to->lost, c->lost);
    to->damaged |= c->damaged;
}

/* --- wider --- */

static void strip_widen_row(struct strip *s, uint32_t row)
{
    struct strip_cell old[STRIP_MOST];

    for (uint32_t i = 0; i < s->columns && s->first + i <= s->last; i++) {
        struct strip_cell *c = strip_cell(s, row, s->first + i);

        old[i] = *c;
        *c = (struct strip_cell){0};
    }
    for (uint32_t i = 0; i < s->columns && s->first + i <= s->last; i++)
        strip_add(strip_cell(s, row, (s->first + i) >> 1), &old[i]);
}

static void strip_widen_task(struct strip *s, uint32_t row)
{
    struct strip_does old[STRIP_MOST];

    for (uint32_t i = 0; i < s->columns && s->first + i <= s->last; i++) {
        struct strip_does *c = strip_does(s, row, s->first + i);

        old[i] = *c;
        *c = (struct strip_does){{0}};
    }
    for (uint32_t i = 0; i < s->columns && s->first + i <= s->last; i++)
        for (unsigned k = 0; k < TASKS_DOES; k++)
            strip_does(s, row, (s->first + i) >> 1)->ns[k] += old[i].ns[k];
}

static void strip_widen(struct strip *s)
{
    for (uint32_t row = 0; row < s->task_count; row++)
        strip_widen_task(s, row);
    for (uint32_t row = 0; row < s->row_count; row++)
        strip_widen_row(s, row);
    strip_widen_row(s, STRIP_OTHERS);
    s->first >>= 1;
    s->last >>= 1;
    s->shift++;
}

static __int128 strip_since(const struct strip *s, uint64_t ns)
{
    return (__int128)ns - (__int128)s->base_ns;
}

void strip_reach(struct strip *s, uint64_t ns)
{
    __int128 low, high;

    if (!s->based) {
        s->based = true;
        s->base_ns = s->first_ns = s->last_ns = ns;
    }
    s->first_ns = ns < s->first_ns ? ns : s->first_ns;
    s->last_ns = ns > s->last_ns ? ns : s->last_ns;
    for (;; strip_widen(s)) {
        __int128 column = strip_since(s, ns) >> s->shift;

        low = column < s->first ? column : s->first;
        high = column > s->last ? column : s->last;
        if (high - low < s->columns)
            break;
    }
    s->first = low;
    s->last = high;
}

struct strip_cell *strip_at(struct strip *s, uint32_t row, uint64_t ns)
{
    return strip_cell(s, row, strip_since(s, ns) >> s->shift);
}

void strip_spend(struct strip *s, uint32_t row, enum tasks_does does, uint64_t from_ns,
                 uint64_t to_ns)
{
    __int128 at = strip_since(s, from_ns), end = strip_since(s, to_ns);

    while (at < end) {
        __int128 column = at >> s->shift, next = (column + 1) * ((__int128)1 << s->shift);

        next = next < end ? next : end;
        strip_does(s, row, column)->ns[does] += (uint64_t)(next - at);
        at = next;
    }
}

void strip_open(struct strip *s, uint32_t printed, bool tasks)
{
    *s = (struct strip){.columns = STRIP_EACH * printed};
    s->columns = s->columns < STRIP_MOST ? s->columns : STRIP_MOST;
    if (tasks)
        s->does = mem_zero((size_t)STRIP_TASKS * s->columns * sizeof(*s->does));
    s->cells = mem_zero((STRIP_CPUS + 1) * (size_t)s->columns * sizeof(*s->cells));
}

void strip_close(struct strip *s)
{
    free(s->cells);
    free(s->does);
    s->cells = NULL;
    s->does = NULL;
}

/* --- printed columns --- */

struct strip_scale strip_scale(const struct strip *s, uint32_t printed)
{
    uint64_t span = s->last_ns - s->first_ns, column_ns = span / printed + 1;

    return (struct strip_scale){column_ns, (uint32_t)(span / column_ns + 1)};
}

/* Where a printed column begins, since the base. */
static __int128 strip_start(const struct strip *s, const struct strip_scale *scale, uint32_t column)
{
    return strip_since(s, s->first_ns) + (__int128)column * scale->column_ns;
}

/* The time of all records of a column, as far as is known. */
static __int128 strip_middle(const struct strip *s, __int128 column)
{
    __int128 width = (__int128)1 << s->shift, first = strip_since(s, s->first_ns),
             last = strip_since(s, s->last_ns), middle = column * width + width / 2;

    middle = middle < first ? first : middle;
    return middle > last ? last : middle;
}

struct strip_cell strip_cell_of(const struct strip *s, const struct strip_scale *scale,
                                uint32_t row, uint32_t column)
{
    __int128 start = strip_start(s, scale, column), end = start + scale->column_ns;
    struct strip_cell sum = {0};

    for (__int128 i = start >> s->shift; i <= (end - 1) >> s->shift && i <= s->last; i++)
        if (strip_middle(s, i) >= start && strip_middle(s, i) < end)
            strip_add(&sum, strip_cell(s, row, i));
    return sum;
}

struct strip_does strip_does_of(const struct strip *s, const struct strip_scale *scale,
                                uint32_t row, uint32_t column)
{
    __int128 start = strip_start(s, scale, column), end = start + scale->column_ns;
    __int128 width = (__int128)1 << s->shift;
    struct strip_does sum = {{0}};

    for (__int128 i = start >> s->shift; i * width < end && i <= s->last; i++) {
        __int128 from = i * width < start ? start : i * width;
        __int128 to = (i + 1) * width > end ? end : (i + 1) * width;

        for (unsigned k = 0; k < TASKS_DOES; k++)
            sum.ns[k] += (uint64_t)(strip_does(s, row, i)->ns[k] * (to - from) / width);
    }
    return sum;
}
