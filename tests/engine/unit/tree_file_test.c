/* SPDX-License-Identifier: MIT */
/* The control tree: what each file says and takes. */
#include "support.h"

#include <tp/control.h>
#include <tp/tree.h>

static const struct tp_config config = {
    .name = "first", .cpus = 2, .subbuf_bytes = 512, .subbufs = 4, .context = true};

static struct tp_filter_error error;

static struct tp_trace *begin(void)
{
    static uint8_t memory[32768] __attribute__((aligned(16)));

    tp_control_set_memory(memory, sizeof(memory), 2);
    return test_open(&config);
}

static char *get(const char *path)
{
    static char text[4000];
    long n = tp_tree_read(path, 0, text, sizeof(text) - 1);

    TP_CHECK(n >= 0);
    text[n < 0 ? 0 : n] = 0;
    return text;
}

static int put(const char *path, const char *text)
{
    return tp_tree_write(path, text, strlen(text), &error);
}

/* Refused, with these words, and it says what it said before. */
static void refused(const char *path, const char *text, int err, const char *what)
{
    char before[4000];

    strcpy(before, get(path));
    TP_CHECK_EQ(put(path, text), err);
    TP_CHECK_STREQ(error.what, what);
    TP_CHECK_EQ(error.column, 0);
    TP_CHECK_EQ(error.code, 0);
    TP_CHECK_EQ(tp_tree_write(path, text, strlen(text), NULL), err);
    TP_CHECK_STREQ(get(path), before);
}

TP_TEST(TreeFile, EnableOneEvent)
{
    struct tp_trace *t = begin();

    TP_CHECK_STREQ(get("events/sched/pair/enable"), "1\n");
    TP_CHECK_EQ(put("events/sched/pair/enable", "0\n"), 0);
    TP_CHECK_STREQ(get("events/sched/pair/enable"), "0\n");
    TP_CHECK(!trace_sched_pair_enabled());
    TP_CHECK(trace_sched_odd_enabled());
    TP_CHECK_EQ(put("events/sched/pair/enable", " 1"), 0);
    TP_CHECK(trace_sched_pair_enabled());
    refused("events/sched/pair/enable", "2", TP_EINVAL, "0 or 1 is expected");
    refused("events/sched/pair/enable", "yes", TP_EINVAL, "0 or 1 is expected");
    refused("events/sched/pair/enable", "0 1", TP_EINVAL, "0 or 1 is expected");
    refused("events/sched/pair/enable", "-0", TP_EINVAL, "0 or 1 is expected");
    refused("events/sched/pair/enable", "4294967296", TP_EINVAL, "0 or 1 is expected");
    test_close(t);
}

TP_TEST(TreeFile, EnableSubsystemsAndAll)
{
    struct tp_trace *t = begin();

    TP_CHECK_STREQ(get("events/enable"), "1\n");
    TP_CHECK_EQ(put("events/sched/pair/enable", "0"), 0);
    TP_CHECK_STREQ(get("events/sched/enable"), "X\n");
    TP_CHECK_STREQ(get("events/mm/enable"), "1\n");
    TP_CHECK_STREQ(get("events/enable"), "X\n");
    TP_CHECK_EQ(put("events/sched/enable", "0"), 0);
    TP_CHECK_STREQ(get("events/sched/enable"), "0\n");
    TP_CHECK_STREQ(get("events/sched/odd/enable"), "0\n");
    TP_CHECK_STREQ(get("events/mm/enable"), "1\n");
    TP_CHECK_EQ(put("events/enable", "0"), 0);
    TP_CHECK_STREQ(get("events/enable"), "0\n");
    TP_CHECK_STREQ(get("set_event"), "");
    TP_CHECK_EQ(put("events/enable", "1"), 0);
    TP_CHECK_STREQ(get("events/sched/pair/enable"), "1\n");
    refused("events/enable", "X", TP_EINVAL, "0 or 1 is expected");
    refused("events/sched/enable", "X", TP_EINVAL, "0 or 1 is expected");
    test_close(t);
}

/* Anything the files take, with nothing in it. */
TP_TEST(TreeFile, AnEmptyWriteDoesNothing)
{
    static const char *const paths[] = {"buffer_size_kb",
                                        "events/enable",
                                        "events/mm/enable",
                                        "events/mm/filter",
                                        "events/mm/wide/enable",
                                        "events/mm/wide/filter",
                                        "events/mm/wide/trigger",
                                        "options/overwrite",
                                        "saved_cmdlines_size",
                                        "set_event",
                                        "trace_clock",
                                        "tracing_on",
                                        "snapshot"};
    struct tp_trace *t = begin();
    char before[4000];

    TP_CHECK_EQ(put("events/mm/wide/filter", "a > 3"), 0);
    TP_CHECK_EQ(put("events/mm/wide/trigger", "traceoff"), 0);
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        strcpy(before, get(paths[i]));
        TP_CHECK_EQ(put(paths[i], ""), 0);
        TP_CHECK_EQ(tp_tree_write(paths[i], NULL, 0, NULL), 0);
        TP_CHECK_EQ(put(paths[i], "\n"), 0);
        TP_CHECK_EQ(put(paths[i], " \t\r\n\n"), 0);
        TP_CHECK_STREQ(get(paths[i]), before);
    }
    TP_CHECK_EQ(put("events/mm/wide/filter", "0"), 0);
    TP_CHECK_EQ(put("events/mm/wide/trigger", "!traceoff"), 0);
    test_close(t);
}

TP_TEST(TreeFile, ReadOnly)
{
    static const char *const paths[] = {"available_events",      "buffer_total_size_kb",
                                        "events/mm/wide/format", "events/mm/wide/id",
                                        "per_cpu/cpu0/stats",    "saved_cmdlines"};
    struct tp_trace *t = begin();

    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
        refused(paths[i], "1", TP_EACCES, "this file is only to be read");
    TP_CHECK_EQ(put("trace_pipe_raw", "1"), TP_EACCES);
    TP_CHECK_EQ(put("trace_pipe_raw", ""), TP_EACCES);
    TP_CHECK_EQ(put("per_cpu/cpu0/trace_pipe_raw", "1"), TP_EACCES);
    test_close(t);
}

TP_TEST(TreeFile, TracingOn)
{
    struct tp_trace *t = begin();

    TP_CHECK_STREQ(get("tracing_on"), "1\n");
    TP_CHECK_EQ(put("tracing_on", "1"), 0);
    TP_CHECK_EQ(put("tracing_on", "0"), 0);
    TP_CHECK_STREQ(get("tracing_on"), "0\n");
    TP_CHECK(!trace_sched_pair_enabled());
    TP_CHECK_EQ(put("tracing_on", "0"), 0);
    TP_CHECK_EQ(put("events/sched/pair/enable", "1"), 0);
    TP_CHECK(!trace_sched_pair_enabled());
    TP_CHECK_EQ(put("tracing_on", "1"), 0);
    TP_CHECK(trace_sched_pair_enabled());
    refused("tracing_on", "on", TP_EINVAL, "0 or 1 is expected");
    test_close(t);
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Its lines, sorted: compilers put events in an order of their own. */
static const char *sorted(const char *path)
{
    static char text[4000];
    char copy[4000], *line[100];
    size_t lines = 0;

    strcpy(copy, get(path));
    for (char *p = strtok(copy, "\n"); p && lines < 100; p = strtok(NULL, "\n"))
        line[lines++] = p;
    qsort(line, lines, sizeof(line[0]), compare);
    text[0] = 0;
    for (size_t i = 0; i < lines; i++)
        if (strncmp(line[i], "printk:", 7) || !strcmp(line[i], "printk:tree_twice"))
            strcat(strcat(text, line[i]), "\n"); /* other tests have some, too */
    return text;
}

TP_TEST(TreeFile, SetEvent)
{
    struct tp_trace *t = begin();

    TP_CHECK_STREQ(sorted("available_events"),
                   "fs:all\nfs:arrays\nfs:long\nfs:open\nfs:tails\nmine:fire_long\nmine:fire_"
                   "pointers\nmm:signed\nmm:small\nmm:wide\n"
                   "printk:tree_twice\nsched:mute\nsched:none\nsched:odd\nsched:pair\n");
    TP_CHECK_EQ(put("set_event", "!*"), 0);
    TP_CHECK_STREQ(get("set_event"), "");
    TP_CHECK_EQ(put("set_event", "sched:*"), 0);
    TP_CHECK_STREQ(sorted("set_event"), "sched:mute\nsched:none\nsched:odd\nsched:pair\n");
    TP_CHECK_EQ(put("set_event", "!sched:m* fs:open\n\t!sched:odd mm:?????\n"), 0);
    TP_CHECK_STREQ(sorted("set_event"), "fs:open\nmm:small\nsched:none\nsched:pair\n");
    TP_CHECK_EQ(put("set_event", "!sched"), 0);
    TP_CHECK_STREQ(sorted("set_event"), "fs:open\nmm:small\n");
    refused("set_event", "sched:pair nothing:here", TP_ENOENT, "no event matches one of these");
    refused("set_event", "sched:pair !nothing:here", TP_ENOENT, "no event matches one of these");
    refused("set_event", "! sched:pair", TP_ENOENT, "no event matches one of these");
    test_close(t);
}

TP_TEST(TreeFile, SetEventWithTheLongestPattern)
{
    struct tp_trace *t = begin();
    char text[300] = "mm:wide ";

    TP_CHECK_EQ(put("set_event", "!*"), 0);
    memset(text + 8, '*', 255); /* sys:event of 127 bytes each */
    TP_CHECK_EQ(put("set_event", text),
                TP_ENOENT); /* as tp_trace_enable: no subsystem has such a name */
    strcat(text, "*");
    refused("set_event", text, TP_EINVAL, "a pattern that is longer than any name");
    TP_CHECK_STREQ(get("set_event"), "");
    TP_CHECK_EQ(tp_tree_write("set_event", "mm:\0wide", 8, &error), TP_EINVAL);
    test_close(t);
}

TP_TEST(TreeFile, Ids)
{
    struct tp_trace *t = begin();

    uint16_t own = tp_event_fs_all.id;

    TP_CHECK(own > 0);
    tp_event_fs_all.id = 65279;
    TP_CHECK_STREQ(get("events/fs/all/id"), "65279\n");
    tp_event_fs_all.id = own;
    test_close(t);
}

TP_TEST(TreeFile, Clock)
{
    struct tp_trace *t = begin();

    TP_CHECK_STREQ(get("trace_clock"), "[test]\n");
    TP_CHECK_EQ(put("trace_clock", " test\n"), 0);
    refused("trace_clock", "global", TP_EINVAL, "the port has one clock, and this is not its name");
    refused("trace_clock", "tes", TP_EINVAL, "the port has one clock, and this is not its name");
    test_close(t);
}

/* --- sizes --- */

static struct tp_trace *open_in(size_t bytes)
{
    struct tp_trace *t;
    void *region = aligned_alloc(64, bytes);

    test_cpu = 0;
    TP_ASSERT_EQ(tp_trace_open(&t, region, bytes, &config), 0);
    return t;
}

TP_TEST(TreeFile, BufferSize)
{
    struct tp_trace *t = open_in(1 << 20);

    TP_CHECK_STREQ(get("buffer_size_kb"), "2\n"); /* 4 of 512 bytes */
    TP_CHECK_STREQ(get("buffer_total_size_kb"), "4\n");
    TP_CHECK_EQ(put("events/mm/enable", "0"), 0);
    TP_CHECK_EQ(put("buffer_size_kb", "17\n"), 0); /* a power of two is needed */
    TP_CHECK_STREQ(get("buffer_size_kb"), "32\n");
    TP_CHECK_STREQ(get("buffer_total_size_kb"), "64\n");
    TP_CHECK_STREQ(get("events/mm/enable"), "0\n");
    TP_CHECK_STREQ(get("events/fs/enable"), "1\n");
    TP_CHECK_EQ(put("buffer_size_kb", "1"), 0);
    TP_CHECK_STREQ(get("buffer_size_kb"), "1\n");
    refused("buffer_size_kb", "0", TP_EINVAL, "a number of KiB is expected");
    refused("buffer_size_kb", "x", TP_EINVAL, "a number of KiB is expected");
    refused("buffer_size_kb", "2K", TP_EINVAL, "a number of KiB is expected");
    refused("buffer_size_kb", "512", TP_ESPACE, "region too small");
    refused("buffer_size_kb", "4294967295", TP_EINVAL, "more than a ring can have");
    refused("buffer_size_kb", "4194304", TP_EINVAL, "invalid argument or configuration");
    TP_CHECK_EQ(put("tracing_on", "1"), 0);
    refused("buffer_size_kb", "32", TP_EBUSY, "the trace is running: write 0 to tracing_on first");
    test_close(t);
}

TP_TEST(TreeFile, Overwrite)
{
    struct tp_trace *t = open_in(1 << 16);
    struct tp_config c;

    TP_CHECK_EQ(tp_trace_config(t, &c), 0);
    TP_CHECK_STREQ(c.name, "first");
    TP_CHECK_EQ(c.cpus, 2);
    TP_CHECK_EQ(c.mode, TP_DISCARD);

    TP_CHECK_STREQ(get("options/overwrite"), "0\n");
    TP_CHECK_EQ(put("options/overwrite", "1"), 0);
    TP_CHECK_STREQ(get("options/overwrite"), "1\n");
    TP_CHECK_EQ(tp_trace_config(t, &c), 0);
    TP_CHECK_EQ(c.mode, TP_OVERWRITE);
    TP_CHECK_STREQ(get("buffer_size_kb"), "2\n");
    TP_CHECK_EQ(put("tracing_on", "1"), 0);
    TP_CHECK_EQ(put("options/overwrite", "1"), 0); /* it is so */
    refused("options/overwrite", "0", TP_EBUSY,
            "the trace is running: write 0 to tracing_on first");
    refused("options/overwrite", "overwrite", TP_EINVAL, "0 or 1 is expected");
    for (unsigned i = 0; i < 1000; i++)
        trace_sched_pair(1, 2);
    TP_CHECK(strstr(get("per_cpu/cpu0/stats"), "dropped events: 0\n"));
    TP_CHECK(!strstr(get("per_cpu/cpu0/stats"), "\noverrun: 0\n"));
    test_close(t);
}

/* --- what was recorded --- */

/* All bytes of a stream, in reads of `step`, behind what there is. */
static void collect(const char *path, struct test_dump *d, size_t step)
{
    long n;

    d->bytes = realloc(d->bytes, 65536);
    while ((n = tp_tree_read(path, d->size, d->bytes + d->size, step)) > 0)
        d->size += (size_t)n;
    TP_CHECK_EQ(n, 0);
}

TP_TEST(TreeFile, Stats)
{
    struct tp_trace *t = begin();
    struct test_dump dump = {0};

    test_cpu = 1;
    for (unsigned i = 0; i < 5; i++)
        trace_sched_none();
    TP_CHECK_STREQ(get("per_cpu/cpu0/stats"),
                   "entries: 0\noverrun: 0\ncommit overrun: 0\ndropped events: 0\nread events: 0\n"
                   "oversize events: 0\nrecursion events: 0\nunfinished events: 0\n");
    TP_CHECK_STREQ(get("per_cpu/cpu1/stats"),
                   "entries: 5\noverrun: 0\ncommit overrun: 0\ndropped events: 0\nread events: 0\n"
                   "oversize events: 0\nrecursion events: 0\nunfinished events: 0\n");
    tp_pipe_flush(t);
    test_drain(t, &dump, 100);
    for (unsigned i = 0; i < 200; i++) /* a sub-buffer has room for 25 of 16 bytes */
        trace_sched_none();
    TP_CHECK_STREQ(
        get("per_cpu/cpu1/stats"),
        "entries: 95\noverrun: 0\ncommit overrun: 0\ndropped events: 105\nread events: 5\n"
        "oversize events: 0\nrecursion events: 0\nunfinished events: 0\n");
    test_dump_free(&dump);
    test_close(t);
}

static long read_busy, read_other; /* while CPU 0 is read, and of the other CPU */

static void read_inside(const struct tp_count *c)
{
    char text[100];

    (void)c;
    test_count_hook = NULL;
    read_busy = tp_tree_read("per_cpu/cpu0/stats", 0, text, sizeof(text));
    read_other = tp_tree_read("per_cpu/cpu1/stats", 0, text, sizeof(text));
}

/* From inside a read of the pipe. */
TP_TEST(TreeFile, StatsWhileThePipeIsRead)
{
    struct tp_trace *t = begin();
    struct test_dump dump = {0};

    trace_sched_none();
    tp_trace_stop(t);
    read_busy = 0;
    test_count_hook = read_inside;
    test_drain(t, &dump, 4000);
    TP_CHECK_EQ(read_busy, TP_EBUSY);
    TP_CHECK_EQ(read_other, TP_EBUSY);
    test_dump_free(&dump);
    test_close(t);

    t = begin();
    trace_sched_none();
    tp_trace_stop(t);
    test_count_hook = read_inside;
    collect("per_cpu/cpu0/trace_pipe_raw", &dump, 4000);
    TP_CHECK_EQ(read_busy, TP_EBUSY);
    TP_CHECK(read_other > 0);
    test_dump_free(&dump);
    test_close(t);
}

TP_TEST(TreeFile, SavedCmdlines)
{
    struct tp_trace *t = begin();

    tp_task_name(70001, "swapper");
    tp_task_name(70002, "a-name-of-16-byt+cut");
    tp_task_name(70003, "two\nlines\x7f");
    tp_task_name(70004, "");
    TP_CHECK(strstr(get("saved_cmdlines"), "70001 swapper\n"));
    TP_CHECK(strstr(get("saved_cmdlines"), "70002 a-name-of-16-byt\n"));
    TP_CHECK(strstr(get("saved_cmdlines"), "70003 two?lines?\n"));
    TP_CHECK(strstr(get("saved_cmdlines"), "70004 \n"));
    tp_task_name(70001, "init");
    TP_CHECK(strstr(get("saved_cmdlines"), "70001 init\n"));
    TP_CHECK(!strstr(get("saved_cmdlines"), "swapper"));
    TP_CHECK_STREQ(get("saved_cmdlines_size"), "64\n");
    test_close(t);
}

/* The names of pids from..to, in lines. */
static const char *names(unsigned from, unsigned to)
{
    static char text[4000];
    size_t n = 0;

    for (unsigned pid = from; pid <= to; pid++)
        n += (size_t)sprintf(text + n, "%u task\n", pid);
    return text;
}

TP_TEST(TreeFile, SavedCmdlinesSize)
{
    struct tp_trace *t = begin();
    struct test_dump dump = {0};
    const struct tp_wire_chunk *h;

    TP_CHECK_EQ(put("saved_cmdlines_size", "1"), 0); /* forget what other tests have told */
    TP_CHECK_EQ(put("saved_cmdlines_size", "64"), 0);
    for (unsigned pid = 71001; pid <= 71070; pid++)
        tp_task_name(pid, "task");
    TP_CHECK_EQ(put("saved_cmdlines_size", "64\n"), 0);
    TP_CHECK_STREQ(error.what, "no error");
    TP_CHECK_STREQ(get("saved_cmdlines"), names(71007, 71070));
    TP_CHECK_EQ(put("saved_cmdlines_size", "5\n"), 0);
    TP_CHECK_STREQ(get("saved_cmdlines_size"), "5\n");
    TP_CHECK_STREQ(get("saved_cmdlines"), names(71066, 71070));
    for (unsigned pid = 71071; pid <= 71073; pid++)
        tp_task_name(pid, "task");
    TP_CHECK_STREQ(get("saved_cmdlines"),
                   "71071 task\n71072 task\n71073 task\n71069 task\n71070 task\n");
    TP_CHECK_EQ(put("saved_cmdlines_size", "7"), 0);
    TP_CHECK_STREQ(get("saved_cmdlines"), names(71069, 71073));
    for (unsigned pid = 71074; pid <= 71076; pid++)
        tp_task_name(pid, "task");
    TP_CHECK_STREQ(
        get("saved_cmdlines"),
        "71076 task\n71070 task\n71071 task\n71072 task\n71073 task\n71074 task\n71075 task\n");
    refused("saved_cmdlines_size", "0", TP_EINVAL, "1 to 64 names can be kept");
    refused("saved_cmdlines_size", "65", TP_ELIMIT, "1 to 64 names can be kept");
    refused("saved_cmdlines_size", "4294967295", TP_ELIMIT, "1 to 64 names can be kept");
    refused("saved_cmdlines_size", "many", TP_EINVAL, "a number of names is expected");
    TP_CHECK_EQ(put("saved_cmdlines_size", "1"), 0);
    TP_CHECK_STREQ(get("saved_cmdlines"), "71076 task\n");
    tp_task_name(71077, "task");
    TP_CHECK_STREQ(get("saved_cmdlines"), "71077 task\n");

    /* A dump is told as many. */
    TP_CHECK_EQ(put("saved_cmdlines_size", "3"), 0);
    for (unsigned pid = 71080; pid <= 71082; pid++)
        tp_task_name(pid, "task");
    TP_CHECK_EQ(put("saved_cmdlines_size", "2"), 0);
    tp_trace_stop(t);
    test_drain(t, &dump, 4096);
    h = test_chunk(&dump, TP_CHUNK_TASKS, 0);
    TP_ASSERT(h);
    TP_CHECK_EQ(h->records, 2);
    TP_CHECK_EQ(h->size_bytes, 104 + 40);
    TP_CHECK_MEMEQ(h + 1,
                   "\xa9\x15\x01\0task\0\0\0\0\0\0\0\0\0\0\0\0"
                   "\xaa\x15\x01\0task\0\0\0\0\0\0\0\0\0\0\0",
                   40);
    TP_CHECK_EQ(put("saved_cmdlines_size", "64"), 0);
    test_dump_free(&dump);
    test_close(t);
}

TP_TEST(TreeFile, TasksTold)
{
    struct tp_trace *t = begin();
    uint32_t pid = 0, i = 0;
    char name[17];

    tp_task_name(70005, "sixteen-bytes-ab");
    do {
        memset(name, 'x', sizeof(name));
        TP_ASSERT(i < 64 && tp_task_read(i++, &pid, name));
    } while (pid != 70005);
    TP_CHECK_MEMEQ(name, "sixteen-bytes-ab", 17);
    TP_CHECK(!tp_task_read(64, &pid, name));
    TP_CHECK(!tp_task_read(UINT32_MAX, &pid, name));
    test_close(t);
}

static void decodes_to(const struct test_dump *dump, unsigned events)
{
    struct test_dump out = {0}, diag = {0};
    unsigned lines = 0;

    TP_CHECK_EQ(test_decode(dump, &out, &diag), 0);
    for (const char *p = (char *)out.bytes; (p = strstr(p, ": pair: a=7 b=8\n")); p++)
        lines++;
    TP_CHECK_EQ(lines, events);
    test_dump_free(&out);
    test_dump_free(&diag);
}

TP_TEST(TreeFile, TracePipeRaw)
{
    struct tp_trace *t = begin();
    struct test_dump dump = {0};

    for (unsigned i = 0; i < 3; i++)
        trace_sched_pair(7, 8);
    collect("trace_pipe_raw", &dump, 1);
    decodes_to(&dump, 3);
    test_dump_free(&dump);
    trace_sched_pair(7, 8);
    tp_trace_stop(t);
    collect("trace_pipe_raw", &dump, 4000);
    TP_CHECK(tp_pipe_ended(t));
    TP_CHECK(test_chunk(&dump, TP_CHUNK_DATA, 0));
    TP_CHECK_EQ(test_chunk(&dump, TP_CHUNK_DATA, 0)->records, 1); /* what was read is gone */
    test_dump_free(&dump);
    test_close(t);
}

/* One CPU's records, byte by byte, beside another reader that is in the middle of the other's. */
TP_TEST(TreeFile, TracePipeRawOfACpu)
{
    struct tp_trace *t = begin();
    struct test_dump dump = {0};
    char byte;

    for (unsigned i = 0; i < 5; i++) {
        test_cpu = i & 1;
        trace_sched_pair(7, 8);
    }
    TP_CHECK_EQ(tp_tree_read("per_cpu/cpu1/trace_pipe_raw", 0, &byte, 1), 1);
    collect("per_cpu/cpu0/trace_pipe_raw", &dump, 1);
    decodes_to(&dump, 3);
    test_dump_free(&dump);
    TP_CHECK_EQ(tp_tree_read("trace_pipe_raw", 0, &byte, 1), TP_EBUSY);
    dump.bytes = (uint8_t *)malloc(1);
    dump.bytes[0] = (uint8_t)byte;
    dump.size = 1;
    collect("per_cpu/cpu1/trace_pipe_raw", &dump, 4000); /* where it was, whatever the offset */
    decodes_to(&dump, 2);
    test_dump_free(&dump);
    TP_CHECK_EQ(tp_tree_read("per_cpu/cpu2/trace_pipe_raw", 0, &byte, 1), TP_ENOENT);
    TP_CHECK(tp_tree_read("trace_pipe_raw", 0, &byte, 1) == 1);
    TP_CHECK_EQ(tp_tree_read("per_cpu/cpu1/trace_pipe_raw", 0, &byte, 1), TP_EBUSY);
    test_close(t);
}

TP_TEST(TreeFile, Snapshot)
{
    struct tp_trace *t = begin();
    struct test_dump dump = {0};

    TP_CHECK_STREQ(get("snapshot"), "");
    for (unsigned i = 0; i < 3; i++)
        trace_sched_pair(7, 8);
    TP_CHECK_EQ(put("snapshot", "2"), TP_EINVAL);
    TP_CHECK_STREQ(error.what, "1 is expected, which takes one");
    TP_CHECK_EQ(put("snapshot", "1\n"), 0);
    collect("snapshot", &dump, 100);
    decodes_to(&dump, 3);
    test_dump_free(&dump);
    TP_CHECK_STREQ(get("snapshot"), "");
    TP_CHECK(strstr(get("per_cpu/cpu0/stats"), "entries: 3\n"));
    test_close(t);
}

/* --- filters and triggers --- */

TP_TEST(TreeFile, Filter)
{
    struct tp_trace *t = begin();

    TP_CHECK_STREQ(get("events/sched/pair/filter"), "none\n");
    TP_CHECK_EQ(put("events/sched/pair/filter", "a > 3  &&  b == 0x10\n"), 0);
    TP_CHECK_STREQ(get("events/sched/pair/filter"), "a > 3  &&  b == 0x10\n");
    TP_CHECK_STREQ(get("events/sched/odd/filter"), "none\n");
    TP_CHECK_EQ(put("events/sched/pair/filter", "a > 3 && @"), TP_EFILTER);
    TP_CHECK_EQ(error.column, 9);
    TP_CHECK(error.code < 0);
    TP_CHECK(*error.what);
    TP_CHECK_EQ(tp_tree_write("events/sched/pair/filter", "@", 1, NULL), TP_EFILTER);
    TP_CHECK_STREQ(get("events/sched/pair/filter"), "a > 3  &&  b == 0x10\n");
    TP_CHECK_EQ(tp_tree_write("events/sched/pair/filter", "a\0b", 3, &error), TP_EINVAL);
    TP_CHECK_STREQ(error.what, "a NUL in a text");
    TP_CHECK_EQ(put("events/sched/pair/filter", " 0\n"), 0);
    TP_CHECK_STREQ(get("events/sched/pair/filter"), "none\n");
    test_close(t);
}

/* Fields that only some have: the others keep what they had. */
TP_TEST(TreeFile, FilterOfASubsystem)
{
    struct tp_trace *t = begin();

    TP_CHECK_STREQ(get("events/sched/filter"), "none\n");
    TP_CHECK_EQ(put("events/sched/filter", "common_pid != 3"), 0);
    TP_CHECK_STREQ(get("events/sched/filter"), "common_pid != 3\n");
    TP_CHECK_STREQ(get("events/sched/mute/filter"), "common_pid != 3\n");
    TP_CHECK_STREQ(get("events/mm/filter"), "none\n");
    TP_CHECK_EQ(put("events/sched/pair/filter", "a == 1"), 0);
    TP_CHECK_STREQ(get("events/sched/filter"), "X\n");
    TP_CHECK_EQ(put("events/sched/pair/filter", "0"), 0);
    TP_CHECK_STREQ(get("events/sched/filter"), "X\n");
    TP_CHECK_EQ(put("events/sched/filter", "x == 1"), 0); /* an event has that field */
    TP_CHECK_EQ(error.code, 0);
    TP_CHECK_STREQ(error.what, "no error");
    TP_CHECK_STREQ(get("events/sched/odd/filter"), "x == 1\n");
    TP_CHECK_STREQ(get("events/sched/mute/filter"), "common_pid != 3\n");
    TP_CHECK_EQ(put("events/sched/filter", "nobody == 1"), TP_EFILTER);
    TP_CHECK_EQ(put("events/sched/filter", "0"), 0);
    TP_CHECK_STREQ(get("events/sched/filter"), "none\n");
    test_close(t);
}

TP_TEST(TreeFile, FilterOfTheLongestText)
{
    struct tp_trace *t = begin();
    char text[1100], read[1100];

    memset(text, ' ', sizeof(text));
    memcpy(text, "a", 1);
    memcpy(text + 1018, "== 12", 6);
    TP_CHECK_EQ(strlen(text), 1023);
    TP_CHECK_EQ(put("events/sched/pair/filter", text), 0);
    snprintf(read, sizeof(read), "%s\n", text);
    TP_CHECK_STREQ(get("events/sched/pair/filter"), read);
    strcat(text, "3");
    TP_CHECK_EQ(put("events/sched/pair/filter", text), TP_EFILTER);
    TP_CHECK_EQ(error.code, TP_FILTER_TOO_LONG);
    TP_CHECK_EQ(error.column, 1023);
    TP_CHECK_STREQ(get("events/sched/pair/filter"), read);
    TP_CHECK_EQ(put("events/sched/pair/filter", "0"), 0);
    test_close(t);
}

TP_TEST(TreeFile, Trigger)
{
    static const char none[] = "# Available triggers:\n# traceoff traceon snapshot count\n";
    struct tp_trace *t = begin();
    char text[2000];

    TP_CHECK_STREQ(get("events/sched/pair/trigger"), none);
    TP_CHECK_EQ(put("events/sched/pair/trigger", "traceoff\n"), 0);
    TP_CHECK_STREQ(get("events/sched/pair/trigger"), "traceoff\n");
    TP_CHECK_EQ(put("events/sched/pair/trigger", "traceoff"), TP_EEXIST);
    TP_CHECK_STREQ(error.what, "exists already");
    TP_CHECK_EQ(put("events/sched/pair/trigger", "snapshot:2 if a > 3\n"), 0);
    TP_CHECK_STREQ(get("events/sched/pair/trigger"), "traceoff\nsnapshot:count=2 if a > 3\n");
    TP_CHECK_STREQ(get("events/sched/odd/trigger"), none);
    TP_CHECK_EQ(put("events/sched/pair/trigger", "dance"), TP_EFILTER);
    TP_CHECK_EQ(error.column, 0);
    TP_CHECK_EQ(put("events/sched/pair/trigger", "count if a > @"), TP_EFILTER);
    TP_CHECK_EQ(error.column, 13);
    TP_CHECK_EQ(put("events/sched/pair/trigger", "!count"), TP_ENOENT);
    TP_CHECK_EQ(tp_tree_write("events/sched/pair/trigger", "traceoff\0", 9, &error), TP_EINVAL);
    memset(text, 'x', sizeof(text));
    TP_CHECK_EQ(tp_tree_write("events/sched/pair/trigger", text, sizeof(text), &error), TP_EFILTER);
    TP_CHECK_EQ(error.code, TP_FILTER_TOO_LONG);
    TP_CHECK_EQ(put("events/sched/pair/trigger", "!traceoff"), 0);
    TP_CHECK_STREQ(get("events/sched/pair/trigger"), "snapshot:count=2 if a > 3\n");
    TP_CHECK_EQ(put("events/sched/pair/trigger", "!snapshot"), 0);
    TP_CHECK_STREQ(get("events/sched/pair/trigger"), none);
    test_close(t);
}

TP_TEST(TreeFile, NoMemoryForTriggers)
{
    static const char *const actions[] = {"traceoff", "traceon", "snapshot", "count"};
    static const char *const systems[] = {"sched", "fs", "mm"};
    struct tp_trace *t = begin();
    char text[1020], path[32];
    unsigned i;
    int err = 0;

    TP_CHECK_EQ(put("tracing_on", "0"), 0);
    for (i = 0; i < 4 && !err; i++) {
        memset(text, ' ', sizeof(text));
        memcpy(text + snprintf(text, sizeof(text), "%s if common_pid", actions[i]), " ", 1);
        strcpy(text + 1000, "== 1");
        for (unsigned k = 0; k < 3 && !err; k++)
            err = tp_trigger_set(t, systems[k], text, NULL);
    }
    TP_CHECK_EQ(err, TP_EMEMORY);
    for (err = 0, i = 0; !err && i < 3; i++) {
        snprintf(path, sizeof(path), "events/%s/filter", systems[i]);
        err = put(path, strstr(text, "common_pid"));
    }
    TP_CHECK_EQ(err, TP_EMEMORY);
    TP_CHECK_STREQ(error.what, "control memory is full: tp_control_set_memory");
    test_close(t);
    t = begin();
    TP_CHECK_EQ(put("events/sched/pair/filter", "a == 1"), 0);
    test_close(t);
}
