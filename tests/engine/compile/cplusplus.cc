// SPDX-License-Identifier: MIT
// C++ opens a trace and fires the events of events.h, which create.c created.
// Exits 0 if those that were enabled are in the trace's books.
#include "events.h"
#include <tp/trace.h>

extern "C" {
volatile uint32_t tp_port_stub_cpu, tp_port_stub_clock[2], tp_port_stub_pinned;
}

namespace
{
int computed;
alignas(64) uint8_t region[1 << 16];

int costly()
{
    return ++computed;
}

template <typename T> void fire(T n)
{
    const char name[16] = "template", one[1] = {'x'};

    trace_all_unsigned_(static_cast<uint8_t>(n), 2, 3, 4, 'x');
    trace_all_small(true, 'c', &n);
    trace_all_name(name, one);
}

struct Object {
    Object()
    {
        trace_all_text("constructor", "b", "c");
    }
    ~Object()
    {
        trace_all_raw(this, sizeof(*this), "x", 1);
    }
    void method() const
    {
        trace_sched_switch(1, 2, "method");
    }
};

void fire_all() // 11, and 1 more
{
    trace_all_none();
    fire(1);
    fire(2ULL);
    Object().method();
    [] { trace_all_names(-1, 3); }();
    if (trace_all_none_enabled())
        trace_all_mixed(-1, "b", "c", 1, static_cast<uint64_t>(costly()), 0, "f");
}

uint32_t unread(struct tp_trace *trace)
{
    struct tp_trace_stats stats;

    return tp_trace_stats(trace, 0, &stats) ? ~0u : stats.unread;
}
} // namespace

int main()
{
    struct tp_config config = {};
    struct tp_trace *trace;

    config.cpus = 1;
    if (tp_trace_open(&trace, region, sizeof(region), &config) ||
        tp_trace_enable(trace, "nothing") != TP_ENOENT)
        return 1;
    fire_all(); // not started
    if (unread(trace) != 0 || computed != 0 || trace_all_none_enabled())
        return 2;
    if (tp_trace_start(trace))
        return 3;
    fire_all();
    if (unread(trace) != 12 || computed != 1)
        return 4;
    if (tp_trace_disable(trace, "all"))
        return 5;
    fire_all(); // sched:switch is left
    return unread(trace) == 13 && computed == 1 && !tp_trace_stop(trace) && !tp_trace_close(trace)
               ? 0
               : 6;
}
