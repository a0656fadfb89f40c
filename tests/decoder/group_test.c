/* SPDX-License-Identifier: MIT */
/* group_test.c - --stats --by, and --hist of fields that are not the same in all events. */
#include <stdio.h>
#include <string.h>

#include "decoder/answer/group.h"
#include "decoder/answer/hist.h"
#include "role_help.h"
#include "tp_test.h"

enum { GROUP_ONE = 1, GROUP_TWO, GROUP_TEXT, GROUP_OTHER, GROUP_NOTHING };

static const struct role_event group_events[] = {
    {.text = "a:one u8@v u32:k"},     {.text = "b:two u32:v u32:k"}, {.text = "b:text char16:v"},
    {.text = "c:same u8@v char16:k"}, {.text = "c:nothing"},
};

static struct role_dump *group_dump(void)
{
    return role_open(group_events, 5, 1);
}

static struct help_run group_run(struct role_dump *d, const char *hist, const char *by, bool json)
{
    struct decode_options o = {.format = json ? DECODE_JSON : DECODE_TEXT};

    o.answer.kind = hist ? ANSWER_HIST : ANSWER_STATS;
    o.answer.hist.by = by;
    if (hist)
        TP_CHECK_STREQ(hist_read(&o.answer.hist, hist), NULL);
    return role_run(&d, 1, o, NULL);
}

static void group_answer(struct role_dump *d, const char *hist, const char *by, bool json,
                         const char *out, const char *err)
{
    struct help_run run = group_run(d, hist, by, json);

    TP_CHECK_EQ(run.code, 0);
    TP_CHECK_STREQ(run.out, out);
    TP_CHECK_STREQ(run.err, err);
    help_run_free(&run);
    role_close(d);
}

/* A record is 8 bytes and its fields, in units of 8: 16, 16, 24, 32, 8. From 100 to 200 ns. */
static struct role_dump *group_by_hand(void)
{
    struct role_dump *d = group_dump();

    ROLE_PUT(d, 0, 100, GROUP_ONE, ROLE_READY, 1);
    ROLE_PUT(d, 0, 120, GROUP_TWO, 7, 1);
    ROLE_PUT(d, 1, 130, GROUP_TEXT, ROLE_TEXT("ready"));
    role_lose(d, 1, 2);
    ROLE_PUT(d, 1, 150, GROUP_OTHER, ROLE_SLEEPING, ROLE_TEXT("x"));
    ROLE_PUT(d, 0, 160, GROUP_ONE, ROLE_SLEEPING, 2);
    role_put(d, 0, 200, GROUP_NOTHING, 0, NULL);
    return d;
}

TP_TEST(DecoderGroup, ByAField)
{
    group_answer(group_by_hand(), NULL, "k", true,
                 "{\"answer\":\"stats\",\"span_ns\":100,\"by\":\"k\",\"keys\":["
                 "{\"key\":1,\"count\":2,\"rate\":20000000.000,\"bytes\":32,\"first_ns\":100,"
                 "\"last_ns\":120},"
                 "{\"key\":2,\"count\":1,\"rate\":10000000.000,\"bytes\":16,\"first_ns\":160,"
                 "\"last_ns\":160},"
                 "{\"key\":\"x\",\"count\":1,\"rate\":10000000.000,\"bytes\":32,\"first_ns\":150,"
                 "\"last_ns\":150}],"
                 "\"others\":{\"count\":0,\"rate\":0.000,\"bytes\":0},"
                 "\"without\":{\"count\":2,\"rate\":20000000.000,\"bytes\":32,\"first_ns\":130,"
                 "\"last_ns\":200},"
                 "\"all\":{\"count\":6,\"rate\":60000000.000,\"bytes\":112,\"first_ns\":100,"
                 "\"last_ns\":200,\"lost\":{\"full\":2},\"lost_sum\":2}}\n",
                 "tpdecode: field k is of a:one, b:two, c:same: --event chooses one\n"
                 "6 records, 2 lost\n");
}

TP_TEST(DecoderGroup, ByCpu)
{
    group_answer(group_by_hand(), NULL, "cpu", false,
                 "     count       rate/s       bytes         first          last  cpu\n"
                 "         4     40000000          56      0.000000      0.000000  0\n"
                 "         2     20000000          56      0.000000      0.000000  1\n"
                 "         6     60000000         112      0.000000      0.000000  (all)\n"
                 "2 records lost  (full 2)\n",
                 "6 records, 2 lost\n");
}

TP_TEST(DecoderGroup, TooManyKeys)
{
    for (uint32_t more = 0; more < 2; more++) {
        struct role_dump *d = group_dump();
        struct help_run run;
        char want[64];

        for (uint32_t i = 0; i < GROUP_KEYS + more; i++)
            ROLE_PUT(d, 0, 100 + i, GROUP_TWO, 0, i);
        ROLE_PUT(d, 0, 100000, GROUP_TWO, 0, 0);
        run = group_run(d, NULL, "k", true);
        snprintf(want, sizeof(want), "\"others\":{\"count\":%u,", more);
        TP_CHECK(strstr(run.out, want) != NULL);
        TP_CHECK(strstr(run.out, "\"keys\":[{\"key\":0,\"count\":2,") != NULL);
        help_run_free(&run);
        role_close(d);
    }
}

/* c:same has the same names for the values; the others are another kind of thing, and one value each. */
TP_TEST(DecoderGroup, FieldsThatAreSomethingElse)
{
    group_answer(
        group_by_hand(), "v", NULL, true,
        "{\"answer\":\"hist\",\"field\":\"v\",\"scale\":\"names\",\"without\":1,\"lost\":2,"
        "\"apart\":2,\"events\":[\"a:one\",\"c:same\"],\"apart_events\":[\"b:two\","
        "\"b:text\"],\"count\":3,\"names\":[{\"name\":\"sleeping\",\"value\":2,\"count\":"
        "2},{\"name\":\"ready\",\"value\":0,\"count\":1}]}\n",
        "tpdecode: field v of b:two, b:text is not what it is of a:one, c:same: 2 values "
        "are not counted, --event chooses one\n"
        "tpdecode: field v is of a:one, c:same: --event chooses one\n"
        "6 records, 2 lost\n");
}

/* As numbers, which was asked for, they are numbers; the text is not. */
TP_TEST(DecoderGroup, FieldsAsNumbers)
{
    struct help_run run;
    struct role_dump *d = group_by_hand();

    run = group_run(d, "v:linear", NULL, true);
    TP_CHECK(strstr(run.out, "\"without\":2,\"lost\":2,\"count\":4,\"min\":0,\"max\":7,") != NULL);
    help_run_free(&run);
    role_close(d);
}

TP_TEST(DecoderGroup, WordsByKey)
{
    group_answer(group_by_hand(), "v", "cpu", false,
                 "v: 3 values\n"
                 "\n"
                 "cpu 0: 2 values\n"
                 "   ready            1 |####################\n"
                 "sleeping            1 |####################\n"
                 "\n"
                 "cpu 1: 1 values\n"
                 "sleeping            1 |####################\n"
                 "\n"
                 "2 records lost\n",
                 "tpdecode: field v of b:two, b:text is not what it is of a:one, c:same: 2 values "
                 "are not counted, --event chooses one\n"
                 "tpdecode: field v is of a:one, c:same: --event chooses one\n"
                 "6 records, 2 lost\n");
}

/* Keys beyond HIST_SHOWN, words beyond HIST_NAMES; and pairs beyond HIST_KEYS. */
TP_TEST(DecoderGroup, TooManyWordsByKey)
{
    static const struct {
        uint32_t keys, words;
        const char *has, *has_not;
    } cases[] = {
        {HIST_SHOWN, 1, "{\"key\":15,\"count\":1,", "\"others\""},
        {HIST_SHOWN + 1, 1, "\"others\":{\"partial\":false,\"keys\":1,\"count\":1}", "\"key\":16,"},
        {1, HIST_NAMES, "{\"name\":\"w31\",", "\"others\""},
        {1, HIST_NAMES + 1, "{\"key\":0,\"count\":33,", "{\"name\":\"w9\","},
        {16, HIST_KEYS / 16, "{\"key\":15,\"count\":64,", "\"others\""},
        {1, HIST_KEYS + 1, "\"others\":{\"partial\":true,\"count\":512}", NULL},
    };
    static const struct role_event events[] = {{.text = "a:word char16:w u32:k"}};

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct role_dump *d = role_open(events, 1, 1);
        struct help_run run;
        char word[16];

        for (uint32_t k = 0; k < cases[i].keys * cases[i].words; k++) {
            snprintf(word, sizeof(word), "w%u", k % cases[i].words);
            ROLE_PUT(d, 0, 100 + k, 1, ROLE_TEXT(word), k / cases[i].words);
        }
        run = group_run(d, "w", "k", true);
        if (!strstr(run.out, cases[i].has) ||
            (cases[i].has_not && strstr(run.out, cases[i].has_not)))
            TP_FAIL("%zu: %.2000s", i, run.out);
        help_run_free(&run);
        role_close(d);
    }
}

/* A character by itself is counted by what it is, as texts are, and a number in buckets: never both in one. */
TP_TEST(DecoderGroup, CharactersAmongNumbers)
{
    static const struct role_event events[] = {{.text = "a:number u32:v"},
                                               {.text = "b:letter char1:v"}};

    for (unsigned letter_first = 0; letter_first < 2; letter_first++) {
        for (unsigned by = 0; by < 2; by++) {
            struct role_dump *d = role_open(events, 2, 1);
            struct help_run run;

            ROLE_PUT(d, 0, 100, letter_first ? 2 : 1, 65);
            ROLE_PUT(d, 0, 110, letter_first ? 1 : 2, 65);
            ROLE_PUT(d, 0, 120, 2, 66);
            run = group_run(d, "v", by ? "cpu" : NULL, true);
            if (!strstr(run.out, letter_first ? "\"scale\":\"names\"" : "\"scale\":\"log2\"") ||
                !strstr(run.out, letter_first ? "\"apart\":1,\"events\":[\"b:letter\"]"
                                              : "\"apart\":2,\"events\":[\"a:number\"]") ||
                !strstr(run.out, letter_first ? "\"count\":2," : "\"count\":1,"))
                TP_FAIL("%s", run.out);
            help_run_free(&run);
            run = group_run(d, "v", by ? "cpu" : NULL, false);
            TP_CHECK_EQ(run.code, 0);
            help_run_free(&run);
            role_close(d);
        }
    }
}

/* What an array is in memory depends on the machine: it is shown, and compared, as text has it. */
TP_TEST(DecoderGroup, ArraysAsText)
{
    static const struct role_event events[] = {{.text = "a:pointers ptr2:v"},
                                               {.text = "a:text char4:v"}};
    static const uint64_t one[] = {0x1000, 0xffffffffffffffff}, two[] = {0, 0x80};
    struct role_dump *d = role_open(events, 2, 1);
    struct help_run run;

    ROLE_PUT(d, 0, 100, 1, ROLE_TEXT(one));
    ROLE_PUT(d, 0, 110, 1, ROLE_TEXT(two));
    ROLE_PUT(d, 0, 120, 1, ROLE_TEXT(one));
    ROLE_PUT(d, 0, 130, 2, ROLE_TEXT("ab"));
    run = group_run(d, NULL, "v", true);
    TP_CHECK(strstr(run.out, "{\"key\":\"{0x1000,0xffffffffffffffff}\",\"count\":2,") != NULL);
    TP_CHECK(strstr(run.out, "{\"key\":\"{0x0,0x80}\",\"count\":1,") != NULL);
    TP_CHECK(strstr(run.out, "{\"key\":\"ab\",\"count\":1,") != NULL);
    help_run_free(&run);
    role_close(d);
}
