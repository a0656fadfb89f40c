// SPDX-License-Identifier: MIT
/*
 * reader.c - the pipes as devices: /dev/tracepoint, or one for each CPU.
 *
 * What is read is consumed. Readers of one device share it, as those of a pipe do. A reader waits
 * until there is something; a trace that is stopped ends what they read.
 */
#include "parts.h"

#include <linux/delay.h>
#include <linux/fs.h>
#include <linux/irq_work.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/poll.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <tp/port.h>
#include <tp/trace.h>

#define READER_BUFFER_BYTES 16384u
#define READER_ALL UINT32_MAX
#define READER_TRIES 4
#define READER_PAUSE_MS 2u /* where there is something that cannot be read yet */

struct reader {
    struct miscdevice misc;
    char name[24];
    bool added;
    uint32_t cpu; /* or READER_ALL */
    struct mutex lock;
    /* Bytes that the pipe has given and that no reader has taken: [from, to) of the buffer. */
    size_t from, to;
    unsigned char *buffer;
};

static struct reader *reader_all;
static uint32_t reader_count;
static DECLARE_WAIT_QUEUE_HEAD(reader_wait);

/* --- waking readers --- */

static void reader_wake(struct irq_work *work)
{
    wake_up_interruptible_all(&reader_wait);
}

static struct irq_work reader_bell = IRQ_WORK_INIT(reader_wake);

/* From any context, perhaps with the scheduler's locks held. */
void tp_linux_doorbell(unsigned int trace)
{
    irq_work_queue(&reader_bell);
}

static atomic_t reader_opened = ATOMIC_INIT(0);
static unsigned int reader_flush_ms;
static void reader_flush(struct work_struct *work);
static DECLARE_DELAYED_WORK(reader_flusher, reader_flush);

static void reader_flush(struct work_struct *work)
{
    tp_pipe_flush(main_trace);
    if (atomic_read(&reader_opened) && reader_flush_ms)
        schedule_delayed_work(&reader_flusher, msecs_to_jiffies(reader_flush_ms));
}

/* --- a pipe --- */

static bool reader_ended(const struct reader *d)
{
    return d->cpu == READER_ALL ? tp_pipe_ended(main_trace) : tp_cpu_pipe_ended(main_trace, d->cpu);
}

/* True: there is nothing to pull, and the bell will ring when there is. */
static bool reader_asleep(const struct reader *d)
{
    return d->cpu == READER_ALL ? tp_pipe_sleep(main_trace) : tp_cpu_pipe_sleep(main_trace, d->cpu);
}

/* For one that waits: false means that the bell will ring. */
static bool reader_ready(const struct reader *d)
{
    return READ_ONCE(d->from) != READ_ONCE(d->to) || reader_ended(d) || !reader_asleep(d);
}

static long reader_pull(struct reader *d)
{
    return d->cpu == READER_ALL
               ? tp_pipe_read(main_trace, d->buffer, READER_BUFFER_BYTES)
               : tp_cpu_pipe_read(main_trace, d->cpu, d->buffer, READER_BUFFER_BYTES);
}

/* Under the lock. Are there bytes for a reader, or an error for it? */
static long reader_fill(struct reader *d)
{
    long n;

    if (d->from != d->to)
        return 1;
    n = reader_pull(d);
    if (n > 0) {
        d->from = 0;
        d->to = (size_t)n;
    }
    return n == TP_EBUSY ? 0 : n;
}

/* Under the lock. How much the user got, 0: there is nothing now; or -EFAULT: nothing is lost. */
static ssize_t reader_give(struct reader *d, char __user *to, size_t bytes)
{
    long filled = reader_fill(d);
    size_t n, left;

    if (filled <= 0)
        return main_errno((int)filled);
    n = min(bytes, d->to - d->from);
    left = copy_to_user(to, d->buffer + d->from, n);
    d->from += n - left;
    return left == n ? -EFAULT : (ssize_t)(n - left);
}

static ssize_t reader_give_all(struct reader *d, char __user *to, size_t bytes)
{
    ssize_t given = 0, n = 1;

    while (n > 0 && (size_t)given < bytes) {
        n = reader_give(d, to + given, bytes - (size_t)given);
        given += n > 0 ? n : 0;
    }
    return given ? given : n;
}

/* A reader that found nothing although something is there sleeps for a moment, not until the bell. */
static int reader_pause(struct reader *d)
{
    if (reader_ready(d))
        return msleep_interruptible(READER_PAUSE_MS) ? -ERESTARTSYS : 0;
    return wait_event_interruptible(reader_wait, reader_ready(d));
}

static ssize_t reader_read(struct file *file, char __user *to, size_t bytes, loff_t *at)
{
    struct reader *d = file->private_data;
    ssize_t n = 0;
    int err;

    while (bytes) {
        err = mutex_lock_interruptible(&d->lock);
        if (err)
            return err;
        n = reader_give_all(d, to, bytes);
        mutex_unlock(&d->lock);
        if (n || reader_ended(d))
            break;
        if (file->f_flags & O_NONBLOCK)
            return -EAGAIN;
        err = reader_pause(d);
        if (err)
            return err;
    }
    return n;
}

/* Pulls, since the pipe may have no more to say than that there is nothing. Where it says so and is not
 * asleep something is in the making: so the answer is that one should look again. */
static bool reader_has(struct reader *d)
{
    bool has = false;

    for (int i = 0; !has && i < READER_TRIES; i++) {
        mutex_lock(&d->lock);
        has = reader_fill(d) || reader_ended(d);
        mutex_unlock(&d->lock);
        if (!has && reader_asleep(d))
            return false;
    }
    return true;
}

static __poll_t reader_poll(struct file *file, poll_table *table)
{
    poll_wait(file, &reader_wait, table);
    return reader_has(file->private_data) ? EPOLLIN | EPOLLRDNORM : 0;
}

static int reader_open(struct inode *inode, struct file *file)
{
    struct reader *d = container_of(file->private_data, struct reader, misc);

    file->private_data = d;
    if (atomic_inc_return(&reader_opened) == 1)
        mod_delayed_work(system_wq, &reader_flusher, 0);
    return stream_open(inode, file);
}

static int reader_release(struct inode *inode, struct file *file)
{
    atomic_dec(&reader_opened);
    return 0;
}

static const struct file_operations reader_operations = {
    .owner = THIS_MODULE,
    .open = reader_open,
    .release = reader_release,
    .read = reader_read,
    .poll = reader_poll,
};

/* --- making them --- */

static int reader_make(struct reader *d, uint32_t cpu)
{
    int err;

    d->cpu = cpu;
    mutex_init(&d->lock);
    d->buffer = kmalloc(READER_BUFFER_BYTES, GFP_KERNEL);
    if (!d->buffer)
        return -ENOMEM;
    if (cpu == READER_ALL)
        snprintf(d->name, sizeof(d->name), "tracepoint");
    else
        snprintf(d->name, sizeof(d->name), "tracepoint%u", cpu);
    d->misc = (struct miscdevice){
        .minor = MISC_DYNAMIC_MINOR, .name = d->name, .fops = &reader_operations, .mode = 0400};
    err = misc_register(&d->misc);
    d->added = !err;
    if (err)
        pr_err("no /dev/%s: %d\n", d->name, err);
    return err;
}

void reader_remove(void)
{
    for (uint32_t i = 0; i < reader_count; i++) {
        if (reader_all[i].added)
            misc_deregister(&reader_all[i].misc);
        kfree(reader_all[i].buffer);
    }
    kvfree(reader_all);
    reader_all = NULL;
    reader_count = 0;
    cancel_delayed_work_sync(&reader_flusher);
    irq_work_sync(&reader_bell);
}

int reader_add(const struct tp_config *config, unsigned int flush_ms)
{
    uint32_t count = config->cpu_pipes ? config->cpus : 1;
    int err = 0;

    reader_flush_ms = flush_ms;
    reader_all = kvcalloc(count, sizeof(*reader_all), GFP_KERNEL);
    if (!reader_all)
        return -ENOMEM;
    for (uint32_t i = 0; !err && i < count; i++) {
        reader_count = i + 1;
        err = reader_make(&reader_all[i], config->cpu_pipes ? i : READER_ALL);
    }
    if (err)
        reader_remove();
    return err;
}
