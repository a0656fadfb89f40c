// SPDX-License-Identifier: MIT
/* sched.c - tasks: which one runs, and which one could. */
#include "events.h"
#include "sample.h"

#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/version.h>

#define SCHED_PREEMPTED 0x100

/* As Linux reports it: the highest of the states that are reported. */
static int32_t sched_state(bool preempt, unsigned int state, const struct task_struct *task)
{
    if (preempt)
        return SCHED_PREEMPTED;
    if (state == TASK_IDLE)
        return TASK_REPORT_IDLE;
    state = (state | (unsigned int)task->exit_state) & TASK_REPORT;
    return state ? 1 << (fls((int)state) - 1) : 0;
}

#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 18, 0)
static void sched_switched(void *data, bool preempt, struct task_struct *prev,
                           struct task_struct *next, unsigned int state)
{
    SAMPLE(sched_switch, (u32)prev->pid, sched_state(preempt, state, prev), (u32)next->pid);
}
#else
static void sched_switched(void *data, bool preempt, struct task_struct *prev,
                           struct task_struct *next)
{
    SAMPLE(sched_switch, (u32)prev->pid, sched_state(preempt, (unsigned int)prev->state, prev),
           (u32)next->pid);
}
#endif

static void sched_woken(void *data, struct task_struct *task)
{
    SAMPLE(sched_waking, (u32)task->pid, task_cpu(task));
}

static void sched_forked(void *data, struct task_struct *parent, struct task_struct *child)
{
    SAMPLE(sched_fork, (u32)parent->pid, (u32)child->pid, child->comm);
}

static void sched_exited(void *data, struct task_struct *task)
{
    SAMPLE(sched_exit, (u32)task->pid);
}

struct sample_hook sched_hooks[] = {
    {.name = "sched_switch", .probe = sched_switched},
    {.name = "sched_waking", .probe = sched_woken},
    {.name = "sched_process_fork", .probe = sched_forked},
    {.name = "sched_process_exit", .probe = sched_exited},
    {},
};
