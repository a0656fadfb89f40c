/* SPDX-License-Identifier: MIT */
/*
 * Tracing functions: their sites are switched while both CPUs run through them, known calls are
 * traced, and what a record costs is counted.
 *
 * It is for a kernel that is compiled as kernel_functions.elf and its kin are. This file and those that patch,
 * export and keep the books have no sites.
 */
#include "kernel.h"

#include <tp/port.h>
#include <tp/trace.h>

#define COST_CALLS 100
#define COST_TURNS 5
#define ALL_TURNS 5
/* Threads between a hook's count and its record, where the record was not begun at once. */
#define MOVED 16
#define OWN_BYTES (1u << 20)
#define OWN_SUBBUF_BYTES 4096
#define OWN_SUBBUFS 16

/* A function ends where the next one begins. */
static uintptr_t function_end(uintptr_t from)
{
    uintptr_t end = UINTPTR_MAX, entry;

    for (uint32_t i = 0; (entry = tp_fn_entry(i, NULL)); i++)
        if (entry > from && entry < end)
            end = entry;
    return end;
}

static void select(uintptr_t from, uintptr_t to, bool on)
{
    int err;

    while ((err = tp_fn_select(from, to, on)) == TP_EBUSY)
        thread_yield();
    if (err)
        panic(tp_strerror(err), NULL);
}

static void select_function(const void *function, bool on)
{
    select((uintptr_t)function, function_end((uintptr_t)function), on);
}

static void select_known(bool on)
{
    for (const void *const *f = known_functions; *f; f++)
        select_function(*f, on);
}

void functions_follow_leaf(bool on)
{
    select_function(known_leaf, on);
}

/* A trace of their own, which keeps the newest, so that they push out nothing else. */
static struct tp_trace *own;

static void own_open(struct tp_trace *trace, bool context)
{
    static uint8_t region[OWN_BYTES] __attribute__((aligned(64)));
    const struct tp_config config = {.name = "functions",
                                     .cpus = CPUS,
                                     .mode = TP_OVERWRITE,
                                     .context = context,
                                     .subbuf_bytes = OWN_SUBBUF_BYTES,
                                     .subbufs = OWN_SUBBUFS};

    if (tp_trace_disable(trace, "fn:*") || tp_trace_open(&own, region, sizeof(region), &config) ||
        tp_trace_disable(own, "*") || tp_trace_enable(own, "fn:*") || tp_trace_start(own))
        panic("no trace for functions", NULL);
}

void functions_follow_all(struct tp_trace *trace)
{
    own_open(trace, true);
    select(0, UINTPTR_MAX, true);
}

void functions_follow_none(void)
{
    if (own)
        tp_trace_stop(own);
}

static uint32_t sites_on(void)
{
    uint32_t count = 0;
    bool on;

    for (uint32_t i = 0; tp_fn_entry(i, &on); i++)
        count += on;
    return count;
}

/* --- while the usual work is done --- */

/* One function after the other, each on for a while, and a few times all. */
static void switch_run(uint64_t times)
{
    uint32_t count = 0, n = 0;

    books_moved = MOVED;
    while (tp_fn_entry(count, NULL))
        count++;
    workload_start(option(OPT_EVENTS), option(OPT_BURST));
    for (uint64_t i = 0; i < times; i++) {
        uintptr_t entry = tp_fn_entry(n, NULL);

        select_function((const void *)entry, true);
        if (i % 8 == 0)
            thread_sleep(1);
        select_function((const void *)entry, false);
        n = (n + 1) % count;
        if (times / ALL_TURNS && i % (times / ALL_TURNS) == 0) {
            select(0, UINTPTR_MAX, true);
            thread_sleep(2);
            select(0, UINTPTR_MAX, false);
        }
    }
    while (!workload_ended())
        thread_sleep(1);
    say("functions entries=%lu on=%lu switched=%lu\n", (unsigned long)count,
        (unsigned long)sites_on(), 2 * (times + ALL_TURNS));
}

/* --- known calls --- */

static void known_run(uint64_t times)
{
    uint32_t all = 0;

    select_known(true);
    for (uint64_t i = 0; i < times; i++)
        all += known_root((uint32_t)i);
    select_known(false);
    say("known times=%lu sum=%lu\n", times, (unsigned long)all);
}

/* As deep as a shadow stack has room for, and deeper. */
static void deep_run(uint64_t depth)
{
    select_known(true);
    known_down((uint32_t)depth - 1);
    select_known(false);
    say("deep calls=%lu\n", (unsigned long)depth + 1);
}

/* --- what it costs --- */

static uint64_t cost_once(void)
{
    uint64_t flags = irq_save(), from = tp_port_clock();

    for (uint32_t i = 0; i < COST_CALLS; i++)
        known_leaf(i);
    from = tp_port_clock() - from;
    irq_restore(flags);
    return from;
}

static uint64_t cost(void)
{
    uint64_t least = UINT64_MAX;

    for (int i = 0; i < COST_TURNS; i++) {
        uint64_t now = cost_once();

        least = now < least ? now : least;
    }
    return least;
}

static void cost_of(const char *trace)
{
    uint64_t off = cost(), enter, both;

    select((uintptr_t)known_leaf, (uintptr_t)known_leaf + 1, true);
    enter = cost();
    select_function(known_leaf, true);
    both = cost();
    select_function(known_leaf, false);
    say("cost trace=%s calls=%lu off=%lu enter=%lu both=%lu\n", trace, (unsigned long)COST_CALLS,
        off, enter, both);
}

/* In the trace of everything, which has context words, and in one of its own, which has none. */
static void cost_run(struct tp_trace *trace)
{
    unsigned long *const fired = &cpus[0].fired[EV_fn_call]; /* the main thread stays on CPU 0 */
    unsigned long before;

    cost_of("with_context");
    own_open(trace, false);
    before = *fired; /* what the other trace records is not in these books */
    cost_of("without_context");
    *fired = before;
    if (tp_trace_stop(own) || tp_trace_close(own))
        panic("the trace of functions stays", NULL);
}

void functions_init(void)
{
    int err = tp_fn_prepare();

    if (err)
        panic(tp_strerror(err), NULL);
}

bool functions_run(struct tp_trace *trace)
{
    if (option(OPT_FN_KNOWN))
        known_run(option(OPT_FN_KNOWN));
    else if (option(OPT_FN_DEEP))
        deep_run(option(OPT_FN_DEEP));
    else if (option(OPT_FN_COST))
        cost_run(trace);
    else if (option(OPT_FN) && !option(OPT_STORM))
        switch_run(option(OPT_FN));
    else
        return false;
    return true;
}
