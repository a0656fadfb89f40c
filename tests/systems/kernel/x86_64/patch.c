/* SPDX-License-Identifier: MIT */
/*
 * Patching the code that both CPUs execute, and a workload of that: CPU 1 fires an event all the
 * time, CPU 0 switches it on and off.
 *
 * An instruction is changed in three steps, with an interrupt to the other CPU, which then executes
 * one that makes it fetch anew, behind each: its first byte becomes int3, then the others are
 * written, then the first. Who comes upon the int3 goes on behind it, as if it were a nop: that is
 * right, since the event either is off, or whoever switches it on has not been told yet that it is.
 */
#include "kernel.h"

#include <tp/port.h>
#include <tp/trace.h>

#include "events.h"

#define INT3 0xcc
#define UNSURE_PAUSES 16 /* behind a call while it is switched, so that there are not millions */
#define STEADY_CALLS 3   /* while nothing changes, of which each is told */

static uint8_t *volatile patched; /* where there may be an int3 */
static size_t patched_bytes;
static uint32_t synced;
static uint64_t traps, refused;

static void serialise(void)
{
    uint32_t a = 0, b, c = 0, d;

    __asm__ __volatile__("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d) : : "memory");
}

void patch_sync(void)
{
    serialise();
    __atomic_store_n(&synced, 1, __ATOMIC_RELEASE);
    cpu_signal(false, VECTOR_WAKE);
}

/* When both CPUs share one of the host, who waits must not hold it. */
static void wait_until(const uint32_t *word, uint32_t least)
{
    __asm__ __volatile__("cli");
    while (__atomic_load_n(word, __ATOMIC_ACQUIRE) < least)
        __asm__ __volatile__("sti; hlt; cli" : : : "memory");
    __asm__ __volatile__("sti");
}

static void sync_all(void)
{
    serialise();
    if (!__atomic_load_n(&cpus[1].up, __ATOMIC_ACQUIRE))
        return;
    __atomic_store_n(&synced, 0, __ATOMIC_RELEASE);
    cpu_signal(false, VECTOR_SYNC);
    wait_until(&synced, 1);
}

static void put(uint8_t *to, uint8_t byte)
{
    __atomic_store_n(to, byte, __ATOMIC_RELEASE);
}

/* Waits for the other CPU, so not where that may be waiting for us: with interrupts off (as in
 * interrupts, and while a lock is held), and where preemption is, as in a probe. */
bool patch_text(void *site, const void *bytes, size_t n)
{
    uint8_t *to = site;
    const uint8_t *from = bytes;
    uint64_t flags;

    __asm__ __volatile__("pushfq; popq %0" : "=r"(flags));
    if (cpus[1].up && (!(flags & FLAGS_IF) || this_local()->preempt_depth)) {
        refused++;
        return false;
    }
    preempt_off();
    patched_bytes = n;
    patched = to;
    put(to, INT3);
    sync_all();
    for (size_t i = 1; i < n; i++)
        put(to + i, from[i]);
    sync_all();
    put(to, from[0]);
    sync_all(); /* and whoever was in patch_trap has left it */
    preempt_on();
    return true;
}

void patch_trap(struct regs *r)
{
    uint8_t *at = (uint8_t *)r->rip - 1;

    __atomic_add_fetch(&traps, 1, __ATOMIC_RELAXED);
    /* QEMU (7.2) may have translated the int3 while it was overwritten, and then keeps it: we would
     * come here forever. A store makes it look again, and this one changes nothing. */
    __asm__ __volatile__("lock orb $0, %0" : "+m"(*at) : : "memory", "cc");
    if (__atomic_load_n(at, __ATOMIC_ACQUIRE) != INT3)
        r->rip--; /* it is there by now */
    else if (at == patched)
        r->rip += patched_bytes - 1;
    else
        panic("int3", r);
}

/* --- the workload --- */

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
            __builtin_ia32_pause();
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
    wait_until(&phase_calls, STEADY_CALLS);
}

void patch_run(struct tp_trace *trace, uint64_t switches)
{
    if (tp_trace_disable(trace, "job:live") || !thread_start("firer", firer, NULL, 1))
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
    say("patch switches=%lu calls=%lu on=%lu off=%lu unsure=%lu traps=%lu refused=%lu\n", switches,
        (unsigned long)calls, (unsigned long)sure_on, (unsigned long)sure_off,
        (unsigned long)unsure, traps, refused);
}

/* After tp_trace_stop, which main.c calls with interrupts off. */
void patch_report(void)
{
    say("stopped refused=%lu\n", refused);
}
