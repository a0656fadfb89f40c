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

/* With a pipe of each CPU. */
static struct tp_trace *begin_apart(void)
{
    struct tp_config c = config;

    test_close(begin());
    c.cpu_pipes = true;
    return test_open(&c);
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
        refused(paths[i], "1", TP_EACCES, "this file is read-only");
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

    TP_CHECK_STREQ(
        sorted("available_events"),
        "fs:all\nfs:arrays\nfs:long\nfs:open\nfs:tails\nmine:fire_long\nmine:fire_"
        "pointers\nmm:signed\nmm:small\nmm:wide\n"
        "printk:tree_twice\nring:two\nsched:mute\nsched:none\nsched:odd\nsched:pair\ntypes:many\n"
        "types:real\ntypes:role\n");
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
    refused("set_event", text, TP_EINVAL, "a pattern is longer than any name");
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
    refused("buffer_size_kb", "4294967295", TP_EINVAL, "larger than a ring can be");
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

    t = begin_apart();
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

    tp_task_name(70001, 0, "swapper");
    tp_task_name(70002, 0, "a-name-of-24-bytes-in-all+cut");
    tp_task_name(70003, 0, "two\nlines\x7f");
    tp_task_name(70004, 0, "");
    TP_CHECK(strstr(get("saved_cmdlines"), "70001 swapper\n"));
    TP_CHECK(strstr(get("saved_cmdlines"), "70002 a-name-of-24-bytes-in-al\n"));
    TP_CHECK(strstr(get("saved_cmdlines"), "70003 two?lines?\n"));
    TP_CHECK(!strstr(get("saved_cmdlines"), "70004")); /* no name */
    tp_task_name(70001, 0, "init");
    TP_CHECK(strstr(get("saved_cmdlines"), "70001 init\n"));
    TP_CHECK(!strstr(get("saved_cmdlines"), "swapper"));
    TP_CHECK_STREQ(get("saved_cmdlines_size"), "64\n");
    test_close(t);
}

TP_TEST(TreeFile, SavedCmdlinesSize)
{
    struct tp_trace *t = begin();
    struct test_dump dump = {0};
    const struct tp_wire_chunk *h;

    tp_task_name(71000, 0, "task");
    TP_CHECK_STREQ(get("saved_cmdlines"), "71000 task\n");
    TP_CHECK_EQ(put("saved_cmdlines_size", "64\n"), TP_EBUSY); /* it runs */
    tp_trace_stop(t);
    TP_CHECK_EQ(put("saved_cmdlines_size", "64\n"), 0);
    TP_CHECK_STREQ(get("saved_cmdlines"), "71000 task\n");
    TP_CHECK_EQ(put("saved_cmdlines_size", "5\n"), 0);
    TP_CHECK_STREQ(get("saved_cmdlines_size"), "5\n");
    TP_CHECK_STREQ(get("saved_cmdlines"), "");
    for (unsigned pid = 71001; pid <= 71006; pid++)
        tp_task_name(pid, 0, "task");
    TP_CHECK_STREQ(get("saved_cmdlines"),
                   "71006 task\n71002 task\n71003 task\n71004 task\n71005 task\n");
    TP_CHECK_EQ(put("saved_cmdlines_size", "0"), 0);
    TP_CHECK_STREQ(get("saved_cmdlines_size"), "0\n");
    tp_task_name(71007, 0, "task");
    TP_CHECK_STREQ(get("saved_cmdlines"), "");
    refused("saved_cmdlines_size", "65537", TP_EINVAL,
            "a number of names is expected, at most 65536");
    refused("saved_cmdlines_size", "many", TP_EINVAL,
            "a number of names is expected, at most 65536");

    /* They are in a dump. */
    TP_CHECK_EQ(put("saved_cmdlines_size", "2"), 0);
    for (unsigned pid = 71081; pid <= 71082; pid++)
        tp_task_name(pid, 0x102, "task");
    TP_CHECK_EQ(tp_trace_start(t), 0);
    tp_trace_stop(t);
    test_drain(t, &dump, 4096);
    h = test_chunk(&dump, TP_CHUNK_TASKS, 0);
    TP_ASSERT(h);
    TP_CHECK_EQ(h->records, TP_SIDE_BYTES < 64 ? 1 : 2);
    TP_CHECK_EQ(h->size_bytes, 104 + (TP_SIDE_BYTES < 64 ? 32 : 64));
    TP_CHECK_MEMEQ(h + 1,
                   "\xa9\x15\x01\0\x02\x01\0\0task\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
                   "\xaa\x15\x01\0\x02\x01\0\0task\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
                   h->size_bytes - 104);
    test_dump_free(&dump);
    test_close(t);
}

TP_TEST(TreeFile, TasksTold)
{
    struct tp_trace *t = begin();
    struct tp_task task = {.id = 0};
    uint32_t i = 0;

    tp_task_name(70005, 9, "twenty-four-bytes-in-all");
    do {
        memset(&task, 'x', sizeof(task));
        TP_ASSERT(i < 64);
    } while (!tp_task_read(t, i++, &task) || task.id != 70005);
    TP_CHECK_MEMEQ(task.name, "twenty-four-bytes-in-all", 25);
    TP_CHECK_EQ(task.group, 9);
    TP_CHECK(!tp_task_read(t, 64, &task));
    TP_CHECK(!tp_task_read(t, UINT32_MAX, &task));
    test_close(t);
}

static void decodes_to(const struct test_dump *dump, unsigned events)
{
    struct test_dump out = {0}, diag = {0};
    unsigned lines = 0;

    TP_CHECK_EQ(test_decode(dump, &out, &diag), 0);
    for (const char *p = (char *)out.bytes; (p = strstr(p, ": sched_pair: a=7 b=8\n")); p++)
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
    struct tp_trace *t = begin_apart();
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
    TP_CHECK_EQ(tp_tree_read("trace_pipe_raw", 0, &byte, 1), TP_EINVAL);
    dump.bytes = (uint8_t *)malloc(1);
    dump.bytes[0] = (uint8_t)byte;
    dump.size = 1;
    collect("per_cpu/cpu1/trace_pipe_raw", &dump, 4000); /* where it was, whatever the offset */
    decodes_to(&dump, 2);
    test_dump_free(&dump);
    TP_CHECK_EQ(tp_tree_read("per_cpu/cpu2/trace_pipe_raw", 0, &byte, 1), TP_ENOENT);
    test_close(t);
    t = begin();
    TP_CHECK(tp_tree_read("trace_pipe_raw", 0, &byte, 1) == 1);
    TP_CHECK_EQ(tp_tree_read("per_cpu/cpu1/trace_pipe_raw", 0, &byte, 1), TP_EINVAL);
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
    TP_CHECK_STREQ(error.what, "1 is expected: it takes a snapshot");
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

/* --- control memory: units of 64 bytes, of which a probe takes one --- */

static char filler[600];

static void on_nothing(void *data, const struct tp_event *e, const uint64_t *args, uint32_t count)
{
    (void)data;
    (void)e;
    (void)args;
    (void)count;
}

/* Takes all that is free, by probes from this one on; returns how many that is. */
static unsigned fill_from(unsigned first)
{
    unsigned n = first;
    int err = tp_probe_synchronize();

    TP_CHECK_EQ(err, 0);
    while (!(err = tp_probe_raw_add("fs:open", on_nothing, filler + n, NULL, NULL)))
        n++;
    TP_CHECK_EQ(err, TP_EMEMORY);
    return n - first;
}

static unsigned fill(void)
{
    return fill_from(0);
}

/* Gives back the probes `from` to `to`. */
static void empty(unsigned from, unsigned to)
{
    for (; from < to; from++)
        TP_CHECK_EQ(tp_probe_raw_remove("fs:open", on_nothing, filler + from), 0);
    TP_CHECK_EQ(tp_probe_synchronize(), 0);
}

static unsigned units_free(void)
{
    unsigned n = fill();

    empty(0, n);
    return n;
}

static int set_filter(struct tp_trace *t, const char *where, const char *text)
{
    return tp_filter_set(t, where, text, &error);
}

static int set_trigger(struct tp_trace *t, const char *where, const char *text)
{
    return tp_trigger_set(t, where, text, &error);
}

static int set_probe(struct tp_trace *t, const char *where, const char *text)
{
    const struct tp_probe_options o = {.filter = text, .trace = t};

    return tp_probe_raw_add(where, on_nothing, NULL, &o, &error);
}

static int take_probe(struct tp_trace *t, const char *where, const char *text)
{
    (void)t;
    (void)text;
    return tp_probe_raw_remove(where, on_nothing, NULL);
}

static int set_sample(struct tp_trace *t, const char *where, const char *text)
{
    return tp_sample_set(t, where, (uint32_t)atoi(text));
}

static int set_rate(struct tp_trace *t, const char *where, const char *text)
{
    return tp_rate_set(t, where, (uint32_t)atoi(text));
}

static int write_file(struct tp_trace *t, const char *where, const char *text)
{
    (void)t;
    return put(where, text);
}

#define OPEN_32 "(((((((((((((((((((((((((((((((("
#define CLOSE_32 "))))))))))))))))))))))))))))))))"
#define LONG_64 "1234567890123456789012345678901234567890123456789012345678901234"

/* Each with what takes it back, and a wrong one. */
static const struct {
    int (*call)(struct tp_trace *t, const char *where, const char *text);
    const char *where, *text, *wrong;
    int (*back)(struct tp_trace *t, const char *where, const char *text);
    const char *back_text;
} calls[] = {
    {set_filter, "sched:*", OPEN_32 "common_pid != 7" CLOSE_32, OPEN_32 "common_pid", set_filter,
     "0"},
    {set_filter, "fs:all", "l == " LONG_64 " || p & HIGH", "l == " LONG_64 " || p & LOW",
     set_filter, NULL},
    {set_trigger, "sched:odd", "count if x > 1", "count if x > @", set_trigger, "!count"},
    {set_trigger, "*", "traceoff:3", "traceoff:0", set_trigger, "!traceoff"},
    {set_probe, "sched:mute", "common_pid == 3", "common_pid == x", take_probe, ""},
    {set_sample, "sched:odd", "5", NULL, set_sample, "0"},
    {set_rate, "sched:odd", "5", NULL, set_rate, "0"},
    {write_file, "events/sched/odd/filter", "x == 1 && y == 2\n", "x == 1 && a == 2\n", write_file,
     "0"},
    {write_file, "events/fs/filter", "comm == " LONG_64, "comm == '" LONG_64, write_file, "0\n"},
    {write_file, "events/sched/odd/trigger", "count:7 if " OPEN_32 "y" CLOSE_32,
     "count:7 if " OPEN_32 "y)", write_file, "!count"},
};
#define CALLS (sizeof(calls) / sizeof(calls[0]))

/* All that these calls change, as it is read. */
static const char *all_said(void)
{
    static const char *const files[] = {"events/sched/filter",       "events/sched/pair/filter",
                                        "events/sched/pair/trigger", "events/sched/odd/filter",
                                        "events/sched/odd/trigger",  "events/fs/filter",
                                        "events/fs/all/filter",      "events/fs/all/trigger"};
    static const struct tp_event *const events[] = {&tp_event_sched_odd, &tp_event_sched_mute,
                                                    &tp_event_fs_all};
    static char text[8192];
    size_t n = 0;

    for (unsigned i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        n += (size_t)snprintf(text + n, sizeof(text) - n, "%s", get(files[i]));
    for (unsigned i = 0; i < 3; i++)
        n += (size_t)snprintf(text + n, sizeof(text) - n, "%x %d\n", events[i]->mask,
                              !!events[i]->probes);
    return text;
}

/* With no byte left a call says so and changes nothing; what is there can be read. */
TP_TEST(TreeFile, ControlMemoryIsFull)
{
    struct tp_trace *t = begin();
    char before[8192];
    unsigned room, n;

    TP_CHECK_EQ(put("events/sched/pair/filter", "a == 1"), 0);
    TP_CHECK_EQ(put("events/sched/pair/trigger", "snapshot if b == 2"), 0);
    room = units_free();
    strcpy(before, all_said());
    n = fill();
    for (unsigned i = 0; i < CALLS; i++) {
        TP_CHECK_EQ(calls[i].call(t, calls[i].where, calls[i].text), TP_EMEMORY);
        if (calls[i].wrong)
            TP_CHECK(calls[i].call(t, calls[i].where, calls[i].wrong) < 0);
        TP_CHECK_STREQ(all_said(), before);
    }
    TP_CHECK_STREQ(get("events/sched/pair/filter"), "a == 1\n");
    TP_CHECK_STREQ(get("events/sched/pair/trigger"), "snapshot if b == 2\n");
    empty(0, n);
    TP_CHECK_EQ(n, room);
    TP_CHECK_EQ(units_free(), room);
    for (unsigned i = 0; i < CALLS; i++) {
        TP_CHECK_EQ(calls[i].call(t, calls[i].where, calls[i].text), 0);
        TP_CHECK_EQ(calls[i].back(t, calls[i].where, calls[i].back_text), 0);
    }
    test_close(t);
}

/* A thousand calls, right and wrong, leave as much as there was. */
TP_TEST(TreeFile, ControlMemoryComesBack)
{
    struct tp_trace *t = begin();
    unsigned room = units_free();

    for (unsigned k = 0; k < 1000; k++)
        for (unsigned i = 0; i < CALLS; i++) {
            if (calls[i].wrong)
                TP_CHECK_EQ(calls[i].call(t, calls[i].where, calls[i].wrong), TP_EFILTER);
            /* Sampling has a rule that stays, whose count is still to be told. */
            if (calls[i].call == set_sample || calls[i].call == set_rate)
                continue;
            TP_CHECK_EQ(calls[i].call(t, calls[i].where, calls[i].text), 0);
            TP_CHECK_EQ(calls[i].back(t, calls[i].where, calls[i].back_text), 0);
        }
    TP_CHECK_EQ(units_free(), room);
    test_close(t);
}

/* To compile a filter takes 24 bytes for each of 16 fields with the program, 64, in one piece: 7
 * units. In the end it has 2, and the rule 2. */
TP_TEST(TreeFile, ControlMemoryToCompile)
{
    struct tp_trace *t = begin();
    unsigned n = fill();

    for (unsigned left = 0; left < 8; left++) {
        empty(n - left, n);
        TP_CHECK_EQ(tp_filter_set(t, "fs:all", "a == 1", NULL), left < 7 ? TP_EMEMORY : 0);
        TP_CHECK_EQ(fill_from(n - left), left < 7 ? left : 3);
    }
    TP_CHECK_STREQ(get("events/fs/all/filter"), "a == 1\n");
    empty(0, n - 4);
    test_close(t);
}
