/* SPDX-License-Identifier: MIT */
/* An image whose section of events is missing: tp_trace_open says so, and a module may still bring some. */
#include <tp/event.h>
#include <tp/module.h>
#include <tp/trace.h>

volatile uint32_t tp_port_stub_cpu, tp_port_stub_clock[2], tp_port_stub_pinned;
static unsigned char region[1 << 16] __attribute__((aligned(64)));
static struct tp_event event = {
    .layout = TP_EVENT_LAYOUT, .sys = "module", .name = "one", .fmt = ""};
static struct tp_event *const section[] = {&event};

int main(void)
{
    struct tp_config config = {.cpus = 1};
    struct tp_trace *trace;

    if (tp_trace_open(&trace, region, sizeof(region), &config) != TP_ENOEVENTS)
        return 1;
    if (tp_events_add(section, section + 1))
        return 2;
    return tp_trace_open(&trace, region, sizeof(region), &config) || tp_trace_close(trace) ? 3 : 0;
}
