/* SPDX-License-Identifier: MIT */
/* board.h - MIPS, 32 bits and big-endian, as QEMU's malta has it: what kernel.h wants of a board. */
#ifndef BOARD_H
#define BOARD_H

#define BOARD_MACHINE 8              /* EM_MIPS */
#define BOARD_NUDGE VECTOR_RESCHED   /* comes in between, and wants nothing */
#define BOARD_UART 0xb80003f8u       /* the first of the ISA bus, in kseg1 */
#define BOARD_NO_MEMORY 0x1000u      /* of user addresses, of which none is mapped */
#define BOARD_MEMORY_END 0x84000000u /* of the 64 MiB that tests/systems/kernel/run gives it */
#define STATUS_IE 0x1u
#define IRQ_LEFT_OFF 0 /* for irq_restore */

/* All registers of what was interrupted, as trap_entry in boot.S leaves them. x[0] is its pc. */
struct regs {
    uint32_t x[32], hi, lo, status, cause, value, unused;
};

/* But for the timer there is one interrupt: what it is about is a bit each in memory (cpu.c). */
enum vector {
    VECTOR_RESCHED = 1,
    VECTOR_BELL = 2,
    VECTOR_WAKE = 3,
    VECTOR_TIMER = 7,
    VECTOR_NET = 32, /* there is no such device */
    VECTOR_NMI = 33,
    VECTOR_SPURIOUS = 255
};

static inline struct local *this_local(void)
{
    struct local *l;

    __asm__ __volatile__("move %0, $28" : "=r"(l) : : "memory");
    return l;
}

/* The area is the thread's. Interrupts are off. */
static inline void local_enter(struct cpu *c, struct local *own, uint32_t pid)
{
    own->cpu = c;
    own->number = c->local.number;
    own->pid = pid;
    __asm__ __volatile__("move $28, %0" : : "r"(own) : "memory");
}

/* It begins with its area. */
static inline struct thread *thread_current(void)
{
    return (struct thread *)this_local();
}

static inline uint64_t irq_save(void)
{
    uint32_t flags;

    __asm__ __volatile__("di %0\n\tehb" : "=r"(flags) : : "memory");
    return flags;
}

static inline bool irq_was_on(uint64_t flags)
{
    return flags & STATUS_IE;
}

static inline void irq_on(void)
{
    __asm__ __volatile__("ei\n\tehb" : : : "memory");
}

static inline void irq_off(void)
{
    __asm__ __volatile__("di\n\tehb" : : : "memory");
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

/* One that comes before the wait does not end it: the timer's next one does. */
static inline void cpu_idle(void)
{
    __asm__ __volatile__("ei\n\tehb\n\twait" : : : "memory");
}

#include "preempt.h"

/* Preemption is off. An interrupt's own counting is not lost. */
#define count_fired(event) __atomic_fetch_add(&this_local()->cpu->fired[event], 1, __ATOMIC_RELAXED)

/* What thread_switch takes from the stack of a thread that begins: ra, and nine others, below what a function
 * may store its arguments in. */
static inline uintptr_t thread_stack(uint64_t *top, void (*begin)(void))
{
    uint32_t *frame = (uint32_t *)(top - 2) - 10;

    frame[0] = (uint32_t)begin;
    return (uintptr_t)frame;
}

static inline uint64_t regs_vector(const struct regs *r)
{
    return r->cause >> 2 & 31; /* the kind of the exception */
}

static inline void *regs_pc(const struct regs *r)
{
    return (void *)r->x[0];
}

static inline void regs_call(const struct regs *r, uint64_t *number, uint64_t args[2])
{
    *number = r->x[2]; /* v0 */
    args[0] = r->x[4];
    args[1] = r->x[5];
}

static inline void regs_answer(struct regs *r, uint64_t answer)
{
    r->x[2] = (uint32_t)answer;
}

/* The system call's trap. */
static inline uintptr_t syscall_trap(uintptr_t number, uintptr_t a, uintptr_t b)
{
    register uintptr_t v0 __asm__("$2") = number;
    register uintptr_t a0 __asm__("$4") = a;
    register uintptr_t a1 __asm__("$5") = b;

    __asm__ __volatile__("syscall" : "+r"(v0) : "r"(a0), "r"(a1) : "memory");
    return v0;
}

#endif
