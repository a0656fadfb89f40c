/* SPDX-License-Identifier: MIT */
/* answer_test.c - answers: what they count against slow ways to count it, and their limits. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decoder/tool/decode.h"
#include "decoder/base/mem.h"
#include "decoder/base/number.h"
#include "decoder/answer/quantile.h"
#include "help.h"
#include "tp_test.h"

/* --- dumps: one record a chunk, so that anything can stand anywhere --- */

struct answer_dump {
    struct help_bytes bytes;
    uint64_t numbers[65536]; /* of the next record, by CPU */
    uint64_t lost[65536];
};

static struct answer_dump *answer_start(uint32_t events)
{
    struct answer_dump *d = calloc(1, sizeof(*d));

    TP_ASSERT(d != NULL);
    help_add_events(&d->bytes, events, 1);
    return d;
}

static void answer_put(struct answer_dump *d, uint16_t cpu, uint32_t event, uint64_t time,
                       uint32_t k, int64_t v)
{
    uint8_t r[24] = {0};
    uint32_t low = (uint32_t)time, word = TP_RECORD_WORD(event + 1, 3) | TP_RECORD_COMMITTED;

    memcpy(r, &low, 4);
    memcpy(r + 4, &word, 4);
    memcpy(r + 8, &k, 4);
    memcpy(r + 12, &v, 8);
    help_add_chunk(&d->bytes,
                   (struct help_chunk){.type = TP_CHUNK_DATA,
                                       .cpu = cpu,
                                       .records = 1,
                                       .time = time,
                                       .first_record = d->numbers[cpu]++,
                                       .lost = {d->lost[cpu]}},
                   r, sizeof(r));
}

static struct help_run answer_run(const struct answer_dump *d, struct answer_options a, bool json)
{
    struct decode_input in = {.path = "dump", .bytes = d->bytes.p, .size = d->bytes.n};

    a.width = 80;
    return help_run((struct decode_options){
        .format = json ? DECODE_JSON : DECODE_TEXT, .answer = a, .inputs = &in, .input_count = 1});
}

/* Ends the dump, gives its answer, which is not there any more after the next one. */
static const char *answer_give(struct answer_dump *d, struct answer_options a, bool json)
{
    static struct help_run run;

    help_run_free(&run);
    help_add_chunk(&d->bytes, (struct help_chunk){.type = TP_CHUNK_END}, NULL, 0);
    run = answer_run(d, a, json);
    TP_CHECK_EQ(run.code, 0);
    help_free(&d->bytes);
    free(d);
    return run.out;
}

static void answer_has(const char *out, const char *text)
{
    if (!strstr(out, text))
        TP_FAIL("no '%s' in %.3000s", text, out);
}

static uint64_t answer_random(void)
{
    static uint64_t x = 88172645463325252u;

    x ^= x << 13;
    x ^= x >> 7;
    return x ^= x << 17;
}

/* --- distributions --- */

/* Of a sort: small, near to an end of the integers, of any size, signed. */
static __int128 answer_value(unsigned sort)
{
    uint64_t v = answer_random();

    switch (sort % 5) {
    case 0:
        return (__int128)(v % 50) - 25;
    case 1:
        return (__int128)(UINT64_MAX - v % 30);
    case 2:
        return (__int128)INT64_MIN + v % 100;
    case 3:
        return v % 2 ? -(__int128)(v >> 1 >> v % 63) : (__int128)(v >> v % 64);
    default:
        return v % 3 ? (__int128)(v % 1000) : v % 2 ? (__int128)UINT64_MAX : (__int128)INT64_MIN;
    }
}

/* The narrowest buckets that hold all of n values; how many are in that of `v`. */
static uint64_t answer_buckets(const __int128 *values, size_t n, __int128 v, unsigned *shift)
{
    __int128 least = values[0], most = values[0];
    uint64_t same = 0;

    for (size_t i = 0; i < n; i++) {
        least = values[i] < least ? values[i] : least;
        most = values[i] > most ? values[i] : most;
    }
    for (*shift = 0; (most >> *shift) - (least >> *shift) >= SPREAD_LINEAR;)
        ++*shift;
    for (size_t i = 0; i < n; i++)
        same += values[i] >> *shift == v >> *shift;
    return same;
}

static uint64_t answer_bucket_of(const struct spread *s, __int128 v)
{
    __int128 least, most;
    uint64_t found = UINT64_MAX;

    for (unsigned i = 0; i < (s->linear ? SPREAD_LINEAR : SPREAD_LOG2); i++) {
        spread_limits(s, i, &least, &most);
        if (v < least || v > most)
            continue;
        TP_CHECK(found == UINT64_MAX);
        found = s->buckets[i];
    }
    return found;
}

TP_TEST(DecoderAnswer, LinearBucketsAreTheNarrowestThatFit)
{
    for (unsigned round = 0; round < 3000; round++) {
        __int128 values[40];
        size_t n = 1 + answer_random() % 40, half = answer_random() % n;
        struct spread all = {.linear = true}, back = all, first = all, second = all;
        unsigned shift;

        for (size_t i = 0; i < n; i++) {
            values[i] = answer_value(round);
            spread_put(&all, values[i], 1);
            spread_put(i < half ? &first : &second, values[i], 1);
        }
        for (size_t i = n; i--;)
            spread_put(&back, values[i], 1);
        spread_add(&first, &second);
        for (size_t i = 0; i < n; i++) {
            uint64_t same = answer_buckets(values, n, values[i], &shift);

            TP_CHECK_EQ(answer_bucket_of(&all, values[i]), same);
            TP_CHECK_EQ(answer_bucket_of(&back, values[i]), same);
            TP_CHECK_EQ(answer_bucket_of(&first, values[i]), same);
        }
        TP_CHECK_EQ(all.shift, shift);
        TP_CHECK_EQ(back.shift, shift);
        TP_CHECK_EQ(first.shift, shift);
        TP_CHECK(first.sum == all.sum && first.least == all.least && first.most == all.most);
        TP_CHECK_EQ(first.count, n);
    }
}

TP_TEST(DecoderAnswer, PowersOfTwoAreExact)
{
    for (unsigned bit = 0; bit < 64; bit++) {
        __int128 power = (__int128)1 << bit;

        for (int sign = -1; sign <= 1; sign += 2) {
            struct spread s = {0};

            /* The least of a bucket, and the most of that before it. */
            spread_put(&s, sign * power, 3);
            if (sign > 0 || bit <= 63)
                TP_CHECK_EQ(answer_bucket_of(&s, sign * power), 3);
            TP_CHECK_EQ(answer_bucket_of(&s, sign * (power - 1)), 0);
            if (bit < 63)
                TP_CHECK_EQ(answer_bucket_of(&s, sign * (2 * power - 1)), 3);
        }
    }
}

static int answer_order(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

TP_TEST(DecoderAnswer, QuantilesAreAtMostOnePartTooHigh)
{
    static const uint32_t places[][2] = {{50, 100}, {90, 100}, {99, 100}, {999, 1000}, {1, 1}};

    for (unsigned round = 0; round < 300; round++) {
        static struct quantile q;
        uint64_t values[2000], n = 1 + answer_random() % 2000;

        memset(&q, 0, sizeof(q));
        for (uint64_t i = 0; i < n; i++) {
            values[i] = answer_random() >> answer_random() % 64;
            quantile_put(&q, values[i]);
        }
        qsort(values, n, sizeof(values[0]), answer_order);
        for (size_t i = 0; i < 5; i++) {
            uint64_t place = (n * places[i][0] + places[i][1] - 1) / places[i][1] - 1;
            uint64_t got = quantile_get(&q, places[i][0], places[i][1]);

            TP_CHECK(got >= values[place]);
            TP_CHECK(got - values[place] <= values[place] / QUANTILE_PARTS);
        }
        TP_CHECK_EQ(quantile_get(&q, 1, 1), values[n - 1]);
    }
}

/* --- latency --- */

static struct answer_options answer_latency(const char *text, const char *key)
{
    struct answer_options a = {.kind = ANSWER_LATENCY};

    TP_CHECK_STREQ(latency_read(&a.latency, text), NULL);
    a.latency.key = key;
    return a;
}

TP_TEST(DecoderAnswer, LatencyByHand)
{
    struct answer_dump *d = answer_start(3);

    answer_put(d, 0, 1, 1000, 7, 0); /* an end without a start */
    answer_put(d, 0, 0, 2000, 7, 0); /* started again */
    answer_put(d, 1, 0, 3000, 7, 0); /* 12.345 us */
    answer_put(d, 0, 0, 4000, 8, 0); /* 1 us */
    answer_put(d, 0, 2, 4500, 8, 0); /* another event */
    answer_put(d, 0, 1, 5000, 8, 0);
    answer_put(d, 0, 1, 15345, 7, 0);
    answer_put(d, 0, 0, 16000, 9, 0); /* left */
    TP_CHECK_STREQ(answer_give(d, answer_latency("s:e0:s:e1", "k"), false),
                   "s:e0 to s:e1 by k: 2 pairs, 1 starts without an end, "
                   "1 starts started again, 1 ends without a start\n"
                   "   50 %                 1.003 us\n"
                   "   90 %                12.345 us\n"
                   "   99 %                12.345 us\n"
                   " 99.9 %                12.345 us\n"
                   "   most                12.345 us\n"
                   "\n"
                   "ns:\n"
                   "                  512 ..                 1023            1 "
                   "|########################################\n"
                   "                 1024 ..                 2047            0 |\n"
                   "                 2048 ..                 4095            0 |\n"
                   "                 4096 ..                 8191            0 |\n"
                   "                 8192 ..                16383            1 "
                   "|########################################\n"
                   "\n"
                   "the longest:\n"
                   "              12.345 us      0.000003 on cpu 1 to 0.000015 on cpu 0, k=7\n"
                   "               1.000 us      0.000004 on cpu 0 to 0.000005 on cpu 0, k=8\n");
}

/* The ten longest of twelve, of equals the first. */
TP_TEST(DecoderAnswer, LatencyKeepsTheTenLongest)
{
    struct answer_dump *d = answer_start(2);
    const char *out, *at;
    unsigned n = 0;

    for (uint32_t i = 0; i < 12; i++) {
        answer_put(d, 0, 0, 1000 * i, i, 0);
        answer_put(d, 0, 1, 1000 * i + 100 + i % 6, i, 0);
    }
    out = answer_give(d, answer_latency("s:e0:s:e1", "k"), true);
    at = strstr(out, "\"longest\":[");
    TP_ASSERT(at != NULL);
    for (; (at = strstr(at, "{\"key\":")) != NULL; n++) {
        static const unsigned keys[] = {5, 11, 4, 10, 3, 9, 2, 8, 1, 7};

        at += 7;
        TP_ASSERT(n < 10);
        TP_CHECK_EQ(strtoul(at, NULL, 10), keys[n]);
    }
    TP_CHECK_EQ(n, 10);
}

TP_TEST(DecoderAnswer, LatencyDropsTheOldestStart)
{
    for (uint32_t more = 0; more < 2; more++) {
        struct answer_dump *d = answer_start(2);
        const char *out;

        for (uint32_t i = 0; i < LATENCY_OPEN + more; i++)
            answer_put(d, 0, 0, 1 + i, i, 0);
        answer_put(d, 0, 1, 100000, 0, 0); /* of the oldest */
        answer_put(d, 0, 1, 100001, 1, 0);
        out = answer_give(d, answer_latency("s:e0:s:e1", "k"), true);
        answer_has(out, more ? "\"pairs\":1,\"left\":16383," : "\"pairs\":2,\"left\":16382,");
        answer_has(out, more ? "\"dropped\":1,\"ends\":1," : "\"dropped\":0,\"ends\":0,");
    }
}

/* --- histograms with keys --- */

static struct answer_options answer_hist(const char *text, const char *by)
{
    struct answer_options a = {.kind = ANSWER_HIST};

    TP_CHECK_STREQ(hist_read(&a.hist, text), NULL);
    a.hist.by = by;
    return a;
}

TP_TEST(DecoderAnswer, HistHasSoManyKeys)
{
    for (uint32_t more = 0; more < 2; more++) {
        struct answer_dump *d = answer_start(1);
        const char *out;

        for (uint32_t i = 0; i < HIST_KEYS + more; i++)
            for (uint32_t n = 0; n < (i < 16 ? 2 : 1); n++)
                answer_put(d, 0, 0, i, i, 1);
        out = answer_give(d, answer_hist("d", "k"), true);
        answer_has(out, "{\"key\":0,\"count\":2,");
        answer_has(out, "{\"key\":15,\"count\":2,");
        /* 1024 keys: 16 are shown, and 1008 are others with one each. */
        answer_has(out, more ? "\"others\":{\"partial\":true,\"count\":1009,"
                             : "\"others\":{\"partial\":false,\"keys\":1008,\"count\":1008,");
    }
}

/* Thousands of keys that come once, and one that comes often and late: it is on top. */
TP_TEST(DecoderAnswer, HistFindsWhatComesLate)
{
    struct answer_dump *d = answer_start(1);
    const char *out;

    for (uint32_t i = 0; i < 5000; i++)
        answer_put(d, 0, 0, i, i, -1);
    for (uint32_t i = 0; i < 50; i++)
        answer_put(d, 0, 0, 5000 + i, 777777, INT64_MIN);
    out = answer_give(d, answer_hist("d:linear", "k"), true);
    answer_has(out, "\"keys\":[{\"key\":777777,\"count\":50,\"min\":-9223372036854775808,");
    answer_has(out, "\"without\":0,\"count\":5050,");
    answer_has(out, "\"others\":{\"partial\":true,\"count\":4985,\"min\":-1,\"max\":-1,");
}

/* --- counts --- */

TP_TEST(DecoderAnswer, StatsHasSoManyNames)
{
    for (uint32_t more = 0; more < 2; more++) {
        struct answer_dump *d = answer_start(TALLY_EVENTS_MAX + more);
        const char *out;

        for (uint32_t i = 0; i < TALLY_EVENTS_MAX + more; i++)
            answer_put(d, 0, i, i, 0, 0);
        out = answer_give(d, (struct answer_options){.kind = ANSWER_STATS}, true);
        answer_has(out, "{\"event\":\"s:e8191\",\"count\":1,");
        TP_CHECK_EQ(strstr(out, "\"others\",\"count\":1,") != NULL, more);
        answer_has(out, more ? "\"all\":{\"cpus\":1,\"count\":8193," : "\"count\":8192,");
    }
}

/* The first and the last are the least and the most, not those that came first and last. */
TP_TEST(DecoderAnswer, StatsWhereTimeGoesBack)
{
    static const uint64_t times[] = {500, 900, 300, 700};
    struct answer_dump *d = answer_start(1);

    for (size_t i = 0; i < 4; i++)
        answer_put(d, 0, 0, times[i], 0, 0);
    answer_has(answer_give(d, (struct answer_options){.kind = ANSWER_STATS}, true),
               "\"span_ns\":600,\"events\":[{\"event\":\"s:e0\",\"count\":4,"
               "\"rate\":6666666.666,\"bytes\":96,\"first_ns\":300,\"last_ns\":900}]");
}

/* Losses that no 64 bits can sum up stick at their end. */
TP_TEST(DecoderAnswer, StatsSumsDoNotWrap)
{
    struct answer_dump *d = answer_start(1);

    for (uint16_t cpu = 0; cpu < 2; cpu++) {
        answer_put(d, cpu, 0, 1 + cpu, 0, 0);
        d->lost[cpu] = UINT64_MAX - 5;
        answer_put(d, cpu, 0, 3 + cpu, 0, 0);
    }
    answer_has(answer_give(d, (struct answer_options){.kind = ANSWER_STATS}, true),
               "\"lost\":{\"full\":18446744073709551615},\"lost_sum\":18446744073709551615}}");
}

/* Nor do those of what is printed. */
TP_TEST(DecoderAnswer, TotalsDoNotWrap)
{
    struct answer_dump *d = answer_start(1);
    struct help_run run;

    for (uint16_t cpu = 0; cpu < 2; cpu++) {
        d->lost[cpu] = cpu ? 1 : UINT64_MAX;
        answer_put(d, cpu, 0, 1, 0, 0);
    }
    help_add_chunk(&d->bytes, (struct help_chunk){.type = TP_CHUNK_END}, NULL, 0);
    run = help_decode("dump", d->bytes.p, d->bytes.n, HELP_TEXT);
    TP_CHECK_STREQ(run.err, "2 records, 18446744073709551615 lost\n");
    help_run_free(&run);
    help_free(&d->bytes);
    free(d);
}

/* --- all CPUs there can be, and times that jump --- */

TP_TEST(DecoderAnswer, EveryCpuAndTime)
{
    static const enum answer_kind kinds[] = {ANSWER_STATS, ANSWER_TIMELINE};

    for (size_t i = 0; i < 2; i++) {
        struct answer_dump *d = answer_start(1);
        const char *out;

        for (uint32_t cpu = 0; cpu < 65535; cpu++)
            answer_put(d, (uint16_t)cpu, 0, cpu, 0, 0);
        answer_put(d, 3, 0, UINT64_MAX, 0, 0);
        out = answer_give(d, (struct answer_options){.kind = kinds[i]}, true);
        if (kinds[i] == ANSWER_STATS) {
            answer_has(out, "\"cpus\":[{\"cpu\":3,\"count\":2,");
            answer_has(out, "{\"cpu\":65534,\"count\":1,");
            continue;
        }
        /* 2^64 ns in 64 columns of 2^58. */
        answer_has(out, "\"start_ns\":0,\"column_ns\":288230376151711744,\"columns\":64,");
        answer_has(out, "{\"cpu\":255,\"counts\":[1,0,");
        answer_has(out, "{\"cpu\":null,\"counts\":[65279,0,");
        TP_CHECK(strstr(out, "\"cpu\":256,") == NULL);
    }
}

/* Columns against a count by hand, whatever the times; also such that come before the first. */
TP_TEST(DecoderAnswer, TimelineCountsAll)
{
    for (unsigned round = 0; round < 200; round++) {
        struct answer_dump *d = answer_start(1);
        uint64_t times[50], n = 1 + answer_random() % 50, base, start, width, columns, sum = 0;
        const char *out, *at;

        for (uint64_t i = 0; i < n; i++)
            times[i] = answer_random() >> round % 64;
        if (round % 2)
            qsort(times, n, sizeof(times[0]), answer_order);
        for (uint64_t i = 0; i < n; i++)
            answer_put(d, 0, 0, times[i], 0, 0);
        base = times[0];
        out = answer_give(d, (struct answer_options){.kind = ANSWER_TIMELINE}, true);
        TP_ASSERT(sscanf(out,
                         "{\"answer\":\"timeline\",\"start_ns\":%" SCNu64 ",\"column_ns\":%" SCNu64
                         ",\"columns\":%" SCNu64,
                         &start, &width, &columns) == 3);
        TP_CHECK(columns <= 68 && columns >= 1);
        at = strstr(out, "\"counts\":[");
        TP_ASSERT(at != NULL);
        at += 10;
        for (uint64_t c = 0; c < columns; c++) {
            uint64_t got = strtoull(at, (char **)&at, 10), want = 0;

            for (uint64_t i = 0; i < n; i++) {
                __int128 since = (__int128)times[i] - base;
                __int128 first = (__int128)start - base;

                /* A first column that begins before time 0 is told to begin there. */
                if (!start)
                    first = (first - (__int128)(width - 1)) / (__int128)width * (__int128)width;
                want += since >= first + (__int128)(c * (unsigned __int128)width) &&
                        since < first + (__int128)((c + 1) * (unsigned __int128)width);
            }
            TP_CHECK_EQ(got, want);
            sum += got;
            at++;
        }
        TP_CHECK_EQ(sum, n);
    }
}

/* --- memory --- */

/* Whatever allocation fails: code 4, a message, nothing leaked. */
static void answer_starve(struct decode_options o)
{
    struct help_run run, good = help_run(o);
    unsigned long n = 0;

    TP_CHECK_EQ(good.code, 0);
    do {
        mem_fail_at(++n);
        run = help_run(o);
        if (run.code != 4)
            TP_CHECK_STREQ(run.out, good.out);
        help_run_free(&run);
    } while (run.code == 4 && n < 1000);
    mem_fail_at(0);
    TP_CHECK_EQ(run.code, 0);
    TP_CHECK(n >= 10);
    help_run_free(&good);
}

TP_TEST(DecoderAnswer, MemoryRunsOut)
{
    struct help_bytes dump = help_example();
    struct decode_input in[2] = {{.path = "a", .bytes = dump.p, .size = dump.n},
                                 {.path = "b", .bytes = dump.p, .size = dump.n}};
    struct decode_options o = {.inputs = in, .input_count = 1};

    o.answer.kind = ANSWER_STATS;
    answer_starve(o);
    o.answer = answer_hist("next", "why");
    answer_starve(o);
    o.answer = answer_latency("sched:switch:sched:switch", "cpu");
    answer_starve(o);
    o.answer = (struct answer_options){.kind = ANSWER_TIMELINE, .width = 80};
    answer_starve(o);
    o.answer.kind = ANSWER_DIFF;
    o.input_count = 2;
    answer_starve(o);
    help_free(&dump);
}
