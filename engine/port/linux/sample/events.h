/* SPDX-License-Identifier: MIT */
/* events.h - what tracepoint_linux.ko records: some of Linux's own tracepoints. */
#include <tp/event.h>

/* The letters of ps(1), which tpdecode knows. */
TP_ENUM(task_state, TP_NAME(0, "R"), TP_NAME(1, "S"), TP_NAME(2, "D"), TP_NAME(4, "T"),
        TP_NAME(8, "t"), TP_NAME(16, "X"), TP_NAME(32, "Z"), TP_NAME(64, "P"), TP_NAME(128, "I"),
        TP_NAME(256, "R+"))
TP_ENUM(softirq_name, TP_NAME(0, "HI"), TP_NAME(1, "TIMER"), TP_NAME(2, "NET_TX"),
        TP_NAME(3, "NET_RX"), TP_NAME(4, "BLOCK"), TP_NAME(5, "IRQ_POLL"), TP_NAME(6, "TASKLET"),
        TP_NAME(7, "SCHED"), TP_NAME(8, "HRTIMER"), TP_NAME(9, "RCU"))

TP_EVENT(sched, switch, "prev=%u state=%s next=%u", u32 prev, enum(task_state) state, u32 next)
TP_EVENT(sched, waking, "pid=%u cpu=%u", u32 pid, u32 cpu)
TP_EVENT(sched, fork, "parent=%u child=%u comm=%s", u32 parent, u32 child, str(16) comm)
TP_EVENT(sched, exit, "pid=%u", u32 pid)

TP_EVENT(irq, entry, "irq=%d name=%s", s32 irq, str(32) name)
TP_EVENT(irq, exit, "irq=%d handled=%d", s32 irq, bool handled)
TP_EVENT(irq, softirq_entry, "vec=%s", enum(softirq_name) vec)
TP_EVENT(irq, softirq_exit, "vec=%s", enum(softirq_name) vec)
TP_EVENT(irq, timer_entry, "vector=%u", u32 vector)
TP_EVENT(irq, timer_exit, "vector=%u", u32 vector)

TP_EVENT(sys, enter, "nr=%s", enum(syscall_name) nr)
TP_EVENT(sys, exit, "nr=%s ret=%lld", enum(syscall_name) nr, s64 ret)

TP_ROLE(sched, switch, switch, (prev, prev), (state, state), (next, next))
TP_ROLE(sched, waking, wake, (task, pid), (cpu, cpu))
TP_ROLE(sched, fork, new, (task, child), (parent, parent), (name, comm))
TP_ROLE(sched, exit, gone, (task, pid))
TP_ROLE(irq, entry, begin, (track, TP_CPU), (name, name))
TP_ROLE(irq, exit, end, (track, TP_CPU))
TP_ROLE(irq, softirq_entry, begin, (track, TP_CPU), (name, vec))
TP_ROLE(irq, softirq_exit, end, (track, TP_CPU))
TP_ROLE(irq, timer_entry, begin, (track, TP_CPU))
TP_ROLE(irq, timer_exit, end, (track, TP_CPU))
TP_ROLE(sys, enter, begin, (track, TP_TASK), (name, nr))
TP_ROLE(sys, exit, end, (track, TP_TASK))
