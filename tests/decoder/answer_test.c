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
#include "role_help.h"
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

    a.timeline.width = 80;
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
    TP_CHECK_STREQ(latency_read_key(&a.latency, key), NULL);
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
                   "|####################\n"
                   "                 1024 ..                 2047            0 |\n"
                   "                 2048 ..                 4095            0 |\n"
                   "                 4096 ..                 8191            0 |\n"
                   "                 8192 ..                16383            1 "
                   "|####################\n"
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

        for (uint32_t i = 0; i < MATCH_OPEN + more; i++)
            answer_put(d, 0, 0, 1 + i, i, 0);
        answer_put(d, 0, 1, 100000, 0, 0); /* of the oldest */
        answer_put(d, 0, 1, 100001, 1, 0);
        out = answer_give(d, answer_latency("s:e0:s:e1", "k"), true);
        answer_has(out, more ? "\"pairs\":1,\"left\":16383," : "\"pairs\":2,\"left\":16382,");
        answer_has(out, more ? "\"dropped\":1,\"ends\":1," : "\"dropped\":0,\"ends\":0,");
    }
}

/* --- latency and losses --- */

#define ANSWER_ROUND 60u

struct answer_record {
    uint64_t time, from; /* from: 0, or what was lost before it was lost after this */
    uint32_t cpu, event, key;
    bool loss;
};

/* Records in the order of time, some with a loss before them. */
static struct answer_dump *answer_lossy(struct answer_record *r)
{
    struct answer_dump *d = answer_start(2);
    uint64_t last[3] = {0};

    for (uint32_t i = 0; i < ANSWER_ROUND; i++) {
        r[i] = (struct answer_record){.time = 10 + 10 * i,
                                      .cpu = answer_random() % 3,
                                      .event = answer_random() % 2,
                                      .key = answer_random() % 4,
                                      .loss = answer_random() % 12 == 0};
        r[i].from = last[r[i].cpu];
        last[r[i].cpu] = r[i].time;
        d->lost[r[i].cpu] += r[i].loss;
        answer_put(d, (uint16_t)r[i].cpu, r[i].event, r[i].time, r[i].key, 0);
    }
    return d;
}

static bool answer_crosses(const struct answer_record *r, uint64_t start, uint64_t end)
{
    for (uint32_t i = 0; i < ANSWER_ROUND; i++)
        if (r[i].loss && r[i].from < end && r[i].time > start)
            return true;
    return false;
}

/* All pairs as if nothing was lost; those that no loss crosses. */
static uint64_t answer_pairs(const struct answer_record *r, uint64_t *sum)
{
    uint64_t start[4] = {0}, n = 0;

    *sum = 0;
    for (uint32_t i = 0; i < ANSWER_ROUND; i++) {
        uint64_t *s = &start[r[i].key];

        if (r[i].event == 0) {
            *s = r[i].time;
        } else if (*s) {
            n += !answer_crosses(r, *s, r[i].time);
            *sum += answer_crosses(r, *s, r[i].time) ? 0 : r[i].time - *s;
            *s = 0;
        }
    }
    return n;
}

TP_TEST(DecoderAnswer, LatencyCrossesNoLoss)
{
    uint64_t some = 0;

    for (uint32_t round = 0; round < 100; round++) {
        struct answer_record r[ANSWER_ROUND];
        struct answer_dump *d = answer_lossy(r);
        uint64_t sum, want = answer_pairs(r, &sum), got, lost = 0, told, across;
        const char *out, *at;

        for (uint32_t i = 0; i < ANSWER_ROUND; i++)
            lost += r[i].loss;
        out = answer_give(d, answer_latency("e0:e1", "k"), true);
        at = strstr(out, "\"pairs\":");
        TP_ASSERT(at && sscanf(at, "\"pairs\":%" SCNu64, &got) == 1);
        TP_CHECK_EQ(got, want);
        at = strstr(out, "\"lost\":");
        TP_ASSERT(at && sscanf(at, "\"lost\":%" SCNu64 ",\"across_losses\":%" SCNu64, &told,
                               &across) == 2);
        TP_CHECK_EQ(told, lost);
        if (!lost)
            TP_CHECK_EQ(across, 0);
        for (at = out; want && (at = strstr(at, "{\"key\":")) != NULL; at++) {
            uint64_t start = strtoull(strstr(at, "start_ns\":") + 10, NULL, 10);
            uint64_t end = strtoull(strstr(at, "end_ns\":") + 8, NULL, 10);

            TP_CHECK(!answer_crosses(r, start, end));
        }
        if (want) {
            char mean[64];

            snprintf(mean, sizeof(mean), "\"mean\":%" PRIu64 ".%03" PRIu64, sum / want,
                     sum % want * 1000 / want);
            answer_has(out, mean);
        }
        some += want && across;
    }
    TP_CHECK(some > 30);
}

/* CPU 1 has pairs from 150 to 250, and from 2100 to 2200; what is lost on CPU 0 before 1000. */
static const char *answer_between(unsigned cause, bool bad)
{
    static struct help_run run;
    struct help_bytes b = {0};
    struct decode_input in = {.path = "dump"};
    struct answer_options a = answer_latency("num,num", "cpu");
    uint8_t v[16] = {0};
    uint32_t word = TP_RECORD_WORD(1, 2) | TP_RECORD_COMMITTED, time = 1000;
    struct help_chunk c = {.type = TP_CHUNK_DATA, .records = 1, .time = time, .first_record = 3};

    help_run_free(&run);
    help_add_metadata(&b, 2);
    help_add_records(&b, 0, 0, 3, 100, 100);
    if (bad)
        b.p[b.n - 1] ^= 1;
    help_add_records(&b, 1, 0, 2, 150, 100);
    memcpy(v, &time, sizeof(time));
    memcpy(v + 4, &word, sizeof(word));
    c.lost[cause] = !bad;
    help_add_chunk(&b, c, v, sizeof(v));
    help_add_records(&b, 1, 2, 2, 2100, 100);
    help_add_chunk(&b, (struct help_chunk){.type = TP_CHUNK_END}, NULL, 0);
    in.bytes = b.p;
    in.size = b.n;
    a.timeline.width = 80;
    run = help_run((struct decode_options){
        .format = DECODE_JSON, .answer = a, .inputs = &in, .input_count = 1});
    TP_CHECK_EQ(run.code, bad);
    help_free(&b);
    return run.out;
}

TP_TEST(DecoderAnswer, LatencyKnowsWhenItWasLost)
{
    /* After the last record, at 300: of CPU 0 the pairs before that, of CPU 1 the one before that. */
    answer_has(answer_between(TP_LOST_FULL, false), "\"pairs\":4,");
    answer_has(answer_between(TP_LOST_FULL, false), "\"lost\":1,\"across_losses\":2,");
    /* At any time since the first, at 100. */
    answer_has(answer_between(TP_LOST_RECURSION, false), "\"pairs\":1,");
    answer_has(answer_between(TP_LOST_OVERSIZE, false), "\"pairs\":1,");
    /* The chunk itself, up to 1000. */
    answer_has(answer_between(0, true), "\"pairs\":1,");
    answer_has(answer_between(0, true), "\"lost\":3,");
}

/* The pipes of two CPUs are one capture, and what one of them lost may be the end of what began in the
 * other. Two captures are not one. */
TP_TEST(DecoderAnswer, LatencyOfPipesOfEachCpu)
{
    static const struct role_event events[] = {{.text = "s:e0 u32:k"}, {.text = "s:e1 u32:k"}};
    static const struct {
        uint64_t stream, lost;
        const char *has;
    } cases[] = {{1, 0, "\"pairs\":1,\"left\":0,\"restarted\":0,\"dropped\":0,\"ends\":0,"},
                 {1, 1, "\"pairs\":0,\"left\":0,\"restarted\":0,\"dropped\":0,\"ends\":1,"},
                 {2, 0, "\"pairs\":0,\"left\":1,\"restarted\":0,\"dropped\":0,\"ends\":1,"}};

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct role_dump *d[2] = {role_open(events, 2, 1), role_open(events, 2, cases[i].stream)};
        struct help_run run;

        ROLE_PUT(d[0], 0, 100, 1, 7);
        d[1]->lost[1] = cases[i].lost;
        ROLE_PUT(d[1], 1, 200, 2, 7);
        run = role_run(d, 2,
                       (struct decode_options){.format = DECODE_JSON,
                                               .answer = answer_latency("s:e0:s:e1", "k")},
                       NULL);
        TP_CHECK_EQ(run.code, 0);
        answer_has(run.out, cases[i].has);
        help_run_free(&run);
        role_close(d[0]);
        role_close(d[1]);
    }
}

/* Pairs are held back for a loss that is told late: so many, and no more. */
TP_TEST(DecoderAnswer, LatencyLooksBackSoFar)
{
    for (uint32_t more = 0; more < 2; more++) {
        struct answer_dump *d = answer_start(1);
        struct help_run run;

        answer_put(d, 1, 0, 1, 0, 0);
        for (uint32_t i = 0; i < MATCH_RECENT + 1 + more; i++)
            answer_put(d, 0, 0, 10 + i, 0, 0);
        d->lost[1] = 1;
        answer_put(d, 1, 0, 1000000, 0, 0);
        help_add_chunk(&d->bytes, (struct help_chunk){.type = TP_CHUNK_END}, NULL, 0);
        run = answer_run(d, answer_latency("e0:e0", "cpu"), true);
        answer_has(run.out, more ? "\"pairs\":1," : "\"pairs\":0,");
        answer_has(run.out, "\"lost\":1,\"across_losses\":16386,");
        TP_CHECK_EQ(strstr(run.err, "1 losses began before the last 16384 pairs: earlier ones that "
                                    "they may have changed are counted") != NULL,
                    more);
        help_run_free(&run);
        help_free(&d->bytes);
        free(d);
    }
}

/* --- names of events --- */

static void answer_event(struct metadata_event *e, const char *sys, const char *name)
{
    *e = (struct metadata_event){.sys = {sys, (uint32_t)strlen(sys)},
                                 .name = {name, (uint32_t)strlen(name)}};
}

static int answer_said(void *context, const void *bytes, size_t n)
{
    help_add(context, bytes, n);
    return 0;
}

/* Of a:one, a:two, b:two and a_b:six, what is it, or what is said? */
static void answer_choice(const char *text, const char *found, const char *said)
{
    struct metadata_event e[4], *events[4] = {&e[0], &e[1], &e[2], &e[3]};
    struct metadata m = {.events = events, .event_slots = 4};
    struct help_bytes err = {0};
    struct diag diag = {.sink = {answer_said, &err}};
    struct choice_name name;
    struct choice c;

    answer_event(&e[0], "a", "one");
    answer_event(&e[1], "a", "two");
    answer_event(&e[2], "b", "two");
    answer_event(&e[3], "a_b", "six");
    TP_ASSERT(choice_read(&name, text, strlen(text)));
    choice_open(&c, &name);
    choice_learn(&c, &m);
    TP_CHECK_EQ(choice_made(&c, "--latency", &diag), !said);
    help_add(&err, "", 1);
    if (said)
        answer_has((const char *)err.p, said);
    else
        TP_CHECK_STREQ(c.found, found);
    help_free(&err);
}

TP_TEST(DecoderAnswer, EventsByName)
{
    answer_choice("a:one", "a:one", NULL);
    answer_choice("one", "a:one", NULL);
    answer_choice("a_one", "a:one", NULL);
    answer_choice("b:two", "b:two", NULL);
    answer_choice("b_two", "b:two", NULL);
    answer_choice("a_b_six", "a_b:six", NULL);
    answer_choice("two", NULL, "--latency: 'two' is a:two and b:two: say which");
    answer_choice("b:one", NULL, "no event is 'b:one': did you mean 'a:one'?");
    answer_choice("oen", NULL, "no event is 'oen': did you mean 'one'?");
    answer_choice("else", NULL, "no event is 'else'; --list-events shows what there is");
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
    answer_has(out, "\"without\":0,\"lost\":0,\"count\":5050,");
    answer_has(out, "\"others\":{\"partial\":true,\"count\":4985,\"min\":-1,\"max\":-1,");
}

/* Texts: so many are shown; those that are the same up to 128 bytes are one. */
TP_TEST(DecoderAnswer, HistShowsSoManyNames)
{
    for (uint32_t more = 0; more < 2; more++) {
        struct hist h;
        struct help_bytes text = {0};
        struct hist_options o;
        struct out out;
        struct diag diag = {.sink = {answer_said, &text}};
        char bytes[TP_LIMIT_NAME_BYTES + 8];
        struct metadata_field f = {.type = METADATA_CHAR, .array = true, .width = 1};
        struct metadata_event e = {
            .id = 1, .sys = {"t", 1}, .name = {"x", 1}, .field_count = 1, .fields = &f};
        struct stream s = {.number = 0};
        struct stream_lane lane = {.stream = &s, .item = STREAM_EVENT};

        TP_CHECK_STREQ(hist_read(&o, "x"), NULL);
        o.by = NULL;
        out_open(&out, (struct out_sink){answer_said, &text});
        hist_open(&h, &out, &o, true, &diag);
        f.name = (struct metadata_text){"x", 1};
        for (uint32_t i = 0; i < HIST_NAMES + more; i++) {
            f.size = f.count = (uint32_t)snprintf(bytes, sizeof(bytes), "n%" PRIu32, i);
            e.bytes = f.size;
            lane.record = (struct record){.id = 1, .bytes = f.size, .fields = (uint8_t *)bytes};
            h.sink.event(&h.sink, &lane, &e);
        }
        h.sink.end(&h.sink);
        out_flush(&out);
        help_add(&text, "", 1);
        answer_has((const char *)text.p, more ? "\"count\":33,\"names\":[" : "\"count\":32,");
        TP_CHECK_EQ(strstr((const char *)text.p, "\"others\":{\"partial\":false,\"keys\":1,"
                                                 "\"count\":1}") != NULL,
                    more);
        out_close(&out);
        h.sink.close(&h.sink);
        help_free(&text);
    }
}

/* --- what a dump is --- */

/* Captures of one input, one after the other: so many are shown, and so many listed. */
TP_TEST(DecoderAnswer, InfoHasSoManyCaptures)
{
    static const uint32_t counts[] = {INFO_SHOWN, INFO_SHOWN + 1, INFO_CAPTURES, INFO_CAPTURES + 1};

    for (size_t i = 0; i < 4; i++) {
        struct answer_dump *d = calloc(1, sizeof(*d));
        struct answer_options a = {.kind = ANSWER_INFO};
        struct help_run text, json;
        uint32_t listed = 0;
        char more[64];

        TP_ASSERT(d != NULL);
        for (uint32_t n = 0; n < counts[i]; n++) {
            struct help_bytes b = {.stream = UINT64_MAX};

            help_add_metadata(&b, 1);
            help_add_records(&b, 0, 0, 2, 1000 + n, 10);
            help_add_chunk(&b, (struct help_chunk){.type = TP_CHUNK_END}, NULL, 0);
            help_add(&d->bytes, b.p, b.n);
            help_free(&b);
        }
        text = answer_run(d, a, false);
        json = answer_run(d, a, true);
        snprintf(more, sizeof(more), "and %" PRIu32 " captures more\n", counts[i] - INFO_SHOWN);
        TP_CHECK_EQ(strstr(text.out, more) != NULL, counts[i] > INFO_SHOWN);
        for (const char *at = json.out; (at = strstr(at, "{\"capture\":")) != NULL; at++)
            listed++;
        TP_CHECK_EQ(listed, counts[i] < INFO_CAPTURES ? counts[i] : INFO_CAPTURES);
        answer_has(json.out, i == 3 ? "\"captures_more\":1}" : "\"captures_more\":0}");
        help_run_free(&text);
        help_run_free(&json);
        help_free(&d->bytes);
        free(d);
    }
}

/* Metadata that has no event that is new may still say on which machine it was. */
TP_TEST(DecoderAnswer, InfoKnowsAHostThatIsToldLate)
{
    static const char host[] = "\x64host\x62h1";
    struct answer_dump *d = calloc(1, sizeof(*d));
    struct help_bytes later = {0};
    size_t n;

    TP_ASSERT(d != NULL);
    help_add_metadata(&d->bytes, 1);
    for (n = d->bytes.n; !d->bytes.p[n - 1];) /* what fills it up */
        n--;
    help_add(&later, d->bytes.p + sizeof(struct tp_wire_chunk), n - sizeof(struct tp_wire_chunk));
    later.p[0]++; /* keys */
    help_add(&later, host, sizeof(host) - 1);
    help_add_chunk(&d->bytes, (struct help_chunk){.type = TP_CHUNK_METADATA}, later.p, later.n);
    help_add_records(&d->bytes, 0, 0, 1, 1000, 1);
    answer_has(answer_give(d, (struct answer_options){.kind = ANSWER_INFO}, true),
               "\"host\":\"h1\"");
    help_free(&later);
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
        /* 61 columns are allowed: 2^64 ns in 512 of 2^55, of which 9 are the least that are one. */
        answer_has(out, "\"start_ns\":0,\"column_ns\":324259173170675712,\"columns\":57,");
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
    o.answer.kind = ANSWER_INFO;
    answer_starve(o);
    o.answer = answer_hist("next", "why");
    answer_starve(o);
    o.answer = answer_latency("sched:switch:sched:switch", "cpu");
    answer_starve(o);
    o.answer = (struct answer_options){.kind = ANSWER_TIMELINE, .timeline.width = 80};
    answer_starve(o);
    o.answer.kind = ANSWER_DIFF;
    o.input_count = 2;
    answer_starve(o);
    help_free(&dump);
}
