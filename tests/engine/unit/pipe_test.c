/* SPDX-License-Identifier: MIT */
/* The pipe: what comes out, in which order, however it is read. */
#include "../../../engine/core/core.h"
#include "support.h"

static const struct tp_config config = {.name = "t", .cpus = 2, .subbuf_bytes = 512, .subbufs = 8};

static void types(const struct test_dump *d, char *to)
{
    const struct tp_wire_chunk *h;

    for (size_t at = 0; at < d->size; at += h->size_bytes) {
        h = (const struct tp_wire_chunk *)(const void *)(d->bytes + at);
        *to++ = "?MDTCE"[h->type];
    }
    *to = 0;
}

TP_TEST(Pipe, BeginsWithMetadataAndEndsWithMarksAndEnd)
{
    struct tp_trace *t = test_open(&config);
    struct test_dump dump = {0};
    char order[100];

    tp_clock_set_wall(1700000000000000000u);
    trace_sched_none();
    test_drain(t, &dump, 4096); /* nothing is complete yet */
    TP_CHECK(!tp_pipe_ended(t));
    tp_trace_stop(t);
    test_drain(t, &dump, 4096);
    TP_CHECK(tp_pipe_ended(t));
    types(&dump, order);
    /* Tasks may or may not have been told by other tests. */
    TP_CHECK(strcmp(order, "MCDDDCE") == 0 || strcmp(order, "MTCDDDTCE") == 0);
    TP_CHECK_EQ(test_chunk(&dump, TP_CHUNK_DATA, 0)->records, 1);
    TP_CHECK_EQ(test_chunk(&dump, TP_CHUNK_DATA, 1)->records, 0);
    TP_CHECK_EQ(test_chunk(&dump, TP_CHUNK_DATA, 1)->first_record, 1);
    TP_CHECK_EQ(test_chunk(&dump, TP_CHUNK_DATA, 2)->cpu, 1);
    test_dump_free(&dump);
    test_close(t);
}

/* The same events exported in reads of 1, 7 and 4096 bytes and by peek: the same dump. */
TP_TEST(Pipe, BytesDoNotDependOnTheReads)
{
    static const size_t step[] = {4096, 1, 7, 0};
    struct test_dump dump[4] = {{0}};

    for (int i = 0; i < 4; i++) {
        struct tp_trace *t = test_open(&config);
        const void *data;
        long n;

        for (unsigned k = 0; k < 90; k++) {
            test_cpu = k & 1;
            trace_sched_pair(k, k);
        }
        tp_trace_stop(t);
        test_time_step = 0;
        if (step[i])
            test_drain(t, &dump[i], step[i]);
        else
            while ((n = tp_pipe_peek(t, &data)) > 0) {
                dump[i].bytes = realloc(dump[i].bytes, dump[i].size + (size_t)n);
                n = n > 13 ? 13 : n;
                memcpy(dump[i].bytes + dump[i].size, data, (size_t)n);
                dump[i].size += (size_t)n;
                TP_CHECK_EQ(tp_pipe_consume(t, (size_t)n), 0);
            }
        test_close(t);
    }
    for (int i = 1; i < 4; i++) {
        TP_CHECK_EQ(dump[i].size, dump[0].size);
        /* All but what tells captures apart: the stream and with it the header's CRC. */
        for (size_t at = 0; dump[i].size == dump[0].size && at < dump[0].size;) {
            const struct tp_wire_chunk *a = (const void *)(dump[0].bytes + at);
            const struct tp_wire_chunk *b = (const void *)(dump[i].bytes + at);

            TP_CHECK_EQ(memcmp(a, b, 28), 0);
            TP_CHECK_EQ(memcmp(&a->seq, &b->seq, a->size_bytes - 40), 0);
            at += a->size_bytes;
        }
        test_dump_free(&dump[i]);
    }
    test_dump_free(&dump[0]);
}

TP_TEST(Pipe, ConsumeRefusesMoreThanWasShown)
{
    struct tp_trace *t = test_open(&config);
    const void *data;
    long n = tp_pipe_peek(t, &data);

    TP_CHECK_EQ(n, 104);
    TP_CHECK_EQ(tp_pipe_consume(t, 105), TP_EINVAL);
    TP_CHECK_EQ(tp_pipe_consume(t, 104), 0);
    TP_CHECK(tp_pipe_peek(t, &data) > 104);
    test_close(t);
}

TP_TEST(Pipe, FlushShowsWhatIsCommittedAndNothingTwice)
{
    struct tp_trace *t = test_open(&config);
    struct test_dump dump = {0};
    uint64_t next = 0;

    for (unsigned k = 0; k < 100; k++) {
        trace_sched_pair(k, k);
        tp_pipe_flush(t);
        test_drain(t, &dump, 4096);
    }
    tp_trace_stop(t);
    test_drain(t, &dump, 4096);
    for (unsigned i = 0;; i++) {
        const struct tp_wire_chunk *h = test_chunk(&dump, TP_CHUNK_DATA, i);

        if (!h)
            break;
        if (h->cpu)
            continue;
        TP_CHECK_EQ(h->first_record, next);
        next += h->records;
    }
    TP_CHECK_EQ(next, 100);
    test_dump_free(&dump);
    test_close(t);
}

TP_TEST(Pipe, MetadataAgainWithinOneMebibyte)
{
    struct tp_trace *t = test_open(&config);
    struct test_dump dump = {0};
    const struct tp_wire_chunk *h;
    size_t since = 0;
    unsigned seen = 0;

    for (unsigned k = 0; k < 200000; k++) {
        trace_sched_pair(k, k);
        if (k % 50 == 0)
            test_drain(t, &dump, 4096);
    }
    tp_trace_stop(t);
    test_drain(t, &dump, 4096);
    for (size_t at = 0; at < dump.size; at += h->size_bytes) {
        h = (const struct tp_wire_chunk *)(const void *)(dump.bytes + at);
        seen += h->type == TP_CHUNK_METADATA;
        since = h->type == TP_CHUNK_METADATA ? 0 : since + h->size_bytes;
        TP_CHECK(since < (1u << 20) + 65536);
    }
    TP_CHECK(seen >= 3);
    test_dump_free(&dump);
    test_close(t);
}

TP_TEST(Pipe, GoesOnAfterStopAndStart)
{
    struct tp_trace *t = test_open(&config);
    struct test_dump dump = {0}, out = {0}, diag = {0};

    trace_sched_pair(1, 1);
    tp_trace_stop(t);
    test_drain(t, &dump, 4096);
    trace_sched_pair(2, 2); /* not recorded */
    TP_CHECK_EQ(tp_trace_start(t), 0);
    trace_sched_pair(3, 3);
    tp_trace_stop(t);
    test_drain(t, &dump, 4096);
    TP_CHECK_EQ(test_decode(&dump, &out, &diag), 0);
    TP_CHECK(strstr((char *)out.bytes, "a=1 b=1") != NULL);
    TP_CHECK(strstr((char *)out.bytes, "a=2 b=2") == NULL);
    TP_CHECK(strstr((char *)out.bytes, "a=3 b=3") != NULL);
    TP_CHECK_STREQ((char *)diag.bytes, "2 records, 0 lost\n");
    test_dump_free(&dump);
    test_dump_free(&out);
    test_dump_free(&diag);
    test_close(t);
}

static struct tp_trace *shared;
static long overlapping;

static void read_too(void)
{
    uint8_t byte;

    overlapping = tp_pipe_read(shared, &byte, 1);
}

/* A second reader inside the first one's call is told so, and disturbs nothing. */
TP_TEST(Pipe, OverlappingReadersAreRefused)
{
    const void *data;

    shared = test_open(&config);
    test_hook = read_too;
    TP_CHECK_EQ(tp_pipe_peek(shared, &data), 104);
    TP_CHECK_EQ(overlapping, TP_EBUSY);
    test_close(shared);
}

static void fill_subbuf(unsigned cpu)
{
    test_cpu = cpu;
    for (unsigned i = 0; i < 26; i++) /* 25 fit */
        trace_sched_pair(i, i);
}

/* One record of CPU 1 goes out before newer ones of CPU 0, though its sub-buffer is not complete.
 */
TP_TEST(Pipe, SlowCpuHoldsNothingUp)
{
    struct tp_trace *t = test_open(&config);
    struct test_dump dump = {0};
    const struct tp_wire_chunk *h;

    test_cpu = 1;
    trace_sched_none();
    test_drain(t, &dump, 4096);
    TP_CHECK(test_chunk(&dump, TP_CHUNK_DATA, 0) == NULL);
    fill_subbuf(0);
    test_drain(t, &dump, 4096);
    h = test_chunk(&dump, TP_CHUNK_DATA, 0);
    TP_ASSERT(h != NULL);
    TP_CHECK_EQ(h->cpu, 1);
    TP_CHECK_EQ(h->records, 1);
    h = test_chunk(&dump, TP_CHUNK_DATA, 1);
    TP_ASSERT(h != NULL);
    TP_CHECK_EQ(h->cpu, 0);
    TP_CHECK_EQ(h->records, 25);
    test_dump_free(&dump);
    test_close(t);
}

/* CPU 1 has nothing: once that was so for 1/32 s (the counter has 10^9 a second), it promises the
 * time of 1/32 s ago. CPU 0 has a record that is not exported, and promises its time. */
TP_TEST(Pipe, MarksOfCpusWithoutData)
{
    struct tp_trace *t = test_open(&config);
    struct test_dump dump = {0};
    const struct tp_wire_chunk *h;

    fill_subbuf(0);
    test_drain(t, &dump, 4096);
    TP_CHECK_EQ(test_chunk(&dump, TP_CHUNK_DATA, 0)->records, 25);
    h = test_chunk(&dump, TP_CHUNK_DATA, 1);
    TP_ASSERT(h != NULL);
    TP_CHECK_EQ(h->cpu, 0);
    TP_CHECK_EQ(h->records, 0);
    TP_CHECK_EQ(h->first_record, 25);
    TP_CHECK(h->time > test_chunk(&dump, TP_CHUNK_DATA, 0)->time && h->time < test_time);
    TP_CHECK(test_chunk(&dump, TP_CHUNK_DATA, 2) == NULL); /* CPU 1 was only now seen idle */
    test_dump_free(&dump);

    test_time = 100000000;
    test_time_step = 0;
    fill_subbuf(0);
    test_drain(t, &dump, 4096);
    h = test_chunk(&dump, TP_CHUNK_DATA, 2);
    TP_ASSERT(h != NULL);
    TP_CHECK_EQ(h->cpu, 1);
    TP_CHECK_EQ(h->size_bytes, 104);
    TP_CHECK_EQ(h->time, 100000000 - 1000000000 / 32);
    test_dump_free(&dump);
    test_close(t);
}

static struct tp_trace *overflowing;

static void overflow(const struct tp_count *c)
{
    if (c != &overflowing->ring[1].lost[0])
        return;
    test_count_hook = NULL;
    test_cpu = 1;
    for (unsigned i = 0; i < 8 * 26; i++)
        trace_sched_pair(i, i);
    test_cpu = 0;
}

/* CPU 1 fills its ring while the reader makes the mark that says it has nothing: what is lost now
 * is lost behind those records, so no chunk may tell it before them. */
TP_TEST(Pipe, LossesAreNotToldBeforeTheyHappened)
{
    struct tp_trace *t = test_open(&config);
    struct test_dump dump = {0};
    const struct tp_wire_chunk *h;
    uint64_t next = 0;
    struct tp_trace_stats s;

    fill_subbuf(0);
    test_drain(t, &dump, 4096); /* CPU 1 is seen idle */
    test_time += 1000000000;
    fill_subbuf(0);
    overflowing = t;
    test_count_hook = overflow;
    test_drain(t, &dump, 4096);
    tp_trace_stats(t, 1, &s);
    TP_CHECK_EQ(s.lost[TP_LOST_FULL], 8);
    tp_trace_stop(t);
    test_drain(t, &dump, 4096);
    for (unsigned i = 0; (h = test_chunk(&dump, TP_CHUNK_DATA, i)) != NULL; i++) {
        if (h->cpu != 1)
            continue;
        TP_CHECK_EQ(h->lost[TP_LOST_FULL], next < 200 ? 0 : 8);
        next = h->first_record + h->records;
    }
    TP_CHECK_EQ(next, 200);
    test_dump_free(&dump);
    test_close(t);
}

/* Started again when CPU 0's final mark was read and the end was not: all is told once more. */
TP_TEST(Pipe, RestartWhileTheEndIsMade)
{
    static uint8_t large[1000];
    struct tp_trace *t = test_open(&config);
    struct test_dump dump = {0}, out = {0}, diag = {0};
    const void *data;
    long n;

    trace_sched_pair(1, 1);
    tp_trace_stop(t);
    while (!test_chunk(&dump, TP_CHUNK_DATA, 1) && (n = tp_pipe_peek(t, &data)) > 0) {
        dump.bytes = realloc(dump.bytes, dump.room = dump.size + (size_t)n + 1);
        memcpy(dump.bytes + dump.size, data, (size_t)n);
        dump.size += (size_t)n;
        tp_pipe_consume(t, (size_t)n);
    }
    TP_CHECK_EQ(tp_trace_start(t), 0);
    trace_fs_long(large, sizeof(large));
    trace_fs_long(large, sizeof(large));
    tp_trace_stop(t);
    test_drain(t, &dump, 4096);
    TP_CHECK(tp_pipe_ended(t));
    TP_CHECK_EQ(test_decode(&dump, &out, &diag), 0);
    TP_CHECK_STREQ((char *)diag.bytes, "1 records, 2 lost\n");
    test_dump_free(&dump);
    test_dump_free(&out);
    test_dump_free(&diag);
    test_close(t);
}

/* --- more CPUs than a round of marks looks for data --- */

#define MANY 40u

static const struct tp_config many = {.name = "t", .cpus = MANY, .subbuf_bytes = 512, .subbufs = 4};

/* One chunk, into the dump. False: there is none now. */
static bool take_chunk(struct tp_trace *t, struct test_dump *dump)
{
    struct tp_wire_chunk h;
    size_t from = dump->size;
    long n = 0;

    for (size_t end = sizeof(h); dump->size - from < end; test_append(dump, &h, (size_t)n)) {
        size_t left = end - (dump->size - from);

        n = tp_pipe_read(t, &h, left < sizeof(h) ? left : sizeof(h));
        if (n <= 0)
            return false;
        if (dump->size == from)
            end = h.size_bytes;
    }
    return true;
}

static const struct tp_wire_chunk *last_chunk(const struct test_dump *dump)
{
    const struct tp_wire_chunk *h = NULL;

    for (size_t at = 0; at < dump->size; at += h->size_bytes)
        h = (const struct tp_wire_chunk *)(const void *)(dump->bytes + at);
    return h;
}

/* Data comes whenever a mark is read, for ever. Once it was exported there is nothing to read, so
 * the pipe must say so, or a reader that goes on until then never ends. */
TP_TEST(Pipe, RoundOfMarksIsNotBegunAnewForDataThatCameMeanwhile)
{
    const struct tp_config one = {.name = "t", .cpus = 1, .subbuf_bytes = 512, .subbufs = 4};
    const struct tp_config *const with[] = {&one, &config, &many};

    for (unsigned i = 0; i < 3; i++) {
        struct tp_trace *t = test_open(with[i]);
        unsigned chunks = 0, marks = 0;
        struct test_dump dump = {0};

        test_time_step = 1000000000; /* no mark is made too early */
        fill_subbuf(0);
        for (; chunks < 1000 && take_chunk(t, &dump); chunks++) {
            const struct tp_wire_chunk *h = last_chunk(&dump);

            if (h->type != TP_CHUNK_DATA || h->size_bytes > sizeof(*h))
                continue;
            marks++;
            fill_subbuf(0);
        }
        TP_CHECK_GE(marks, 1);
        TP_CHECK_LE(marks, with[i]->cpus);
        TP_CHECK(chunks < 1000);
        test_time_step = 1;
        test_dump_free(&dump);
        test_close(t);
    }
}

/* Records that come when the trace is stopped, and so many of the final marks are read: their
 * contexts had begun before. Each is in the dump, and no mark of its CPU before it is later. */
TP_TEST(Pipe, RecordsWhileTheFinalMarksAreMade)
{
    for (unsigned marks = 1; marks <= MANY; marks++)
        for (unsigned cpu = 0; cpu < MANY; cpu += 13) {
            struct tp_trace *t = test_open(&many);
            struct test_dump dump = {0}, out = {0}, diag = {0};
            const struct tp_wire_chunk *h;
            struct tp_slot s;
            bool data = false;

            tp_trace_stop(t);
            for (unsigned n = 0; n < marks;) {
                TP_ASSERT(take_chunk(t, &dump));
                n += last_chunk(&dump)->type == TP_CHUNK_DATA;
            }
            test_cpu = cpu;
            TP_CHECK(tp_record_begin(&s, tp_trace_number(t), tp_event_sched_none.id, 0));
            tp_record_end(&s);
            test_cpu = 0;
            test_drain(t, &dump, 4096);
            TP_CHECK(tp_pipe_ended(t));
            for (unsigned n = 0; (h = test_chunk(&dump, TP_CHUNK_DATA, n)) != NULL; n++) {
                if (h->cpu == cpu && h->records)
                    data = true;
                else if (h->cpu == cpu && cpu >= marks)
                    TP_CHECK(data);
            }
            TP_CHECK_EQ(test_decode(&dump, &out, &diag), 0);
            TP_CHECK_STREQ((char *)diag.bytes, "1 records, 0 lost\n");
            test_dump_free(&dump);
            test_dump_free(&out);
            test_dump_free(&diag);
            test_close(t);
        }
}

/* However much was exported before it, nothing follows the end chunk. */
/* What the pipe has, into `dump`, which had what came before: returns the type of the last chunk. */
static uint8_t next_chunks(struct tp_trace *t, struct test_dump *dump, unsigned *metadata)
{
    uint8_t last = 0;

    dump->size = 0;
    test_drain(t, dump, 16384);
    for (size_t at = 0; at < dump->size;) {
        const struct tp_wire_chunk *h = (const void *)(dump->bytes + at);

        *metadata += h->type == TP_CHUNK_METADATA;
        last = h->type;
        at += h->size_bytes;
    }
    return last;
}

/* So many long records, then so many short ones: returns how often there is metadata. */
static unsigned end_after(struct test_dump *dump, unsigned records, unsigned more)
{
    static const char text[] =
        "01234567890123456789012345678901234567890123456789012345678901234567"
        "01234567890123456789012345678901234567890123456789012345678901234567";
    struct tp_config small = {.cpus = 1, .subbuf_bytes = 512, .subbufs = 64};
    struct tp_trace *t = test_open(&small);
    unsigned metadata = 0;

    for (unsigned i = 0; i < records; i++) {
        trace_fs_open(text, 1, 1);
        if (i % 64 == 0)
            next_chunks(t, dump, &metadata);
    }
    for (unsigned i = 0; i < more; i++)
        trace_sched_pair(i, i);
    tp_trace_stop(t);
    TP_CHECK_EQ(next_chunks(t, dump, &metadata), TP_CHUNK_END);
    TP_CHECK(tp_pipe_ended(t));
    test_close(t);
    return metadata;
}

/* Metadata is due after 768 KiB: in the middle of these dumps, wherever the end is then. */
TP_TEST(Pipe, NothingFollowsTheEnd)
{
    struct test_dump dump = {0};
    unsigned again = 0;

    for (unsigned more = 0; more <= 250; more++)
        again += end_after(&dump, 3695, more) == 2;
    TP_CHECK(again > 20 && again < 230);
    test_dump_free(&dump);
}

TP_TEST(Pipe, AnEventMayPrintNothing)
{
    struct tp_trace *t = test_open(&config);
    struct test_dump dump = {0}, out = {0}, diag = {0};

    test_time = 5000000000;
    trace_sched_mute();
    tp_trace_stop(t);
    test_drain(t, &dump, 4096);
    TP_CHECK_EQ(test_decode(&dump, &out, &diag), 0);
    TP_CHECK(strstr((char *)out.bytes, "     5.000000: sched_mute: \n") != NULL);
    test_dump_free(&dump);
    test_dump_free(&out);
    test_dump_free(&diag);
    test_close(t);
}
