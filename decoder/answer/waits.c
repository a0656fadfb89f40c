/* SPDX-License-Identifier: MIT */
/* waits.c - waits that have ended, held back. */
#include "answer/waits.h"

#include <stdlib.h>

#include "base/mem.h"

static struct waits_one *waits_recent(struct waits *w, uint32_t i)
{
    return &w->recent[(w->first + i) % WAITS_RECENT];
}

void waits_put(struct waits *w, const struct waits_one *one)
{
    if (w->count == WAITS_RECENT) {
        w->give(w->context, waits_recent(w, 0));
        w->first = (w->first + 1) % WAITS_RECENT;
        w->count--;
    }
    *waits_recent(w, w->count++) = *one;
}

uint64_t waits_lost(struct waits *w, uint32_t capture, uint64_t from_ns)
{
    uint32_t kept = w->count, end = w->count;
    uint64_t n = 0;

    while (kept && (waits_recent(w, kept - 1)->capture != capture ||
                    waits_recent(w, kept - 1)->reached > from_ns))
        kept--;
    for (uint32_t i = kept; i < end; i++) {
        const struct waits_one *one = waits_recent(w, i);

        if (one->capture == capture && one->end_ns > from_ns)
            n++;
        else
            *waits_recent(w, kept++) = *one;
    }
    w->count = kept;
    return n;
}

void waits_finish(struct waits *w, uint32_t capture)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < w->count; i++) {
        const struct waits_one *one = waits_recent(w, i);

        if (one->capture == capture)
            w->give(w->context, one);
        else
            *waits_recent(w, kept++) = *one;
    }
    w->count = kept;
}

void waits_begin(struct waits *w, void (*give)(void *context, const struct waits_one *w),
                 void *context)
{
    w->give = give;
    w->context = context;
    w->recent = mem_zero(WAITS_RECENT * sizeof(*w->recent));
}

void waits_close(struct waits *w)
{
    free(w->recent);
}
