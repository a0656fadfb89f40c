/* SPDX-License-Identifier: MIT */
/* graph_test.c - --graph: by hand, and against the tree of calls that made the records. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decoder/answer/graph.h"
#include "role_help.h"
#include "tp_test.h"

enum {
    GRAPH_SWITCH = 1,
    GRAPH_ENTRY,
    GRAPH_EXIT,
    GRAPH_CALL,
    GRAPH_RETURN,
    GRAPH_RAN,
    GRAPH_FN,
    GRAPH_FN_EXIT,
    GRAPH_EVENTS = 8
};

static const struct role_event graph_events[GRAPH_EVENTS] = {
    {.text = "sched:switch u32:prev u8@state u32:next char16:comm"},
    {.text = "irq:entry char16:name"},
    {.text = "irq:exit u32:n"},
    {.text = "fn:call char16:name"},
    {.text = "fn:return u32:n"},
    {.text = "fn:ran u32:took char16:name"},
    {.text = "fx:enter ptr:ip"},
    {.text = "fx:exit ptr:ip"},
};

static const char *const graph_rules[] = {"fn:call=begin track=task name=name",
                                          "fn:return=end track=task",
                                          "fn:ran=span duration=took track=task name=name",
                                          "fx:enter=begin track=task name=ip",
                                          "fx:exit=end track=task",
                                          NULL};

static struct role_dump *graph_dump(void)
{
    struct role_dump *d = role_open(graph_events, GRAPH_EVENTS, 1);

    d->context = true;
    return d;
}

#define GRAPH_PUT(d, cpu, time, pid, id, ...)                                                      \
    role_put(d, cpu, time, id, pid, (const uint64_t[]){__VA_ARGS__})

static struct help_run graph_run(struct role_dump *d, bool json, struct graph_options o)
{
    return role_run(&d, 1,
                    (struct decode_options){.format = json ? DECODE_JSON : DECODE_TEXT,
                                            .answer = {.kind = ANSWER_GRAPH, .graph = o}},
                    graph_rules);
}

/* Ends the dump; this is its graph, and what is said. */
static void graph_is(struct role_dump *d, struct graph_options o, const char *want,
                     const char *said)
{
    struct help_run run = graph_run(d, false, o);

    TP_CHECK_EQ(run.code, 0);
    TP_CHECK_STREQ(run.out, want);
    TP_CHECK_STREQ(run.err, said);
    help_run_free(&run);
    role_close(d);
}

/* A call in a call, an interrupt in it that calls something, another task on another CPU, one that goes on
 * elsewhere, and a record that says itself how long. */
static struct role_dump *graph_scene(void)
{
    struct role_dump *d = graph_dump();

    GRAPH_PUT(d, 0, 1000, 7, GRAPH_CALL, ROLE_TEXT("read"));
    GRAPH_PUT(d, 0, 2000, 7, GRAPH_CALL, ROLE_TEXT("copy"));
    GRAPH_PUT(d, 1, 2500, 9, GRAPH_CALL, ROLE_TEXT("wait"));
    GRAPH_PUT(d, 0, 3000, 7, GRAPH_ENTRY, ROLE_TEXT("timer"));
    GRAPH_PUT(d, 0, 3100, 7, GRAPH_CALL, ROLE_TEXT("tick"));
    GRAPH_PUT(d, 0, 3200, 7, GRAPH_RETURN, 0);
    GRAPH_PUT(d, 0, 4000, 7, GRAPH_EXIT, 0);
    GRAPH_PUT(d, 0, 5000, 7, GRAPH_RETURN, 0);
    GRAPH_PUT(d, 0, 5500, 7, GRAPH_RAN, 400, ROLE_TEXT("lock"));
    GRAPH_PUT(d, 1, 5600, 9, GRAPH_ENTRY, ROLE_TEXT("disk"));
    GRAPH_PUT(d, 1, 5700, 9, GRAPH_EXIT, 0);
    GRAPH_PUT(d, 0, 6000, 7, GRAPH_RETURN, 0);
    GRAPH_PUT(d, 0, 7000, 9, GRAPH_RETURN, 0);
    return d;
}

TP_TEST(DecoderGraph, ByHand)
{
    graph_is(graph_scene(), (struct graph_options){0},
             "     0.000001    0)          <...>-7                  | read() {\n"
             "     0.000002    0)          <...>-7                  |   copy() {\n"
             "     0.000003    0)          <...>-7                  |     timer() {\n"
             "     0.000003    0)          <...>-7         0.100 us |       tick();\n"
             "     0.000004    0)          <...>-7         1.000 us |     } /* timer */\n"
             "     0.000005    0)          <...>-7         3.000 us |   } /* copy */\n"
             "     0.000005    0)          <...>-7         0.400 us |   lock();\n"
             "     0.000002    1)          <...>-9                  | wait() {\n"
             "     0.000005    1)          <...>-9         0.100 us |   disk();\n"
             "     0.000006    0)          <...>-7         5.000 us | } /* read */\n"
             "     0.000007    0)          <...>-9         4.500 us | } /* wait */\n",
             "13 records, 0 lost\n");
}

TP_TEST(DecoderGraph, DepthAndOver)
{
    graph_is(graph_scene(), (struct graph_options){.depth = 2},
             "     0.000001    0)          <...>-7                  | read() {\n"
             "     0.000002    0)          <...>-7         3.000 us |   copy();\n"
             "     0.000005    0)          <...>-7         0.400 us |   lock();\n"
             "     0.000002    1)          <...>-9                  | wait() {\n"
             "     0.000005    1)          <...>-9         0.100 us |   disk();\n"
             "     0.000006    0)          <...>-7         5.000 us | } /* read */\n"
             "     0.000007    0)          <...>-9         4.500 us | } /* wait */\n",
             "13 records, 0 lost\n");
    /* As long, and a nanosecond less. */
    graph_is(graph_scene(), (struct graph_options){.over_ns = 3000},
             "     0.000002    0)          <...>-7         3.000 us |   copy();\n"
             "     0.000001    0)          <...>-7         5.000 us | read();\n"
             "     0.000002    1)          <...>-9         4.500 us | wait();\n",
             "13 records, 0 lost\n");
    graph_is(graph_scene(), (struct graph_options){.over_ns = 4501},
             "     0.000001    0)          <...>-7         5.000 us | read();\n",
             "13 records, 0 lost\n");
}

/* What a loss lies in has no end, and what ends after it no begin. */
TP_TEST(DecoderGraph, Losses)
{
    struct role_dump *d = graph_dump();

    GRAPH_PUT(d, 0, 1000, 7, GRAPH_CALL, ROLE_TEXT("read"));
    GRAPH_PUT(d, 0, 2000, 7, GRAPH_CALL, ROLE_TEXT("copy"));
    d->lost[0] = 3;
    GRAPH_PUT(d, 0, 3000, 7, GRAPH_RETURN, 0);
    GRAPH_PUT(d, 0, 4000, 7, GRAPH_CALL, ROLE_TEXT("open"));
    graph_is(
        d, (struct graph_options){0},
        "     0.000001    0)          <...>-7                  | read() {\n"
        "     0.000002    0)          <...>-7                  |   copy(); /* records are lost "
        "here */\n"
        "     0.000003    0)          <...>-7                  | } /* read: records are lost "
        "here */\n"
        "--- cpu 0: 3 records lost ---\n"
        "     0.000004    0)          <...>-7                  | open(); /* the capture ends "
        "here */\n",
        "tpdecode: --graph: 1 ends without a begin\n"
        "tpdecode: --graph: 1 begins without an end\n"
        "tpdecode: --graph: 2 spans ended at a loss\n"
        "4 records, 3 lost\n");
}

TP_TEST(DecoderGraph, Json)
{
    struct role_dump *d = graph_dump();
    struct help_run run;

    GRAPH_PUT(d, 0, 1000, 7, GRAPH_CALL, ROLE_TEXT("read"));
    GRAPH_PUT(d, 0, 2000, 7, GRAPH_FN, 0x1234);
    GRAPH_PUT(d, 0, 2500, 7, GRAPH_FN_EXIT, 0x1240);
    d->lost[0] = 2;
    GRAPH_PUT(d, 0, 3000, 7, GRAPH_RETURN, 0);
    run = graph_run(d, true, (struct graph_options){0});
    TP_CHECK_STREQ(run.out,
                   "{\"name\":\"0x1234\",\"depth\":1,\"cpu\":0,\"common_pid\":7,\"common_comm\":"
                   "\"<...>\",\"start_ns\":2000,\"ns\":500}\n"
                   "{\"name\":\"read\",\"depth\":0,\"cpu\":0,\"common_pid\":7,\"common_comm\":"
                   "\"<...>\",\"start_ns\":1000,\"ns\":null,\"why\":\"records are lost here\"}\n"
                   "{\"lost\":2,\"cpu\":0,\"time_ns\":3000}\n");
    help_run_free(&run);
    role_close(d);
}

/* --- a tree of calls --- */

static uint64_t graph_random(void)
{
    static uint64_t x = 88172645463325252u;

    x ^= x << 13;
    x ^= x >> 7;
    return x ^= x << 17;
}

/* What a call has done is a line of `want`: its name, depth and time, in the order of the ends. */
struct graph_tree {
    struct role_dump *dump;
    uint64_t now;
    unsigned calls;
    char *want;
    size_t bytes;
};

static void graph_call(struct graph_tree *t, unsigned cpu, unsigned pid, unsigned depth, bool irq)
{
    unsigned number = t->calls++, inside = depth < 6 ? (unsigned)(graph_random() % 4) : 0;
    uint64_t began = t->now += 1 + graph_random() % 1000;
    char name[16];

    snprintf(name, sizeof(name), "f%u", number);
    GRAPH_PUT(t->dump, (uint16_t)cpu, began, pid, irq ? GRAPH_ENTRY : GRAPH_CALL, ROLE_TEXT(name));
    for (unsigned i = 0; i < inside && t->calls < 4000; i++)
        graph_call(t, cpu, pid, depth + 1, !irq && graph_random() % 8 == 0);
    t->now += 1 + graph_random() % 1000;
    GRAPH_PUT(t->dump, (uint16_t)cpu, t->now, pid, irq ? GRAPH_EXIT : GRAPH_RETURN, 0);
    t->bytes += (size_t)sprintf(t->want + t->bytes,
                                "{\"name\":\"%s\",\"depth\":%u,\"cpu\":%u,\"common_pid\":%u,"
                                "\"common_comm\":\"<...>\",\"start_ns\":%" PRIu64 ",\"ns\":%" PRIu64
                                "}\n",
                                name, depth, cpu, pid, began, t->now - began);
}

TP_TEST(DecoderGraph, IsTheTree)
{
    struct graph_tree t = {.dump = graph_dump(), .want = calloc(1, 4200 * 160)};
    struct help_run run;

    TP_ASSERT(t.want != NULL);
    while (t.calls < 4000)
        graph_call(&t, t.calls % 2, 5 + t.calls % 2, 0, false);
    run = graph_run(t.dump, true, (struct graph_options){0});
    TP_CHECK_EQ(run.code, 0);
    TP_CHECK_EQ(strcmp(run.out, t.want), 0);
    help_run_free(&run);
    role_close(t.dump);
    free(t.want);
}
