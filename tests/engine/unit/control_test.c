/* SPDX-License-Identifier: MIT */
/* Opening, choosing, starting: what is taken and what is refused. */
#include "support.h"

static uint8_t region[1 << 20] __attribute__((aligned(64)));
static const struct tp_config config = {.name = "t", .cpus = 1, .subbuf_bytes = 512, .subbufs = 2};

static int try_open(const struct tp_config *c, size_t offset, size_t bytes)
{
    struct tp_trace *t;
    int err = tp_trace_open(&t, region + offset, bytes, c);

    if (!err)
        tp_trace_close(t);
    return err;
}

static int try_with(uint32_t cpus, uint32_t subbuf_bytes, uint32_t subbufs)
{
    struct tp_config c = {.cpus = cpus, .subbuf_bytes = subbuf_bytes, .subbufs = subbufs};

    return try_open(&c, 0, sizeof(region));
}

TP_TEST(Control, LimitsOfTheConfiguration)
{
    TP_CHECK_EQ(try_with(1, 512, 2), 0);
    TP_CHECK_EQ(try_with(0, 512, 2), TP_EINVAL);
    TP_CHECK_EQ(try_with(65535, 512, 2), TP_ESPACE);
    TP_CHECK_EQ(try_with(65536, 512, 2), TP_EINVAL);
    TP_CHECK_EQ(try_with(1, 256, 2), TP_EINVAL);
    TP_CHECK_EQ(try_with(1, 600, 2), TP_EINVAL);
    TP_CHECK_EQ(try_with(1, 262144, 2), 0);
    TP_CHECK_EQ(try_with(1, 524288, 2), TP_EINVAL);
    TP_CHECK_EQ(try_with(1, 512, 1), TP_EINVAL);
    TP_CHECK_EQ(try_with(1, 512, 3), TP_EINVAL);
    TP_CHECK_EQ(try_with(2, 0, 0), 0);
    TP_CHECK_EQ(try_open(&config, 8, sizeof(region) - 64), TP_EINVAL);
}

TP_TEST(Control, RegionOfExactlyWhatIsAsked)
{
    size_t bytes = tp_region_bytes(&config);

    TP_CHECK(bytes > 1024);
    TP_CHECK_EQ(try_open(&config, 0, bytes), 0);
    TP_CHECK_EQ(try_open(&config, 0, bytes - 1), TP_ESPACE);
}

TP_TEST(Control, SubBuffersFillTheRegion)
{
    struct tp_config c = {.cpus = 1, .subbuf_bytes = 4096};
    struct tp_trace *t;
    struct tp_trace_stats s;

    TP_CHECK_EQ(tp_trace_open(&t, region, sizeof(region), &c), 0);
    tp_trace_start(t);
    for (unsigned i = 0; i < 70000; i++)
        trace_sched_none();
    tp_trace_stats(t, 0, &s);
    TP_CHECK_EQ(s.unread, 128 * ((4096 - 104 - 8) / 8)); /* 128 of them: 1 MiB less a little */
    tp_trace_stop(t);
    tp_trace_close(t);
}

TP_TEST(Control, Patterns)
{
    struct tp_trace *t = test_open(&config);

    TP_CHECK(trace_sched_pair_enabled());
    TP_CHECK_EQ(tp_trace_disable(t, "sched"), 0);
    TP_CHECK(!trace_sched_pair_enabled());
    TP_CHECK(trace_mm_wide_enabled());
    TP_CHECK_EQ(tp_trace_enable(t, "sched:p*r"), 0);
    TP_CHECK(trace_sched_pair_enabled());
    TP_CHECK(!trace_sched_none_enabled());
    TP_CHECK_EQ(tp_trace_disable(t, "*:????"), 0);
    TP_CHECK(!trace_sched_pair_enabled());
    TP_CHECK(!trace_mm_wide_enabled());
    TP_CHECK(trace_fs_tails_enabled());
    TP_CHECK_EQ(tp_trace_enable(t, "*"), 0);
    TP_CHECK(trace_sched_none_enabled());
    TP_CHECK_EQ(tp_trace_enable(t, "sched:nothing"), TP_ENOENT);
    TP_CHECK_EQ(tp_trace_enable(t, ""), TP_ENOENT);
    TP_CHECK_EQ(tp_trace_enable(t, "sched:pair:"), TP_ENOENT);
    tp_trace_stop(t);
    TP_CHECK(!trace_sched_none_enabled());
    TP_CHECK_EQ(tp_trace_start(t), 0);
    test_close(t);
}

TP_TEST(Control, StartAndStopOnce)
{
    struct tp_trace *t = test_open(&config);

    TP_CHECK_EQ(tp_trace_start(t), TP_EBUSY);
    TP_CHECK_EQ(tp_trace_close(t), TP_EBUSY);
    TP_CHECK_EQ(tp_trace_stop(t), 0);
    TP_CHECK_EQ(tp_trace_stop(t), TP_EBUSY);
    test_close(t);
}

/* A call that passed the test of the mask before tp_trace_close and records after it. */
TP_TEST(Control, LateEventsAfterCloseAreStrangers)
{
    struct tp_trace *t = test_open(&config);

    tp_trace_stop(t);
    TP_CHECK_EQ(tp_trace_close(t), 0);
    tp_event_sched_none.mask = 1;
    trace_sched_none();
    tp_event_sched_none.mask = 0;
    TP_CHECK_EQ(test_pinned, 0);
    free(test_region(t));
}

TP_TEST(Control, EightTraces)
{
    struct tp_trace *t[8];
    struct tp_config c = config;
    size_t bytes = (tp_region_bytes(&c) + 63) & ~(size_t)63;

    for (int i = 0; i < 8; i++)
        TP_CHECK_EQ(tp_trace_open(&t[i], region + (size_t)i * bytes, bytes, &c), 0);
    TP_CHECK_EQ(try_open(&c, 8 * bytes, bytes), TP_ELIMIT);
    for (int i = 0; i < 8; i++)
        TP_CHECK_EQ(tp_trace_close(t[i]), 0);
}

TP_TEST(Control, EveryErrorHasItsText)
{
    TP_CHECK_STREQ(tp_strerror(TP_ESPACE), "region too small");
    for (int e = TP_EMEMORY; e < 0; e++)
        TP_CHECK(strcmp(tp_strerror(e), "unknown error") != 0);
    TP_CHECK_STREQ(tp_strerror(-99), "unknown error");
}
