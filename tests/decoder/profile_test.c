/* SPDX-License-Identifier: MIT */
/* profile_test.c - --profile: by hand, and against counts of made stacks. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decoder/answer/profile.h"
#include "role_help.h"
#include "tp_test.h"

enum { PROFILE_HIT = 1, PROFILE_DEEP, PROFILE_NAMED, PROFILE_EVENTS = 3 };

static const struct role_event profile_events[PROFILE_EVENTS] = {
    {.text = "prof:hit u32:pc"},
    {.text = "prof:deep ptr:pc ptr4:from"},
    {.text = "prof:named char16:where u32:worker"},
};

static const char *const profile_rules[] = {"prof:hit=sample ip=pc",
                                            "prof:deep=sample ip=pc stack=from",
                                            "prof:named=sample ip=where", NULL};

#define PROFILE_STACK(...)                                                                         \
    (uint64_t)(uintptr_t)(const uint64_t[4])                                                       \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }

static struct role_dump *profile_dump(void)
{
    struct role_dump *d = role_open(profile_events, PROFILE_EVENTS, 1);

    d->context = true;
    return d;
}

#define PROFILE_PUT(d, cpu, time, pid, id, ...)                                                    \
    role_put(d, cpu, time, id, pid, (const uint64_t[]){__VA_ARGS__})

static void profile_is(struct role_dump *d, enum decode_format format, struct profile_options o,
                       const char *want, const char *said)
{
    struct help_run run = role_run(
        &d, 1,
        (struct decode_options){.format = format, .answer = {.kind = ANSWER_PROFILE, .profile = o}},
        profile_rules);

    TP_CHECK_EQ(run.code, 0);
    TP_CHECK_STREQ(run.out, want);
    TP_CHECK_STREQ(run.err, said);
    help_run_free(&run);
}

/* 0x1000 calls 0x2000, which calls itself once; return addresses are the innermost first, the first may be the
 * place itself, and the list ends at a 0, with whatever after it. */
static struct role_dump *profile_scene(void)
{
    struct role_dump *d = profile_dump();

    PROFILE_PUT(d, 0, 1000, 7, PROFILE_DEEP, 0x2000, PROFILE_STACK(0x1000, 0, 0x99));
    PROFILE_PUT(d, 0, 2000, 7, PROFILE_DEEP, 0x2000, PROFILE_STACK(0x2000, 0x1000));
    PROFILE_PUT(d, 1, 2500, 9, PROFILE_DEEP, 0x2000, PROFILE_STACK(0x2000, 0x2000, 0x1000));
    PROFILE_PUT(d, 1, 3000, 9, PROFILE_DEEP, 0x3000, PROFILE_STACK(5, 6, 7, 8));
    PROFILE_PUT(d, 0, 4000, 7, PROFILE_HIT, 0x1000);
    role_lose(d, 1, 6);
    PROFILE_PUT(d, 1, 5000, 9, PROFILE_NAMED, ROLE_TEXT("i;dle"), 3);
    return d;
}

TP_TEST(Profile, ByHand)
{
    struct role_dump *d = profile_scene();

    profile_is(d, DECODE_TEXT, (struct profile_options){0},
               "      self       %     total       %  function\n"
               "         3   50.00         3   50.00  0x2000\n"
               "         1   16.66         4   66.66  0x1000\n"
               "         1   16.66         1   16.66  0x3000\n"
               "         1   16.66         1   16.66  i;dle\n"
               "         0    0.00         1   16.66  0x5\n"
               "         0    0.00         1   16.66  0x6\n"
               "         0    0.00         1   16.66  0x7\n"
               "         0    0.00         1   16.66  0x8\n"
               "\n"
               "6 samples\n"
               "6 records lost\n",
               "6 records, 6 lost\n");
    role_close(d);
}

TP_TEST(Profile, Folded)
{
    struct role_dump *d = profile_scene();

    profile_is(d, DECODE_FOLDED, (struct profile_options){.fold = FOLD_TEXT},
               "0x1000;0x2000 2\n"
               "0x1000 1\n"
               "0x1000;0x2000;0x2000 1\n"
               "0x8;0x7;0x6;0x5;0x3000 1\n"
               "i,dle 1\n",
               "6 records, 6 lost\n");
    role_close(d);
}

TP_TEST(Profile, ByKey)
{
    struct role_dump *d = profile_scene();

    profile_is(d, DECODE_JSON, (struct profile_options){.by = "worker"},
               "{\"answer\":\"profile\",\"samples\":6,\"without\":0,\"cut\":0,\"lost\":6,"
               "\"by\":\"worker\",\"no_key\":5,\"functions\":["
               "{\"key\":null,\"name\":\"0x2000\",\"self\":3,\"total\":3},"
               "{\"key\":null,\"name\":\"0x1000\",\"self\":1,\"total\":4},"
               "{\"key\":null,\"name\":\"0x3000\",\"self\":1,\"total\":1},"
               "{\"key\":3,\"name\":\"i;dle\",\"self\":1,\"total\":1},"
               "{\"key\":null,\"name\":\"0x5\",\"self\":0,\"total\":1},"
               "{\"key\":null,\"name\":\"0x6\",\"self\":0,\"total\":1},"
               "{\"key\":null,\"name\":\"0x7\",\"self\":0,\"total\":1},"
               "{\"key\":null,\"name\":\"0x8\",\"self\":0,\"total\":1}]}\n",
               "6 records, 6 lost\n");
    profile_is(d, DECODE_FOLDED, (struct profile_options){.fold = FOLD_TEXT, .by = "common_pid"},
               "7;0x1000;0x2000 2\n"
               "7;0x1000 1\n"
               "9;0x1000;0x2000;0x2000 1\n"
               "9;0x8;0x7;0x6;0x5;0x3000 1\n"
               "9;i,dle 1\n",
               "6 records, 6 lost\n");
    role_close(d);
}

/* One name more than there is room for is (others), in text, and null in JSON. */
TP_TEST(Profile, Names)
{
    for (uint32_t more = 0; more < 2; more++) {
        struct role_dump *d = profile_dump();
        struct help_run run;

        for (uint32_t i = 0; i < NAMES_MAX + more; i++)
            PROFILE_PUT(d, 0, 1000 + i, 7, PROFILE_HIT, 0x1000 + i);
        run = role_run(
            &d, 1,
            (struct decode_options){.format = DECODE_JSON, .answer = {.kind = ANSWER_PROFILE}},
            profile_rules);
        TP_CHECK_EQ(run.code, 0);
        TP_CHECK_EQ(strstr(run.out, "{\"name\":null,\"self\":1,\"total\":1}") != NULL, more == 1);
        help_run_free(&run);
        role_close(d);
    }
}

/* Random stacks: what each function has is counted here without paths. */
TP_TEST(Profile, Counted)
{
    enum { FUNCTIONS = 6, ROUNDS = 500 };
    uint64_t self[FUNCTIONS] = {0}, total[FUNCTIONS] = {0}, x = 0x2545f4914f6cdd1du;
    struct role_dump *d = profile_dump();
    struct help_run run;

    for (uint32_t i = 0; i < ROUNDS; i++) {
        uint64_t stack[4] = {0};
        uint32_t in = 0, ip, depth;

        x ^= x << 13, x ^= x >> 7, x ^= x << 17;
        ip = (uint32_t)(x >> 8) % FUNCTIONS;
        depth = (uint32_t)(x >> 16) % 5;
        for (uint32_t k = 0; k < depth; k++) {
            uint32_t f = (uint32_t)(x >> (20 + 4 * k)) % FUNCTIONS;

            stack[k] = 0x100 + f;
            in |= 1u << f;
        }
        self[ip]++;
        in |= 1u << ip;
        for (uint32_t f = 0; f < FUNCTIONS; f++)
            total[f] += in >> f & 1;
        PROFILE_PUT(d, 0, 1000 + i, 7, PROFILE_DEEP, 0x100 + ip, (uint64_t)(uintptr_t)stack);
    }
    run = role_run(
        &d, 1, (struct decode_options){.format = DECODE_JSON, .answer = {.kind = ANSWER_PROFILE}},
        profile_rules);
    for (uint32_t f = 0; f < FUNCTIONS; f++) {
        char want[100];

        snprintf(want, sizeof(want), "{\"name\":\"0x%x\",\"self\":%llu,\"total\":%llu}", 0x100 + f,
                 (unsigned long long)self[f], (unsigned long long)total[f]);
        if (!strstr(run.out, want))
            TP_FAIL("%s is not in %s", want, run.out);
    }
    help_run_free(&run);
    role_close(d);
}
