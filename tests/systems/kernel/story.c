/* SPDX-License-Identifier: MIT */
/*
 * What `make demo` records: two and a half seconds of a small machine, with something in them to ask
 * about. A task reads a sensor each 10 ms and wants to be on time, a logger and a shell share a lock,
 * a backup packs what there is, and a network card interrupts. That goes well; with `trouble` the
 * backup keeps its CPU to itself, the disk is slow while the shell syncs, and the card does not stop.
 * With `die` the shell then hands the kernel an address where no memory is.
 *
 * CPU 1 is the one that has much to do.
 */
#include "kernel.h"

#include <tp/port.h>

#include "events.h"

#define STORY_TICKS 2500
#define SENSOR_TICKS 10
#define LOG_TICKS 20
#define LOG_LATER 3 /* than the sensor */
#define SHELL_TICKS 25
#define SHELL_LATER 7
#define SYNC_TICK 1300 /* since the story began, as all of these */
#define SYNC_BLOCKS 12
#define DEATH_TICK 1500
#define BACKUP_TICK 600
#define BACKUP_BLOCKS 10
#define BLOCK_TICKS 30 /* between the end of one and the next one */
#define NET_TICK 1800
#define NET_TICKS 100
#define STORM_RATE 20 /* interrupts in a tick */
#define DISK_TICKS 10 /* of a slow disk, for each block */
#define DEATH_BYTES 24

/* A lock to sleep on, for two tasks. */
static struct mutex {
    struct lock guard;
    struct thread *owner, *waiter;
    uint32_t owner_pid, waiter_pid;
} journal;

static uint64_t began;
static uint32_t alive;

static uint64_t now(void)
{
    return sched_ticks() - began;
}

static void sleep_until(uint64_t tick)
{
    const uint64_t at = now();

    if (tick > at)
        thread_sleep(tick - at);
}

/* Something to do, without a pause: where each instruction takes its time, so does this. */
static void work(uint64_t us)
{
    const uint64_t end = tp_port_clock() + tp_port_clock_hz() / 1000000 * us;
    uint32_t x = 1;

    while (tp_port_clock() < end)
        for (uint32_t i = 0; i < 100; i++)
            x = x * 1664525 + i;
    __asm__ __volatile__("" : : "r"(x));
}

/* --- the lock --- */

static void journal_take(void)
{
    uint64_t flags = lock_take(&journal.guard);
    uint32_t owner = journal.owner_pid;

    if (owner) {
        journal.waiter = thread_current();
        journal.waiter_pid = thread_pid();
    } else {
        journal.owner_pid = thread_pid();
    }
    lock_give(&journal.guard, flags);
    FIRE(lock_wait, "journal", owner);
    while (__atomic_load_n(&journal.owner_pid, __ATOMIC_ACQUIRE) != thread_pid())
        thread_wait();
    FIRE(lock_acquire, "journal");
}

/* Whoever waits for it has it now. */
static void journal_give(void)
{
    struct thread *waiter;
    uint64_t flags;

    FIRE(lock_release, "journal");
    flags = lock_take(&journal.guard);
    waiter = journal.waiter;
    journal.waiter = NULL;
    __atomic_store_n(&journal.owner_pid, waiter ? journal.waiter_pid : 0, __ATOMIC_RELEASE);
    lock_give(&journal.guard, flags);
    if (waiter)
        thread_wake(waiter);
}

/* The system call: so many blocks go to the disk, and nobody else writes meanwhile. */
uint64_t story_sync(uint64_t blocks)
{
    journal_take();
    for (uint64_t i = 0; i < blocks; i++) {
        thread_sleep(option(OPT_TROUBLE) ? DISK_TICKS : 1);
        FIRE(disk_write, i, PAGE_BYTES);
    }
    journal_give();
    return blocks;
}

/* --- the tasks --- */

static void ends(void)
{
    __atomic_fetch_sub(&alive, 1, __ATOMIC_RELEASE);
    thread_exit(0);
}

static void sensor(void *arg)
{
    (void)arg;
    for (uint32_t i = 1; i * SENSOR_TICKS < STORY_TICKS; i++) {
        sleep_until((uint64_t)i * SENSOR_TICKS);
        FIRE(sensor_read, (int16_t)(2000 + i * 37 % 100));
        work(150);
    }
    ends();
}

static void logger(void *arg)
{
    (void)arg;
    for (uint32_t i = 1; i * LOG_TICKS < STORY_TICKS; i++) {
        sleep_until((uint64_t)i * LOG_TICKS + LOG_LATER);
        journal_take();
        syscall(SYS_LOG, (uintptr_t)(i % 8 ? "all is well" : "and the disk has room"), 0);
        work(200);
        journal_give();
    }
    ends();
}

static void shell_command(uint32_t i)
{
    uint64_t pages = 1 + i % 5, page;

    syscall(SYS_GETPID, 0, 0);
    page = syscall(SYS_ALLOC, pages, MM_ZERO);
    syscall(SYS_TIME, 0, 0);
    work(100);
    syscall(SYS_FREE, page, pages);
}

static void shell(void *arg)
{
    (void)arg;
    for (uint32_t i = 1; i * SHELL_TICKS < STORY_TICKS; i++) {
        sleep_until((uint64_t)i * SHELL_TICKS + SHELL_LATER);
        if (i * SHELL_TICKS == SYNC_TICK)
            syscall(SYS_SYNC, SYNC_BLOCKS, 0);
        else
            shell_command(i);
        if (i * SHELL_TICKS == DEATH_TICK && option(OPT_DIE)) {
            die_expect(NULL);
            syscall(SYS_DATA, BOARD_NO_MEMORY, DEATH_BYTES);
        }
    }
    ends();
}

static void backup_block(uint32_t block)
{
    const uint64_t pages = 4 + block % 4 * 4;
    uint64_t page = syscall(SYS_ALLOC, pages, 0);

    work(12000);
    if (option(OPT_TROUBLE))
        preempt_off();
    FIRE(backup_pack, block, (uint32_t)(pages * PAGE_BYTES));
    work(5000 + 1000 * block);
    if (option(OPT_TROUBLE))
        preempt_on();
    syscall(SYS_FREE, page, pages);
}

static void backup(void *arg)
{
    (void)arg;
    sleep_until(BACKUP_TICK);
    for (uint32_t block = 0; block < BACKUP_BLOCKS; block++) {
        backup_block(block);
        thread_sleep(BLOCK_TICKS);
    }
    ends();
}

/* The card interrupts CPU 1 instead of its timer, and much more often. */
static void net(void *arg)
{
    (void)arg;
    sleep_until(NET_TICK);
    cpu_timer(VECTOR_NET, option(OPT_TROUBLE) ? STORM_RATE : 1);
    thread_sleep(NET_TICKS);
    cpu_timer(VECTOR_TIMER, 1);
    ends();
}

void story_interrupt(void)
{
    work(15);
}

static void begin(const char *name, void (*main)(void *), int cpu)
{
    __atomic_fetch_add(&alive, 1, __ATOMIC_RELAXED);
    if (!thread_start(name, main, NULL, cpu))
        panic("no room for a task of the story", NULL);
}

void story_run(void)
{
    began = sched_ticks();
    begin("sensor", sensor, 1);
    begin("logger", logger, 0);
    begin("shell", shell, 0);
    begin("backup", backup, 1);
    begin("net", net, 1);
    sleep_until(STORY_TICKS);
    while (__atomic_load_n(&alive, __ATOMIC_ACQUIRE))
        thread_sleep(1);
}
