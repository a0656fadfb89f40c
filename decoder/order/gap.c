/* SPDX-License-Identifier: MIT */
/* gap.c - numbers of records of one CPU that did not come, and still may. */
#include "order/gap.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static void gap_remove(struct gap_list *g, uint32_t i)
{
    g->count--;
    memmove(&g->at[i], &g->at[i + 1], (g->count - i) * sizeof(g->at[0]));
}

void gap_add(struct gap_list *g, struct gap gap)
{
    if (gap.first >= gap.end)
        return;
    if (g->count == GAP_MAX)
        gap_remove(g, 0);
    if (g->count == g->room) {
        g->room = g->room ? 2 * g->room : 2;
        g->at = mem_grow(g->at, g->room * sizeof(g->at[0]));
    }
    g->at[g->count++] = gap;
}

bool gap_take(struct gap_list *g, uint64_t first, uint64_t end, struct gap *taken)
{
    for (uint32_t i = 0; i < g->count; i++) {
        struct gap whole = g->at[i], after = whole;

        if (end <= whole.first || first >= whole.end)
            continue;
        *taken = whole;
        taken->first = first > whole.first ? first : whole.first;
        taken->end = end < whole.end ? end : whole.end;
        gap_remove(g, i);
        after.first = taken->end;
        whole.end = taken->first;
        gap_add(g, whole);
        gap_add(g, after);
        return true;
    }
    return false;
}

void gap_free(struct gap_list *g)
{
    free(g->at);
    *g = (struct gap_list){0};
}
