/* SPDX-License-Identifier: MIT */
/*
 * The doorbell. The reader has CPU 1 for itself, without a timer, and halts when tp_pipe_sleep says
 * so: nothing but the doorbell wakes it. A writer on CPU 0 fills sub-buffers, and looks now and then,
 * when the reader sleeps, whether it has left something that it should have been woken for. With one
 * CPU the reader is a thread, which waits.
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
static struct thread *reader_thread; /* with one CPU */

/* What the port calls: on any CPU, in any context, an NMI's too. */
void bell_ring(unsigned trace)
{
    (void)trace;
    __atomic_add_fetch(&rings, 1, __ATOMIC_SEQ_CST);
    cpu_signal(tp_port_cpu() == 1, VECTOR_BELL);
}

void bell_interrupt(void)
{
    bool slept = __atomic_exchange_n(&asleep, false, __ATOMIC_SEQ_CST); /* first: see settled() */

    __atomic_add_fetch(&wakes, 1, __ATOMIC_SEQ_CST);
    if (CPUS == 1 && slept)
        thread_wake(reader_thread);
}

/* Interrupts are off. Those that come in between come after all of this. */
static void reader_sleep(void)
{
    if (CPUS > 1)
        cpu_idle();
    else
        thread_wait();
}

static void let_others(void)
{
    if (CPUS > 1)
        cpu_relax();
    else
        thread_yield();
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
            reader_sleep();
            strays += wakes == before;
        }
        irq_on();
    }
    irq_off();
    __atomic_store_n(&stopped, true, __ATOMIC_RELEASE);
}

static void reader_begin(void *arg)
{
    (void)arg;
    reader_thread = thread_current();
    reader();
    thread_exit(0);
}

static void reader_start(void)
{
    if (CPUS > 1)
        cpu_start(reader);
    else if (!thread_start("reader", reader_begin, NULL, ANY_CPU))
        panic("no reader", NULL);
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
        let_others();
    flags =
        irq_save(); /* nothing is fired here but by what comes all the same: hence the second look */
    if (settled()) {
        tp_trace_stats(bell_trace, 0, &stats);
        missed += settled() && stats.unread > ONE_SUBBUF;
    } else {
        missed += tp_port_clock() >= end;
    }
    irq_restore(flags);
}

void bell_run(struct tp_trace *trace, uint64_t wanted)
{
    bell_trace = trace;
    reader_start();
    for (uint32_t n = 0; __atomic_load_n(&wakes, __ATOMIC_RELAXED) < wanted && !missed; n++) {
        for (uint32_t i = 0; i < FILL_EVENTS; i++)
            FIRE(job_item, n, i);
        if (n % 2) /* else on, while it may be about to sleep */
            look();
    }
    __atomic_store_n(&stopping, true, __ATOMIC_RELEASE);
    while (!__atomic_load_n(&stopped, __ATOMIC_ACQUIRE)) {
        tp_pipe_flush(trace);
        let_others();
    }
}

void bell_report(void)
{
    say("bell rings=%lu wakes=%lu strays=%lu missed=%lu\n", (unsigned long)rings,
        (unsigned long)wakes, (unsigned long)strays, (unsigned long)missed);
}
