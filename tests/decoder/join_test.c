/* SPDX-License-Identifier: MIT */
/*
 * join_test.c - one capture in several inputs: a stream, and the image of the crash that ended it.
 *
 * Event n of a CPU has the value n and the time n microseconds, in all of them.
 */
#include "decoder/order/join.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "region_help.h"
#include "tp_test.h"

#define JOIN_STREAM 0x5eedu

static void join_metadata(struct help_bytes *to, uint8_t cpus, uint64_t stream, uint64_t boot)
{
    struct help_bytes m = {0};

    help_add_metadata(&m, cpus);
    help_add_chunk(to,
                   (struct help_chunk){.type = TP_CHUNK_METADATA, .stream = stream, .time = boot},
                   m.p + TP_WIRE_CHUNK_BYTES, m.n - TP_WIRE_CHUNK_BYTES);
    help_free(&m);
}

/* Events first..end of a CPU. */
static void join_data(struct help_bytes *to, uint16_t cpu, uint32_t first, uint32_t end)
{
    uint32_t r[64][4] = {0};

    for (uint32_t v = first; v < end; v++)
        memcpy(r[v - first], (uint32_t[4]){1000 * v, 0x80020001, v, 0}, 16);
    help_add_chunk(to,
                   (struct help_chunk){.type = TP_CHUNK_DATA,
                                       .stream = JOIN_STREAM,
                                       .cpu = cpu,
                                       .records = end - first,
                                       .time = 1000 * first,
                                       .first_record = first},
                   r, 16 * (end - first));
}

/* The stream of CPUs 0 and 1: these ranges of both, each a chunk. */
static struct help_bytes join_stream(const uint32_t (*ranges)[2], unsigned n)
{
    struct help_bytes b = {0};

    join_metadata(&b, 2, JOIN_STREAM, 0);
    for (unsigned i = 0; i < n; i++)
        for (uint16_t cpu = 0; cpu < 2; cpu++)
            join_data(&b, cpu, ranges[i][0], ranges[i][1]);
    return b;
}

/* Memory with events 3 to 13 of CPUs 0 and 1; those before are gone. */
static struct memory join_image(uint16_t flags)
{
    struct memory m = {.cpus = 2, .flags = flags, .stream = JOIN_STREAM};

    memory_make(&m);
    for (uint32_t cpu = 0; cpu < 2; cpu++) {
        uint32_t at;

        for (uint32_t i = 1; i < 4; i++)
            memory_full(&m, cpu, i, 3 * i, 3);
        at = memory_current(&m, cpu, 4, 12, 2);
        memory_ring(&m, cpu,
                    (struct memory_ring){.cursor = 4, .offset = at, .limit = 5, .gone = {3, 3}});
    }
    return m;
}

static struct help_run join_run(const struct help_bytes *a, const struct help_bytes *b, bool stats)
{
    struct decode_input in[2] = {{.path = "a", .bytes = a->p, .size = a->n},
                                 {.path = "b", .bytes = b->p, .size = b->n}};
    struct decode_options o = {.inputs = in, .input_count = 2};

    o.answer.kind = stats ? ANSWER_STATS : ANSWER_NONE;
    return help_run(o);
}

/* The values of a CPU, each as a letter: a is 0. */
static void join_values(const char *out, uint32_t cpu, char *to)
{
    char mark[8];

    snprintf(mark, sizeof(mark), "[%03u]", (unsigned)cpu);
    for (const char *p = out; (p = strstr(p, mark)); p++)
        *to++ = (char)('a' + strtol(strstr(p, "v=") + 2, NULL, 10));
    *to = '\0';
}

/* In both orders: these events of each CPU, so many lost of each, so many copies in all. */
static void join_expect(const char *what, const struct help_bytes *a, const struct help_bytes *b,
                        const char *values, unsigned lost, unsigned copies)
{
    for (unsigned order = 0; order < 4; order++) {
        struct help_run run = order & 1 ? join_run(b, a, order & 2) : join_run(a, b, order & 2);
        char sum[64], shared[64], got[128];

        snprintf(sum, sizeof(sum), "\n%zu records, %u lost", 2 * strlen(values), 2 * lost);
        snprintf(shared, sizeof(shared), "%u records are in another input too, and are shown once",
                 copies);
        if (!strstr(run.err, sum) || (copies && !strstr(run.err, shared)))
            TP_FAIL("%s, order %u: not %s, %s:\n%s", what, order, sum, shared, run.err);
        for (uint32_t cpu = 0; cpu < 2 && !(order & 2); cpu++) {
            join_values(run.out, cpu, got);
            if (strcmp(got, values) != 0)
                TP_FAIL("%s, order %u: %s, not %s", what, order, got, values);
        }
        /* What is lost is shown where it is lost, and the answer has the same. */
        snprintf(sum, sizeof(sum), order & 2 ? "%9u" : ": %u records lost here",
                 order & 2 ? 2 * lost : lost);
        if (lost && !strstr(run.out, sum))
            TP_FAIL("%s, order %u: not %s:\n%s", what, order, sum, run.out);
        if (!lost && strstr(run.out, "lost here"))
            TP_FAIL("%s, order %u: %s", what, order, run.out);
        help_run_free(&run);
    }
}

TP_TEST(DecoderJoin, AStreamAndTheImageOfItsCrash)
{
    static const struct {
        const char *what;
        uint32_t ranges[4][2];
        unsigned count, lost, copies;
        const char *values;
    } cases[] = {
        {"overlap", {{0, 5}, {5, 10}}, 2, 0, 14, "abcdefghijklmn"},
        {"all of the image", {{0, 14}}, 1, 0, 22, "abcdefghijklmn"},
        {"more than the image", {{0, 14}, {14, 16}}, 2, 0, 22, "abcdefghijklmnop"},
        {"they touch", {{0, 3}}, 1, 0, 0, "abcdefghijklmn"},
        {"one is in neither", {{0, 2}}, 1, 1, 0, "abdefghijklmn"},
        {"a hole of the stream, half filled", {{0, 2}, {6, 8}}, 2, 1, 4, "abdefghijklmn"},
        {"a hole of the stream, filled", {{0, 5}, {9, 10}}, 2, 0, 6, "abcdefghijklmn"},
        {"from the middle on", {{5, 10}}, 1, 0, 10, "defghijklmn"},
    };

    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        for (unsigned over = 0; over < 2; over++) {
            struct help_bytes stream = join_stream(cases[i].ranges, cases[i].count);
            struct memory image = join_image(over ? MEMORY_OVERWRITE : 0);

            if (over && cases[i].ranges[0][0]) /* then it is known what was overwritten */
                join_expect(cases[i].what, &stream, &image.b, cases[i].values, 3, cases[i].copies);
            else
                join_expect(cases[i].what, &stream, &image.b, cases[i].values, cases[i].lost,
                            cases[i].copies);
            help_free(&stream);
            help_free(&image.b);
        }
}

/* Records of a chunk that is damaged in the stream are taken from the image. */
TP_TEST(DecoderJoin, WhatIsDamagedInOneIsInTheOther)
{
    struct help_bytes stream = join_stream((const uint32_t[][2]){{0, 5}, {5, 8}}, 2);
    struct memory image = join_image(0);

    stream.p[stream.n - 4] ^= 1; /* the last record of CPU 1 */
    for (unsigned order = 0; order < 2; order++) {
        struct help_run run = order ? join_run(&image.b, &stream, false)
                                    : join_run(&stream, &image.b, false);
        char got[128];

        join_values(run.out, 1, got);
        TP_CHECK_STREQ(got, "abcdefghijklmn");
        TP_CHECK(strstr(run.err, "\n28 records, 0 lost, 1 chunks damaged\n") != NULL);
        TP_CHECK_EQ(run.code, 1);
        help_run_free(&run);
    }
    help_free(&stream);
    help_free(&image.b);
}

/* Two files that were written one after the other, the second from the middle on. */
TP_TEST(DecoderJoin, TwoPartsOfAStream)
{
    struct help_bytes first = join_stream((const uint32_t[][2]){{0, 5}, {5, 8}}, 2), second = {0};

    for (uint16_t cpu = 0; cpu < 2; cpu++)
        join_data(&second, cpu, 7, 14);
    join_metadata(&second, 2, JOIN_STREAM, 0); /* repeated: seq 0 would be chunk 0 */
    for (uint16_t cpu = 0; cpu < 2; cpu++)
        join_data(&second, cpu, 14, 16);
    join_expect("two parts", &first, &second, "abcdefghijklmnop", 0, 2);
    join_expect("a file and itself", &first, &first, "abcdefgh", 0, 16);
    help_free(&first);
    help_free(&second);
}

/* Two boots with one number: their chunks 0 differ, and they are no copies of each other. */
TP_TEST(DecoderJoin, BootsAreNotCopies)
{
    struct help_bytes boots[2] = {{0}, {0}};
    struct help_run run;

    for (unsigned i = 0; i < 2; i++) {
        join_metadata(&boots[i], 1, JOIN_STREAM, i);
        join_data(&boots[i], 0, 0, 4);
    }
    run = join_run(&boots[0], &boots[1], false);
    TP_CHECK(strstr(run.err, "\n8 records, 0 lost\n") != NULL);
    TP_CHECK(!strstr(run.err, "another input"));
    help_run_free(&run);
    help_free(&boots[0]);
    help_free(&boots[1]);
}

/* So many captures of a file are remembered for another; of more, the oldest is not. */
TP_TEST(DecoderJoin, SoManyAreKept)
{
    struct join_list l = {.inputs = 2};

    for (unsigned more = 0; more < 2; more++) {
        struct stream a = {.number = 0, .joins = &l}, b = {.number = 1, .joins = &l};
        struct join *first;

        join_enter(&a, 1000);
        first = a.join;
        join_leave(&a);
        for (uint64_t i = 1; i < JOIN_KEPT + more; i++) {
            join_enter(&a, 1000 + i);
            join_leave(&a);
        }
        TP_CHECK_EQ(l.idle, JOIN_KEPT);
        if (!more) {
            join_enter(&b, 1000);
            TP_CHECK(b.join == first);
            join_leave(&b);
        } else {
            join_enter(&b, 1000 + JOIN_KEPT);
            TP_CHECK_EQ(l.idle, JOIN_KEPT - 1); /* the newest is there */
            join_leave(&b);
            join_enter(&b, 1000);
            TP_CHECK_EQ(l.idle, JOIN_KEPT); /* a new one */
            join_leave(&b);
        }
        join_free(&l);
    }
}
