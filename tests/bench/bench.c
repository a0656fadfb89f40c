/* SPDX-License-Identifier: MIT */
/*
 * Benchmarks: one line a figure, `bench NAME VALUE at most B` or `at least B`.
 * Each is the median, over many rounds, of the ratio of two loops timed one after the
 * other; times themselves say little on a shared machine.
 *
 *   enabled_event    an enabled event of two u32, hosted, one CPU, against the least that a call
 *                    can do: read the counter, store the same 16 bytes into a flat buffer, and
 *                    remember how full it is
 *   enabled_inline   the same against a loop that has all that in registers and calls nothing
 *   bare_reserve     the limit with a compare-and-swap for the place and an add for the commit, and
 *                    nothing else: what any ring that may be interrupted costs here
 *   overwrite_event  as enabled_event, in overwrite mode, lapping its ring
 *   enabled_trace3   an event that only the fourth trace wants, against one that only the first
 *   zeroed_locals    an event compiled with -ftrivial-auto-var-init=zero, against one without
 *   refused_event    an event that a full buffer refuses, against one that is recorded
 *   refused_context  the same in a trace with context words
 *   refused_nested   the same in overwrite mode, refused because an old record is not whole
 *   drained_event    an event while another CPU drains the pipe, against one while nobody does: each
 *                    line of memory that was read has to come back to the CPU that writes
 *   drained_share    of these events, how many the other CPU read before they were overwritten
 *   two_cpus         events of two CPUs that fire at the same time, against those of one
 *   two_cpus_comm    as two_cpus, of events that a filter on comm rejects
 *   two_cpus_functions  as two_cpus, of functions that are entered and return
 *   disabled_event   a loop with a disabled event in it against the same loop without
 *   filter_reject    an event that a filter of one term rejects, against one that is recorded
 *   filter_comm      the same of a filter on comm, against a filter of a number
 *   filter_term      what each of eight more terms costs, against all that a rejected event costs
 *   filter_pass      an event that passes a filter and is recorded, against one without a filter
 *   another_probe    what a second probe of an event costs, against an indirect call
 *   disabled_event_patched  the same with TP_PATCH
 *
 * With the port of tests/bench/port.h the clock is a constant, so that nothing hides behind reading
 * it:
 *
 *   no_clock         as enabled_event; the limit is the bare stores
 *   no_clock_trace3, no_clock_refused  as enabled_trace3, refused_event
 */
#define TP_CREATE
#include <tp/event.h>

TP_EVENT(bench, two, "a=%u b=%u", u32 a, u32 b)
TP_EVENT(bench, ruled, "a=%u b=%u", u32 a, u32 b)
TP_EVENT(bench, named, "a=%u b=%u", u32 a, u32 b)

#include "measure.h"

#include <pthread.h>
#include <tp/control.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tp/trace.h>
#include <unistd.h>

#define EVENTS 20000u
#ifndef BENCH_NO_CLOCK
#define BENCH_NO_CLOCK 0
#endif
#define TASK 7u

static uint8_t region[64 << 20] __attribute__((aligned(64)));
static struct tp_trace *trace;

static void report(const char *name, double value, const char *bound)
{
    printf("bench %s %.2f %s\n", name, value, bound);
}

static void empty_pipe(void)
{
    static uint8_t buffer[1 << 16];

    while (tp_pipe_read(trace, buffer, sizeof(buffer)) > 0)
        ;
}

/* --- enabled --- */

static struct {
    uint32_t time, word, a, b;
} flat[EVENTS];

static void loop_flat(void)
{
    for (uint32_t i = 0; i < EVENTS; i++) {
        flat[i].time = (uint32_t)tp_port_clock();
        flat[i].word = 0x80020001u;
        flat[i].a = i;
        flat[i].b = i + 1;
        __asm__ __volatile__("" : : : "memory");
    }
}

static uint32_t used;

static __attribute__((noinline)) void store_flat(uint32_t a, uint32_t b)
{
    uint32_t i = used;
    uint32_t time = (uint32_t)tp_port_clock();

    used = i + 1;
    flat[i].time = time;
    flat[i].word = 0x80020001u;
    flat[i].a = a;
    flat[i].b = b;
}

static tp_word place;
static uint32_t committed;

static __attribute__((noinline)) void store_reserved(uint32_t a, uint32_t b)
{
    tp_word i = __atomic_load_n(&place, __ATOMIC_RELAXED);
    uint32_t time = tp_ring_clock().low;

    if (!tp_arch_local_cas(&place, i, i + 1))
        return;
    flat[i].time = time;
    flat[i].word = 0x20001u;
    flat[i].a = a;
    flat[i].b = b;
    __atomic_store_n(&flat[i].word, 0x80020001u, __ATOMIC_RELEASE);
    tp_arch_local_add(&committed, 2);
}

static void loop_reserved(void)
{
    place = 0;
    for (uint32_t i = 0; i < EVENTS; i++)
        store_reserved(i, i + 1);
}

static void loop_flat_calls(void)
{
    used = 0;
    for (uint32_t i = 0; i < EVENTS; i++)
        store_flat(i, i + 1);
}

static __attribute__((noinline)) void loop_event(void)
{
    for (uint32_t i = 0; i < EVENTS; i++)
        trace_bench_two(i, i + 1);
}

static void loop_empty(void)
{
    for (uint32_t i = 0; i < EVENTS; i++)
        __asm__ __volatile__("" : : "r"(i) : "memory");
}

static void loop_disabled(void)
{
    for (uint32_t i = 0; i < EVENTS; i++) {
        __asm__ __volatile__("" : : "r"(i) : "memory");
        trace_bench_two(i, i + 1);
    }
}

void loop_patched(uint32_t events); /* patched.c */

static void loop_disabled_patched(void)
{
    loop_patched(EVENTS);
}

void loop_zeroed(uint32_t events); /* zeroed.c */

static void loop_zeroed_events(void)
{
    loop_zeroed(EVENTS);
}

static double ratio(void (*tested)(void), void (*limit)(void), unsigned times)
{
    return ratio_of(tested, limit, times, empty_pipe, NULL);
}

/* --- rules and probes --- */

static __attribute__((noinline)) void loop_ruled(void)
{
    for (uint32_t i = 0; i < EVENTS; i++)
        trace_bench_ruled(i, i + 1);
}

void loop_functions(uint32_t events); /* functions.c */

static void loop_calls(void)
{
    loop_functions(EVENTS);
}

static __attribute__((noinline)) void loop_named(void)
{
    for (uint32_t i = 0; i < EVENTS; i++)
        trace_bench_named(i, i + 1);
}

/* Of no task, though each has a name. */
#define NOBODY "comm == \"nobody\""

static void on_ruled(void *data, uint32_t a, uint32_t b)
{
    *(uint32_t *)data += a + b;
}

static void loop_indirect(void)
{
    static void (*volatile fn)(void *, uint32_t, uint32_t) = on_ruled;
    static uint32_t sum;

    for (uint32_t i = 0; i < EVENTS; i++)
        fn(&sum, i, i + 1);
}

static void must(int err)
{
    if (err) {
        fprintf(stderr, "bench: %s\n", tp_strerror(err));
        exit(1);
    }
}

static void rules(void)
{
    static uint8_t memory[16384] __attribute__((aligned(16)));
    static uint32_t sums[2];
    double one, nine;

    must(tp_control_set_memory(memory, sizeof(memory), 2));
    must(tp_filter_set(trace, "bench:ruled", "a == 4000000000", NULL));
    must(tp_filter_set(trace, "bench:named", NOBODY, NULL));
    report("filter_reject", ratio(loop_ruled, loop_event, 1), "at most 0.5");
    report("filter_comm", ratio(loop_named, loop_ruled, 1), "at most 2");
    one = ratio(loop_ruled, loop_indirect, 8);
    must(
        tp_filter_set(trace, "bench:ruled",
                      "a != 4000000000 && a != 4000000001 && a != 4000000002 && a != 4000000003 && "
                      "a != 4000000004 && a != 4000000005 && a != 4000000006 && a != 4000000007 && "
                      "a == 4000000008",
                      NULL));
    nine = ratio(loop_ruled, loop_indirect, 8);
    report("filter_term", (nine - one) / 8 / one, "for comparison");
    must(tp_filter_set(trace, "bench:ruled", "a < 4000000000", NULL));
    report("filter_pass", ratio(loop_ruled, loop_event, 1), "at most 2");
    must(tp_filter_set(trace, "bench:ruled", NULL, NULL));
    must(tp_trace_disable(trace, "bench:ruled"));
    must(register_trace_bench_ruled(on_ruled, &sums[0]));
    one = ratio(loop_ruled, loop_indirect, 8);
    must(register_trace_bench_ruled(on_ruled, &sums[1]));
    report("another_probe", ratio(loop_ruled, loop_indirect, 8) - one, "for comparison");
    must(unregister_trace_bench_ruled(on_ruled, &sums[0]));
    must(unregister_trace_bench_ruled(on_ruled, &sums[1]));
}

/* --- two CPUs --- */

static void move_to(unsigned cpu)
{
    cpu_set_t set;

    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    sched_setaffinity(0, sizeof(set), &set);
}

static uint32_t others; /* 1: go, 2: stop */
static double other_rate;
static void (*both_loop)(void);

/* In overwrite mode, so that nothing is refused and nobody has to drain. */
static double event_rate(void (*loop)(void), double least_seconds)
{
    double start = seconds(), now;
    uint64_t fired = 0;

    do {
        loop();
        fired += EVENTS;
        now = seconds();
    } while (now - start < least_seconds);
    return (double)fired / (now - start);
}

static void *fire_too(void *arg)
{
    (void)arg;
    tp_hosted_cpu = 1;
    tp_hosted_context = TASK;
    move_to(1);
    other_rate = event_rate(both_loop, 0.1);
    return NULL;
}

/* Each on a processor of its own; only what both need at the same time could slow them. */
static double two_cpus(void (*loop)(void))
{
    double r[21];

    both_loop = loop;
    move_to(0);
    for (unsigned i = 0; i < 21; i++) {
        double one = event_rate(loop, 0.05), both;
        pthread_t other;

        pthread_create(&other, NULL, fire_too, NULL);
        both = event_rate(loop, 0.1);
        pthread_join(other, NULL);
        r[i] = (both + other_rate) / one;
    }
    return median(r, 21);
}

static void *drain(void *arg)
{
    static uint8_t buffer[1 << 16];

    (void)arg;
    move_to(1);
    while (__atomic_load_n(&others, __ATOMIC_ACQUIRE) != 2)
        if (tp_pipe_read(trace, buffer, sizeof(buffer)) <= 0)
            usleep(100);
    return NULL;
}

static double drained(double *share)
{
    struct tp_trace_stats before, after;
    double r[21], shares[21];

    for (unsigned i = 0; i < 21; i++) {
        double alone = event_rate(loop_event, 0.05), rate, read;
        pthread_t other;

        must(tp_trace_stats(trace, 0, &before));
        __atomic_store_n(&others, 1, __ATOMIC_RELEASE);
        pthread_create(&other, NULL, drain, NULL);
        rate = event_rate(loop_event, 0.1);
        __atomic_store_n(&others, 2, __ATOMIC_RELEASE);
        pthread_join(other, NULL);
        must(tp_trace_stats(trace, 0, &after));
        r[i] = alone / rate;
        read = (double)(after.read - before.read);
        shares[i] = read / (read + (double)(after.lost[TP_LOST_OVERWRITTEN] -
                                            before.lost[TP_LOST_OVERWRITTEN]));
    }
    *share = median(shares, 21);
    return median(r, 21);
}

static void reopen_as(const struct tp_config *config)
{
    if (trace) {
        tp_trace_stop(trace);
        tp_trace_close(trace);
    }
    must(tp_trace_open(&trace, region, sizeof(region), config));
    tp_trace_start(trace);
}

static void reopen(enum tp_mode mode, uint32_t cpus, uint32_t subbufs)
{
    struct tp_config config = {
        .cpus = cpus, .subbuf_bytes = 65536, .subbufs = subbufs, .mode = mode};

    reopen_as(&config);
}

/* --- refused --- */

static uint64_t refused(enum tp_wire_lost cause)
{
    struct tp_trace_stats stats;

    must(tp_trace_stats(trace, 0, &stats));
    return stats.lost[cause];
}

static void fill(void)
{
    uint64_t before = refused(TP_LOST_FULL);

    while (refused(TP_LOST_FULL) == before)
        loop_event();
}

static void fill_or_empty(void)
{
    static bool full;

    if (!full)
        fill();
    else
        empty_pipe();
    full = !full;
}

/* The recorded ones go into the same ring while it is empty. */
static double refused_ratio(bool context)
{
    struct tp_config config = {.cpus = 1, .subbuf_bytes = 65536, .subbufs = 16, .context = context};

    reopen_as(&config);
    return ratio_of(loop_event, loop_event, 1, fill_or_empty, NULL);
}

static void do_nothing(void)
{
}

/* A record that is begun, and a lap. */
static double nested_ratio(void)
{
    static struct tp_event *const ruled = &tp_event_bench_ruled;
    static struct tp_slot slot;

    reopen(TP_OVERWRITE, 1, 2);
    must(tp_trace_disable(trace, "bench:two"));
    if (!tp_record_begin(&slot, 0, ruled->id, 8))
        must(TP_EINVAL);
    while (!refused(TP_LOST_NESTED))
        loop_ruled();
    must(tp_trace_enable(trace, "bench:two"));
    return ratio_of(loop_event, loop_flat_calls, 1, do_nothing, NULL);
}

/* --- another trace than the first --- */

static struct tp_trace *fourth;

static void empty_both(void)
{
    static uint8_t buffer[1 << 16];

    empty_pipe();
    while (tp_pipe_read(fourth, buffer, sizeof(buffer)) > 0)
        ;
}

static double fourth_ratio(void)
{
    static uint8_t more[3][2 << 20] __attribute__((aligned(64)));
    struct tp_config config = {.cpus = 1, .subbuf_bytes = 65536, .subbufs = 8};
    struct tp_trace *t[3];
    double r;

    reopen(TP_DISCARD, 1, 8);
    for (unsigned i = 0; i < 3; i++) {
        must(tp_trace_open(&t[i], more[i], sizeof(more[i]), &config));
        must(tp_trace_disable(t[i], "*"));
    }
    fourth = t[2];
    tp_trace_start(fourth);
    must(tp_trace_enable(fourth, "bench:ruled"));
    must(tp_trace_disable(trace, "bench:ruled"));
    r = ratio_of(loop_ruled, loop_event, 1, empty_both, NULL);
    tp_trace_stop(fourth);
    for (unsigned i = 0; i < 3; i++)
        tp_trace_close(t[i]);
    return r;
}

static void without_clock(void)
{
    report("no_clock", ratio(loop_event, loop_flat_calls, 1), "at most 5");
    report("no_clock_trace3", fourth_ratio(), "for comparison");
    report("no_clock_refused", refused_ratio(false), "for comparison");
}

static void with_clock(void)
{
    double enabled, share;

    report("bare_reserve", ratio(loop_reserved, loop_flat_calls, 1), "for comparison");
    enabled = ratio(loop_event, loop_flat_calls, 1);
    report("enabled_event", enabled, "at most 1.25");
    report("enabled_inline", ratio(loop_event, loop_flat, 1), "at most 1.5");
    report("zeroed_locals", ratio(loop_zeroed_events, loop_event, 1), "at most 1.1");
    rules();
    tp_trace_stop(trace);
    report("disabled_event", ratio(loop_disabled, loop_empty, 20), "at most 2.5");
    report("disabled_event_patched", ratio(loop_disabled_patched, loop_empty, 20), "at most 2");
    report("enabled_trace3", fourth_ratio(), "at most 1.1");
    report("refused_event", refused_ratio(false), "at most 1.1");
    report("refused_context", refused_ratio(true), "at most 1.1");
    report("refused_nested", nested_ratio() / enabled, "for comparison");
    reopen(TP_OVERWRITE, 1, 4);
    report("overwrite_event", ratio(loop_event, loop_flat_calls, 4), "at most 1.25");
    reopen(TP_OVERWRITE, 2, 8);
    report("drained_event", drained(&share), "at most 1.4");
    report("drained_share", share, "at least 0.95");
    report("two_cpus", two_cpus(loop_event), "at least 1.9");
    report("two_cpus_functions", two_cpus(loop_calls), "at least 1.9");
    must(tp_filter_set(trace, "bench:named", NOBODY, NULL));
    report("two_cpus_comm", two_cpus(loop_named), "at least 1.9");
}

int main(int argc, char **argv)
{
    tp_hosted_cpu = 0;
    tp_hosted_context = TASK;
    tp_task_name(TASK, 0, "bench");
    reopen(TP_DISCARD, 1, 8);
    if (argc > 1 && strcmp(argv[1], "count") == 0) {
        loop_event();
        printf("events %u\n", EVENTS);
        return 0;
    }
    if (BENCH_NO_CLOCK)
        without_clock();
    else
        with_clock();
    return 0;
}
