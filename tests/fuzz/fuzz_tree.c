/* SPDX-License-Identifier: MIT */
/*
 * fuzz_tree.c - a script for the control tree, a call in each line: a letter, a path, and what is
 * written. A read in pieces gives what one read gives; after all of it the traces can be closed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tp/control.h>
#include <tp/tree.h>

#include "engine.h"
#include "fuzz.h"
#include "mutate.h"

#define TREE_LINES_MAX 64u

static const char *const tree_paths[] = {"tracing_on",
                                         "available_events",
                                         "set_event",
                                         "events/enable",
                                         "events/sched/enable",
                                         "events/fs/open/enable",
                                         "events/sched/filter",
                                         "events/sched/pair/filter",
                                         "events/fs/open/trigger",
                                         "events/mm/wide/trigger",
                                         "events/mm/wide/format",
                                         "events/fs/arrays/format",
                                         "events/fs/open/id",
                                         "trace_clock",
                                         "buffer_size_kb",
                                         "buffer_total_size_kb",
                                         "options/overwrite",
                                         "per_cpu/cpu0/stats",
                                         "per_cpu/cpu1/trace_pipe_raw",
                                         "saved_cmdlines",
                                         "saved_cmdlines_size",
                                         "snapshot",
                                         "trace_pipe_raw",
                                         "instances/two/tracing_on",
                                         "instances/two/set_event",
                                         "instances/two/events/fs/filter",
                                         "instances/two/trace_pipe_raw",
                                         "",
                                         "events",
                                         "//per_cpu//",
                                         "nothing"};

static const char *const tree_values[] = {"0",
                                          "1",
                                          "X",
                                          "2",
                                          "sched:pair",
                                          "!sched:*",
                                          "*:* !fs",
                                          "a == 2",
                                          "a == 2 && comm ~ \"t*\"",
                                          "path ~ \"/etc*\"",
                                          "none",
                                          "traceoff",
                                          "traceon",
                                          "snapshot",
                                          "!traceoff",
                                          "traceoff:3 if a > 1",
                                          "traceoff if why == wake",
                                          "enable_event:mm:wide",
                                          "disable_event:fs:open:2",
                                          "fuzz",
                                          "4",
                                          "64",
                                          "65536",
                                          "65537",
                                          "-1",
                                          "18446744073709551616",
                                          "sample:10",
                                          "rate:3",
                                          " ",
                                          ""};

static const char *tree_one(const char *const *of, size_t n)
{
    return of[mutate_random((uint32_t)n)];
}
#define TREE_ONE(of) tree_one(of, sizeof(of) / sizeof((of)[0]))

/* Files that are made again for each read, so that it can be compared. */
static bool tree_stream(const char *path)
{
    return strstr(path, "trace_pipe_raw") || strstr(path, "snapshot");
}

static void tree_read(const char *path)
{
    static char whole[1 << 16], parts[1 << 16];
    long n = tp_tree_read(path, 0, whole, sizeof(whole)), got, at = 0;

    if (n <= 0 || n >= (long)sizeof(whole) || tree_stream(path))
        return;
    while ((got = tp_tree_read(path, (uint64_t)at, parts + at,
                               at + 7 < n ? 7 : sizeof(parts) - (size_t)at)) > 0)
        at += got;
    fuzz_require(got == 0 && at == n && memcmp(whole, parts, (size_t)n) == 0,
                 "a read in pieces gives something else");
}

static void tree_list(const char *path)
{
    struct tp_tree_info info;
    char name[256];
    uint32_t i = 0;
    long n;

    while ((n = tp_tree_list(path, i, name, sizeof(name))) > 0)
        fuzz_require(++i < 1000, "a directory without an end");
    if (tp_tree_stat(path, &info) == 0)
        fuzz_require(info.directory == (n == 0), "stat and list do not agree");
    else
        fuzz_require(n < 0, "what is not there has entries");
}

static void tree_write(const char *path, const char *text, size_t n)
{
    struct tp_filter_error error = {0};
    int err = tp_tree_write(path, text, n, &error);

    fuzz_require(err == 0 || (error.what && error.column <= n), "a refusal that says nothing");
}

static void tree_line(char *line, size_t n)
{
    char *path = line + (n > 0), *text = memchr(line, ' ', n);

    line[n] = 0;
    if (text)
        *text++ = 0;
    switch (n ? line[0] : 0) {
    case 'w':
        tree_write(path, text ? text : "", text ? (size_t)(line + n - text) : 0);
        break;
    case 'r':
        tree_read(path);
        break;
    case 'l':
        tree_list(path);
        break;
    default:
        for (uint32_t i = 0; i < 10; i++)
            engine_fire(i + (uint32_t)n);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tp_config c = {
        .name = "one", .cpus = 2, .subbuf_bytes = 512, .subbufs = 4, .context = true};
    struct tp_trace *one = engine_open(&c), *two;
    char *script = malloc(size + 1);
    uint32_t lines = 0;

    fuzz_require(script, "no memory");
    c.name = "two";
    c.mode = TP_OVERWRITE;
    two = engine_open(&c);
    if (size)
        memcpy(script, data, size);
    for (size_t at = 0, end; at < size && lines++ < TREE_LINES_MAX; at = end + 1) {
        for (end = at; end < size && script[end] != '\n';)
            end++;
        tree_line(script + at, end - at);
    }
    free(script);
    engine_close(two);
    engine_close(one);
    return 0;
}

static size_t tree_make(char *to, size_t room)
{
    switch (mutate_random(6)) {
    case 0:
        return (size_t)snprintf(to, room, "r%s", TREE_ONE(tree_paths));
    case 1:
        return (size_t)snprintf(to, room, "l%s", TREE_ONE(tree_paths));
    case 2:
        return (size_t)snprintf(to, room, "f");
    default:
        return (size_t)snprintf(to, room, "w%s %s", TREE_ONE(tree_paths), TREE_ONE(tree_values));
    }
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed)
{
    return mutate_lines(data, size, max, seed, tree_make);
}
