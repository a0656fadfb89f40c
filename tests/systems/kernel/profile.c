/* SPDX-License-Identifier: MIT */
/*
 * profile.c - samples of where CPUs are, and a thread that is somewhere.
 *
 * The thread spins in three functions for about as long: in one with interrupts on, in one with interrupts
 * off, and in one that lets them come at once and is left. A tick that comes while they are off is taken where they
 * are on again, so the timer's samples are there, and NMIs' are where the time goes.
 */
#include "kernel.h"

#include <tp/port.h>

#include "engine/port/stack/frames.h"
#include "events.h"

#define PROFILE_TIMER 1
#define PROFILE_NMI 2
#define PROFILE_FRAMES 16 /* as the event has it */
#define PROFILE_SLICE 3   /* ticks */

/* The current thread may be another one than the stack is of, in the middle of a switch: then there are no frames. */
static void profile_sample(const struct regs *regs)
{
    const uint8_t *stack = thread_stack_low();
    const void *from[PROFILE_FRAMES];
    size_t n = tp_frames(regs_frame(regs), stack, stack ? stack + STACK_PAGES * PAGE_BYTES : NULL,
                         from, PROFILE_FRAMES);

    FIRE(prof_sample, regs_pc(regs), from, n);
}

void profile_timer(const struct regs *regs)
{
    if (option(OPT_SAMPLE) == PROFILE_TIMER)
        profile_sample(regs);
    else if (option(OPT_SAMPLE) == PROFILE_NMI && cpus[0].up && cpus[1].up && books_open)
        cpu_signal(false, VECTOR_NMI);
}

void profile_hit(const struct regs *regs)
{
    if (option(OPT_SAMPLE) == PROFILE_NMI)
        profile_sample(regs);
}

/* --- what is to be seen --- */

static volatile uint32_t profile_turns;

static __attribute__((noinline)) void spin_open(uint64_t until)
{
    while (tp_port_clock() < until)
        profile_turns = profile_turns + 1;
}

static __attribute__((noinline)) void spin_closed(uint64_t until)
{
    while (tp_port_clock() < until)
        profile_turns = profile_turns + 2; /* else the compiler makes one of both */
}

/* What is pending comes in here. */
static __attribute__((noinline)) void spin_let_in(uint64_t flags)
{
    irq_restore(flags);
    profile_turns = profile_turns + 1;
}

static __attribute__((noinline)) void spin_both(uint64_t slice)
{
    uint64_t flags;

    spin_open(tp_port_clock() + slice);
    flags = irq_save();
    spin_closed(tp_port_clock() + slice);
    spin_let_in(flags);
    profile_turns = profile_turns + 1; /* so that no call is the last thing here */
}

static void spinner(void *arg)
{
    const uint64_t slice = tp_port_clock_hz() / TICK_HZ * PROFILE_SLICE;
    const uint64_t end = sched_ticks() + (uint64_t)(uintptr_t)arg;

    while (sched_ticks() < end)
        spin_both(slice);
    __atomic_store_n(&profile_turns, 0, __ATOMIC_RELEASE);
    thread_exit(0);
}

void profile_run(uint64_t ticks)
{
    profile_turns = 1;
    if (!thread_start("spinner", spinner, (void *)(uintptr_t)ticks, 0))
        panic("no room to spin", NULL);
    do
        thread_sleep(1);
    while (__atomic_load_n(&profile_turns, __ATOMIC_ACQUIRE));
}
