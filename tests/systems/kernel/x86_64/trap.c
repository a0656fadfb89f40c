/* SPDX-License-Identifier: MIT */
/* What happens at each trap and interrupt. */
#include "kernel.h"

#include "events.h"

#define TICKS_REPORTED 8
#define EXCEPTIONS 32

void trap_dispatch(struct regs *regs);

static uint64_t nmi_count;

static const char *vector_name(uint64_t vector)
{
    switch (vector) {
    case VECTOR_TIMER: return "timer";
    case VECTOR_RESCHED: return "reschedule";
    case VECTOR_BELL: return "doorbell";
    case VECTOR_NET: return "eth0";
    default: return "stray interrupt, of no device this kernel has a driver for";
    }
}

static void timer_interrupt(struct cpu *c)
{
    sched_tick();
    if (c->number == 0 && c->ticks % TICKS_REPORTED == 0)
        FIRE_PRINTK(printk_timer_interrupt, "cpu%u: tick %llu, %s", c->number,
                    (unsigned long long)c->ticks, "in an interrupt");
    if (c->number == 1)
        for (uint64_t i = 0; i < option(OPT_NMI) && books_open; i++)
            cpu_send(0, VECTOR_NMI);
}

static void irq_dispatch(struct cpu *c, struct regs *r)
{
    c->irq_depth++;
    FIRE(irq_entry, (uint8_t)r->vector, vector_name(r->vector), (void *)r->rip);
    if (r->vector == VECTOR_TIMER)
        timer_interrupt(c);
    else if (r->vector == VECTOR_RESCHED)
        c->need_resched = 1;
    else if (r->vector == VECTOR_BELL)
        bell_interrupt();
    else if (r->vector == VECTOR_NET)
        story_interrupt();
    if (r->vector != VECTOR_SPURIOUS)
        cpu_eoi();
    FIRE(irq_exit, (uint8_t)r->vector, c->need_resched != 0);
    c->irq_depth--;
    if (!c->preempt_depth && c->need_resched)
        thread_yield();
}

/* NMIs cannot be kept off: one that comes while the books are being closed fires nothing, and
 * books_close waits for one that is about to. The add orders depth before books_open. */
static void nmi_dispatch(struct cpu *c, struct regs *r)
{
    __atomic_add_fetch(&c->nmi_depth, 1, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&books_open, __ATOMIC_SEQ_CST)) {
        storm_hit(r);
        FIRE(irq_nmi, (void *)r->rip, __atomic_add_fetch(&nmi_count, 1, __ATOMIC_RELAXED));
        storm_next();
    }
    __atomic_sub_fetch(&c->nmi_depth, 1, __ATOMIC_SEQ_CST);
}

static void synchronise(void)
{
    patch_sync();
    cpu_eoi();
}

/* Called by trap_common. */
void trap_dispatch(struct regs *r)
{
    if (r->vector == VECTOR_SYSCALL)
        syscall_dispatch(r);
    else if (r->vector == VECTOR_NMI)
        nmi_dispatch(this_cpu(), r);
    else if (r->vector == VECTOR_WAKE)
        cpu_eoi();
    else if (r->vector == VECTOR_SYNC)
        synchronise();
    else if (r->vector == VECTOR_BREAKPOINT)
        patch_trap(r);
    else if (r->vector == VECTOR_DEBUG)
        storm_step(r);
    else if (r->vector == VECTOR_PAGE_FAULT && die_is_due())
        die_fault(r);
    else if (r->vector < EXCEPTIONS)
        panic("exception", r);
    else
        irq_dispatch(this_cpu(), r);
}
