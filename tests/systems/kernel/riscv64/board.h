/* SPDX-License-Identifier: MIT */
/* board.h - RISC-V, as QEMU's virt machine has it: what kernel.h wants of a board. */
#ifndef BOARD_H
#define BOARD_H

#include "riscv64/mode.h"

#define BOARD_MACHINE 243               /* EM_RISCV */
#define BOARD_NUDGE VECTOR_RESCHED      /* comes in between, and wants nothing */
#define BOARD_NO_MEMORY 0x200000000000u /* above all that there is */
#define BOARD_CONSOLES 0x10001000u, 8, 4096
#define BOARD_UART 0x10000000u
/* Of the 64 MiB that tests/systems/kernel/run gives it, without the last ones: a reset puts the device
 * tree there. */
#define BOARD_MEMORY_END 0x83c00000u
#define IRQ_LEFT_OFF 0 /* for irq_restore */
#define CSR_(name) #name
#define CSR__(name) CSR_(name)
#define CSR(name) CSR__(MODE(name))

/* All registers of what was interrupted, as trap_entry in boot.S leaves them. x[0] is its pc. */
struct regs {
    uint64_t x[32], status, cause, value, unused;
};

/* From CPU to CPU there is but one interrupt: what it is about is a bit each in memory (cpu.c). */
enum vector {
    VECTOR_RESCHED = 1,
    VECTOR_BELL = 2,
    VECTOR_WAKE = 3, /* ends a wait, and fires nothing */
    VECTOR_SYNC = 4, /* patch.c; fires nothing either */
    VECTOR_TIMER = 5,
    VECTOR_NET = 32, /* there is no such device */
    VECTOR_NMI = 33,
    VECTOR_SPURIOUS = 255
};

static inline struct local *this_local(void)
{
    struct local *l;

    __asm__ __volatile__("mv %0, tp" : "=r"(l) : : "memory");
    return l;
}

/* The area is the thread's. Interrupts are off. */
static inline void local_enter(struct cpu *c, struct local *own, uint32_t pid)
{
    own->cpu = c;
    own->number = c->local.number;
    own->pid = pid;
    __asm__ __volatile__("mv tp, %0" : : "r"(own) : "memory");
}

/* It begins with its area. */
static inline struct thread *thread_current(void)
{
    return (struct thread *)this_local();
}

static inline uint64_t irq_save(void)
{
    uint64_t flags;

    __asm__ __volatile__("csrrci %0, " CSR(status) ", %1"
                         : "=r"(flags)
                         : "i"(STATUS_ON)
                         : "memory");
    return flags;
}

static inline bool irq_was_on(uint64_t flags)
{
    return flags & STATUS_ON;
}

static inline void irq_on(void)
{
    __asm__ __volatile__("csrsi " CSR(status) ", %0" : : "i"(STATUS_ON) : "memory");
}

static inline void irq_off(void)
{
    __asm__ __volatile__("csrci " CSR(status) ", %0" : : "i"(STATUS_ON) : "memory");
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

/* An interrupt ends the wait while it is masked, too. */
static inline void cpu_idle(void)
{
    irq_off();
    __asm__ __volatile__("wfi" : : : "memory");
    irq_on();
}

static inline void cpu_fetch_anew(void)
{
    __asm__ __volatile__("fence.i" : : : "memory");
}

static inline void cpu_text_written(const void *at)
{
    (void)at;
    cpu_fetch_anew();
}

#include "preempt.h"

/* Preemption is off. An interrupt's own counting is not lost. */
#define count_fired(event) __atomic_fetch_add(&this_local()->cpu->fired[event], 1, __ATOMIC_RELAXED)

/* What thread_switch takes from the stack of a thread that begins: ra, and twelve others. */
static inline uint64_t thread_stack(uint64_t *top, void (*begin)(void))
{
    top[-14] = (uint64_t)begin;
    return (uint64_t)(top - 14);
}

static inline uint64_t regs_vector(const struct regs *r)
{
    return r->cause;
}

static inline void *regs_pc(const struct regs *r)
{
    return (void *)r->x[0];
}

/* The frame pointer. */
static inline const void *regs_frame(const struct regs *r)
{
    return (const void *)r->x[8];
}

static inline void regs_call(const struct regs *r, uint64_t *number, uint64_t args[2])
{
    *number = r->x[17]; /* a7 */
    args[0] = r->x[10];
    args[1] = r->x[11];
}

static inline void regs_answer(struct regs *r, uint64_t answer)
{
    r->x[10] = answer;
}

/* The system call's trap: ebreak, since an ecall would go to the firmware. */
static inline uint64_t syscall_trap(uint64_t number, uint64_t a, uint64_t b)
{
    register uint64_t a7 __asm__("a7") = number;
    register uint64_t a0 __asm__("a0") = a;
    register uint64_t a1 __asm__("a1") = b;

    __asm__ __volatile__(".option push\n\t.option norvc\n\tebreak\n\t.option pop"
                         : "+r"(a0)
                         : "r"(a7), "r"(a1)
                         : "memory");
    return a0;
}

/* --- sbi.c for S mode, machine.c for M mode --- */

void mode_init(void);              /* on each CPU */
void mode_timer(uint64_t at);      /* this CPU's next interrupt */
void mode_send(uint32_t cpu);      /* an interrupt */
void mode_take(void);              /* that one is taken */
void mode_start(uint32_t cpu);     /* it goes to start_second */
_Noreturn void mode_stop(void);    /* this CPU, until it is started again */
_Noreturn void second_waits(void); /* boot.S: until it is sent an interrupt */
extern uint8_t start_second[];
extern uint64_t boot_hart; /* that of CPU 0, which any may be; CPU 1 is the other one */

static inline uint64_t mode_hart(uint32_t cpu)
{
    return cpu ? !boot_hart : boot_hart;
}

#endif
