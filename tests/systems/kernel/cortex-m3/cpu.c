/* SPDX-License-Identifier: MIT */
/* cpu.c - the processor: its timer, exceptions, and an interrupt that it sends itself. */
#include "kernel.h"

#include <tp/port.h>

#include "events.h"

#define REGISTER(address) (*(volatile uint32_t *)(uintptr_t)(address))
#define SYSTICK(offset) REGISTER(0xe000e010 + (offset))
#define SYSTICK_ON 7
#define ICSR REGISTER(0xe000ed04)
#define ASK_NMI (1u << 31)
#define ASK_PENDSV (1u << 28)
#define PRIORITIES_CALL REGISTER(0xe000ed1c)
#define PRIORITIES_TIMER REGISTER(0xe000ed20)
#define CALL_PRIORITY (0x20u << 24)   /* below BOARD_MASKED, or it would be a fault while interrupts are off */
#define PENDSV_PRIORITY (0xe0u << 16) /* last of all; SysTick's is 0 */
#define FRAME_PC 6                    /* a word of what the processor pushes */

_Static_assert(offsetof(struct local, preempt_depth) == 4 * CORTEX_M3_PREEMPT, "layout");
_Static_assert(offsetof(struct local, pid) == 4 * CORTEX_M3_PID, "layout");
_Static_assert(offsetof(struct local, irq_depth) == 4 * CORTEX_M3_IRQ, "layout");
_Static_assert(offsetof(struct local, need_resched) == 4 * CORTEX_M3_RESCHED, "layout");

struct cpu cpus[CPUS];

void cpu_clock_start(void);
void trap_tick(void);
void trap_nmi(const uint32_t *frame);
void trap_interrupt(const struct regs *r);
void trap_call(struct regs *r);
_Noreturn void trap_fault(const struct regs *r);

static uint32_t mail; /* a bit for each kind of interrupt that was sent */
static uint64_t nmi_count;

/* Before anything else: it is the clock of the first event. */
void cpu_clock_start(void)
{
    cpus[0].local.cpu = &cpus[0];
    tp_cortex_m_clock_hz = (TP_CORTEX_M_RELOAD + 1) * TICK_HZ;
    PRIORITIES_CALL = CALL_PRIORITY;
    PRIORITIES_TIMER = PENDSV_PRIORITY;
    SYSTICK(4) = TP_CORTEX_M_RELOAD;
    SYSTICK(8) = 0;
    SYSTICK(0) = SYSTICK_ON;
}

void cpu_timer(enum vector vector, uint32_t rate)
{
    (void)vector; /* there is but one */
    if (rate != 1)
        panic("the timer has one rate", NULL);
}

void cpu_init(void)
{
    sched_init_cpu();
    cpus[0].up = true;
}

/* There is but this CPU. */
void cpu_signal(bool self, enum vector vector)
{
    (void)self;
    __atomic_fetch_or(&mail, 1u << vector, __ATOMIC_RELAXED);
    ICSR = ASK_PENDSV;
}

void cpu_send(uint32_t cpu, enum vector vector)
{
    FIRE(irq_ipi, (uint8_t)cpu, vector == VECTOR_RESCHED ? 'r' : 'n');
    cpu_signal(true, vector);
}

void cpu_eoi(void)
{
}

/* Comes at any instruction, also where interrupts are off; what is left to do is the interrupt's. It comes
 * while the books are closed, too, and fires nothing then. */
void trap_tick(void)
{
    tp_cortex_m_tick();
    if (books_open)
        FIRE_PINNED(irq_ipi, 0, 't');
    for (uint64_t i = 0; i < option(OPT_NMI); i++) {
        ICSR = ASK_NMI;
        __asm__ __volatile__("dsb\n\tisb" : : : "memory");
    }
    cpu_signal(true, VECTOR_TIMER);
}

void trap_nmi(const uint32_t *frame)
{
    if (books_open)
        FIRE_PINNED(irq_nmi, (void *)frame[FRAME_PC], nmi_count++);
}

/* Several that were sent may have come as one. */
void trap_interrupt(const struct regs *r)
{
    const uint32_t kinds = __atomic_exchange_n(&mail, 0, __ATOMIC_RELAXED);

    if (kinds & 1u << VECTOR_BELL)
        irq_dispatch(VECTOR_BELL, r);
    if (kinds & 1u << VECTOR_TIMER)
        irq_dispatch(VECTOR_TIMER, r);
    if (kinds & 1u << VECTOR_RESCHED)
        irq_dispatch(VECTOR_RESCHED, r);
}

void trap_call(struct regs *r)
{
    syscall_dispatch(r);
}

void trap_fault(const struct regs *r)
{
    if (die_is_due())
        die_fault(r);
    panic("exception", r);
}

void cpu_halt(void)
{
    for (;;)
        __asm__ __volatile__("cpsid i\n\twfi");
}

void cpu_start(void (*entry)(void))
{
    (void)entry;
    panic("there is one CPU", NULL);
}
