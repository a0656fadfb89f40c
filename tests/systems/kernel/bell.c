/* SPDX-License-Identifier: MIT */
/*
 * The doorbell. The reader has CPU 1 for itself, without a timer, and halts when tp_pipe_sleep says
 * so: nothing but the doorbell wakes it. A writer on CPU 0 fills sub-buffers, and looks now and then,
 * when the reader sleeps, whether it has left something that it should have been woken for.
 */
#include "kernel.h"

#include <tp/port.h>
#include <tp/trace.h>

#include "events.h"

#define FILL_EVENTS 64 /* some sub-buffers of 512 bytes */
#define ONE_SUBBUF 20  /* not more events than this are in one */
#define LATE_US 2000000

static struct tp_trace *bell_trace;
static uint32_t rings, wakes, strays, missed;
static bool asleep, stopping, stopped;

/* What the port calls: on any CPU, in any context, an NMI's too. */
void bell_ring(unsigned trace)
{
    (void)trace;
    __atomic_add_fetch(&rings, 1, __ATOMIC_SEQ_CST);
    cpu_signal(tp_port_cpu() == 1, VECTOR_BELL);
}

void bell_interrupt(void)
{
    __atomic_store_n(&asleep, false, __ATOMIC_SEQ_CST); /* first: see settled() */
    __atomic_add_fetch(&wakes, 1, __ATOMIC_SEQ_CST);
}

static void reader(void)
{
    uint32_t before;

    while (!__atomic_load_n(&stopping, __ATOMIC_ACQUIRE)) {
        export_drain(bell_trace);
        irq_off();
        before = wakes;
        if (tp_pipe_sleep(bell_trace)) {
            __atomic_store_n(&asleep, true, __ATOMIC_SEQ_CST);
            cpu_idle(); /* no interrupt comes in between */
            strays += wakes == before;
        }
        irq_on();
    }
    irq_off();
    __atomic_store_n(&stopped, true, __ATOMIC_RELEASE);
}

/* The reader sleeps, and nobody has rung since. */
static bool settled(void)
{
    return __atomic_load_n(&wakes, __ATOMIC_SEQ_CST) == __atomic_load_n(&rings, __ATOMIC_SEQ_CST) &&
           __atomic_load_n(&asleep, __ATOMIC_SEQ_CST);
}

static void look(void)
{
    uint64_t end = tp_port_clock() + tp_port_clock_hz() / 1000000 * LATE_US;
    struct tp_trace_stats stats;
    uint64_t flags;

    while (!settled() && tp_port_clock() < end)
        cpu_relax();
    flags = irq_save(); /* nothing is fired here, so nobody wakes it */
    if (settled()) {
        tp_trace_stats(bell_trace, 0, &stats);
        missed += stats.unread > ONE_SUBBUF;
    } else {
        missed += tp_port_clock() >= end;
    }
    irq_restore(flags);
}

void bell_run(struct tp_trace *trace, uint64_t wanted)
{
    bell_trace = trace;
    cpu_start(reader);
    for (uint32_t n = 0; __atomic_load_n(&wakes, __ATOMIC_RELAXED) < wanted && !missed; n++) {
        for (uint32_t i = 0; i < FILL_EVENTS; i++)
            FIRE(job_item, n, i);
        if (n % 2) /* else on, while it may be about to sleep */
            look();
    }
    __atomic_store_n(&stopping, true, __ATOMIC_RELEASE);
    while (!__atomic_load_n(&stopped, __ATOMIC_ACQUIRE))
        tp_pipe_flush(trace);
}

void bell_report(void)
{
    say("bell rings=%lu wakes=%lu strays=%lu missed=%lu\n", (unsigned long)rings,
        (unsigned long)wakes, (unsigned long)strays, (unsigned long)missed);
}
