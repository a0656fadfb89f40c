/* SPDX-License-Identifier: MIT */
/* A loadable module: a shared object with events in a section of its own. See module_test.c. */
#define TP_CREATE
#include <tp/event.h>

TP_ENUM(parity, TP_NAME(0, "even"), TP_NAME(1, "odd"))
TP_EVENT(mod, hit, "n=%llu check=%x %s", u64 n, u32 check, enum(parity) parity)
TP_EVENT(mod, mark, "round=%u", u32 round)

#include "module.h"

#include <tp/module.h>

extern struct tp_event *const __start_tp_events[] __attribute__((visibility("hidden")));
extern struct tp_event *const __stop_tp_events[] __attribute__((visibility("hidden")));

int module_add(void)
{
    return tp_events_add(__start_tp_events, __stop_tp_events);
}

int module_remove(void)
{
    return tp_events_remove(__start_tp_events);
}

void module_fire(uint64_t n)
{
    trace_mod_hit(n, module_check(n), n & 1);
}

void module_mark(uint32_t round)
{
    trace_mod_mark(round);
    tp_printk("printk=%u", round);
}
