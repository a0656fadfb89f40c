/* SPDX-License-Identifier: MIT */
/* guess.c - what well known events mean, by their names. */
#include "order/guess.h"

#include <string.h>

/*
 * Well known events, as --role has them; `?`: the event may do without that field; -1 and -2 are the
 * CPU and the task of the record. `*` is any of guess_schedulers. Of those that fit the first one
 * counts.
 */
static const char *const guess_rules[] = {
    /* Linux. Its latencies begin with the first of waking and wakeup that was recorded. */
    "sched:sched_switch=switch next=next_pid prev=prev_pid state=prev_state ?name=next_comm",
    "sched:sched_waking=wake task=pid ?cpu=target_cpu",
    "sched:sched_wakeup=wake task=pid ?cpu=target_cpu",
    "sched:sched_wakeup_new=wake task=pid ?cpu=target_cpu",
    "sched:sched_process_fork=new task=child_pid parent=parent_pid ?name=child_comm",
    "sched:sched_process_exit=gone task=pid",
    "task:task_newtask=new task=pid ?name=comm",
    "task:task_rename=name task=pid name=newcomm",
    "irq:irq_handler_entry=begin track=-1 name=name",
    "irq:irq_handler_exit=end track=-1",
    "irq:softirq_entry=begin track=-1 name=vec",
    "irq:softirq_exit=end track=-1",
    "raw_syscalls:sys_enter=begin track=-2 name=id",
    "raw_syscalls:sys_exit=end track=-2",
    "syscalls:sys_enter=begin track=-2 name=id",
    "syscalls:sys_exit=end track=-2",
    /* Kernels that switch from one task to the next, and those whose switch tells only of the next. */
    "*:switch=switch next=next_pid ?prev=prev_pid ?state=prev_state ?name=next_comm",
    "*:switch=switch next=next ?prev=prev ?state=state ?name=comm",
    "*:switch=switch next=to ?prev=from ?state=state ?name=name",
    "*:switch=switch next=task ?name=name",
    "*:context_switch=switch next=next ?prev=prev ?state=state ?name=name",
    "*:context_switch=switch next=to ?prev=from ?state=state ?name=name",
    "*:switched_in=run task=task ?name=name",
    "*:switched_out=stop task=task ?state=state",
    /* Those that tell it in two, as xv6. */
    "*:run=run task=pid ?name=name",
    "*:stop=stop task=pid ?state=state",
    "*:run=run task=task ?name=name",
    "*:stop=stop task=task ?state=state",
    "*:wakeup=wake task=pid ?cpu=cpu",
    "*:wakeup=wake task=task ?cpu=cpu",
    "*:wake=wake task=pid ?cpu=cpu",
    "*:wake=wake task=task ?cpu=cpu",
    "*:fork=new task=child ?parent=parent ?name=comm",
    "*:exit=gone task=pid",
    "irq:entry=begin track=-1 ?name=name",
    "irq:exit=end track=-1",
    "syscall:enter=begin track=-2 ?name=nr",
    "syscall:exit=end track=-2",
};

static const char *const guess_schedulers[] = {"sched", "task", "proc", "thread", "rtos", "kernel"};

static bool guess_same(const struct metadata_text *t, const char *word, size_t n)
{
    return t->n == n && memcmp(t->bytes, word, n) == 0;
}

static bool guess_is_scheduler(const struct metadata_text *sys)
{
    for (size_t i = 0; i < sizeof(guess_schedulers) / sizeof(guess_schedulers[0]); i++)
        if (guess_same(sys, guess_schedulers[i], strlen(guess_schedulers[i])))
            return true;
    return false;
}

const char *guess_next(const struct metadata_event *e, uint32_t *n)
{
    while (*n < sizeof(guess_rules) / sizeof(guess_rules[0])) {
        const char *rule = guess_rules[(*n)++], *name = strchr(rule, ':') + 1;

        if (guess_same(&e->name, name, strcspn(name, "=")) &&
            (*rule == '*' ? guess_is_scheduler(&e->sys)
                          : guess_same(&e->sys, rule, (size_t)(name - 1 - rule))))
            return rule;
    }
    return NULL;
}
