/* SPDX-License-Identifier: MIT */
/* cpu.c - the processors: their timers, traps, and interrupts from one to the other. */
#include "kernel.h"

#include <tp/port.h>

#include "events.h"

#define CAUSE_INTERRUPT (1ul << 63)
#define CAUSE_BREAKPOINT 3
#define CAUSE_LOAD_ACCESS 5
#define CAUSE_LOAD_PAGE 13
#define BREAKPOINT_BYTES 4

_Static_assert(offsetof(struct local, number) == TP_RISCV64_CPU_OFFSET, "layout");
_Static_assert(offsetof(struct local, preempt_depth) == TP_RISCV64_PREEMPT_OFFSET, "layout");
_Static_assert(offsetof(struct local, pid) == TP_RISCV64_PID_OFFSET, "layout");
_Static_assert(offsetof(struct local, irq_depth) == TP_RISCV64_HARDIRQ_OFFSET, "layout");
_Static_assert(offsetof(struct local, nmi_depth) == TP_RISCV64_NMI_OFFSET, "layout");
_Static_assert(offsetof(struct local, need_resched) == TP_RISCV64_RESCHED_OFFSET, "layout");
_Static_assert(offsetof(struct local, shadow) == TP_RISCV64_SHADOW_OFFSET, "layout");

struct cpu cpus[CPUS];
void *second_stack, *second_area; /* for boot.S */
uint64_t boot_hart;
uint64_t tp_riscv64_clock_hz = 10000000; /* of QEMU's virt */

_Noreturn void cpu_second(void);
void trap_dispatch(struct regs *r);

static void (*second_entry)(void);
static uint64_t timer_rate[CPUS];
static uint32_t mail[CPUS]; /* a bit for each kind of interrupt that was sent */

static uint64_t time_now(void)
{
    uint64_t time;

    __asm__ __volatile__("rdtime %0" : "=r"(time) : : "memory");
    return time;
}

static void timer_next(void)
{
    mode_timer(time_now() + tp_riscv64_clock_hz / TICK_HZ / timer_rate[this_local()->number]);
}

void cpu_timer(enum vector vector, uint32_t rate)
{
    (void)vector; /* there is but one */
    timer_rate[this_local()->number] = rate;
    timer_next();
}

void cpu_init(void)
{
    cpus[1].local.cpu = &cpus[1];
    cpus[1].local.number = 1;
    mode_init();
    sched_init_cpu();
    cpus[0].up = true;
    cpu_timer(VECTOR_TIMER, 1);
}

static void cpu_mail(uint32_t cpu, enum vector vector)
{
    __atomic_fetch_or(&mail[cpu], 1u << vector, __ATOMIC_SEQ_CST);
    mode_send(cpu);
}

void cpu_send(uint32_t cpu, enum vector vector)
{
    FIRE(irq_ipi, (uint8_t)cpu, vector == VECTOR_RESCHED ? 'r' : 'n');
    cpu_mail(cpu, vector);
}

void cpu_signal(bool self, enum vector vector)
{
    cpu_mail(this_local()->number ^ !self, vector);
}

void cpu_eoi(void)
{
}

/* Several that were sent may have come as one. The last of them may switch, so it is the last. */
static void trap_mail(const struct regs *r)
{
    uint32_t kinds;

    mode_take();
    kinds = __atomic_exchange_n(&mail[this_local()->number], 0, __ATOMIC_SEQ_CST);
    if (kinds & 1u << VECTOR_SYNC)
        patch_sync();
    if (kinds & 1u << VECTOR_BELL)
        irq_dispatch(VECTOR_BELL, r);
    if (kinds & 1u << VECTOR_RESCHED)
        irq_dispatch(VECTOR_RESCHED, r);
}

static void trap_call(struct regs *r)
{
    r->x[0] += BREAKPOINT_BYTES;
    if (r->status & STATUS_WAS_ON)
        irq_on(); /* as they were for the caller */
    syscall_dispatch(r);
    irq_off();
}

void trap_dispatch(struct regs *r)
{
    if (r->cause == (CAUSE_INTERRUPT | CAUSE_TIMER)) {
        timer_next();
        irq_dispatch(VECTOR_TIMER, r);
    } else if (r->cause == (CAUSE_INTERRUPT | CAUSE_SOFTWARE)) {
        trap_mail(r);
    } else if (r->cause == CAUSE_BREAKPOINT) {
        trap_call(r);
    } else if ((r->cause == CAUSE_LOAD_ACCESS || r->cause == CAUSE_LOAD_PAGE) && die_is_due()) {
        die_fault(r);
    } else {
        panic("exception", r);
    }
}

void cpu_second(void)
{
    mode_take();
    mode_init();
    second_entry();
    mode_stop();
}

void cpu_halt(void)
{
    for (;;)
        __asm__ __volatile__("csrci " CSR(status) ", %0\n\twfi" : : "i"(STATUS_ON));
}

/* If it has been started before, it is stopped, or about to be. */
void cpu_start(void (*entry)(void))
{
    if (!second_stack) {
        uint8_t *stack = mm_alloc(STACK_PAGES, MM_STACK);

        if (!stack)
            panic("no stack for cpu 1", NULL);
        second_stack = stack + STACK_PAGES * PAGE_BYTES;
    }
    second_area = &cpus[1];
    second_entry = entry;
    __atomic_thread_fence(__ATOMIC_RELEASE);
    mode_start(1);
}

void tp_riscv64_preempt(void)
{
    sched_preempt();
}
