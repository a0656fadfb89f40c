/* SPDX-License-Identifier: MIT */
/*
 * board.h - Cortex-M3, as QEMU's mps2-an385 has it: what kernel.h wants of a board.
 *
 * Interrupts are off by BASEPRI, as kernels for this processor do it: the tick's first half, which has priority 0,
 * and NMIs come all the same. Both only fire, and ask for PendSV, which is the interrupt of this kernel.
 */
#ifndef BOARD_H
#define BOARD_H

#define BOARD_MACHINE 40             /* EM_ARM */
#define BOARD_NUDGE VECTOR_RESCHED   /* comes in between, and wants nothing */
#define BOARD_NO_MEMORY 0x60000000u  /* nothing answers there */
#define BOARD_MEMORY_END 0x22000000u /* of 16 MiB from 0x21000000 on */
#define BOARD_REGION_BYTES (8u << 20)
#define BOARD_MASKED 0x40u        /* BASEPRI: only what has a lower number comes */
#define IRQ_LEFT_OFF BOARD_MASKED /* for irq_restore */

/* All registers of what was interrupted: boot.S has pushed those up to `r4`, the processor the others. */
struct regs {
    uint32_t basepri, unused, r4[8], r0[4], r12, lr, pc, xpsr;
};

/* Those below 32 are a bit each in memory (cpu.c). */
enum vector {
    VECTOR_RESCHED = 1,
    VECTOR_BELL = 2,
    VECTOR_FAULT = 3,
    VECTOR_WAKE = 4,
    VECTOR_TIMER = 7,
    VECTOR_NET = 32, /* there is no such device */
    VECTOR_NMI = 33,
    VECTOR_SPURIOUS = 255
};

/* There is one CPU: the area is its. */
static inline struct local *this_local(void)
{
    return &cpus[0].local;
}

/* Interrupts are off. */
static inline void local_enter(struct cpu *c, struct local *own, uint32_t pid)
{
    (void)own;
    c->local.pid = pid;
}

static inline struct thread *thread_current(void)
{
    return *(struct thread *volatile *)&cpus[0].current;
}

static inline void irq_set(uint32_t basepri)
{
    __asm__ __volatile__("msr basepri, %0" : : "r"(basepri) : "memory");
}

static inline uint64_t irq_save(void)
{
    uint32_t flags;

    __asm__ __volatile__("mrs %0, basepri" : "=r"(flags) : : "memory");
    irq_set(BOARD_MASKED);
    return flags;
}

static inline bool irq_was_on(uint64_t flags)
{
    return !flags;
}

static inline void irq_on(void)
{
    irq_set(0);
}

static inline void irq_off(void)
{
    irq_set(BOARD_MASKED);
}

static inline void irq_restore(uint64_t flags)
{
    if (irq_was_on(flags))
        irq_on();
}

static inline void cpu_relax(void)
{
    __asm__ __volatile__("nop" : : : "memory");
}

/* With PRIMASK none comes before it waits, and one that is pending ends the wait. */
static inline void cpu_idle(void)
{
    __asm__ __volatile__("cpsid i\n\tmsr basepri, %0\n\twfi\n\tcpsie i" : : "r"(0) : "memory");
}

#include "preempt.h"

/* An interrupt's own counting is not lost. */
#define count_fired(event) __atomic_fetch_add(&cpus[0].fired[event], 1, __ATOMIC_RELAXED)

/* What thread_switch takes from the stack of a thread that begins: nine registers, and where to go. */
static inline uintptr_t thread_stack(uint64_t *top, void (*begin)(void))
{
    uint32_t *frame = (uint32_t *)top - 10;

    frame[9] = (uint32_t)begin;
    return (uintptr_t)frame;
}

/* Only a fault asks. */
static inline uint64_t regs_vector(const struct regs *r)
{
    (void)r;
    return VECTOR_FAULT;
}

static inline void *regs_pc(const struct regs *r)
{
    return (void *)r->pc;
}

static inline void regs_call(const struct regs *r, uint64_t *number, uint64_t args[2])
{
    *number = r->r0[0];
    args[0] = r->r0[1];
    args[1] = r->r0[2];
}

static inline void regs_answer(struct regs *r, uint64_t answer)
{
    r->r0[0] = (uint32_t)answer;
}

/* The system call's trap. */
static inline uintptr_t syscall_trap(uintptr_t number, uintptr_t a, uintptr_t b)
{
    register uintptr_t r0 __asm__("r0") = number;
    register uintptr_t r1 __asm__("r1") = a;
    register uintptr_t r2 __asm__("r2") = b;

    __asm__ __volatile__("svc #0" : "+r"(r0) : "r"(r1), "r"(r2) : "memory");
    return r0;
}

#endif
