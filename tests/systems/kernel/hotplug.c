/* SPDX-License-Identifier: MIT */
/*
 * CPU 1 comes up, fires some events, and goes down, again and again, each time by what the machine has for that
 * (INIT on x86, firmware elsewhere), while CPU 0 records on. With `kill` it is reset at any moment, so in the middle of records too: those are
 * unfinished for ever.
 */
#include "kernel.h"

#include "events.h"

#define LIFE_EVENTS 8
#define KILL_STEPS 5

static uint32_t life_number, life_ended;

static void life(void)
{
    for (uint32_t n = 0; n < LIFE_EVENTS; n++)
        FIRE(boot_life, life_number, n);
    __atomic_store_n(&life_ended, life_number, __ATOMIC_RELEASE);
}

static void life_until_killed(void)
{
    for (uint32_t n = 0;; n++)
        FIRE(boot_life, life_number, n);
}

static void fire_meanwhile(uint32_t n)
{
    FIRE(job_item, n, thread_pid());
    thread_yield(); /* who reads the pipe is on this CPU */
}

/* Lets it fire for some time that is another one in each life. */
static void live_and_be_killed(uint32_t n)
{
    uint64_t enough = books_fired(CPUS - 1) + LIFE_EVENTS;

    while (books_fired(CPUS - 1) < enough)
        fire_meanwhile(n);
    for (uint32_t i = 0; i < KILL_STEPS; i++) {
        cpu_delay(n * 37 % 101 + 1);
        fire_meanwhile(n);
    }
}

void hotplug_run(uint64_t lives, bool kill)
{
    for (uint32_t n = 1; n <= lives; n++) {
        life_number = n;
        cpu_start(kill ? life_until_killed : life);
        if (kill)
            live_and_be_killed(n);
        else
            while (__atomic_load_n(&life_ended, __ATOMIC_ACQUIRE) != n)
                fire_meanwhile(n);
    }
    cpu_start(cpu_halt);
    books_slack = kill ? lives : 0;
    say("hotplug lives=%lu events=%lu\n", (unsigned long)lives, cpus[CPUS - 1].fired[EV_boot_life]);
}
