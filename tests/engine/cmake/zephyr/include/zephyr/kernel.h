/* SPDX-License-Identifier: MIT */
/* kernel.h - what the port uses of Zephyr's header of this name, for a machine of the test's own. */
#ifndef STUB_KERNEL_H
#define STUB_KERNEL_H

#include <stdbool.h>
#include <stdint.h>

struct k_thread {
    const char *name;
};

extern struct k_thread *stub_current;
extern uint64_t stub_cycles;
extern bool stub_isr;
extern unsigned int stub_irqs_off; /* interrupts are off, so often */

#define _current stub_current

static inline bool k_is_in_isr(void)
{
    return stub_isr;
}

static inline uint64_t k_cycle_get_64(void)
{
    return stub_cycles += 10;
}

static inline uint32_t k_cycle_get_32(void)
{
    return (uint32_t)k_cycle_get_64();
}

static inline int sys_clock_hw_cycles_per_sec(void)
{
    return 100000000;
}

static inline const char *k_thread_name_get(struct k_thread *thread)
{
    return thread->name;
}

static inline unsigned int arch_irq_lock(void)
{
    return stub_irqs_off++;
}

static inline void arch_irq_unlock(unsigned int key)
{
    stub_irqs_off = key;
}

#endif
