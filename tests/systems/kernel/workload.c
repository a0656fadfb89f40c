/* SPDX-License-Identifier: MIT */
/*
 * What the kernel does while it is traced: threads that call, allocate, sleep,
 * wake each other and start others, or, in a burst, that only fire events.
 */
#include "kernel.h"

#include "events.h"

#define WORKERS 4
#define SHARE 16 /* each CPU fires at least 1 / SHARE of the events */
#define FORK_CODES 5
#define ALIVE_MAX (THREADS_MAX / 2) /* on a slow host the children may pile up */

static uint64_t events_wanted;
static uint32_t alive;
static uint32_t number_last;
static struct thread *ping, *pong;

static const char *const texts[] = {"",
                                    "a",
                                    "two words",
                                    "tab\tand \"quotes\"",
                                    "gr\303\274\303\237e",
                                    "a text that is a good deal longer than the others are"};

static bool enough(void)
{
    for (uint32_t cpu = 0; cpu < CPUS; cpu++)
        if (books_fired(cpu) < events_wanted / SHARE)
            return false;
    return books_fired_all() >= events_wanted;
}

static void worker_ends(void)
{
    __atomic_fetch_sub(&alive, 1, __ATOMIC_RELEASE);
    thread_exit(0);
}

/* All fields follow from n, so that a decoder's values can be checked. */
static void fire_all(uint32_t n)
{
    const int32_t three[3] = {(int32_t)n, -(int32_t)n, (int32_t)(n ^ 0xffff)};
    uint8_t data[16];

    for (uint32_t i = 0; i < sizeof(data); i++)
        data[i] = (uint8_t)(n + i);
    FIRE(job_all, n, (uint8_t)n, (uint16_t)(3 * n), n * 0x100000001u, (int8_t)n,
         (int16_t) - (int32_t)n, -7 * (int32_t)n, n * -10000000000, n & 1, (char)('a' + n % 26),
         (void *)(uintptr_t)(0xffff800000000000u + n), texts[n % 6], data, n % 17, three,
         (int32_t)(n % 6), n % 8);
}

static uint32_t number_next(void)
{
    return __atomic_add_fetch(&number_last, 1, __ATOMIC_RELAXED);
}

static void worker_report(uint32_t worker, uint64_t turns)
{
    FIRE_PRINTK(printk_worker_report, "worker %u: %llu turns, %d, %s, %p", (unsigned)worker,
                (unsigned long long)turns, -1, texts[worker % 6], (void *)&alive);
}

static void worker_turn(uint32_t worker, uint64_t turn)
{
    const uint32_t pages = 1 + turn % 3;
    const uint32_t n = number_next();
    const uint16_t zones[ZONES] = {(uint16_t)mm_free_pages(), (uint16_t)n, 0, UINT16_MAX};
    uintptr_t page;

    syscall(SYS_GETPID, 0, 0);
    page = syscall(SYS_ALLOC, pages, turn % 2 ? MM_ZERO : 0);
    if (page) {
        memset((void *)page, (int)n, PAGE_BYTES);
        FIRE(mm_pressure, (int16_t) - (int32_t)pages, zones);
        syscall(SYS_FREE, page, pages);
    }
    syscall(SYS_LOG, (uintptr_t)texts[turn % 6], 0);
    syscall(SYS_DATA, (uintptr_t)texts[5], turn % 54);
    fire_all(n);
    if (turn % 4 == 0)
        syscall(SYS_YIELD, 0, 0);
    if (turn % 16 == 0)
        syscall(SYS_SLEEP, 1 + worker % 2, 0);
    if (turn % 32 == 0)
        syscall((enum syscall)99, turn, UINTPTR_MAX);
}

static void worker(void *arg)
{
    const uint32_t number = (uint32_t)(uintptr_t)arg;
    uint64_t turn = 0;

    FIRE(job_limits, INT64_MIN, UINT64_MAX, INT8_MIN, "", NULL, "longer than eight",
         "longer than four", 16);
    while (!enough())
        worker_turn(number, turn++);
    worker_report(number, turn);
    worker_ends();
}

/* Two threads, each on its own CPU if there are two: every wake-up crosses to the other one. */
static void player(void *arg)
{
    struct thread *const *other = arg;

    while (!enough()) {
        thread_wait();
        FIRE(job_item, number_next(), thread_pid());
        thread_wake(__atomic_load_n(other, __ATOMIC_ACQUIRE));
    }
    thread_wake(*other);
    worker_ends();
}

static struct thread *begin(const char *name, void (*main)(void *), void *arg, int cpu)
{
    struct thread *t;

    __atomic_fetch_add(&alive, 1, __ATOMIC_RELAXED);
    t = thread_start(name, main, arg, cpu);
    if (!t)
        panic("no room for a worker", NULL);
    return t;
}

static void child(void *arg)
{
    const uint32_t n = (uint32_t)(uintptr_t)arg;

    FIRE(job_item, n, thread_pid());
    __atomic_fetch_sub(&alive, 1, __ATOMIC_RELEASE);
    thread_exit(-(int)(n % FORK_CODES));
}

static void forker(void *arg)
{
    (void)arg;
    while (!enough()) {
        if (__atomic_load_n(&alive, __ATOMIC_RELAXED) < ALIVE_MAX)
            begin("a child of forker", child, (void *)(uintptr_t)number_next(), ANY_CPU);
        thread_sleep(1);
    }
    worker_ends();
}

/* On whichever CPU, and moved at any moment but where the port forbids it. */
static void fire_loose(void)
{
    __atomic_fetch_add(&books_loose, 1, __ATOMIC_RELAXED);
    trace_job_item(number_next(), thread_pid());
}

/* Faster than any drain. */
static void burster(void *arg)
{
    (void)arg;
    while (!enough()) {
        for (int i = 0; i < 1000 && option(OPT_LOOSE); i++)
            fire_loose();
        for (int i = 0; i < 100; i++) {
            FIRE(job_item, number_next(), thread_pid());
            if (i % 10 == 0)
                fire_all(number_next());
        }
        thread_yield();
    }
    worker_ends();
}

void workload_start(uint64_t events, bool burst)
{
    static const char *const names[WORKERS] = {"worker/0", "worker/1", "worker/2", "worker/3"};

    events_wanted = events;
    for (uintptr_t i = 0; i < WORKERS; i++)
        begin(names[i], worker, (void *)i, ANY_CPU);
    __atomic_store_n(&ping, begin("ping", player, &pong, 0), __ATOMIC_RELEASE);
    __atomic_store_n(&pong, begin("pong", player, &ping, CPUS - 1), __ATOMIC_RELEASE);
    begin("forker", forker, NULL, ANY_CPU);
    if (burst) {
        begin("burst/0", burster, NULL, option(OPT_LOOSE) ? ANY_CPU : 0);
        begin("burst/1", burster, NULL, option(OPT_LOOSE) ? ANY_CPU : CPUS - 1);
    }
    thread_wake(ping);
}

bool workload_ended(void)
{
    return !__atomic_load_n(&alive, __ATOMIC_ACQUIRE);
}
