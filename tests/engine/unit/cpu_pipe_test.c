/* SPDX-License-Identifier: MIT */
/* The pipes of single CPUs: each gives a dump in itself. */
#include "support.h"

static const struct tp_config config = {
    .name = "t", .cpus = 2, .subbuf_bytes = 512, .subbufs = 8, .cpu_pipes = true};
static const struct tp_config recorder = {.name = "t",
                                          .cpus = 2,
                                          .subbuf_bytes = 512,
                                          .subbufs = 4,
                                          .mode = TP_OVERWRITE,
                                          .cpu_pipes = true};

/* One of these on that CPU; a sub-buffer has room for 25. */
static void fire(unsigned cpu, unsigned n)
{
    test_cpu = cpu;
    trace_sched_pair(n, cpu);
}

static void fire_many(unsigned cpu, unsigned from, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        fire(cpu, from + i);
}

/* At most so many bytes, in reads of `step`. */
static void take(struct tp_trace *t, uint32_t cpu, struct test_dump *d, size_t most, size_t step)
{
    static uint8_t buffer[65536];
    long n = 1;

    while (most && n > 0) {
        n = tp_cpu_pipe_read(t, cpu, buffer, step < most ? step : most);
        TP_CHECK(n >= 0);
        if (n > 0) {
            test_append(d, buffer, (size_t)n);
            most -= (size_t)n;
        }
    }
}

static void drain(struct tp_trace *t, uint32_t cpu, struct test_dump *d)
{
    take(t, cpu, d, SIZE_MAX, 4096);
}

/* What tpdecode makes of several files: each pair as "cpu:n ", and its last words. */
static void decodes_to(const struct test_dump *dump, unsigned dumps, const char *pairs,
                       const char *last)
{
    struct test_dump out = {0}, diag = {0};
    static const char pair[] = ": sched_pair: a=";
    char all[8192] = "";
    size_t used = 0;

    TP_CHECK_EQ(test_decode_files(dump, dumps, &out, &diag), 0);
    for (const char *p = (char *)out.bytes; (p = strstr(p, pair)) && used < 8000;) {
        p += sizeof(pair) - 1;
        used += (size_t)sprintf(all + used, "%d:%d ", atoi(strstr(p, " b=") + 3), atoi(p));
    }
    if (pairs)
        TP_CHECK_STREQ(all, pairs);
    TP_CHECK_STREQ((char *)diag.bytes, last);
    test_dump_free(&out);
    test_dump_free(&diag);
}

static void types(const struct test_dump *d, char *to)
{
    const struct tp_wire_chunk *h;

    for (size_t at = 0; at < d->size; at += h->size_bytes) {
        h = (const struct tp_wire_chunk *)(const void *)(d->bytes + at);
        *to++ = "?MDTCEN"[h->type];
        TP_CHECK(h->type != TP_CHUNK_DATA || h->cpu == 1);
    }
    *to = 0;
}

TP_TEST(CpuPipe, IsADumpInItself)
{
    struct tp_trace *t = test_open(&config);
    struct test_dump dump[2] = {{0}};
    struct tp_trace_stats s;
    char order[100];

    tp_clock_set_wall(1700000000000000000u);
    for (unsigned i = 0; i < 4; i++)
        fire(i & 1, i);
    drain(t, 1, &dump[1]); /* no sub-buffer is complete */
    TP_CHECK(!test_chunk(&dump[1], TP_CHUNK_DATA, 0));
    tp_pipe_flush(t);
    drain(t, 1, &dump[1]);
    TP_CHECK_EQ(test_chunk(&dump[1], TP_CHUNK_DATA, 0)->records, 2);
    fire(1, 4);
    tp_trace_stop(t);
    drain(t, 1, &dump[1]);
    TP_CHECK(tp_cpu_pipe_ended(t, 1));
    TP_CHECK(!tp_cpu_pipe_ended(t, 0));
    types(&dump[1], order); /* names of tasks may or may not have been told by other tests */
    TP_CHECK(strcmp(order, "MCDDDCE") == 0 || strcmp(order, "MTCDDDTCE") == 0);
    decodes_to(&dump[1], 1, "1:1 1:3 1:4 ", "3 records, 0 lost\n");

    /* Nothing was taken of the other CPU. */
    TP_CHECK_EQ(tp_trace_stats(t, 0, &s), 0);
    TP_CHECK_EQ(s.unread, 2);
    TP_CHECK_EQ(s.read, 0);
    TP_CHECK_EQ(tp_trace_stats(t, 1, &s), 0);
    TP_CHECK_EQ(s.unread, 0);
    TP_CHECK_EQ(s.read, 3);
    drain(t, 0, &dump[0]);
    TP_CHECK(tp_cpu_pipe_ended(t, 0));
    decodes_to(&dump[0], 1, "0:0 0:2 ", "2 records, 0 lost\n");
    decodes_to(dump, 2, "0:0 1:1 0:2 1:3 1:4 ", "5 records, 0 lost\n");
    test_dump_free(&dump[0]);
    test_dump_free(&dump[1]);
    test_close(t);
}

TP_TEST(CpuPipe, HasTheLossesOfThatCpu)
{
    struct tp_trace *t = test_open(&config);
    struct test_dump dump[2] = {{0}};

    fire(0, 0);
    fire_many(1, 0, 8 * 25 + 9);
    tp_trace_stop(t);
    drain(t, 0, &dump[0]);
    drain(t, 1, &dump[1]);
    decodes_to(&dump[0], 1, "0:0 ", "1 records, 0 lost\n");
    decodes_to(&dump[1], 1, NULL, "200 records, 9 lost\n");
    decodes_to(dump, 2, NULL, "201 records, 9 lost\n");
    test_dump_free(&dump[0]);
    test_dump_free(&dump[1]);
    test_close(t);
}

TP_TEST(CpuPipe, GivesBackWhatItHasRead)
{
    struct tp_trace *t = test_open(&config);
    struct test_dump dump = {0};

    for (unsigned i = 0; i < 100; i++) {
        fire_many(1, 150 * i, 150);
        drain(t, 1, &dump);
    }
    tp_trace_stop(t);
    drain(t, 1, &dump);
    decodes_to(&dump, 1, NULL, "15000 records, 0 lost\n");
    test_dump_free(&dump);
    test_close(t);
}

TP_TEST(CpuPipe, GoesOnAfterStopAndStart)
{
    struct tp_trace *t = test_open(&config);
    struct test_dump dump = {0};

    fire(1, 0);
    tp_trace_stop(t);
    drain(t, 1, &dump);
    TP_CHECK_EQ(tp_trace_start(t), 0);
    TP_CHECK(!tp_cpu_pipe_ended(t, 1));
    fire(1, 1);
    tp_trace_stop(t);
    drain(t, 1, &dump);
    decodes_to(&dump, 1, "1:0 1:1 ", "2 records, 0 lost\n");
    test_dump_free(&dump);
    test_close(t);
}

TP_TEST(CpuPipe, NoSuchCpu)
{
    struct tp_trace *t = test_open(&config);
    char byte;

    TP_CHECK_EQ(tp_cpu_pipe_read(t, 2, &byte, 1), TP_EINVAL);
    TP_CHECK_EQ(tp_cpu_pipe_read(t, UINT32_MAX, &byte, 1), TP_EINVAL);
    TP_CHECK(!tp_cpu_pipe_sleep(t, 2));
    TP_CHECK(!tp_cpu_pipe_ended(t, 2));
    TP_CHECK_EQ(tp_cpu_pipe_read(t, 1, &byte, 1), 1);
    test_close(t);
}

/* Where there is one, it is all of them. */
TP_TEST(CpuPipe, OfTheOnlyCpu)
{
    const struct tp_config *all[] = {&config, &recorder};

    for (unsigned i = 0; i < 2; i++) {
        struct tp_config c = *all[i];
        struct test_dump dump = {0};
        struct tp_trace *t;

        c.cpus = 1;
        t = test_open(&c);
        fire(0, 0);
        fire(0, 1);
        take(t, 0, &dump, 50, 50);
        tp_pipe_flush(t);
        test_drain(t, &dump, 100);
        fire(0, 2);
        TP_CHECK(!tp_cpu_pipe_sleep(t, 1));
        TP_CHECK(tp_cpu_pipe_sleep(t, 0));
        tp_trace_stop(t);
        drain(t, 0, &dump);
        TP_CHECK(tp_cpu_pipe_ended(t, 0));
        TP_CHECK(tp_pipe_ended(t));
        decodes_to(&dump, 1, "0:0 0:1 0:2 ", "3 records, 0 lost\n");
        test_dump_free(&dump);
        test_close(t);
    }
}

/* --- several readers --- */

/* Pieces of both, in turn, each in the middle of a chunk of the other. */
static void read_in_turn(const struct tp_config *c)
{
    struct tp_trace *t = test_open(c);
    struct test_dump dump[2] = {{0}};

    for (unsigned i = 0; i < 80; i++)
        fire(i & 1, i);
    tp_trace_stop(t);
    while (!tp_cpu_pipe_ended(t, 0) || !tp_cpu_pipe_ended(t, 1)) {
        take(t, 0, &dump[0], 7, 7);
        take(t, 1, &dump[1], 1, 1);
    }
    decodes_to(&dump[0], 1, NULL, "40 records, 0 lost\n");
    decodes_to(dump, 2, NULL, "80 records, 0 lost\n");
    test_dump_free(&dump[0]);
    test_dump_free(&dump[1]);
    test_close(t);
}

TP_TEST(CpuPipe, TwoInTurnDiscard)
{
    read_in_turn(&config);
}

TP_TEST(CpuPipe, TwoInTurnOverwrite)
{
    read_in_turn(&recorder);
}

/* Up to the header of the first chunk of data; returns what its payload has. */
static size_t begin_data(struct tp_trace *t, uint32_t cpu, struct test_dump *d)
{
    struct tp_wire_chunk h;

    for (;;) {
        take(t, cpu, d, sizeof(h), sizeof(h));
        TP_ASSERT(d->size >= sizeof(h));
        memcpy(&h, d->bytes + d->size - sizeof(h), sizeof(h));
        if (h.type == TP_CHUNK_DATA)
            return h.size_bytes - sizeof(h);
        take(t, cpu, d, h.size_bytes - sizeof(h), 4096);
    }
}

/* What a pipe has begun is not changed by what another does, nor by what is recorded meanwhile. */
TP_TEST(CpuPipe, WhatIsBegunStays)
{
    struct tp_trace *t = test_open(&recorder);
    struct test_dump dump[2] = {{0}};
    size_t rest;

    fire_many(0, 0, 30);
    fire_many(1, 0, 30);
    rest = begin_data(t, 0, &dump[0]);
    TP_CHECK_EQ(rest, 400); /* 25 records */
    fire_many(0, 30, 1000);
    drain(t, 1, &dump[1]);
    take(t, 0, &dump[0], rest, rest);
    fire_many(1, 30, 5);
    tp_trace_stop(t);
    drain(t, 0, &dump[0]);
    drain(t, 1, &dump[1]);
    decodes_to(&dump[1], 1, NULL, "35 records, 0 lost\n");
    /* And the last 55: of 4 sub-buffers one is ready, and one has 5. */
    decodes_to(&dump[0], 1, NULL, "80 records, 950 lost\n");
    test_dump_free(&dump[0]);
    test_dump_free(&dump[1]);
    test_close(t);
}

/* What each gave, one after the other in one file, is one capture, since its side chunks
 * name their CPU; but what comes late is not put in order, which tpdecode says. */
TP_TEST(CpuPipe, OneAfterTheOtherInOneFile)
{
    struct tp_trace *t = test_open(&config);
    struct test_dump dump[2] = {{0}};

    for (unsigned i = 0; i < 100; i++)
        fire(i & 1, i);
    tp_trace_stop(t);
    drain(t, 0, &dump[0]);
    drain(t, 1, &dump[1]);
    for (uint16_t cpu = 0; cpu < 2; cpu++) {
        const struct tp_wire_chunk *h;

        for (size_t at = 0; at < dump[cpu].size; at += h->size_bytes) {
            h = (const struct tp_wire_chunk *)(const void *)(dump[cpu].bytes + at);
            TP_CHECK_EQ(h->cpu, cpu);
        }
    }
    for (unsigned first = 0; first < 2; first++) {
        struct test_dump file = {0}, out = {0}, diag = {0};

        test_append(&file, dump[first].bytes, dump[first].size);
        test_append(&file, dump[!first].bytes, dump[!first].size);
        TP_CHECK_EQ(test_decode_files(&file, 1, &out, &diag), 0);
        TP_CHECK(!strstr((char *)out.bytes, "capture"));
        TP_CHECK(strstr((char *)diag.bytes, "records came too late to be put in order\n"
                                            "100 records, 0 lost\n"));
        for (unsigned i = 0; i < 100; i++) {
            char pair[40];

            snprintf(pair, sizeof(pair), ": sched_pair: a=%u b=%u\n", i, i & 1);
            TP_CHECK(strstr((char *)out.bytes, pair));
        }
        test_dump_free(&file);
        test_dump_free(&out);
        test_dump_free(&diag);
    }
    test_dump_free(&dump[0]);
    test_dump_free(&dump[1]);
    test_close(t);
}

/* A trace has one kind of pipe; with one CPU they are the same. */
TP_TEST(CpuPipe, OneKindOrTheOther)
{
    struct tp_config all = config;
    struct tp_trace *t = test_open(&config);
    const void *data;
    uint8_t byte;

    TP_CHECK_EQ(tp_pipe_read(t, &byte, 1), TP_EINVAL);
    TP_CHECK_EQ(tp_pipe_peek(t, &data), TP_EINVAL);
    TP_CHECK_EQ(tp_pipe_consume(t, 0), TP_EINVAL);
    TP_CHECK(!tp_pipe_sleep(t) && !tp_pipe_ended(t));
    TP_CHECK_EQ(tp_cpu_pipe_read(t, 1, &byte, 1), 1);
    TP_CHECK_EQ(tp_snapshot_begin(t), 0);
    TP_CHECK_EQ(tp_snapshot_read(t, &byte, 1), 1);
    test_close(t);
    all.cpu_pipes = false;
    t = test_open(&all);
    for (uint32_t cpu = 0; cpu < 3; cpu++) {
        TP_CHECK_EQ(tp_cpu_pipe_read(t, cpu, &byte, 1), TP_EINVAL);
        TP_CHECK(!tp_cpu_pipe_sleep(t, cpu) && !tp_cpu_pipe_ended(t, cpu));
    }
    TP_CHECK_EQ(tp_pipe_read(t, &byte, 1), 1);
    test_close(t);
}

static struct tp_trace *shared;
static long inside[2]; /* what reads of CPU 0 and of CPU 1 have answered */
static int configured;

static void read_too(void)
{
    uint8_t byte;

    inside[0] = tp_cpu_pipe_read(shared, 0, &byte, 1);
    inside[1] = tp_cpu_pipe_read(shared, 1, &byte, 1);
    configured = tp_trace_configure(shared, &config);
}

/* From inside a call: the same pipe is refused. Another CPU's is not. */
TP_TEST(CpuPipe, OverlappingReaders)
{
    struct tp_trace_stats s;
    uint8_t byte;

    shared = test_open(&config);
    test_hook = read_too;
    TP_CHECK_EQ(tp_cpu_pipe_read(shared, 0, &byte, 1), 1);
    TP_CHECK_EQ(inside[0], TP_EBUSY);
    TP_CHECK_EQ(inside[1], 1);
    TP_CHECK_EQ(tp_trace_stats(shared, 0, &s), 0);
    test_close(shared);
}

/* Nor is the trace configured anew under a reader's hands. */
TP_TEST(CpuPipe, ConfigureWhileItIsRead)
{
    uint8_t byte;

    shared = test_open(&config);
    tp_trace_stop(shared);
    test_hook = read_too;
    TP_CHECK_EQ(tp_cpu_pipe_read(shared, 0, &byte, 1), 1);
    TP_CHECK_EQ(configured, TP_EBUSY);
    TP_CHECK_EQ(tp_trace_configure(shared, &config), 0); /* a chunk that was begun is gone */
    TP_CHECK_EQ(tp_cpu_pipe_read(shared, 0, &byte, 1), 1);
    test_close(shared);
}

/* --- sleeping --- */

static struct tp_trace *open_and_drain(void)
{
    struct tp_trace *t = test_open(&config);
    struct test_dump dump = {0};

    TP_CHECK(!tp_cpu_pipe_sleep(t, 0)); /* the metadata */
    TP_CHECK(!tp_cpu_pipe_sleep(t, 1));
    drain(t, 0, &dump);
    drain(t, 1, &dump);
    test_dump_free(&dump);
    tp_pipe_flush(t); /* the bell may have been set for nobody */
    drain(t, 0, &dump);
    drain(t, 1, &dump);
    test_dump_free(&dump);
    test_rung = 0;
    return t;
}

TP_TEST(CpuPipe, TheDoorbellWakesThoseOfAllCpus)
{
    struct tp_trace *t = open_and_drain();
    struct test_dump dump = {0};

    TP_CHECK(tp_cpu_pipe_sleep(t, 0));
    TP_CHECK(tp_cpu_pipe_sleep(t, 1));
    fire_many(0, 0, 25);
    TP_CHECK_EQ(test_rung, 0);
    fire(0, 25);
    TP_CHECK_EQ(test_rung, 1);
    TP_CHECK(!tp_cpu_pipe_sleep(t, 0));
    TP_CHECK(tp_cpu_pipe_sleep(t, 1)); /* there is nothing for it */
    drain(t, 0, &dump);
    TP_CHECK(tp_cpu_pipe_sleep(t, 0));
    fire_many(1, 0, 26);
    TP_CHECK_EQ(test_rung, 2);
    TP_CHECK(!tp_cpu_pipe_sleep(t, 1));
    drain(t, 1, &dump);
    TP_CHECK(tp_cpu_pipe_sleep(t, 0));
    tp_pipe_flush(t);
    TP_CHECK_EQ(test_rung, 3);
    TP_CHECK(!tp_cpu_pipe_sleep(t, 0));
    TP_CHECK(!tp_cpu_pipe_sleep(t, 1));
    drain(t, 0, &dump);
    drain(t, 1, &dump);
    TP_CHECK(tp_cpu_pipe_sleep(t, 1));
    tp_trace_stop(t);
    TP_CHECK_EQ(test_rung, 4);
    TP_CHECK(!tp_cpu_pipe_sleep(t, 1));
    drain(t, 1, &dump);
    TP_CHECK(tp_cpu_pipe_ended(t, 1));
    test_dump_free(&dump);
    test_close(t);
}

/* Who finds something and goes on leaves the bell set for those who sleep. */
TP_TEST(CpuPipe, NobodyTakesTheBellFromASleeper)
{
    struct tp_trace *t = open_and_drain();

    fire_many(1, 0, 26);
    TP_CHECK(tp_cpu_pipe_sleep(t, 0));
    TP_CHECK(!tp_cpu_pipe_sleep(t, 1));
    TP_CHECK_EQ(test_rung, 0);
    fire_many(0, 0, 26);
    TP_CHECK_EQ(test_rung, 1);
    test_close(t);
}

/* --- memory that an earlier boot has left --- */

#define EARLIER "tpdecode: dump: recovered from memory, from an earlier boot\n"

TP_TEST(CpuPipe, OfAnEarlierBoot)
{
    struct tp_trace *t = test_open(&config), *old;
    size_t bytes = tp_region_bytes(&config);
    struct test_dump dump = {0};
    uint8_t *copy = aligned_alloc(64, bytes);

    tp_task_name(70006, 0, "of then");
    fire_many(0, 0, 3);
    fire_many(1, 3, 30);
    memcpy(copy, test_region(t), bytes);
    test_close(t);
    TP_ASSERT_EQ(tp_trace_attach(&old, copy, bytes), 0);
    TP_CHECK_EQ(tp_cpu_pipe_read(old, 1, copy, 1), TP_EINVAL);
    test_drain(old, &dump, 4096);
    TP_CHECK(tp_pipe_ended(old));
    TP_CHECK(test_chunk(&dump, TP_CHUNK_TASKS, 0));
    decodes_to(&dump, 1, NULL, EARLIER "33 records, 0 lost\n");
    TP_CHECK_EQ(tp_trace_close(old), 0);
    test_dump_free(&dump);
    free(copy);
}
