/* SPDX-License-Identifier: MIT */
/* threads.c - the hooks of Zephyr's CONFIG_TRACING_USER, as events. */
#define TP_CREATE
#include "threads.h"

#include <tp/trace.h>
#include <zephyr/kernel.h>

static uint32_t threads_id(const struct k_thread *thread)
{
    return (uint32_t)(uintptr_t)thread;
}

/* Without CONFIG_THREAD_NAME there is none. */
static const char *threads_name(struct k_thread *thread)
{
    const char *name = k_thread_name_get(thread);

    return name ? name : "";
}

void sys_trace_thread_switched_in_user(void)
{
    trace_thread_in(threads_id(_current));
}

void sys_trace_thread_switched_out_user(void)
{
    trace_thread_out(threads_id(_current));
}

void sys_trace_thread_sched_ready_user(struct k_thread *thread)
{
    trace_thread_ready(threads_id(thread));
}

void sys_trace_thread_pend_user(struct k_thread *thread)
{
    trace_thread_pend(threads_id(thread));
}

void sys_trace_thread_create_user(struct k_thread *thread)
{
    tp_task_name(threads_id(thread), 0, threads_name(thread));
    trace_thread_create(threads_id(thread), threads_name(thread));
}

void sys_trace_thread_name_set_user(struct k_thread *thread)
{
    tp_task_name(threads_id(thread), 0, threads_name(thread));
}

void sys_trace_thread_abort_user(struct k_thread *thread)
{
    trace_thread_abort(threads_id(thread));
    tp_task_gone(threads_id(thread));
}

void sys_trace_thread_priority_set_user(struct k_thread *thread, int prio)
{
    trace_thread_priority(threads_id(thread), prio);
}

void sys_trace_isr_enter_user(void)
{
    trace_isr_enter();
}

void sys_trace_isr_exit_user(void)
{
    trace_isr_exit();
}
