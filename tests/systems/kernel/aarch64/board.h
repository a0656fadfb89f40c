/* SPDX-License-Identifier: MIT */
/* board.h - AArch64, as QEMU's virt machine has it: what kernel.h wants of a board. */
#ifndef BOARD_H
#define BOARD_H

#define BOARD_MACHINE 183               /* EM_AARCH64 */
#define BOARD_NUDGE VECTOR_RESCHED      /* comes in between, and wants nothing */
#define BOARD_NO_MEMORY 0x200000000000u /* above what is mapped */
#define BOARD_CONSOLES 0x0a000000u, 32, 512
#define BOARD_MEMORY_END 0x44000000u /* of the 64 MiB that tests/systems/kernel/run gives it */
#define DAIF_I 0x80u
#define IRQ_LEFT_OFF DAIF_I /* for irq_restore */

/* All registers of what was interrupted, as trap_common in boot.S leaves them. */
struct regs {
    uint64_t x[31], pc, pstate, syndrome, address, unused;
};

/* Numbers of the interrupt controller's: the first 16 are from CPU to CPU. */
enum vector {
    VECTOR_RESCHED = 1,
    VECTOR_BELL = 2,
    VECTOR_WAKE = 3, /* ends a wait, and fires nothing */
    VECTOR_SYNC = 4, /* patch.c; fires nothing either */
    VECTOR_TIMER = 27,
    VECTOR_NET = 1000, /* there is no such device */
    VECTOR_NMI = 1001,
    VECTOR_SPURIOUS = 1023
};

static inline struct local *this_local(void)
{
    struct local *l;

    __asm__ __volatile__("mrs %0, tpidr_el1" : "=r"(l) : : "memory");
    return l;
}

/* The area is the thread's. Interrupts are off. */
static inline void local_enter(struct cpu *c, struct local *own, uint32_t pid)
{
    own->cpu = c;
    own->number = c->local.number;
    own->pid = pid;
    __asm__ __volatile__("msr tpidr_el1, %0" : : "r"(own) : "memory");
}

/* It begins with its area. */
static inline struct thread *thread_current(void)
{
    return (struct thread *)this_local();
}

static inline uint64_t irq_save(void)
{
    uint64_t flags;

    __asm__ __volatile__("mrs %0, daif\n\tmsr daifset, #2" : "=r"(flags) : : "memory");
    return flags;
}

static inline bool irq_was_on(uint64_t flags)
{
    return !(flags & DAIF_I);
}

static inline void irq_on(void)
{
    __asm__ __volatile__("msr daifclr, #2\n\tisb" : : : "memory");
}

static inline void irq_off(void)
{
    __asm__ __volatile__("msr daifset, #2" : : : "memory");
}

static inline void irq_restore(uint64_t flags)
{
    if (irq_was_on(flags))
        __asm__ __volatile__("msr daifclr, #2" : : : "memory");
}

static inline void cpu_relax(void)
{
    __asm__ __volatile__("yield" : : : "memory");
}

/* An interrupt ends the wait while it is masked, too. */
static inline void cpu_idle(void)
{
    irq_off();
    __asm__ __volatile__("dsb sy\n\twfi" : : : "memory");
    irq_on();
}

/* The other CPU's fetches see it when that does the isb, which taking an interrupt is as well. */
static inline void cpu_text_written(const void *at)
{
    __asm__ __volatile__("dc cvau, %0\n\tdsb ish\n\tic ivau, %0\n\tdsb ish\n\tisb"
                         :
                         : "r"(at)
                         : "memory");
}

static inline void cpu_fetch_anew(void)
{
    __asm__ __volatile__("isb" : : : "memory");
}

#include "preempt.h"

/* Preemption is off. An interrupt's own counting is not lost. */
#define count_fired(event) __atomic_fetch_add(&this_local()->cpu->fired[event], 1, __ATOMIC_RELAXED)

/* What thread_switch takes from the stack of a thread that begins: x29, x30 and ten others. */
static inline uint64_t thread_stack(uint64_t *top, void (*begin)(void))
{
    top[-11] = (uint64_t)begin;
    return (uint64_t)(top - 12);
}

static inline uint64_t regs_vector(const struct regs *r)
{
    return r->syndrome >> 26; /* the class of the exception */
}

static inline void *regs_pc(const struct regs *r)
{
    return (void *)r->pc;
}

/* The frame pointer. */
static inline const void *regs_frame(const struct regs *r)
{
    return (const void *)r->x[29];
}

static inline void regs_call(const struct regs *r, uint64_t *number, uint64_t args[2])
{
    *number = r->x[8];
    args[0] = r->x[0];
    args[1] = r->x[1];
}

static inline void regs_answer(struct regs *r, uint64_t answer)
{
    r->x[0] = answer;
}

/* The system call's trap. */
static inline uint64_t syscall_trap(uint64_t number, uint64_t a, uint64_t b)
{
    register uint64_t x8 __asm__("x8") = number;
    register uint64_t x0 __asm__("x0") = a;
    register uint64_t x1 __asm__("x1") = b;

    __asm__ __volatile__("svc #0" : "+r"(x0) : "r"(x8), "r"(x1) : "memory");
    return x0;
}

#endif
