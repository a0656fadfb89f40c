/* SPDX-License-Identifier: MIT */
/* Control memory: what it holds, and that the depth of probes is each CPU's own for any number of
 * CPUs. It is given once, so each test runs in a child. */
#define TP_CREATE
#include <tp/event.h>

TP_EVENT(cpus, one, "n=%u", u32 n)
TP_EVENT(cpus, two, "a=%u b=%u", u32 a, u32 b)

#include "tp_test.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <tp/control.h>
#include <tp/port.h>
#include <tp/trace.h>
#include <unistd.h>

/* 0, or the number of the line that was wrong. */
#define GOOD(cond)                                                                                 \
    do {                                                                                           \
        if (!(cond))                                                                               \
            return __LINE__;                                                                       \
    } while (0)

static int in_child(int (*run)(uint32_t), uint32_t n)
{
    pid_t child = fork();
    int status = -1;

    if (!child) {
        int line = run(n);

        _exit(line > 255 ? 255 : line);
    }
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -status;
}

static struct tp_trace *open_trace(void)
{
    static uint8_t region[1 << 16] __attribute__((aligned(64)));
    struct tp_config config = {.cpus = 1, .subbuf_bytes = 512, .subbufs = 2};
    struct tp_trace *t;

    tp_hosted_cpu = 0;
    return tp_trace_open(&t, region, sizeof(region), &config) || tp_trace_start(t) ? NULL : t;
}

/* --- depth --- */

#define VISITED 24u
static uint32_t visit[VISITED + 1], calls;

/* Fires on the next CPU, then once more on its own. */
static void on_one(void *data, uint32_t n)
{
    uint32_t cpu = tp_hosted_cpu;

    (void)data;
    calls++;
    if (n >= VISITED)
        return;
    tp_hosted_cpu = visit[n + 1];
    trace_cpus_one(n + 1);
    tp_hosted_cpu = cpu;
    trace_cpus_one(VISITED);
}

/* Till it is refused. */
static void on_two(void *data, uint32_t a, uint32_t b)
{
    (void)data;
    calls++;
    trace_cpus_two(a, b);
}

static int depth_of(uint32_t cpus)
{
    size_t bytes = 64 * (size_t)cpus + 4096;
    struct tp_probe_stats stats;

    GOOD(open_trace());
    GOOD(!tp_control_set_memory(aligned_alloc(64, bytes), bytes, cpus));
    GOOD(!register_trace_cpus_one(on_one, NULL));
    GOOD(!register_trace_cpus_two(on_two, NULL));
    /* All of them are inside a probe at the same time: at most 2 on each of the CPUs. */
    for (uint32_t i = 0; i <= VISITED; i++)
        visit[i] = cpus > VISITED ? (uint32_t)((uint64_t)i * (cpus - 1) / VISITED) : i % cpus;
    if (cpus > VISITED) {
        tp_hosted_cpu = visit[0];
        trace_cpus_one(0);
        GOOD(calls == 2 * VISITED + 1);
        tp_probe_stats(&stats);
        GOOD(!stats.recursion && !stats.strangers);
    }
    /* Each CPU has the same limit. */
    for (uint32_t i = 0; i <= VISITED; i++) {
        calls = 0;
        tp_hosted_cpu = visit[i];
        trace_cpus_two(0, 0);
        GOOD(calls == TP_PROBE_DEPTH);
        tp_probe_stats(&stats);
        GOOD(stats.recursion == i + 1 && !stats.strangers);
    }
    return 0;
}

TP_TEST(Cpus, EachHasADepthOfItsOwn)
{
    TP_CHECK_EQ(in_child(depth_of, 1), 0);
    TP_CHECK_EQ(in_child(depth_of, 4), 0);
    TP_CHECK_EQ(in_child(depth_of, 40), 0);
    TP_CHECK_EQ(in_child(depth_of, 300), 0);
    TP_CHECK_EQ(in_child(depth_of, 4096), 0);
    TP_CHECK_EQ(in_child(depth_of, 65535), 0);
}

/* Others share one, and what that costs them is not said to be recursion. */
static int strangers(uint32_t cpus)
{
    size_t bytes = 64 * (size_t)cpus + 4096;
    struct tp_probe_stats stats;

    GOOD(open_trace());
    GOOD(!tp_control_set_memory(aligned_alloc(64, bytes), bytes, cpus));
    GOOD(!register_trace_cpus_one(on_one, NULL));
    for (uint32_t i = 0; i <= VISITED; i++)
        visit[i] = cpus + i;
    visit[TP_PROBE_DEPTH] = cpus - 1; /* the last that has its own */
    visit[TP_PROBE_DEPTH + 1] = UINT32_MAX;
    tp_hosted_cpu = visit[0];
    trace_cpus_one(0);
    /* 4 strangers, the CPU of its own; the next stranger is left out, and then those in the fourth
     * place of the shared depth. */
    tp_probe_stats(&stats);
    GOOD(!stats.recursion);
    GOOD(stats.strangers == 2);
    GOOD(calls == TP_PROBE_DEPTH + 1 + 1 + TP_PROBE_DEPTH - 1);
    return 0;
}

TP_TEST(Cpus, OthersShareOne)
{
    TP_CHECK_EQ(in_child(strangers, 1), 0);
    TP_CHECK_EQ(in_child(strangers, 40), 0);
}

/* --- memory --- */

static int sizes(uint32_t cpus)
{
    uint8_t *memory = aligned_alloc(64, 64 * (size_t)cpus + 256);
    size_t least = 64 * (size_t)cpus + 128;

    GOOD(tp_control_set_memory(memory + 8, 65536, cpus) == TP_EINVAL);
    GOOD(tp_control_set_memory(memory, 65536, 0) == TP_EINVAL);
    GOOD(tp_control_set_memory(memory, 65536 * 65, 65536) == TP_EINVAL);
    GOOD(tp_control_set_memory(memory, least - 1, cpus) == TP_EINVAL);
    GOOD(tp_control_set_memory(memory + 16, least + 47, cpus) == TP_EINVAL);
    GOOD(!tp_control_set_memory(memory + 16, least + 48, cpus));
    GOOD(tp_control_set_memory(memory, least, cpus) == TP_EBUSY);
    return 0;
}

/* The first filter needs what tp/control.h says, no byte more. */
static int first_filter(uint32_t bytes)
{
    uint8_t *memory = aligned_alloc(64, 1024);
    struct tp_trace *t = open_trace();
    char text[16];

    GOOD(t);
    GOOD(tp_filter_set(t, "cpus:one", "n == 1", NULL) == TP_EMEMORY);
    GOOD(!tp_control_set_memory(memory, bytes, 1));
    if (bytes >= 64 + 256)
        GOOD(!tp_filter_set(t, "cpus:one", "n == 1", NULL));
    else
        GOOD(tp_filter_set(t, "cpus:one", "n == 1", NULL) == TP_EMEMORY);
    GOOD(tp_filter_set(t, "cpus:two", "a == 1", NULL) == (bytes < 64 + 512 ? TP_EMEMORY : 0));
    GOOD((tp_filter_get(t, &tp_event_cpus_two, text, sizeof(text)) < 0) == (bytes < 64 + 512));
    return 0;
}

TP_TEST(Cpus, Memory)
{
    TP_CHECK_EQ(in_child(sizes, 1), 0);
    TP_CHECK_EQ(in_child(sizes, 300), 0);
    TP_CHECK_EQ(in_child(first_filter, 64 + 128), 0);
    TP_CHECK_EQ(in_child(first_filter, 64 + 255), 0);
    TP_CHECK_EQ(in_child(first_filter, 64 + 256), 0);
    TP_CHECK_EQ(in_child(first_filter, 64 + 511), 0);
    TP_CHECK_EQ(in_child(first_filter, 64 + 512), 0);
}
