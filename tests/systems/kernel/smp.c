/* SPDX-License-Identifier: MIT */
/* smp.c - two CPUs: locks, waiting, and how the second one joins in. */
#include "kernel.h"

#include <tp/port.h>

#define START_SECONDS 5

uint64_t lock_take(struct lock *lock)
{
    uint64_t flags = irq_save();

    while (__atomic_exchange_n(&lock->taken, 1, __ATOMIC_ACQUIRE))
        cpu_relax();
    return flags;
}

void lock_give(struct lock *lock, uint64_t flags)
{
    __atomic_store_n(&lock->taken, 0, __ATOMIC_RELEASE);
    irq_restore(flags);
}

void cpu_delay(uint64_t us)
{
    uint64_t end = tp_port_clock() + tp_port_clock_hz() / 1000000 * us;

    while (tp_port_clock() < end)
        cpu_relax();
}

/* When both CPUs share one of the host, the one that waits must not hold it: what counts sends an interrupt. */
void cpu_wait_until(const uint32_t *word, uint32_t least)
{
    irq_off();
    while (__atomic_load_n(word, __ATOMIC_ACQUIRE) < least) {
        cpu_idle();
        irq_off();
    }
    irq_on();
}

static void ap_schedule(void)
{
    sched_init_cpu();
    __atomic_store_n(&cpus[CPUS - 1].up, true, __ATOMIC_RELEASE);
    cpu_timer(VECTOR_TIMER, 1);
    for (;;)
        cpu_idle(); /* this is now the idle thread */
}

void cpu_schedule(void)
{
    uint64_t from = tp_port_clock(), most = START_SECONDS * tp_port_clock_hz();

    cpu_start(ap_schedule);
    /* Not in a loop that only looks at the clock: it may be until the next tick that QEMU runs no other CPU. */
    while (tp_port_clock() - from < most && !__atomic_load_n(&cpus[CPUS - 1].up, __ATOMIC_ACQUIRE))
        cpu_idle();
    if (!cpus[CPUS - 1].up)
        panic("cpu 1 did not start", NULL);
}
