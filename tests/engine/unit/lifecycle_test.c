/* SPDX-License-Identifier: MIT */
/*
 * Traces that open, close and change while something else is in the middle of them. Here an
 * interrupt comes at a known place (tests/engine/unit/port.h); tests/engine/stress/lifecycle_test.c races threads.
 */
#include "support.h"

#include "../../../engine/core/core.h"

#include <tp/control.h>
#include <tp/tree.h>

static const struct tp_config config = {.name = "t", .cpus = 2, .subbuf_bytes = 512, .subbufs = 4};
static const struct tp_config larger = {.name = "u", .cpus = 1, .subbuf_bytes = 512, .subbufs = 4};
static struct tp_trace *trace;

static struct tp_trace *start(void)
{
    static uint8_t bytes[16384] __attribute__((aligned(16)));

    tp_control_set_memory(bytes, sizeof(bytes), 4);
    return trace = test_open(&config);
}

/* Calls `then` after the clock was read so many times more. */
static void (*then)(void);
static int reads_left;
static bool came;

static void count_down(void)
{
    if (reads_left--) {
        test_hook = count_down;
        return;
    }
    came = true;
    then();
}

static void interrupt_after(int reads, void (*fn)(void))
{
    then = fn;
    reads_left = reads;
    came = false;
    test_hook = count_down;
}

/* --- who uses a trace keeps it --- */

static void change_all(void)
{
    struct tp_trace *other;

    TP_CHECK_EQ(tp_trace_close(trace), TP_EBUSY);
    TP_CHECK_EQ(tp_trace_configure(trace, &larger), TP_EBUSY);
    TP_CHECK_EQ(tp_trace_open(&other, test_region(trace), 1 << 16, &config), TP_EBUSY);
}

TP_TEST(Lifecycle, ReaderKeepsTheTrace)
{
    struct test_dump dump = {0}, out = {0}, diag = {0};
    uint8_t bytes[100];
    long n;

    start();
    trace_sched_pair(1, 2);
    tp_trace_stop(trace);
    interrupt_after(0, change_all);
    n = tp_pipe_read(trace, bytes, sizeof(bytes));
    TP_CHECK(came);
    TP_CHECK_EQ(n, sizeof(bytes));
    test_append(&dump, bytes, sizeof(bytes));
    test_drain(trace, &dump, 1000);
    TP_CHECK_EQ(test_decode(&dump, &out, &diag), 0);
    TP_CHECK(strstr((char *)out.bytes, "a=1 b=2") != NULL);
    test_dump_free(&dump);
    test_dump_free(&out);
    test_dump_free(&diag);
    test_close(trace);
}

static void use_all(void)
{
    struct tp_trace_stats stats;
    struct tp_config c;
    uint8_t byte;
    struct tp_trace *other;

    tp_task_name(4711, 0, "meanwhile");
    TP_CHECK_EQ(tp_pipe_read(trace, &byte, 1), TP_EBUSY);
    TP_CHECK_EQ(tp_cpu_pipe_read(trace, 0, &byte, 1), TP_EBUSY);
    TP_CHECK_EQ(tp_snapshot_begin(trace), TP_EBUSY);
    TP_CHECK_EQ(tp_snapshot_read(trace, &byte, 1), TP_EBUSY);
    TP_CHECK_EQ(tp_trace_stats(trace, 0, &stats), TP_EBUSY);
    TP_CHECK_EQ(tp_trace_start(trace), TP_EBUSY);
    TP_CHECK_EQ(tp_trace_stop(trace), TP_EBUSY);
    TP_CHECK_EQ(tp_trace_enable(trace, "*"), TP_EBUSY);
    TP_CHECK_EQ(tp_filter_set(trace, "*", "a == 1", NULL), TP_EBUSY);
    TP_CHECK_EQ(tp_trace_config(trace, &c), TP_EBUSY);
    TP_CHECK_EQ(tp_trace_close(trace), TP_EBUSY);
    TP_CHECK_EQ(tp_trace_configure(trace, &config), TP_EBUSY);
    TP_CHECK_EQ(tp_trace_open(&other, &byte, 0, &config), TP_EBUSY);
    TP_CHECK_EQ(tp_trace_attach(&other, &byte, 0), TP_EBUSY);
    TP_CHECK(!tp_pipe_sleep(trace) && !tp_pipe_ended(trace));
    TP_CHECK_EQ(tp_tree_write("tracing_on", "1", 1, NULL), TP_ENOENT); /* no other one is open */
}

static bool has_name(struct tp_trace *t, const char *name)
{
    const struct tp_wire_region *h = (const void *)test_region(t);
    const struct tp_wire_task *entry = (const void *)(test_region(t) + h->tasks_at +
                                                      sizeof(struct tp_wire_tasks));
    bool has = false;

    for (unsigned i = 0; i < h->tasks; i++)
        has |= !memcmp(entry[i].name, name, strlen(name));
    return has;
}

/* At each place where it reads the clock. The table of names stays. */
TP_TEST(Lifecycle, ConfigureIsAlone)
{
    int at = 0;

    do {
        start();
        tp_trace_stop(trace);
        tp_task_name(4711, 0, "before");
        interrupt_after(at++, use_all);
        TP_CHECK_EQ(tp_trace_configure(trace, &larger), 0);
        test_hook = NULL;
        TP_CHECK(has_name(trace, "before"));
        test_close(trace);
    } while (came);
    TP_CHECK(at > 2);
}

/* --- a trace that is no longer one --- */

TP_TEST(Lifecycle, ClosedIsNotATrace)
{
    struct tp_trace_stats stats;
    struct tp_rule_stats rule;
    struct tp_config c;
    char text[20];
    uint8_t *region;

    start();
    region = test_region(trace);
    tp_trace_stop(trace);
    TP_CHECK_EQ(tp_trace_close(trace), 0);
    free(region);
    TP_CHECK_EQ(tp_trace_close(trace), TP_EINVAL);
    TP_CHECK_EQ(tp_trace_configure(trace, &config), TP_EINVAL);
    TP_CHECK_EQ(tp_trace_start(trace), TP_EINVAL);
    TP_CHECK_EQ(tp_trace_stop(trace), TP_EINVAL);
    TP_CHECK_EQ(tp_trace_enable(trace, "*"), TP_EINVAL);
    TP_CHECK_EQ(tp_trace_disable(trace, "*"), TP_EINVAL);
    TP_CHECK_EQ(tp_filter_set(trace, "*", NULL, NULL), TP_EINVAL);
    TP_CHECK_EQ(tp_sample_set(trace, "*", 2), TP_EINVAL);
    TP_CHECK_EQ(tp_rate_set(trace, "*", 2), TP_EINVAL);
    TP_CHECK_EQ(tp_trigger_set(trace, "*", "count", NULL), TP_EINVAL);
    TP_CHECK_EQ(tp_pipe_read(trace, text, 1), TP_EINVAL);
    TP_CHECK_EQ(tp_pipe_peek(trace, NULL), TP_EINVAL);
    TP_CHECK_EQ(tp_pipe_consume(trace, 1), TP_EINVAL);
    TP_CHECK_EQ(tp_cpu_pipe_read(trace, 0, text, 1), TP_EINVAL);
    TP_CHECK_EQ(tp_snapshot_begin(trace), TP_EINVAL);
    TP_CHECK_EQ(tp_snapshot_read(trace, text, 1), TP_EINVAL);
    TP_CHECK_EQ(tp_trace_stats(trace, 0, &stats), TP_EINVAL);
    TP_CHECK_EQ(tp_trace_config(trace, &c), TP_EINVAL);
    TP_CHECK_EQ(tp_filter_get(trace, &tp_event_sched_pair, text, sizeof(text)), TP_EINVAL);
    TP_CHECK_EQ(tp_trigger_get(trace, &tp_event_sched_pair, 0, text, sizeof(text)), TP_EINVAL);
    TP_CHECK_EQ(tp_rule_stats(trace, &tp_event_sched_pair, &rule), TP_EINVAL);
    TP_CHECK_EQ(tp_trace_strangers(trace), 0);
    TP_CHECK(tp_trace_number(trace) >= TP_SLOTS_MAX);
    TP_CHECK(!tp_pipe_sleep(trace) && !tp_cpu_pipe_sleep(trace, 0));
    TP_CHECK(!tp_pipe_ended(trace) && !tp_cpu_pipe_ended(trace, 0));
    tp_pipe_flush(trace);
    TP_CHECK_EQ(tp_pipe_read(NULL, text, 1), TP_EINVAL);
}

/* --- attached --- */

static int calls;

static void probe(void *data, const struct tp_event *e, const uint64_t *args, uint32_t count)
{
    (void)data;
    (void)e;
    (void)args;
    calls += 1 + 0 * (int)count;
}

static uint8_t *copy_of_region(size_t *bytes)
{
    uint8_t *copy;

    *bytes = ((const struct tp_wire_region *)(const void *)test_region(trace))->region_bytes;
    copy = aligned_alloc(64, *bytes);
    memcpy(copy, test_region(trace), *bytes);
    return copy;
}

TP_TEST(Lifecycle, AttachedAnswersForItself)
{
    struct tp_trace *old;
    struct tp_rule_stats rule;
    struct tp_probe_options options = {.trace = NULL};
    struct tp_config c;
    char text[20];
    size_t bytes;
    uint8_t *copy;

    start();
    TP_CHECK_EQ(tp_trace_number(trace), 0);
    trace_sched_pair(1, 2);
    copy = copy_of_region(&bytes);
    TP_CHECK_EQ(tp_filter_set(trace, "sched:pair", "a == 3", NULL), 0);
    TP_CHECK_EQ(tp_trigger_set(trace, "sched:pair", "count", NULL), 0);
    test_cpu = 7;
    trace_sched_odd(1, 2, 3);
    test_cpu = 0;
    TP_CHECK_EQ(tp_trace_strangers(trace), 1);

    TP_ASSERT_EQ(tp_trace_attach(&old, copy, bytes), 0);
    TP_CHECK_EQ(tp_trace_number(old), TP_TRACES_MAX);
    TP_CHECK_EQ(tp_trace_strangers(old), 0);
    TP_CHECK_EQ(tp_trace_config(old, &c), 0);
    TP_CHECK_EQ(c.cpus, 2);
    TP_CHECK_EQ(tp_filter_get(old, &tp_event_sched_pair, text, sizeof(text)), TP_EINVAL);
    TP_CHECK_EQ(tp_trigger_get(old, &tp_event_sched_pair, 0, text, sizeof(text)), TP_EINVAL);
    TP_CHECK_EQ(tp_rule_stats(old, &tp_event_sched_pair, &rule), TP_EINVAL);
    TP_CHECK(!rule.enabled && !rule.filtered);
    TP_CHECK_EQ(tp_filter_set(old, "*", NULL, NULL), TP_EINVAL);
    TP_CHECK_EQ(tp_trigger_set(old, "*", "count", NULL), TP_EINVAL);
    TP_CHECK_EQ(tp_trace_start(old), TP_EINVAL);
    TP_CHECK_EQ(tp_trace_stop(old), TP_EINVAL);
    options.trace = old;
    TP_CHECK_EQ(tp_probe_raw_add("sched:odd", probe, NULL, &options, NULL), TP_EINVAL);
    TP_CHECK_EQ(tp_trace_close(old), 0);

    TP_CHECK_EQ(tp_filter_get(trace, &tp_event_sched_pair, text, sizeof(text)), 6);
    TP_CHECK_STREQ(text, "a == 3");
    TP_CHECK_EQ(tp_filter_get(trace, &tp_event_sched_pair, text, 4), 3);
    TP_CHECK_STREQ(text, "a =");
    TP_CHECK_EQ(tp_trace_strangers(trace), 1);
    free(copy);
    test_close(trace);
}

TP_TEST(Lifecycle, SoManyAttached)
{
    struct tp_trace *old[TP_ATTACHED_MAX + 1];
    uint8_t *copy[TP_ATTACHED_MAX + 1];
    size_t bytes;

    start();
    for (unsigned i = 0; i <= TP_ATTACHED_MAX; i++) {
        copy[i] = copy_of_region(&bytes);
        TP_CHECK_EQ(tp_trace_attach(&old[i], copy[i], bytes), i < TP_ATTACHED_MAX ? 0 : TP_ELIMIT);
    }
    TP_CHECK_EQ(tp_trace_close(old[0]), 0);
    TP_CHECK_EQ(tp_trace_attach(&old[0], copy[TP_ATTACHED_MAX], bytes), 0);
    for (unsigned i = 0; i < TP_ATTACHED_MAX; i++)
        TP_CHECK_EQ(tp_trace_close(old[i]), 0);
    for (unsigned i = 0; i <= TP_ATTACHED_MAX; i++)
        free(copy[i]);
    test_close(trace);
}

/* --- memory that has an owner --- */

static void refused(uint8_t *region, size_t bytes)
{
    struct tp_trace *other;

    TP_CHECK_EQ(tp_trace_open(&other, region, bytes, &config), TP_EBUSY);
    TP_CHECK_EQ(tp_trace_attach(&other, region, bytes), TP_EBUSY);
}

TP_TEST(Lifecycle, MemoryHasOneOwner)
{
    static uint8_t memory[3 << 16] __attribute__((aligned(64)));
    const size_t part = 1 << 16;
    struct tp_trace *t, *before, *behind;

    TP_ASSERT_EQ(tp_trace_open(&t, memory + part, part, &config), 0);
    refused(memory + part, part);
    refused(memory + part + 64, part);
    refused(memory + part + 4096, part / 2);
    refused(memory + 64, part);
    refused(memory, sizeof(memory));
    TP_CHECK_EQ(tp_trace_open(&before, memory, part, &config), 0); /* beside it is another's */
    TP_CHECK_EQ(tp_trace_open(&behind, memory + 2 * part, part, &config), 0);
    TP_CHECK_EQ(tp_trace_close(t), 0);
    TP_CHECK_EQ(tp_trace_open(&t, memory + part, part, &config), 0);
    TP_CHECK_EQ(tp_trace_close(t), 0);
    TP_CHECK_EQ(tp_trace_close(before), 0);
    TP_CHECK_EQ(tp_trace_close(behind), 0);
    TP_CHECK_EQ(tp_trace_open(&t, NULL, part, &config), TP_EINVAL);
}

/* --- triggers --- */

static void fire_waking(void)
{
    trace_sched_pair(1, 1);
}

/* The rule of sched:none is the first to go; then comes the event that would start the trace. */
TP_TEST(Lifecycle, NothingStartsAClosingTrace)
{
    struct tp_trace_stats stats;

    start();
    TP_CHECK_EQ(tp_trigger_set(trace, "sched:none", "count", NULL), 0);
    TP_CHECK_EQ(tp_trigger_set(trace, "sched:pair", "traceon", NULL), 0);
    tp_trace_stop(trace);
    test_pin_hook = fire_waking;
    TP_CHECK_EQ(tp_trace_close(trace), 0);
    TP_CHECK(!test_pin_hook);
    TP_CHECK_EQ(tp_running, 0);
    free(test_region(trace));

    start();
    TP_CHECK_EQ(tp_trace_stop(trace), 0);
    trace_sched_pair(1, 1);
    TP_CHECK_EQ(tp_trace_stats(trace, 0, &stats), 0);
    TP_CHECK_EQ(stats.unread, 0);
    TP_CHECK_EQ(tp_trace_start(trace), 0);
    test_close(trace);
}

/* While the filter of a trigger is run its trace goes and another one comes. */
static struct tp_trace *second;

static void exchange_traces(void)
{
    static uint8_t memory[1 << 16] __attribute__((aligned(64)));

    test_context_hook = NULL;
    TP_CHECK_EQ(tp_trace_close(trace), 0);
    TP_CHECK_EQ(tp_trace_open(&second, memory, sizeof(memory), &config), 0);
    TP_CHECK_EQ(tp_trace_number(second), 0);
}

TP_TEST(Lifecycle, TriggerIsOfOneTrace)
{
    uint8_t *region;

    start();
    region = test_region(trace);
    TP_CHECK_EQ(tp_trigger_set(trace, "sched:pair", "traceon if common_pid == 0", NULL), 0);
    tp_trace_stop(trace);
    test_context_hook = exchange_traces;
    trace_sched_pair(1, 1);
    TP_CHECK(!test_context_hook);
    TP_CHECK_EQ(tp_running, 0);
    TP_CHECK_EQ(tp_trace_close(second), 0);
    free(region);
}

/* A probe that goes with a trace's recording does not go with that of the next one. */
TP_TEST(Lifecycle, ProbeIsOfOneTrace)
{
    struct tp_probe_options options;

    start();
    options = (struct tp_probe_options){.trace = trace};
    calls = 0;
    TP_CHECK_EQ(tp_probe_raw_add("sched:pair", probe, NULL, &options, NULL), 0);
    trace_sched_pair(1, 1);
    TP_CHECK_EQ(calls, 1);
    test_close(trace);
    start();
    trace_sched_pair(1, 1);
    TP_CHECK_EQ(calls, 1);
    TP_CHECK_EQ(tp_probe_raw_remove("sched:pair", probe, NULL), 0);
    test_close(trace);
}

static void expect_trigger(const char *text)
{
    char is[40] = "";

    TP_CHECK(tp_trigger_get(trace, &tp_event_sched_odd, 0, is, sizeof(is) - 1) > 0);
    TP_CHECK_STREQ(is, text);
}

/* Between its first byte and its end a trigger leaves a snapshot alone, and has not gone off. */
TP_TEST(Lifecycle, SnapshotThatIsReadIsLeftAlone)
{
    struct test_dump dump = {0}, out = {0}, diag = {0};
    uint8_t bytes[300];
    long n;

    start();
    TP_CHECK_EQ(tp_trigger_set(trace, "sched:odd", "snapshot:2", NULL), 0);
    trace_sched_pair(1, 2);
    trace_sched_odd(1, 2, 3);
    expect_trigger("snapshot:count=1");
    while ((n = tp_snapshot_read(trace, bytes, sizeof(bytes))) > 0) {
        test_append(&dump, bytes, (size_t)n);
        trace_sched_odd(4, 5, 6);
        expect_trigger("snapshot:count=1");
    }
    TP_CHECK_EQ(n, 0);
    TP_CHECK_EQ(test_decode(&dump, &out, &diag), 0);
    TP_CHECK(strstr((char *)diag.bytes, "2 records, 0 lost") != NULL);
    trace_sched_odd(7, 8, 9); /* at its end it may go off again */
    expect_trigger("snapshot:count=0");
    TP_CHECK(tp_snapshot_read(trace, bytes, sizeof(bytes)) > 0);
    TP_CHECK_EQ(tp_snapshot_begin(trace), 0); /* the reader itself begins anew */
    TP_CHECK(tp_snapshot_read(trace, bytes, sizeof(bytes)) > 0);
    TP_CHECK_EQ(bytes[0], TP_WIRE_MAGIC0);
    test_dump_free(&dump);
    test_dump_free(&out);
    test_dump_free(&diag);
    test_close(trace);
}

/* --- the pipe, names --- */

static void run_on(void)
{
    TP_CHECK_EQ(tp_trace_start(trace), 0);
    trace_sched_pair(5, 6);
}

/* At each place where a reader of a stopped trace reads the clock. */
TP_TEST(Lifecycle, PipeIsReadBesideStart)
{
    int at = 0;

    do {
        struct test_dump dump = {0}, out = {0}, diag = {0};

        start();
        trace_sched_pair(1, 2);
        tp_trace_stop(trace);
        interrupt_after(at++, run_on);
        test_drain(trace, &dump, 1000);
        test_hook = NULL;
        tp_trace_stop(trace);
        test_drain(trace, &dump, 1000);
        TP_CHECK(tp_pipe_ended(trace));
        TP_CHECK_EQ(test_decode(&dump, &out, &diag), 0);
        TP_CHECK_STREQ((char *)diag.bytes, came ? "2 records, 0 lost\n" : "1 records, 0 lost\n");
        test_dump_free(&dump);
        test_dump_free(&out);
        test_dump_free(&diag);
        test_close(trace);
    } while (came);
    TP_CHECK(at > 4);
}

/* And where it reads what was lost, before it reads the clock for the last marks. */
static int counts_left;

static void at_count(const struct tp_count *c)
{
    (void)c;
    if (counts_left--)
        return;
    test_count_hook = NULL;
    came = true;
    run_on();
}

/* A mark promises that nothing of its CPU that comes later in the dump is older. */
static void check_marks(const struct test_dump *dump)
{
    uint64_t promised[2] = {0};
    const struct tp_wire_chunk *h;

    for (unsigned n = 0; (h = test_chunk(dump, TP_CHUNK_DATA, n)) != NULL; n++) {
        TP_CHECK_GE(h->time, promised[h->cpu]);
        if (!h->records)
            promised[h->cpu] = h->time;
    }
}

TP_TEST(Lifecycle, LastMarkIsNotAfterStart)
{
    int at = 0;

    do {
        struct test_dump dump = {0}, out = {0}, diag = {0};

        start();
        trace_sched_pair(1, 2);
        tp_trace_stop(trace);
        came = false;
        counts_left = at++;
        test_count_hook = at_count;
        test_drain(trace, &dump, 1000);
        test_count_hook = NULL;
        tp_trace_stop(trace);
        test_drain(trace, &dump, 1000);
        check_marks(&dump);
        TP_CHECK_EQ(test_decode(&dump, &out, &diag), 0);
        TP_CHECK_STREQ((char *)diag.bytes, came ? "2 records, 0 lost\n" : "1 records, 0 lost\n");
        test_dump_free(&dump);
        test_dump_free(&out);
        test_dump_free(&diag);
        test_close(trace);
    } while (came);
    TP_CHECK(at > 2);
}

static void ask_for_books(void)
{
    struct tp_trace_stats stats;

    TP_CHECK_EQ(tp_trace_stats(trace, 0, &stats), TP_EBUSY);
    TP_CHECK_EQ(tp_trace_stats(trace, 1, &stats), TP_EBUSY);
    TP_CHECK(!tp_pipe_ended(trace));
}

TP_TEST(Lifecycle, BooksBesideAReader)
{
    struct test_dump dump = {0};
    struct tp_trace_stats stats;

    start();
    trace_sched_pair(1, 2);
    tp_trace_stop(trace);
    interrupt_after(0, ask_for_books);
    test_drain(trace, &dump, 1000);
    TP_CHECK(came);
    TP_CHECK_EQ(tp_trace_stats(trace, 0, &stats), 0);
    TP_CHECK_EQ(stats.read, 1);
    test_dump_free(&dump);
    test_close(trace);
}

/* --- what is wrong, in words --- */

static void fault(struct tp_config c, const char *what)
{
    const char *is = tp_config_fault(&c);

    TP_CHECK(is && strncmp(is, what, strlen(what)) == 0);
}

TP_TEST(Lifecycle, ConfigFault)
{
    fault((struct tp_config){.cpus = 0}, "cpus:");
    fault((struct tp_config){.cpus = 65536}, "cpus:");
    fault((struct tp_config){.cpus = 1, .subbuf_bytes = 256}, "subbuf_bytes:");
    fault((struct tp_config){.cpus = 1, .subbuf_bytes = 768}, "subbuf_bytes:");
    fault((struct tp_config){.cpus = 1, .subbuf_bytes = 1 << 19}, "subbuf_bytes:");
    fault((struct tp_config){.cpus = 1, .subbufs = 1}, "subbufs:");
    fault((struct tp_config){.cpus = 1, .subbufs = 3}, "subbufs:");
    fault((struct tp_config){.cpus = 1, .subbuf_bytes = 1 << 18, .subbufs = 1 << 14}, "subbufs:");
    fault((struct tp_config){.cpus = 1, .mode = (enum tp_mode)2}, "mode:");
    TP_CHECK(!tp_config_fault(&config));
    TP_CHECK(!tp_config_fault(&(struct tp_config){.cpus = 65535}));
}
