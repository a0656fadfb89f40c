/* SPDX-License-Identifier: MIT */
/*
 * The processors: per-CPU areas, interrupt table, local APICs and their timers,
 * starting the second CPU.
 */
#include "kernel.h"

#include <tp/port.h>

#include "events.h"

#define APIC 0xfee00000u
#define MSR_GS_BASE 0xc0000101u
#define CODE64 0x18
#define GATE_INTERRUPT 0x8e00u /* interrupts are off in the handler */
#define GATE_TRAP 0x8f00u      /* they stay as they are */
#define ENTRY_BYTES 16u
#define VECTORS 256
#define STORM_TICK 16 /* with every instruction a block of its own, ticks would take all the time */
#define AP_CODE 0x8000u
#define APIC_ENABLE 0x100u
#define APIC_PERIODIC 0x20000u
#define APIC_MASKED 0x10000u
#define APIC_NMI 0x400u
#define APIC_ONE_TO_ONE 0xbu
#define ICR_PENDING 0x1000u
#define ICR_INIT 0x4500u
#define ICR_START 0x4600u
#define ICR_FIXED 0x4000u
#define ICR_NMI 0x4400u
#define ICR_SELF 0x40000u   /* whom, without a word about it in the other register */
#define ICR_OTHERS 0xc0000u

enum apic_register {
    APIC_EOI = 0xb0, APIC_SPURIOUS = 0xf0, APIC_ICR = 0x300, APIC_ICR_TO = 0x310,
    APIC_TIMER = 0x320, APIC_LINT0 = 0x350, APIC_LINT1 = 0x360, APIC_TIMER_START = 0x380,
    APIC_TIMER_NOW = 0x390, APIC_TIMER_DIVIDE = 0x3e0
};

struct cpu cpus[CPUS];
struct cpu cpu_early = {.local.cpu = &cpu_early};

extern const uint8_t trap_entries[], ap_code[], ap_code_end[]; /* boot.S */
extern void *ap_stack_top;
TP_NOTRACE _Noreturn void cpu_ap_main(void); /* before its %gs */

_Static_assert(offsetof(struct cpu, local) == 0, "per-CPU layout");
_Static_assert(offsetof(struct local, number) == TP_X86_CPU_OFFSET, "per-CPU layout");
_Static_assert(offsetof(struct local, preempt_depth) == TP_X86_PREEMPT_OFFSET, "per-CPU layout");
_Static_assert(offsetof(struct local, pid) == TP_X86_PID_OFFSET, "per-CPU layout");
_Static_assert(offsetof(struct local, irq_depth) == TP_X86_HARDIRQ_OFFSET, "per-CPU layout");
_Static_assert(offsetof(struct local, nmi_depth) == TP_X86_NMI_OFFSET, "per-CPU layout");
_Static_assert(offsetof(struct local, need_resched) == TP_X86_RESCHED_OFFSET, "per-CPU layout");

static uint64_t idt[VECTORS][2] __attribute__((aligned(16)));
static uint32_t timer_count;
static uint8_t *ap_stack;
static void (*ap_entry)(void);

static uint32_t apic_read(enum apic_register at)
{
    return *(volatile uint32_t *)(uintptr_t)(APIC + at);
}

static void apic_write(enum apic_register at, uint32_t value)
{
    *(volatile uint32_t *)(uintptr_t)(APIC + at) = value;
}

static void idt_fill(void)
{
    for (uint32_t v = 0; v < VECTORS; v++) {
        uint64_t entry = (uint64_t)(trap_entries + v * ENTRY_BYTES);
        uint64_t gate = v == VECTOR_SYSCALL ? GATE_TRAP : GATE_INTERRUPT;

        idt[v][0] = (entry & 0xffff) | CODE64 << 16 | gate << 32 | (entry >> 16 & 0xffff) << 48;
        idt[v][1] = entry >> 32;
    }
}

static TP_NOTRACE void cpu_load(struct cpu *c)
{
    struct {
        uint16_t limit;
        uint64_t base;
    } __attribute__((packed)) idt_pointer = {sizeof(idt) - 1, (uint64_t)idt};
    uint64_t area = (uint64_t)c;

    c->local.cpu = c;
    c->local.number = (uint32_t)(c - cpus);
    __asm__ __volatile__("wrmsr" : : "c"(MSR_GS_BASE), "a"((uint32_t)area), "d"(area >> 32));
    __asm__ __volatile__("lidt %0" : : "m"(idt_pointer));
    apic_write(APIC_SPURIOUS, APIC_ENABLE | VECTOR_SPURIOUS);
    apic_write(APIC_LINT0, APIC_MASKED);
    apic_write(APIC_LINT1, APIC_NMI); /* from the machine, as QMP's inject-nmi */
    apic_write(APIC_TIMER_DIVIDE, APIC_ONE_TO_ONE);
}

void cpu_timer(enum vector vector, uint32_t rate)
{
    apic_write(APIC_TIMER, APIC_PERIODIC | vector);
    apic_write(APIC_TIMER_START, (option(OPT_STORM) ? timer_count * STORM_TICK : timer_count) / rate);
}

/* What the timer counts in a tick: the least of three, since a busy host makes it more. */
static void timer_calibrate(void)
{
    apic_write(APIC_TIMER, APIC_MASKED | VECTOR_TIMER);
    timer_count = UINT32_MAX;
    for (int i = 0; i < 3; i++) {
        uint32_t count;

        apic_write(APIC_TIMER_START, UINT32_MAX);
        cpu_delay(1000000 / TICK_HZ);
        count = UINT32_MAX - apic_read(APIC_TIMER_NOW);
        if (count < timer_count)
            timer_count = count;
    }
}

void cpu_init(void)
{
    idt_fill();
    memcpy(cpus[0].fired, cpu_early.fired, sizeof(cpus[0].fired)); /* interrupts are still off */
    cpu_load(&cpus[0]);
    port_out(0x21, 0xff); /* the old interrupt controllers stay silent */
    port_out(0xa1, 0xff);
    timer_calibrate();
    sched_init_cpu();
    cpus[0].up = true;
    cpu_timer(VECTOR_TIMER, 1);
}

static void icr_write(uint32_t cpu, uint32_t command)
{
    uint64_t flags = irq_save(); /* two registers, one command */

    apic_write(APIC_ICR_TO, cpu << 24);
    apic_write(APIC_ICR, command);
    while (apic_read(APIC_ICR) & ICR_PENDING)
        __builtin_ia32_pause();
    irq_restore(flags);
}

void cpu_send(uint32_t cpu, enum vector vector)
{
    FIRE(irq_ipi, (uint8_t)cpu, vector == VECTOR_RESCHED ? 'r' : 'n');
    icr_write(cpu, vector == VECTOR_NMI ? ICR_NMI : ICR_FIXED | vector);
}

void cpu_signal(bool self, enum vector vector)
{
    uint32_t kind = vector == VECTOR_NMI ? ICR_NMI : ICR_FIXED | vector;

    apic_write(APIC_ICR, (self ? ICR_SELF : ICR_OTHERS) | kind);
}

void cpu_eoi(void)
{
    apic_write(APIC_EOI, 0);
}

void cpu_ap_main(void)
{
    cpu_load(&cpus[1]);
    ap_entry();
    cpu_halt();
}

void cpu_halt(void)
{
    for (;;)
        __asm__ __volatile__("cli; hlt");
}

/* The pauses that old processors want between the commands are left out: QEMU needs none. */
void cpu_start(void (*entry)(void))
{
    if (!ap_stack) {
        ap_stack = mm_alloc(STACK_PAGES, MM_STACK);
        if (!ap_stack)
            panic("no stack for cpu 1", NULL);
        memcpy((void *)(uintptr_t)AP_CODE, ap_code, (size_t)(ap_code_end - ap_code));
    }
    icr_write(1, ICR_INIT);
    ap_stack_top = ap_stack + STACK_PAGES * PAGE_BYTES;
    ap_entry = entry;
    cpus[1].local.preempt_depth = cpus[1].local.irq_depth = 0; /* of what was killed there */
    icr_write(1, ICR_START | AP_CODE >> 12);
}

void tp_x86_preempt(void)
{
    sched_preempt();
}
