/* SPDX-License-Identifier: MIT */
/* select_test.c - moments against a loop over the counter; memory that runs out in any selection.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "decoder/base/mem.h"
#include "decoder/order/moment.h"
#include "decoder/base/range.h"
#include "decoder/order/stream.h"
#include "decoder/order/tail.h"
#include "help.h"
#include "tp_test.h"

static uint64_t select_ns(const char *text)
{
    struct moment m;
    const char *problem = moment_read(&m, text);

    if (problem)
        TP_FAIL("%s: %s", text, problem);
    return m.ns;
}

TP_TEST(DecoderSelect, MomentsAreRead)
{
    TP_CHECK_EQ(select_ns("0"), 0);
    TP_CHECK_EQ(select_ns("12.345678"), 12345678000);
    TP_CHECK_EQ(select_ns("    8.589934"), 8589934000);
    TP_CHECK_EQ(select_ns("0.000000001"), 1);
    TP_CHECK_EQ(select_ns("18446744073.709551615"), UINT64_MAX);
    TP_CHECK_EQ(select_ns("+1.5"), 1500000000);
    TP_CHECK_EQ(select_ns("+1.5ns"), 1);
    TP_CHECK_EQ(select_ns("+0.25us"), 250);
    TP_CHECK_EQ(select_ns("+200ms"), 200000000);
    TP_CHECK_EQ(select_ns("+18446744073709551615ns"), UINT64_MAX);
    TP_CHECK_EQ(select_ns("+2h"), 7200000000000);
    TP_CHECK_EQ(select_ns("1970-01-01"), 0);
    TP_CHECK_EQ(select_ns("1970-01-02T00:00:00.000000001Z"), 86400000000001);
    TP_CHECK_EQ(select_ns("2000-02-29T12:34"), 951827640000000000);
    TP_CHECK_EQ(select_ns("2000-03-01"), 951868800000000000);
    TP_CHECK_EQ(select_ns("2026-11-23T23:12:33.123456"), 1795475553123456000);
    TP_CHECK_EQ(select_ns("2026-11-24T00:12:33.123456+01:00"), 1795475553123456000);
    TP_CHECK_EQ(select_ns("2026-11-23T17:42:33.123456-05:30"), 1795475553123456000);
    TP_CHECK_EQ(select_ns("2554-07-21T23:34:33.709551615"), UINT64_MAX);
}

/* What is between a first and a last moment is what a record shows to be there. */
TP_TEST(DecoderSelect, MomentsAreWhatRecordsShow)
{
    static const uint64_t rates[] = {1, 3, 7, 1000, 999983, 1000003, 1000000000, 3000000007};

    for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
        static struct stream s;

        s.metadata.clock_hz = rates[i];
        clock_set(&s.clock, rates[i]);
        for (uint64_t k = 0; k < 300; k++) {
            /* A microsecond near to a count, and counts around it. */
            uint64_t count = k * 7919, us = clock_ns(&s.clock, count) / 1000 + k % 3, last;
            struct moment m = {.kind = MOMENT_SECONDS, .ns = us * 1000};
            uint64_t first = moment_first(&m, &s);
            bool any = moment_last(&m, &s, &last);

            TP_CHECK(clock_ns(&s.clock, first) / 1000 >= us);
            TP_CHECK(!first || clock_ns(&s.clock, first - 1) / 1000 < us);
            TP_ASSERT(any);
            TP_CHECK(clock_ns(&s.clock, last) / 1000 <= us);
            TP_CHECK(clock_ns(&s.clock, last + 1) / 1000 > us);
        }
    }
}

/* A time that is given to the nanosecond is that one, zeros at its end or not. */
TP_TEST(DecoderSelect, MomentsToTheNanosecond)
{
    static const struct {
        const char *text;
        uint64_t last;
    } cases[] = {
        {"0.000005", 5999},
        {"0.000005000", 5000},
        {"0.0000050", 5000},
        {"0.000005001", 5001},
        {"5us", 5999},
        {"5.0us", 5000},
        {"5000ns", 5000},
        {"0.005ms", 5999},
        {"0.0050ms", 5000},
        {"+0.000005", 5999},
        {"+0.000005000", 5000},
        {"0", 999},
        {"0.000000000", 0},
        {"0.000000001m", 60},
        {"1970-01-01T00:00:00.000005", 5999},
        {"1970-01-01 00:00:00.000005000", 5000},
    };
    static struct stream s;

    s.metadata.clock_hz = 1000000000;
    s.pairs = (struct clock_pairs){0};
    clock_pair(&s.pairs, 0, 0);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct moment m;
        uint64_t last;

        TP_CHECK_STREQ(moment_read(&m, cases[i].text), NULL);
        TP_CHECK(moment_last(&m, &s, &last));
        if (last != cases[i].last)
            TP_FAIL("%s: %llu", cases[i].text, (unsigned long long)last);
    }
}

/* No time or rate that a dump or a user gives makes it overflow: the sanitizer looks on. */
TP_TEST(DecoderSelect, MomentsAtTheEnds)
{
    static const uint64_t ends[] = {0, 1, UINT64_MAX / 2, UINT64_MAX - 1, UINT64_MAX};
    static struct stream s;
    uint64_t last, sum = 0;

    for (int i = 0; i < 5 * 5 * 5 * 4; i++) {
        struct moment m = {.kind = (enum moment_kind)(MOMENT_SECONDS + i % 4 % 3),
                           .ns = ends[i / 4 % 5]};

        s.metadata.clock_hz = ends[i / 20 % 5] ? ends[i / 20 % 5] : 1;
        s.base_ns = ends[i / 100 % 5];
        s.pairs = (struct clock_pairs){0};
        clock_pair(&s.pairs, ends[i / 100 % 5], ends[(i / 20 + 2) % 5]);
        sum += moment_first(&m, &s) + moment_last(&m, &s, &last);
    }
    TP_CHECK(sum != 0);
    s.metadata.clock_hz = 1000000000;
    TP_CHECK_EQ(moment_first(&(struct moment){.kind = MOMENT_SECONDS, .ns = UINT64_MAX}, &s),
                UINT64_MAX);
    TP_CHECK(moment_last(&(struct moment){.kind = MOMENT_SECONDS, .ns = UINT64_MAX}, &s, &last));
    TP_CHECK_EQ(last, UINT64_MAX);
}

TP_TEST(DecoderSelect, ListsHaveALimit)
{
    struct range_list l = {0};

    for (unsigned i = 0; i < RANGE_MAX; i++)
        TP_CHECK_STREQ(range_read(&l, "7-9"), NULL);
    TP_CHECK_STREQ(range_read(&l, "1"), "too long a list");
    TP_CHECK(range_has(&l, 7) && range_has(&l, 9) && !range_has(&l, 6) && !range_has(&l, 10));
}

/* More than --tail has room for: whole lines, and a message. */
TP_TEST(DecoderSelect, TailHasARoom)
{
    struct help_bytes dump = {0};
    struct decode_input in;
    struct decode_options o = {.input_count = 1, .has_tail = true, .tail = 200000};
    struct help_run run;
    char last[80];
    const uint32_t count = 180001;

    help_add_metadata(&dump, 1);
    for (uint32_t i = 0; i < 180000; i += 60000)
        help_add_records(&dump, 0, i, 60000, (uint64_t)i * 1000, 1000);
    help_add_records(&dump, 0, 180000, 1, 180000000, 1000);
    help_add_chunk(&dump, (struct help_chunk){.type = TP_CHUNK_END}, NULL, 0);
    in = (struct decode_input){.path = "long", .bytes = dump.p, .size = dump.n};
    o.inputs = &in;
    run = help_run(o);
    TP_CHECK_EQ(run.code, 0);
    snprintf(last, sizeof(last), "           <...>-0       [000] .....     0.%06u: t_num: v=%u\n",
             count - 1, count - 1);
    TP_ASSERT(run.out_bytes > strlen(last));
    TP_CHECK_STREQ(run.out + run.out_bytes - strlen(last), last);
    /* 80001 lines of 67 bytes, and as many of 66 as fit 8 MiB with them. */
    TP_CHECK_EQ(run.out_bytes, 80001 * 67 + 45886 * 66);
    TP_CHECK(strncmp(run.out, "           <...>-0       [000] .....     0.054114: t_num: v=54114\n",
                     66) == 0);
    TP_CHECK_STREQ(run.err, "tpdecode: the last 125887 records take 8388608 bytes, there is no "
                            "room for more\n125887 of 180001 records shown, 0 lost\n");
    help_run_free(&run);
    help_free(&dump);
}

/* Whatever allocation fails: code 4, a message, nothing leaked. */
static void select_starve(struct decode_options o, const char *what)
{
    struct help_run run, good = help_run(o);
    unsigned long n = 0;

    TP_CHECK_EQ(good.code, 0);
    do {
        mem_fail_at(++n);
        run = help_run(o);
        if (run.code == 4)
            TP_CHECK(strstr(run.err, "tpdecode: out of memory\n") != NULL);
        else
            TP_CHECK_STREQ(run.out, good.out);
        help_run_free(&run);
    } while (run.code == 4 && n < 1000);
    mem_fail_at(0);
    TP_CHECK_EQ(run.code, 0);
    if (n < 10)
        TP_FAIL("%s: only %lu allocations", what, n);
    help_run_free(&good);
}

TP_TEST(DecoderSelect, MemoryRunsOut)
{
    static struct columns columns;
    static struct template template;
    char path[] = "/tmp/select_test.XXXXXX";
    struct help_bytes dump = help_example();
    struct decode_input in = {.path = "example", .bytes = dump.p, .size = dump.n};
    struct decode_options o = {.inputs = &in, .input_count = 1};
    int fd = mkstemp(path);

    TP_ASSERT(fd >= 0 && write(fd, "0000000000000000 T x\n", 21) == 21);
    close(fd);
    TP_CHECK_STREQ(columns_read(&columns, "next,comm"), NULL);
    TP_CHECK_STREQ(template_read(&template, "%t %{next}"), NULL);
    o.symbols = path;
    select_starve(o, "text");
    o.format = DECODE_CSV;
    o.select.filter = "next >= 0";
    o.select.from = (struct moment){.kind = MOMENT_SINCE, .ns = 0};
    select_starve(o, "csv");
    o.columns = &columns;
    o.has_tail = true;
    o.tail = 5000;
    select_starve(o, "csv, fields, tail");
    o.format = DECODE_TEMPLATE;
    o.template = &template;
    select_starve(o, "template");
    unlink(path);
    help_free(&dump);
}
