/* SPDX-License-Identifier: MIT */
/* spans_test.c - --spans: by hand, around losses, and its limits. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decoder/answer/fold.h"
#include "decoder/answer/span.h"
#include "decoder/answer/spans.h"
#include "decoder/answer/stack.h"
#include "role_help.h"
#include "tp_test.h"

enum {
    SPANS_SWITCH = 1,
    SPANS_IRQ,
    SPANS_IRET,
    SPANS_ENTER,
    SPANS_LEAVE,
    SPANS_BEGIN,
    SPANS_END,
    SPANS_CALL,
    SPANS_RETURN,
    SPANS_RAN,
    SPANS_RAN_US,
    SPANS_OPEN,
    SPANS_SHUT,
    SPANS_GONE,
    SPANS_NOTE,
    SPANS_EVENTS = 15
};

static const struct role_event spans_events[SPANS_EVENTS] = {
    {.text = "sched:switch u32:prev u8@state u32:next char16:comm"},
    {.text = "irq:entry char16:name"},
    {.text = "irq:exit u32:n"},
    {.text = "syscall:enter u32:nr"},
    {.text = "syscall:exit u32:ret"},
    {.text = "fs:begin u32:q char16:name"},
    {.text = "fs:end u32:q"},
    {.text = "fn:call char16:name"},
    {.text = "fn:return char16:name"},
    {.text = "fn:ran u32:took char16:name"},
    {.text = "fn:ran_us u32:took_us"},
    {.text = "blk:open u64:id char16:what"},
    {.text = "blk:shut u64:id"},
    {.text = "sched:exit u32:pid"},
    {.text = "a:note u32:n"},
};

static const char *const spans_rules[] = {"fs:begin=begin track=q name=name",
                                          "fs:end=end track=q",
                                          "fn:call=begin track=task name=name",
                                          "fn:return=end track=task name=name",
                                          "fn:ran=span duration=took track=task name=name",
                                          "fn:ran_us=span duration=took_us",
                                          "blk:open=open id=id name=what",
                                          "blk:shut=close id=id",
                                          NULL};

static struct role_dump *spans_dump(void)
{
    struct role_dump *d = role_open(spans_events, SPANS_EVENTS, 1);

    d->context = true;
    return d;
}

#define SPANS_PUT(d, cpu, time, pid, id, ...)                                                      \
    role_put(d, cpu, time, id, pid, (const uint64_t[]){__VA_ARGS__})

static struct help_run spans_run(struct role_dump *d, enum decode_format format)
{
    return role_run(&d, 1,
                    (struct decode_options){
                        .format = format,
                        .answer = {.kind = ANSWER_SPANS,
                                   .spans.fold = format == DECODE_FOLDED ? FOLD_TEXT : FOLD_NONE}},
                    spans_rules);
}

/* Ends the dump; this is its answer. */
static void spans_answer(struct role_dump *d, enum decode_format format, const char *want)
{
    struct help_run run = spans_run(d, format);

    TP_CHECK_EQ(run.code, 0);
    TP_CHECK_STREQ(run.out, want);
    help_run_free(&run);
    role_close(d);
}

/* It has both, or only one of them. */
static void spans_has(struct role_dump *d, enum decode_format format, const char *one,
                      const char *other)
{
    struct help_run run = spans_run(d, format);

    TP_CHECK_EQ(run.code, 0);
    if (!strstr(run.out, one))
        TP_FAIL("no '%s' in %.3000s", one, run.out);
    if (other && !strstr(run.out, other))
        TP_FAIL("no '%s' in %.3000s", other, run.out);
    help_run_free(&run);
    role_close(d);
}

/* --- by hand --- */

/*
 * One CPU, tasks a (7) and b (8), each in system call 4: a from 200 to 600, b from 400 to 800. a runs
 * 100..300 and 520..700, b 300..520 and 700..900. The timer interrupts a 250..280; and b from 500 on,
 * until 540, when a runs already: that is still the interrupt.
 * Call of a: 200..250, 280..300, 540..600 is 130; of b: 400..500, 700..800 is 200. Outside of calls a is
 * 100..200 and 600..700, b 300..400 and 800..900.
 */
static struct role_dump *spans_by_hand(void)
{
    struct role_dump *d = spans_dump();

    SPANS_PUT(d, 0, 100, 0, SPANS_SWITCH, 0, ROLE_RUNNING, 7, ROLE_TEXT("a"));
    SPANS_PUT(d, 0, 200, 7, SPANS_ENTER, 4);
    SPANS_PUT(d, 0, 250, 7, SPANS_IRQ, ROLE_TEXT("timer"));
    SPANS_PUT(d, 0, 280, 7, SPANS_IRET, 1);
    SPANS_PUT(d, 0, 300, 7, SPANS_SWITCH, 7, ROLE_SLEEPING, 8, ROLE_TEXT("b"));
    SPANS_PUT(d, 0, 400, 8, SPANS_ENTER, 4);
    SPANS_PUT(d, 0, 500, 8, SPANS_IRQ, ROLE_TEXT("timer"));
    SPANS_PUT(d, 0, 520, 8, SPANS_SWITCH, 8, ROLE_READY, 7, ROLE_TEXT("a"));
    SPANS_PUT(d, 0, 540, 7, SPANS_IRET, 1);
    SPANS_PUT(d, 0, 600, 7, SPANS_LEAVE, 0);
    SPANS_PUT(d, 0, 700, 7, SPANS_SWITCH, 7, ROLE_READY, 8, ROLE_TEXT("b"));
    SPANS_PUT(d, 0, 800, 8, SPANS_LEAVE, 0);
    SPANS_PUT(d, 0, 900, 8, SPANS_NOTE, 0);
    return d;
}

TP_TEST(DecoderSpans, ByHand)
{
    spans_answer(
        spans_by_hand(), DECODE_JSON,
        "{\"answer\":\"spans\",\"switches\":true,\"left\":0,\"ends\":0,\"restarted\":0,"
        "\"dropped\":0,\"backwards\":0,\"without\":0,\"across_losses\":0,\"unsure\":0,"
        "\"crowded\":0,\"lost\":0,\"spans\":["
        "{\"name\":\"syscall:4\",\"count\":2,\"total_ns\":800,\"self_ns\":330,\"min_ns\":400,"
        "\"p50_ns\":400,\"p99_ns\":400,\"max_ns\":400},"
        "{\"name\":\"irq:timer\",\"count\":2,\"total_ns\":70,\"self_ns\":70,\"min_ns\":30,"
        "\"p50_ns\":30,\"p99_ns\":40,\"max_ns\":40}]}\n");
    spans_answer(
        spans_by_hand(), DECODE_TEXT,
        "   total ms    self ms   count  least us   50 % us   99 % us   most us  name\n"
        "      0.000      0.000       2     0.400     0.400     0.400     0.400  syscall:4\n"
        "      0.000      0.000       2     0.030     0.030     0.040     0.040  irq:timer\n"
        "\n");
}

/* All 800 ns of the CPU, once each. */
TP_TEST(DecoderSpans, Folded)
{
    spans_answer(spans_by_hand(), DECODE_FOLDED,
                 "a 200\nb 200\nb;syscall:4 200\na;syscall:4 130\n"
                 "b;syscall:4;irq:timer 40\na;syscall:4;irq:timer 30\n");
}

/* f 100..700, in it g 200..500, in that f 300..400: that is f's time already, but not f's self time. */
TP_TEST(DecoderSpans, Recursion)
{
    struct role_dump *d = spans_dump();

    SPANS_PUT(d, 0, 100, 7, SPANS_CALL, ROLE_TEXT("f"));
    SPANS_PUT(d, 0, 200, 7, SPANS_CALL, ROLE_TEXT("g"));
    SPANS_PUT(d, 0, 300, 7, SPANS_CALL, ROLE_TEXT("f"));
    SPANS_PUT(d, 0, 400, 7, SPANS_RETURN, ROLE_TEXT("f"));
    SPANS_PUT(d, 0, 500, 7, SPANS_RETURN, ROLE_TEXT("g"));
    SPANS_PUT(d, 0, 700, 7, SPANS_RETURN, ROLE_TEXT("f"));
    spans_has(d, DECODE_JSON,
              "{\"name\":\"fn:f\",\"count\":2,\"total_ns\":600,\"self_ns\":400,\"min_ns\":100,",
              "{\"name\":\"fn:g\",\"count\":1,\"total_ns\":300,\"self_ns\":200,");
}

/* An end with a name ends that: what is above it has no end. One that is nowhere ends nothing, nor does that of
 * g after f has ended. */
TP_TEST(DecoderSpans, EndsByName)
{
    struct role_dump *d = spans_dump();

    SPANS_PUT(d, 0, 100, 7, SPANS_CALL, ROLE_TEXT("f"));
    SPANS_PUT(d, 0, 200, 7, SPANS_CALL, ROLE_TEXT("g"));
    SPANS_PUT(d, 0, 250, 7, SPANS_RETURN, ROLE_TEXT("h"));
    SPANS_PUT(d, 0, 300, 7, SPANS_RETURN, ROLE_TEXT("f"));
    SPANS_PUT(d, 0, 350, 7, SPANS_RETURN, ROLE_TEXT("g"));
    spans_has(d, DECODE_JSON, "\"left\":1,\"ends\":2,",
              "[{\"name\":\"fn:f\",\"count\":1,\"total_ns\":200,\"self_ns\":100,\"min_ns\":200,");
}

/* An end is of what began last in its subsystem: the call of 200 goes on, and is then the innermost. */
TP_TEST(DecoderSpans, SubsystemsCross)
{
    struct role_dump *d = spans_dump();

    SPANS_PUT(d, 0, 100, 7, SPANS_ENTER, 3);
    SPANS_PUT(d, 0, 200, 7, SPANS_CALL, ROLE_TEXT("f"));
    SPANS_PUT(d, 0, 300, 7, SPANS_LEAVE, 0);
    SPANS_PUT(d, 0, 400, 7, SPANS_RETURN, ROLE_TEXT("f"));
    spans_has(d, DECODE_JSON, "{\"name\":\"fn:f\",\"count\":1,\"total_ns\":200,\"self_ns\":200,",
              "{\"name\":\"syscall:3\",\"count\":1,\"total_ns\":200,\"self_ns\":100,");
}

/* What is called in an interrupt is in it, though its track is the task. */
TP_TEST(DecoderSpans, CallsInAnInterrupt)
{
    struct role_dump *d = spans_dump();

    SPANS_PUT(d, 0, 100, 7, SPANS_ENTER, 3);
    SPANS_PUT(d, 0, 200, 7, SPANS_IRQ, ROLE_TEXT("disk"));
    SPANS_PUT(d, 0, 300, 7, SPANS_CALL, ROLE_TEXT("f"));
    SPANS_PUT(d, 0, 600, 7, SPANS_RETURN, ROLE_TEXT("f"));
    SPANS_PUT(d, 0, 650, 7, SPANS_IRET, 1);
    SPANS_PUT(d, 0, 700, 7, SPANS_LEAVE, 0);
    spans_answer(d, DECODE_FOLDED,
                 "<...>;syscall:3;irq:disk;fn:f 300\n<...>;syscall:3 150\n"
                 "<...>;syscall:3;irq:disk 150\n");
}

/* A task goes on where there is no switch to say so: on CPU 1 from 300 on; on CPU 0 until 200. */
TP_TEST(DecoderSpans, MovesWithoutASwitch)
{
    struct role_dump *d = spans_dump();

    SPANS_PUT(d, 0, 100, 7, SPANS_ENTER, 3);
    SPANS_PUT(d, 0, 150, 7, SPANS_CALL, ROLE_TEXT("f"));
    SPANS_PUT(d, 0, 200, 7, SPANS_RETURN, ROLE_TEXT("f"));
    SPANS_PUT(d, 1, 300, 7, SPANS_CALL, ROLE_TEXT("f"));
    SPANS_PUT(d, 1, 340, 7, SPANS_RETURN, ROLE_TEXT("f"));
    SPANS_PUT(d, 1, 400, 7, SPANS_LEAVE, 0);
    SPANS_PUT(d, 0, 450, 8, SPANS_ENTER, 9);
    spans_has(d, DECODE_JSON,
              "{\"name\":\"syscall:3\",\"count\":1,\"total_ns\":300,\"self_ns\":110,",
              "\"switches\":false,\"left\":1,");
}

/* q 1: x 100..500, in it y 200..300. q 2: x 150..250. */
TP_TEST(DecoderSpans, TracksOfAField)
{
    for (unsigned folded = 0; folded < 2; folded++) {
        struct role_dump *d = spans_dump();

        SPANS_PUT(d, 0, 100, 7, SPANS_BEGIN, 1, ROLE_TEXT("x"));
        SPANS_PUT(d, 1, 150, 8, SPANS_BEGIN, 2, ROLE_TEXT("x"));
        SPANS_PUT(d, 1, 200, 8, SPANS_BEGIN, 1, ROLE_TEXT("y;z"));
        SPANS_PUT(d, 0, 250, 7, SPANS_END, 2);
        SPANS_PUT(d, 0, 300, 7, SPANS_END, 1);
        SPANS_PUT(d, 1, 500, 8, SPANS_END, 1);
        SPANS_PUT(d, 1, 600, 8, SPANS_END, 3);
        if (folded)
            spans_answer(d, DECODE_FOLDED, "q 1;fs:x 300\nq 2;fs:x 100\nq 1;fs:x;fs:y,z 100\n");
        else
            spans_has(d, DECODE_JSON,
                      "{\"name\":\"fs:x\",\"count\":2,\"total_ns\":500,\"self_ns\":400,",
                      "\"ends\":1,");
    }
}

/* 250..300; 150..400 around it; 410..500; 100..600 around all; and another task's 590..620. */
TP_TEST(DecoderSpans, WholeSpans)
{
    struct role_dump *d = spans_dump();

    SPANS_PUT(d, 0, 300, 7, SPANS_RAN, 50, ROLE_TEXT("a"));
    SPANS_PUT(d, 0, 400, 7, SPANS_RAN, 250, ROLE_TEXT("b"));
    SPANS_PUT(d, 0, 500, 7, SPANS_RAN, 90, ROLE_TEXT("a"));
    SPANS_PUT(d, 0, 600, 7, SPANS_RAN, 500, ROLE_TEXT("c"));
    SPANS_PUT(d, 0, 620, 8, SPANS_RAN, 30, ROLE_TEXT("c"));
    SPANS_PUT(d, 0, 630, 8, SPANS_RAN, 631, ROLE_TEXT("c")); /* before all times */
    SPANS_PUT(d, 0, 5000, 8, SPANS_RAN_US, 3);
    SPANS_PUT(d, 0, 5000, 8, SPANS_RAN_US, 6);
    spans_answer(
        d, DECODE_JSON,
        "{\"answer\":\"spans\",\"switches\":false,\"left\":0,\"ends\":0,\"restarted\":0,"
        "\"dropped\":0,\"backwards\":0,\"without\":2,\"across_losses\":0,\"unsure\":0,"
        "\"crowded\":0,\"lost\":0,\"spans\":["
        "{\"name\":\"fn:ran_us\",\"count\":1,\"total_ns\":3000,\"self_ns\":3000,\"min_ns\":3000,"
        "\"p50_ns\":3000,\"p99_ns\":3000,\"max_ns\":3000},"
        "{\"name\":\"fn:c\",\"count\":2,\"total_ns\":530,\"self_ns\":190,\"min_ns\":30,"
        "\"p50_ns\":30,\"p99_ns\":500,\"max_ns\":500},"
        "{\"name\":\"fn:b\",\"count\":1,\"total_ns\":250,\"self_ns\":200,\"min_ns\":250,"
        "\"p50_ns\":250,\"p99_ns\":250,\"max_ns\":250},"
        "{\"name\":\"fn:a\",\"count\":2,\"total_ns\":140,\"self_ns\":140,\"min_ns\":50,"
        "\"p50_ns\":50,\"p99_ns\":90,\"max_ns\":90}]}\n");
}

/* 5 is opened at 100, and closed by another CPU and task; 6 is opened twice; 7 and 8 have no other half. */
TP_TEST(DecoderSpans, OpenAndClose)
{
    struct role_dump *d = spans_dump();

    SPANS_PUT(d, 0, 100, 7, SPANS_OPEN, 5, ROLE_TEXT("read"));
    SPANS_PUT(d, 0, 200, 7, SPANS_OPEN, 6, ROLE_TEXT("read"));
    SPANS_PUT(d, 0, 250, 7, SPANS_OPEN, 6, ROLE_TEXT("write"));
    SPANS_PUT(d, 1, 300, 8, SPANS_SHUT, 6);
    SPANS_PUT(d, 1, 400, 9, SPANS_SHUT, 5);
    SPANS_PUT(d, 1, 450, 9, SPANS_SHUT, 7);
    SPANS_PUT(d, 1, 500, 9, SPANS_OPEN, 8, ROLE_TEXT("read"));
    spans_answer(
        d, DECODE_JSON,
        "{\"answer\":\"spans\",\"switches\":false,\"left\":1,\"ends\":1,\"restarted\":1,"
        "\"dropped\":0,\"backwards\":0,\"without\":0,\"across_losses\":0,\"unsure\":0,"
        "\"crowded\":0,\"lost\":0,\"spans\":["
        "{\"name\":\"blk:read\",\"count\":1,\"total_ns\":300,\"self_ns\":null,\"min_ns\":300,"
        "\"p50_ns\":300,\"p99_ns\":300,\"max_ns\":300},"
        "{\"name\":\"blk:write\",\"count\":1,\"total_ns\":50,\"self_ns\":null,\"min_ns\":50,"
        "\"p50_ns\":50,\"p99_ns\":50,\"max_ns\":50}]}\n");
}

/* What a task was in when it ended is not around what the next one of its number does. */
TP_TEST(DecoderSpans, TasksThatEnd)
{
    struct role_dump *d = spans_dump();

    SPANS_PUT(d, 0, 100, 7, SPANS_ENTER, 60);
    SPANS_PUT(d, 0, 200, 7, SPANS_GONE, 7);
    SPANS_PUT(d, 0, 300, 7, SPANS_LEAVE, 0);
    SPANS_PUT(d, 0, 400, 7, SPANS_ENTER, 1);
    SPANS_PUT(d, 0, 500, 7, SPANS_LEAVE, 0);
    spans_has(d, DECODE_JSON, "\"left\":1,\"ends\":1,",
              "[{\"name\":\"syscall:1\",\"count\":1,\"total_ns\":100,\"self_ns\":100,\"min_ns\":100"
              ",\"p50_ns\":100,\"p99_ns\":100,\"max_ns\":100}]");
}

/* --- losses --- */

/*
 * Something of CPU 0 is lost after 160, and that is told at 300. CPU 1 is in an interrupt all the time:
 * that counts, and so does another one in it, though it is in the time of the loss. Task 7 is in a call since 150: dropped. Task 9 was in one 170..200: dropped too, though it had
 * ended before the loss was told. Its call 155..158 counts.
 */
TP_TEST(DecoderSpans, NothingCrossesALoss)
{
    struct role_dump *d = spans_dump();

    SPANS_PUT(d, 1, 100, 9, SPANS_IRQ, ROLE_TEXT("timer"));
    SPANS_PUT(d, 0, 150, 7, SPANS_ENTER, 1);
    SPANS_PUT(d, 1, 155, 9, SPANS_ENTER, 2);
    SPANS_PUT(d, 1, 158, 9, SPANS_LEAVE, 0);
    SPANS_PUT(d, 0, 160, 7, SPANS_NOTE, 0);
    SPANS_PUT(d, 1, 170, 9, SPANS_ENTER, 2);
    SPANS_PUT(d, 1, 200, 9, SPANS_LEAVE, 0);
    SPANS_PUT(d, 1, 210, 9, SPANS_IRQ, ROLE_TEXT("disk"));
    SPANS_PUT(d, 1, 220, 9, SPANS_IRET, 0);
    role_lose(d, 0, 3);
    SPANS_PUT(d, 0, 300, 7, SPANS_NOTE, 0);
    SPANS_PUT(d, 1, 350, 9, SPANS_IRET, 0);
    SPANS_PUT(d, 0, 400, 7, SPANS_LEAVE, 0);
    spans_answer(
        d, DECODE_JSON,
        "{\"answer\":\"spans\",\"switches\":false,\"left\":0,\"ends\":1,\"restarted\":0,"
        "\"dropped\":0,\"backwards\":0,\"without\":0,\"across_losses\":2,\"unsure\":0,"
        "\"crowded\":0,\"lost\":3,\"spans\":["
        "{\"name\":\"irq:timer\",\"count\":1,\"total_ns\":250,\"self_ns\":207,\"min_ns\":250,"
        "\"p50_ns\":250,\"p99_ns\":250,\"max_ns\":250},"
        "{\"name\":\"irq:disk\",\"count\":1,\"total_ns\":10,\"self_ns\":10,\"min_ns\":10,"
        "\"p50_ns\":10,\"p99_ns\":10,\"max_ns\":10},"
        "{\"name\":\"syscall:2\",\"count\":1,\"total_ns\":3,\"self_ns\":3,\"min_ns\":3,"
        "\"p50_ns\":3,\"p99_ns\":3,\"max_ns\":3}]}\n");
}

/* A whole span says itself how long it was; what was in it is not known. */
TP_TEST(DecoderSpans, WholeSpansAcrossALoss)
{
    struct role_dump *d = spans_dump();

    SPANS_PUT(d, 0, 300, 7, SPANS_RAN, 50, ROLE_TEXT("a"));
    role_lose(d, 0, 1);
    SPANS_PUT(d, 0, 400, 7, SPANS_RAN, 250, ROLE_TEXT("b"));
    SPANS_PUT(d, 0, 500, 7, SPANS_RAN, 90, ROLE_TEXT("c"));
    spans_has(d, DECODE_JSON, "{\"name\":\"fn:b\",\"count\":1,\"total_ns\":250,\"self_ns\":0,",
              "\"unsure\":1,");
}

TP_TEST(DecoderSpans, NoRole)
{
    static const struct role_event events[] = {{.text = "a:note u32:n"},
                                               {.text = "sched:switch u32:next"}};
    struct role_dump *d = role_open(events, 2, 1);
    struct help_run run;

    ROLE_PUT(d, 0, 100, 1, 0);
    run = role_run(&d, 1, (struct decode_options){.answer = {.kind = ANSWER_SPANS}}, NULL);
    TP_CHECK_EQ(run.code, 2);
    TP_CHECK_STREQ(run.out, "");
    TP_CHECK_STREQ(run.err,
                   "tpdecode: --spans: no event begins anything: name two, as --role "
                   "'irq:entry=begin track=cpu' --role 'irq:exit=end track=cpu'; --list-roles "
                   "shows what is known\n");
    help_run_free(&run);
    role_close(d);
}

/* A call that begins in one dump and ends in the other: this is in the answer. Closes both. */
static void spans_of_two(struct role_dump *first, struct role_dump *second, const char *has)
{
    struct role_dump *d[] = {first, second};
    struct help_run run;

    first->context = second->context = true;
    SPANS_PUT(first, 0, 100, 7, SPANS_ENTER, 3);
    SPANS_PUT(second, 1, 400, 7, SPANS_LEAVE, 0);
    run = role_run(d, 2,
                   (struct decode_options){.format = DECODE_JSON, .answer = {.kind = ANSWER_SPANS}},
                   spans_rules);
    TP_CHECK_EQ(run.code, 0);
    if (!strstr(run.out, has))
        TP_FAIL("%s", run.out);
    help_run_free(&run);
    role_close(first);
    role_close(second);
}

/* A pipe for each CPU. */
TP_TEST(DecoderSpans, PartsOfOneCapture)
{
    spans_of_two(spans_dump(), spans_dump(),
                 "{\"name\":\"syscall:3\",\"count\":1,\"total_ns\":300,");
}

/* Two kernels that took the same number for their stream are two captures. */
TP_TEST(DecoderSpans, SameNumberOfOtherKernels)
{
    spans_of_two(spans_dump(), role_open(spans_events, SPANS_EVENTS - 1, 1),
                 "\"left\":1,\"ends\":1,");
}

/* --- limits --- */

static void spans_name(char to[16], uint32_t n)
{
    snprintf(to, 16, "n%u", n);
}

/* On a track for each: the oldest is dropped. On one track: the outermost. */
TP_TEST(DecoderSpans, TooManyAreOpen)
{
    static const struct {
        uint32_t most;
        bool one_track;
    } cases[] = {{STACK_OPEN, false}, {STACK_DEPTH, true}};

    for (uint32_t more = 0; more < 2; more++)
        for (size_t i = 0; i < 2; i++) {
            struct role_dump *d = spans_dump();
            uint32_t n = cases[i].most + more;
            char want[64], count[64];

            for (uint32_t k = 0; k < n; k++)
                SPANS_PUT(d, 0, 100 + k, 7, SPANS_BEGIN, cases[i].one_track ? 0 : k,
                          ROLE_TEXT("x"));
            for (uint32_t k = 0; k < n; k++)
                SPANS_PUT(d, 0, 100000 + k, 7, SPANS_END, cases[i].one_track ? 0 : k);
            snprintf(want, sizeof(want), "\"ends\":%u,\"restarted\":0,\"dropped\":%u,", more, more);
            snprintf(count, sizeof(count), "{\"name\":\"fs:x\",\"count\":%u,", cases[i].most);
            spans_has(d, DECODE_JSON, want, count);
        }
}

/* One of the names is that of the subsystem. */
TP_TEST(DecoderSpans, TooManyNames)
{
    for (uint32_t more = 0; more < 2; more++) {
        struct role_dump *d = spans_dump();
        struct help_run run;
        char name[16];

        for (uint32_t k = 0; k < NAMES_MAX - 1 + more; k++) {
            spans_name(name, k);
            SPANS_PUT(d, 0, 100 + 2 * k, 7, SPANS_BEGIN, 1, ROLE_TEXT(name));
            SPANS_PUT(d, 0, 101 + 2 * k, 7, SPANS_END, 1);
        }
        run = spans_run(d, DECODE_JSON);
        TP_CHECK_EQ(strstr(run.out, "{\"name\":null,\"count\":1,") != NULL, more);
        help_run_free(&run);
        role_close(d);
    }
}

/* 2 nodes that are always there, 255 of tracks, 256 on each: that is one too many. */
TP_TEST(DecoderSpans, TooManyPaths)
{
    for (uint32_t more = 0; more < 2; more++) {
        struct role_dump *d = spans_dump();
        struct help_run run;
        uint64_t now = 100;
        char name[16];

        TP_CHECK_EQ(FOLD_NODES, 2 + 255 + 255 * 256 - 1);
        for (uint32_t k = 0; k < 255 * 256 - 1 + more; k++, now += 2) {
            spans_name(name, k % 256);
            SPANS_PUT(d, 0, now, 7, SPANS_BEGIN, k / 256, ROLE_TEXT(name));
            SPANS_PUT(d, 0, now + 1, 7, SPANS_END, k / 256);
        }
        run = spans_run(d, DECODE_FOLDED);
        TP_CHECK_EQ(strstr(run.out, "(others) 1\n") != NULL, more);
        help_run_free(&run);
        role_close(d);
    }
}

/* A task's name, and what is open in it, in an interrupt, in another task there, and so on. */
TP_TEST(DecoderSpans, TooDeepPaths)
{
    for (uint32_t more = 0; more < 2; more++) {
        struct role_dump *d = spans_dump();
        uint32_t n = FOLD_DEPTH - 1 + more, each = STACK_DEPTH + 1;
        struct help_run run;

        for (uint32_t k = 0; k < n; k++)
            if (k % each == STACK_DEPTH)
                SPANS_PUT(d, 0, 100 + k, 1 + k / each, SPANS_IRQ, ROLE_TEXT("i"));
            else
                SPANS_PUT(d, 0, 100 + k, 1 + k / each, SPANS_ENTER, 4);
        SPANS_PUT(d, 0, 100 + n - 1 + 77, 1 + (n - 1) / each, SPANS_LEAVE, 0);
        run = spans_run(d, DECODE_FOLDED);
        TP_CHECK_EQ(strcmp(run.out, "(others) 77\n") == 0, more);
        TP_CHECK_EQ(strncmp(run.out, "<...>;syscall:4;syscall:4;", 26) == 0, !more);
        help_run_free(&run);
        role_close(d);
    }
}

/* As many as are remembered are subtracted; with one more it is said that it is not known. */
TP_TEST(DecoderSpans, TooManyInside)
{
    for (uint32_t more = 0; more < 2; more++) {
        struct role_dump *d = spans_dump();
        uint64_t now = 1000;

        for (uint32_t k = 0; k < INSIDE_SPANS + more; k++, now += 10)
            SPANS_PUT(d, 0, now, 7, SPANS_RAN, 5, ROLE_TEXT("a"));
        SPANS_PUT(d, 0, now, 7, SPANS_RAN, now - 500, ROLE_TEXT("b"));
        spans_has(d, DECODE_JSON, more ? "\"unsure\":1," : "\"unsure\":0,",
                  more ? "{\"name\":\"fn:b\",\"count\":1,\"total_ns\":655870,\"self_ns\":0,"
                       : "{\"name\":\"fn:b\",\"count\":1,\"total_ns\":655860,\"self_ns\":328180,");
    }
}
