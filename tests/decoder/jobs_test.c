/* SPDX-License-Identifier: MIT */
/*
 * Several processes give what one gives: of each hostile dump, in each way of asking, and of dumps that are damaged at
 * random places.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hostile.h"
#include "jobs_help.h"
#include "print/text.h"
#include "tool/jobs.h"
#include "tp_test.h"

#define JOBS_HOSTILE 2000u

/* What is done by one process whatever is asked is not run twice. */
static bool jobs_shares(const struct decode_options *o)
{
    if (o->format == DECODE_EXPORT)
        return export_adds(o->export.kind) || o->export.kind == EXPORT_PARQUET ||
               o->export.kind == EXPORT_DAT;
    return o->format <= DECODE_TEMPLATE && answer_adds(&o->answer) && !o->convert && !o->index &&
           !o->explore.wanted && !o->shard.count && !o->has_tail;
}

TP_TEST(Jobs, HostileDumps)
{
    unsigned runs = 0;

    for (int kind = 0; kind < HOSTILE_KINDS; kind++) {
        struct help_bytes dump = hostile_make((enum hostile)kind,
                                              kind == HOSTILE_VALUES ? 20 : JOBS_HOSTILE);
        struct decode_options o;
        const char *name;
        char path[32];

        jobs_write(path, dump.p, dump.n);
        for (unsigned i = 0; hostile_way(i, &o, &name); i++) {
            if (!jobs_shares(&o))
                continue;
            jobs_same(o, path, hostile_names[kind], name);
            runs++;
        }
        unlink(path);
        help_free(&dump);
    }
    TP_CHECK(runs >= 9 * HOSTILE_KINDS);
}

/* --- edges --- */

#define JOBS_EACH 20u
#define JOBS_PID 7u

struct jobs_record {
    uint32_t time, word, pid, flags, v, zero;
};

/* A chunk of which one record is not whole (JOBS_EACH: none). */
static void jobs_add_chunk(struct help_bytes *b, struct help_chunk c, uint32_t broken)
{
    struct jobs_record r[JOBS_EACH];

    for (uint32_t i = 0; i < c.records; i++)
        r[i] = (struct jobs_record){(uint32_t)(c.time + 90 * i),
                                    TP_RECORD_WORD(1, 3) | (i == broken ? 0 : TP_RECORD_COMMITTED),
                                    JOBS_PID,
                                    0,
                                    (uint32_t)(c.first_record + i),
                                    0};
    c.type = TP_CHUNK_DATA;
    c.flags = TP_CHUNK_CONTEXT;
    help_add_chunk(b, c, c.records ? r : NULL, c.records * sizeof(r[0]));
}

/* With what was lost before it; count 0: a mark. */
static void jobs_add(struct help_bytes *b, uint16_t cpu, uint64_t first, uint32_t count,
                     uint64_t time, uint64_t lost, uint32_t broken)
{
    jobs_add_chunk(
        b,
        (struct help_chunk){
            .cpu = cpu, .records = count, .time = time, .first_record = first, .lost = {lost}},
        broken);
}

/* A whole one, before which so many records were overwritten. */
static void jobs_add_after(struct help_bytes *b, uint16_t cpu, uint64_t first, uint64_t time,
                           uint64_t gone)
{
    jobs_add_chunk(b,
                   (struct help_chunk){.cpu = cpu,
                                       .records = JOBS_EACH,
                                       .time = time,
                                       .first_record = first,
                                       .lost = {[TP_LOST_OVERWRITTEN] = gone}},
                   JOBS_EACH);
}

static void jobs_same_ways(const struct help_bytes *b, const char *what)
{
    static const struct {
        const char *name;
        struct decode_options o;
    } ways[] = {{"text", {.format = DECODE_TEXT}},
                {"JSON", {.format = DECODE_JSON}},
                {"the first", {.select = {.has_head = true, .head = 1500}}},
                {"--stats", {.answer.kind = ANSWER_STATS}},
                {"ftrace", {.format = DECODE_EXPORT, .export.kind = EXPORT_FTRACE}}};

    for (unsigned k = 0; k < sizeof(ways) / sizeof(ways[0]); k++)
        jobs_same_bytes(ways[k].o, b, what, ways[k].name);
}

/* Of three CPUs a mark says what was lost, after a chunk of another CPU; the next chunk says the same. Another one has nothing
 * but marks. */
TP_TEST(Jobs, WhatAMarkSaysWasLostIsOfOneWindow)
{
    struct help_bytes b = {0};
    uint64_t first[4] = {0}, lost[4] = {0};

    help_add_metadata(&b, 4);
    for (uint32_t i = 0; i < 150; i++) {
        uint16_t cpu = (uint16_t)(i % 3), before = (uint16_t)((i + 2) % 3);

        jobs_add(&b, cpu, first[cpu], JOBS_EACH, 1000u * i, lost[cpu], JOBS_EACH);
        first[cpu] += JOBS_EACH;
        if (i && i % 4 == 0)
            jobs_add(&b, before, first[before], 0, 1000u * (i + 1), lost[before] += 3, JOBS_EACH);
        if (i % 7 == 0)
            jobs_add(&b, 3, 0, 0, 1000u * i, ++lost[3], JOBS_EACH);
    }
    help_add_chunk(&b, (struct help_chunk){.type = TP_CHUNK_END, .time = 1000000}, NULL, 0);
    jobs_same_ways(&b, "marks");
    help_free(&b);
}

/* The task has another name. */
static void jobs_name(struct help_bytes *b, uint32_t number)
{
    struct tp_wire_task task = {.id = JOBS_PID};

    snprintf((char *)task.name, sizeof(task.name), "name%u", number);
    help_add_chunk(
        b, (struct help_chunk){.type = TP_CHUNK_TASKS, .cpu = TP_CHUNK_NO_CPU, .records = 1}, &task,
        sizeof(task));
}

/* Names are those that were read by then, and how far is read depends on marks that say nothing, of a CPU that the metadata does
 * not count, and of one that has records as well. */
TP_TEST(Jobs, AMarkIsWaitedForInEachWindow)
{
    for (uint32_t apart = 1; apart <= 12; apart++) {
        struct help_bytes b = {0};

        help_add_metadata(&b, 1);
        for (uint32_t i = 0; i < 60; i++) {
            jobs_add(&b, 0, (uint64_t)i * JOBS_EACH, JOBS_EACH, 2000u * i, 0, JOBS_EACH);
            jobs_name(&b, i);
            if (i % apart == 0)
                jobs_add(&b, 5, 0, 0, 2000u * i + 70 * apart, 0, JOBS_EACH);
            if (i % 9 == 0)
                jobs_add(&b, 0, (uint64_t)(i + 1) * JOBS_EACH, 0, 2000u * i + 1900, 0, JOBS_EACH);
        }
        jobs_same_ways(&b, "marks that say nothing");
        help_free(&b);
    }
}

/* The mark of the first CPU is before the chunk of the second one, of which most is before the mark. */
TP_TEST(Jobs, AMarkIsBeforeWhatAWindowBeginsWith)
{
    struct help_bytes b = {0};

    help_add_metadata(&b, 2);
    for (uint32_t i = 0; i < 60; i++) {
        jobs_add(&b, 0, (uint64_t)i * JOBS_EACH, JOBS_EACH, 2000u * i, 0, JOBS_EACH);
        jobs_add(&b, 0, (uint64_t)(i + 1) * JOBS_EACH, 0, 2000u * i + 1900, 0, JOBS_EACH);
        jobs_add(&b, 1, (uint64_t)i * JOBS_EACH, JOBS_EACH, 2000u * i + 10 * i, 0, JOBS_EACH);
        jobs_name(&b, i);
    }
    jobs_same_ways(&b, "marks between chunks");
    help_free(&b);
}

/* A chunk of the second CPU is before most of those of the first one, and much later than they are: of no CPU the last chunk before an
 * edge is before the first one after it. Then marks alone, which are no more than a loss each. */
TP_TEST(Jobs, NothingIsReadBeforeAWindow)
{
    struct help_bytes b = {0};

    help_add_metadata(&b, 2);
    for (uint32_t i = 0; i < 100; i++) {
        jobs_add(&b, 0, (uint64_t)i * JOBS_EACH, JOBS_EACH, 2000u * i, 0, JOBS_EACH);
        if (i == 2)
            jobs_add(&b, 1, 0, JOBS_EACH, 190000, 0, JOBS_EACH);
    }
    jobs_same_ways(&b, "a CPU that is late");
    b.n = 0;
    help_add_metadata(&b, 2);
    for (uint32_t i = 0; i < 40; i++)
        jobs_add(&b, (uint16_t)(i % 2), 0, 0, 1000u * i, i / 2, JOBS_EACH);
    jobs_same_ways(&b, "marks alone");
    help_free(&b);
}

/* Of two CPUs records are overwritten in the first windows, and come after all: a part of them, those of the second CPU in two
 * parts. The window that has them knows what was missing before its edge. */
TP_TEST(Jobs, WhatWasMissingComesAfterAnEdge)
{
    struct help_bytes b = {0};

    help_add_metadata(&b, 2);
    for (uint32_t i = 0; i < 120; i++) {
        uint32_t n = i / 2, gone = n < 5 ? 0 : 3;

        jobs_add_after(&b, (uint16_t)(i % 2), (uint64_t)(n + gone) * JOBS_EACH, 2000u * n,
                       (uint64_t)gone * JOBS_EACH);
    }
    jobs_add_after(&b, 0, 6 * JOBS_EACH, 125000, 0);
    jobs_add_after(&b, 1, 5 * JOBS_EACH, 125000, 0);
    jobs_add_after(&b, 1, 7 * JOBS_EACH, 127000, 0);
    help_add_chunk(&b, (struct help_chunk){.type = TP_CHUNK_END, .time = 1000000}, NULL, 0);
    jobs_same_ways(&b, "late records");
    help_free(&b);
}

/* What is damaged right after an edge is said once, by the window that has it: each record is once the one that is not whole. */
TP_TEST(Jobs, DamageRightAfterAnEdge)
{
    for (uint32_t k = 0; k < 12 * JOBS_EACH; k++) {
        struct help_bytes b = {0};
        char what[32];

        help_add_metadata(&b, 1);
        for (uint32_t i = 0; i < 12; i++)
            jobs_add(&b, 0, (uint64_t)i * JOBS_EACH, JOBS_EACH, 2000u * i, 0,
                     k / JOBS_EACH == i ? k % JOBS_EACH : JOBS_EACH);
        snprintf(what, sizeof(what), "record %u", k);
        jobs_same_bytes((struct decode_options){.format = DECODE_TEXT}, &b, what, "text");
        help_free(&b);
    }
}

/* Nine line feeds, and no carriage return, in what is there of a payload: that is too few to prove anything, also if a window is
 * decoded again, which waits for the second CPU up to the end, and is not the last one. */
TP_TEST(Jobs, WhatDamageProvesIsCountedOnce)
{
    struct decode_options o = {.select = {.has_head = true, .head = 5000}};
    struct help_bytes b = {0};
    const uint32_t chunks = 0x0a00 / JOBS_EACH;
    size_t from;

    help_add_metadata(&b, 1);
    for (uint32_t i = 0; i < chunks; i++) {
        jobs_add(&b, 0, (uint64_t)i * JOBS_EACH, JOBS_EACH, 2000u * i, 0, JOBS_EACH);
        if (i < chunks / 2)
            jobs_add(&b, 1, 0, 0, 2000u * i, 0, JOBS_EACH);
    }
    from = b.n + TP_WIRE_CHUNK_BYTES;
    jobs_add(&b, 0, 0x0a00, 10, 0x100000, 0, JOBS_EACH);
    b.n -= 8;
    for (size_t i = from; i < b.n; i++)
        TP_CHECK(b.p[i] != '\r');
    jobs_same_bytes(o, &b, "line feeds", "the first");
    help_free(&b);
}

/* What is damaged in a window that is decoded again is reported by the last try, and counted once: more than is shown of one file,
 * records that are not whole and payloads. */
TP_TEST(Jobs, DamageIsReportedByTheLastTry)
{
    struct decode_options o = {.select = {.has_head = true, .head = 5000}};
    struct help_bytes b = {0};

    help_add_metadata(&b, 1);
    for (uint32_t i = 0; i < 80; i++) {
        jobs_add(&b, 0, (uint64_t)i * JOBS_EACH, JOBS_EACH, 2000u * i, 0, i < 40 ? JOBS_EACH : 3);
        if (i >= 40 && i % 2)
            b.p[b.n - 1] ^= 1;
    }
    jobs_same_bytes(o, &b, "damage", "the first");
    help_free(&b);
}

/* Of a CPU that the metadata does not count the first chunk comes after an edge that is later than its records, which are put out
 * too late. */
TP_TEST(Jobs, ACpuThatComesLate)
{
    struct help_bytes b = {0};

    help_add_metadata(&b, 1);
    for (uint32_t i = 0; i < 60; i++) {
        jobs_add(&b, 0, (uint64_t)i * JOBS_EACH, JOBS_EACH, 2000u * i, 0, JOBS_EACH);
        if (i >= 20 && i % 5 == 0)
            jobs_add(&b, 1, (i - 20) / 5 * JOBS_EACH, JOBS_EACH, 2000u * (i - 7), 0, JOBS_EACH);
    }
    jobs_same_ways(&b, "a CPU that comes late");
    help_free(&b);
}

/* What is counted in windows and said in the end: records of an event that no metadata defines, all before the last windows. */
TP_TEST(Jobs, WhatIsSaidInTheEndIsOfAllWindows)
{
    struct help_bytes b = {0};

    help_add_metadata(&b, 1);
    for (uint32_t i = 0; i < 60; i++) {
        struct jobs_record r = {2000 * i + 1000,
                                TP_RECORD_WORD(i < 30 ? 9 : 1, 3) | TP_RECORD_COMMITTED,
                                JOBS_PID,
                                0,
                                i,
                                0};

        help_add_chunk(
            &b,
            (struct help_chunk){.type = TP_CHUNK_DATA,
                                .flags = TP_CHUNK_CONTEXT | (i < 30 ? TP_CHUNK_OVERWRITE : 0),
                                .records = 1,
                                .time = 2000 * i + 1000,
                                .first_record = i},
            &r, sizeof(r));
    }
    jobs_same_ways(&b, "an event that is not known");
    jobs_same_bytes((struct decode_options){.answer.kind = ANSWER_INFO}, &b, "overwrite mode",
                    "--info");
    help_free(&b);
}

/* --- the end of the leader --- */

/* A worker, that begins when its leader has ended. */
static _Noreturn void jobs_work(struct jobs *j, const struct help_bytes *b)
{
    struct diag diag = {.sink = {worker_say, &j->worker}};
    struct stream s = {.number = 0};
    struct merge m = {.streams = &s, .stream_count = 1};
    struct part part = {.merge = &m, .stream = &s};
    struct pollfd end = {.fd = j->worker.at.hear};
    struct text text;
    struct out o;

    stream_open(&s, 0, "dump", &diag);
    input_open_memory(&s.in, b->p, b->n);
    out_open(&o, (struct out_sink){worker_write, &j->worker});
    part.out = &o;
    while (poll(&end, 1, -1) < 0 || !(end.revents & POLLHUP))
        ;
    m.sink = part_open(&part,
                       text_open(&text, &o, (struct stamp){.mode = STAMP_SECONDS}, NULL, false));
    worker_run(&j->worker, &part);
    _exit(1);
}

/* What a worker reports of a window that goes to the end of the input, whose leader ends when it has ordered that. */
static void jobs_reported(uint32_t chunks, char *to)
{
    struct help_bytes b = {0};
    struct jobs j;
    struct child *at;

    help_add_metadata(&b, 1);
    for (uint32_t i = 0; i < chunks; i++)
        jobs_add(&b, 0, (uint64_t)i * JOBS_EACH, JOBS_EACH, 2000u * i, 0, JOBS_EACH);
    TP_ASSERT(jobs_open(&j, 1));
    if (j.role == JOBS_WORKER)
        jobs_work(&j, &b);
    at = &j.leader.worker[0].at;
    j.shared.memory->page[0].order.from = j.shared.memory->page[0].order.until = SHARED_NO_EDGE;
    TP_CHECK(child_tell(at, SHARED_RUN));
    close(at->tell);
    at->tell = -1;
    while ((*to = child_hear(at)))
        to++;
    jobs_close(&j);
    help_free(&b);
}

/* Not at the end of its window, which may be that of a long input. */
TP_TEST(Jobs, AWorkerEndsSoonAfterItsLeader)
{
    char few[8], many[8];

    jobs_reported(50, few);
    jobs_reported(500, many);
    TP_CHECK_STREQ(few, "KW");
    TP_CHECK_STREQ(many, "K");
}

/* --- damage --- */

TP_TEST(Jobs, DumpsThatAreDamagedAtRandom)
{
    static const struct {
        const char *name;
        struct decode_options o;
    } ways[] = {{"text", {.format = DECODE_TEXT}},
                {"JSON", {.format = DECODE_JSON}},
                {"the first", {.select = {.has_head = true, .head = 500}}},
                {"--stats", {.answer.kind = ANSWER_STATS}},
                {"--info", {.answer.kind = ANSWER_INFO}},
                {"--stats --by cpu", {.answer = {ANSWER_STATS, .hist.by = "cpu"}}},
                {"ftrace", {.format = DECODE_EXPORT, .export.kind = EXPORT_FTRACE}},
                {"trace.dat", {.format = DECODE_EXPORT, .export.kind = EXPORT_DAT}},
                {"parquet", {.format = DECODE_EXPORT, .export.kind = EXPORT_PARQUET}}};
    struct help_bytes good = jobs_dump(), b = {0};
    uint64_t state = 20261129;

    for (unsigned i = 0; i < JOBS_DAMAGED; i++) {
        char path[32], what[32];

        if (i)
            jobs_damage(&b, &good, &state);
        else
            help_add(&b, good.p, good.n);
        snprintf(what, sizeof(what), "damage %u", i);
        jobs_write(path, b.p, b.n);
        for (unsigned k = i % 2; k < sizeof(ways) / sizeof(ways[0]); k += 2)
            jobs_same(ways[k].o, path, what, ways[k].name);
        unlink(path);
    }
    help_free(&good);
    help_free(&b);
}
