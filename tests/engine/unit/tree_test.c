/* SPDX-License-Identifier: MIT */
/* The control tree: paths, directories, instances, and reading at an offset. */
#include "support.h"

#include <tp/control.h>
#include <tp/module.h>
#include <tp/tree.h>

static const struct tp_config config = {
    .name = "first", .cpus = 2, .subbuf_bytes = 512, .subbufs = 2, .context = true};

/* Two calls of tp_printk in one function: one directory. Never fired. */
void tree_twice(void);
void tree_twice(void)
{
    tp_printk("once %d", 1);
    tp_printk("twice %d", 2);
}

static int compare(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* In the order of the alphabet from `sorted` on: compilers put events in an order of their own. */
static char *list_from(const char *path, uint32_t sorted)
{
    static char all[2000];
    char name[32][100];
    uint32_t count = 0;
    long n;

    while (count < 32 && (n = tp_tree_list(path, count, name[count], sizeof(name[0]))) > 0) {
        TP_CHECK_EQ(strlen(name[count]), n);
        count++;
    }
    TP_CHECK_EQ(n, 0);
    if (count > sorted)
        qsort(name + sorted, count - sorted, sizeof(name[0]), compare);
    all[0] = 0;
    for (uint32_t i = 0; i < count; i++)
        strcat(strcat(all, name[i]), " ");
    return all;
}

static char *list(const char *path)
{
    return list_from(path, strstr(path, "events") ? 2 : 32);
}

TP_TEST(Tree, Directories)
{
    struct tp_trace *t = test_open(&config);
    const char *text;

    TP_CHECK_STREQ(list_from("", 14),
                   "available_events buffer_size_kb buffer_total_size_kb events options per_cpu "
                   "saved_cmdlines saved_cmdlines_size set_event snapshot trace_clock "
                   "trace_pipe_raw tracing_on instances ");
    TP_CHECK_STREQ(list_from("events", 1), "enable fs mine mm printk ring sched types ");
    TP_CHECK_STREQ(list("events/sched"), "enable filter mute none odd pair ");
    TP_CHECK_STREQ(list("events/mm"), "enable filter signed small wide ");
    text = strstr(list("events/printk"), " tree_twice "); /* other tests have some, too */
    TP_CHECK(text && !strstr(text + 1, " tree_twice "));
    TP_CHECK_STREQ(list("events/sched/pair"), "enable filter format id trigger ");
    TP_CHECK_STREQ(list("options"), "overwrite ");
    TP_CHECK_STREQ(list("per_cpu"), "cpu0 cpu1 ");
    TP_CHECK_STREQ(list("per_cpu/cpu1"), "stats trace_pipe_raw ");
    TP_CHECK_STREQ(list("instances"), "");
    test_close(t);
}

TP_TEST(Tree, NamesAreCutToTheRoom)
{
    struct tp_trace *t = test_open(&config);
    char name[8] = "1234567";

    TP_CHECK_EQ(tp_tree_list("", 0, name, 4), 16);
    TP_CHECK_MEMEQ(name,
                   "ava\0"
                   "567",
                   8);
    TP_CHECK_EQ(tp_tree_list("per_cpu", 1, name, 5), 4);
    TP_CHECK_STREQ(name, "cpu1");
    TP_CHECK_EQ(tp_tree_list("", 0, name, 0), 16);
    TP_CHECK_STREQ(name, "cpu1");
    TP_CHECK_EQ(tp_tree_list("", UINT32_MAX, name, 8), 0);
    TP_CHECK_STREQ(name, "");
    TP_CHECK_EQ(tp_tree_list("tracing_on", 0, name, 8), TP_EINVAL);
    TP_CHECK_EQ(tp_tree_list("nothing", 0, name, 8), TP_ENOENT);
    test_close(t);
}

static int mode(const char *path, bool directory)
{
    struct tp_tree_info info;
    int err = tp_tree_stat(path, &info);

    if (err)
        return err;
    TP_CHECK_EQ(info.directory, directory);
    return info.mode;
}

TP_TEST(Tree, Modes)
{
    static const char *const directories[] = {
        "",        "/",       "events",          "events/fs", "events/fs/all/",
        "options", "per_cpu", "//per_cpu//cpu0", "instances"};
    static const char *const readable[] = {"available_events",     "buffer_total_size_kb",
                                           "events/fs/all/format", "events/fs/all/id",
                                           "per_cpu/cpu0/stats",   "saved_cmdlines",
                                           "trace_pipe_raw",       "per_cpu/cpu1/trace_pipe_raw"};
    static const char *const writable[] = {"buffer_size_kb",
                                           "events/enable",
                                           "events/fs/enable",
                                           "events/fs/filter",
                                           "events/fs/all/enable",
                                           "events/fs/all/filter",
                                           "events/fs/all/trigger",
                                           "options/overwrite",
                                           "saved_cmdlines_size",
                                           "set_event",
                                           "snapshot",
                                           "trace_clock",
                                           "tracing_on"};
    struct tp_trace *t = test_open(&config);

    for (size_t i = 0; i < sizeof(directories) / sizeof(directories[0]); i++)
        TP_CHECK_EQ(mode(directories[i], true), 0750);
    for (size_t i = 0; i < sizeof(readable) / sizeof(readable[0]); i++)
        TP_CHECK_EQ(mode(readable[i], false), 0440);
    for (size_t i = 0; i < sizeof(writable) / sizeof(writable[0]); i++)
        TP_CHECK_EQ(mode(writable[i], false), 0640);
    test_close(t);
}

TP_TEST(Tree, PathsThatLeadNowhere)
{
    static const char *const paths[] = {"x",
                                        "tracing_o",
                                        "tracing_onn",
                                        "tracing_on/x",
                                        "tracing_on/tracing_on",
                                        "events/x",
                                        "events/sched/x",
                                        "events/sched/pair/x",
                                        "events/sched/pair/id/x",
                                        "events/mm/pair",
                                        "options/x",
                                        "per_cpu/cpu2",
                                        "per_cpu/cpu",
                                        "per_cpu/cpu00",
                                        "per_cpu/cpu0x",
                                        "per_cpu/cpu4294967296",
                                        "per_cpu/0",
                                        "per_cpu/cpu2/trace_pipe_raw",
                                        "per_cpu/trace_pipe_raw",
                                        "per_cpu/cpu0/trace_pipe_raw/x",
                                        "instances/first",
                                        "instances/0",
                                        "instances/x",
                                        "events/sche",
                                        "events/ched"};
    struct tp_trace *t = test_open(&config);
    struct tp_filter_error error;
    char c;

    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        TP_CHECK_EQ(mode(paths[i], false), TP_ENOENT);
        TP_CHECK_EQ(tp_tree_read(paths[i], 0, &c, 1), TP_ENOENT);
        TP_CHECK_EQ(tp_tree_write(paths[i], "1", 1, &error), TP_ENOENT);
        TP_CHECK_STREQ(error.what, "no such file");
    }
    TP_CHECK_EQ(tp_tree_read("events", 0, &c, 1), TP_EINVAL);
    TP_CHECK_EQ(tp_tree_write("events", "1", 1, &error), TP_EINVAL);
    TP_CHECK_STREQ(error.what, "this is a directory");
    test_close(t);
    TP_CHECK_EQ(mode("", true), TP_ENOENT);
    TP_CHECK_EQ(tp_tree_read("tracing_on", 0, &c, 1), TP_ENOENT);
    TP_CHECK_EQ(tp_tree_write("tracing_on", "1", 1, NULL), TP_ENOENT);
}

/* --- reading in pieces --- */

static size_t read_whole(const char *path, char *to, size_t room)
{
    long n = tp_tree_read(path, 0, to, room - 1);

    TP_CHECK(n >= 0);
    to[n < 0 ? 0 : n] = 0;
    return n < 0 ? 0 : (size_t)n;
}

static void read_by(const char *path, size_t step)
{
    static char whole[4000], pieces[4000];
    size_t size = read_whole(path, whole, sizeof(whole)), at = 0;
    long n;

    while (at + step < sizeof(pieces) && (n = tp_tree_read(path, at, pieces + at, step)) > 0) {
        TP_CHECK(at + (size_t)n == size || (size_t)n == step);
        at += (size_t)n;
    }
    pieces[at] = 0;
    TP_CHECK_STREQ(pieces, whole);
    TP_CHECK_EQ(tp_tree_read(path, size, pieces, 10), 0);
    TP_CHECK_EQ(tp_tree_read(path, size + 1, pieces, 10), 0);
    TP_CHECK_EQ(tp_tree_read(path, UINT64_MAX, pieces, 10), 0);
    TP_CHECK_EQ(tp_tree_read(path, 0, pieces, 0), 0);
}

TP_TEST(Tree, AReaderWithOneByteGetsTheSameText)
{
    static const char *const paths[] = {"available_events",      "buffer_size_kb",
                                        "buffer_total_size_kb",  "events/enable",
                                        "events/fs/enable",      "events/fs/filter",
                                        "events/fs/all/enable",  "events/fs/all/filter",
                                        "events/fs/all/trigger", "events/fs/all/format",
                                        "events/fs/all/id",      "options/overwrite",
                                        "per_cpu/cpu1/stats",    "saved_cmdlines",
                                        "saved_cmdlines_size",   "set_event",
                                        "trace_clock",           "tracing_on"};
    struct tp_trace *t = test_open(&config);

    tp_task_name(1, 0, "one");
    tp_task_name(2, 0, "two");
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        read_by(paths[i], 1);
        read_by(paths[i], 7);
    }
    test_close(t);
}

TP_TEST(Tree, NothingIsWrittenBehindTheRoom)
{
    struct tp_trace *t = test_open(&config);
    char buffer[8] = "1234567";

    TP_CHECK_EQ(tp_tree_read("events/fs/all/format", 3, buffer, 4), 4);
    TP_CHECK_STREQ(buffer, "e: a567");
    test_close(t);
}

/* --- instances --- */

static char *get(const char *path)
{
    static char text[4000];

    read_whole(path, text, sizeof(text));
    return text;
}

static int put(const char *path, const char *text)
{
    return tp_tree_write(path, text, strlen(text), NULL);
}

TP_TEST(Tree, Instances)
{
    struct tp_config c = config;
    struct tp_trace *t = test_open(&config), *second, *third, *fourth, *fifth;

    c.cpus = 1;
    c.name = "flight recorder";
    second = test_open(&c);
    third = test_open(&c);
    c.name = "a/b";
    fourth = test_open(&c);
    c.name = "";
    fifth = test_open(&c);
    TP_CHECK_STREQ(list("instances"), "flight recorder 2 3 4 ");
    TP_CHECK_STREQ(list("instances/flight recorder/per_cpu"), "cpu0 ");
    TP_CHECK(strstr(get("instances/2/per_cpu/cpu0/stats"), "entries: 0\n"));
    TP_CHECK_STREQ(list("instances/2/per_cpu/cpu0"), "stats trace_pipe_raw ");
    TP_CHECK_STREQ(list_from("instances/2", 13),
                   "available_events buffer_size_kb buffer_total_size_kb events options per_cpu "
                   "saved_cmdlines saved_cmdlines_size set_event snapshot trace_clock "
                   "trace_pipe_raw tracing_on ");
    TP_CHECK_EQ(mode("instances/2/instances", true), TP_ENOENT);
    TP_CHECK_EQ(mode("instances/1", true), TP_ENOENT);
    TP_CHECK_EQ(mode("instances/5", true), TP_ENOENT);
    TP_CHECK_EQ(mode("instances/8", true), TP_ENOENT);
    TP_CHECK_EQ(mode("instances/a/b", true), TP_ENOENT);

    TP_CHECK_EQ(put("instances/flight recorder/events/fs/enable", "0\n"), 0);
    TP_CHECK_EQ(put("instances/3/tracing_on", "0\n"), 0);
    TP_CHECK_STREQ(get("events/fs/enable"), "1\n");
    TP_CHECK_STREQ(get("instances/flight recorder/events/fs/enable"), "0\n");
    TP_CHECK_STREQ(get("instances/2/events/fs/enable"), "1\n");
    TP_CHECK_STREQ(get("tracing_on"), "1\n");
    TP_CHECK_STREQ(get("instances/3/tracing_on"), "0\n");
    TP_CHECK_STREQ(get("instances/4/tracing_on"), "1\n");

    /* The next one is first when the first is gone. */
    test_close(t);
    TP_CHECK_STREQ(list("instances"), "flight recorder 3 4 ");
    TP_CHECK_STREQ(get("events/fs/enable"), "0\n");
    test_close(second);
    TP_CHECK_STREQ(list("instances"), "3 4 ");
    test_close(third);
    test_close(fourth);
    TP_CHECK_STREQ(list("instances"), "");
    test_close(fifth);
}

/* --- modules --- */

TP_TEST(Tree, EventsOfAModuleComeAndGo)
{
    static struct tp_event late = {
        .layout = TP_EVENT_LAYOUT, .sys = "module", .name = "late", .fmt = ""};
    struct tp_event *const section[] = {&late};
    struct tp_config c = config;
    struct tp_trace *t;

    c.spare_bytes = 1024;
    t = test_open(&c);
    TP_CHECK_EQ(mode("events/module", true), TP_ENOENT);
    TP_ASSERT_EQ(tp_events_add(section, section + 1), 0);
    TP_CHECK_STREQ(list_from("events", 1), "enable fs mine mm module printk ring sched types ");
    TP_CHECK_STREQ(list("events/module"), "enable filter late ");
    TP_CHECK_STREQ(get("events/module/late/enable"), "0\n");
    TP_CHECK_EQ(put("events/module/enable", "1"), 0);
    TP_CHECK_STREQ(get("events/module/late/enable"), "1\n");
    TP_CHECK(strstr(get("available_events"), "module:late\n"));
    TP_CHECK_EQ(tp_events_remove(section), 0);
    TP_CHECK_STREQ(list_from("events", 1), "enable fs mine mm printk ring sched types ");
    TP_CHECK_EQ(mode("events/module/late", true), TP_ENOENT);
    TP_CHECK(!strstr(get("available_events"), "module:late\n"));
    TP_CHECK(!strstr(get("set_event"), "module:late\n"));
    TP_CHECK_STREQ(get("events/enable"), "1\n");
    test_close(t);
}

/* --- anything --- */

static uint64_t seed = 1;

static unsigned any(unsigned below)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (unsigned)(seed % below);
}

static void any_path(char *to)
{
    static const char *const names[] = {"events",
                                        "fs",
                                        "all",
                                        "enable",
                                        "filter",
                                        "trigger",
                                        "format",
                                        "id",
                                        "per_cpu",
                                        "cpu0",
                                        "cpu1",
                                        "stats",
                                        "instances",
                                        "second",
                                        "1",
                                        "options",
                                        "overwrite",
                                        "set_event",
                                        "tracing_on",
                                        "snapshot",
                                        "trace_pipe_raw",
                                        "saved_cmdlines",
                                        "saved_cmdlines_size",
                                        "available_events",
                                        "buffer_size_kb",
                                        "trace_clock",
                                        "x",
                                        "cpu7"};
    unsigned n = any(6);

    *to = 0;
    for (unsigned i = 0; i < n; i++) {
        strcat(to, names[any(sizeof(names) / sizeof(names[0]))]);
        if (any(50) == 0)
            to[strlen(to) - 1] = (char)(1 + any(255));
        strcat(to, any(9) ? "/" : "//");
    }
    if (*to && any(2))
        to[strlen(to) - 1] = 0;
}

static size_t any_text(char *to, size_t room)
{
    static const char *const words[] = {
        "0",    "1", "!*", "fs:*", "a == 1",     "common_pid", "traceoff", "snapshot:3",
        " if ", "(", "\n", "64",   "4294967296", "\"x\"",      "&&",       "~"};
    size_t n = 0;

    for (unsigned i = any(5); i-- && n + 20 < room;)
        n += (size_t)sprintf(to + n, "%s ", words[any(sizeof(words) / sizeof(words[0]))]);
    if (n && any(10) == 0)
        to[any((unsigned)n)] = (char)any(256);
    return n;
}

/* What stat says is what list, read and write say, whatever is asked. */
static void anything(void)
{
    char path[200], name[32], buffer[64], text[200];
    struct tp_tree_info info;
    struct tp_filter_error error;
    uint64_t offset = any(3) ? any(2000) : UINT64_MAX - any(3);
    size_t room = any(sizeof(buffer)), bytes = any_text(text, sizeof(text));
    int stat, err;
    long n;

    any_path(path);
    stat = tp_tree_stat(path, &info);
    n = tp_tree_list(path, any(20), name, sizeof(name));
    TP_CHECK(stat             ? n == stat
             : info.directory ? n >= 0 && strlen(name) == (size_t)n
                              : n == TP_EINVAL);
    n = tp_tree_read(path, offset, buffer, room);
    TP_CHECK(stat                              ? n == stat
             : info.directory                  ? n == TP_EINVAL
             : n == TP_EBUSY || n == TP_EINVAL ? strstr(path, "trace_pipe_raw") != NULL
                                               : n >= 0 && (size_t)n <= room);
    err = tp_tree_write(path, text, bytes, &error);
    TP_CHECK(stat ? err == stat : !info.directory || err == TP_EINVAL);
    TP_CHECK(*error.what);
    TP_CHECK(err == TP_EFILTER ? error.code < 0 && error.column <= bytes
                               : !error.column && !error.code);
    if (!stat && !info.directory && info.mode == 0440)
        TP_CHECK_EQ(err, TP_EACCES);
}

TP_TEST(Tree, Anything)
{
    static uint8_t memory[32768] __attribute__((aligned(16)));
    struct tp_config c = config;
    struct tp_trace *t = test_open(&config), *second;

    tp_control_set_memory(memory, sizeof(memory), 2);
    c.name = "second";
    second = test_open(&c);
    for (unsigned i = 0; i < 100000; i++)
        anything();
    test_close(second);
    test_close(t);
}
