/* SPDX-License-Identifier: MIT */
/*
 * Hooks that fire events. Each event that the one of the context fires calls it again: the engine ends
 * that, at its depth of 8. That of the clock must not fire at each call: an event reads the clock once
 * more for each event that came in between, so it would not end.
 */
#include "kernel.h"

#include <tp/port.h>

#include "events.h"

#define CLOCK_CALLS 64

bool hook_in_context, hook_in_clock;

static uint32_t calls;

void hook_context(void)
{
    FIRE(job_item, 1, 1);
}

void hook_clock(void)
{
    if (__atomic_add_fetch(&calls, 1, __ATOMIC_RELAXED) % CLOCK_CALLS == 0)
        FIRE(job_item, 2, 2);
}

void hook_start(uint64_t which)
{
    __atomic_store_n(&hook_in_context, which == 1, __ATOMIC_RELAXED);
    __atomic_store_n(&hook_in_clock, which == 2, __ATOMIC_RELAXED);
}

void hook_stop(void)
{
    hook_start(0);
}
