/* SPDX-License-Identifier: MIT */
/* roles_test.c - what events are taken for: by the dump, by --role, by their names and fields. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "role_help.h"
#include "tp_test.h"

#define ROLES_TEST_COUNT(events) (uint32_t)(sizeof(events) / sizeof((events)[0]))

/* --list-roles of these events is this text, and all is well. */
static void roles_lists(const struct role_event *events, uint32_t count, const char *const *rules,
                        const char *want)
{
    struct help_run run;

    role_list(&run, events, count, rules);
    TP_CHECK_EQ(run.code, 0);
    TP_CHECK_STREQ(run.out, want);
    TP_CHECK_STREQ(run.err, "");
    help_run_free(&run);
}

/* --- in the dump --- */

TP_TEST(DecoderRoles, EachOfTheSixteenInTheDump)
{
    static const struct role_event events[] = {
        ROLE_EVENT("a:switch u32:p u32:n u8:s char4:c",
                   "\xa5\x62is\x66switch\x64next\x01\x64prev\x00\x65state\x02\x64name\x03"),
        ROLE_EVENT("a:run u32:t char4:c", "\xa3\x62is\x63run\x64task\x00\x64name\x01"),
        ROLE_EVENT("a:stop u32:t u8:s", "\xa3\x62is\x64stop\x64task\x00\x65state\x01"),
        ROLE_EVENT("a:wake u32:t u8:c", "\xa3\x62is\x64wake\x64task\x00\x63"
                                        "cpu\x01"),
        ROLE_EVENT("a:new u32:t u32:p char4:c",
                   "\xa4\x62is\x63new\x64task\x00\x66parent\x01\x64name\x02"),
        ROLE_EVENT("a:gone u32:t", "\xa2\x62is\x64gone\x64task\x00"),
        ROLE_EVENT("a:name u32:t char4:c", "\xa3\x62is\x64name\x64task\x00\x64name\x01"),
        ROLE_EVENT("a:begin u32:n", "\xa3\x62is\x65"
                                    "begin\x65track\x20\x64name\x00"),
        ROLE_EVENT("a:end", "\xa2\x62is\x63"
                            "end\x65track\x21"),
        ROLE_EVENT("a:span u64:d u32:n u32:k", "\xa4\x62is\x64span\x68"
                                               "duration\x00\x64name\x01\x65track\x02"),
        ROLE_EVENT("a:open u32:i u32:n", "\xa3\x62is\x64open\x62id\x00\x64name\x01"),
        ROLE_EVENT("a:close u32:i u32:n", "\xa3\x62is\x65"
                                          "close\x62id\x00\x64name\x01"),
        ROLE_EVENT("a:step u32:i", "\xa2\x62is\x64step\x62id\x00"),
        /* The keys may come in any order. */
        ROLE_EVENT("a:counter u32:v u32:k char4:u", "\xa4\x63key\x01\x65value\x00\x64unit\x02\x62is"
                                                    "\x67"
                                                    "counter"),
        ROLE_EVENT("a:sample u64:i u32:s", "\xa3\x62is\x66sample\x62ip\x00\x65stack\x01"),
        ROLE_EVENT("a:log char4:t", "\xa2\x62is\x63log\x64text\x00"),
    };

    roles_lists(events, ROLES_TEST_COUNT(events), NULL,
                "a:switch   switch next=n prev=p state=s name=c  (in the dump)\n"
                "a:run      run name=c task=t  (in the dump)\n"
                "a:stop     stop state=s task=t  (in the dump)\n"
                "a:wake     wake task=t cpu=c  (in the dump)\n"
                "a:new      new name=c task=t parent=p  (in the dump)\n"
                "a:gone     gone task=t  (in the dump)\n"
                "a:name     name name=c task=t  (in the dump)\n"
                "a:begin    begin name=n track=cpu  (in the dump)\n"
                "a:end      end track=task  (in the dump)\n"
                "a:span     span name=n track=k duration=d  (in the dump)\n"
                "a:open     open name=n id=i  (in the dump)\n"
                "a:close    close name=n id=i  (in the dump)\n"
                "a:step     step id=i  (in the dump)\n"
                "a:counter  counter value=v key=k unit=u  (in the dump)\n"
                "a:sample   sample ip=i stack=s  (in the dump)\n"
                "a:log      log text=t  (in the dump)\n");
}

/* and what has no use without what is ignored. */
TP_TEST(DecoderRoles, WhatIsNotKnownIsIgnored)
{
    static const struct role_event events[] = {
        ROLE_EVENT("a:role u32:t", "\xa2\x62is\x65latch\x64task\x00"),
        ROLE_EVENT("a:none u32:t", "\xa2\x62is\x64none\x64task\x00"),
        ROLE_EVENT("a:argument u32:t", "\xa3\x62is\x64gone\x64task\x00\x64mode\x00"),
        ROLE_EVENT("a:other u32:t u32:v", "\xa3\x62is\x64gone\x64task\x00\x65value\x01"),
        ROLE_EVENT("a:range u32:t u8:s", "\xa3\x62is\x64stop\x64task\x00\x65state\x02"),
        ROLE_EVENT("a:below u32:t u8:s", "\xa3\x62is\x64stop\x64task\x00\x65state\x22"),
        ROLE_EVENT("a:text u32:t u8:s", "\xa3\x62is\x64stop\x64task\x00\x65state\x61s"),
        ROLE_EVENT("a:array u32:t u8:s", "\xa3\x62is\x64stop\x65state\x82\x00\x01\x64task\x00"),
        ROLE_EVENT("a:must u32:t", "\xa2\x62is\x64gone\x64task\x01"),
        ROLE_EVENT("a:integer char4:t", "\xa2\x62is\x64gone\x64task\x00"),
        ROLE_EVENT("a:nothing u32:t", "\xa1\x64task\x00"),
        ROLE_EVENT("a:number u32:t", "\xa2\x62is\x01\x64task\x00"),
        ROLE_EVENT("a:map u32:t", "\x82\x62is\x64gone"),
        /* As if it were not there. */
        ROLE_EVENT("sched:wakeup u32:pid", "\xa2\x62is\x65latch\x64task\x00"),
    };

    roles_lists(events, ROLES_TEST_COUNT(events), NULL,
                "a:argument    gone task=t  (in the dump)\n"
                "a:other       gone task=t  (in the dump)\n"
                "a:range       stop task=t  (in the dump)\n"
                "a:below       stop task=t  (in the dump)\n"
                "a:text        stop task=t  (in the dump)\n"
                "a:array       stop task=t  (in the dump)\n"
                "sched:wakeup  wake task=pid  (by its name and fields)\n"
                "without a role: a:role a:none a:must a:integer a:nothing a:number a:map\n");
}

/* --- by name and fields --- */

TP_TEST(DecoderRoles, GuessesLinux)
{
    static const struct role_event events[] = {
        {.text = "sched:sched_switch char16:prev_comm s32:prev_pid s64:prev_state char16:next_comm "
                 "s32:next_pid"},
        {.text = "sched:sched_waking char16:comm s32:pid s32:prio s32:target_cpu"},
        {.text = "sched:sched_wakeup s32:pid"},
        {.text = "sched:sched_process_fork s32:parent_pid s32:child_pid"},
        {.text = "sched:sched_process_exit char16:comm s32:pid"},
        {.text = "irq:irq_handler_entry s32:irq char16:name"},
        {.text = "irq:irq_handler_exit s32:irq s32:ret"},
        {.text = "irq:softirq_entry u32:vec"},
        {.text = "irq:softirq_exit u32:vec"},
        {.text = "raw_syscalls:sys_enter s64:id"},
        {.text = "raw_syscalls:sys_exit s64:id s64:ret"},
        {.text = "kmem:kmalloc u64:ptr"},
    };

    roles_lists(events, ROLES_TEST_COUNT(events), NULL,
                "sched:sched_switch        switch next=next_pid prev=prev_pid state=prev_state "
                "name=next_comm  (by its name and fields)\n"
                "sched:sched_waking        wake task=pid cpu=target_cpu  (by its name and fields)\n"
                "sched:sched_wakeup        wake task=pid  (by its name and fields)\n"
                "sched:sched_process_fork  new task=child_pid parent=parent_pid  (by its name and "
                "fields)\n"
                "sched:sched_process_exit  gone task=pid  (by its name and fields)\n"
                "irq:irq_handler_entry     begin name=name track=cpu  (by its name and fields)\n"
                "irq:irq_handler_exit      end track=cpu  (by its name and fields)\n"
                "irq:softirq_entry         begin name=vec track=cpu  (by its name and fields)\n"
                "irq:softirq_exit          end track=cpu  (by its name and fields)\n"
                "raw_syscalls:sys_enter    begin name=id track=task  (by its name and fields)\n"
                "raw_syscalls:sys_exit     end track=task  (by its name and fields)\n"
                "without a role: kmem:kmalloc\n");
}

/* The test kernel's, those of xv6, and of an RTOS. */
TP_TEST(DecoderRoles, GuessesThreeMoreKernels)
{
    static const struct role_event test[] = {
        {.text = "sched:switch u32:prev u8@state u32:next char16:comm"},
        {.text = "sched:wakeup u32:pid u8:cpu"},
        {.text = "sched:fork u32:parent u32:child char16:comm"},
        {.text = "irq:entry u8:vector char8:name"},
        {.text = "irq:exit u8:vector"},
        {.text = "syscall:enter u32:nr"},
        {.text = "syscall:exit u32:nr s64:ret"},
    };
    static const struct role_event xv6[] = {{.text = "sched:run u32:pid char16:name"},
                                            {.text = "sched:stop u32:pid u8@state"},
                                            {.text = "proc:wakeup s32:pid"}};
    static const struct role_event rtos[] = {{.text = "rtos:switch u32:to u32:from"},
                                             {.text = "kernel:switch u64:task"},
                                             {.text = "task:switched_in u32:task"}};

    roles_lists(test, ROLES_TEST_COUNT(test), NULL,
                "sched:switch   switch next=next prev=prev state=state name=comm  (by its name and "
                "fields)\n"
                "sched:wakeup   wake task=pid cpu=cpu  (by its name and fields)\n"
                "sched:fork     new name=comm task=child parent=parent  (by its name and fields)\n"
                "irq:entry      begin name=name track=cpu  (by its name and fields)\n"
                "irq:exit       end track=cpu  (by its name and fields)\n"
                "syscall:enter  begin name=nr track=task  (by its name and fields)\n"
                "syscall:exit   end track=task  (by its name and fields)\n");
    roles_lists(xv6, ROLES_TEST_COUNT(xv6), NULL,
                "sched:run    run name=name task=pid  (by its name and fields)\n"
                "sched:stop   stop state=state task=pid  (by its name and fields)\n"
                "proc:wakeup  wake task=pid  (by its name and fields)\n");
    roles_lists(rtos, ROLES_TEST_COUNT(rtos), NULL,
                "rtos:switch       switch next=to prev=from  (by its name and fields)\n"
                "kernel:switch     switch next=task  (by its name and fields)\n"
                "task:switched_in  run task=task  (by its name and fields)\n");
}

/* What has the name and not the fields is not guessed. */
TP_TEST(DecoderRoles, GuessesNeedTheFields)
{
    static const struct role_event events[] = {
        {.text = "sched:wakeup u32:who"},
        {.text = "sched:wakeup2 u32:pid"},
        {.text = "net:wakeup u32:pid"},
        {.text = "sched:wakeup char16:pid"},
        {.text = "sched:wake"},
        {.text = "sched:switch u32:cpu"},
        {.text = "sched:run"},
        {.text = "sched:sched_switch s32:next_pid s64:prev_state"},
        {.text = "sched:sched_wakeup s32:tid"},
        {.text = "irq:softirq_entry u32:n"},
    };

    roles_lists(events, ROLES_TEST_COUNT(events), NULL,
                "without a role: sched:wakeup sched:wakeup2 net:wakeup sched:wakeup sched:wake "
                "sched:switch sched:run sched:sched_switch sched:sched_wakeup irq:softirq_entry\n");
}

/* --- by --role --- */

TP_TEST(DecoderRoles, TheUserComesFirst)
{
    static const struct role_event events[] = {
        ROLE_EVENT("a:dump u32:x u32:y", "\xa2\x62is\x64gone\x64task\x00"),
        {.text = "sched:wakeup u32:pid u32:other"},
        {.text = "a:plain u32:x u8:cpu"},
        ROLE_EVENT("a:away u32:x", "\xa2\x62is\x64gone\x64task\x00"),
        {.text = "sched:run u32:pid"},
        {.text = "a:twice u32:x"},
    };
    static const char *const rules[] = {"a:dump=wake task=y cpu=cpu",
                                        "sched:wakeup=gone task=other",
                                        "a:plain=begin  track=-1 name=x ",
                                        "a:away=none",
                                        "sched:run=none",
                                        "a:twice=gone task=x",
                                        "a:twice=stop task=task state=x",
                                        NULL};

    /* -1 and not cpu, which is a field there. */
    roles_lists(events, ROLES_TEST_COUNT(events), rules,
                "a:dump        wake task=y cpu=cpu  (by --role)\n"
                "sched:wakeup  gone task=other  (by --role)\n"
                "a:plain       begin name=x track=-1  (by --role)\n"
                "a:twice       stop state=x task=task  (by --role)\n"
                "without a role: a:away sched:run\n");
}

TP_TEST(DecoderRoles, AsJson)
{
    static const struct role_event events[] = {
        ROLE_EVENT("a:begin u32:n", "\xa3\x62is\x65"
                                    "begin\x65track\x20\x64name\x00"),
        {.text = "sched:wakeup u32:pid"},
        {.text = "a:x u32:y"},
        {.text = "a:\"z"},
    };
    static const char *const rules[] = {"a:x=gone task=y", NULL};
    struct role_dump *d = role_open(events, ROLES_TEST_COUNT(events), 1);
    struct help_run run = role_run(&d, 1, (struct decode_options){.format = DECODE_ROLES_JSON},
                                   rules);

    TP_CHECK_STREQ(run.out,
                   "{\"roles\":[{\"event\":\"a:begin\",\"role\":\"begin\",\"arguments\":{\"name\":"
                   "\"n\",\"track\":-1},\"from\":\"dump\"},{\"event\":\"sched:wakeup\",\"role\":"
                   "\"wake\",\"arguments\":{\"task\":\"pid\"},\"from\":\"guess\"},{\"event\":\"a:x"
                   "\",\"role\":\"gone\",\"arguments\":{\"task\":\"y\"},\"from\":\"option\"}],"
                   "\"without\":[\"a:\\\"z\"]}\n");
    help_run_free(&run);
    role_close(d);
}

/* What is wrong with it is said, and what there is. */
TP_TEST(DecoderRoles, RulesThatFitNothing)
{
    static const struct role_event events[] = {{.text = "a:x u32:y char4:t"}};
    static const struct {
        const char *rules[3], *want;
    } cases[] = {
        {{"a:x=gone task=z"},
         "tpdecode: --role: a:x has no field 'z', but y t, and cpu and task of "
         "the record\n"},
        {{"a:x=gone task=t"},
         "tpdecode: --role: a:x: the field 't' is no integer, of y t, and cpu "
         "and task of the record\n"},
        {{"a:y=none"},
         "tpdecode: --role: there is no event 'a:y', --list-roles has those there "
         "are\n"},
    };
    struct help_run run;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        role_list(&run, events, 1, cases[i].rules);
        TP_CHECK_EQ(run.code, 2);
        TP_CHECK_STREQ(run.err, cases[i].want);
        help_run_free(&run);
    }
}

TP_TEST(DecoderRoles, RulesThatAreNone)
{
    static struct roles_options o;
    static const char *const wrong[][2] = {
        {"", "not SYS:EVENT=ROLE ARGUMENT=FIELD... or SYS:EVENT=none:"},
        {"a:b", "not SYS:EVENT=ROLE ARGUMENT=FIELD... or SYS:EVENT=none:"},
        {":b=none", "not SYS:EVENT=ROLE ARGUMENT=FIELD... or SYS:EVENT=none:"},
        {"a:=none", "not SYS:EVENT=ROLE ARGUMENT=FIELD... or SYS:EVENT=none:"},
        {"a:b=nothing", "no such role, roles are switch run stop wake new gone name begin end span "
                        "open close step counter sample log none:"},
        {"a:b=", "no such role, roles are switch run stop wake new gone name begin end span open "
                 "close step counter sample log none:"},
        {"a:b=wake", "wake takes task [cpu], there is no task= in"},
        {"a:b=wake cpu=c", "wake takes task [cpu], there is no task= in"},
        {"a:b=wake task", "not ARGUMENT=FIELD after the role in"},
        {"a:b=wake =t", "not ARGUMENT=FIELD after the role in"},
        {"a:b=wake task=", "no name of a field after task= in"},
        {"a:b=wake task=t next=t", "wake takes task [cpu], no other argument:"},
        {"a:b=wake task=t what=t", "wake takes task [cpu], no other argument:"},
        {"a:b=wake task=t ?cpu=c", "wake takes task [cpu], no other argument:"},
        {"a:b=wake task=t task=u", "task= is there twice in"},
        {"a:b=none task=t", "none takes nothing, no other argument:"},
    };

    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        TP_CHECK_STREQ(roles_read(&o, wrong[i][0]), wrong[i][1]);
    TP_CHECK_EQ(o.count, 0);
}

TP_TEST(DecoderRoles, Limits)
{
    static struct roles_options o;
    char text[2 * TP_LIMIT_NAME_BYTES + 40], name[TP_LIMIT_NAME_BYTES + 2];

    for (size_t n = TP_LIMIT_NAME_BYTES; n <= TP_LIMIT_NAME_BYTES + 1; n++) {
        memset(name, 'n', n);
        name[n] = '\0';
        snprintf(text, sizeof(text), "%s:b=none", name);
        TP_CHECK_EQ(roles_read(&o, text) == NULL, n == TP_LIMIT_NAME_BYTES);
        snprintf(text, sizeof(text), "a:%s=none", name);
        TP_CHECK_EQ(roles_read(&o, text) == NULL, n == TP_LIMIT_NAME_BYTES);
        snprintf(text, sizeof(text), "a:b=gone task=%s", name);
        TP_CHECK_EQ(roles_read(&o, text) == NULL, n == TP_LIMIT_NAME_BYTES);
    }
    for (uint32_t i = 3; i < ROLES_RULES_MAX; i++)
        TP_CHECK_STREQ(roles_read(&o, "a:b=none"), NULL);
    TP_CHECK_STREQ(roles_read(&o, "a:b=none"), "too many roles:");
}
