/* SPDX-License-Identifier: MIT */
/*
 * Opens a trace in an image with one more event, PLANTED: no, twin, limit, null, odd. Prints what
 * tp_trace_open says, whom it blames, and the same of a second try and of the size of a region.
 */
#include <stdio.h>
#include <tp/control.h>
#include <tp/event.h>
#include <tp/module.h>
#include <tp/trace.h>

#define NAME16 "0123456789abcdef"

volatile uint32_t tp_port_stub_cpu, tp_port_stub_clock[2], tp_port_stub_pinned;

static struct tp_event planted_no = {
    .layout = TP_EVENT_LAYOUT, .sys = "planted", .name = "no", .fmt = ""};
static struct tp_event planted_twin = {
    .layout = TP_EVENT_LAYOUT, .sys = "all", .name = "none", .fmt = ""};
static struct tp_event planted_limit = {
    .layout = TP_EVENT_LAYOUT,
    .sys = "planted",
    .fmt = "",
    .name = NAME16 NAME16 NAME16 NAME16 NAME16 NAME16 NAME16 NAME16};
static struct tp_event *const here TP_SECTION = PLANTED;
#ifdef ODD
static const char odd TP_SECTION = 0; /* the section is no array of pointers any more */
#endif

int main(void)
{
    static uint8_t region[1 << 18] __attribute__((aligned(64)));
    struct tp_config config = {.cpus = 1, .subbuf_bytes = 512, .subbufs = 2};
    struct tp_trace *trace;
    char fault[13];

    for (int i = 0; i < 2; i++) {
        int err = tp_trace_open(&trace, region, sizeof(region), &config);

        printf("%s: %s\n", tp_strerror(err), tp_events_fault(fault, sizeof(fault)));
        if (!err)
            tp_trace_close(trace);
    }
    printf("%d %d\n", tp_region_bytes(&config) > 0, tp_event_last() > 0);
    return 0;
}
