/* SPDX-License-Identifier: MIT */
/* timeline_test.c - --timeline: what tasks do, by hand, around losses, and its limits. */
#include <stdio.h>
#include <string.h>

#include "decoder/answer/axis.h"
#include "decoder/answer/timeline.h"
#include "role_help.h"
#include "tp_test.h"

enum { TIMELINE_SWITCH = 1, TIMELINE_WAKE, TIMELINE_NOTE };

static const struct role_event timeline_events[] = {
    {.text = "sched:switch u32:prev u8@state u32:next char16:comm"},
    {.text = "sched:wakeup u32:pid"},
    {.text = "a:note u32:n"},
};

static struct role_dump *timeline_dump(void)
{
    return role_open(timeline_events, 3, 1);
}

static void timeline_put(struct role_dump *d, uint16_t cpu, uint64_t time, uint64_t prev,
                         uint64_t state, uint64_t next, const char *comm)
{
    ROLE_PUT(d, cpu, time, TIMELINE_SWITCH, prev, state, next, ROLE_TEXT(comm));
}

/* Ten columns at most. */
static struct help_run timeline_run(struct role_dump *d, bool json)
{
    struct decode_options o = {.format = json ? DECODE_JSON : DECODE_TEXT};

    o.answer.kind = ANSWER_TIMELINE;
    o.answer.timeline = (struct timeline_options){
        .ascii = true, .width = TIMELINE_LABEL + 10, .tasks = true};
    return role_run(&d, 1, o, NULL);
}

static void timeline_answer(struct role_dump *d, bool json, const char *want)
{
    struct help_run run = timeline_run(d, json);

    TP_CHECK_EQ(run.code, 0);
    TP_CHECK_STREQ(run.out, want);
    help_run_free(&run);
    role_close(d);
}

/*
 * As in tasks_test.c. a runs 100..1100, is asleep until 1900, waits until 2000, runs until 2500, waits until
 * 4000. b runs 1500..2200, waits until 2500, runs until 4000. c waits 3500..4000. Columns of text are 391 ns, from
 * 100 on: 100, 491, 882, 1273, 1664, 2055, 2446, 2837, 3228, 3619. Those of JSON are 13 times 32 ns, as 160 of them hold it all
 * and 12 times were 11 columns: 100, 516, 932, 1348, 1764, 2180, 2596, 3012, 3428, 3844.
 */
static struct role_dump *timeline_by_hand(void)
{
    struct role_dump *d = timeline_dump();

    timeline_put(d, 0, 100, 0, ROLE_RUNNING, 7, "a");
    timeline_put(d, 0, 1100, 7, ROLE_SLEEPING, 0, "idle");
    timeline_put(d, 1, 1500, 0, ROLE_RUNNING, 8, "b");
    ROLE_PUT(d, 1, 1900, TIMELINE_WAKE, 7);
    timeline_put(d, 0, 2000, 0, ROLE_RUNNING, 7, "a");
    timeline_put(d, 1, 2200, 8, ROLE_READY, 0, "idle");
    timeline_put(d, 0, 2500, 7, ROLE_READY, 8, "b");
    ROLE_PUT(d, 1, 3000, TIMELINE_NOTE, 1);
    ROLE_PUT(d, 0, 3500, TIMELINE_WAKE, 9);
    ROLE_PUT(d, 0, 4000, TIMELINE_NOTE, 2);
    return d;
}

TP_TEST(DecoderTimeline, Tasks)
{
    timeline_answer(timeline_by_hand(), false,
                    "0.000000 to 0.000004, a column is 0.391 us\n"
                    "CPUs: . to @, at most 1 records; ! is a loss\n"
                    "           cpu 0 |@ @ @ @ @@|\n"
                    "           cpu 1 |   @@@ @  |\n"
                    "tasks: # runs, + waits to run, . is asleep; else not known\n"
                    "             b-8 |   ##+####|\n"
                    "             a-7 |###..#++++|\n"
                    "         <...>-9 |        ++|\n");
    timeline_answer(
        timeline_by_hand(), true,
        "{\"answer\":\"timeline\",\"start_ns\":100,\"column_ns\":416,\"columns\":10,"
        "\"first_ns\":100,\"last_ns\":4000,\"lost\":0,\"cpus\":["
        "{\"cpu\":0,\"counts\":[1,0,1,0,1,1,0,0,1,1],\"lost\":[0,0,0,0,0,0,0,0,0,0]},"
        "{\"cpu\":1,\"counts\":[0,0,0,1,1,1,1,0,0,0],\"lost\":[0,0,0,0,0,0,0,0,0,0]}],\"tasks\":["
        "{\"id\":8,\"name\":\"b\",\"capture\":1,\"run_ns\":[0,0,0,264,416,116,416,416,416,156],"
        "\"wait_ns\":[0,0,0,0,0,300,0,0,0,0],\"asleep_ns\":[0,0,0,0,0,0,0,0,0,0]},"
        "{\"id\":7,\"name\":\"a\",\"capture\":1,\"run_ns\":[416,416,168,0,180,320,0,0,0,0],"
        "\"wait_ns\":[0,0,0,0,100,96,416,416,416,156],\"asleep_ns\":[0,0,248,416,136,0,0,0,0,0]},"
        "{\"id\":9,\"name\":null,\"capture\":1,\"run_ns\":[0,0,0,0,0,0,0,0,0,0],"
        "\"wait_ns\":[0,0,0,0,0,0,0,0,344,156],\"asleep_ns\":[0,0,0,0,0,0,0,0,0,0]}],\"tasks_"
        "more\":0}\n");
}

/* CPU 1 loses something between 100 and 2000, in which the task may have run: it is not known to be asleep. */
TP_TEST(DecoderTimeline, LossesAreHoles)
{
    struct role_dump *d = timeline_dump();

    timeline_put(d, 0, 100, 0, ROLE_RUNNING, 7, "a");
    ROLE_PUT(d, 0, 110, TIMELINE_NOTE, 1);
    ROLE_PUT(d, 1, 110, TIMELINE_NOTE, 1);
    timeline_put(d, 0, 600, 7, ROLE_SLEEPING, 0, "idle");
    role_lose(d, 1, 5);
    ROLE_PUT(d, 1, 2000, TIMELINE_NOTE, 1);
    ROLE_PUT(d, 0, 3000, TIMELINE_WAKE, 7);
    ROLE_PUT(d, 0, 4000, TIMELINE_NOTE, 1);
    timeline_answer(d, false,
                    "0.000000 to 0.000004, a column is 0.391 us\n"
                    "CPUs: . to @, at most 2 records; ! is a loss\n"
                    "           cpu 0 |@+     + +|\n"
                    "           cpu 1 |+   !     |\n"
                    "tasks: # runs, + waits to run, . is asleep; else not known\n"
                    "             a-7 |##     +++|\n"
                    "5 records lost\n");
}

/* A task's name is cut, its number is not; what was woken and never ran is asleep no more. */
TP_TEST(DecoderTimeline, NamesThatAreLong)
{
    struct role_dump *d = timeline_dump();

    timeline_put(d, 0, 100, 0, ROLE_RUNNING, 123456, "fifteen letters");
    timeline_put(d, 0, 104, 123456, ROLE_READY, 3,
                 "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4");
    ROLE_PUT(d, 0, 108, TIMELINE_NOTE, 1);
    timeline_answer(d, false,
                    "0.000000 to 0.000000, a column is 0.001 us\n"
                    "CPUs: . to @, at most 1 records; ! is a loss\n"
                    "           cpu 0 |@   @   @|\n"
                    "tasks: # runs, + waits to run, . is asleep; else not known\n"
                    "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4-3 |    #### |\n"
                    "fifteen l-123456 |####++++ |\n");
}

/* --- limits --- */

static struct role_dump *timeline_many(uint32_t n)
{
    struct role_dump *d = timeline_dump();

    for (uint32_t i = 0; i < n; i++)
        timeline_put(d, 0, 100 + i, i, ROLE_SLEEPING, i + 1, "t");
    ROLE_PUT(d, 0, 100 + n, TIMELINE_NOTE, 1);
    return d;
}

TP_TEST(DecoderTimeline, TooManyTasks)
{
    for (uint32_t more = 0; more < 2; more++) {
        struct role_dump *json = timeline_many(STRIP_TASKS + more),
                         *text = timeline_many(TIMELINE_SHOWN + more);
        struct help_run run = timeline_run(json, true);
        char want[32];

        snprintf(want, sizeof(want), "\"tasks_more\":%u}", more);
        TP_CHECK(strstr(run.out, want) != NULL);
        help_run_free(&run);
        run = timeline_run(text, false);
        TP_CHECK_EQ(strstr(run.out, "\n1 tasks more\n") != NULL, more);
        help_run_free(&run);
        role_close(json);
        role_close(text);
    }
}

/* --- times above the columns --- */

static int timeline_collect(void *context, const void *bytes, size_t n)
{
    strncat(context, bytes, n);
    return 0;
}

/* Steps are 1, 2 or 5 times a power of ten, as short as the labels allow. */
TP_TEST(DecoderTimeline, Axis)
{
    static const struct {
        uint64_t start_ns, column_ns;
        uint32_t columns;
        const char *want;
    } cases[] = {
        /* |1.0 is 4 characters, so 5 columns or more: 0.5 s are 5. */
        {950000000, 100000000, 17, "--|1.0 |1.5 |2.0\n"},
        /* |10 is 3, so 4 or more: 5 s are 5; 5 and 10 have a column of their own. */
        {4500000000, 1000000000, 12, "--|5   |10\n"},
        {0, 1000000000, 4, "--|0\n"},
        {1, 1, 5, ""},
        /* The last times there are. */
        {UINT64_MAX - 1000, 1ull << 60, 30, ""},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[200] = "";
        struct out o;

        out_open(&o, (struct out_sink){timeline_collect, text});
        axis_text(&o, "--", cases[i].start_ns, cases[i].column_ns, cases[i].columns);
        out_flush(&o);
        out_close(&o);
        TP_CHECK_STREQ(text, cases[i].want);
    }
}
