// SPDX-License-Identifier: MIT
/*
 * main.c - work.ko fires events on all CPUs, in threads, timers' interrupts and NMIs, and counts them
 * itself: `fired cpu=N count=M` in the kernel's log when it is unloaded.
 *
 * events: so many from each thread; 0: until the module is unloaded. nmis: so many are sent, by the CPU
 * that loads the module to another one; the second half when the threads are done, so that a reader that
 * is slow on a busy machine has room for some of them. die: panic after that.
 */
#include "linux.h"
#include "work_events.h"

#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/hrtimer.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/slab.h>
#include <asm/apic.h>
#include <asm/nmi.h>

MODULE_LICENSE("Dual MIT/GPL");
MODULE_DESCRIPTION("the test's own events");

static unsigned int events = 100000;
module_param(events, uint, 0444);
static unsigned int nmis;
module_param(nmis, uint, 0444);
static bool die;
module_param(die, bool, 0444);

static DEFINE_PER_CPU(u64, work_fired);
static DEFINE_PER_CPU(struct hrtimer, work_timer);
static struct task_struct **work_threads;
static atomic_t work_running = ATOMIC_INIT(0);
static u32 work_nmis;

/* Counted on the CPU that fires, whatever else comes in between. */
#define WORK_COUNTED(fire)                                                                         \
    do {                                                                                           \
        preempt_disable();                                                                         \
        this_cpu_inc(work_fired);                                                                  \
        fire;                                                                                      \
        preempt_enable();                                                                          \
    } while (0)

static int work_nmi(unsigned int type, struct pt_regs *regs)
{
    if (!nmis)
        return NMI_DONE;
    this_cpu_inc(work_fired);
    tp_work_nmi(work_nmis);
    WRITE_ONCE(work_nmis, work_nmis + 1);
    return NMI_HANDLED;
}

static enum hrtimer_restart work_tick(struct hrtimer *timer)
{
    this_cpu_inc(work_fired);
    tp_work_text(smp_processor_id(), "in an interrupt");
    hrtimer_forward_now(timer, ns_to_ktime(200 * NSEC_PER_USEC));
    return HRTIMER_RESTART;
}

static void work_start_timer(void *unused)
{
    struct hrtimer *timer = this_cpu_ptr(&work_timer);

    hrtimer_init(timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED);
    timer->function = work_tick;
    hrtimer_start(timer, ns_to_ktime(NSEC_PER_MSEC), HRTIMER_MODE_REL_PINNED);
}

static int work_thread(void *data)
{
    u32 sum = 0;

    for (u32 n = 0; !kthread_should_stop() && (!events || n < events); n++) {
        sum += n;
        if (n % 16)
            WORK_COUNTED(tp_work_item(n, sum));
        else
            WORK_COUNTED(tp_work_text(n, current->comm));
        if (n % 256 == 255)
            cond_resched();
        if (n % 65536 == 65535)
            msleep(1);
    }
    atomic_dec(&work_running);
    while (!kthread_should_stop())
        msleep(1);
    return 0;
}

/* One at a time: NMIs that come while one waits to be taken are lost. A virtual CPU may not run for long. */
static void work_send_nmi(void)
{
    u32 before = READ_ONCE(work_nmis);
    unsigned int cpu = get_cpu();

    apic->send_IPI((int)cpumask_any_but(cpu_online_mask, cpu), NMI_VECTOR);
    for (int i = 0; i < 10000 && READ_ONCE(work_nmis) == before; i++)
        udelay(10);
    put_cpu();
}

static int work_start(unsigned int cpu)
{
    struct task_struct *task = kthread_create_on_cpu(work_thread, NULL, cpu, "work/%u");

    if (IS_ERR(task))
        return PTR_ERR(task);
    work_threads[cpu] = get_task_struct(task);
    atomic_inc(&work_running);
    wake_up_process(task);
    smp_call_function_single((int)cpu, work_start_timer, NULL, 1);
    return 0;
}

static void work_stop(void)
{
    unsigned int cpu;

    for_each_possible_cpu(cpu)
    {
        if (!work_threads[cpu])
            continue;
        kthread_stop(work_threads[cpu]);
        put_task_struct(work_threads[cpu]);
        hrtimer_cancel(&per_cpu(work_timer, cpu));
    }
    unregister_nmi_handler(NMI_LOCAL, "work");
}

static void work_wait(void)
{
    while (atomic_read(&work_running))
        msleep(1);
}

static void work_die(void)
{
    work_wait();
    work_stop();
    panic("work is done: cpu0=%llu cpu1=%llu", per_cpu(work_fired, 0), per_cpu(work_fired, 1));
}

static int __init work_init(void)
{
    unsigned int cpu;
    int err;

    work_threads = kcalloc(nr_cpu_ids, sizeof(*work_threads), GFP_KERNEL);
    if (!work_threads)
        return -ENOMEM;
    err = tp_linux_events_add(TP_LINUX_EVENTS);
    if (err) {
        kfree(work_threads);
        return err;
    }
    register_nmi_handler(NMI_LOCAL, work_nmi, 0, "work");
    for_each_online_cpu(cpu) if (work_start(cpu)) pr_err("no thread on cpu %u\n", cpu);
    for (u32 i = 0; i < nmis; i++) {
        if (i == nmis / 2 && events)
            work_wait();
        work_send_nmi();
    }
    if (die)
        work_die();
    return 0;
}

static void __exit work_exit(void)
{
    unsigned int cpu;

    work_stop();
    tp_linux_events_remove(TP_LINUX_EVENTS);
    for_each_possible_cpu(cpu) pr_info("fired cpu=%u count=%llu\n", cpu, per_cpu(work_fired, cpu));
    pr_info("nmis taken=%u\n", work_nmis);
    kfree(work_threads);
}

module_init(work_init);
module_exit(work_exit);
