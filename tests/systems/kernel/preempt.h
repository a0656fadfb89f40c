/* SPDX-License-Identifier: MIT */
/* preempt.h - how deep preemption is off, counted in memory: of boards whose this_local() finds that of the CPU or of the
 * thread that runs. */
#ifndef PREEMPT_H
#define PREEMPT_H

static inline void preempt_off(void)
{
    volatile uint32_t *depth = &this_local()->preempt_depth;

    *depth = *depth + 1;
    __asm__ __volatile__("" : : : "memory");
}

static inline void preempt_drop(void)
{
    volatile uint32_t *depth = &this_local()->preempt_depth;

    __asm__ __volatile__("" : : : "memory");
    *depth = *depth - 1;
}

#endif
