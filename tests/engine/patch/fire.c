/* SPDX-License-Identifier: MIT */
#include "events.h"
#include "fire.h"

void fire_n(uint32_t n)
{
    trace_live_n(n);
}

void fire_all(void)
{
    trace_live_n(1);
    trace_live_n(2);
    trace_live_other("text");
    trace_live_trigger();
}

bool fire_enabled(void)
{
    return trace_live_other_enabled();
}
