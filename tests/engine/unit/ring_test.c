/* SPDX-License-Identifier: MIT */
/* The ring alone: sub-buffers, refusal and its counts, nesting at the one point that matters. */
#define TP_CREATE
#include <tp/event.h>

TP_EVENT(ring, two, "%x %x", bytes(32000) a, bytes(32000) b)

#undef TP_CREATE
#include "support.h"

#include <tp/inner/ring.h>

static const struct tp_config tiny = {.name = "t", .cpus = 2, .subbuf_bytes = 512, .subbufs = 2};

/* 512 - 104 header - 8 kept free = 400 bytes: 25 records of 16 bytes in a sub-buffer. */
#define PAIRS 25u

static struct tp_trace_stats stats(struct tp_trace *t, uint32_t cpu)
{
    struct tp_trace_stats s;

    TP_CHECK_EQ(tp_trace_stats(t, cpu, &s), 0);
    return s;
}

TP_TEST(Ring, RefusesAndCountsWhenFull)
{
    struct tp_trace *t = test_open(&tiny);

    for (unsigned i = 0; i < 2 * PAIRS + 7; i++)
        trace_sched_pair(i, i);
    TP_CHECK_EQ(stats(t, 0).unread, 2 * PAIRS);
    TP_CHECK_EQ(stats(t, 0).lost[TP_LOST_FULL], 7);
    TP_CHECK_EQ(stats(t, 1).lost[TP_LOST_FULL], 0);
    test_close(t);
}

TP_TEST(Ring, TakesAgainWhatTheReaderGaveBack)
{
    struct test_dump dump = {0};
    struct tp_trace *t = test_open(&tiny);
    const struct tp_wire_chunk *h;
    uint64_t next = 0;

    for (unsigned round = 0; round < 10; round++) {
        for (unsigned i = 0; i < 2 * PAIRS + 1; i++)
            trace_sched_pair(i, i);
        test_drain(t, &dump, 4096); /* of the two full sub-buffers only the closed one */
    }
    tp_trace_stop(t);
    test_drain(t, &dump, 4096);
    TP_CHECK_EQ(stats(t, 0).read + stats(t, 0).lost[TP_LOST_FULL], 10 * (2 * PAIRS + 1));
    TP_CHECK_EQ(stats(t, 0).unread, 0);
    /* Numbers run on, and each chunk tells what was lost before it: of the first 51 events the
     * last, before the third sub-buffer. */
    for (unsigned i = 0; (h = test_chunk(&dump, TP_CHUNK_DATA, i)) != NULL && !h->cpu; i++) {
        TP_CHECK_EQ(h->first_record, next);
        if (h->records) /* a mark may be behind */
            TP_CHECK_EQ(h->lost[TP_LOST_FULL] > 0, next >= 2 * PAIRS);
        if (h->records && next == 2 * PAIRS)
            TP_CHECK_EQ(h->lost[TP_LOST_FULL], 1);
        next += h->records;
    }
    TP_CHECK(next > 4 * PAIRS);
    test_dump_free(&dump);
    test_close(t);
}

static void fill_ring(struct tp_trace *t)
{
    for (unsigned i = 0; i < 2 * PAIRS; i++)
        trace_sched_pair(i, i);
    TP_ASSERT_EQ(stats(t, 0).lost[TP_LOST_FULL], 0);
}

/* A full buffer is looked at once, and a new upper half of the time makes no difference. */
TP_TEST(Ring, RefusalReadsTheClockOnce)
{
    struct tp_trace *t = test_open(&tiny);
    uint64_t before;

    fill_ring(t);
    for (unsigned i = 1; i <= 3; i++) {
        before = test_time;
        trace_sched_pair(1, 2);
        TP_CHECK_EQ(test_time - before, 1);
        TP_CHECK_EQ(stats(t, 0).lost[TP_LOST_FULL], i);
        test_time += 1ull << 32;
    }
    test_close(t);
}

static struct tp_trace *given_back;
static struct test_dump given;

static void give_back(void)
{
    test_drain(given_back, &given, 4096);
}

/* The reader comes after the cursor was looked at, and in time for the look at what it gives back.
 */
TP_TEST(Ring, RefusalSeesWhatTheReaderGaveBack)
{
    struct tp_trace *t = given_back = test_open(&tiny);

    fill_ring(t);
    trace_sched_pair(1, 2);
    test_hook = give_back;
    trace_sched_pair(3, 4);
    TP_CHECK_EQ(stats(t, 0).lost[TP_LOST_FULL], 1);
    TP_CHECK_EQ(stats(t, 0).read + stats(t, 0).unread, 2 * PAIRS + 1);
    test_dump_free(&given);
    test_close(t);
}

/* What fits into no sub-buffer is counted as that, though there is no room either. */
TP_TEST(Ring, RefusalOfOversizeInAFullBuffer)
{
    static uint8_t data[1000];
    struct tp_trace *t = test_open(&tiny);

    fill_ring(t);
    trace_fs_long(data, 374);
    TP_CHECK_EQ(stats(t, 0).lost[TP_LOST_FULL], 1);
    trace_fs_long(data, 375);
    trace_fs_long(data, sizeof(data));
    TP_CHECK_EQ(stats(t, 0).lost[TP_LOST_FULL], 1);
    TP_CHECK_EQ(stats(t, 0).lost[TP_LOST_OVERSIZE], 2);
    test_close(t);
}

TP_TEST(Ring, RefusalsCarryIntoTheUpperWord)
{
    struct tp_trace *t = test_open(&tiny);

    fill_ring(t);
    tp_rings[0].ring[0].lost[TP_LOST_FULL].low = UINT32_MAX - 1;
    for (uint64_t i = 0; i < 3; i++) {
        trace_sched_pair(1, 2);
        TP_CHECK_EQ(stats(t, 0).lost[TP_LOST_FULL], UINT32_MAX + i);
    }
    test_close(t);
}

/* An event that one trace wants is begun, put into the next sub-buffer and refused there, whichever
 * trace that is. */
TP_TEST(Ring, AnyOneTraceIsSimple)
{
    struct tp_config config = {.cpus = 1, .subbuf_bytes = 512, .subbufs = 2};
    static uint8_t region[TP_TRACES_MAX][32768] __attribute__((aligned(64)));
    struct tp_trace *t[TP_TRACES_MAX];

    for (unsigned i = 0; i < TP_TRACES_MAX; i++) {
        TP_ASSERT_EQ(tp_trace_open(&t[i], region[i], sizeof(region[i]), &config), 0);
        tp_trace_disable(t[i], "*");
        tp_trace_start(t[i]);
    }
    for (unsigned i = 0; i < TP_TRACES_MAX; i++) {
        tp_trace_enable(t[i], "sched:pair");
        for (unsigned n = 0; n < 2 * PAIRS + 3 + i; n++) {
            uint64_t before = test_time;

            trace_sched_pair(n, i);
            if (n > 2 * PAIRS)
                TP_CHECK_EQ(test_time - before, 1);
        }
        tp_trace_disable(t[i], "sched:pair");
    }
    for (unsigned i = 0; i < TP_TRACES_MAX; i++) {
        TP_CHECK_EQ(stats(t[i], 0).unread, 2 * PAIRS);
        TP_CHECK_EQ(stats(t[i], 0).lost[TP_LOST_FULL], 3 + i);
        tp_trace_stop(t[i]);
        tp_trace_close(t[i]);
    }
}

TP_TEST(Ring, OversizeIsCountedAndLeavesRoom)
{
    static uint8_t data[1000];
    struct tp_trace *t = test_open(&tiny);

    /* 512 - 8 - 104 - 16 (a time stamp) = 384: 8 header + 2 length + 374 data. */
    trace_fs_long(data, 374);
    TP_CHECK_EQ(stats(t, 0).unread, 1);
    trace_fs_long(data, 375);
    trace_fs_long(data, sizeof(data));
    TP_CHECK_EQ(stats(t, 0).lost[TP_LOST_OVERSIZE], 2);
    trace_sched_none();
    TP_CHECK_EQ(stats(t, 0).unread, 2);
    TP_CHECK_EQ(stats(t, 0).lost[TP_LOST_FULL], 0);
    test_close(t);
}

/* 8 + 2 + 32,000 bytes fit into a length of 4,095 units; the longest record there is. */
TP_TEST(Ring, LongestRecord)
{
    static uint8_t data[40000];
    struct tp_config config = {.name = "t", .cpus = 1, .subbuf_bytes = 65536, .subbufs = 2};
    struct tp_trace *t = test_open(&config);
    struct test_dump dump = {0};

    trace_fs_long(data, 32000);
    trace_fs_long(data, 32001);
    tp_trace_stop(t);
    test_drain(t, &dump, 65536);
    TP_CHECK_EQ(test_chunk(&dump, TP_CHUNK_DATA, 0)->size_bytes, 104 + 2 * 32016);
    TP_CHECK_EQ(stats(t, 0).read, 2);
    test_dump_free(&dump);
    test_close(t);
}

/* 8 header + 2 x 2 lengths + data: 4,095 units of 8 are 32,760 bytes, and there is room for twice as many. */
TP_TEST(Ring, LongestOfTwoTails)
{
    static uint8_t data[32000];
    struct tp_config config = {.name = "t", .cpus = 1, .subbuf_bytes = 131072, .subbufs = 2};
    struct tp_trace *t = test_open(&config);

    trace_ring_two(data, 32000, data, 748);
    TP_CHECK_EQ(stats(t, 0).lost[TP_LOST_OVERSIZE], 0);
    TP_CHECK_EQ(stats(t, 0).unread, 1);
    trace_ring_two(data, 32000, data, 749);
    trace_ring_two(data, 32000, data, 32000);
    TP_CHECK_EQ(stats(t, 0).lost[TP_LOST_OVERSIZE], 2);
    TP_CHECK_EQ(stats(t, 0).unread, 1);
    test_close(t);
}

TP_TEST(Ring, CpusDoNotShare)
{
    struct tp_trace *t = test_open(&tiny);

    test_cpu = 1;
    trace_sched_none();
    test_cpu = 0;
    TP_CHECK_EQ(stats(t, 0).unread, 0);
    TP_CHECK_EQ(stats(t, 1).unread, 1);
    test_close(t);
}

TP_TEST(Ring, StrangersAreCounted)
{
    struct tp_trace *t = test_open(&tiny);

    test_cpu = 2;
    trace_sched_none();
    trace_sched_pair(1, 2);
    test_cpu = 0;
    TP_CHECK_EQ(tp_trace_strangers(t), 2);
    TP_CHECK_EQ(stats(t, 0).unread + stats(t, 1).unread, 0);
    test_close(t);
}

static unsigned nested;

static void nest(void)
{
    if (nested--) {
        test_hook = nest;
        trace_sched_pair(100 + nested, 0);
    }
}

/* Interrupts that interrupt each other, all before the outer one's compare-and-swap: every record
 * is there, whole, and in the order of time. */
TP_TEST(Ring, NestedWritersAllSurvive)
{
    static const char expected[] = "a=100 b=0\n"
                                   "a=101 b=0\n"
                                   "a=102 b=0\n"
                                   "a=1 b=2\n";
    struct tp_trace *t = test_open(&tiny);
    struct test_dump dump = {0}, out = {0}, diag = {0};
    char fields[200] = "";
    const char *line;

    nested = 3;
    test_hook = nest;
    trace_sched_pair(1, 2);
    tp_trace_stop(t);
    test_drain(t, &dump, 4096);
    TP_CHECK_EQ(test_decode(&dump, &out, &diag), 0);
    for (line = (char *)out.bytes; (line = strstr(line, "sched_pair: ")) != NULL; line += 12)
        strncat(fields, line + 12, strcspn(line + 12, "\n") + 1);
    TP_CHECK_STREQ(fields, expected);
    test_dump_free(&dump);
    test_dump_free(&out);
    test_dump_free(&diag);
    test_close(t);
}

static void fill(void)
{
    for (unsigned i = 0; i < 3 * PAIRS; i++)
        trace_sched_pair(7, i);
}

/* An interrupt fills the whole ring between the outer writer's look and its move. */
TP_TEST(Ring, NestedBurstLargerThanTheRing)
{
    struct tp_trace *t = test_open(&tiny);
    struct tp_trace_stats s;

    test_hook = fill;
    trace_sched_pair(1, 2);
    s = stats(t, 0);
    TP_CHECK_EQ(s.unread, 2 * PAIRS);
    TP_CHECK_EQ(s.lost[TP_LOST_FULL], PAIRS + 1);
    test_close(t);
}

TP_TEST(Ring, SeveralTracesEachGetTheRecord)
{
    struct tp_trace *a = test_open(&tiny), *b = test_open(&tiny);

    trace_sched_pair(1, 2);
    TP_CHECK_EQ(tp_trace_disable(b, "sched:pair"), 0);
    trace_sched_pair(3, 4);
    TP_CHECK_EQ(stats(a, 0).unread, 2);
    TP_CHECK_EQ(stats(b, 0).unread, 1);
    test_close(a);
    trace_sched_none();
    TP_CHECK_EQ(stats(b, 0).unread, 2);
    test_close(b);
}
