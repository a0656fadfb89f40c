/* SPDX-License-Identifier: MIT */
/*
 * waits.h - waits that have ended, held back: a loss is reported when its CPU has something after it, and then
 * it may have been in waits that ended long before. So one is given on when WAITS_RECENT others have ended.
 */
#ifndef WAITS_H
#define WAITS_H

#include <stdbool.h>
#include <stdint.h>

#define WAITS_RECENT 16384u

struct waits_one {
    uint32_t row;     /* of the task */
    uint32_t capture; /* place of it */
    uint64_t ns, end_ns;
    uint64_t reached; /* the latest time of its capture so far */
    bool woken;
};

struct waits {
    struct waits_one *recent; /* WAITS_RECENT, a ring */
    uint32_t first, count;
    void (*give)(void *context, const struct waits_one *w);
    void *context;
};

void waits_begin(struct waits *w, void (*give)(void *context, const struct waits_one *w),
                 void *context);
void waits_put(struct waits *w, const struct waits_one *one);
/* Something of this capture was lost, after `from` and up to now. Returns how many waits that takes away. */
uint64_t waits_lost(struct waits *w, uint32_t capture, uint64_t from_ns);
/* A capture is at its end. */
void waits_finish(struct waits *w, uint32_t capture);
void waits_close(struct waits *w);

#endif
