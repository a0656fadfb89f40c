/* SPDX-License-Identifier: MIT */
/*
 * cpu.c - the processors: the interrupt controller (GICv2), timers, exceptions, starting the second
 * CPU.
 */
#include "kernel.h"

#include <tp/port.h>

#include "events.h"

#define GICD 0x08000000u
#define GICC 0x08010000u
#define GIC_SPURIOUS 1020u
#define CPU_SHIFT 10 /* which CPU sent it: above the number, in what is acknowledged */
#define PSCI_CPU_ON 0xc4000003u
#define PSCI_CPU_OFF 0x84000002u
#define PSCI_ALREADY_ON (-4)
#define PSCI_ON_PENDING (-5)
#define CLASS_SVC 0x15u
#define CLASS_ABORT 0x25u
#define TIMER_ON 1u

enum gic_register {
    GICD_CONTROL = 0x000, GICD_ENABLE = 0x100, GICD_PRIORITY = 0x400, GICD_SEND = 0xf00
};
enum gic_cpu_register { GICC_CONTROL = 0x00, GICC_MASK = 0x04, GICC_TAKE = 0x0c, GICC_DONE = 0x10 };
enum gic_target { GIC_OTHERS = 1 << 24, GIC_SELF = 2 << 24 };

_Static_assert(offsetof(struct local, number) == TP_AARCH64_CPU_OFFSET, "layout");
_Static_assert(offsetof(struct local, preempt_depth) == TP_AARCH64_PREEMPT_OFFSET, "layout");
_Static_assert(offsetof(struct local, pid) == TP_AARCH64_PID_OFFSET, "layout");
_Static_assert(offsetof(struct local, irq_depth) == TP_AARCH64_HARDIRQ_OFFSET, "layout");
_Static_assert(offsetof(struct local, nmi_depth) == TP_AARCH64_NMI_OFFSET, "layout");
_Static_assert(offsetof(struct local, need_resched) == TP_AARCH64_RESCHED_OFFSET, "layout");
_Static_assert(offsetof(struct local, shadow) == TP_AARCH64_SHADOW_OFFSET, "layout");

struct cpu cpus[CPUS];
void *second_stack; /* for boot.S */

extern uint8_t start_second[]; /* boot.S */
_Noreturn void board_main(void);
_Noreturn void cpu_second(void);
void trap_exception(struct regs *r);
void trap_interrupt(struct regs *r);
_Noreturn void trap_unexpected(struct regs *r);

static void (*second_entry)(void);
static uint64_t timer_rate[CPUS];
static uint32_t taken[CPUS]; /* what is being handled, as the controller wants it back */

static volatile uint32_t *gic(uintptr_t base, uintptr_t at)
{
    return (volatile uint32_t *)(base + at);
}

/* Of the interrupts, each CPU enables its own: those from CPU to CPU and the timer's. */
static void gic_init(void)
{
    *gic(GICD, GICD_CONTROL) = 1;
    *gic(GICD, GICD_ENABLE) = 0xffffu | 1u << VECTOR_TIMER;
    *gic(GICC, GICC_MASK) = 0xff;
    *gic(GICC, GICC_CONTROL) = 1;
}

static void timer_next(void)
{
    uint64_t count = tp_port_clock_hz() / TICK_HZ / timer_rate[this_local()->number];

    __asm__ __volatile__("msr cntv_tval_el0, %0" : : "r"(count));
}

void cpu_timer(enum vector vector, uint32_t rate)
{
    (void)vector; /* there is but one */
    timer_rate[this_local()->number] = rate;
    timer_next();
    __asm__ __volatile__("msr cntv_ctl_el0, %0\n\tisb" : : "r"((uint64_t)TIMER_ON));
}

void cpu_init(void)
{
    cpus[1].local.cpu = &cpus[1];
    cpus[1].local.number = 1;
    gic_init();
    sched_init_cpu();
    cpus[0].up = true;
    cpu_timer(VECTOR_TIMER, 1);
}

void cpu_send(uint32_t cpu, enum vector vector)
{
    FIRE(irq_ipi, (uint8_t)cpu, vector == VECTOR_RESCHED ? 'r' : 'n');
    __asm__ __volatile__("dsb sy" : : : "memory"); /* what it is about is in memory before it comes */
    *gic(GICD, GICD_SEND) = (1u << 16 << cpu) | vector;
}

void cpu_signal(bool self, enum vector vector)
{
    __asm__ __volatile__("dsb sy" : : : "memory");
    *gic(GICD, GICD_SEND) = (self ? GIC_SELF : GIC_OTHERS) | vector;
}

void cpu_eoi(void)
{
    *gic(GICC, GICC_DONE) = taken[this_local()->number];
}

void trap_interrupt(struct regs *r)
{
    const uint32_t what = *gic(GICC, GICC_TAKE);
    const uint32_t vector = what & ((1u << CPU_SHIFT) - 1);

    if (vector >= GIC_SPURIOUS)
        return;
    taken[this_local()->number] = what;
    if (vector == VECTOR_TIMER)
        timer_next();
    if (vector == VECTOR_SYNC)
        patch_sync();
    if (vector == VECTOR_SYNC || vector == VECTOR_WAKE)
        cpu_eoi();
    else
        irq_dispatch((enum vector)vector, r);
}

void trap_exception(struct regs *r)
{
    if (regs_vector(r) == CLASS_SVC) {
        irq_restore(r->pstate); /* as they were for the caller */
        syscall_dispatch(r);
        irq_off();
    } else if (regs_vector(r) == CLASS_ABORT && die_is_due()) {
        die_fault(r);
    } else {
        panic("exception", r);
    }
}

void trap_unexpected(struct regs *r)
{
    panic("an exception of a kind that cannot be", r);
}

static int32_t psci_call(uint32_t what, uint64_t number, const void *entry, const void *context)
{
    register uint64_t call __asm__("x0") = what;
    register uint64_t cpu __asm__("x1") = number;
    register uint64_t start __asm__("x2") = (uint64_t)entry;
    register uint64_t area __asm__("x3") = (uint64_t)context;

    __asm__ __volatile__("dsb sy\n\thvc #0"
                         : "+r"(call), "+r"(cpu), "+r"(start), "+r"(area)
                         :
                         : "memory");
    return (int32_t)call;
}

void cpu_second(void)
{
    gic_init();
    second_entry();
    psci_call(PSCI_CPU_OFF, 0, NULL, NULL);
    panic("cpu 1 is not to be stopped", NULL);
}

void cpu_halt(void)
{
    for (;;)
        __asm__ __volatile__("msr daifset, #0xf\n\twfi");
}

/* If it has been started before, it is stopped, or about to be. */
void cpu_start(void (*entry)(void))
{
    int32_t err;

    if (!second_stack) {
        uint8_t *stack = mm_alloc(STACK_PAGES, MM_STACK);

        if (!stack)
            panic("no stack for cpu 1", NULL);
        second_stack = stack + STACK_PAGES * PAGE_BYTES;
    }
    do {
        __atomic_store_n(&second_entry, entry, __ATOMIC_RELEASE);
        err = psci_call(PSCI_CPU_ON, 1, start_second, &cpus[1]);
    } while (err == PSCI_ALREADY_ON || err == PSCI_ON_PENDING);
    if (err)
        panic("cpu 1 is not to be had", NULL);
}

void tp_aarch64_preempt(void)
{
    sched_preempt();
}
