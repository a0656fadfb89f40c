/* SPDX-License-Identifier: MIT */
/*
 * patch.c - patching the code that both CPUs execute, where an instruction is one aligned word: it is written at
 * once, and then both CPUs fetch anew.
 */
#include "kernel.h"

static uint32_t synced;

/* In an interrupt of the other CPU. */
void patch_sync(void)
{
    cpu_fetch_anew();
    __atomic_store_n(&synced, 1, __ATOMIC_RELEASE);
    cpu_signal(false, VECTOR_WAKE);
}

static void put(uint32_t *to, uint32_t word)
{
    __atomic_store_n(to, word, __ATOMIC_RELEASE);
    cpu_text_written(to);
    if (!cpus[1].up)
        return;
    __atomic_store_n(&synced, 0, __ATOMIC_RELEASE);
    cpu_signal(false, VECTOR_SYNC);
    cpu_wait_until(&synced, 1);
}

/* Waits for the other CPU, so not where that may be waiting for this one: with interrupts off (as in
 * interrupts, and while a lock is held), and where preemption is, as in a probe. */
bool patch_text(void *site, const void *bytes, size_t n)
{
    const uint64_t flags = irq_save();
    uint32_t word;

    irq_restore(flags);
    if (n != sizeof(word) || (cpus[1].up && (!irq_was_on(flags) || this_local()->preempt_depth))) {
        patch_refused++;
        return false;
    }
    preempt_off();
    memcpy(&word, bytes, sizeof(word));
    put(site, word);
    /* QEMU (7.2) may have translated the old word while it was overwritten, and then keeps it. The other CPU is done
     * with that by now, and a store makes QEMU look again. A processor needs the first one only. */
    put(site, word);
    preempt_on();
    return true;
}
