/* SPDX-License-Identifier: MIT */
/* cpu.c - the processor: its timer, exceptions, and an interrupt that it sends itself. */
#include "kernel.h"

#include <tp/port.h>

#include "events.h"

#define KIND_INTERRUPT 0
#define KIND_LOAD 2 /* from an address that is not mapped */
#define KIND_SYSCALL 8
#define CAUSE_SOFTWARE (1u << 8)
#define CAUSE_TIMER (1u << 15)
#define SYSCALL_BYTES 4

_Static_assert(offsetof(struct local, number) == TP_MIPS32_CPU_OFFSET, "layout");
_Static_assert(offsetof(struct local, preempt_depth) == TP_MIPS32_PREEMPT_OFFSET, "layout");
_Static_assert(offsetof(struct local, pid) == TP_MIPS32_PID_OFFSET, "layout");
_Static_assert(offsetof(struct local, irq_depth) == TP_MIPS32_HARDIRQ_OFFSET, "layout");
_Static_assert(offsetof(struct local, nmi_depth) == TP_MIPS32_NMI_OFFSET, "layout");
_Static_assert(offsetof(struct local, need_resched) == TP_MIPS32_RESCHED_OFFSET, "layout");

struct cpu cpus[CPUS];
uint32_t tp_mips32_clock_hz = 166666666; /* of QEMU's malta: 6 ns each */

void trap_dispatch(struct regs *r);

static uint32_t timer_rate;
static uint32_t mail; /* a bit for each kind of interrupt that was sent */

/* Only when Count comes to it there is an interrupt: not if it has passed it already. */
static void timer_next(void)
{
    uint32_t at;

    do {
        at = tp_port_counter() + tp_mips32_clock_hz / TICK_HZ / timer_rate;
        __asm__ __volatile__("mtc0 %0, $11\n\tehb" : : "r"(at) : "memory"); /* Compare */
    } while ((int32_t)(at - tp_port_counter()) <= 0);
}

void cpu_timer(enum vector vector, uint32_t rate)
{
    (void)vector; /* there is but one */
    timer_rate = rate;
    timer_next();
}

void cpu_init(void)
{
    uint32_t status;

    __asm__ __volatile__("mfc0 %0, $12" : "=r"(status));
    status |= CAUSE_SOFTWARE | CAUSE_TIMER; /* the same bits: what may come */
    __asm__ __volatile__("mtc0 %0, $12\n\tehb" : : "r"(status) : "memory");
    sched_init_cpu();
    cpus[0].up = true;
    cpu_timer(VECTOR_TIMER, 1);
}

static void cause_software(bool on)
{
    uint32_t cause;

    __asm__ __volatile__("mfc0 %0, $13" : "=r"(cause));
    cause = on ? cause | CAUSE_SOFTWARE : cause & ~CAUSE_SOFTWARE;
    __asm__ __volatile__("mtc0 %0, $13\n\tehb" : : "r"(cause) : "memory");
}

/* There is but this CPU. */
void cpu_signal(bool self, enum vector vector)
{
    uint64_t flags = irq_save();

    (void)self;
    mail |= 1u << vector;
    cause_software(true);
    irq_restore(flags);
}

void cpu_send(uint32_t cpu, enum vector vector)
{
    FIRE(irq_ipi, (uint8_t)cpu, vector == VECTOR_RESCHED ? 'r' : 'n');
    cpu_signal(true, vector);
}

void cpu_eoi(void)
{
}

/* Several that were sent may have come as one. The last of them may switch, so it is the last. */
static void trap_mail(const struct regs *r)
{
    const uint32_t kinds = mail;

    mail = 0;
    cause_software(false);
    if (kinds & 1u << VECTOR_BELL)
        irq_dispatch(VECTOR_BELL, regs_pc(r));
    if (kinds & 1u << VECTOR_RESCHED)
        irq_dispatch(VECTOR_RESCHED, regs_pc(r));
}

static void trap_interrupt(const struct regs *r)
{
    if (r->cause & CAUSE_TIMER) {
        timer_next();
        irq_dispatch(VECTOR_TIMER, regs_pc(r));
    } else if (r->cause & CAUSE_SOFTWARE) {
        trap_mail(r);
    }
}

static void trap_call(struct regs *r)
{
    r->x[0] += SYSCALL_BYTES;
    irq_restore(r->status); /* as they were for the caller */
    syscall_dispatch(r);
    irq_off();
}

void trap_dispatch(struct regs *r)
{
    if (regs_vector(r) == KIND_INTERRUPT)
        trap_interrupt(r);
    else if (regs_vector(r) == KIND_SYSCALL)
        trap_call(r);
    else if (regs_vector(r) == KIND_LOAD && die_is_due())
        die_fault(r);
    else
        panic("exception", r);
}

void cpu_halt(void)
{
    for (;;)
        __asm__ __volatile__("di\n\tehb\n\twait");
}

void cpu_start(void (*entry)(void))
{
    (void)entry;
    panic("there is one CPU", NULL);
}

void tp_mips32_preempt(void)
{
    sched_preempt();
}
