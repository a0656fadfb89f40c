/* SPDX-License-Identifier: MIT */
/* Overwrite mode, snapshots, writers that never come back, recursion, the doorbell. */
#include "../../../engine/core/core.h"
#include "support.h"

static const struct tp_config discard = {.name = "t", .cpus = 1, .subbuf_bytes = 512, .subbufs = 4};
static const struct tp_config overwrite = {
    .name = "t", .cpus = 1, .subbuf_bytes = 512, .subbufs = 4, .mode = TP_OVERWRITE};

/* 512 - 104 header - 8 kept free = 400 bytes: 25 records of 16 bytes in a sub-buffer. */
#define PAIRS 25u

static void fire(unsigned from, unsigned to)
{
    for (unsigned i = from; i < to; i++)
        trace_sched_pair(i, ~i);
}

static struct tp_trace_stats stats(struct tp_trace *t)
{
    struct tp_trace_stats s;

    TP_CHECK_EQ(tp_trace_stats(t, 0, &s), 0);
    return s;
}

/* The records of a dump must be pairs n, ~n with n from `next` on, their numbers that much. Returns
 * the next one; adds up what the headers say is missing. */
static uint64_t check_pairs(const struct test_dump *d, uint64_t next, uint64_t *missing)
{
    const struct tp_wire_chunk *h;

    for (unsigned i = 0; (h = test_chunk(d, TP_CHUNK_DATA, i)) != NULL; i++) {
        const uint32_t *w = (const uint32_t *)(const void *)(h + 1);

        TP_CHECK(h->first_record >= next);
        *missing += h->first_record - next;
        next = h->first_record;
        for (uint32_t k = 0; k < h->records; k++, w += 4, next++) {
            TP_CHECK_EQ(w[1] >> 16, 0x8002);
            TP_CHECK_EQ(w[2], next);
            TP_CHECK_EQ(w[3], ~(uint32_t)next);
        }
    }
    return next;
}

static void read_snapshot(struct tp_trace *t, struct test_dump *d)
{
    static uint8_t buffer[1 << 16];
    long n;

    TP_CHECK_EQ(tp_snapshot_begin(t), 0);
    n = tp_snapshot_read(t, buffer, sizeof(buffer));
    TP_CHECK(n > 0 && (size_t)n < sizeof(buffer));
    TP_CHECK_EQ(tp_snapshot_read(t, buffer, sizeof(buffer)), 0);
    d->bytes = realloc(d->bytes, (size_t)n);
    memcpy(d->bytes, buffer, (size_t)n);
    d->size = (size_t)n;
}

/* One sub-buffer is always empty: of 4 the newest 3 are there. */
TP_TEST(Overwrite, KeepsTheNewest)
{
    struct tp_trace *t = test_open(&overwrite);
    struct test_dump dump = {0}, out = {0}, diag = {0};
    uint64_t missing = 0;

    fire(0, 10 * PAIRS);
    TP_CHECK_EQ(stats(t).unread, 3 * PAIRS);
    TP_CHECK_EQ(stats(t).lost[TP_LOST_OVERWRITTEN], 7 * PAIRS);
    tp_trace_stop(t);
    test_drain(t, &dump, 4096);
    TP_CHECK_EQ(check_pairs(&dump, 0, &missing), 10 * PAIRS);
    TP_CHECK_EQ(missing, 7 * PAIRS);
    TP_CHECK_EQ(test_chunk(&dump, TP_CHUNK_DATA, 0)->lost[TP_LOST_OVERWRITTEN], 7 * PAIRS);
    TP_CHECK_EQ(test_chunk(&dump, TP_CHUNK_DATA, 0)->flags, TP_CHUNK_OVERWRITE);
    TP_CHECK_EQ(test_chunk(&dump, TP_CHUNK_DATA, 0)->seq, 7);
    TP_CHECK_EQ(test_decode(&dump, &out, &diag), 0);
    TP_CHECK_STREQ((char *)diag.bytes, "75 records, 175 lost\n");
    TP_CHECK(
        !strncmp((char *)out.bytes, "--- cpu 0: 175 records lost here (overwritten) ---\n", 51));
    test_dump_free(&dump);
    test_dump_free(&out);
    test_dump_free(&diag);
    test_close(t);
}

/* A reader that is lapped again and again: what it got and what it missed is everything. */
TP_TEST(Overwrite, LappedReaderCountsWhatItMissed)
{
    struct tp_trace *t = test_open(&overwrite);
    struct test_dump dump = {0};
    uint64_t missing = 0;
    unsigned fired = 0;

    for (unsigned round = 0; round < 60; round++) {
        unsigned n = round * 7 % 190;

        fire(fired, fired + n);
        fired += n;
        if (round % 3)
            tp_pipe_flush(t);
        test_drain(t, &dump, round % 2 ? 100 : 4096);
    }
    TP_CHECK_EQ(stats(t).read + stats(t).unread + stats(t).lost[TP_LOST_OVERWRITTEN], fired);
    tp_trace_stop(t);
    test_drain(t, &dump, 4096);
    TP_CHECK_EQ(check_pairs(&dump, 0, &missing), fired);
    TP_CHECK(missing > 0);
    TP_CHECK_EQ(stats(t).lost[TP_LOST_OVERWRITTEN], missing);
    TP_CHECK_EQ(stats(t).read, fired - missing);
    test_dump_free(&dump);
    test_close(t);
}

static unsigned burst;

static void fire_burst(void)
{
    test_context_hook = NULL;
    for (unsigned i = 0; i < burst; i++)
        trace_sched_none();
}

/* Events of 16 bytes fired while one is between reserve and commit: the ring cannot go past the
 * sub-buffer of that one, so the newest are refused, and the old ones stay. */
TP_TEST(Overwrite, AnInterruptedWriterKeepsItsSubBuffer)
{
    struct tp_config c = overwrite;
    struct tp_trace *t;

    c.context = true;
    t = test_open(&c);
    burst = 10 * PAIRS;
    test_context_hook = fire_burst;
    trace_sched_none();
    /* All four hold 25 records: the first with the one around. */
    TP_CHECK_EQ(stats(t).unread, 4 * PAIRS);
    TP_CHECK_EQ(stats(t).lost[TP_LOST_NESTED], 10 * PAIRS + 1 - 4 * PAIRS);
    TP_CHECK_EQ(stats(t).lost[TP_LOST_OVERWRITTEN], 0);
    trace_sched_none(); /* and now it goes on */
    /* The oldest went for it, and the one after that to be ready for the next. */
    TP_CHECK_EQ(stats(t).unread, 2 * PAIRS + 1);
    TP_CHECK_EQ(stats(t).lost[TP_LOST_OVERWRITTEN], 2 * PAIRS);
    test_close(t);
}

TP_TEST(Snapshot, TakesNothingAway)
{
    struct tp_trace *t = test_open(&overwrite);
    struct test_dump shot = {0}, dump = {0};
    uint64_t missing = 0;

    fire(0, 3 * PAIRS + 3);
    for (unsigned i = 0; i < 2; i++) {
        missing = 0;
        read_snapshot(t, &shot);
        TP_CHECK_EQ(check_pairs(&shot, 0, &missing), 3 * PAIRS + 3);
        TP_CHECK_EQ(missing, PAIRS);
        TP_CHECK_EQ(test_chunk(&shot, TP_CHUNK_END, 0)->flags, TP_CHUNK_SNAPSHOT);
    }
    tp_trace_stop(t);
    test_drain(t, &dump, 4096);
    missing = 0;
    TP_CHECK_EQ(check_pairs(&dump, 0, &missing), 3 * PAIRS + 3);
    TP_CHECK_EQ(missing, PAIRS);
    TP_CHECK_EQ(test_chunk(&dump, TP_CHUNK_END, 0)->flags, 0);
    test_dump_free(&shot);
    test_dump_free(&dump);
    test_close(t);
}

/* In discard mode too, behind what the pipe has taken; and it tells losses where they were. */
TP_TEST(Snapshot, OfADiscardingTrace)
{
    struct tp_trace *t = test_open(&discard);
    struct test_dump dump = {0}, shot = {0}, out = {0}, diag = {0};
    uint64_t missing = 0;

    fire(0, 2 * PAIRS + 1);
    test_drain(t, &dump, 4096); /* the first two, and the start of the third */
    fire(2 * PAIRS + 1, 6 * PAIRS);
    trace_sched_none();
    read_snapshot(t, &shot);
    TP_CHECK_EQ(test_chunk(&shot, TP_CHUNK_DATA, 0)->first_record, 2 * PAIRS);
    TP_CHECK_EQ(check_pairs(&shot, 2 * PAIRS, &missing), 6 * PAIRS);
    TP_CHECK_EQ(missing, 0);
    TP_CHECK_EQ(test_decode(&shot, &out, &diag), 0);
    TP_CHECK_STREQ((char *)diag.bytes, "100 records, 1 lost\n");
    test_dump_free(&dump);
    test_dump_free(&shot);
    test_dump_free(&out);
    test_dump_free(&diag);
    test_close(t);
}

static void lap_while_reading(const struct tp_count *c)
{
    (void)c;
    test_count_hook = NULL;
    fire(4 * PAIRS, 12 * PAIRS);
}

/* Writers lap a snapshot while it is read: it counts what it did not get. */
TP_TEST(Snapshot, LappedWhileItIsRead)
{
    struct tp_trace *t = test_open(&overwrite);
    struct test_dump d = {0};
    static uint8_t piece[104 + 512];
    uint64_t missing = 0;
    long n;

    fire(0, 4 * PAIRS);
    TP_CHECK_EQ(tp_snapshot_begin(t), 0);
    TP_CHECK(tp_snapshot_read(t, piece, 1) == 1);
    test_count_hook = lap_while_reading;
    d.bytes = malloc(1 << 16);
    d.bytes[0] = piece[0];
    n = tp_snapshot_read(t, d.bytes + 1, 1 << 15);
    lap_while_reading(NULL);
    TP_CHECK(n > 0);
    d.size = (size_t)n + 1;
    TP_CHECK_EQ(check_pairs(&d, 0, &missing), 4 * PAIRS);
    TP_CHECK_EQ(missing, PAIRS);
    test_dump_free(&d);
    test_close(t);
}

TP_TEST(Snapshot, OneAtATime)
{
    struct tp_trace *t = test_open(&overwrite);
    char byte;

    TP_CHECK_EQ(tp_snapshot_read(t, &byte, 1), 0); /* none was begun */
    t->snapshot->busy = 1;                         /* as if another call were inside */
    TP_CHECK_EQ(tp_snapshot_begin(t), TP_EBUSY);
    TP_CHECK_EQ(tp_snapshot_read(t, &byte, 1), TP_EBUSY);
    t->snapshot->busy = 0;
    TP_CHECK_EQ(tp_snapshot_begin(t), 0);
    TP_CHECK_EQ(tp_snapshot_read(t, &byte, 1), 1);
    test_close(t);
}

/* An event whose writer dies between reserve and commit; `id` as TP_EVENT has it. */
static void die(struct tp_trace *t, unsigned bytes)
{
    struct tp_slot s;

    TP_CHECK(tp_record_begin(&s, tp_trace_number(t), tp_event_sched_none.id, bytes));
    tp_port_unpin();
}

static void check_dead(const struct tp_config *c, unsigned kept)
{
    struct tp_trace *t = test_open(c);
    struct test_dump dump = {0}, shot = {0};
    uint64_t missing = 0;

    fire(0, 10);
    die(t, 8);
    fire(11, PAIRS);
    read_snapshot(t, &shot); /* waits for nobody */
    TP_CHECK_EQ(check_pairs(&shot, 0, &missing), PAIRS);
    TP_CHECK_EQ(missing, 1);
    TP_CHECK_EQ(test_chunk(&shot, TP_CHUNK_DATA, 1)->flags & TP_CHUNK_UNFINISHED,
                TP_CHUNK_UNFINISHED);
    fire(PAIRS, 9 * PAIRS);
    TP_CHECK_EQ(stats(t).unread, 4 * PAIRS - 1);
    tp_pipe_flush(t);
    test_drain(t, &dump, 4096);
    TP_CHECK_EQ(test_chunk(&dump, TP_CHUNK_DATA, 0)->records, 10);
    TP_CHECK_EQ(stats(t).read, 10);
    test_time += 1000000000; /* the port's second */
    test_drain(t, &dump, 4096);
    tp_trace_stop(t);
    test_drain(t, &dump, 4096);
    TP_CHECK(tp_pipe_ended(t));
    missing = 0;
    TP_CHECK_EQ(check_pairs(&dump, 0, &missing), kept);
    TP_CHECK_EQ(missing, 1);
    TP_CHECK_EQ(stats(t).unfinished, 1);
    TP_CHECK_EQ(stats(t).read + stats(t).lost[TP_LOST_FULL] + stats(t).lost[TP_LOST_NESTED] + 1,
                9 * PAIRS);
    test_dump_free(&dump);
    test_dump_free(&shot);
    test_close(t);
}

TP_TEST(DeadWriter, LosesItsRecordAndEndsTheRingALapLater)
{
    check_dead(&discard, 4 * PAIRS);
    check_dead(&overwrite, 4 * PAIRS);
}

/* A dump counts from the first number it sees: the very first event must not be what is missing. */
TP_TEST(DeadWriter, InItsFirstEvent)
{
    for (unsigned i = 0; i < 2; i++) {
        struct tp_trace *t = test_open(i ? &overwrite : &discard);
        struct test_dump dump = {0}, shot = {0}, out = {0}, diag = {0};

        die(t, 8);
        if (i)
            fire(1, 4);
        read_snapshot(t, &shot);
        TP_CHECK_EQ(test_decode(&shot, &out, &diag), 0);
        TP_CHECK_STREQ((char *)diag.bytes, i ? "3 records, 1 lost\n" : "0 records, 1 lost\n");
        tp_trace_stop(t);
        test_drain(t, &dump, 4096);
        test_time += 1000000000;
        test_drain(t, &dump, 4096);
        TP_CHECK(tp_pipe_ended(t));
        out.size = diag.size = 0;
        TP_CHECK_EQ(test_decode(&dump, &out, &diag), 0);
        TP_CHECK_STREQ((char *)diag.bytes, i ? "3 records, 1 lost\n" : "0 records, 1 lost\n");
        test_dump_free(&dump);
        test_dump_free(&shot);
        test_dump_free(&out);
        test_dump_free(&diag);
        test_close(t);
    }
}

/* What it was in is given back by the next look, though nothing new can be read. */
TP_TEST(DeadWriter, ThatComesBackToAFullBuffer)
{
    struct tp_trace *t = test_open(&discard);
    struct test_dump dump = {0};
    struct tp_slot s;

    TP_CHECK(tp_record_begin(&s, tp_trace_number(t), tp_event_sched_none.id, 8));
    fire(1, 4 * PAIRS + 5);
    for (unsigned i = 0; i < 2; i++) {
        tp_pipe_flush(t);
        test_drain(t, &dump, 4096);
        test_time += 1000000000;
    }
    tp_pipe_flush(t);
    test_drain(t, &dump, 4096);
    TP_CHECK_EQ(stats(t).unread, 0);
    TP_CHECK_EQ(stats(t).read, 4 * PAIRS - 1);
    trace_sched_pair(1, 1);
    TP_CHECK_EQ(stats(t).lost[TP_LOST_FULL], 6);
    tp_record_end(&s);
    test_drain(t, &dump, 4096);
    trace_sched_pair(2, 2);
    TP_CHECK_EQ(stats(t).lost[TP_LOST_FULL], 6);
    TP_CHECK_EQ(stats(t).unread, 1);
    test_dump_free(&dump);
    test_close(t);
}

/* It may come back after all. Its record was counted, and no room is given twice. */
TP_TEST(DeadWriter, ThatComesBack)
{
    struct tp_trace *t = test_open(&discard);
    struct test_dump dump = {0};
    uint64_t missing = 0;
    struct tp_slot s;

    TP_CHECK(tp_record_begin(&s, tp_trace_number(t), tp_event_sched_none.id, 8));
    fire(1, 2 * PAIRS);
    test_drain(t, &dump, 4096);
    test_time += 1000000000;
    test_drain(t, &dump, 4096);
    tp_record_end(&s);
    fire(2 * PAIRS, 4 * PAIRS);
    test_drain(t, &dump, 4096); /* up to the third; now they can be given back */
    fire(4 * PAIRS, 7 * PAIRS);
    tp_trace_stop(t);
    test_drain(t, &dump, 4096);
    TP_CHECK_EQ(check_pairs(&dump, 0, &missing), 7 * PAIRS);
    TP_CHECK_EQ(missing, 1);
    TP_CHECK_EQ(stats(t).unfinished, 1);
    TP_CHECK_EQ(stats(t).read, 7 * PAIRS - 1);
    test_dump_free(&dump);
    test_close(t);
}

/* Nothing is known of what is behind a record whose header was not written: it is counted. */
TP_TEST(DeadWriter, BeforeItsHeader)
{
    struct tp_trace *t = test_open(&overwrite);
    struct test_dump dump = {0};
    uint64_t missing = 0;

    fire(0, 10);
    t->ring[0].cursor += 16; /* reserved, and dead */
    fire(11, 2 * PAIRS + 5);
    tp_trace_stop(t);
    test_drain(t, &dump, 4096);
    test_time += 1000000000;
    test_drain(t, &dump, 4096);
    TP_CHECK(tp_pipe_ended(t));
    TP_CHECK_EQ(check_pairs(&dump, 0, &missing), 2 * PAIRS + 5);
    TP_CHECK_EQ(missing, PAIRS - 10); /* it, and the 14 behind it */
    test_dump_free(&dump);
    test_close(t);
}

static unsigned recursions;

static void recurse(void)
{
    recursions++;
    trace_sched_none();
}

/* A hook that fires an event, whose hook fires an event ... */
TP_TEST(Recursion, IsBoundedAndCounted)
{
    struct tp_config c = discard;
    struct tp_trace *t;

    c.context = true;
    t = test_open(&c);
    recursions = 0;
    test_context_hook = recurse;
    trace_sched_none();
    test_context_hook = NULL;
    /* 8 are inside, each fires one; the ninth is refused. */
    TP_CHECK_EQ(recursions, 8);
    TP_CHECK_EQ(stats(t).unread, 8);
    TP_CHECK_EQ(stats(t).lost[TP_LOST_RECURSION], 1);
    test_context_hook = recurse;
    trace_sched_none();
    TP_CHECK_EQ(stats(t).unread, 16);
    TP_CHECK_EQ(stats(t).lost[TP_LOST_RECURSION], 2);
    test_close(t);
}

TP_TEST(Doorbell, RingsWhenASubBufferIsLeft)
{
    struct tp_trace *t = test_open(&discard);
    struct test_dump dump = {0};

    TP_CHECK(!tp_pipe_sleep(t)); /* the metadata */
    test_drain(t, &dump, 4096);
    TP_CHECK(tp_pipe_sleep(t));
    fire(0, PAIRS);
    TP_CHECK_EQ(test_rung, 0);
    fire(PAIRS, PAIRS + 1);
    TP_CHECK_EQ(test_rung, 1);
    fire(PAIRS + 1, 3 * PAIRS);
    TP_CHECK_EQ(test_rung, 1); /* it is awake */
    TP_CHECK(!tp_pipe_sleep(t));
    test_drain(t, &dump, 4096);
    TP_CHECK(tp_pipe_sleep(t));
    tp_pipe_flush(t);
    TP_CHECK_EQ(test_rung, 2);
    TP_CHECK(!tp_pipe_sleep(t));
    test_drain(t, &dump, 4096);
    TP_CHECK(tp_pipe_sleep(t));
    tp_trace_stop(t);
    TP_CHECK_EQ(test_rung, 3);
    TP_CHECK(!tp_pipe_sleep(t));
    test_drain(t, &dump, 4096);
    TP_CHECK(tp_pipe_sleep(t));
    test_dump_free(&dump);
    test_close(t);
}

TP_TEST(Configure, OnlyWhileStopped)
{
    struct tp_config c = overwrite;
    struct tp_trace *t = test_open(&discard);
    struct test_dump dump = {0};
    uint64_t missing = 0;

    c.subbufs = 2; /* with room for the pipe's copies it fits where discard mode had 4 */
    TP_CHECK_EQ(tp_trace_configure(t, &c), TP_EBUSY);
    fire(1000, 1010);
    TP_CHECK_EQ(tp_trace_disable(t, "mm"), 0);
    tp_trace_stop(t);
    c.subbufs = 4096;
    TP_CHECK_EQ(tp_trace_configure(t, &c), TP_ESPACE);
    c.subbufs = 3;
    TP_CHECK_EQ(tp_trace_configure(t, &c), TP_EINVAL);
    TP_CHECK_EQ(stats(t).unread, 10);
    c.subbufs = 2;
    TP_CHECK_EQ(tp_trace_configure(t, &c), 0);
    TP_CHECK_EQ(stats(t).unread, 0);
    TP_CHECK_EQ(tp_trace_start(t), 0);
    TP_CHECK(!trace_mm_wide_enabled());
    fire(0, 5 * PAIRS);
    tp_trace_stop(t);
    test_drain(t, &dump, 4096);
    TP_CHECK_EQ(check_pairs(&dump, 0, &missing), 5 * PAIRS);
    TP_CHECK_EQ(missing, 4 * PAIRS);
    test_dump_free(&dump);
    test_close(t);
}

/* Eight at once, each with its own mode, size, context word and events. */
TP_TEST(Traces, EachHasItsOwn)
{
    struct tp_trace *t[8];
    struct test_dump dump = {0};

    for (unsigned i = 0; i < 8; i++) {
        struct tp_config c = i % 2 ? overwrite : discard;

        c.subbuf_bytes = 512u << i % 4;
        c.context = i & 4;
        t[i] = test_open(&c);
        if (i % 3 == 2)
            TP_CHECK_EQ(tp_trace_disable(t[i], "sched:pair"), 0);
    }
    fire(0, 2000);
    for (unsigned i = 0; i < 8; i++) {
        uint64_t sum = stats(t[i]).unread + stats(t[i]).lost[TP_LOST_FULL] +
                       stats(t[i]).lost[TP_LOST_OVERWRITTEN];

        TP_CHECK_EQ(sum, i % 3 == 2 ? 0 : 2000);
        TP_CHECK_EQ(stats(t[i]).lost[TP_LOST_OVERWRITTEN] > 0, i % 3 != 2 && i % 2);
        tp_trace_stop(t[i]);
        dump.size = 0;
        test_drain(t[i], &dump, 4096);
        TP_CHECK_EQ(stats(t[i]).unread, 0);
        TP_CHECK_EQ(test_chunk(&dump, TP_CHUNK_DATA, 0)->flags,
                    (i & 4 ? TP_CHUNK_CONTEXT : 0) | (i % 2 ? TP_CHUNK_OVERWRITE : 0));
        test_close(t[i]);
    }
    test_dump_free(&dump);
}
