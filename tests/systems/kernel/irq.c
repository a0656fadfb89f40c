/* SPDX-License-Identifier: MIT */
/* irq.c - what happens at each interrupt, on each board. */
#include "kernel.h"

#include "events.h"

#define TICKS_REPORTED 8

static const char *irq_name(enum vector vector)
{
    switch (vector) {
    case VECTOR_TIMER:
        return "timer";
    case VECTOR_RESCHED:
        return "reschedule";
    case VECTOR_BELL:
        return "doorbell";
    case VECTOR_NET:
        return "eth0";
    default:
        return "stray interrupt, of no device this kernel has a driver for";
    }
}

static void timer_interrupt(const struct cpu *c, const struct regs *regs)
{
    profile_timer(regs);
    sched_tick();
    if (c->local.number == 0 && c->ticks % TICKS_REPORTED == 0)
        FIRE_PRINTK(printk_timer_interrupt, "cpu%u: tick %llu, %s", (unsigned)c->local.number,
                    (unsigned long long)c->ticks, "in an interrupt");
#ifdef BOARD_NMI
    if (c->local.number == 1)
        for (uint64_t i = 0; i < option(OPT_NMI) && books_open; i++)
            cpu_send(0, VECTOR_NMI);
#endif
}

/* Interrupts are off. What is interrupted may be preempted when this returns. */
void irq_dispatch(enum vector vector, const struct regs *regs)
{
    struct local *local = this_local();

    local->irq_depth++;
    FIRE(irq_entry, (uint8_t)vector, irq_name(vector), regs_pc(regs));
    if (vector == VECTOR_TIMER)
        timer_interrupt(local->cpu, regs);
    else if (vector == VECTOR_RESCHED)
        local->need_resched = 1;
    else if (vector == VECTOR_BELL)
        bell_interrupt();
    else if (vector == VECTOR_NET)
        story_interrupt();
    if (vector != VECTOR_SPURIOUS)
        cpu_eoi();
    FIRE(irq_exit, (uint8_t)vector, local->need_resched != 0);
    local->irq_depth--;
    if (!local->preempt_depth && local->need_resched)
        thread_yield();
}
