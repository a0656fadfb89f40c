// SPDX-License-Identifier: MIT
/* task.c - the names of tasks, with their processes: those that are there, and as they change. */
#include "linux.h"
#include "parts.h"

#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/tracepoint.h>
#include <tp/trace.h>

static void task_tell(const struct task_struct *task, const char *name)
{
    tp_task_name((uint32_t)task->pid, (uint32_t)task->tgid, name);
}

static void task_forked(void *data, struct task_struct *parent, struct task_struct *child)
{
    task_tell(child, child->comm);
}

static void task_renamed(void *data, struct task_struct *task, const char *name)
{
    task_tell(task, name);
}

static void task_freed(void *data, struct task_struct *task)
{
    tp_task_gone((uint32_t)task->pid);
}

static void task_tell_all(void)
{
    struct task_struct *process, *thread;

    tp_task_name(0, 0, "swapper");
    rcu_read_lock();
    for_each_process_thread(process, thread) task_tell(thread, thread->comm);
    rcu_read_unlock();
}

static const struct {
    const char *name;
    void *probe;
} task_hooks[] = {
    {"sched_process_fork", task_forked},
    {"task_rename", task_renamed},
    {"sched_process_exit", task_freed},
};

void task_remove(void)
{
    for (size_t i = 0; i < ARRAY_SIZE(task_hooks); i++)
        tp_linux_unhook(task_hooks[i].name, task_hooks[i].probe);
    tracepoint_synchronize_unregister();
}

int task_add(void)
{
    int err = 0;

    for (size_t i = 0; !err && i < ARRAY_SIZE(task_hooks); i++)
        err = tp_linux_hook(task_hooks[i].name, task_hooks[i].probe);
    if (err)
        task_remove();
    else
        task_tell_all();
    return err;
}
