/* SPDX-License-Identifier: MIT */
/* dump_test.c - tpdecode.h: items, fields and events of dumps that tests/golden describes. */
#include "dump_help.h"
#include "tp_test.h"

/* --- fields --- */

static void dump_number(struct tp_dump *d, const char *name, enum tp_dump_type type, uint32_t width,
                        uint64_t number)
{
    struct tp_dump_value v = {.struct_bytes = sizeof(v)};

    TP_ASSERT_EQ(tp_dump_get_named(d, name, &v), 0);
    TP_CHECK_EQ(v.type, type);
    TP_CHECK_EQ(v.width_bytes, width);
    TP_CHECK_EQ(v.number, number);
    TP_CHECK_EQ(v.count, 0);
    TP_CHECK(v.bytes == NULL);
}

static void dump_string(struct tp_dump *d, const char *name, enum tp_dump_type type,
                        const char *bytes, uint32_t n, bool cut)
{
    struct tp_dump_value v = {.struct_bytes = sizeof(v)};

    TP_ASSERT_EQ(tp_dump_get_named(d, name, &v), 0);
    TP_CHECK_EQ(v.type, type);
    TP_ASSERT_EQ(v.size_bytes, n);
    TP_CHECK_MEMEQ(v.bytes, bytes, n);
    TP_CHECK_EQ(v.cut, cut);
    TP_CHECK_EQ(v.number, 0);
}

TP_TEST(DecoderDump, FieldsOfEachType)
{
    struct help_bytes bytes;
    const struct tp_dump_item *item;
    struct tp_dump *d = dump_record("types", &bytes, &item);

    dump_number(d, "a", TP_DUMP_UNSIGNED, 1, 255);
    dump_number(d, "b", TP_DUMP_UNSIGNED, 2, 65535);
    dump_number(d, "c", TP_DUMP_UNSIGNED, 4, 4294967295);
    dump_number(d, "d", TP_DUMP_UNSIGNED, 8, UINT64_MAX);
    dump_number(d, "e", TP_DUMP_SIGNED, 1, (uint64_t)-128);
    dump_number(d, "f", TP_DUMP_SIGNED, 2, (uint64_t)-32768);
    dump_number(d, "g", TP_DUMP_SIGNED, 4, (uint64_t)INT32_MIN);
    dump_number(d, "h", TP_DUMP_SIGNED, 8, (uint64_t)INT64_MIN);
    dump_number(d, "i", TP_DUMP_BOOL, 1, 1);
    dump_number(d, "j", TP_DUMP_CHAR, 1, 'x');
    dump_number(d, "k", TP_DUMP_POINTER, 8, UINT64_MAX);
    dump_string(d, "l", TP_DUMP_STRING, "hello", 5, false);
    dump_string(d, "m", TP_DUMP_BYTES, "\xde\xad\xbe\xef", 4, false);
    TP_CHECK_STREQ(tp_dump_field_text(d, 4, NULL), "-128");
    TP_CHECK_STREQ(tp_dump_field_text(d, 8, NULL), "1");
    TP_CHECK_STREQ(tp_dump_field_text(d, 10, NULL), "0xffffffffffffffff");
    TP_CHECK_STREQ(tp_dump_field_text(d, 12, NULL), "deadbeef");
    /* The third has a NUL in its string, and both are cut. */
    TP_ASSERT_EQ(tp_dump_next(d, &item), TP_DUMP_RECORD);
    dump_number(d, "j", TP_DUMP_CHAR, 1, '\\');
    TP_CHECK_STREQ(tp_dump_field_text(d, 9, NULL), "\\\\");
    TP_ASSERT_EQ(tp_dump_next(d, &item), TP_DUMP_RECORD);
    dump_string(d, "l", TP_DUMP_STRING, "ab", 2, true);
    dump_string(d, "m", TP_DUMP_BYTES, "\x01", 1, true);
    TP_CHECK_STREQ(tp_dump_field_text(d, 11, NULL), "ab...");
    tp_dump_free(d);
    help_free(&bytes);
}

TP_TEST(DecoderDump, ElementsOfArrays)
{
    struct help_bytes bytes;
    const struct tp_dump_item *item;
    struct tp_dump *d = dump_record("arrays", &bytes, &item);
    struct tp_dump_value v = {.struct_bytes = sizeof(v)};

    TP_ASSERT_EQ(tp_dump_get(d, 0, &v), 0);
    TP_CHECK_EQ(v.count, 3);
    TP_CHECK_EQ(v.width_bytes, 4);
    TP_CHECK_EQ(v.number, 0);
    TP_CHECK(v.bytes == NULL);
    TP_ASSERT_EQ(tp_dump_get_element(d, 0, 2, &v), 0);
    TP_CHECK_EQ(v.number, 333);
    TP_CHECK_EQ(v.count, 0);
    TP_CHECK_EQ(tp_dump_get_element(d, 0, 3, &v), TP_DUMP_ENONE);
    TP_ASSERT_EQ(tp_dump_get_element(d, 1, 0, &v), 0);
    TP_CHECK_EQ(v.number, (uint64_t)-1);
    TP_CHECK_STREQ(tp_dump_element_text(d, 3, 0, NULL), "0xffff");
    dump_string(d, "c", TP_DUMP_CHAR, "abc", 3, false);
    TP_ASSERT_EQ(tp_dump_get_named(d, "c", &v), 0);
    TP_CHECK_EQ(v.count, 6);
    /* An enum of which the last value has no name. */
    TP_CHECK_STREQ(tp_dump_element_text(d, 6, 0, NULL), "on");
    TP_CHECK_STREQ(tp_dump_element_text(d, 6, 2, NULL), "7");
    TP_CHECK(tp_dump_element_text(d, 6, 3, NULL) == NULL);
    TP_CHECK_STREQ(tp_dump_field_text(d, 6, NULL), "{on,off,7}");
    TP_CHECK_STREQ(tp_dump_field_text(d, 4, NULL), "{1,0}");
    tp_dump_free(d);
    help_free(&bytes);
}

TP_TEST(DecoderDump, WhatIsNotThere)
{
    struct help_bytes bytes;
    const struct tp_dump_item *item;
    struct tp_dump *d = dump_record("types", &bytes, &item);
    struct tp_dump_value v = {.struct_bytes = sizeof(v)};
    struct tp_dump_field f = {.struct_bytes = sizeof(f)};
    uint64_t wall;

    TP_CHECK_EQ(tp_dump_get(d, 12, &v), 0);
    TP_CHECK_EQ(tp_dump_get(d, 13, &v), TP_DUMP_ENONE);
    TP_CHECK_EQ(tp_dump_get_named(d, "n", &v), TP_DUMP_ENONE);
    TP_CHECK_EQ(tp_dump_get_element(d, 0, 0, &v), TP_DUMP_ENONE);
    TP_CHECK_EQ(tp_dump_event_field(item->record.event, 13, &f), TP_DUMP_ENONE);
    TP_CHECK_EQ(tp_dump_wall_ns(d, &wall), TP_DUMP_ENONE);
    TP_CHECK(tp_dump_comm(d) == NULL);
    TP_CHECK(tp_dump_field_text(d, 13, NULL) == NULL);
    while (tp_dump_next(d, &item) > 0)
        continue;
    TP_CHECK_EQ(tp_dump_get(d, 0, &v), TP_DUMP_ENONE);
    TP_CHECK_EQ(tp_dump_get_named(d, "a", &v), TP_DUMP_ENONE);
    TP_CHECK(tp_dump_text(d, NULL) == NULL);
    TP_CHECK(tp_dump_comm(d) == NULL);
    TP_CHECK(tp_dump_event_next(d, NULL) == NULL);
    tp_dump_free(d);
    tp_dump_free(NULL);
    help_free(&bytes);
}

/* Two events of one schema whose hash is made from doc/format.md section 5 by other means. */
TP_TEST(DecoderDump, EventsAreDescribed)
{
    struct help_bytes bytes = help_example();
    struct tp_dump *d = dump_open(bytes.p, bytes.n);
    const struct tp_dump_event *e;
    const struct tp_dump_item *item;
    struct tp_dump_field f = {.struct_bytes = sizeof(f)};
    size_t n;

    TP_ASSERT_EQ(tp_dump_next(d, &item), TP_DUMP_CAPTURE);
    TP_CHECK_EQ(item->capture.id, 0x5eed);
    TP_CHECK_EQ(item->capture.clock_hz, 1000000000);
    TP_CHECK_STREQ(item->capture.tool, "tracepoint 0.1.0");
    TP_CHECK_STREQ(item->capture.buffer, "main");
    e = tp_dump_event_next(d, NULL);
    TP_ASSERT(e != NULL);
    TP_CHECK(tp_dump_event_next(d, e) == NULL);
    TP_CHECK_STREQ(tp_dump_event_system(e), "sched");
    TP_CHECK_STREQ(tp_dump_event_name(e), "switch");
    TP_CHECK_STREQ(tp_dump_event_format(e), "next=%u why=%s comm=%s");
    TP_CHECK_EQ(tp_dump_event_id(e), 1);
    TP_CHECK_EQ(tp_dump_event_fields(e), 3);
    TP_CHECK_EQ(tp_dump_event_hash(e), 0xc19fecb278f557d8);
    TP_CHECK_EQ(tp_dump_event_hash(e), 0xc19fecb278f557d8);
    TP_CHECK_EQ(tp_dump_event_find(e, "comm"), 2);
    TP_CHECK_EQ(tp_dump_event_find(e, "com"), TP_DUMP_ENONE);
    TP_ASSERT_EQ(tp_dump_event_field(e, 1, &f), 0);
    TP_CHECK_STREQ(f.name, "why");
    TP_CHECK_STREQ(f.type_name, "s32");
    TP_CHECK_EQ(f.type, TP_DUMP_SIGNED);
    TP_CHECK_EQ(f.width_bytes, 4);
    TP_CHECK_EQ(f.count, 0);
    TP_CHECK_STREQ(f.table, "why");
    TP_CHECK(!f.is_flags);
    TP_ASSERT_EQ(tp_dump_event_field(e, 0, &f), 0);
    TP_CHECK(f.table == NULL);
    TP_ASSERT_EQ(tp_dump_next(d, &item), TP_DUMP_RECORD);
    TP_CHECK(item->record.event == e);
    TP_CHECK_STREQ(tp_dump_text(d, &n), "next=7 why=wake comm=bash");
    TP_CHECK_EQ(n, 25);
    TP_CHECK_STREQ(tp_dump_field_text(d, 1, &n), "wake");
    TP_CHECK_EQ(n, 4);
    tp_dump_free(d);
    help_free(&bytes);
}

static void dump_hash(const char *name, uint64_t hash)
{
    struct help_bytes bytes;
    const struct tp_dump_item *item;
    struct tp_dump *d = dump_record(name, &bytes, &item);

    TP_CHECK_EQ(tp_dump_event_hash(item->record.event), hash);
    tp_dump_free(d);
    help_free(&bytes);
}

/* Byte order and word size make no difference. */
TP_TEST(DecoderDump, TheHashIsOfTheEvent)
{
    dump_hash("loss", 0x4ea8023c6aa5f9da);
    dump_hash("tasks", 0x4ea8023c6aa5f9da);
    dump_hash("be64", 0x10654c027b936c10);
    dump_hash("be32", 0x10654c027b936c10);
    dump_hash("le32", 0x10654c027b936c10);
}

/* --- records, losses, captures --- */

TP_TEST(DecoderDump, ContextAndTasks)
{
    static const struct {
        uint32_t pid;
        const char *comm;
        uint8_t flags, depth;
    } want[] = {{1, "init", 0, 0},
                {2, "twenty-four_bytes_are_ok", TP_DUMP_IRQS_OFF, 1},
                {0, "<idle>", TP_DUMP_NEED_RESCHED, 15},
                {1234567, NULL, TP_DUMP_SOFTIRQ, 200}};
    struct help_bytes bytes;
    const struct tp_dump_item *item;
    struct tp_dump *d = dump_record("tasks", &bytes, &item);

    for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
        TP_CHECK(item->record.has_context);
        TP_CHECK_EQ(item->record.pid, want[i].pid);
        TP_CHECK_STREQ(tp_dump_comm(d), want[i].comm);
        TP_CHECK_EQ(item->record.flags, want[i].flags);
        TP_CHECK_EQ(item->record.preempt_depth, want[i].depth);
        TP_CHECK_EQ(item->record.number, i);
        TP_ASSERT(tp_dump_next(d, &item) > 0);
    }
    while (tp_dump_next(d, &item) > 0)
        continue;
    TP_CHECK(tp_dump_comm(d) == NULL);
    tp_dump_free(d);
    help_free(&bytes);
}

TP_TEST(DecoderDump, LossesWithPlaceAndCause)
{
    dump_expect_golden("loss", "capture 0x5eed 1000 Hz, 2 cpus, main\n"
                               "L0 1000 2 full\n"
                               "R0 1000 t:num: v=1\n"
                               "L0 2000 1 nested\n"
                               "L0 2000 1 oversize\n"
                               "L0 2000 1 recursion\n"
                               "R0 2000 t:num: v=2\n"
                               "R1 2500 t:num: v=4\n"
                               "L0 3000 5 overwritten\n"
                               "L0 3000 2 missing\n"
                               "R0 3000 t:num: v=3\n"
                               "L0 4000 4 full\n"
                               "L1 4000 1 full\n"
                               "complete: 4 of 4, 17 lost\n");
}

TP_TEST(DecoderDump, Unfinished)
{
    dump_expect_golden("unfinished", "capture 0x5eed 1000000000 Hz, 1 cpus, main\n"
                                     "R0 1000 t:num: v=10\n"
                                     "R0 2000 t:num: v=11\n"
                                     "L0 3000 1 unfinished\n"
                                     "U0 3000 t:num: v=0\n"
                                     "R0 4000 t:num: v=13\n"
                                     "L0 5000 3 unfinished\n"
                                     "R0 5000 t:num: v=17\n"
                                     "L0 6000 1 unfinished\n"
                                     "U0 6000 t:num: v=18\n"
                                     "L0 7000 1 unfinished\n"
                                     "complete: 4 of 4, 6 lost\n");
}

TP_TEST(DecoderDump, LossesThatNobodyHasCounted)
{
    dump_expect_golden("memory", "capture 0x5eed 1000000000 Hz, 1 cpus, main\n"
                                 "R0 1000 t:num: v=10\n"
                                 "bad m: chunk 2 (cpu 0): right before it memory was damaged\n"
                                 "L0 2000 0 damaged\n"
                                 "R0 2000 t:num: v=11\n"
                                 "bad m: chunk 3 (cpu 0): right before it memory was damaged\n"
                                 "L0 3000 2 missing\n"
                                 "L0 3000 0 damaged\n"
                                 "R0 3000 t:num: v=14\n"
                                 "bad m: chunk 4 (cpu 0): right before it memory was damaged\n"
                                 "L0 4000 0 damaged\n"
                                 "damaged: 3 of 3, 2 lost\n");
}

TP_TEST(DecoderDump, WhatSamplingHasLeftOut)
{
    dump_expect_golden("counts", "capture 0x5eed 1000000000 Hz, 1 cpus, main\n"
                                 "R0 1000 t:num: v=10\n"
                                 "sampled t:num: 4294968530 0x4ea8023c6aa5f9da\n"
                                 "complete: 1 of 1, 6 lost\n");
}

TP_TEST(DecoderDump, CapturesOfOneFile)
{
    dump_expect_golden("joined", "capture 0x5eed 1000000000 Hz, 1 cpus, main\n"
                                 "R0 1000000000 t:num: v=0\n"
                                 "capture 0xbeef 1000 Hz, 1 cpus, main\n"
                                 "R0 10 t:other: w=0\n"
                                 "bad m: no end mark: tracing went on, or the dump was cut\n"
                                 "truncated: 2 of 2, 0 lost\n");
}

TP_TEST(DecoderDump, TimeOfDay)
{
    static const uint64_t want[] = {1795475519790122999, 1795475552790122999, 1795475553123456333};
    struct help_bytes bytes;
    const struct tp_dump_item *item;
    struct tp_dump *d = dump_record("utc", &bytes, &item);
    uint64_t wall = 0;

    for (size_t i = 0; i < 3; i++) {
        TP_CHECK_EQ(tp_dump_wall_ns(d, &wall), 0);
        TP_CHECK_EQ(wall, want[i]);
        TP_ASSERT(tp_dump_next(d, &item) > 0);
    }
    TP_CHECK_EQ(item->time_ns, 33666666666);
    TP_CHECK_EQ(item->ticks, 101);
    tp_dump_free(d);
    help_free(&bytes);
}

TP_TEST(DecoderDump, RecordsOfNoEvent)
{
    dump_expect_golden(
        "unknown",
        "capture 0x5eed 1000000000 Hz, 1 cpus, main\n"
        "R0 1 t:num: v=1\n"
        "R0 2 id 77, 8 bytes\n"
        "R0 3 id 1, 0 bytes\n"
        "R0 4 t:num: v=2\n"
        "R0 5 t:num: v=3\n"
        "bad m: chunk 4 (cpu 0) at byte 0x2e0: has a flag that this tpdecode does not know, 120 "
        "bytes skipped (1 records)\n"
        "L0 6 1 missing\n"
        "R0 7 t:num: v=5\n"
        "bad m: 2 records of events that no metadata defines, shown as bytes\n"
        "damaged: 6 of 6, 1 lost\n");
}

/* A name of which each byte is escaped, of a task with ten digits, is 107 bytes at the start of a line. */
TP_TEST(DecoderDump, TheLongestNameOfATask)
{
    struct tp_wire_task task = {.id = UINT32_MAX};
    const uint32_t r[6] = {1000, TP_RECORD_WORD(1, 3) | TP_RECORD_COMMITTED, UINT32_MAX, 0, 5, 0};
    struct help_bytes dump = {0};
    char want[4 * TP_TASK_NAME_BYTES + 32] = "";
    struct help_run run;

    memset(task.name, 1, sizeof(task.name));
    help_add_metadata(&dump, 1);
    help_add_chunk(&dump, (struct help_chunk){.type = TP_CHUNK_TASKS, .records = 1}, &task,
                   sizeof(task));
    help_add_chunk(
        &dump,
        (struct help_chunk){
            .type = TP_CHUNK_DATA, .flags = TP_CHUNK_CONTEXT, .records = 1, .time = 1000},
        r, sizeof(r));
    help_add_chunk(&dump, (struct help_chunk){.type = TP_CHUNK_END, .time = 2000}, NULL, 0);
    for (unsigned i = 0; i < TP_TASK_NAME_BYTES; i++)
        strcat(want, "\\x01");
    strcat(want, "-4294967295 [000] ");
    run = help_decode("x", dump.p, dump.n, HELP_TEXT);
    TP_CHECK_EQ(run.code, 0);
    TP_CHECK_EQ(strlen(want), 107 + 7);
    if (strncmp(run.out, want, strlen(want)) != 0 || !strstr(run.out, "t_num: v=5\n"))
        TP_FAIL("%s%s", run.out, run.err);
    help_run_free(&run);
    help_free(&dump);
}
