// SPDX-License-Identifier: MIT
/* linux.c - what Linux has for the same purpose. */
#include "cost.h"

#define CREATE_TRACE_POINTS
#include "linux_pair.h"

#include <linux/kernel.h>
#include <linux/ring_buffer.h>
#include <linux/trace_events.h>

static struct trace_buffer *linux_buffer;

struct linux_pair {
    u32 a, b;
};

static void linux_ring(u32 n)
{
    struct ring_buffer_event *event = ring_buffer_lock_reserve(linux_buffer,
                                                               sizeof(struct linux_pair));

    if (event) {
        *(struct linux_pair *)ring_buffer_event_data(event) = (struct linux_pair){n, n};
        ring_buffer_unlock_commit(linux_buffer, event);
    }
}

static void linux_event(u32 n)
{
    trace_linux_pair(n, n);
}

static void linux_event_off(u32 n)
{
    trace_linux_off(n, n);
}

static void linux_printk(u32 n)
{
    trace_printk("a=%u b=%u\n", n, n);
}

int linux_measure(bool overwrite)
{
    linux_buffer = ring_buffer_alloc(COST_BUFFER_BYTES, overwrite ? RB_FL_OVERWRITE : 0);
    if (!linux_buffer)
        return -ENOMEM;
    COST_MEASURE("linux_ring", linux_ring);
    ring_buffer_free(linux_buffer);
    COST_MEASURE("linux_off", linux_event_off);
    trace_set_clr_event("cost", "linux_pair", 1);
    COST_MEASURE("linux_event", linux_event);
    trace_set_clr_event("cost", "linux_pair", 0);
    COST_MEASURE("linux_printk", linux_printk);
    return 0;
}
