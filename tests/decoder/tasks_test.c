/* SPDX-License-Identifier: MIT */
/* tasks_test.c - --tasks: by hand, around losses, against a slow way to count it, and its limits. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decoder/answer/tasks.h"
#include "role_help.h"
#include "tp_test.h"

enum {
    TASKS_SWITCH = 1,
    TASKS_WAKE,
    TASKS_RUN,
    TASKS_STOP,
    TASKS_NEXT,
    TASKS_NOTE,
    TASKS_EVENTS = 6
};

static const struct role_event tasks_events[TASKS_EVENTS] = {
    {.text = "sched:switch u32:prev u8@state u32:next char16:comm"},
    {.text = "sched:wakeup u32:pid"},
    {.text = "sched:run u32:pid char16:name"},
    {.text = "sched:stop u32:pid u8@state"},
    {.text = "rtos:switch u32:task char16:name"},
    {.text = "a:note u32:n"},
};

static struct role_dump *tasks_open_dump(void)
{
    return role_open(tasks_events, TASKS_EVENTS, 1);
}

static void tasks_put_switch(struct role_dump *d, uint16_t cpu, uint64_t time, uint64_t prev,
                             uint64_t state, uint64_t next, const char *comm)
{
    ROLE_PUT(d, cpu, time, TASKS_SWITCH, prev, state, next, ROLE_TEXT(comm));
}

static struct help_run tasks_run(struct role_dump *d, bool json)
{
    return role_run(&d, 1,
                    (struct decode_options){.format = json ? DECODE_JSON : DECODE_TEXT,
                                            .answer = {.kind = ANSWER_TASKS}},
                    NULL);
}

/* Ends the dump; this is its answer. */
static void tasks_answer(struct role_dump *d, bool json, const char *want)
{
    struct help_run run = tasks_run(d, json);

    TP_CHECK_EQ(run.code, 0);
    TP_CHECK_STREQ(run.out, want);
    help_run_free(&run);
    role_close(d);
}

/* The same in part. */
static void tasks_has(struct role_dump *d, const char *text)
{
    struct help_run run = tasks_run(d, true);

    TP_CHECK_EQ(run.code, 0);
    if (!strstr(run.out, text))
        TP_FAIL("no '%s' in %.3000s", text, run.out);
    help_run_free(&run);
    role_close(d);
}

/* The number after a name, in the object of a task. */
static uint64_t tasks_number(const char *out, uint32_t task, const char *name)
{
    char text[40];
    const char *at, *end;

    snprintf(text, sizeof(text), "\"id\":%u,", task);
    at = strstr(out, text);
    end = at ? strchr(at, '}') : NULL;
    at = at ? strstr(at, name) : NULL;
    return at && at < end ? strtoull(at + strlen(name), NULL, 10) : 0;
}

/* --- by hand --- */

/*
 * CPU 0: 0 until 100; a(7) 100..1100; 0 1100..2000; a 2000..2500; b(8) 2500..4000 (end of the CPU).
 * CPU 1: before 1500 not known; b 1500..2200; 0 2200..3000.
 * Waits: a woken at 1900, runs at 2000: 100. b switched away at 2200 and ready, runs at 2500: 300.
 * a switched away at 2500 and ready, never runs again: until 4000, which is 1500. c(9) woken at
 * 3500 and never runs: 500.
 */
static struct role_dump *tasks_by_hand(void)
{
    struct role_dump *d = tasks_open_dump();

    tasks_put_switch(d, 0, 100, 0, ROLE_RUNNING, 7, "a");
    tasks_put_switch(d, 0, 1100, 7, ROLE_SLEEPING, 0, "idle");
    tasks_put_switch(d, 1, 1500, 0, ROLE_RUNNING, 8, "b");
    ROLE_PUT(d, 1, 1900, TASKS_WAKE, 7);
    tasks_put_switch(d, 0, 2000, 0, ROLE_RUNNING, 7, "a");
    tasks_put_switch(d, 1, 2200, 8, ROLE_READY, 0, "idle");
    tasks_put_switch(d, 0, 2500, 7, ROLE_READY, 8, "b");
    ROLE_PUT(d, 1, 3000, TASKS_NOTE, 1);
    ROLE_PUT(d, 0, 3500, TASKS_WAKE, 9);
    ROLE_PUT(d, 0, 4000, TASKS_NOTE, 2);
    return d;
}

TP_TEST(DecoderTasks, ByHand)
{
    /* b: 1500 + 700 = 2200; a: 1000 + 500 = 1500; idle: 900 + 800 = 1700; all: 5400. */
    tasks_answer(tasks_by_hand(), true,
                 "{\"answer\":\"tasks\",\"cpus\":2,\"known_ns\":5400,\"waiting\":2,\"unsaid\":0,"
                 "\"lost_runs\":0,\"lost_runs_ns\":0,\"lost_waits\":0,\"odd_runs\":0,"
                 "\"odd_runs_ns\":0,\"crowded\":0,\"lost\":{},\"lost_sum\":0,\"tasks\":["
                 "{\"kind\":\"task\",\"id\":8,\"name\":\"b\",\"capture\":1,\"run_ns\":2200,"
                 "\"switches\":2,\"wait_ns\":300,\"woken\":0,\"cpus\":[0,1]},"
                 "{\"kind\":\"idle\",\"id\":0,\"name\":\"idle\",\"capture\":1,\"run_ns\":1700,"
                 "\"switches\":2,\"cpus\":[0,1]},"
                 "{\"kind\":\"task\",\"id\":7,\"name\":\"a\",\"capture\":1,\"run_ns\":1500,"
                 "\"switches\":2,\"wait_ns\":1600,\"woken\":1,\"p50_ns\":100,\"p99_ns\":100,"
                 "\"max_ns\":100,\"cpus\":[0]},"
                 "{\"kind\":\"task\",\"id\":9,\"name\":null,\"capture\":1,\"run_ns\":0,"
                 "\"switches\":0,\"wait_ns\":500,\"woken\":0,\"cpus\":[]}]}\n");
    tasks_answer(tasks_by_hand(), false,
                 "    run ms       % switches  waits ms  woken   50 % us   99 % us   most us   "
                 "  id  task\n"
                 "     0.002  40.740        2     0.000      0         -         -         -   "
                 "   8  b  on 0-1\n"
                 "     0.001  31.481        2         -      -         -         -         -   "
                 "   0  idle (idle)  on 0-1\n"
                 "     0.001  27.777        2     0.001      1     0.100     0.100     0.100   "
                 "   7  a  on 0\n"
                 "     0.000   0.000        0     0.000      0         -         -         -   "
                 "   9  <...>\n"
                 "\n"
                 "100 % are 0.005 ms, in which it is known what 2 CPUs ran\n"
                 "2 tasks still waited in the end\n");
}

/* Woken twice is woken once, and who runs is not woken. */
TP_TEST(DecoderTasks, OnlyWhoDoesNotRunIsWoken)
{
    struct role_dump *d = tasks_open_dump();

    tasks_put_switch(d, 0, 100, 0, ROLE_RUNNING, 7, "a");
    ROLE_PUT(d, 0, 200, TASKS_WAKE, 7); /* it runs */
    tasks_put_switch(d, 0, 300, 7, ROLE_SLEEPING, 0, "idle");
    ROLE_PUT(d, 0, 400, TASKS_WAKE, 7);
    ROLE_PUT(d, 0, 500, TASKS_WAKE, 7); /* from 400 on */
    tasks_put_switch(d, 0, 600, 0, ROLE_RUNNING, 7, "a");
    tasks_put_switch(d, 0, 700, 7, ROLE_READY, 8, "b");
    ROLE_PUT(d, 0, 800, TASKS_WAKE, 7); /* it waits already */
    tasks_put_switch(d, 0, 1000, 8, ROLE_SLEEPING, 7, "a");
    tasks_has(d, "\"id\":7,\"name\":\"a\",\"capture\":1,\"run_ns\":300,\"switches\":3,\"wait_ns\":"
                 "500,\"woken\":1,\"p50_ns\":200,\"p99_ns\":200,\"max_ns\":200,\"cpus\":[0]");
}

/* 100..300 a, nothing until 400, 400..900 b; the end is at 900. Both tell no more than that. */
TP_TEST(DecoderTasks, RunAndStop)
{
    struct role_dump *d = tasks_open_dump();

    ROLE_PUT(d, 0, 100, TASKS_RUN, 7, ROLE_TEXT("a"));
    ROLE_PUT(d, 0, 300, TASKS_STOP, 7, ROLE_READY);
    ROLE_PUT(d, 0, 400, TASKS_RUN, 8, ROLE_TEXT("b"));
    ROLE_PUT(d, 0, 900, TASKS_STOP, 8, ROLE_SLEEPING);
    tasks_has(d,
              "\"known_ns\":800,\"waiting\":1,\"unsaid\":0,\"lost_runs\":0,\"lost_runs_ns\":0,"
              "\"lost_waits\":0,\"odd_runs\":0,\"odd_runs_ns\":0,\"crowded\":0,\"lost\":{},"
              "\"lost_sum\":0,\"tasks\":[{\"kind\":\"task\",\"id\":8,\"name\":\"b\",\"capture\":1,"
              "\"run_ns\":500,\"switches\":1,\"wait_ns\":0,\"woken\":0,\"cpus\":[0]},{\"kind\":"
              "\"task\",\"id\":7,\"name\":\"a\",\"capture\":1,\"run_ns\":200,\"switches\":1,"
              "\"wait_ns\":600,\"woken\":0,\"cpus\":[0]},{\"kind\":\"none\",\"run_ns\":100,"
              "\"switches\":0,\"cpus\":[]}]");
}

/* Without `prev` it is what the CPU ran; without `state` nobody waits but who is woken. */
TP_TEST(DecoderTasks, SwitchesThatTellOnlyTheNext)
{
    struct role_dump *d = tasks_open_dump();

    ROLE_PUT(d, 0, 100, TASKS_NEXT, 7, ROLE_TEXT("a"));
    ROLE_PUT(d, 0, 300, TASKS_NEXT, 8, ROLE_TEXT("IDLE"));
    ROLE_PUT(d, 0, 350, TASKS_WAKE, 7);
    ROLE_PUT(d, 0, 400, TASKS_NEXT, 7, ROLE_TEXT("a"));
    ROLE_PUT(d, 0, 900, TASKS_NOTE, 0);
    tasks_has(d,
              "\"known_ns\":800,\"waiting\":0,\"unsaid\":1,\"lost_runs\":0,\"lost_runs_ns\":0,"
              "\"lost_waits\":0,\"odd_runs\":0,\"odd_runs_ns\":0,\"crowded\":0,\"lost\":{},"
              "\"lost_sum\":0,\"tasks\":[{\"kind\":\"task\",\"id\":7,\"name\":\"a\",\"capture\":1,"
              "\"run_ns\":700,\"switches\":2,\"wait_ns\":50,\"woken\":1,\"p50_ns\":50,\"p99_ns\":"
              "50,\"max_ns\":50,\"cpus\":[0]},{\"kind\":\"idle\",\"id\":8,\"name\":\"IDLE\","
              "\"capture\":1,\"run_ns\":100,\"switches\":1,\"cpus\":[0]}]");
}

/* A state that is not known tells nothing; what a dead task did is no waiting. */
TP_TEST(DecoderTasks, States)
{
    static const struct {
        uint64_t state;
        const char *want;
    } cases[] = {
        {ROLE_READY, "\"waiting\":1,\"unsaid\":0"},    {ROLE_RUNNING, "\"waiting\":1,\"unsaid\":0"},
        {ROLE_SLEEPING, "\"waiting\":0,\"unsaid\":0"}, {ROLE_DEAD, "\"waiting\":0,\"unsaid\":0"},
        {ROLE_ODD, "\"waiting\":0,\"unsaid\":1"},      {200, "\"waiting\":0,\"unsaid\":1"}};

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct role_dump *d = tasks_open_dump();

        tasks_put_switch(d, 0, 100, 0, ROLE_RUNNING, 7, "a");
        tasks_put_switch(d, 0, 200, 7, cases[i].state, 0, "idle");
        ROLE_PUT(d, 0, 300, TASKS_NOTE, 0);
        tasks_has(d, cases[i].want);
    }
}

/* Linux's prev_state, a number: 0 and 0x100 can go on; 1 and 2 sleep; 16 and 32 are dead. */
TP_TEST(DecoderTasks, StatesOfLinux)
{
    static const struct role_event events[] = {
        {.text = "sched:sched_switch s32:prev_pid s64:prev_state s32:next_pid"}};
    static const struct {
        uint64_t state;
        const char *want;
    } cases[] = {{0, "\"waiting\":1,\"unsaid\":0"},    {0x100, "\"waiting\":1,\"unsaid\":0"},
                 {1, "\"waiting\":0,\"unsaid\":0"},    {2, "\"waiting\":0,\"unsaid\":0"},
                 {0x10, "\"waiting\":0,\"unsaid\":0"}, {0x20, "\"waiting\":0,\"unsaid\":0"}};

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct role_dump *d = role_open(events, 1, 1);

        ROLE_PUT(d, 0, 100, 1, 0, 0, 7);
        ROLE_PUT(d, 0, 200, 1, 7, cases[i].state, 0);
        ROLE_PUT(d, 0, 300, 1, 0, 0, 0);
        tasks_has(d, cases[i].want);
    }
}

/* The task of the record: who stops is who records it. */
TP_TEST(DecoderTasks, TheTaskOfTheRecord)
{
    static const struct role_event events[] = {{.text = "k:in"}, {.text = "k:out"}};
    static const char *const rules[] = {"k:in=run task=task", "k:out=stop task=task", NULL};
    struct role_dump *d = role_open(events, 2, 1);
    struct help_run run;

    d->context = true;
    role_put(d, 0, 100, 1, 4000000000, NULL);
    role_put(d, 0, 300, 2, 4000000000, NULL);
    run = role_run(&d, 1,
                   (struct decode_options){.format = DECODE_JSON, .answer = {.kind = ANSWER_TASKS}},
                   rules);
    if (!strstr(run.out, "\"id\":4000000000,\"name\":null,\"capture\":1,\"run_ns\":200,"))
        TP_FAIL("%s", run.out);
    help_run_free(&run);
    role_close(d);
}

TP_TEST(DecoderTasks, WhoIsIdle)
{
    static const struct {
        const char *name;
        bool idle;
    } cases[] = {{"idle", true},      {"IDLE", true},   {"idle/3", true},
                 {"swapper/0", true}, {"Idle 1", true}, {"idle_inject/0", false},
                 {"idler", false},    {"swap", false},  {"an idle", false}};

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct role_dump *d = tasks_open_dump();

        ROLE_PUT(d, 0, 100, TASKS_RUN, 7, ROLE_TEXT(cases[i].name));
        ROLE_PUT(d, 0, 200, TASKS_NOTE, 0);
        tasks_has(d,
                  cases[i].idle ? "{\"kind\":\"idle\",\"id\":7," : "{\"kind\":\"task\",\"id\":7,");
    }
}

/* --- what is left out --- */

/*
 * CPU 0 runs a from 100 on; 5 are lost before its record of 500; b runs from 800 to 1000. So 100..800
 * is not known. a was woken at 50, which is before the loss: 50 until 100. b was woken on CPU 1 at
 * 400, before the loss was seen: left out. c was woken at 600, after it: 600..1000 is a wait.
 */
TP_TEST(DecoderTasks, NothingCrossesALoss)
{
    struct role_dump *d = tasks_open_dump();
    struct help_run run;

    tasks_put_switch(d, 1, 10, 0, ROLE_RUNNING, 3, "x");
    ROLE_PUT(d, 1, 50, TASKS_WAKE, 7);
    tasks_put_switch(d, 0, 100, 0, ROLE_RUNNING, 7, "a");
    ROLE_PUT(d, 1, 400, TASKS_WAKE, 8);
    role_lose(d, 0, 5);
    ROLE_PUT(d, 0, 500, TASKS_NOTE, 0);
    ROLE_PUT(d, 1, 600, TASKS_WAKE, 9);
    tasks_put_switch(d, 0, 800, 7, ROLE_SLEEPING, 8, "b");
    tasks_put_switch(d, 0, 1000, 8, ROLE_SLEEPING, 9, "c");
    tasks_put_switch(d, 1, 1100, 3, ROLE_SLEEPING, 0, "idle");
    /* x: 10..1100, b: 200. a stopped at 800 and sleeps: no wait. */
    run = tasks_run(d, true);
    TP_CHECK_STREQ(
        run.out,
        "{\"answer\":\"tasks\",\"cpus\":2,\"known_ns\":1290,\"waiting\":0,\"unsaid\":0,"
        "\"lost_runs\":1,\"lost_runs_ns\":700,\"lost_waits\":1,\"odd_runs\":0,\"odd_runs_ns\":0,"
        "\"crowded\":0,\"lost\":{\"full\":5},\"lost_sum\":5,\"tasks\":["
        "{\"kind\":\"task\",\"id\":3,\"name\":\"x\",\"capture\":1,\"run_ns\":1090,\"switches\":1,"
        "\"wait_ns\":0,\"woken\":0,\"cpus\":[1]},"
        "{\"kind\":\"task\",\"id\":8,\"name\":\"b\",\"capture\":1,\"run_ns\":200,\"switches\":1,"
        "\"wait_ns\":0,\"woken\":0,\"cpus\":[0]},"
        "{\"kind\":\"idle\",\"id\":0,\"name\":\"idle\",\"capture\":1,\"run_ns\":0,\"switches\":1,"
        "\"cpus\":[1]},"
        "{\"kind\":\"task\",\"id\":7,\"name\":\"a\",\"capture\":1,\"run_ns\":0,\"switches\":1,"
        "\"wait_ns\":50,\"woken\":1,\"p50_ns\":50,\"p99_ns\":50,\"max_ns\":50,\"cpus\":[0]},"
        "{\"kind\":\"task\",\"id\":9,\"name\":\"c\",\"capture\":1,\"run_ns\":0,\"switches\":1,"
        "\"wait_ns\":400,\"woken\":1,\"p50_ns\":400,\"p99_ns\":400,\"max_ns\":400,\"cpus\":[0]}]}"
        "\n");
    help_run_free(&run);
    role_close(d);
}

/*
 * 7 is woken at 100 on CPU 0 and runs there at 150. Then a loss of CPU 1 is told that began after its record
 * of `before`: 7 may have run there in between. At 160 it is woken, and runs at 200, where CPU 1 has lost
 * nothing any more.
 */
TP_TEST(DecoderTasks, ALossIsToldLate)
{
    for (uint64_t before = 149; before <= 150; before++) {
        struct role_dump *d = tasks_open_dump();

        ROLE_PUT(d, 1, before, TASKS_NOTE, 0);
        ROLE_PUT(d, 0, 100, TASKS_WAKE, 7);
        tasks_put_switch(d, 0, 150, 0, ROLE_RUNNING, 7, "a");
        tasks_put_switch(d, 0, 152, 7, ROLE_SLEEPING, 0, "idle");
        role_lose(d, 1, 1);
        ROLE_PUT(d, 1, 155, TASKS_NOTE, 0);
        ROLE_PUT(d, 0, 160, TASKS_WAKE, 7);
        tasks_put_switch(d, 0, 200, 0, ROLE_RUNNING, 7, "a");
        tasks_has(d, before == 149 ? "\"wait_ns\":40,\"woken\":1," : "\"wait_ns\":90,\"woken\":2,");
    }
}

/* The records of CPU 1 from 120 on are damaged: what was in them was before its next one, at 155. So 7 may have
 * run there from 130 to 150, and not from 160 to 200; or it ends with that. */
TP_TEST(DecoderTasks, ADamagedChunk)
{
    for (int more = 0; more <= 1; more++) {
        struct role_dump *d = tasks_open_dump();
        struct help_run run;

        ROLE_PUT(d, 1, 100, TASKS_NOTE, 0);
        ROLE_PUT(d, 1, 120, TASKS_NOTE, 0);
        d->bytes.p[d->bytes.n - 1] ^= 1;
        ROLE_PUT(d, 0, 130, TASKS_WAKE, 7);
        tasks_put_switch(d, 0, 150, 0, ROLE_RUNNING, 7, "a");
        tasks_put_switch(d, 0, 152, 7, ROLE_SLEEPING, 0, "idle");
        if (more)
            ROLE_PUT(d, 1, 155, TASKS_NOTE, 0);
        ROLE_PUT(d, 0, 160, TASKS_WAKE, 7);
        tasks_put_switch(d, 0, 200, 0, ROLE_RUNNING, 7, "a");
        run = tasks_run(d, true);
        TP_CHECK_EQ(run.code, 1);
        TP_CHECK_EQ(tasks_number(run.out, 7, "\"woken\":"), more);
        TP_CHECK_EQ(tasks_number(run.out, 7, "\"wait_ns\":"), more ? 40 : 0);
        help_run_free(&run);
        role_close(d);
    }
}

/* Waits are held back for that, so many of them. */
TP_TEST(DecoderTasks, WaitsHeldBack)
{
    for (uint64_t more = 0; more <= 1; more++) {
        struct role_dump *d = tasks_open_dump();
        uint64_t time = 100;
        struct help_run run;

        ROLE_PUT(d, 1, 10, TASKS_NOTE, 0);
        for (uint64_t i = 0; i < WAITS_RECENT + more; i++) {
            ROLE_PUT(d, 0, time++, TASKS_WAKE, 7);
            tasks_put_switch(d, 0, time++, 0, ROLE_RUNNING, 7, "a");
            tasks_put_switch(d, 0, time++, 7, ROLE_SLEEPING, 0, "idle");
        }
        role_lose(d, 1, 1);
        ROLE_PUT(d, 1, time, TASKS_NOTE, 0);
        run = tasks_run(d, true);
        TP_CHECK_EQ(tasks_number(run.out, 7, "\"woken\":"), more);
        TP_CHECK_STREQ(run.err,
                       more ? "tpdecode: 1 losses began before the last 16384 waits: earlier ones "
                              "that they may have changed are counted\n"
                              "49157 records, 1 lost\n"
                            : "49154 records, 1 lost\n");
        help_run_free(&run);
        role_close(d);
    }
}

/* A loss before the first switch of a CPU costs nothing; one after the last switch costs the rest. */
TP_TEST(DecoderTasks, LossesAtTheEnds)
{
    struct role_dump *d = tasks_open_dump();

    ROLE_PUT(d, 0, 10, TASKS_NOTE, 0);
    role_lose(d, 0, 1);
    tasks_put_switch(d, 0, 100, 0, ROLE_RUNNING, 7, "a");
    tasks_put_switch(d, 0, 200, 7, ROLE_READY, 8, "b");
    role_lose(d, 0, 2);
    ROLE_PUT(d, 0, 500, TASKS_NOTE, 0);
    tasks_has(d, "\"known_ns\":100,\"waiting\":0,\"unsaid\":0,\"lost_runs\":1,\"lost_runs_ns\":300,"
                 "\"lost_waits\":1,");
}

/* 7 runs from 100; at 300 it is 8 that stops, so a switch is missing that is no loss. */
TP_TEST(DecoderTasks, SwitchesThatContradict)
{
    struct role_dump *d = tasks_open_dump();

    tasks_put_switch(d, 0, 100, 0, ROLE_RUNNING, 7, "a");
    tasks_put_switch(d, 0, 300, 8, ROLE_SLEEPING, 9, "c");
    tasks_put_switch(d, 0, 400, 9, ROLE_SLEEPING, 0, "idle");
    tasks_has(d, "\"known_ns\":100,\"waiting\":0,\"unsaid\":0,\"lost_runs\":0,\"lost_runs_ns\":0,"
                 "\"lost_waits\":0,\"odd_runs\":1,\"odd_runs_ns\":200,");
}

/* Of some CPUs it is known what they ran, and not who waits: who was woken may have run elsewhere. */
TP_TEST(DecoderTasks, SomeCpus)
{
    struct role_dump *d = tasks_by_hand();
    struct help_run run = role_run(
        &d, 1,
        (struct decode_options){.answer = {.kind = ANSWER_TASKS, .timeline.some_cpus = true}},
        NULL);

    TP_CHECK_STREQ(
        run.out,
        "    run ms       % switches  waits ms  woken   50 % us   99 % us   most us     id  task\n"
        "     0.002  40.740        2         -      -         -         -         -      8  b  on "
        "0-1\n"
        "     0.001  31.481        2         -      -         -         -         -      0  idle "
        "(idle)  on 0-1\n"
        "     0.001  27.777        2         -      -         -         -         -      7  a  on "
        "0\n"
        "\n"
        "100 % are 0.005 ms, in which it is known what 2 CPUs ran\n"
        "waits and wake-ups are not known without all CPUs\n");
    help_run_free(&run);
    role_close(d);
}

TP_TEST(DecoderTasks, NoSwitch)
{
    struct role_dump *d = role_open(&tasks_events[TASKS_WAKE - 1], 1, 1);
    struct help_run run;

    ROLE_PUT(d, 0, 100, 1, 7);
    run = tasks_run(d, false);
    TP_CHECK_EQ(run.code, 2);
    TP_CHECK_STREQ(run.out, "");
    TP_CHECK_STREQ(run.err, "tpdecode: --tasks: no event says what a CPU runs: name one, as --role "
                            "'sched:switch=switch next=FIELD'; --list-roles shows what is known\n");
    help_run_free(&run);
    role_close(d);
}

/* --- captures --- */

static struct help_run tasks_run_two(struct role_dump *const d[2])
{
    return role_run(
        d, 2, (struct decode_options){.format = DECODE_JSON, .answer = {.kind = ANSWER_TASKS}},
        NULL);
}

/* A pipe of each CPU: woken in one, runs in the other. */
TP_TEST(DecoderTasks, PartsOfOneCapture)
{
    for (uint64_t other = 1; other <= 2; other++) {
        struct role_dump *d[2] = {tasks_open_dump(), role_open(tasks_events, TASKS_EVENTS, other)};
        struct help_run run;
        bool one = other == 1;

        ROLE_PUT(d[0], 0, 100, TASKS_WAKE, 7);
        tasks_put_switch(d[1], 1, 350, 0, ROLE_RUNNING, 7, "a");
        ROLE_PUT(d[0], 0, 400, TASKS_NOTE, 0);
        ROLE_PUT(d[1], 1, 450, TASKS_NOTE, 0);
        run = tasks_run_two(d);
        TP_CHECK_EQ(run.code, 0);
        TP_CHECK_EQ(strstr(run.out, "\"wait_ns\":250,\"woken\":1") != NULL, one);
        /* Of another capture it is another task, which still waits. */
        TP_CHECK_EQ(strstr(run.out, "\"waiting\":1,") != NULL, !one);
        help_run_free(&run);
        role_close(d[0]);
        role_close(d[1]);
    }
}

/* What one has lost says nothing of the other, whose end comes first or later. */
TP_TEST(DecoderTasks, LossesOfOneCapture)
{
    for (int round = 0; round < 4; round++) {
        struct role_dump *d[2] = {tasks_open_dump(), role_open(tasks_events, TASKS_EVENTS, 2)};
        int first = round % 2;
        struct role_dump *loses = d[first], *other = d[!first];
        struct help_run run;
        const char *at;

        ROLE_PUT(loses, 1, 120, TASKS_NOTE, 0);
        for (int i = 0; i < 2; i++) {
            ROLE_PUT(d[i], 0, 130, TASKS_WAKE, 7);
            tasks_put_switch(d[i], 0, 150, 0, ROLE_RUNNING, 7, i == first ? "loses" : "other");
        }
        role_lose(loses, 1, 1);
        ROLE_PUT(loses, 1, 400, TASKS_NOTE, 0);
        ROLE_PUT(other, 0, round < 2 ? 200 : 500, TASKS_NOTE, 0);
        run = tasks_run_two(d);
        TP_CHECK_EQ(run.code, 0);
        at = strstr(run.out, "\"name\":\"loses\"");
        TP_ASSERT(at);
        TP_CHECK(strstr(at, "\"wait_ns\":0,\"woken\":0,") == strstr(at, "\"wait_ns\""));
        at = strstr(run.out, "\"name\":\"other\"");
        TP_ASSERT(at);
        TP_CHECK(strstr(at, "\"wait_ns\":20,\"woken\":1,") == strstr(at, "\"wait_ns\""));
        help_run_free(&run);
        role_close(d[0]);
        role_close(d[1]);
    }
}

/* --- against a slow way --- */

#define TASKS_TEST_TASKS 6u /* with idle, 0 */
#define TASKS_TEST_CPUS 3u
#define TASKS_TEST_ITEMS 300u

struct tasks_item {
    enum { TASKS_IS_SWITCH, TASKS_IS_WAKE, TASKS_IS_LOSS } is;
    uint32_t cpu, prev, state, next;
    uint64_t time;
};

struct tasks_sums {
    uint64_t run, wait, woken, most, switches;
};

static uint64_t tasks_random(void)
{
    static uint64_t x = 88172645463325252u;

    x ^= x << 13;
    x ^= x >> 7;
    return x ^= x << 17;
}

/* What a scheduler does, with records left out: then a loss stands before the next one of the CPU. */
static uint32_t tasks_make(struct tasks_item *items, unsigned lose)
{
    uint32_t on[TASKS_TEST_CPUS] = {0}, n = 0;
    bool ready[TASKS_TEST_TASKS] = {false}, lost[TASKS_TEST_CPUS] = {false};
    uint64_t last;

    for (uint64_t time = 10; n + 2 + TASKS_TEST_CPUS <= TASKS_TEST_ITEMS;
         time += 1 + tasks_random() % 50) {
        uint32_t cpu = tasks_random() % TASKS_TEST_CPUS, task = tasks_random() % TASKS_TEST_TASKS;
        struct tasks_item item = {.is = TASKS_IS_WAKE, .cpu = cpu, .next = task, .time = time};
        bool runs = false;

        for (uint32_t i = 0; i < TASKS_TEST_CPUS; i++)
            runs = runs || on[i] == task;
        if (task && !runs && !ready[task]) {
            ready[task] = true;
        } else if (on[cpu] != task && (!task || ready[task])) {
            item.is = TASKS_IS_SWITCH;
            item.prev = on[cpu];
            item.state = tasks_random() % 2 ? ROLE_READY : ROLE_SLEEPING;
            ready[item.prev] = item.prev && item.state == ROLE_READY;
            ready[task] = false;
            on[cpu] = task;
        } else {
            continue;
        }
        if (lose && tasks_random() % lose == 0) {
            lost[cpu] = true;
            continue;
        }
        if (lost[cpu])
            items[n++] = (struct tasks_item){.is = TASKS_IS_LOSS, .cpu = cpu, .time = time};
        lost[cpu] = false;
        items[n++] = item;
    }
    /* So that each CPU and each wait ends here. */
    last = items[n - 1].time;
    for (uint32_t cpu = 0; cpu < TASKS_TEST_CPUS; cpu++)
        items[n++] = (struct tasks_item){.is = TASKS_IS_LOSS, .cpu = cpu, .time = last + 1};
    return n;
}

/* When the task began to wait that runs from item `at` on, or UINT32_MAX; whether it was woken. */
static uint32_t tasks_wait_start(const struct tasks_item *items, uint32_t at, bool *woken)
{
    uint32_t task = items[at].next, start = UINT32_MAX;

    *woken = true;
    for (uint32_t i = at; i--;) {
        if (items[i].is == TASKS_IS_LOSS)
            return start;
        if (items[i].is == TASKS_IS_WAKE && items[i].next == task)
            start = i;
        if (items[i].is == TASKS_IS_SWITCH && items[i].prev == task) {
            *woken = items[i].state != ROLE_READY;
            return *woken ? start : i;
        }
        if (items[i].is == TASKS_IS_SWITCH && items[i].next == task)
            return UINT32_MAX;
    }
    return start;
}

/* A loss behind item `at` has begun before it: after the item before the loss on its CPU. */
static bool tasks_crossed(const struct tasks_item *items, uint32_t n, uint32_t at)
{
    for (uint32_t i = at + 1; i < n; i++) {
        uint32_t before = i;

        if (items[i].is != TASKS_IS_LOSS)
            continue;
        while (before && items[before - 1].cpu != items[i].cpu)
            before--;
        if ((before ? items[before - 1].time : 0) < items[at].time)
            return true;
    }
    return false;
}

static void tasks_slowly(const struct tasks_item *items, uint32_t n, struct tasks_sums *sums)
{
    for (uint32_t i = 0; i < n; i++) {
        struct tasks_sums *s = &sums[items[i].next];
        uint32_t end = i + 1, start;
        bool woken;

        if (items[i].is != TASKS_IS_SWITCH)
            continue;
        s->switches++;
        start = items[i].next ? tasks_wait_start(items, i, &woken) : UINT32_MAX;
        if (start != UINT32_MAX && !tasks_crossed(items, n, i)) {
            uint64_t waited = items[i].time - items[start].time;

            s->wait += waited;
            s->woken += woken;
            s->most = woken && waited > s->most ? waited : s->most;
        }
        while (end < n && (items[end].cpu != items[i].cpu || items[end].is == TASKS_IS_WAKE))
            end++;
        if (end < n && items[end].is == TASKS_IS_SWITCH && items[end].prev == items[i].next)
            s->run += items[end].time - items[i].time;
    }
}

TP_TEST(DecoderTasks, AgainstASlowWay)
{
    static struct tasks_item items[TASKS_TEST_ITEMS];

    for (unsigned round = 0; round < 200; round++) {
        uint32_t n = tasks_make(items, round % 4 ? 30 / (round % 4) : 0);
        struct tasks_sums sums[TASKS_TEST_TASKS] = {{0}};
        struct role_dump *d = tasks_open_dump();
        struct help_run run;

        for (uint32_t i = 0; i < n; i++) {
            const struct tasks_item *t = &items[i];

            if (t->is == TASKS_IS_LOSS)
                role_lose(d, (uint16_t)t->cpu, 1);
            else if (t->is == TASKS_IS_WAKE)
                ROLE_PUT(d, (uint16_t)t->cpu, t->time, TASKS_WAKE, t->next);
            else
                tasks_put_switch(d, (uint16_t)t->cpu, t->time, t->prev, t->state, t->next, "");
        }
        for (uint16_t cpu = 0; cpu < TASKS_TEST_CPUS; cpu++)
            ROLE_PUT(d, cpu, items[n - 1].time, TASKS_NOTE, 0);
        tasks_slowly(items, n, sums);
        run = tasks_run(d, true);
        TP_CHECK_EQ(run.code, 0);
        for (uint32_t i = 0; i < TASKS_TEST_TASKS; i++) {
            TP_CHECK_EQ(tasks_number(run.out, i, "\"run_ns\":"), sums[i].run);
            TP_CHECK_EQ(tasks_number(run.out, i, "\"wait_ns\":"), sums[i].wait);
            TP_CHECK_EQ(tasks_number(run.out, i, "\"woken\":"), sums[i].woken);
            TP_CHECK_EQ(tasks_number(run.out, i, "\"max_ns\":"), sums[i].most);
            TP_CHECK_EQ(tasks_number(run.out, i, "\"switches\":"), sums[i].switches);
        }
        help_run_free(&run);
        role_close(d);
    }
}

/* --- limits --- */

TP_TEST(DecoderTasks, TooManyTasks)
{
    for (uint32_t more = 0; more < 2; more++) {
        struct role_dump *d = tasks_open_dump();
        struct help_run run;

        for (uint32_t i = 0; i < TASKS_MAX + more; i++)
            ROLE_PUT(d, 0, 100 + i, TASKS_NEXT, 1 + i, ROLE_TEXT("t"));
        ROLE_PUT(d, 0, 100 + TASKS_MAX + more, TASKS_NOTE, 0);
        run = tasks_run(d, false);
        TP_CHECK_EQ(run.code, 0);
        TP_CHECK_EQ(strstr(run.out, "(others)  on 0\n") != NULL, more);
        TP_CHECK_EQ(strstr(run.out, "16384 tasks have a line, later ones are (others)\n") != NULL,
                    more);
        help_run_free(&run);
        role_close(d);
    }
}

TP_TEST(DecoderTasks, CpusThatAreNotShown)
{
    for (uint16_t cpu = TASKS_CPUS - 1; cpu <= TASKS_CPUS; cpu++) {
        struct role_dump *d = tasks_open_dump();

        ROLE_PUT(d, cpu, 100, TASKS_RUN, 7, ROLE_TEXT("a"));
        tasks_has(d, cpu < TASKS_CPUS ? "\"cpus\":[1023]}" : "\"cpus\":[],\"more_cpus\":true}");
    }
}

TP_TEST(DecoderTasks, NamesAreCut)
{
    static const struct role_event events[] = {{.text = "sched:run u32:pid char80:name"}};
    char name[81], want[120];

    memset(name, 'n', 80);
    name[80] = '\0';
    for (size_t n = TASKS_NAME_BYTES - 1; n <= TASKS_NAME_BYTES + 1; n++) {
        struct role_dump *d = role_open(events, 1, 1);

        ROLE_PUT(d, 0, 100, 1, 7, ROLE_TEXT(name + 80 - n));
        snprintf(want, sizeof(want), "\"name\":\"%.*s\"", (int)(n < 64 ? n : 64), name);
        tasks_has(d, want);
    }
}

/* The same places as where each bucket has its room; and no more cells than there are. */
TP_TEST(DecoderTasks, FewBucketsAreTheSameBuckets)
{
    for (unsigned round = 0; round < 100; round++) {
        static struct quantile all;
        struct quantile_few few = {0};
        uint32_t left = 100, was = left;

        memset(&all, 0, sizeof(all));
        for (unsigned i = 0; i < 300; i++) {
            uint64_t v = tasks_random() >> tasks_random() % 64;

            if (quantile_few_put(&few, v, &left))
                quantile_put(&all, v);
            else
                TP_CHECK_EQ(left, 0);
        }
        TP_CHECK_EQ(few.count, all.count);
        TP_CHECK_EQ(few.used, was - left);
        for (uint32_t place = 1; place <= 1000; place++)
            TP_CHECK_EQ(quantile_few_get(&few, place, 1000), quantile_get(&all, place, 1000));
        quantile_few_free(&few);
    }
}
