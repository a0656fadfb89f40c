/* SPDX-License-Identifier: MIT */
/* Filters, sampling, triggers and probes: what is recorded, who is called, what is refused. */
#include "support.h"

#include <stdarg.h>
#include <tp/control.h>

static const struct tp_config config = {
    .name = "t", .cpus = 2, .subbuf_bytes = 4096, .subbufs = 4, .context = true};

static void memory(void)
{
    static uint8_t bytes[32768] __attribute__((aligned(16)));

    tp_control_set_memory(bytes, sizeof(bytes), 2);
}

static struct tp_trace *start(void)
{
    memory();
    return test_open(&config);
}

/* The messages of all records of a dump that goes on, a line each. */
static const char *messages_of(struct tp_trace *t, struct test_dump *dump)
{
    static char text[8192];
    struct test_dump out = {0}, diag = {0};
    size_t used = 0;

    tp_trace_stop(t);
    test_drain(t, dump, 4096);
    TP_CHECK_EQ(test_decode(dump, &out, &diag), 0);
    for (char *line = strtok((char *)out.bytes, "\n"); line; line = strtok(NULL, "\n")) {
        const char *at = strstr(line, ": ");

        used += (size_t)snprintf(text + used, sizeof(text) - used, "%s\n", at ? at + 2 : line);
    }
    text[used] = 0;
    test_dump_free(&out);
    test_dump_free(&diag);
    return text;
}

static const char *messages(struct tp_trace *t)
{
    struct test_dump dump = {0};
    const char *text = messages_of(t, &dump);

    test_dump_free(&dump);
    return text;
}

/* NULL: none. */
static const char *filter_text(const struct tp_trace *t, const struct tp_event *e)
{
    static char text[TP_FILTER_TEXT_MAX + 1];

    return tp_filter_get(t, e, text, sizeof(text)) >= 0 ? text : NULL;
}

TP_TEST(Filter, LetsPassWhatMatches)
{
    struct tp_trace *t = start();

    TP_CHECK_EQ(tp_filter_set(t, "sched:pair", "(a > 8 && a <= 10) || b > 5", NULL), 0);
    trace_sched_pair(1, 2);
    trace_sched_pair(9, 2);
    trace_sched_pair(3, 4);
    trace_sched_pair(10, 4);
    trace_sched_pair(11, 6);
    trace_sched_odd(1, 2, 3); /* has none */
    TP_CHECK_STREQ(filter_text(t, &tp_event_sched_pair), "(a > 8 && a <= 10) || b > 5");
    TP_CHECK(!filter_text(t, &tp_event_sched_odd));
    TP_CHECK_STREQ(messages(t), "sched_pair: a=9 b=2\nsched_pair: a=10 b=4\nsched_pair: a=11 "
                                "b=6\nsched_odd: x=1 y=2 z=3\n");
    test_close(t);
}

static void fire_every_type(void)
{
    const uint16_t o[] = {65535, 258};
    const uint32_t n[] = {1, 4000000000u, 3};
    const int8_t m[] = {-1, 127};

    trace_fs_all(1, 2, 3, 4, -1, -2, -3, -4, false, 'c', NULL, "text", "0123456789", "\x7f", 1, o,
                 2);
    trace_fs_tails("abcdefg", "\1\2\377", 3, NULL, "\xaa\xbb\xcc\xdd", 4);
    trace_fs_arrays(n, m, "abcde");
    trace_mm_small(true, 'x', (void *)0xc0de);
    trace_mm_wide(0xfedcba9876543210u, -7);
    trace_sched_none();
    tp_printk("%d %s %c %llu", -5, "printk", 'y', 1ull << 63);
}

static const char every_type[] =
    "fs_all: 1 2 3 4 -1 -2 -3 -4 0 c 0x0 text 012345678... 7f {65535,258} ZERO\n"
    "fs_tails: abcd... 0102ff (null) aabbcc...\n"
    "fs_arrays: {1,4000000000,3} {-1,127} abcde\n"
    "mm_small: t=1 c=x p=0xc0de\n"
    "mm_wide: a=18364758544493064720 b=-7\n"
    "sched_none: nothing to say\n"
    "printk_fire_every_type: -5 printk y 9223372036854775808\n";

/* Every type in the record as it would be without a filter, */
TP_TEST(Filter, RecordsEveryType)
{
    struct tp_trace *t = start();

    TP_CHECK_EQ(tp_filter_set(t, "*", "common_type > 0", NULL), 0);
    fire_every_type();
    TP_CHECK_STREQ(messages(t), every_type);
    test_close(t);
}

/* also where it is not the event's own code that puts it together. */
TP_TEST(Filter, RecordsEveryTypeInTwoTraces)
{
    struct tp_trace *a = start(), *b = test_open(&config);

    TP_CHECK_EQ(tp_filter_set(a, "*", "common_type > 0", NULL), 0);
    fire_every_type();
    TP_CHECK_STREQ(messages(a), every_type);
    TP_CHECK_STREQ(messages(b), every_type);
    test_close(b);
    test_close(a);
}

TP_TEST(Filter, OnNumbersOnly)
{
    static const struct {
        const char *filter, *passed;
    } all[] = {{"a == 3", "3"},          {"a != 3", "124"},
               {"a < 3", "12"},          {"a > 3", "4"},
               {"a & 1", "13"},          {"a == 9 || a == 2", "2"},
               {"a > 1 && a < 4", "23"}, {"a < 4294967296", "1234"},
               {"a < -1", ""},           {"a > 1 && a != b", "24"}};

    for (unsigned i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        struct tp_trace *t = start();
        char expected[128] = "";

        TP_CHECK_EQ(tp_filter_set(t, "sched:pair", all[i].filter, NULL), 0);
        for (unsigned a = 1; a <= 4; a++)
            trace_sched_pair(a, 3);
        for (const char *a = all[i].passed; *a; a++)
            sprintf(expected + strlen(expected), "sched_pair: a=%c b=3\n", *a);
        TP_CHECK_STREQ(messages(t), expected);
        test_close(t);
    }
}

/* With what is added to a filter, and taken away again, the rule is another one. */
TP_TEST(Filter, WithATriggerAndASample)
{
    struct tp_trace *t = start();

    TP_CHECK_EQ(tp_filter_set(t, "sched:pair", "a == 1", NULL), 0);
    trace_sched_pair(1, 1);
    TP_CHECK_EQ(tp_sample_set(t, "sched:pair", 2), 0);
    trace_sched_pair(1, 2);
    trace_sched_pair(1, 3); /* left out */
    TP_CHECK_EQ(tp_sample_set(t, "sched:pair", 1), 0);
    TP_CHECK_EQ(tp_trigger_set(t, "sched:pair", "traceoff:1 if b == 5", NULL), 0);
    trace_sched_pair(1, 4);
    trace_sched_pair(2, 5); /* goes off though the filter rejects it */
    trace_sched_pair(1, 6);
    TP_CHECK_EQ(tp_trace_start(t), 0);
    TP_CHECK_EQ(tp_trigger_set(t, "sched:pair", "!traceoff", NULL), 0);
    trace_sched_pair(2, 7);
    trace_sched_pair(1, 8);
    TP_CHECK_EQ(tp_filter_set(t, "sched:pair", "common_pid == 7", NULL), 0);
    test_context = tp_context(7, 0, 0);
    trace_sched_pair(2, 9);
    test_context = tp_context(1, 0, 0);
    trace_sched_pair(1, 10);
    test_context = 0;
    TP_CHECK_STREQ(
        messages(t),
        "sched_pair: a=1 b=1\nsched_pair: a=1 b=2\nsched_pair: a=1 b=4\nsched_pair: a=1 b=8\n"
        "sched_pair: a=2 b=9\n");
    test_close(t);
}

/* Whose number is no CPU's of the trace, and above those that the engine counts one by one. */
TP_TEST(Filter, OnAStranger)
{
    struct tp_trace *t = start();

    TP_CHECK_EQ(tp_filter_set(t, "sched:pair", "a == 1", NULL), 0);
    test_cpu = 1000;
    trace_sched_pair(1, 1);
    trace_sched_pair(2, 2);
    test_cpu = 0;
    TP_CHECK_EQ(tp_trace_strangers(t), 1);
    TP_CHECK_EQ(test_pinned, 0);
    TP_CHECK_STREQ(messages(t), "");
    test_close(t);
}

/* A filter of an event that is not chosen has nothing to do; a trigger has. */
TP_TEST(Filter, OfAnEventThatNobodyWants)
{
    struct tp_trace *t = start();

    TP_CHECK_EQ(tp_filter_set(t, "sched:pair", "a == 1", NULL), 0);
    TP_CHECK_EQ(tp_event_sched_pair.mask, TP_MASK_RULE(tp_trace_number(t)));
    TP_CHECK_EQ(tp_trace_disable(t, "sched:pair"), 0);
    TP_CHECK_EQ(tp_event_sched_pair.mask, 0);
    TP_CHECK_EQ(tp_trigger_set(t, "sched:pair", "count", NULL), 0);
    TP_CHECK_EQ(tp_event_sched_pair.mask, TP_MASK_RULE(tp_trace_number(t)));
    trace_sched_pair(1, 1);
    TP_CHECK_EQ(tp_trigger_set(t, "sched:pair", "!count", NULL), 0);
    TP_CHECK_EQ(tp_event_sched_pair.mask, 0);
    tp_event_sched_pair.mask = TP_MASK_RULE(tp_trace_number(t)); /* seen before that */
    trace_sched_pair(1, 2);
    tp_event_sched_pair.mask = 0;
    TP_CHECK_EQ(tp_sample_set(t, "sched:pair", 2), 0);
    TP_CHECK_EQ(tp_event_sched_pair.mask, 0);
    TP_CHECK_EQ(tp_sample_set(t, "sched:pair", 1), 0);
    TP_CHECK_EQ(tp_trace_enable(t, "sched:pair"), 0);
    TP_CHECK_EQ(tp_event_sched_pair.mask, TP_MASK_RULE(tp_trace_number(t)));
    trace_sched_pair(1, 3);
    TP_CHECK_STREQ(messages(t), "sched_pair: a=1 b=3\n");
    test_close(t);
}

TP_TEST(Filter, OnTextNamesAndWhoFires)
{
    struct tp_trace *t = start();

    tp_task_name(42, 0, "worker/7");
    TP_CHECK_EQ(
        tp_filter_set(t, "fs:open", "path ~ \"/etc/*\" && flags & ZERO && why == idle", NULL), 0);
    TP_CHECK_EQ(
        tp_filter_set(t, "sched:pair", "common_pid == 42 && CPU == 1 && COMM ~ \"work*\"", NULL),
        0);
    trace_fs_open("/etc/passwd", 3, 0);
    trace_fs_open("/etc/passwd", 1, 0);
    trace_fs_open("/usr/etc", 3, 0);
    trace_fs_open("/etc/", 2, 1);
    test_cpu = 1;
    test_context = tp_context(42, 0, 0);
    trace_sched_pair(1, 1);
    test_cpu = 0;
    trace_sched_pair(2, 2);
    test_cpu = 1;
    test_context = tp_context(43, 0, 0);
    trace_sched_pair(3, 3);
    test_cpu = 0;
    test_context = 0;
    TP_CHECK_STREQ(messages(t),
                   "fs_open: path=/etc/passwd flags=ATOMIC|ZERO why=idle\nsched_pair: a=1 b=1\n");
    test_close(t);
}

TP_TEST(Filter, AWrongOneChangesNothing)
{
    struct tp_trace *t = start();
    struct tp_filter_error error;
    char text[128];

    TP_CHECK_EQ(tp_filter_set(t, "sched:pair", "a == 1", &error), 0);
    TP_CHECK_EQ(tp_filter_set(t, "sched:pair", "a == 2 && c > 1", &error), TP_EFILTER);
    TP_CHECK_EQ(error.column, 10);
    tp_filter_explain(&error, "a == 2 && c > 1", 15, text, sizeof(text));
    TP_CHECK(strstr(text, "a == 2 && c > 1\n          ^"));
    TP_CHECK_EQ(tp_filter_set(t, "nobody:*", "a == 2", &error), TP_ENOENT);
    trace_sched_pair(1, 1);
    trace_sched_pair(2, 2);
    /* Of several events those that have the fields are changed, the others stay. */
    TP_CHECK_EQ(tp_filter_set(t, "*", "x == 7", &error), 0);
    TP_CHECK_STREQ(filter_text(t, &tp_event_sched_odd), "x == 7");
    TP_CHECK_STREQ(filter_text(t, &tp_event_sched_pair), "a == 1");
    TP_CHECK_EQ(tp_filter_set(t, "*", "0", &error), 0);
    TP_CHECK(!filter_text(t, &tp_event_sched_odd));
    TP_CHECK(!filter_text(t, &tp_event_sched_pair));
    TP_CHECK_EQ(tp_event_sched_pair.mask, 1);
    trace_sched_pair(3, 3);
    TP_CHECK_STREQ(messages(t), "sched_pair: a=1 b=1\nsched_pair: a=3 b=3\n");
    test_close(t);
}

/* Each trace has its own, and one without is not slower for another's. */
TP_TEST(Filter, BelongsToOneTrace)
{
    struct tp_trace *a = start(), *b = test_open(&config);

    TP_CHECK_EQ(tp_filter_set(b, "sched:pair", "a == 2", NULL), 0);
    TP_CHECK_EQ(tp_event_sched_pair.mask,
                1u << tp_trace_number(a) | TP_MASK_RULE(tp_trace_number(b)));
    TP_CHECK_EQ(tp_event_sched_odd.mask, 1u << tp_trace_number(a) | 1u << tp_trace_number(b));
    trace_sched_pair(1, 1);
    trace_sched_pair(2, 2);
    TP_CHECK_EQ(tp_trace_disable(a, "sched:pair"), 0);
    trace_sched_pair(1, 4);
    trace_sched_pair(2, 5);
    TP_CHECK_EQ(tp_trace_enable(a, "sched:pair"), 0);
    TP_CHECK_EQ(tp_trace_disable(b, "sched:pair"), 0);
    trace_sched_pair(2, 3);
    TP_CHECK_STREQ(messages(a), "sched_pair: a=1 b=1\nsched_pair: a=2 b=2\nsched_pair: a=2 b=3\n");
    TP_CHECK_STREQ(messages(b), "sched_pair: a=2 b=2\nsched_pair: a=2 b=5\n");
    test_close(b);
    test_close(a);
    TP_CHECK_EQ(tp_event_sched_pair.mask, 0);
    TP_CHECK(!tp_event_sched_pair.rules);
}

static int depth_seen[2];

static uint64_t depth_of(void)
{
    return tp_context(1, 0, (uint32_t)test_pinned);
}

static void see_depth(void)
{
    test_context = depth_of();
}

/* A record tells the same of the task whichever way it went. */
TP_TEST(Filter, PinsNoDeeperThanWithoutOne)
{
    struct tp_trace *t = start();
    struct test_dump dump = {0};
    const struct tp_wire_chunk *c;

    test_context_hook = see_depth;
    trace_sched_pair(1, 1);
    TP_CHECK_EQ(tp_filter_set(t, "sched:pair", "a == 1", NULL), 0);
    trace_sched_pair(1, 2);
    test_context_hook = NULL;
    test_context = 0;
    tp_trace_stop(t);
    test_drain(t, &dump, 4096);
    c = test_chunk(&dump, TP_CHUNK_DATA, 0);
    for (unsigned i = 0; c && i < 2; i++) {
        struct tp_wire_context context;

        memcpy(&context, (const uint8_t *)(c + 1) + 24 * i + 8, sizeof(context));
        depth_seen[i] = context.preempt_depth;
    }
    TP_CHECK_EQ(depth_seen[0], 1);
    TP_CHECK_EQ(depth_seen[1], 1);
    test_dump_free(&dump);
    test_close(t);
}

TP_TEST(Sample, OneInSoMany)
{
    struct tp_trace *t = start();
    struct tp_rule_stats s;

    TP_CHECK_EQ(tp_sample_set(t, "sched:pair", 3), 0);
    TP_CHECK_EQ(tp_filter_set(t, "sched:pair", "a != 100", NULL), 0);
    for (unsigned i = 0; i < 7; i++) {
        trace_sched_pair(100, 0);
        trace_sched_pair(i, 0);
    }
    tp_rule_stats(t, &tp_event_sched_pair, &s);
    TP_CHECK(s.enabled && s.filtered);
    TP_CHECK_EQ(s.one_in, 3);
    TP_CHECK_EQ(s.suppressed, 4);
    TP_CHECK_EQ(tp_sample_set(t, "sched:pair", 1), 0);
    trace_sched_pair(7, 0);
    TP_CHECK_STREQ(
        messages(t),
        "sched_pair: a=0 b=0\nsched_pair: a=3 b=0\nsched_pair: a=6 b=0\nsched_pair: a=7 b=0\n");
    test_close(t);
}

TP_TEST(Sample, SoManyInASecond)
{
    struct tp_trace *t = start();
    struct tp_rule_stats s;

    test_time += 10 * tp_port_clock_hz();
    TP_CHECK_EQ(tp_rate_set(t, "sched:pair", 2), 0);
    for (unsigned i = 0; i < 5; i++)
        trace_sched_pair(i, 0);
    test_time += tp_port_clock_hz();
    for (unsigned i = 5; i < 10; i++)
        trace_sched_pair(i, 0);
    tp_rule_stats(t, &tp_event_sched_pair, &s);
    TP_CHECK_EQ(s.per_second, 2);
    TP_CHECK_EQ(s.suppressed, 6);
    TP_CHECK_STREQ(
        messages(t),
        "sched_pair: a=0 b=0\nsched_pair: a=1 b=0\nsched_pair: a=5 b=0\nsched_pair: a=6 b=0\n");
    test_close(t);
}

/* One event each `step` for 20 s: at most one a second passes, and the first of each does. */
static void try_rate(uint64_t hz, uint64_t step)
{
    struct tp_trace *t = start();
    struct tp_rule_stats s;
    unsigned fired = 0, expected = 0;
    uint64_t since = 0;

    test_hz = hz;
    test_time_step = 0;
    TP_CHECK_EQ(tp_rate_set(t, "sched:pair", 1), 0);
    for (test_time = 5; test_time < 20 * hz; test_time += step, fired++) {
        trace_sched_pair(fired, 0);
        if (!expected || test_time - since >= hz) {
            since = test_time;
            expected++;
        }
    }
    tp_rule_stats(t, &tp_event_sched_pair, &s);
    TP_CHECK_EQ(s.suppressed, fired - expected);
    test_hz = 1000000000;
    test_time_step = 1;
    test_close(t);
}

/* Also where a second, or what lies between two events, is more than 32 bits. */
TP_TEST(Sample, RatesOfAnyClock)
{
    try_rate(1000, 100);
    try_rate(1000000000, 100000000);
    try_rate(3000000000u, 300000000);
    try_rate(3000000000u, 4350000000u);
    try_rate(5000000000u, 500000000);
    try_rate(5000000000u, 4294967296u);
    try_rate(1000000000000u, 10000000000u);
}

/* Its clock shows less than when the second began on the other: that is no second that is over. */
TP_TEST(Sample, ACpuWhoseClockIsLate)
{
    struct tp_trace *t = start();

    test_time = 3000;
    TP_CHECK_EQ(tp_rate_set(t, "sched:pair", 1), 0);
    trace_sched_pair(1, 0);
    test_cpu = 1;
    test_time = 2000;
    trace_sched_pair(2, 0);
    TP_CHECK_STREQ(messages(t), "sched_pair: a=1 b=0\n");
    test_close(t);
}

/* What is in the n-th counts chunk and those behind it: so many entries. */
static unsigned counts_of(const struct test_dump *dump, struct tp_wire_count *to)
{
    const struct tp_wire_chunk *h;
    unsigned n = 0;

    for (unsigned i = 0; (h = test_chunk(dump, 6, i)); i++) {
        TP_CHECK_EQ(h->size_bytes, 104 + 16 * h->records);
        TP_CHECK_GE(h->records, 1);
        memcpy(to + n, h + 1, 16 * h->records);
        n += h->records;
    }
    return n;
}

/* Of these three, in the order of their ids, which is the compiler's choice. */
static void check_counts(const struct tp_wire_count *c)
{
    unsigned sum = 0;

    for (unsigned i = 0; i < 3; i++) {
        TP_CHECK(!i || c[i].id > c[i - 1].id);
        TP_CHECK_EQ(c[i].kind, 1);
        TP_CHECK_EQ(c[i].count, 4);
        sum |= c[i].id == tp_event_sched_pair.id ? 1u : 0;
        sum |= c[i].id == tp_event_sched_none.id ? 2u : 0;
        sum |= c[i].id == tp_event_sched_mute.id ? 4u : 0;
    }
    TP_CHECK_EQ(sum, 7);
}

/* In the order of the ids, before the end; also if the rates were taken back. */
TP_TEST(Sample, WhatItLeavesOutIsInTheDump)
{
    struct tp_trace *t = start();
    const struct tp_wire_chunk *end;
    struct tp_wire_count c[20];
    struct test_dump dump = {0}, out = {0}, diag = {0};

    TP_CHECK_EQ(tp_sample_set(t, "sched:*", 4), 0);
    for (unsigned i = 0; i < 6; i++) {
        trace_sched_pair(i, 0);
        trace_sched_none();
        trace_sched_mute();
    }
    trace_sched_odd(1, 2, 3);
    test_drain(t, &dump, 4096);
    TP_CHECK_EQ(counts_of(&dump, c), 3); /* with the metadata */
    check_counts(c);
    test_dump_free(&dump);
    TP_CHECK_EQ(tp_sample_set(t, "sched:*", 0), 0);
    TP_CHECK_EQ(tp_event_sched_pair.mask, 1u << tp_trace_number(t)); /* as if there were no rule */
    trace_sched_pair(6, 0);
    trace_sched_odd(1, 2, 3);
    tp_trace_stop(t);
    TP_CHECK_EQ(tp_snapshot_begin(t), 0);
    test_drain(t, &dump, 4096);
    TP_CHECK_EQ(counts_of(&dump, c), 3);
    check_counts(c);
    if (TP_SIDE_BYTES == 32) {
        TP_CHECK_EQ(test_chunk(&dump, 6, 0)->records, 2);
        TP_CHECK_EQ(test_chunk(&dump, 6, 1)->records, 1);
    }
    end = test_chunk(&dump, TP_CHUNK_END, 0);
    TP_CHECK_EQ((const uint8_t *)(end + 1) - dump.bytes, dump.size);
    test_dump_free(&dump);

    /* A snapshot tells them with its metadata and at its end; tpdecode in words. */
    dump.bytes = malloc(16384);
    dump.size = (size_t)tp_snapshot_read(t, dump.bytes, 16384);
    TP_CHECK_EQ(counts_of(&dump, c), 6);
    check_counts(c);
    check_counts(c + 3);
    TP_CHECK_EQ(test_decode(&dump, &out, &diag), 0);
    TP_CHECK(strstr((char *)diag.bytes, "sched:none: 4 records left out by sampling\n"));
    TP_CHECK(strstr((char *)diag.bytes, "sched:pair: 4 records left out by sampling\n"));
    test_dump_free(&out);
    test_dump_free(&diag);
    test_dump_free(&dump);

    /* A new stream starts at 0. */
    TP_CHECK_EQ(tp_trace_configure(t, &config), 0);
    tp_trace_start(t);
    tp_trace_stop(t);
    test_drain(t, &dump, 4096);
    TP_CHECK_EQ(counts_of(&dump, c), 0);
    test_dump_free(&dump);
    test_close(t);
}

/* A rule that goes while an event is on its way to it leaves the event to the trace. */
TP_TEST(Filter, AMaskOlderThanTheRules)
{
    struct tp_trace *t = start();

    tp_event_sched_pair.mask = TP_MASK_RULE(tp_trace_number(t));
    trace_sched_pair(1, 1);
    tp_trace_disable(t, "sched:odd");
    tp_event_sched_odd.mask = TP_MASK_RULE(tp_trace_number(t));
    trace_sched_odd(1, 1, 1);
    tp_event_sched_odd.mask = 0;
    tp_trace_stop(t);
    tp_event_sched_pair.mask = TP_MASK_RULE(tp_trace_number(t));
    trace_sched_pair(2, 2);
    tp_event_sched_pair.mask = 0;
    TP_CHECK_STREQ(messages(t), "sched_pair: a=1 b=1\n");
    test_close(t);
}

static struct tp_trace *ruled;

static void fire_by_an_old_mask(void)
{
    uint32_t mask = tp_event_sched_pair.mask;

    tp_event_sched_pair.mask = TP_MASK_RULE(tp_trace_number(ruled));
    trace_sched_pair(5, 5);
    tp_event_sched_pair.mask = mask;
}

/* Whoever fires has read the mask when there was another rule, and finds one that is just being
 * made: all of that one must be there by then. tp_event_update pins before it says what holds. */
TP_TEST(Filter, AMaskOlderThanTheRuleItFinds)
{
    ruled = start();
    test_pin_hook = fire_by_an_old_mask;
    TP_CHECK_EQ(tp_filter_set(ruled, "sched:pair", "a == 5", NULL), 0);
    TP_CHECK(!test_pin_hook);
    TP_CHECK_STREQ(messages(ruled), "sched_pair: a=5 b=5\n");
    test_close(ruled);

    ruled = start();
    tp_trace_stop(ruled);
    test_pin_hook = fire_by_an_old_mask;
    TP_CHECK_EQ(tp_filter_set(ruled, "sched:pair", "a == 5", NULL), 0);
    TP_CHECK_EQ(tp_trace_start(ruled), 0);
    tp_trace_disable(ruled, "sched:pair");
    TP_CHECK_EQ(tp_filter_set(ruled, "sched:pair", NULL, NULL), 0);
    test_pin_hook = fire_by_an_old_mask;
    TP_CHECK_EQ(tp_filter_set(ruled, "sched:pair", "a == 5", NULL), 0);
    TP_CHECK_STREQ(messages(ruled), "");
    test_close(ruled);
}

/* Of a trace that is being started the rule may be there and its bit not seen. */
TP_TEST(Filter, AMaskOlderThanAnotherTrace)
{
    struct tp_trace *a = start(), *b = test_open(&config);
    uint32_t mask;

    TP_CHECK_EQ(tp_filter_set(a, "sched:pair", "a == 1", NULL), 0);
    TP_CHECK_EQ(tp_filter_set(b, "sched:pair", "a == 2", NULL), 0);
    mask = tp_event_sched_pair.mask;
    tp_event_sched_pair.mask = TP_MASK_RULE(tp_trace_number(a));
    trace_sched_pair(1, 1);
    trace_sched_pair(2, 2);
    tp_event_sched_pair.mask = mask;
    TP_CHECK_STREQ(messages(a), "sched_pair: a=1 b=1\n");
    TP_CHECK_STREQ(messages(b), "");
    test_close(b);
    test_close(a);
}

TP_TEST(Trigger, StopsBehindTheEvent)
{
    struct tp_trace *t = start();
    char text[64];

    TP_CHECK_EQ(tp_trigger_set(t, "sched:pair", "traceoff:1 if a == 3", NULL), 0);
    TP_CHECK_EQ(tp_trigger_get(t, &tp_event_sched_pair, 0, text, sizeof(text)), 26);
    TP_CHECK(!memcmp(text, "traceoff:count=1 if a == 3", 26));
    TP_CHECK_EQ(tp_trigger_get(t, &tp_event_sched_pair, 1, text, sizeof(text)), TP_ENOENT);
    for (unsigned i = 1; i < 6; i++)
        trace_sched_pair(i, 0);
    TP_CHECK_EQ(tp_event_sched_pair.mask, 0);
    TP_CHECK_EQ(tp_trace_start(t), 0);
    trace_sched_pair(3, 1); /* once was all */
    trace_sched_pair(4, 1);
    TP_CHECK_STREQ(messages(t), "sched_pair: a=1 b=0\nsched_pair: a=2 b=0\nsched_pair: a=3 "
                                "b=0\nsched_pair: a=3 b=1\nsched_pair: a=4 b=1\n");
    test_close(t);
}

/* The event that starts it need not be chosen, and is not recorded. */
TP_TEST(Trigger, Starts)
{
    struct tp_trace *t = start();
    struct test_dump dump = {0};

    tp_trace_disable(t, "sched:none");
    TP_CHECK_EQ(tp_trigger_set(t, "sched:none", "traceon", NULL), 0);
    tp_trace_stop(t);
    trace_sched_pair(1, 0);
    trace_sched_none();
    trace_sched_pair(2, 0);
    TP_CHECK_STREQ(messages_of(t, &dump), "sched_pair: a=2 b=0\n");
    trace_sched_none();
    trace_sched_pair(3, 0); /* also behind an end that was exported */
    TP_CHECK_STREQ(messages_of(t, &dump), "sched_pair: a=2 b=0\nsched_pair: a=3 b=0\n");
    test_dump_free(&dump);
    TP_CHECK_EQ(tp_trigger_set(t, "sched:none", "!traceon", NULL), 0);
    TP_CHECK_EQ(tp_event_sched_none.mask, 0);
    test_close(t);
}

TP_TEST(Trigger, CountsAndTakesSnapshots)
{
    struct tp_trace *t = start();
    struct test_dump shot = {0}, out = {0}, diag = {0};
    uint8_t bytes[8192];
    char text[64];
    long n;

    TP_CHECK_EQ(tp_trigger_set(t, "sched:pair", "count if a & 1", NULL), 0);
    TP_CHECK_EQ(tp_trigger_set(t, "sched:pair", "snapshot:1 if a == 4", NULL), 0);
    TP_CHECK_EQ(tp_trigger_set(t, "sched:pair", "count", NULL), TP_EEXIST);
    for (unsigned i = 0; i < 9; i++)
        trace_sched_pair(i, 0);
    n = tp_trigger_get(t, &tp_event_sched_pair, 0, text, sizeof(text));
    TP_CHECK(n == 22 && !memcmp(text, "count:total=4 if a & 1", 22));
    while ((n = tp_snapshot_read(t, bytes, sizeof(bytes))) > 0) {
        shot.bytes = realloc(shot.bytes, shot.size + (size_t)n);
        memcpy(shot.bytes + shot.size, bytes, (size_t)n);
        shot.size += (size_t)n;
    }
    TP_CHECK_EQ(test_decode(&shot, &out, &diag), 0);
    TP_CHECK_STREQ((char *)diag.bytes, "5 records, 0 lost\n");
    test_dump_free(&shot);
    test_dump_free(&out);
    test_dump_free(&diag);
    test_close(t);
}

static void refused(struct tp_trace *t, const char *text, uint32_t column)
{
    struct tp_filter_error error = {.column = 999};

    TP_CHECK_EQ(tp_trigger_set(t, "sched:pair", text, &error), TP_EFILTER);
    TP_CHECK_EQ(error.column, column);
    TP_CHECK(!tp_event_sched_pair.rules);
}

TP_TEST(Trigger, RefusesWithAColumn)
{
    struct tp_trace *t = start();

    refused(t, "", 0);
    refused(t, "stacktrace", 0);
    refused(t, "  traceof", 2);
    refused(t, "traceoff:", 9);
    refused(t, "traceoff:0", 9);
    refused(t, "traceoff:1x", 10);
    refused(t, "traceoffx", 8);
    refused(t, "traceoff when a", 9);
    refused(t, "traceoff if ", 12);
    refused(t, "traceoff if c > 3", 12);
    TP_CHECK_EQ(tp_trigger_set(t, "sched:pair", "!traceoff", NULL), TP_ENOENT);
    test_close(t);
}

/* --- probes --- */

static char called[4096];

static void note(const char *format, ...)
{
    size_t used = strlen(called);
    va_list args;

    va_start(args, format);
    vsnprintf(called + used, sizeof(called) - used, format, args);
    va_end(args);
}

static void on_pair(void *data, uint32_t a, uint32_t b)
{
    note("%s %u %u\n", (const char *)data, a, b);
}

static void on_all(void *data, uint8_t a, uint16_t b, uint32_t c, uint64_t d, int8_t e, int16_t f,
                   int32_t g, int64_t h, bool i, char j, const void *k, const char *l,
                   const char *m, const void *n, size_t n_bytes, const uint16_t o[2], uint32_t p)
{
    (void)data;
    note("%u %u %u %llu %d %d %d %lld %d %c %p %s %s %02x %zu %u %u %u\n", a, b, c,
         (unsigned long long)d, e, f, g, (long long)h, i, j, k, l, m, *(const uint8_t *)n, n_bytes,
         o[0], o[1], p);
}

static void on_none(void *data)
{
    note("none %s\n", (const char *)data);
}

static char one[] = "one", two[] = "two";

TP_TEST(Probe, TypedInOrder)
{
    const uint16_t o[] = {65535, 258};

    memory();
    called[0] = 0;
    TP_CHECK_EQ(register_trace_sched_pair(on_pair, one), 0);
    TP_CHECK_EQ(register_trace_sched_pair(on_pair, two), 0);
    TP_CHECK_EQ(register_trace_sched_pair(on_pair, one), TP_EEXIST);
    TP_CHECK_EQ(register_trace_fs_all(on_all, NULL), 0);
    TP_CHECK_EQ(register_trace_sched_none(on_none, one), 0);
    TP_CHECK(trace_sched_pair_enabled());
    trace_sched_pair(1, 4000000000u);
    trace_fs_all(1, 2, 3, 1ull << 63, -1, -2, -3, -4, true, 'c', (void *)0x10, "text", "more",
                 "\x7f", 1, o, 2);
    trace_sched_none();
    TP_CHECK_EQ(unregister_trace_sched_pair(on_pair, one), 0);
    TP_CHECK_EQ(unregister_trace_sched_pair(on_pair, one), TP_ENOENT);
    trace_sched_pair(5, 6);
    TP_CHECK_EQ(unregister_trace_sched_pair(on_pair, two), 0);
    TP_CHECK_EQ(unregister_trace_fs_all(on_all, NULL), 0);
    TP_CHECK_EQ(unregister_trace_sched_none(on_none, one), 0);
    trace_sched_pair(7, 8);
    TP_CHECK(!trace_sched_pair_enabled());
    TP_CHECK_STREQ(called,
                   "one 1 4000000000\ntwo 1 4000000000\n"
                   "1 2 3 9223372036854775808 -1 -2 -3 -4 1 c 0x10 text more 7f 1 65535 258 2\n"
                   "none one\ntwo 5 6\n");
    TP_CHECK_EQ(tp_probe_synchronize(), 0);
}

static void on_raw(void *data, const struct tp_event *e, const uint64_t *args, uint32_t count)
{
    note("%s %s %u", (const char *)data, e->name, count);
    for (uint32_t i = 0; i < count; i++)
        if (strcmp(e->name, "tails") || i % 3 == 2)
            note(" %lld", (long long)args[i]);
        else
            note(" %.3s", (const char *)(uintptr_t)args[i]);
    note("\n");
}

static void on_record(void *data, const struct tp_event *e, uint64_t time, const void *record,
                      uint32_t bytes)
{
    const uint32_t *w = record;

    (void)data;
    note("%s %d %u %08x %u %u\n", e->name, (uint32_t)time == w[0], bytes, w[1] & ~0xffffu, w[2],
         w[3]);
}

TP_TEST(Probe, RawAndRecord)
{
    struct tp_probe_options o = {.filter = "a > 1"};
    struct tp_probe_stats before, after;
    struct tp_filter_error error;
    static char large[2000];

    memory();
    called[0] = 0;
    tp_probe_stats(&before);
    TP_CHECK_EQ(tp_probe_raw_add("sched:pair", on_raw, one, &o, &error), 0);
    TP_CHECK_EQ(tp_probe_raw_add("fs:tails", on_raw, two, NULL, NULL), 0);
    TP_CHECK_EQ(tp_probe_record_add("sched:pair", on_record, NULL, NULL, NULL), 0);
    TP_CHECK_EQ(tp_probe_record_add("fs:long", on_record, NULL, NULL, NULL), 0);
    TP_CHECK_EQ(tp_probe_raw_add("sched:odd", on_raw, NULL, &o, &error), TP_EFILTER);
    TP_CHECK_EQ(error.column, 0);
    TP_CHECK_EQ(tp_probe_raw_add("no:body", on_raw, NULL, NULL, NULL), TP_ENOENT);
    trace_sched_pair(1, 2);
    trace_sched_pair(2, 3);
    trace_fs_tails("abcdefg", "xyz", 3, "uvw", "rst", 3);
    trace_fs_long(large, sizeof(large));
    TP_CHECK_STREQ(called, "pair 1 16 80020000 1 2\none pair 2 2 3\npair 1 16 80020000 2 3\n"
                           "two tails 6 abc xyz 3 uvw rst 3\n");
    tp_probe_stats(&after);
    TP_CHECK_EQ(after.too_long - before.too_long, 1);
    TP_CHECK_EQ(tp_probe_raw_remove("*", on_raw, one), 0);
    TP_CHECK_EQ(tp_probe_raw_remove("*", on_raw, two), 0);
    TP_CHECK_EQ(tp_probe_record_remove("*", on_record, NULL), 0);
    TP_CHECK_EQ(tp_probe_record_remove("*", on_record, NULL), TP_ENOENT);
}

/* With a trace: what it records, not what is fired. */
TP_TEST(Probe, GoesWithATrace)
{
    struct tp_trace *t = start();
    struct tp_probe_options o = {.trace = t};

    called[0] = 0;
    TP_CHECK_EQ(tp_probe_raw_add("sched:pair", on_raw, one, &o, NULL), 0);
    trace_sched_pair(1, 0);
    TP_CHECK_EQ(tp_filter_set(t, "sched:pair", "a == 3", NULL), 0);
    trace_sched_pair(2, 0);
    trace_sched_pair(3, 0);
    tp_trace_disable(t, "sched:pair");
    trace_sched_pair(3, 1);
    tp_trace_enable(t, "sched:pair");
    tp_trace_stop(t);
    trace_sched_pair(3, 2);
    TP_CHECK_STREQ(called, "one pair 2 1 0\none pair 2 3 0\n");
    TP_CHECK_EQ(tp_probe_raw_remove("*", on_raw, one), 0);
    test_close(t);
}

static void on_pair_fires(void *data, uint32_t a, uint32_t b)
{
    (void)data;
    note("%u\n", a);
    trace_sched_pair(a + 1, b);
}

static void on_pair_changes(void *data, uint32_t a, uint32_t b)
{
    (void)b;
    note("%s %u\n", (const char *)data, a);
    TP_CHECK_EQ(unregister_trace_sched_pair(on_pair_changes, one), 0);
    TP_CHECK_EQ(register_trace_sched_pair(on_pair, two), 0);
    TP_CHECK_EQ(tp_probe_synchronize(), TP_EBUSY); /* we are inside */
}

TP_TEST(Probe, MayFireAndChange)
{
    struct tp_probe_stats before, after;

    memory();
    called[0] = 0;
    tp_probe_stats(&before);
    TP_CHECK_EQ(register_trace_sched_pair(on_pair_fires, NULL), 0);
    trace_sched_pair(1, 0);
    tp_probe_stats(&after);
    TP_CHECK_EQ(after.recursion - before.recursion, 1);
    TP_CHECK_STREQ(called, "1\n2\n3\n4\n");
    TP_CHECK_EQ(unregister_trace_sched_pair(on_pair_fires, NULL), 0);

    called[0] = 0;
    TP_CHECK_EQ(register_trace_sched_pair(on_pair_changes, one), 0);
    trace_sched_pair(1, 2);
    trace_sched_pair(3, 4);
    TP_CHECK_STREQ(called, "one 1\ntwo 3 4\n");
    TP_CHECK_EQ(unregister_trace_sched_pair(on_pair, two), 0);
    TP_CHECK_EQ(tp_probe_synchronize(), 0);
}

static int inside_answer;

static void on_pair_fills(void *data, uint32_t a, uint32_t b)
{
    static char filled[1000];
    unsigned n = 0;

    (void)a;
    (void)b;
    for (unsigned i = 0; i < 1000; i++) {
        tp_filter_set(*(struct tp_trace **)data, "sched:odd", "x == 1", NULL);
        tp_filter_set(*(struct tp_trace **)data, "sched:odd", NULL, NULL);
    }
    while (!(inside_answer = register_trace_sched_none(on_none, filled + n)))
        n++;
    while (n--)
        TP_CHECK_EQ(unregister_trace_sched_none(on_none, filled + n), 0);
}

/* All of it is taken back, and we may be looking at it: no room now is not no room. */
TP_TEST(Probe, NoRoomNow)
{
    struct tp_trace *t = start();

    inside_answer = 0;
    TP_CHECK_EQ(register_trace_sched_pair(on_pair_fills, &t), 0);
    trace_sched_pair(1, 1);
    TP_CHECK_EQ(inside_answer, TP_EBUSY);
    TP_CHECK_EQ(unregister_trace_sched_pair(on_pair_fills, &t), 0);
    TP_CHECK_EQ(tp_filter_set(t, "sched:odd", "x == 1", NULL), 0);
    test_close(t);
}

/* What is taken back comes back, and nothing is left over. */
TP_TEST(Probe, MemoryIsGivenBack)
{
    struct tp_trace *t = start();
    unsigned rules = 0;

    for (unsigned i = 0; i < 2000; i++) {
        TP_CHECK_EQ(tp_filter_set(t, "sched:*", "common_pid != 1", NULL), 0);
        TP_CHECK_EQ(tp_trigger_set(t, "sched:pair", "count if a == 1", NULL), 0);
        TP_CHECK_EQ(tp_trigger_set(t, "sched:pair", "!count", NULL), 0);
        TP_CHECK_EQ(tp_filter_set(t, "sched:*", NULL, NULL), 0);
    }
    /* Until it is full; then what there is still works. */
    while (!register_trace_sched_pair(on_pair, called + rules))
        rules++;
    TP_CHECK(rules > 100);
    TP_CHECK_EQ(tp_filter_set(t, "sched:pair", "a == 1", NULL), TP_EMEMORY);
    called[0] = 0;
    while (rules--)
        TP_CHECK_EQ(unregister_trace_sched_pair(on_pair, called + rules), 0);
    TP_CHECK_EQ(tp_filter_set(t, "sched:pair", "a == 1", NULL), 0);
    trace_sched_pair(1, 5);
    trace_sched_pair(2, 5);
    TP_CHECK_STREQ(messages(t), "sched_pair: a=1 b=5\n");
    test_close(t);
}

/* --- all or nothing --- */

static void on_raw_nothing(void *data, const struct tp_event *e, const uint64_t *args,
                           uint32_t count)
{
    (void)data;
    (void)e;
    (void)args;
    (void)count;
}

static const struct tp_event *const changed[] = {&tp_event_sched_pair, &tp_event_sched_odd,
                                                 &tp_event_sched_none, &tp_event_sched_mute};

/* All that is seen of the rules and probes of these. */
static const char *all_rules(const struct tp_trace *t)
{
    static char text[4096];
    size_t n = 0;

    for (unsigned i = 0; i < 4; i++) {
        const struct tp_event *e = changed[i];
        const char *filter = filter_text(t, e);
        struct tp_rule_stats s;
        char trigger[100];
        long bytes;

        tp_rule_stats(t, e, &s);
        n += (size_t)snprintf(text + n, sizeof(text) - n, "%x %d %s %u %u", e->mask, !!e->probes,
                              filter ? filter : "-", s.one_in, s.per_second);
        for (uint32_t k = 0; (bytes = tp_trigger_get(t, e, k, trigger, sizeof(trigger))) > 0; k++)
            n += (size_t)snprintf(text + n, sizeof(text) - n, " %.*s", (int)bytes, trigger);
        n += (size_t)snprintf(text + n, sizeof(text) - n, "\n");
    }
    return text;
}

static int change(struct tp_trace *t, unsigned kind)
{
    const struct tp_probe_options o = {.filter = "common_pid != 9"};

    switch (kind) {
    case 0:
        return tp_filter_set(t, "sched:*", "common_pid != 7 && comm != \"x\"", NULL);
    case 1:
        return tp_sample_set(t, "sched:*", 3);
    case 2:
        return tp_rate_set(t, "sched:*", 1000);
    case 3:
        return tp_trigger_set(t, "sched:*", "count:5 if common_pid != 8", NULL);
    default:
        return tp_probe_raw_add("sched:*", on_raw_nothing, NULL, &o, NULL);
    }
}

static unsigned probes_that_fit(void)
{
    unsigned n = 0;

    TP_CHECK_EQ(tp_probe_synchronize(), 0);
    while (!tp_probe_raw_add("fs:open", on_raw_nothing, called + n, NULL, NULL))
        n++;
    for (unsigned i = 0; i < n; i++)
        TP_CHECK_EQ(tp_probe_raw_remove("fs:open", on_raw_nothing, called + i), 0);
    TP_CHECK_EQ(tp_probe_synchronize(), 0);
    return n;
}

/* The n-th piece of memory cannot be had, for every n, of events that have rules and that have none:
 * nothing is changed, and nothing of the memory is missing. */
static void try_change(unsigned kind, bool ruled)
{
    struct tp_trace *t = start();
    unsigned n = 1, room;
    char before[4096];
    int err = TP_EMEMORY;

    if (ruled) {
        TP_CHECK_EQ(tp_filter_set(t, "sched:odd", "x == 1", NULL), 0);
        TP_CHECK_EQ(tp_sample_set(t, "sched:pair", 2), 0);
        TP_CHECK_EQ(tp_trigger_set(t, "sched:mute", "traceoff", NULL), 0);
    }
    strcpy(before, all_rules(t));
    room = probes_that_fit();
    for (; err && n < 100; n++) {
        test_store_left = n;
        err = change(t, kind);
        test_store_left = UINT32_MAX;
        TP_CHECK(!err || err == TP_EMEMORY || err == TP_EBUSY);
        if (err)
            TP_CHECK_STREQ(all_rules(t), before);
        if (err)
            TP_CHECK_EQ(probes_that_fit(), room);
    }
    TP_CHECK_GE(n, ruled && (kind == 1 || kind == 2) ? 2 : 5); /* it did fail, and then not */
    TP_CHECK_EQ(err, 0);
    TP_CHECK(strcmp(all_rules(t), before));
    tp_probe_raw_remove("sched:*", on_raw_nothing, NULL);
    test_close(t);
}

TP_TEST(Control, AllOrNothing)
{
    for (unsigned kind = 0; kind < 5; kind++) {
        try_change(kind, false);
        try_change(kind, true);
    }
}

/* No bytes have any address, and an event with a rule may have no filter: no arithmetic on null, and
 * no memcpy from it, which clang's sanitizer sees (tests/engine/unit/clang.sh). */
TP_TEST(Control, NullPointersAreNoBytes)
{
    struct tp_trace *t = start();

    trace_fs_tails(NULL, NULL, 0, NULL, NULL, 0);
    TP_CHECK_EQ(tp_sample_set(t, "fs:tails", 2), 0);
    trace_fs_tails(NULL, NULL, 0, NULL, NULL, 0);
    TP_CHECK_EQ(tp_probe_raw_add("fs:tails", on_raw_nothing, NULL, NULL, NULL), 0);
    trace_fs_tails(NULL, NULL, 0, NULL, NULL, 0);
    trace_fs_tails(NULL, NULL, 0, NULL, NULL, 0);
    TP_CHECK_EQ(tp_probe_raw_remove("fs:tails", on_raw_nothing, NULL), 0);
    TP_CHECK_STREQ(messages(t), "fs_tails: (nul...  (null) \n"
                                "fs_tails: (nul...  (null) \n"
                                "fs_tails: (nul...  (null) \n");
    test_close(t);
}
