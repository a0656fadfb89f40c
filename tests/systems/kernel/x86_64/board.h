/* SPDX-License-Identifier: MIT */
/* board.h - x86_64, as QEMU's microvm machine has it: what kernel.h wants of a board. */
#ifndef BOARD_H
#define BOARD_H

#define BOARD_MACHINE 62       /* EM_X86_64 */
#define BOARD_NUDGE VECTOR_NMI /* comes in between, and wants nothing */
#define BOARD_NMI 1
#define BOARD_NO_MEMORY 0x200000000000u /* above what is mapped */
#define BOARD_CONSOLES 0xfeb00000u, 24, 512
#define FLAGS_IF 0x200u
#define IRQ_LEFT_OFF 0 /* for irq_restore */

/* All registers of what was interrupted, as trap_common in boot.S leaves them. */
struct regs {
    uint64_t r15, r14, r13, r12, r11, r10, r9, r8, rbp, rdi, rsi, rdx, rcx, rbx, rax;
    uint64_t vector, error;
    uint64_t rip, cs, rflags, rsp, ss;
};

enum vector {
    VECTOR_DEBUG = 1,
    VECTOR_NMI = 2,
    VECTOR_BREAKPOINT = 3,
    VECTOR_PAGE_FAULT = 14,
    VECTOR_TIMER = 32,
    VECTOR_RESCHED = 33,
    VECTOR_BELL = 34,
    VECTOR_WAKE = 35, /* ends a hlt, and fires nothing */
    VECTOR_SYNC = 36, /* patch.c; fires nothing either */
    VECTOR_NET = 37,  /* story.c */
    VECTOR_SYSCALL = 128,
    VECTOR_SPURIOUS = 255
};

extern struct cpu cpu_early; /* CPU 0's until cpu_init: boot.S points %gs here */

static inline struct local *this_local(void)
{
    struct local *l;

    __asm__ __volatile__("movq %%gs:0, %0" : "=r"(l) : : "memory");
    return l;
}

/* The area is the CPU's here: it stays, whichever thread it runs. */
static inline void local_enter(struct cpu *c, struct local *own, uint32_t pid)
{
    (void)own;
    c->local.pid = pid;
}

/* The thread that asks is the same wherever it runs; only the reading must be in one piece. */
static inline struct thread *thread_current(void)
{
    struct thread *t;

    __asm__ __volatile__("movq %%gs:%c1, %0"
                         : "=r"(t)
                         : "i"(offsetof(struct cpu, current))
                         : "memory");
    return t;
}

static inline uint64_t irq_save(void)
{
    uint64_t flags;

    __asm__ __volatile__("pushfq; popq %0; cli" : "=r"(flags) : : "memory");
    return flags;
}

static inline bool irq_was_on(uint64_t flags)
{
    return flags & FLAGS_IF;
}

static inline void irq_on(void)
{
    __asm__ __volatile__("sti; nop"
                         :
                         :
                         : "memory"); /* one that waits comes before the end of the nop */
}

static inline void irq_off(void)
{
    __asm__ __volatile__("cli" : : : "memory");
}

static inline void irq_restore(uint64_t flags)
{
    if (irq_was_on(flags))
        __asm__ __volatile__("sti" : : : "memory");
}

static inline void cpu_relax(void)
{
    __builtin_ia32_pause();
}

/* With interrupts off: lets them come, and waits for one. None comes before it waits. */
static inline void cpu_idle(void)
{
    __asm__ __volatile__("sti; hlt" : : : "memory");
}

static inline void preempt_off(void)
{
    __asm__ __volatile__("incl %%gs:%c0"
                         :
                         : "i"(offsetof(struct local, preempt_depth))
                         : "memory", "cc");
}

static inline void preempt_drop(void)
{
    __asm__ __volatile__("decl %%gs:%c0"
                         :
                         : "i"(offsetof(struct local, preempt_depth))
                         : "memory", "cc");
}

/* In one instruction, so that an interrupt's own counting is not lost. */
#define count_fired(event)                                                                         \
    __asm__ __volatile__("incq %%gs:%c0"                                                           \
                         :                                                                         \
                         : "i"(offsetof(struct cpu, fired) + 8 * (event))                          \
                         : "memory", "cc")

/* What thread_switch takes from the stack of a thread that begins: six registers, and where to go. */
static inline uint64_t thread_stack(uint64_t *top, void (*begin)(void))
{
    top[-2] = (uint64_t)begin;
    return (uint64_t)(top - 8);
}

static inline uint64_t regs_vector(const struct regs *r)
{
    return r->vector;
}

static inline void *regs_pc(const struct regs *r)
{
    return (void *)r->rip;
}

static inline void regs_call(const struct regs *r, uint64_t *number, uint64_t args[2])
{
    *number = r->rax;
    args[0] = r->rdi;
    args[1] = r->rsi;
}

static inline void regs_answer(struct regs *r, uint64_t answer)
{
    r->rax = answer;
}

/* The system call's trap. */
static inline uint64_t syscall_trap(uint64_t number, uint64_t a, uint64_t b)
{
    __asm__ __volatile__("int $0x80" : "+a"(number) : "D"(a), "S"(b) : "memory");
    return number;
}

static inline void port_out(uint16_t port, uint8_t value)
{
    __asm__ __volatile__("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline uint8_t port_in(uint16_t port)
{
    uint8_t value;

    __asm__ __volatile__("inb %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

#endif
