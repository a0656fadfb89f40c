/* SPDX-License-Identifier: MIT */
/*
 * The kernel dies in the middle of a record: a field's bytes are to be copied from where no memory is.
 * The handler of the fault fires events on top of it, as kernels do, exports a snapshot, so that
 * images of the memory can be compared with something, and halts; in a story it ends the machine.
 */
#include "kernel.h"

#include "events.h"

#define BYTES 24
#define LAST_WORDS 3

static bool due;
static struct tp_trace *dying;

void die_expect(struct tp_trace *trace)
{
    dying = trace;
    due = true;
}

void die_run(struct tp_trace *trace)
{
    die_expect(trace);
    FIRE(syscall_data, (const void *)BOARD_NO_MEMORY, BYTES);
    panic("still alive", NULL);
}

bool die_is_due(void)
{
    return due;
}

void die_fault(const struct regs *r)
{
    due = false;
    functions_follow_none(); /* what it called last is not what is called here */
    for (int i = 0; i < LAST_WORDS; i++)
        FIRE(irq_entry, (uint8_t)regs_vector(r), "page fault", regs_pc(r));
    books_close();
    if (!dying)
        trace_stop(); /* the other CPU goes on until the machine ends */
    books_report_fired();
    if (dying)
        export_snapshot(dying);
    say("died rip=%lx\n", (unsigned long)regs_pc(r));
    if (!dying)
        machine_exit(true); /* what died is in its memory */
    cpu_halt();
}
