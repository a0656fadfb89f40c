/* SPDX-License-Identifier: MIT */
/* words_test.c - one word for one thing: in --fields, templates, JSON, CSV, --filter, --key and --hist. */
#include <stdio.h>
#include <string.h>

#include "decoder/print/template.h"
#include "role_help.h"
#include "tp_test.h"

enum { WORDS_WAKE = 1, WORDS_SWITCH, WORDS_CELL };

static const struct role_event words_events[] = {
    {.text = "sched:wakeup u32:pid u32:cpu char16:comm"},
    {.text = "sched:switch u32:prev u32:next"},
    {.text = "t:cell char16:text s32:pid"},
};

/* Task 5 wakes 7 (bash) for CPU 1, where 0 is left for 7. */
static struct role_dump *words_dump(void)
{
    struct role_dump *d = role_open(words_events, 3, 1);

    d->context = true;
    role_put(d, 0, 1000, WORDS_WAKE, 5, (const uint64_t[]){7, 1, ROLE_TEXT("bash")});
    role_put(d, 1, 4000, WORDS_SWITCH, 0, (const uint64_t[]){0, 7});
    return d;
}

/* What a run over the dump prints, and what it says; NULL: whatever that is. Frees the dump. */
static void words_expect(struct role_dump *d, struct decode_options o, int code, const char *out,
                         const char *err)
{
    struct help_run run = role_run(&d, 1, o, NULL);

    TP_CHECK_EQ(run.code, code);
    if (out)
        TP_CHECK_STREQ(run.out, out);
    if (err)
        TP_CHECK_STREQ(run.err, err);
    help_run_free(&run);
    role_close(d);
}

static void words_fields(const char *names, enum decode_format format, const char *out)
{
    static struct columns columns;

    columns = (struct columns){0};
    TP_CHECK_STREQ(columns_read(&columns, names), NULL);
    words_expect(words_dump(),
                 (struct decode_options){.format = format, .columns = &columns, .no_schema = true},
                 0, out, "2 records, 0 lost\n");
}

#define WORDS_FIRST "           <...>-5       [000] .....     0.000001: sched_wakeup: "
#define WORDS_SECOND "          <idle>-0       [001] .....     0.000004: sched_switch: "

TP_TEST(DecoderWords, WhatEveryRecordHasAmongFields)
{
    words_fields("common_pid,pid,cpu,common_cpu,comm,common_comm,event", DECODE_TEXT,
                 WORDS_FIRST "common_pid=5 pid=7 cpu=1 common_cpu=0 comm=bash common_comm=<...> "
                             "event=sched:wakeup\n" WORDS_SECOND
                             "common_pid=0 cpu=1 common_cpu=1 comm=<idle> common_comm=<idle> "
                             "event=sched:switch\n");
    words_fields("common_type,common_flags,common_preempt_count,pid", DECODE_TEXT,
                 WORDS_FIRST
                 "common_type=1 common_flags=0 common_preempt_count=0 pid=7\n" WORDS_SECOND
                 "common_type=2 common_flags=0 common_preempt_count=0\n");
    /* Each object and line has these anyway. */
    words_fields("common_pid,pid,cpu,common_type", DECODE_JSON,
                 "{\"time_ns\":1000,\"cpu\":0,\"common_pid\":5,\"common_comm\":\"<...>\","
                 "\"flags\":\".....\",\"sys\":\"sched\",\"event\":\"wakeup\","
                 "\"fields\":{\"pid\":7,\"cpu\":1,\"common_type\":1}}\n"
                 "{\"time_ns\":4000,\"cpu\":1,\"common_pid\":0,\"common_comm\":\"<idle>\","
                 "\"flags\":\".....\",\"sys\":\"sched\",\"event\":\"switch\","
                 "\"fields\":{\"cpu\":1,\"common_type\":2}}\n");
}

TP_TEST(DecoderWords, NoColumnOfCsvIsThereTwice)
{
    words_fields("common_pid,pid,cpu,comm,next", DECODE_CSV,
                 "time,cpu,common_pid,common_comm,flags,sys,event,lost,"
                 "\"pid\",\"fields.cpu\",\"comm\",\"next\"\n"
                 "0.000001000,0,5,\"<...>\",.....,\"sched\",\"wakeup\",,7,1,\"bash\",\n"
                 "0.000004000,1,0,\"<idle>\",.....,\"sched\",\"switch\",,,,\"<idle>\",7\n");
}

TP_TEST(DecoderWords, AFieldOfOneEvent)
{
    static const char *const names[] = {"sched:wakeup.pid", "sched_wakeup.pid", "wakeup.pid"};

    for (unsigned i = 0; i < 3; i++)
        words_fields(names[i], DECODE_TEXT, WORDS_FIRST "pid=7\n" WORDS_SECOND "\n");
    /* The same by two names is one value of a record, and two columns. */
    words_fields("wakeup.pid,pid", DECODE_TEXT, WORDS_FIRST "pid=7\n" WORDS_SECOND "\n");
    words_fields("wakeup.cpu,cpu,switch.next", DECODE_CSV,
                 "time,cpu,common_pid,common_comm,flags,sys,event,lost,"
                 "\"wakeup.cpu\",\"fields.cpu\",\"switch.next\"\n"
                 "0.000001000,0,5,\"<...>\",.....,\"sched\",\"wakeup\",,1,1,\n"
                 "0.000004000,1,0,\"<idle>\",.....,\"sched\",\"switch\",,,,7\n");
}

TP_TEST(DecoderWords, InATemplate)
{
    static struct template t;

    TP_CHECK_STREQ(template_read(&t, "%{common_pid} %{pid} %{wakeup.comm} %{cpu} %{switch.next}|"),
                   NULL);
    words_expect(words_dump(), (struct decode_options){.format = DECODE_TEMPLATE, .template = &t},
                 0, "5 7 bash 1 |\n0   1 7|\n", "2 records, 0 lost\n");
}

static void words_filter(const char *text, int code, const char *out, const char *err)
{
    words_expect(words_dump(), (struct decode_options){.select = {.filter = text}}, code, out, err);
}

TP_TEST(DecoderWords, InAFilter)
{
    static const char *const first[] = {"pid == 7",
                                        "sched:wakeup.pid == 7",
                                        "sched_wakeup.pid == 7 && cpu == 1",
                                        "! ( wakeup.pid != 7 )",
                                        "common_pid == 5 && wakeup.pid",
                                        "wakeup.pid == 7 || wakeup.comm == \"a && switch.next\"",
                                        "common_cpu == 0",
                                        "wakeup.comm ~ ba*"};

    for (unsigned i = 0; i < sizeof(first) / sizeof(first[0]); i++)
        words_filter(first[i], 0,
                     "           <...>-5       [000] .....     0.000001: sched_wakeup: \n",
                     "1 of 2 records shown, 0 lost\n");
    words_filter("switch.prev < switch.next", 0,
                 "          <idle>-0       [001] .....     0.000004: sched_switch: \n",
                 "1 of 2 records shown, 0 lost\n");
    /* A text, not a field of another event. */
    words_filter(
        "comm != switch.next && pid", 0, NULL,
        "tpdecode: --filter: comm is a field of some events, and of others the name of the "
        "task: common_comm is that of each record\n"
        "1 of 2 records shown, 0 lost\n");
}

TP_TEST(DecoderWords, AFilterWithWordsThatAreNone)
{
    words_filter("tid == 7", 2, "",
                 "tpdecode: --filter: no such field at column 1\ntid == 7\n^\n"
                 "common_pid is the task that the record is of\n");
    words_filter("pid && wakeup.pod", 2, "",
                 "tpdecode: --filter: no such field at column 8\npid && wakeup.pod\n       ^\n"
                 "did you mean 'wakeup.pid'?\n");
    words_filter("sched:wakeop.pid", 2, "",
                 "tpdecode: --filter: no such field at column 1\nsched:wakeop.pid\n^\n"
                 "did you mean 'sched:wakeup.pid'?\n");
    /* No event has both. */
    words_filter("wakeup.pid || switch.next", 2, "",
                 "tpdecode: --filter: no such field at column 15\nwakeup.pid || switch.next\n"
                 "              ^\nan event has it, but not the other fields as well\n");
}

TP_TEST(DecoderWords, InKeysAndHistograms)
{
    struct decode_options o = {.format = DECODE_JSON, .answer = {.kind = ANSWER_LATENCY}};
    struct role_dump *d;
    struct help_run run;

    for (unsigned i = 0; i < 3; i++) {
        static const char *const keys[] = {"pid=next", "wakeup.pid=switch.next", "cpu"};

        TP_CHECK_STREQ(latency_read(&o.answer.latency, "wakeup:switch"), NULL);
        TP_CHECK_STREQ(latency_read_key(&o.answer.latency, keys[i]), NULL);
        d = words_dump();
        run = role_run(&d, 1, o, NULL);
        TP_CHECK_EQ(run.code, 0);
        if (!strstr(run.out, "\"pairs\":1,") || !strstr(run.out, "\"ns\":3000"))
            TP_FAIL("%s: %s", keys[i], run.out);
        help_run_free(&run);
        role_close(d);
    }
    /* A bare pid is a field, and the task only by its own name. */
    TP_CHECK_STREQ(latency_read_key(&o.answer.latency, "pid"), NULL);
    words_expect(words_dump(), o, 2, "",
                 "tpdecode: --key: sched:switch has no field 'pid', but prev, next; common_pid is "
                 "the task that the record is of\n");
    o.answer = (struct answer_options){.kind = ANSWER_HIST};
    o.format = DECODE_TEXT;
    TP_CHECK_STREQ(hist_read(&o.answer.hist, "sched:wakeup.pid:linear"), NULL);
    words_expect(words_dump(), o, 0,
                 "sched:wakeup.pid: 1 values, least 7, most 7, mean 7.000\n"
                 "                    7 ..                    7            1 "
                 "|####################\n",
                 "2 records, 0 lost\n");
}

/* What a spreadsheet would run is a text to it. */
TP_TEST(DecoderWords, CellsThatWouldBeRun)
{
    static const char *const texts[] = {"=1+1", "+x", "-2", "@sum", "a=b", "", "\"="};
    static struct columns columns;
    struct role_dump *d = role_open(words_events, 3, 1);

    for (unsigned i = 0; i < 7; i++)
        ROLE_PUT(d, 0, 1 + i, WORDS_CELL, ROLE_TEXT(texts[i]), (uint64_t)-3);
    columns = (struct columns){0};
    TP_CHECK_STREQ(columns_read(&columns, "text,pid"), NULL);
    words_expect(d, (struct decode_options){.format = DECODE_CSV, .columns = &columns}, 0,
                 "time,cpu,common_pid,common_comm,flags,sys,event,lost,\"text\",\"pid\"\n"
                 "0.000000001,0,,,,\"t\",\"cell\",,\"'=1+1\",-3\n"
                 "0.000000002,0,,,,\"t\",\"cell\",,\"'+x\",-3\n"
                 "0.000000003,0,,,,\"t\",\"cell\",,\"'-2\",-3\n"
                 "0.000000004,0,,,,\"t\",\"cell\",,\"'@sum\",-3\n"
                 "0.000000005,0,,,,\"t\",\"cell\",,\"a=b\",-3\n"
                 "0.000000006,0,,,,\"t\",\"cell\",,\"\",-3\n"
                 "0.000000007,0,,,,\"t\",\"cell\",,\"\"\"=\",-3\n",
                 "7 records, 0 lost\n");
}

/* What is asked for is in the second capture of an input only. */
TP_TEST(DecoderWords, OfACaptureThatComesLater)
{
    static const struct role_event other[] = {{.text = "a:b u32:x"}};
    struct role_dump *a = role_open(other, 1, 9), *b = words_dump();
    static struct columns columns;
    struct help_run run;

    ROLE_PUT(a, 0, 5, 1, 1);
    help_add_chunk(&a->bytes, (struct help_chunk){.type = TP_CHUNK_END, .stream = a->stream}, NULL,
                   0);
    help_add(&a->bytes, b->bytes.p, b->bytes.n);
    a->stream = b->stream;
    run = role_run(&a, 1, (struct decode_options){.select = {.filter = "next == 7"}}, NULL);
    TP_CHECK_EQ(run.code, 0);
    TP_CHECK(strstr(run.out, "sched_switch: \n") && !strstr(run.out, "a_b"));
    TP_CHECK_STREQ(run.err, "1 of 3 records shown, 0 lost\n");
    help_run_free(&run);
    columns = (struct columns){0};
    TP_CHECK_STREQ(columns_read(&columns, "next"), NULL);
    run = role_run(&a, 1, (struct decode_options){.columns = &columns}, NULL);
    TP_CHECK_EQ(run.code, 0);
    TP_CHECK(strstr(run.out, "sched_switch: next=7\n"));
    help_run_free(&run);
    role_close(a);
    role_close(b);
}

TP_TEST(DecoderWords, NoTimeIsMinusZero)
{
    static const struct {
        uint64_t back;
        enum stamp_unit unit;
        const char *text;
    } cases[] = {{999, STAMP_MICROS, "0.000000"},
                 {1000, STAMP_MICROS, "-0.000001"},
                 {1, STAMP_NANOS, "-0.000000001"}};
    static struct template t;

    for (unsigned i = 0; i < 3; i++) {
        struct role_dump *d = role_open(words_events, 3, 1);
        char want[64];

        TP_CHECK_STREQ(template_read(&t, "%t"), NULL);
        snprintf(want, sizeof(want), "%s\n%s\n", i < 2 ? "0.000000" : "0.000000000", cases[i].text);
        ROLE_PUT(d, 0, 5000, WORDS_SWITCH, 1, 2);
        ROLE_PUT(d, 0, 5000 - cases[i].back, WORDS_SWITCH, 1, 2);
        words_expect(d,
                     (struct decode_options){.format = DECODE_TEMPLATE,
                                             .template = &t,
                                             .time = {STAMP_RELATIVE, cases[i].unit}},
                     0, want, NULL);
    }
}

TP_TEST(DecoderWords, NumbersAsTexts)
{
    words_expect(
        words_dump(),
        (struct decode_options){
            .format = DECODE_JSON, .json_strings = true, .time = {.mode = STAMP_RAW}},
        0,
        "{\"schema\":\"tracepoint\",\"version\":1,\"tool\":\"x\",\"clock_hz\":\"1000000000\","
        "\"cpus\":4,\"stream\":\"0x1\"}\n"
        "{\"time_ns\":\"1000\",\"ticks\":\"1000\",\"cpu\":0,\"common_pid\":5,"
        "\"common_comm\":\"<...>\",\"flags\":\".....\",\"sys\":\"sched\",\"event\":"
        "\"wakeup\",\"fields\":{\"pid\":7,\"cpu\":1,\"comm\":\"bash\"}}\n"
        "{\"time_ns\":\"4000\",\"ticks\":\"4000\",\"cpu\":1,\"common_pid\":0,"
        "\"common_comm\":\"<idle>\",\"flags\":\".....\",\"sys\":\"sched\",\"event\":"
        "\"switch\",\"fields\":{\"prev\":0,\"next\":7}}\n",
        "2 records, 0 lost\n");
}
