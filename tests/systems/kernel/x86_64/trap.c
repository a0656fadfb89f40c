/* SPDX-License-Identifier: MIT */
/* What happens at each trap and interrupt. */
#include "kernel.h"

#include "events.h"

#define EXCEPTIONS 32

TP_NOTRACE void trap_dispatch(struct regs *regs); /* between #BP and patch_trap */

static uint64_t nmi_count;

/* NMIs cannot be kept off: one that comes while the books are being closed fires nothing, and
 * books_close waits for one that is about to. The add orders depth before books_open. */
static void nmi_dispatch(struct local *c, struct regs *r)
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
        nmi_dispatch(this_local(), r);
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
        irq_dispatch((enum vector)r->vector, (const void *)r->rip);
}
