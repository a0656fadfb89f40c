/* SPDX-License-Identifier: MIT */
/*
 * Filters on comm beside a thread that names other tasks, and this one again, and that is
 * interrupted by events as well: what has the name is recorded or counted, always.
 */
#define TP_CREATE
#include <tp/event.h>

TP_EVENT(names, one, "n=%u", u32 n)

#include "stress.h"

#include <tp/port.h>

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/time.h>
#include <tp/control.h>
#include <tp/trace.h>

#define FIRING 4u
#define TASK 7u

static uint64_t fired[FIRING + 1];
static unsigned left;
static uint32_t each;

static void *fire(void *arg)
{
    tp_hosted_cpu = (uint32_t)(uintptr_t)arg;
    tp_hosted_context = TASK;
    for (uint32_t i = 0; i < each; i++)
        trace_names_one(i);
    fired[tp_hosted_cpu] = each;
    __atomic_fetch_sub(&left, 1, __ATOMIC_RELEASE);
    return NULL;
}

/* In the middle of a change of a name. */
static void on_signal(int number)
{
    (void)number;
    if (tp_hosted_cpu != FIRING)
        return;
    for (unsigned i = 0; i < 20; i++, fired[FIRING]++)
        trace_names_one(i);
}

static void *rename_others(void *arg)
{
    char name[] = "worker";
    uint32_t turn = 0;

    (void)arg;
    tp_hosted_cpu = FIRING;
    tp_hosted_context = TASK;
    while (__atomic_load_n(&left, __ATOMIC_ACQUIRE)) {
        name[0] = (char)('a' + turn++ % 3);
        tp_task_name(100 + turn % 60, 0, name); /* there is room for 64 */
        if (turn % 4 == 0)
            tp_task_name(TASK, 0, "worker");
    }
    tp_hosted_cpu = TP_HOSTED_NO_CPU;
    return NULL;
}

static uint64_t recorded(struct tp_trace *t)
{
    uint64_t sum = 0;

    for (uint32_t cpu = 0; cpu <= FIRING; cpu++) {
        struct tp_trace_stats s;

        TP_CHECK_EQ(tp_trace_stats(t, cpu, &s), 0);
        sum += s.unread + s.read;
        for (unsigned i = 0; i < TP_LOST_CAUSES; i++)
            sum += s.lost[i];
    }
    return sum;
}

TP_TEST(Names, AFilterOnCommMissesNothing)
{
    static uint8_t memory[32768] __attribute__((aligned(16)));
    const struct tp_config config = {.cpus = FIRING + 1, .subbuf_bytes = 65536, .subbufs = 4};
    const struct itimerval often = {{0, 200}, {0, 200}}, never = {{0, 0}, {0, 0}};
    size_t bytes = tp_region_bytes(&config);
    void *region = aligned_alloc(64, (bytes + 63) & ~(size_t)63);
    pthread_t thread[FIRING + 1];
    uint64_t sum = 0;
    struct tp_trace *t;

    each = (uint32_t)stress_changes(100000);
    tp_hosted_cpu = 0;
    tp_control_set_memory(memory, sizeof(memory), STRESS_CPUS); /* once for all tests */
    TP_ASSERT_EQ(tp_trace_open(&t, region, bytes, &config), 0);
    tp_task_name(TASK, 0, "worker");
    TP_CHECK_EQ(tp_filter_set(t, "names:one", "comm == \"worker\"", NULL), 0);
    TP_CHECK_EQ(tp_trace_start(t), 0);
    signal(SIGALRM, on_signal);
    left = FIRING;
    for (uintptr_t i = 0; i < FIRING; i++)
        if (pthread_create(&thread[i], NULL, fire, (void *)i))
            abort();
    if (pthread_create(&thread[FIRING], NULL, rename_others, NULL))
        abort();
    setitimer(ITIMER_REAL, &often, NULL);
    for (unsigned i = 0; i < FIRING + 1; i++)
        pthread_join(thread[i], NULL);
    setitimer(ITIMER_REAL, &never, NULL);
    TP_CHECK_EQ(tp_trace_stop(t), 0);
    for (unsigned i = 0; i < FIRING + 1; i++)
        sum += fired[i];
    TP_CHECK_EQ(recorded(t), sum);
    /* Those of another name are not. */
    TP_CHECK_EQ(tp_trace_start(t), 0);
    tp_hosted_cpu = 0;
    tp_hosted_context = TASK + 1;
    trace_names_one(0);
    TP_CHECK_EQ(tp_trace_stop(t), 0);
    TP_CHECK_EQ(recorded(t), sum);
    TP_CHECK_EQ(tp_trace_close(t), 0);
    free(region);
}
