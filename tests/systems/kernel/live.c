/* SPDX-License-Identifier: MIT */
/*
 * live.c - CPU 1 fires an event all the time, CPU 0 switches it on and off: with TP_PATCH, in the code that both
 * execute.
 */
#include "kernel.h"

#include <tp/trace.h>

#include "events.h"

#define UNSURE_PAUSES 16 /* after a call while it is switched, so that there are not millions */
#define STEADY_CALLS 3   /* while nothing changes, of which each is reported */

unsigned long patch_traps, patch_refused;

enum phase { OFF, TURNING_ON, ON, TURNING_OFF, PHASES };

static uint32_t phase, phase_calls, calls, sure_on, sure_off, unsure;
static bool ending, ended;

/* What was called while nothing changed must be recorded, or must not be: `known` tells which, each
 * time. Of the others the kernel cannot know; they are counted as fired, and are its slack. */
static void call(void)
{
    uint32_t before, after;

    preempt_off();
    before = __atomic_load_n(&phase, __ATOMIC_ACQUIRE);
    trace_job_live(++calls);
    after = __atomic_load_n(&phase, __ATOMIC_ACQUIRE);
    if (before == after && before % PHASES == ON)
        sure_on++;
    else if (before == after && before % PHASES == OFF)
        sure_off++;
    else
        unsure++;
    if (before != after || before % PHASES != OFF)
        this_cpu()->fired[EV_job_live]++;
    preempt_on();
    if (before == after && before % 2 == 0) {
        FIRE(job_known, calls, before % PHASES == ON);
        if (__atomic_add_fetch(&phase_calls, 1, __ATOMIC_RELEASE) == STEADY_CALLS)
            cpu_signal(false, VECTOR_WAKE);
    } else {
        for (int i = 0; i < UNSURE_PAUSES; i++)
            cpu_relax();
    }
}

static void firer(void *arg)
{
    (void)arg;
    while (!__atomic_load_n(&ending, __ATOMIC_ACQUIRE))
        if (phase % 2 || __atomic_load_n(&phase_calls, __ATOMIC_ACQUIRE) < STEADY_CALLS)
            call();
    __atomic_store_n(&ended, true, __ATOMIC_RELEASE);
    thread_exit(0);
}

static void next_phase(void)
{
    __atomic_store_n(&phase_calls, 0, __ATOMIC_RELEASE);
    __atomic_store_n(&phase, phase + 1, __ATOMIC_RELEASE);
}

static void steady(void)
{
    next_phase();
    cpu_wait_until(&phase_calls, STEADY_CALLS);
}

void live_run(struct tp_trace *trace, uint64_t switches)
{
    if (tp_trace_disable(trace, "job:live") || !thread_start("firer", firer, NULL, CPUS - 1))
        panic("patch: no room", NULL);
    for (uint64_t n = 0; n < switches; n++) {
        next_phase();
        if ((n % 2 ? tp_trace_disable : tp_trace_enable)(trace, "job:live"))
            panic("patch: not switched", NULL);
        steady();
    }
    __atomic_store_n(&ending, true, __ATOMIC_RELEASE);
    while (!__atomic_load_n(&ended, __ATOMIC_ACQUIRE))
        thread_sleep(1);
    books_slack = unsure;
    say("patch switches=%lu calls=%lu on=%lu off=%lu unsure=%lu traps=%lu refused=%lu\n",
        (unsigned long)switches, (unsigned long)calls, (unsigned long)sure_on,
        (unsigned long)sure_off, (unsigned long)unsure, patch_traps, patch_refused);
}

/* After tp_trace_stop, which main.c calls with interrupts off. */
void live_report(void)
{
    say("stopped refused=%lu\n", patch_refused);
}
