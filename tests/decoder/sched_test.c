/* SPDX-License-Identifier: MIT */
/* sched_test.c - order/sched.c through --format ftrace: kernels that say who runs in other ways than Linux. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decoder/order/sched.h"
#include "role_help.h"
#include "tp_test.h"

/* What is printed, without the lines that begin with #. Ends the dump. */
static char *sched_print(struct role_dump *d, const char *const *rules)
{
    struct decode_options o = {.format = DECODE_EXPORT, .export = {.kind = EXPORT_FTRACE}};
    static struct roles_options roles;
    struct help_run run;
    char *text, *from;

    roles.count = 0;
    for (; rules && *rules; rules++)
        TP_CHECK_STREQ(roles_read(&roles, *rules), NULL);
    o.export.roles = &roles;
    run = role_run(&d, 1, o, NULL);
    TP_CHECK_EQ(run.code, 0);
    for (from = run.out; *from == '#'; from = strchr(from, '\n') + 1)
        continue;
    text = strdup(from);
    help_run_free(&run);
    role_close(d);
    return text;
}

#define SCHED_LINE(cpu, us) "           <...>-0       [00" cpu "] .....     0.00000" us ": "

/* `run` ends what the CPU ran before, `stop` leaves it to nobody. */
TP_TEST(DecoderSched, RunAndStop)
{
    static const struct role_event events[] = {{.text = "sched:run u32:pid char16:name"},
                                               {.text = "sched:stop u32:pid u8@state"}};
    struct role_dump *d = role_open(events, 2, 1);
    char *text;

    ROLE_PUT(d, 0, 1000, 1, 7, ROLE_TEXT("init"));
    ROLE_PUT(d, 1, 2000, 1, 8, ROLE_TEXT("sh"));
    ROLE_PUT(d, 0, 3000, 2, 7, ROLE_SLEEPING);
    ROLE_PUT(d, 0, 4000, 1, 9, ROLE_TEXT("ls"));
    ROLE_PUT(d, 0, 5000, 1, 7, ROLE_TEXT("init"));
    text = sched_print(d, NULL);
    TP_CHECK_STREQ(
        text,
        SCHED_LINE(
            "0",
            "1") "sched_switch: prev_comm=<idle> prev_pid=0 prev_prio=120 prev_state=S "
                 "==> next_comm=init next_pid=7 next_prio=120\n" SCHED_LINE(
                     "1",
                     "2") "sched_switch: prev_comm=<idle> prev_pid=0 prev_prio=120 prev_state=S "
                          "==> next_comm=sh "
                          "next_pid=8 next_prio=120\n" SCHED_LINE(
                              "0",
                              "3") "sched_switch: prev_comm=<...> prev_pid=7 prev_prio=120 "
                                   "prev_state=S ==> "
                                   "next_comm=<idle> next_pid=0 next_prio=120\n" SCHED_LINE(
                                       "0",
                                       "4") "sched_switch: prev_comm=<idle> prev_pid=0 "
                                            "prev_prio=120 prev_state=S ==> "
                                            "next_comm=ls next_pid=9 next_prio=120\n" SCHED_LINE(
                                                "0",
                                                "5") "sched_switch: prev_comm=<...> prev_pid=9 "
                                                     "prev_prio=120 prev_state=S ==> "
                                                     "next_comm=init next_pid=7 next_prio=120\n");
    free(text);
}

/* What a CPU ran is not known any more when some of its records are lost; that of others is. */
TP_TEST(DecoderSched, ASwitchThatDoesNotSayFromWhat)
{
    static const struct role_event events[] = {{.text = "rtos:switch u32:task char16:name"}};
    struct role_dump *d = role_open(events, 1, 1);
    char *text;

    ROLE_PUT(d, 0, 1000, 1, 3, ROLE_TEXT("a b"));
    ROLE_PUT(d, 1, 2000, 1, 4, ROLE_TEXT("b"));
    role_lose(d, 0, 5);
    ROLE_PUT(d, 0, 3000, 1, 5, ROLE_TEXT("c"));
    ROLE_PUT(d, 1, 4000, 1, 6, ROLE_TEXT("d"));
    text = sched_print(d, NULL);
    TP_CHECK_STREQ(
        text,
        SCHED_LINE("0", "1") "sched_switch: prev_comm=<idle> prev_pid=0 prev_prio=120 prev_state=S "
                             "==> next_comm=a_b next_pid=3 next_prio=120\n" SCHED_LINE(
                                 "1",
                                 "2") "sched_switch: prev_comm=<idle> prev_pid=0 prev_prio=120 "
                                      "prev_state=S ==> next_comm=b "
                                      "next_pid=4 next_prio=120\n"
                                      "CPU:0 [LOST 5 EVENTS]\n" SCHED_LINE(
                                          "0",
                                          "3") "sched_switch: prev_comm=<idle> prev_pid=0 "
                                               "prev_prio=120 prev_state=S ==> "
                                               "next_comm=c next_pid=5 next_prio=120\n" SCHED_LINE(
                                                   "1",
                                                   "4") "sched_switch: prev_comm=<...> prev_pid=4 "
                                                        "prev_prio=120 prev_state=S ==> "
                                                        "next_comm=d next_pid=6 next_prio=120\n");
    free(text);
}

/* Tasks that are addresses have the numbers in which they came; where a task is woken for another CPU that is said. */
TP_TEST(DecoderSched, TasksThatAreNoNumbersOf31Bits)
{
    static const struct role_event events[] = {{.text = "k:go u64:from u8@state u64:to"},
                                               {.text = "k:up s32:who u32:where"}};
    static const char *const rules[] = {"k:go=switch prev=from next=to state=state",
                                        "k:up=wake task=who cpu=where", NULL};
    struct role_dump *d = role_open(events, 2, 1);
    char *text;

    ROLE_PUT(d, 0, 1000, 1, 0xffffffff80001000u, ROLE_READY, 0x40000000);
    ROLE_PUT(d, 0, 2000, 1, 0x40000000, ROLE_DEAD, 0x3fffffff);
    ROLE_PUT(d, 0, 3000, 2, (uint64_t)-1, 3);
    ROLE_PUT(d, 0, 4000, 1, 0x3fffffff, ROLE_ODD, 0xffffffff80001000u);
    text = sched_print(d, rules);
    TP_CHECK_STREQ(
        text,
        SCHED_LINE("0",
                   "1") "sched_switch: prev_comm=<...> prev_pid=1073741824 prev_prio=120 "
                        "prev_state=R ==> next_comm=<...> next_pid=1073741825 "
                        "next_prio=120\n" SCHED_LINE(
                            "0",
                            "2") "sched_switch: prev_comm=<...> prev_pid=1073741825 prev_prio=120 "
                                 "prev_state=X ==> "
                                 "next_comm=<...> next_pid=1073741823 next_prio=120\n" SCHED_LINE(
                                     "0",
                                     "3") "sched_waking: comm=<...> pid=1073741826 prio=120 "
                                          "target_cpu=003\n" SCHED_LINE(
                                              "0",
                                              "4") "sched_switch: prev_comm=<...> "
                                                   "prev_pid=1073741823 prev_prio=120 prev_state=S "
                                                   "==> next_comm=<...> next_pid=1073741824 "
                                                   "next_prio=120\n");
    free(text);
}

TP_TEST(DecoderSched, MoreForeignTasksThanThereIsRoomFor)
{
    struct roles roles;
    struct sched s;

    roles_open(&roles, NULL);
    sched_open(&s, &roles);
    for (uint32_t i = 0; i + 1 < SCHED_FOREIGN_MAX; i++)
        TP_ASSERT_EQ(sched_pid(&s, -1 - (__int128)i), SCHED_FOREIGN + (int32_t)i);
    TP_CHECK_EQ(sched_pid(&s, (__int128)1 << 40), SCHED_FOREIGN + (int32_t)SCHED_FOREIGN_MAX - 1);
    TP_CHECK_EQ(sched_pid(&s, (__int128)1 << 41), SCHED_FOREIGN + (int32_t)SCHED_FOREIGN_MAX - 1);
    TP_CHECK_EQ(sched_pid(&s, -1), SCHED_FOREIGN);
    TP_CHECK_EQ(sched_pid(&s, 7), 7);
    sched_close(&s);
}
