// SPDX-License-Identifier: MIT
/*
 * main.c - tracepoint.ko: one trace of all CPUs, which runs from the loading of the module on.
 *
 * It has a few events of its own (hotplug.h); others bring theirs by linux.h.
 */
#include "linux.h"
#include "parts.h"

#include <linux/delay.h>
#include <linux/errno.h>
#include <linux/module.h>
#include <linux/panic_notifier.h>
#include <linux/slab.h>
#include <linux/utsname.h>
#include <linux/workqueue.h>
#include <tp/control.h>
#include <tp/module.h>
#include <tp/trace.h>

MODULE_LICENSE("Dual MIT/GPL");
MODULE_DESCRIPTION("tracepoint: events, recorded into rings and read from /dev/tracepoint");

static unsigned int buffer_kb = 512;
module_param(buffer_kb, uint, 0444);
MODULE_PARM_DESC(buffer_kb, "KiB of buffer for each CPU that there can be, a power of two (512)");
static unsigned int subbuf_kb = 16;
module_param(subbuf_kb, uint, 0444);
MODULE_PARM_DESC(subbuf_kb, "KiB of a sub-buffer, a power of two (16)");
static unsigned int tasks = 2048;
module_param(tasks, uint, 0444);
MODULE_PARM_DESC(tasks, "names of tasks that are kept (2048)");
static unsigned int flush_ms = 100;
module_param(flush_ms, uint, 0444);
MODULE_PARM_DESC(flush_ms,
                 "how soon a reader sees what does not fill a sub-buffer; 0: never (100)");
static bool overwrite;
module_param(overwrite, bool, 0444);
MODULE_PARM_DESC(overwrite, "flight recorder: new records replace the oldest (N)");
static bool context = true;
module_param(context, bool, 0444);
MODULE_PARM_DESC(context, "record task, interrupt flags and preemption depth with each event (Y)");
static bool cpu_pipes;
module_param(cpu_pipes, bool, 0444);
MODULE_PARM_DESC(cpu_pipes, "/dev/tracepoint0 and so on instead of /dev/tracepoint (N)");

#define MAIN_SPARE_BYTES (64u << 10)    /* for the descriptions of modules' events */
#define MAIN_CONTROL_BYTES (128u << 10) /* for filters, triggers and probes, and 64 for each CPU */
#define MAIN_WALL_MS 10000u             /* how often the wall time is recorded */

struct tp_trace *main_trace;
static void *main_control;

static void main_tell_time(struct work_struct *work);
static DECLARE_DELAYED_WORK(main_time, main_tell_time);

static void main_tell_time(struct work_struct *work)
{
    clock_pair();
    schedule_delayed_work(&main_time, msecs_to_jiffies(MAIN_WALL_MS));
}

int main_errno(int error)
{
    switch (error) {
    case TP_ESPACE:
    case TP_ELIMIT:
        return -ENOSPC;
    case TP_EBUSY:
        return -EBUSY;
    case TP_ENOENT:
        return -ENOENT;
    case TP_EEXIST:
        return -EEXIST;
    case TP_EIMAGE:
    case TP_EFORMAT:
        return -ENOEXEC;
    case TP_EACCES:
        return -EACCES;
    case TP_EMEMORY:
        return -ENOMEM;
    default:
        return error < 0 ? -EINVAL : 0;
    }
}

struct tp_trace *tp_linux_trace(void)
{
    return main_trace;
}
EXPORT_SYMBOL_GPL(tp_linux_trace);

/* --- the events of modules --- */

static void main_choose(struct tp_event *const *start, struct tp_event *const *stop)
{
    char pattern[2 * TP_LIMIT_NAME_BYTES + 2];

    for (; start < stop; start++) {
        snprintf(pattern, sizeof(pattern), "%s:%s", (*start)->sys, (*start)->name);
        tp_trace_enable(main_trace, pattern);
    }
}

int tp_linux_events_add(struct tp_event *const *start, struct tp_event *const *stop)
{
    char fault[260];
    int err;

    might_sleep();
    while ((err = tp_events_add(start, stop)) == TP_EBUSY)
        msleep(1);
    if (err) {
        pr_err("events refused: %s (%s)\n", tp_strerror(err),
               tp_events_fault(fault, sizeof(fault)));
        return main_errno(err);
    }
    main_choose(start, stop);
    files_renew();
    return 0;
}
EXPORT_SYMBOL_GPL(tp_linux_events_add);

/* A context that fires is pinned, which is what synchronize_rcu() waits for. */
void tp_linux_events_remove(struct tp_event *const *start, struct tp_event *const *stop)
{
    might_sleep();
    while (tp_events_remove(start) == TP_EBUSY)
        msleep(1);
    synchronize_rcu();
    while (tp_probe_synchronize() == TP_EBUSY)
        msleep(1);
    files_renew();
}
EXPORT_SYMBOL_GPL(tp_linux_events_remove);

/* --- a panic --- */

/* Other CPUs go on for a while: what they record would replace what led to the panic. */
static int main_panic(struct notifier_block *block, unsigned long action, void *data)
{
    tp_trace_stop(main_trace);
    return NOTIFY_DONE;
}

static struct notifier_block main_panic_block = {.notifier_call = main_panic, .priority = INT_MAX};

/* --- loading --- */

static int main_open(struct tp_config *config)
{
    size_t bytes = tp_region_bytes(config), control = MAIN_CONTROL_BYTES + 64ul * nr_cpu_ids;
    void *region = bytes ? region_get(bytes) : NULL;
    int err;

    if (!region) {
        pr_err("no region: %s\n", bytes ? "no memory" : tp_config_fault(config));
        return bytes ? -ENOMEM : -EINVAL;
    }
    main_control = kvmalloc(control, GFP_KERNEL);
    if (!main_control)
        return -ENOMEM;
    err = tp_control_set_memory(main_control, control, nr_cpu_ids);
    if (!err)
        err = tp_trace_open(&main_trace, region, bytes, config);
    if (err)
        pr_err("no trace: %s\n", tp_strerror(err));
    return main_errno(err);
}

/* Also after a part of it. What fires events is gone before. */
static void main_close(void)
{
    if (main_trace) {
        cancel_delayed_work_sync(&main_time);
        tp_trace_stop(main_trace);
        synchronize_rcu();
        while (tp_trace_close(main_trace) == TP_EBUSY)
            msleep(1);
    }
    kvfree(main_control);
    region_put();
}

static int main_connect(const struct tp_config *config)
{
    int err = reader_add(config, flush_ms);

    if (err)
        return err;
    err = task_add();
    if (err)
        goto no_task;
    err = hotplug_add();
    if (err)
        goto no_hotplug;
    files_add();
    atomic_notifier_chain_register(&panic_notifier_list, &main_panic_block);
    return 0;
no_hotplug:
    task_remove();
no_task:
    reader_remove();
    return err;
}

static int __init main_init(void)
{
    struct tp_config config = {
        .name = "linux",
        .cpus = nr_cpu_ids,
        .subbuf_bytes = subbuf_kb << 10,
        .subbufs = subbuf_kb ? buffer_kb / subbuf_kb : 0,
        .mode = overwrite ? TP_OVERWRITE : TP_DISCARD,
        .context = context,
        .spare_bytes = MAIN_SPARE_BYTES,
        .tasks = tasks ? tasks : TP_TASKS_NONE,
        .cpu_pipes = cpu_pipes,
        .host = init_utsname()->nodename,
        .image = image_find(),
    };
    int err;

    clock_choose();
    err = main_open(&config);
    if (!err) {
        main_tell_time(NULL);
        tp_trace_start(main_trace);
        err = main_connect(&config);
    }
    if (err)
        main_close();
    return err;
}

static void __exit main_exit(void)
{
    atomic_notifier_chain_unregister(&panic_notifier_list, &main_panic_block);
    files_remove();
    hotplug_remove();
    task_remove();
    reader_remove();
    main_close();
}

module_init(main_init);
module_exit(main_exit);
