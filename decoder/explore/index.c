/* SPDX-License-Identifier: MIT */
/* index.c - where to begin to find a line again. */
#include "explore/index.h"

void index_open(struct index *x, bool again)
{
    x->lines = x->losses = x->before_ns = 0;
    x->each = INDEX_EACH;
    x->any = x->any && again;
    x->count = 0;
}

static void index_halve(struct index *x)
{
    for (uint32_t i = 0; i < INDEX_MARKS / 2; i++) {
        x->marks[i] = x->marks[2 * i];
        x->states[i] = x->states[2 * i];
    }
    x->count = INDEX_MARKS / 2;
    x->each *= 2;
}

void index_line(struct index *x, const struct pass_line *l, const struct lanes *lanes)
{
    uint64_t before = x->count ? x->marks[x->count - 1].number : 0;

    x->lines = l->number + 1;
    x->losses += l->kind == PASS_LOSS;
    if (!l->lane)
        return;
    x->first_ns = !x->any || l->ns < x->first_ns ? l->ns : x->first_ns;
    x->last_ns = !x->any || l->ns > x->last_ns ? l->ns : x->last_ns;
    x->any = true;
    /* A pass that begins at a time begins with the first line of it. */
    if (l->number - before >= x->each && l->ns > x->before_ns) {
        if (x->count == INDEX_MARKS)
            index_halve(x);
        x->marks[x->count] = (struct pass_mark){l->number, l->ns};
        x->states[x->count++] = lanes->state;
    }
    x->before_ns = l->ns;
}

const struct pass_mark *index_before(const struct index *x, uint64_t number)
{
    uint32_t low = 0, high = x->count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (x->marks[middle].number <= number)
            low = middle + 1;
        else
            high = middle;
    }
    return low ? &x->marks[low - 1] : NULL;
}

const struct pass_mark *index_before_time(const struct index *x, uint64_t ns)
{
    uint32_t low = 0, high = x->count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (x->marks[middle].ns < ns)
            low = middle + 1;
        else
            high = middle;
    }
    return low ? &x->marks[low - 1] : NULL;
}

const struct lanes_state *index_state(const struct index *x, const struct pass_mark *mark)
{
    return &x->states[mark - x->marks];
}
