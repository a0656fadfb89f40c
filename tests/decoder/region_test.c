/* SPDX-License-Identifier: MIT */
/*
 * region_test.c - traces in images of memory: what is there is printed, what
 * is damaged is told, and nothing makes the decoder fall over.
 *
 * The images are made by region_help.c from doc/format.md; event n of a CPU has
 * the value n and the time n microseconds, unless it is said otherwise.
 */
#include "region_help.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decoder/base/mem.h"
#include "tp_test.h"

#define MISSING "missing from the dump"
#define NEVER "never finished by their writer"
#define DAMAGED "--- cpu 0: records lost here (memory damaged, how many is not known) ---\n"

/* --- what is wanted --- */

static void want(struct help_bytes *b, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void want(struct help_bytes *b, const char *format, ...)
{
    char text[512];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    help_add(b, text, strlen(text));
}

static void want_events(struct help_bytes *b, uint32_t cpu, uint32_t first, uint32_t count)
{
    for (uint32_t v = first; v < first + count; v++)
        want(b, "           <...>-0       [%03u] ..... %5u.%06u: t_num: v=%u\n", cpu, v / 1000000,
             v % 1000000, v);
}

static void want_lost(struct help_bytes *b, uint32_t cpu, unsigned n, const char *cause)
{
    want(b, "--- cpu %u: %u records lost here (%s) ---\n", cpu, n, cause);
}

static void want_region(struct help_bytes *b, const struct memory *m, size_t at)
{
    want(
        b,
        "tpdecode: x: region at 0x%zx: recovered from memory: m, %u cpus, %s, %u sub-buffers of %u "
        "bytes each\n",
        at, m->cpus, m->flags & MEMORY_OVERWRITE ? "overwrite" : "discard", m->subbufs,
        m->subbuf_bytes);
}

/* Decodes an image; frees what is wanted of it. err: NULL, or exactly what is said. */
static void check(const struct help_bytes *image, struct help_bytes *out, struct help_bytes *err,
                  int code)
{
    struct help_run run = help_decode("x", image->p, image->n, HELP_TEXT);

    help_add(out, "", 0);
    TP_CHECK_STREQ(run.out, (char *)out->p);
    if (err)
        TP_CHECK_STREQ(run.err, (char *)err->p);
    if (run.code != code)
        TP_FAIL("exit code %d, not %d\n%s", run.code, code, run.err);
    help_run_free(&run);
    help_free(out);
    if (err)
        help_free(err);
}

/* The same, and it says one line of damage, which has this in it. */
static void check_damage(const struct memory *m, struct help_bytes *out, const char *what)
{
    struct help_run run = help_decode("x", m->b.p, m->b.n, HELP_TEXT);

    help_add(out, "", 0);
    TP_CHECK_STREQ(run.out, (char *)out->p);
    if (run.code != 1 || !strstr(run.err, what) || !strstr(run.err, "lost, 1 chunks damaged\n"))
        TP_FAIL("wanted '%s', exit code %d:\n%s", what, run.code, run.err);
    help_run_free(&run);
    help_free(out);
}

/* --- good images --- */

/* Discard mode: 5 sub-buffers were used, of which the reader has given back one; 2 CPUs. */
static void region_discard(struct memory *m, uint64_t base)
{
    m->cpus = 2;
    memory_make(m);
    for (uint32_t cpu = 0; cpu < 2; cpu++) {
        uint32_t at;

        for (uint32_t i = 1; i < 4; i++)
            memory_full(m, cpu, base + i, 3 * i, 3);
        at = memory_current(m, cpu, base + 4, 12, 2);
        memory_ring(m, cpu,
                    (struct memory_ring){
                        .cursor = base + 4, .offset = at, .limit = base + 5, .gone = {3, 3}});
    }
}

static void want_discard(struct help_bytes *out)
{
    for (uint32_t v = 3; v < 14; v++) {
        want_events(out, 0, v, 1);
        want_events(out, 1, v, 1);
    }
}

TP_TEST(DecoderRegion, DiscardInAllShapes)
{
    for (unsigned shape = 0; shape < 4; shape++) {
        struct memory m = {.word_bytes = shape & 1 ? 4 : 8, .swap = shape & 2};
        struct help_bytes out = {0}, err = {0};

        region_discard(&m, 0);
        want_discard(&out);
        want_region(&err, &m, 0);
        want(&err, "22 records, 0 lost\n");
        check(&m.b, &out, &err, 0);
        help_free(&m.b);
    }
}

/* Words of 4 bytes: 23 bits are left for the numbers. 8 bytes: 55. */
TP_TEST(DecoderRegion, NumbersWrap)
{
    for (unsigned shape = 0; shape < 4; shape++) {
        struct memory m = {.word_bytes = shape & 1 ? 4 : 8, .swap = shape & 2};
        uint64_t range = (uint64_t)1 << (m.word_bytes * 8 - 9);
        uint32_t at;

        /* Which one is the first behind the wrap: none, the oldest, one between, the newest, the
         * limit. */
        for (uint64_t back = 0; back < 6; back++) {
            struct help_bytes out = {0};

            help_free(&m.b);
            m.subbufs = 4;
            memory_make(&m);
            for (uint32_t i = 0; i < 3; i++)
                memory_full(&m, 0, (range - back + i) % range, 3 * i, 3);
            at = memory_current(&m, 0, (range - back + 3) % range, 9, 1);
            memory_ring(&m, 0,
                        (struct memory_ring){.cursor = (range - back + 3) % range,
                                             .offset = at,
                                             .limit = (range - back + 4) % range});
            want_events(&out, 0, 0, 10);
            check(&m.b, &out, NULL, 0);
        }
        help_free(&m.b);
    }
}

/* Overwrite mode: what is gone was overwritten, by the newer of the two numbers. */
enum making { MAKING_NONE, MAKING_STARTED, MAKING_DONE };
static void region_overwrite(struct memory *m, enum making making)
{
    uint32_t at;

    m->flags |= MEMORY_OVERWRITE;
    memory_make(m);
    memory_full(m, 0, 8, 100, 3);
    memory_full(m, 0, 9, 103, 4);
    at = memory_current(m, 0, 10, 107, 2);
    memory_ready(m, 0, 11);
    if (making) /* number 12 where 8 was, before the limit tells */
        memory_ready(m, 0, 12);
    if (making == MAKING_STARTED) { /* there is its number, and else what comes */
        memset(m->b.p + memory_subbuf_at(m, 0, 12), 0, 40);
        memset(m->b.p + memory_subbuf_at(m, 0, 12) + 200, 0xaa, 300);
    }
    memory_ring(m, 0,
                (struct memory_ring){
                    .cursor = 10, .offset = at, .limit = 12, .gone = {making ? 103 : 96, 100}});
}

TP_TEST(DecoderRegion, Overwrite)
{
    struct memory m = {0};
    struct help_bytes out = {0}, err = {0};

    region_overwrite(&m, MAKING_NONE);
    want_lost(&out, 0, 100, "overwritten");
    want_events(&out, 0, 100, 9);
    want_region(&err, &m, 0);
    want(&err, "9 records, 100 lost\n");
    check(&m.b, &out, &err, 0);
    help_free(&m.b);
}

/* The number at the limit is there already: it counts as prepared, so one more is gone. */
TP_TEST(DecoderRegion, SubbufferInTheMaking)
{
    for (enum making making = MAKING_STARTED; making <= MAKING_DONE; making++) {
        struct memory m = {0};
        struct help_bytes out = {0}, err = {0};

        region_overwrite(&m, making);
        want_lost(&out, 0, 103, "overwritten");
        want_events(&out, 0, 103, 6);
        want_region(&err, &m, 0);
        want(&err, "6 records, 103 lost\n");
        check(&m.b, &out, &err, 0);
        help_free(&m.b);
    }
}

/* In discard mode a reader may have taken the current one, too: then there is nothing. Or nothing
 * was recorded yet. */
TP_TEST(DecoderRegion, NothingIsThere)
{
    for (uint64_t base = 0; base < 3; base++) {
        struct memory m = {0};
        struct help_bytes out = {0}, err = {0};

        memory_make(&m);
        for (uint64_t i = 0; i < 4; i++)
            memory_ready(&m, 0, base + i);
        memory_ring(&m, 0,
                    (struct memory_ring){.cursor = base - 1,
                                         .offset = 504,
                                         .limit = base + 4,
                                         .gone = {5 * base, 5 * base}});
        want_region(&err, &m, 0);
        want(&err, "0 records, 0 lost\n");
        check(&m.b, &out, &err, 0);
        help_free(&m.b);
    }
}

/* Counts of losses grow in the headers; the ring's own are the last. */
TP_TEST(DecoderRegion, Losses)
{
    struct memory m = {0};
    struct help_bytes out = {0};

    memory_make(&m);
    memory_full(&m, 0, 0, 0, 2);
    memory_subbuf(&m, 0,
                  (struct memory_subbuf){
                      .number = 1, .time = 2000, .units = 15, .events = 1, .lost = {5, 0, 1, 0}});
    memory_record(&m, 0, 1, 104, 2000, MEMORY_EVENT(2), 2);
    memory_ring(&m, 0,
                (struct memory_ring){
                    .cursor = 1, .offset = 120, .limit = 4, .lost = {5, 0, 1, 0x100000002}});
    memory_ready(&m, 0, 2);
    memory_ready(&m, 0, 3);
    want_events(&out, 0, 0, 2);
    want_lost(&out, 0, 5, "buffer full");
    want_lost(&out, 0, 1, "record too large");
    want_events(&out, 0, 2, 1);
    want(&out, "--- cpu 0: 4294967298 records lost here (recursion) ---\n");
    check(&m.b, &out, NULL, 0);
    help_free(&m.b);
}

/* Names and clock pair; context; a new upper half of the time in the middle. */
TP_TEST(DecoderRegion, TasksClockContextTime)
{
    struct memory m = {.flags = MEMORY_CONTEXT, .swap = true};
    struct help_run run;
    uint32_t at;

    memory_make(&m);
    memory_put(&m, m.tasks_at + 40 + 32, 7, 4); /* the first and the last entry are not used */
    memory_put(&m, m.tasks_at + 40 + 36, 3, 4);
    memcpy(m.b.p + m.tasks_at + 40 + 40, "seven", 5);
    memory_put(&m, m.tasks_at, 1, 8); /* an older pair */
    memory_put(&m, m.tasks_at + 16, 0xffffff00, 8);
    memory_put(&m, m.tasks_at + 24, 1000000000ull * 86400, 8);
    memory_put(&m, m.tasks_at + 32, 0xfffffffe, 4);
    memory_subbuf(&m, 0, (struct memory_subbuf){.time = 0xffffff00, .units = 13 + 8, .events = 2});
    at = memory_record(&m, 0, 0, 104, 0xffffff00, MEMORY_EVENT(3), 1);
    memory_put(&m, memory_subbuf_at(&m, 0, 0) + 112, 7, 4);
    memory_put(&m, memory_subbuf_at(&m, 0, 0) + at, 0x10, 4);
    memory_put(&m, memory_subbuf_at(&m, 0, 0) + at + 4, 0x8002ffff, 4);
    memory_put(&m, memory_subbuf_at(&m, 0, 0) + at + 8, 0x100000010, 8);
    at = memory_record(&m, 0, 0, at + 16, 0x10, MEMORY_EVENT(3), 2);
    for (uint64_t i = 1; i < 4; i++)
        memory_ready(&m, 0, i);
    memory_ring(&m, 0, (struct memory_ring){.cursor = 0, .offset = at, .limit = 4});
    run = help_decode("x", m.b.p, m.b.n, HELP_TEXT);
    TP_CHECK_STREQ(run.out, "           seven-7       [000] .....     4.294967: t_num: v=1\n"
                            "          <idle>-0       [000] .....     4.294967: t_num: v=2\n");
    TP_CHECK_EQ(run.code, 0);
    help_run_free(&run);
    run = help_decode("x", m.b.p, m.b.n, HELP_UTC);
    TP_CHECK_STREQ(
        run.out, "           seven-7       [000] ..... 1970-01-02T00:00:00.000000Z: t_num: v=1\n"
                 "          <idle>-0       [000] ..... 1970-01-02T00:00:00.000000Z: t_num: v=2\n");
    help_run_free(&run);
    help_free(&m.b);
}

/* --- records in flight --- */

/* Three sub-buffers, in the middle one something is not whole; it was left and closed. */
static void region_flight(struct memory *m, uint32_t word, uint32_t units, uint32_t events)
{
    uint32_t at;

    memory_make(m);
    memory_full(m, 0, 0, 0, 2);
    memory_subbuf(
        m, 0,
        (struct memory_subbuf){
            .number = 1, .time = 2000, .units = units, .events = events, .size_bytes = 168});
    at = memory_record(m, 0, 1, 104, 2000, MEMORY_EVENT(2), 2);
    memory_record(m, 0, 1, at, word ? 3000 : 0, word, 0);
    at = memory_record(m, 0, 1, at + 16, 4000, MEMORY_EVENT(2), 4);
    memory_record(m, 0, 1, at, 5000, MEMORY_EVENT(2), 5);
    at = memory_current(m, 0, 2, 6, 1);
    memory_ready(m, 0, 3);
    memory_ring(m, 0, (struct memory_ring){.cursor = 2, .offset = at, .limit = 4});
}

TP_TEST(DecoderRegion, InFlightWithLength)
{
    struct memory m = {0};
    struct help_bytes out = {0}, err = {0};

    region_flight(&m, MEMORY_FLIGHT(2), 62, 3);
    want_events(&out, 0, 0, 3);
    want_lost(&out, 0, 1, NEVER);
    want(&out, "           <...>-0       [000] .....     0.000003: t_num: v=0 <unfinished>\n");
    want_events(&out, 0, 4, 3);
    want_region(&err, &m, 0);
    want(&err, "6 records, 1 lost\n");
    check(&m.b, &out, &err, 0);
    help_free(&m.b);
}

/* Behind it nothing is known but that the commit word counts two more. */
TP_TEST(DecoderRegion, InFlightWithoutLength)
{
    struct memory m = {0};
    struct help_bytes out = {0}, err = {0};

    region_flight(&m, 0, 62, 3);
    want_events(&out, 0, 0, 3);
    want_lost(&out, 0, 3, NEVER);
    want_events(&out, 0, 6, 1);
    want_region(&err, &m, 0);
    want(&err, "4 records, 3 lost\n");
    check(&m.b, &out, &err, 0);
    help_free(&m.b);
}

/* A time stamp in flight: there is a length, but no time for what is behind. */
TP_TEST(DecoderRegion, StampInFlight)
{
    struct memory m = {0};
    struct help_bytes out = {0};

    region_flight(&m, 0x0002ffff, 62, 3);
    want_events(&out, 0, 0, 3);
    want_lost(&out, 0, 3, NEVER);
    want_events(&out, 0, 6, 1);
    check(&m.b, &out, NULL, 0);
    help_free(&m.b);
}

/* Two in flight, the outer one having been interrupted; the greatest length there is. */
TP_TEST(DecoderRegion, InFlightNestedAndLong)
{
    struct memory m = {.subbuf_bytes = 65536};
    struct help_bytes out = {0};
    uint32_t at;

    memory_make(&m);
    memory_subbuf(&m, 0, (struct memory_subbuf){.time = 0, .units = 15, .events = 1});
    at = memory_record(&m, 0, 0, 104, 0, MEMORY_EVENT(2), 0);
    at = memory_record(&m, 0, 0, at, 1000, MEMORY_FLIGHT(4095), 1);
    at = memory_record(&m, 0, 0, at, 2000, MEMORY_FLIGHT(2), 2);
    for (uint64_t i = 1; i < 4; i++)
        memory_ready(&m, 0, i);
    memory_ring(&m, 0, (struct memory_ring){.offset = at, .limit = 4});
    want_events(&out, 0, 0, 1);
    for (unsigned v = 1; v < 3; v++) {
        want_lost(&out, 0, 1, NEVER);
        want(&out, "           <...>-0       [000] .....     0.00000%u: t_num: v=%u <unfinished>\n",
             v, v);
    }
    check(&m.b, &out, NULL, 0);
    help_free(&m.b);
}

/* The cursor is in a new sub-buffer; whoever moved it has not yet written the header nor closed the
 * old one, where there was too little room. An interrupt may have recorded behind. */
TP_TEST(DecoderRegion, EnteredNotOpened)
{
    for (unsigned interrupted = 0; interrupted < 2; interrupted++) {
        struct memory m = {0};
        struct help_bytes out = {0}, err = {0};
        uint32_t at;

        memory_make(&m);
        at = memory_current(&m, 0, 0, 0, 24);
        TP_ASSERT_EQ(at, 488);
        memory_subbuf(
            &m, 0,
            (struct memory_subbuf){.number = 1, .units = 2 * interrupted, .events = interrupted});
        if (interrupted)
            memory_record(&m, 0, 1, 136, 25000, MEMORY_EVENT(2), 25);
        memory_ready(&m, 0, 2);
        memory_ready(&m, 0, 3);
        memory_ring(
            &m, 0, (struct memory_ring){.cursor = 1, .offset = 136 + 16 * interrupted, .limit = 4});
        want_events(&out, 0, 0, 24);
        want_lost(&out, 0, 1 + interrupted, NEVER);
        want_region(&err, &m, 0);
        want(&err, "24 records, %u lost\n", 1 + interrupted);
        check(&m.b, &out, &err, 0);
        help_free(&m.b);
    }
}

/* --- where regions are --- */

/* At any multiple of 4, among fragments of dumps that are not to be decoded. */
TP_TEST(DecoderRegion, SomewhereInAFile)
{
    struct memory m = {0}, n = {.word_bytes = 4, .swap = true, .stream = 0x5eed};
    struct help_bytes image = {0}, out = {0}, err = {0}, dump = help_example();
    size_t at[2];

    help_add(&image,
             "\x7f"
             "ELF....",
             8);
    help_add(&image, dump.p, dump.n);
    help_add(&image, "....", 4);
    at[0] = image.n;
    region_discard(&m, 7);
    help_add(&image, m.b.p, m.b.n);
    help_add(&image, "\xf5tp\xfb....", 8);
    help_add(&image, dump.p, dump.n);
    at[1] = image.n;
    TP_ASSERT_EQ(at[1] % 4, 0);
    region_overwrite(&n, MAKING_NONE);
    help_add(&image, n.b.p, n.b.n);
    help_add(&image, dump.p, dump.n);
    want_discard(&out);
    want(&out, "--- capture 2 begins ---\n");
    want_lost(&out, 0, 100, "overwritten");
    want_events(&out, 0, 100, 9);
    want_region(&err, &m, at[0]);
    want_region(&err, &n, at[1]);
    want(&err, "31 records, 100 lost\n");
    check(&image, &out, &err, 0);
    help_free(&image);
    help_free(&m.b);
    help_free(&n.b);
    help_free(&dump);
}

/* Not at a multiple of 4, it is none; and what starts like a dump is one. */
TP_TEST(DecoderRegion, NoImage)
{
    struct memory m = {0};
    struct help_bytes image = {0}, out = {0}, err = {0}, dump = help_example();

    region_discard(&m, 0);
    help_add(&image, "..", 2);
    help_add(&image, m.b.p, m.b.n);
    want(&err, "tpdecode: x: not a tracepoint dump (no chunk found in %zu bytes)\n", image.n);
    check(&image, &out, &err, 3);
    help_free(&image);
    help_add(&image, dump.p, dump.n);
    help_add(&image, m.b.p, m.b.n);
    want(&out, "           <...>-42      [000] d.h1.     8.589934: sched_switch: next=7 why=wake "
               "comm=bash\n");
    want(&out, "           <...>-42      [000] d.h1.     8.589934: sched_switch: next=0 why=idle "
               "comm=idl...\n");
    want_lost(&out, 0, 3, "buffer full");
    check(&image, &out, NULL, 1);
    help_free(&image);
    help_free(&m.b);
    help_free(&dump);
}

/* A count that cannot be is taken from the newest sub-buffer that has one which can. */
TP_TEST(DecoderRegion, CountsThatCannotBe)
{
    for (unsigned i = 0; i < 2; i++) {
        uint64_t most = TP_LIMIT_COUNT - 1 + i;
        struct memory m = {0};
        struct help_bytes out = {0};

        memory_make(&m);
        memory_full(&m, 0, 0, 0, 2);
        memory_subbuf(
            &m, 0,
            (struct memory_subbuf){
                .number = 1, .time = 2000, .units = 15, .events = 1, .lost = {5, 0, 0, 0}});
        memory_record(&m, 0, 1, 104, 2000, MEMORY_EVENT(2), 2);
        memory_ring(&m, 0,
                    (struct memory_ring){.cursor = 1,
                                         .offset = 120,
                                         .limit = 4,
                                         .lost = {most >> 31 << 32 | (uint32_t)most}});
        memory_ready(&m, 0, 2);
        memory_ready(&m, 0, 3);
        want_events(&out, 0, 0, 2);
        want_lost(&out, 0, 5, "buffer full");
        want_events(&out, 0, 2, 1);
        if (!i)
            want(&out, "--- cpu 0: 4503599627370490 records lost here (buffer full) ---\n");
        if (i)
            check_damage(&m, &out, "the count of losses of its ring cannot be right");
        else
            check(&m.b, &out, NULL, 0);
        help_free(&m.b);
    }
}

/* The number of the first event likewise, where nothing tells it better: both numbers are as large. */
TP_TEST(DecoderRegion, EventsGoneThatCannotBe)
{
    for (unsigned i = 0; i < 2; i++) {
        struct memory m = {.flags = MEMORY_OVERWRITE};
        struct help_run run;
        uint64_t gone = TP_LIMIT_COUNT - 1 + i;

        region_discard(&m, 0);
        for (uint32_t cpu = 0; cpu < 2; cpu++)
            memory_ring(
                &m, cpu,
                (struct memory_ring){.cursor = 4, .offset = 136, .limit = 5, .gone = {gone, gone}});
        run = help_decode("x", m.b.p, m.b.n, HELP_TEXT);
        TP_CHECK_EQ(run.code, i);
        TP_CHECK_EQ(i, strstr(run.err, "the number of events gone of its ring") != NULL);
        TP_CHECK_EQ(i, strstr(run.err, "22 records, 0 lost") != NULL);
        help_run_free(&run);
        help_free(&m.b);
    }
}

/* --- the header --- */

TP_TEST(DecoderRegion, OneCopyOfTheHeaderIsEnough)
{
    for (unsigned bad = 0; bad < 2; bad++) {
        struct memory m = {0};
        struct help_bytes out = {0}, err = {0};

        region_discard(&m, 0);
        m.b.p[128 * bad + 40] ^= 1;
        want_discard(&out);
        want(&err,
             "tpdecode: x: region at 0x0: the %s copy of its header is damaged, used the %s\n",
             bad ? "second" : "first", bad ? "first" : "second");
        want_region(&err, &m, 0);
        want(&err, "22 records, 0 lost, 1 chunks damaged\n");
        check(&m.b, &out, &err, 1);
        help_free(&m.b);
    }
}

/* The newer one holds, by difference; the other one gives a place where there is nothing. */
/* One wrong bit makes the start of a region that of a dump; the second copy tells. */
TP_TEST(DecoderRegion, StartsAsADump)
{
    struct memory m = {0};
    struct help_bytes out = {0}, err = {0};

    region_discard(&m, 0);
    m.b.p[3] ^= 1;
    TP_ASSERT_EQ(m.b.p[3], TP_WIRE_MAGIC3);
    want_discard(&out);
    want(&err,
         "tpdecode: x: region at 0x0: the first copy of its header is damaged, used the second\n");
    want_region(&err, &m, 0);
    want(&err, "22 records, 0 lost, 1 chunks damaged\n");
    check(&m.b, &out, &err, 1);
    m.b.p[128 + 40] ^= 1; /* neither */
    help_free(&err);
    {
        struct help_run run = help_decode("x", m.b.p, m.b.n, HELP_TEXT);

        TP_CHECK_EQ(run.code, 3);
        help_run_free(&run);
    }
    help_free(&m.b);
}

TP_TEST(DecoderRegion, NewerCopyHolds)
{
    static const uint32_t generations[][2] = {
        {1, 2}, {2, 1}, {0xffffffff, 0}, {0, 0xffffffff}, {0x7fffffff, 0x80000000}};

    for (size_t i = 0; i < sizeof(generations) / sizeof(generations[0]); i++) {
        struct memory m = {0};
        struct help_bytes out = {0};
        unsigned newer = (int32_t)(generations[i][1] - generations[i][0]) > 0;

        region_discard(&m, 0);
        memory_header(&m, 0, generations[i][0]);
        memory_header(&m, 1, generations[i][1]);
        memory_put(&m, 128 * !newer + 88, m.tasks_at, 8);
        memory_header_crc(&m, !newer);
        want_discard(&out);
        check(&m.b, &out, NULL, 0);
        help_free(&m.b);
    }
}

/* Fields that a later minor version has added, and a later major version. */
TP_TEST(DecoderRegion, OtherVersions)
{
    struct memory m = {0};
    struct help_bytes out = {0}, err = {0};

    region_discard(&m, 0);
    for (unsigned copy = 0; copy < 2; copy++) {
        m.b.p[128 * copy + 7] = 9;
        memset(m.b.p + 128 * copy + 120, 0xaa, 8);
        memory_header_crc(&m, copy);
    }
    want_discard(&out);
    check(&m.b, &out, NULL, 0);
    for (unsigned copy = 0; copy < 2; copy++) {
        memory_header(&m, copy, copy);
        m.b.p[128 * copy + 6] = 2;
        memory_header_crc(&m, copy);
        want(&err,
             "tpdecode: x: region at 0x0: made by format 2.0, this tpdecode reads up to 1.x\n");
    }
    check(&m.b, &out, &err, 3);
    help_free(&m.b);
}

/* Each field with values that cannot be, under a good checksum, in one copy or both. */
TP_TEST(DecoderRegion, ExtremeHeaders)
{
    static const uint64_t values[] = {0,
                                      1,
                                      3,
                                      7,
                                      0x7f,
                                      0x80,
                                      0xff,
                                      0x1ff,
                                      0x7fff,
                                      0xffff,
                                      0x10000,
                                      0x40000,
                                      0x7fffffff,
                                      0x80000000,
                                      0xffffffff,
                                      0x7fffffffffffffff,
                                      0x8000000000000000,
                                      0xffffffffffffff00,
                                      0xffffffffffffffff};
    static const struct {
        size_t at, bytes;
    } fields[] = {{7, 1},  {9, 1},   {20, 2},  {24, 8},  {32, 8},  {40, 4}, {44, 4}, {48, 4},
                  {52, 4}, {56, 4},  {60, 4},  {64, 8},  {72, 8},  {80, 8}, {88, 8}, {96, 2},
                  {98, 2}, {100, 2}, {102, 2}, {108, 4}, {112, 4}, {116, 4}};

    for (size_t f = 0; f < sizeof(fields) / sizeof(fields[0]); f++)
        for (size_t v = 0; v < sizeof(values) / sizeof(values[0]); v++) {
            struct memory m = {0};
            struct help_run run;

            region_discard(&m, 0);
            for (unsigned copy = 0; copy < 2; copy++) {
                memory_put(&m, 128 * copy + fields[f].at, values[v], fields[f].bytes);
                memory_header_crc(&m, copy);
            }
            run = help_decode("x", m.b.p, m.b.n, HELP_TEXT);
            TP_CHECK(run.code == 0 || run.code == 1 || run.code == 3);
            help_run_free(&run);
            help_free(&m.b);
        }
}

/* A header that says 2^31 sub-buffers: those that are in the image are read, and the others are not gone through, neither
 * for the ring nor for its newest where its state is damaged. With a loop through all of them this does not end within
 * a minute. */
TP_TEST(DecoderRegion, SubbuffersThatAreNotThere)
{
    for (unsigned damaged = 0; damaged < 2; damaged++) {
        struct help_bytes out = {0};
        struct memory m = {0};
        struct help_run run;
        uint32_t at;

        memory_make(&m);
        memory_full(&m, 0, 0, 0, 3);
        memory_full(&m, 0, 1, 3, 3);
        at = memory_current(&m, 0, 2, 6, 2);
        memory_ready(&m, 0, 3);
        memory_ring(&m, 0, (struct memory_ring){.cursor = 2, .offset = at, .limit = 4});
        for (unsigned copy = 0; copy < 2; copy++) {
            memory_put(&m, 128 * copy + 32, m.data_at + (512ull << 31), 8);
            memory_put(&m, 128 * copy + 48, 0x80000000u, 4);
            memory_header_crc(&m, copy);
        }
        if (damaged)
            memory_ring(&m, 0, (struct memory_ring){.cursor = 77, .offset = 3, .limit = 99});
        run = help_decode("x", m.b.p, m.b.n, HELP_TEXT);
        TP_CHECK_EQ(run.code, 1);
        TP_CHECK(strstr(run.err, "the image ends inside it"));
        TP_CHECK_EQ(strstr(run.err, "of its ring cannot be right") != NULL, damaged);
        want_events(&out, 0, 0, 8);
        help_add(&out, "", 0);
        TP_CHECK(strstr(run.out, (char *)out.p));
        help_free(&out);
        help_run_free(&run);
        help_free(&m.b);
    }
}

/* Regions that claim the rest of the file, one every 64 bytes: not each time anew. */
TP_TEST(DecoderRegion, ManyOverlap)
{
    struct memory m = {0};
    struct help_bytes image = {0};
    struct help_run run;

    region_discard(&m, 0);
    memory_put(&m, 32, 64u << 20, 8);
    memory_put(&m, 40, 65535, 4);
    memory_put(&m, 60, 64, 4);
    memory_put(&m, 80, 0, 8);
    memory_put(&m, 88, 4096, 8);
    memory_put(&m, 48, 1, 4);
    memory_header_crc(&m, 0);
    while (image.n < 2u << 20)
        help_add(&image, m.b.p, 128);
    run = help_decode("x", image.p, image.n, HELP_TEXT);
    TP_CHECK_EQ(run.code, 3);
    TP_CHECK(strstr(run.err, "too many regions that overlap") || strstr(run.err, "more\n"));
    help_run_free(&run);
    help_free(&image);
    help_free(&m.b);
}

TP_TEST(DecoderRegion, MetadataDamaged)
{
    struct memory m = {0};
    struct help_bytes out = {0}, err = {0};

    region_discard(&m, 0);
    m.b.p[m.metadata_at + 10] ^= 4;
    want(&err, "tpdecode: x: region at 0x0: its metadata is damaged\n"
               "tpdecode: x: the region has no metadata that can be used: give that of another "
               "dump of this kernel, by --metadata\n"
               "tpdecode: x: 12 data chunks at byte 0x188 but no metadata: records cannot be "
               "decoded\n"
               "0 records, 22 lost, 1 chunks damaged\n");
    check(&m.b, &out, &err, 3);
    help_free(&m.b);
}

/* At most 65,536, and all inside of the region. */
TP_TEST(DecoderRegion, MoreTasksThanThereAre)
{
    static const uint32_t tasks[] = {65536, 65537, 0xffffffff};

    for (size_t i = 0; i < 3; i++) {
        struct memory m = {0};
        struct help_run run;

        region_discard(&m, 0);
        for (unsigned copy = 0; copy < 2; copy++) {
            memory_put(&m, 128 * copy + 108, tasks[i], 4);
            memory_header_crc(&m, copy);
        }
        run = help_decode("x", m.b.p, m.b.n, HELP_TEXT);
        TP_CHECK_EQ(run.code, 3);
        TP_CHECK(strstr(run.err, "its header is invalid: place of the tasks") != NULL);
        help_run_free(&run);
        help_free(&m.b);
    }
}

/* --- damage of sub-buffers and rings --- */

/* One CPU, four sub-buffers of three, three, three and two events. */
static void region_small(struct memory *m)
{
    uint32_t at;

    memory_make(m);
    for (uint32_t i = 0; i < 3; i++)
        memory_full(m, 0, i, 3 * i, 3);
    at = memory_current(m, 0, 3, 9, 2);
    memory_ring(m, 0, (struct memory_ring){.cursor = 3, .offset = at, .limit = 4});
}

TP_TEST(DecoderRegion, DamagedHeaderOfASubbuffer)
{
    /* magic, order, major, minor, type, word, header_bytes, flags (one that none has), cpu, stream, seq */
    static const size_t fields[] = {0, 4, 6, 7, 8, 9, 10, 12, 13, 14, 32, 41};

    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        struct memory m = {0};
        struct help_bytes out = {0};

        region_small(&m);
        m.b.p[memory_subbuf_at(&m, 0, 1) + fields[i]] ^= fields[i] == 13 ? 0x10 : 2;
        want_events(&out, 0, 0, 3);
        want(&out, DAMAGED);
        want_events(&out, 0, 6, 5);
        check_damage(&m, &out, fields[i] == 41 ? "sub-buffer 1 at 0x" : "damaged header, skipped");
        help_free(&m.b);
    }
}

/* What tp_trace_attach has cut says so. */
TP_TEST(DecoderRegion, CutBefore)
{
    struct memory m = {.flags = MEMORY_CONTEXT};
    struct help_bytes out = {0};
    uint32_t at;

    memory_make(&m);
    memory_subbuf(&m, 0, (struct memory_subbuf){.units = 64, .events = 1, .size_bytes = 128});
    at = memory_record(&m, 0, 0, 104, 0, MEMORY_EVENT(3), 0);
    TP_ASSERT_EQ(at, 128);
    memory_put(&m, memory_subbuf_at(&m, 0, 0) + 12, 0x0405, 2);
    memory_subbuf(&m, 0, (struct memory_subbuf){.number = 1, .units = 16, .events = 1});
    at = memory_record(&m, 0, 1, 104, 1000, MEMORY_EVENT(3), 1);
    memory_ready(&m, 0, 2);
    memory_ready(&m, 0, 3);
    memory_ring(&m, 0, (struct memory_ring){.cursor = 1, .offset = at, .limit = 4});
    want(&out, "          <idle>-0       [000] .....     0.000000: t_num: v=0\n");
    want(&out, DAMAGED);
    want(&out, "          <idle>-0       [000] .....     0.000001: t_num: v=1\n");
    check_damage(&m, &out, "what came after its records was damaged before");
    help_free(&m.b);
}

/* A time of the header that is below that of the first record is good; above, it is not. */
TP_TEST(DecoderRegion, TimeOfTheHeader)
{
    struct memory m = {0};
    struct help_bytes out = {0};

    region_small(&m);
    memory_put(&m, memory_subbuf_at(&m, 0, 1) + 48, 2500, 8);
    want_events(&out, 0, 0, 11);
    check(&m.b, &out, NULL, 0);
    memory_put(&m, memory_subbuf_at(&m, 0, 1) + 48, 3001, 8);
    want_events(&out, 0, 0, 11);
    check_damage(&m, &out, "its time is later than that of its first record");
    help_free(&m.b);
}

/* What the commit word counts behind a damaged record is missing. */
TP_TEST(DecoderRegion, DamagedRecord)
{
    static const uint32_t words[] = {0,          0x80000000, 0x80020000,      0x90020001,
                                     0x80000001, 0x8fff0001, MEMORY_FLIGHT(2)};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        struct memory m = {0};
        struct help_bytes out = {0};
        char says[120];

        region_small(&m);
        snprintf(
            says, sizeof(says),
            "region at 0x0, cpu 0: sub-buffer 1 at 0x%llx: damaged at byte 0x78, the rest of it "
            "skipped\n",
            (unsigned long long)memory_subbuf_at(&m, 0, 1));
        memory_put(&m, memory_subbuf_at(&m, 0, 1) + 124, words[i], 4);
        want_events(&out, 0, 0, 4);
        want_lost(&out, 0, 2, MISSING);
        want(&out, DAMAGED);
        want_events(&out, 0, 6, 5);
        check_damage(&m, &out, says);
        help_free(&m.b);
    }
}

TP_TEST(DecoderRegion, DamagedCommitWord)
{
    /* units, events: of the complete sub-buffer 1; it has 64 and 3 */
    static const uint32_t words[][2] = {{63, 3}, {65, 3}, {0, 3}, {0xffff, 3},
                                        {64, 2}, {19, 2}, {0, 0}};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        struct memory m = {0};
        struct help_bytes out = {0};

        region_small(&m);
        memory_put(&m, memory_subbuf_at(&m, 0, 1) + 24, words[i][1] << 16 | words[i][0], 4);
        want_events(&out, 0, 0, 11);
        /* 2 events and fewer units: the last one may be on its way into the commit word. */
        if (words[i][0] < 64 && words[i][1] < 3)
            check(&m.b, &out, NULL, 0);
        else
            check_damage(&m, &out, "commit word");
        help_free(&m.b);
    }
}

/* Whatever cursor and limit say, all is read, by what the sub-buffers say of themselves. */
TP_TEST(DecoderRegion, DamagedRingState)
{
    static const struct memory_ring states[] = {
        {.cursor = 2, .offset = 136, .limit = 4}, /* behind */
        {.cursor = 4, .offset = 136, .limit = 4}, /* at the limit */
        {.cursor = 77, .offset = 136, .limit = 4},
        {.cursor = 3, .offset = 0, .limit = 4},
        {.cursor = 3, .offset = 130, .limit = 4},
        {.cursor = 3, .offset = 511, .limit = 4},
        {.cursor = 3, .offset = 136, .limit = 77},
        {.cursor = 3, .offset = 136, .limit = 5},
        {.cursor = 3, .offset = 136, .limit = 0},
        {.cursor = 3, .offset = 136, .limit = 4, .gone = {~0ull, ~0ull}},
        {.cursor = 0, .offset = 0, .limit = 0},
    };

    for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
        struct memory m = {0};
        struct help_bytes out = {0};

        region_small(&m);
        memory_ring(&m, 0, states[i]);
        want_events(&out, 0, 0, 11);
        check_damage(&m, &out, "of its ring cannot be right");
        help_free(&m.b);
    }
}

/* A cursor that is too far: nobody was in the sub-buffer before that. */
TP_TEST(DecoderRegion, CursorTooFar)
{
    struct memory m = {0};
    struct help_bytes out = {0};

    memory_make(&m);
    memory_full(&m, 0, 0, 0, 3);
    memory_current(&m, 0, 1, 3, 2);
    memory_ready(&m, 0, 2);
    memory_ready(&m, 0, 3);
    memory_ring(&m, 0, (struct memory_ring){.cursor = 3, .offset = 136, .limit = 4});
    want_events(&out, 0, 0, 5);
    check_damage(&m, &out, "the cursor of its ring cannot be right");
    help_free(&m.b);
}

/* It is one further: so a writer has entered that sub-buffer and written nothing, because another
 * one, that it has interrupted, has taken the rest of the one before and written nothing either. */
TP_TEST(DecoderRegion, CursorAfterAReservation)
{
    struct memory m = {0};
    struct help_bytes out = {0}, err = {0};

    region_overwrite(&m, MAKING_NONE);
    memory_ring(&m, 0,
                (struct memory_ring){.cursor = 11, .offset = 136, .limit = 12, .gone = {96, 100}});
    want_lost(&out, 0, 100, "overwritten");
    want_events(&out, 0, 100, 9);
    want_lost(&out, 0, 1, "never finished by their writer");
    want_region(&err, &m, 0);
    want(&err, "9 records, 101 lost\n");
    check(&m.b, &out, &err, 0);
    help_free(&m.b);
}

/* The sub-buffer at the limit is in the making, and has its old records still: the cursor before it
 * is right. */
TP_TEST(DecoderRegion, CursorBeforeTheMaking)
{
    struct memory m = {.flags = MEMORY_OVERWRITE};
    struct help_bytes out = {0}, err = {0};
    uint32_t at;

    memory_make(&m);
    memory_full(&m, 0, 12, 96, 4); /* the records are those of number 8 */
    memory_full(&m, 0, 9, 100, 3);
    memory_full(&m, 0, 10, 103, 4);
    at = memory_current(&m, 0, 11, 107, 2);
    memory_ring(&m, 0,
                (struct memory_ring){.cursor = 11, .offset = at, .limit = 12, .gone = {100, 96}});
    want_lost(&out, 0, 100, "overwritten");
    want_events(&out, 0, 100, 9);
    want_region(&err, &m, 0);
    want(&err, "9 records, 100 lost\n");
    check(&m.b, &out, &err, 0);
    help_free(&m.b);
}

/* --- everything --- */

static bool line_in(const char *line, size_t n, const char *text)
{
    for (; *text; text = strchr(text, '\n') + 1)
        if (strncmp(text, line, n) == 0 && text[n] == '\n')
            return true;
    return false;
}

/* Records of the good output that are not there, and lines that are not in it. */
static size_t region_count(const char *of, const char *in, const char *what)
{
    size_t sum = 0;

    for (size_t n; *of; of += n + 1) {
        n = strcspn(of, "\n");
        if (memmem(of, n, what, strlen(what)) && !line_in(of, n, in))
            sum++;
    }
    return sum;
}

TP_TEST(DecoderRegion, EveryLength)
{
    struct memory m = {0};
    struct help_run good;

    region_discard(&m, 0);
    good = help_decode("x", m.b.p, m.b.n, HELP_TEXT);
    TP_CHECK_EQ(good.code, 0);
    for (size_t n = 0; n < m.b.n; n++) {
        uint8_t *cut = malloc(n + 1); /* so that a sanitizer sees a byte too many */
        struct help_run run;

        memcpy(cut, m.b.p, n);
        run = help_decode("x", cut, n, HELP_TEXT);
        if (run.code != (n < m.tasks_at ? 3 : 1))
            TP_FAIL("%zu bytes: exit code %d\n%s", n, run.code, run.err);
        if (n >= 128 && !strstr(run.err, "the image ends inside it"))
            TP_FAIL("%zu bytes: the cut is not told\n%s", n, run.err);
        if (region_count(run.out, good.out, "num:"))
            TP_FAIL("%zu bytes: wrong lines\n%s", n, run.out);
        /* What is there in front of the cut is read: the sub-buffers that are whole. */
        if (n >= m.data_at) {
            size_t whole = (n - m.data_at) / 512;
            static const size_t places[8] = {2, 3, 3, 3, 2, 3, 3, 3}; /* number 4 is where 0 was */
            size_t events = 0;

            for (size_t i = 0; i < whole; i++)
                events += places[i];
            TP_CHECK_EQ(region_count(good.out, run.out, "num:"), 22 - events);
        }
        help_run_free(&run);
        free(cut);
    }
    help_run_free(&good);
    help_free(&m.b);
}

/*
 * Where a wrong bit can change what is printed without anybody knowing: memory has no checksum but
 * that of header and metadata, and one of numbers that must agree. `at` is in region_small().
 */
static bool bit_is_bare(const struct memory *m, size_t bit)
{
    size_t at = bit / 8, ring = m->rings_at, in;

    if (at >= m->tasks_at && at < ring)
        return true; /* names, clock pair */
    if (at >= ring && at < ring + 2)
        return true; /* offset of the cursor: a record that was not begun may be there */
    if (at >= ring + 16 && at < m->data_at)
        return true; /* events gone, losses */
    if (at < m->data_at)
        return false;
    in = (at - m->data_at) % 512;
    if ((in >= 52 && in < 56) || (in >= 64 && in < 104))
        return true; /* upper half of the time, losses */
    if (in < 104)
        return false;
    /* Times and fields; in the current sub-buffer also where its records end. */
    return (in - 104) % 16 < 4 || (in - 104) % 16 >= 8 || at >= m->data_at + 3 * 512;
}

TP_TEST(DecoderRegion, EveryBit)
{
    struct memory m = {0};
    struct help_run good;

    region_small(&m);
    good = help_decode("x", m.b.p, m.b.n, HELP_TEXT);
    TP_CHECK_EQ(good.code, 0);
    for (size_t bit = 0; bit < 8 * m.b.n; bit++) {
        struct help_run run;
        size_t gone;

        m.b.p[bit / 8] ^= (uint8_t)(1u << bit % 8);
        run = help_decode("x", m.b.p, m.b.n, HELP_TEXT);
        gone = region_count(good.out, run.out, "num:");
        if (run.code != 0 && run.code != 1 && run.code != 3)
            TP_FAIL("bit %zu: exit code %d\n%s", bit, run.code, run.err);
        /* But one bit makes the magic that of a chunk, and then it is a dump by the rules. */
        if (run.code == 3 && bit != 24 && (bit / 8 < m.metadata_at || bit / 8 >= m.tasks_at))
            TP_FAIL("bit %zu: nothing is left\n%s", bit, run.err);
        if (gone > 3 && run.code != 3)
            TP_FAIL("bit %zu: more than a sub-buffer is gone\n%s%s", bit, run.out, run.err);
        if (!bit_is_bare(&m, bit)) {
            if (run.code == 0 && strcmp(run.out, good.out) != 0)
                TP_FAIL("bit %zu of byte 0x%zx: nobody says so\n%s%s", bit % 8, bit / 8, run.out,
                        run.err);
            if (region_count(run.out, good.out, "num:"))
                TP_FAIL("bit %zu: wrong lines\n%s%s", bit, run.out, run.err);
        }
        m.b.p[bit / 8] ^= (uint8_t)(1u << bit % 8);
        help_run_free(&run);
    }
    help_run_free(&good);
    help_free(&m.b);
}

TP_TEST(DecoderRegion, OutOfMemory)
{
    struct memory m = {0};
    struct help_run good, run;
    unsigned long n = 0;

    region_discard(&m, 0);
    good = help_decode("x", m.b.p, m.b.n, HELP_TEXT);
    do {
        mem_fail_at(++n);
        run = help_decode("x", m.b.p, m.b.n, HELP_TEXT);
        TP_CHECK(run.code == 4 || run.code == 0);
        TP_CHECK(strncmp(run.out, good.out, strlen(run.out)) == 0);
        help_run_free(&run);
    } while (run.code == 4 && n < 1000);
    mem_fail_at(0);
    TP_CHECK(n > 10 && n < 1000);
    help_run_free(&good);
    help_free(&m.b);
}

/* Random bytes in a region: it ends, and nothing steers the terminal. */
TP_TEST(DecoderRegion, RandomBytes)
{
    uint32_t random = 1;

    for (unsigned round = 0; round < 3000; round++) {
        struct memory m = {.word_bytes = round & 1 ? 4 : 8, .swap = round & 2};
        struct help_run run;

        if (round & 4)
            region_overwrite(&m, round >> 3 & 1 ? MAKING_DONE : MAKING_NONE);
        else
            region_discard(&m, round);
        for (unsigned i = 0; i < 1 + round % 40; i++) {
            random = random * 1664525u + 1013904223u;
            m.b.p[m.tasks_at + (random >> 8) % (m.b.n - m.tasks_at)] ^= (uint8_t)random;
        }
        run = help_decode("x", m.b.p, m.b.n, HELP_TEXT);
        TP_CHECK(run.code == 0 || run.code == 1);
        for (size_t i = 0; i < run.out_bytes; i++)
            if ((uint8_t)run.out[i] < 32 && run.out[i] != '\n')
                TP_FAIL("round %u: control character in the output", round);
        help_run_free(&run);
        help_free(&m.b);
    }
}

/*
 * More than the window of the merge, on a CPU that is busy, beside one that records little: in
 * order, and without waiting for it.
 */
TP_TEST(DecoderRegion, LargeInOrder)
{
    struct memory m = {.cpus = 2, .subbuf_bytes = 256u << 10, .subbufs = 128};
    uint32_t value = 0, at;
    struct help_run run;
    const char *line;

    memory_make(&m);
    for (uint64_t i = 0; i < 128; i++) {
        memory_subbuf(&m, 0,
                      (struct memory_subbuf){.number = i,
                                             .time = 1000u * value,
                                             .units = 32768,
                                             .events = 7,
                                             .size_bytes = 104 + 7 * 32760});
        at = 104;
        for (unsigned j = 0; j < 7; j++, value++)
            at = memory_record(&m, 0, i, at, 1000u * value, MEMORY_EVENT(4095), value);
        memory_ready(&m, 1, i);
    }
    memory_ring(&m, 0,
                (struct memory_ring){.cursor = 127, .offset = 104 + 7 * 32760, .limit = 128});
    memory_full(&m, 1, 0, 1, 1);
    at = memory_current(&m, 1, 1, value - 2, 1);
    memory_ring(&m, 1, (struct memory_ring){.cursor = 1, .offset = at, .limit = 128});
    run = help_decode("x", m.b.p, m.b.n, HELP_TEXT);
    TP_CHECK_EQ(run.code, 0);
    if (!strstr(run.err, "each\n898 records, 0 lost\n"))
        TP_FAIL("%s", run.err);
    line = strstr(run.out, "[001] .....     0.000894: t_num: v=894\n");
    TP_CHECK(line && strstr(line, "[000] .....     0.000895:") == strchr(line, '\n') + 26);
    help_run_free(&run);
    help_free(&m.b);
}
