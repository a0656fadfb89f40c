/* SPDX-License-Identifier: MIT */
/* The bytes of records, against doc/format.md section 6 worked out by hand. Little-endian hosts. */
#include "support.h"

static const struct tp_config small = {.name = "t", .cpus = 1, .subbuf_bytes = 4096, .subbufs = 4};

/* Fires through `fire` and compares the payload of the one data chunk. */
static void check_bytes(const struct tp_config *config, void (*fire)(void), const void *expected,
                        size_t bytes)
{
    struct tp_trace *t = test_open(config);
    struct test_dump dump = {0};
    const struct tp_wire_chunk *h;

    fire();
    tp_trace_stop(t);
    test_drain(t, &dump, 4096);
    h = test_chunk(&dump, TP_CHUNK_DATA, 0);
    TP_ASSERT(h != NULL);
    TP_ASSERT_EQ(h->size_bytes, 104 + bytes);
    TP_CHECK_MEMEQ((const uint8_t *)h + 104, expected, bytes);
    test_dump_free(&dump);
    test_close(t);
}

/* Ids follow the section, so a test asks for them; the first trace that is opened gives them. */
static uint8_t id_of(const struct tp_event *e)
{
    if (!e->id)
        test_close(test_open(&small));
    return (uint8_t)e->id;
}

static void fire_pair(void)
{
    test_time = 0x12345678;
    trace_sched_pair(0x01020304, 0xfffefdfc);
}

TP_TEST(Record, TwoU32TakeSixteenBytes)
{
    uint8_t expected[16] = {0x78, 0x56, 0x34, 0x12, 0,    0,    0x02, 0x80,
                            0x04, 0x03, 0x02, 0x01, 0xfc, 0xfd, 0xfe, 0xff};

    expected[4] = id_of(&tp_event_sched_pair);
    check_bytes(&small, fire_pair, expected, sizeof(expected));
}

static void fire_none(void)
{
    test_time = 7;
    trace_sched_none();
}

TP_TEST(Record, NoFieldsTakeEightBytes)
{
    uint8_t expected[8] = {7, 0, 0, 0, 0, 0, 0x01, 0x80};

    expected[4] = id_of(&tp_event_sched_none);
    check_bytes(&small, fire_none, expected, sizeof(expected));
}

static void fire_odd(void)
{
    test_time = 7;
    test_context = tp_context(0x11223344, TP_CTX_HARDIRQ | TP_CTX_IRQS_OFF, 3);
    trace_sched_odd(0xaa, 0xbbcc, 0x01020304);
}

/* 7 bytes of fields behind a context word; the last byte is zero, not the region's 0xa5. */
TP_TEST(Record, ContextWordAndZeroPadding)
{
    struct tp_config config = small;
    uint8_t expected[24] = {7,    0,    0, 0, 0,    0,    0x03, 0x80, 0x44, 0x33, 0x22, 0x11,
                            0x09, 0x03, 0, 0, 0xaa, 0xcc, 0xbb, 0x04, 0x03, 0x02, 0x01, 0};

    expected[4] = id_of(&tp_event_sched_odd);
    config.context = true;
    check_bytes(&config, fire_odd, expected, sizeof(expected));
}

static void fire_tails(void)
{
    test_time = 7;
    trace_fs_tails("abcdef", "\1\2", 2, NULL, "\3\4\5\6", 4);
}

/* str(4) of "abcdef" is cut, NULL reads (null), bytes(3) of 4 is cut; tails without gaps. */
TP_TEST(Record, TailsInOrderAndMarkedWhenCut)
{
    uint8_t expected[32] = {7,   0,   0,   0,   0,    0,   0x04, 0x80, 4,   0x80, 2,
                            0,   6,   0,   3,   0x80, 'a', 'b',  'c',  'd', 1,    2,
                            '(', 'n', 'u', 'l', 'l',  ')', 3,    4,    5,   0};

    expected[4] = id_of(&tp_event_fs_tails);
    check_bytes(&small, fire_tails, expected, sizeof(expected));
}

static void fire_wide(void)
{
    test_time_step = 0;
    test_time = 0x1fffffffff;
    trace_mm_wide(1, -2);
    test_time = 0x2000000005;
    trace_mm_wide(3, 4);
}

/* The upper half of the time changes twice, from that of the opening (0): stamps of 16 bytes. */
TP_TEST(Record, TimeStampWhenTheUpperHalfChanges)
{
    uint8_t expected[80] = {
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02, 0x80, 0xff, 0xff, 0xff, 0xff, 0x1f, 0,
        0,    0,    0xff, 0xff, 0xff, 0xff, 0,    0,    0x03, 0x80, 1,    0,    0,    0,
        0,    0,    0,    0,    0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x05, 0,
        0,    0,    0xff, 0xff, 0x02, 0x80, 0x05, 0,    0,    0,    0x20, 0,    0,    0,
        0x05, 0,    0,    0,    0,    0,    0x03, 0x80, 3,    0,    0,    0,    0,    0,
        0,    0,    4,    0,    0,    0,    0,    0,    0,    0,
    };

    expected[20] = expected[60] = id_of(&tp_event_mm_wide);
    check_bytes(&small, fire_wide, expected, sizeof(expected));
}

static void fire_task(void)
{
    test_time_step = 0;
    test_time = 9;
    tp_task_name(0x0a0b, 0x0102, "a-name-that-is-much-too-long");
}

TP_TEST(Record, TaskName)
{
    static const uint8_t expected[40] = {9,   0,   0,   0,   0xfe, 0xff, 0x05, 0x80, 0x0b, 0x0a,
                                         0,   0,   2,   1,   0,    0,    'a',  '-',  'n',  'a',
                                         'm', 'e', '-', 't', 'h',  'a',  't',  '-',  'i',  's',
                                         '-', 'm', 'u', 'c', 'h',  '-',  't',  'o',  'o',  '-'};

    check_bytes(&small, fire_task, expected, sizeof(expected));
}
