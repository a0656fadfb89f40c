/* SPDX-License-Identifier: MIT */
/*
 * Patching the code that both CPUs execute.
 *
 * An instruction is changed in three steps, with an interrupt to the other CPU, which then executes
 * one that makes it fetch anew, behind each: its first byte becomes int3, then the others are
 * written, then the first. Who comes upon the int3 goes on behind it, as if it were a nop: that is
 * right, since the event either is off, or whoever switches it on has not been told yet that it is.
 */
#include "kernel.h"

#define INT3 0xcc

static uint8_t *volatile patched; /* where there may be an int3 */
static size_t patched_bytes;
static uint32_t synced;

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

static void sync_all(void)
{
    serialise();
    if (!__atomic_load_n(&cpus[1].up, __ATOMIC_ACQUIRE))
        return;
    __atomic_store_n(&synced, 0, __ATOMIC_RELEASE);
    cpu_signal(false, VECTOR_SYNC);
    cpu_wait_until(&synced, 1);
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
        patch_refused++;
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

    __atomic_add_fetch(&patch_traps, 1, __ATOMIC_RELAXED);
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
