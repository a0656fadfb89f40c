// SPDX-License-Identifier: MIT
// As fire.c. fire_twice is in each object that uses it, and a linker keeps one: another.cc has one more.
#include "events.h"
#include "fire.h"

template <typename T> __attribute__((noinline)) void fire_twice(T n)
{
    trace_live_n(n);
    trace_live_n(n + 1);
}

#ifdef ANOTHER
void fire_another(uint32_t n);

void fire_another(uint32_t n)
{
    fire_twice(n);
}
#else
void fire_n(uint32_t n)
{
    trace_live_n(n);
}

void fire_all(void)
{
    fire_twice(1u);
    trace_live_other("text");
    trace_live_trigger();
}

bool fire_enabled(void)
{
    return trace_live_other_enabled();
}
#endif
