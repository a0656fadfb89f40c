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
#include "base/feed.h"
#include "order/cut.h"
#include "print/text.h"
#include "tool/jobs.h"
#include "tool/unpack.h"
#include "tp_test.h"

#define JOBS_DAMAGED 150u
#define JOBS_HOSTILE 2000u

/* Of each: bytes, and what they were. */
struct jobs_got {
    int code;
    uint64_t bytes, hash;
    char err[4096];
    size_t err_bytes;
};

static int jobs_put(void *context, const void *bytes, size_t n)
{
    struct jobs_got *g = context;

    for (size_t i = 0; i < n; i++)
        g->hash = (g->hash ^ ((const uint8_t *)bytes)[i]) * 0x100000001b3ull;
    g->bytes += n;
    return 0;
}

static int jobs_told(void *context, const void *bytes, size_t n)
{
    struct jobs_got *g = context;
    size_t room = sizeof(g->err) - 1 - g->err_bytes;

    n = n < room ? n : room;
    memcpy(g->err + g->err_bytes, bytes, n);
    g->err_bytes += n;
    g->err[g->err_bytes] = '\0';
    return 0;
}

static void jobs_run(struct decode_options o, const char *path, uint32_t jobs, struct jobs_got *g)
{
    struct decode_input in = {.path = path};

    *g = (struct jobs_got){.code = -1};
    o.inputs = &in;
    o.input_count = 1;
    o.jobs = jobs;
    o.out = (struct out_sink){jobs_put, g};
    o.diag = (struct out_sink){jobs_told, g};
    g->code = decode_run(&o);
}

static void jobs_same(struct decode_options o, const char *path, const char *what, const char *way)
{
    static struct jobs_got one, three;

    jobs_run(o, path, 1, &one);
    jobs_run(o, path, 3, &three);
    if (one.code != three.code || one.bytes != three.bytes || one.hash != three.hash ||
        strcmp(one.err, three.err) != 0)
        TP_FAIL("%s, %s: one process: exit code %d, %llu bytes\n%sthree: %d, %llu bytes\n%s", what,
                way, one.code, (unsigned long long)one.bytes, one.err, three.code,
                (unsigned long long)three.bytes, three.err);
}

static void jobs_write(char *path, const uint8_t *bytes, size_t n)
{
    int fd;

    strcpy(path, "/tmp/tp-jobs-XXXXXX");
    fd = mkstemp(path);
    TP_ASSERT(fd >= 0 && write(fd, bytes, n) == (ssize_t)n);
    close(fd);
}

static void jobs_same_bytes(struct decode_options o, const struct help_bytes *b, const char *what,
                            const char *way)
{
    char path[32];

    jobs_write(path, b->p, b->n);
    jobs_same(o, path, what, way);
    unlink(path);
}

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

static uint64_t jobs_random(uint64_t *state)
{
    *state = *state * 6364136223846793005ull + 1442695040888963407ull;
    return *state >> 33;
}

/* Four CPUs that take turns, with gaps, marks and metadata again. */
static struct help_bytes jobs_dump(void)
{
    struct help_bytes b = {0};
    uint64_t first[4] = {0};

    for (uint32_t i = 0; i < 200; i++) {
        uint16_t cpu = (uint16_t)(i * i / 3 % 4);

        if (i % 60 == 0)
            help_add_metadata(&b, 4);
        help_add_records(&b, cpu, first[cpu], 20, 1000u * i, 90);
        first[cpu] += 20;
    }
    help_add_chunk(&b, (struct help_chunk){.type = TP_CHUNK_END, .time = 1000000}, NULL, 0);
    return b;
}

/* --- where it is cut --- */

#define JOBS_CUT_CPUS 64u
#define JOBS_CUT_ROUNDS 24u
#define JOBS_CUT_RECORDS 50u
#define JOBS_CUT_STEP 100u
#define JOBS_CUT_RECORD_BYTES 16u
#define JOBS_CUT_SLOTS 40u
#define JOBS_CUT_PARTS 5u /* windows of what all CPUs record in a round */

struct jobs_chunk {
    uint64_t at, end, time;
    uint32_t cpu;
};

/* A chunk of each CPU in each round, of which `at_once` rounds are read at a time, CPU after CPU, and metadata again between.
 * CPUs begin their chunks at the same time, but for a few counts. */
static uint32_t jobs_rounds(struct help_bytes *b, struct jobs_chunk *chunks, uint32_t at_once)
{
    uint32_t n = 0;

    for (uint32_t round = 0; round < JOBS_CUT_ROUNDS; round += at_once) {
        help_add_metadata(b, JOBS_CUT_CPUS);
        for (uint32_t i = 0; i < JOBS_CUT_CPUS * at_once; i++) {
            uint32_t cpu = i / at_once, r = round + i % at_once;
            uint64_t time = 1000 + (uint64_t)r * JOBS_CUT_RECORDS * JOBS_CUT_STEP + cpu;

            chunks[n] = (struct jobs_chunk){.at = b->n, .time = time, .cpu = cpu};
            help_add_records(b, (uint16_t)cpu, r * JOBS_CUT_RECORDS, JOBS_CUT_RECORDS, time,
                             JOBS_CUT_STEP);
            chunks[n++].end = b->n;
        }
    }
    return n;
}

/* All that an edge says of chunks, by another way than that of cut.c: from all of them. */
static void jobs_check_edge(const struct cut_edge *e, const struct jobs_chunk *chunks, uint32_t n)
{
    uint64_t starts[JOBS_CUT_CPUS], data_end = 0, first_at = CUT_NOWHERE;

    memset(starts, 0xff, sizeof(starts));
    for (uint32_t i = 0; i < n; i++) {
        if (chunks[i].time < e->time) {
            starts[chunks[i].cpu] = chunks[i].at;
            data_end = chunks[i].end;
        } else if (first_at == CUT_NOWHERE) {
            first_at = chunks[i].at;
        }
    }
    TP_CHECK_EQ(e->data_end, data_end);
    TP_CHECK_EQ(e->first_at, first_at);
    for (uint32_t i = 0; i < JOBS_CUT_CPUS; i++)
        TP_CHECK_EQ(i < e->cpu_slots ? e->start[i].at : CUT_NOWHERE, starts[i]);
}

/* Records of all CPUs in a window. */
static uint64_t jobs_records(uint64_t from, uint64_t to, const struct jobs_chunk *chunks,
                             uint32_t n)
{
    uint64_t records = 0;

    for (uint32_t i = 0; i < n; i++)
        for (uint32_t k = 0; k < JOBS_CUT_RECORDS; k++) {
            uint64_t time = chunks[i].time + k * JOBS_CUT_STEP;

            records += time >= from && time < to;
        }
    return records;
}

static void jobs_cut(uint32_t at_once)
{
    static struct jobs_chunk chunks[JOBS_CUT_CPUS * JOBS_CUT_ROUNDS];
    static struct cut_edge edges[JOBS_CUT_SLOTS];
    static struct cut_side sides[CUT_SIDES];
    const uint64_t part = JOBS_CUT_CPUS * JOBS_CUT_RECORDS / JOBS_CUT_PARTS;
    struct help_bytes b = {0};
    uint32_t n = jobs_rounds(&b, chunks, at_once), made = 0, good = 0;
    uint64_t before = 0;
    const struct cut_edge *e;
    struct input in;
    struct cut c;
    char path[32];

    jobs_write(path, b.p, b.n);
    TP_ASSERT(input_open(&in, path) == 0 && cut_open(&c, &in, edges, JOBS_CUT_SLOTS, sides));
    c.unit = part * JOBS_CUT_RECORD_BYTES;
    while ((e = cut_next(&c))) {
        uint64_t records = jobs_records(before, e->time, chunks, n);

        jobs_check_edge(e, chunks, n);
        TP_CHECK(e->time > before);
        good += records >= part * 9 / 10 && records <= part * 11 / 10;
        before = e->time;
        c.used = ++made;
    }
    TP_CHECK(cut_ended(&c));
    /* Of the first rounds it is not known yet how fast CPUs record. */
    if (made < JOBS_CUT_PARTS * (JOBS_CUT_ROUNDS - 2 * at_once) || made - good > 4 + 2 * at_once)
        TP_FAIL("%u rounds at once: %u edges, %u windows are of other sizes", at_once, made,
                made - good);
    cut_close(&c);
    input_close(&in);
    unlink(path);
    help_free(&b);
}

TP_TEST(Jobs, WindowsHaveAsMuchWhateverTheNumberOfCpus)
{
    jobs_cut(1);
    jobs_cut(3);
}

/* --- edges --- */

#define JOBS_EACH 20u
#define JOBS_PID 7u

struct jobs_record {
    uint32_t time, word, pid, flags, v, zero;
};

/* A chunk with what was lost before it, of which one record is not whole (JOBS_EACH: none); count 0: a mark. */
static void jobs_add(struct help_bytes *b, uint16_t cpu, uint64_t first, uint32_t count,
                     uint64_t time, uint64_t lost, uint32_t broken)
{
    struct jobs_record r[JOBS_EACH];

    for (uint32_t i = 0; i < count; i++)
        r[i] = (struct jobs_record){(uint32_t)(time + 90 * i),
                                    TP_RECORD_WORD(1, 3) | (i == broken ? 0 : TP_RECORD_COMMITTED),
                                    JOBS_PID,
                                    0,
                                    (uint32_t)(first + i),
                                    0};
    help_add_chunk(b,
                   (struct help_chunk){.type = TP_CHUNK_DATA,
                                       .cpu = cpu,
                                       .flags = TP_CHUNK_CONTEXT,
                                       .records = count,
                                       .time = time,
                                       .first_record = first,
                                       .lost = {lost}},
                   count ? r : NULL, count * sizeof(r[0]));
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

/* A bit, bytes that are gone, doubled, from elsewhere; the rest, cut off. */
static void jobs_damage(struct help_bytes *b, const struct help_bytes *good, uint64_t *state)
{
    size_t at = jobs_random(state) % good->n, n = jobs_random(state) % 3000;
    size_t from = jobs_random(state) % good->n;

    n = n < good->n - at ? n : good->n - at;
    b->n = 0;
    help_add(b, good->p, at);
    switch (jobs_random(state) % 5) {
    case 0:
        help_add(b, good->p + at, good->n - at);
        b->p[at] ^= (uint8_t)(1u << jobs_random(state) % 8);
        break;
    case 1:
        help_add(b, good->p + at + n, good->n - at - n);
        break;
    case 2:
        help_add(b, good->p + at, n);
        help_add(b, good->p + at, good->n - at);
        break;
    case 3:
        n = n < good->n - from ? n : good->n - from;
        help_add(b, good->p + from, n);
        help_add(b, good->p + at, good->n - at);
        break;
    default:
        break;
    }
}

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

/* --- gzip --- */

#define JOBS_MEMBERS 60u /* several times what two processes share */

/* The dump again and again, each time as a gzip member. */
static struct help_bytes jobs_members(void)
{
    struct help_bytes dump = jobs_dump(), one = help_gzip(dump.p, dump.n), all = {0};

    for (unsigned i = 0; i < JOBS_MEMBERS; i++)
        help_add(&all, one.p, one.n);
    help_free(&dump);
    help_free(&one);
    return all;
}

TP_TEST(Jobs, GzipThatIsDamagedAtRandom)
{
    struct help_bytes good = jobs_members(), b = {0};
    uint64_t state = 20261130;

    for (unsigned i = 0; i < JOBS_DAMAGED; i++) {
        struct decode_options text = {.format = DECODE_TEXT};
        struct decode_options stats = {.answer.kind = ANSWER_STATS};
        char what[32];

        if (i)
            jobs_damage(&b, &good, &state);
        else
            help_add(&b, good.p, good.n);
        snprintf(what, sizeof(what), "gzip, damage %u", i);
        jobs_same_bytes(i % 8 ? stats : text, &b, what, "gzip");
    }
    help_free(&good);
    help_free(&b);
}

/* A dump, memory and what is neither, cut at each byte and with a wrong bit in each byte. */
TP_TEST(Jobs, GzipThatIsCutOrWrongAnywhere)
{
    static const char *const names[] = {"types", "region", NULL};

    for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++) {
        struct help_bytes plain = {0}, b;
        struct decode_options o = {.format = DECODE_TEXT};
        char what[64];

        if (names[k])
            plain = help_golden(names[k]);
        else
            help_add(&plain, "GIF89a, which is no dump", 24);
        b = help_gzip(plain.p, plain.n);
        for (size_t i = 0; i < b.n; i++) {
            struct help_bytes cut = {.p = b.p, .n = i};

            snprintf(what, sizeof(what), "%s, byte %zu", names[k] ? names[k] : "GIF", i);
            jobs_same_bytes(o, &cut, what, "cut");
            b.p[i] ^= (uint8_t)(1u << i % 8);
            jobs_same_bytes(o, &b, what, "flipped");
            b.p[i] ^= (uint8_t)(1u << i % 8);
        }
        help_free(&plain);
        help_free(&b);
    }
}

#define JOBS_STEP_BYTES 150u /* more than half of one is left of a block */
#define JOBS_STEPS 100000u

struct jobs_step {
    uint64_t taken;
    size_t have;
};

/* What an input has and has taken after each step to its end. Returns how many steps. */
static size_t jobs_steps(struct input *in, struct jobs_step *steps)
{
    size_t n = 0, have;

    while ((have = input_fill(in, JOBS_STEP_BYTES)) > 0 && n < JOBS_STEPS) {
        steps[n++] = (struct jobs_step){in->taken, have};
        input_skip(in, have < JOBS_STEP_BYTES ? have : JOBS_STEP_BYTES);
    }
    return n;
}

/* A member of exactly as much as is read at once, of which whole blocks come: two of zeros. Its header has an extra field (RFC 1952). */
static struct help_bytes jobs_whole_blocks(void)
{
    static uint8_t zeros[2 * FEED_BLOCK_BYTES], extra[65536];
    struct help_bytes run = help_gzip(zeros, sizeof(zeros)), b = {0};
    size_t n = 65536 - run.n - 2;
    uint8_t xlen[2] = {(uint8_t)n, (uint8_t)(n >> 8)};

    run.p[3] |= 4;
    help_add(&b, run.p, 10);
    help_add(&b, xlen, 2);
    help_add(&b, extra, n);
    help_add(&b, run.p + 10, run.n - 10);
    TP_CHECK_EQ(b.n, 65536);
    help_free(&run);
    return b;
}

/* What the limits of output and temporary files are made of is the same at each byte: how much of the file has been read. Long
 * runs of zeros give several blocks for what is read at once. */
TP_TEST(Jobs, AsMuchOfGzipIsReadByTwoProcesses)
{
    static struct jobs_step one[JOBS_STEPS], two[JOBS_STEPS];
    static uint8_t zeros[3 << 20];
    struct help_bytes b = jobs_whole_blocks(), members = jobs_members();
    struct help_bytes run = help_gzip(zeros, sizeof(zeros));
    struct stream s = {.in.fd = -1};
    struct unpack u = {.count = 0};
    struct input in;
    size_t n, m;
    char path[32];

    help_add(&b, members.p, members.n);
    help_add(&b, run.p, run.n);
    jobs_write(path, b.p, b.n);
    TP_ASSERT(input_open(&in, path) == 0 && input_open(&s.in, path) == 0);
    unpack_open(&u, &s, 1, 1, false);
    if (u.to)
        unpack_work(&u);
    TP_CHECK_EQ(u.count, 1);
    n = jobs_steps(&in, one);
    m = jobs_steps(&s.in, two);
    TP_CHECK(n > sizeof(zeros) / JOBS_STEP_BYTES && n < JOBS_STEPS);
    TP_CHECK_EQ(m, n);
    for (size_t i = 0; i < n; i++)
        if (one[i].taken != two[i].taken || one[i].have != two[i].have)
            TP_FAIL("step %zu: %llu bytes taken and %zu there, by one process %llu and %zu", i,
                    (unsigned long long)two[i].taken, two[i].have, (unsigned long long)one[i].taken,
                    one[i].have);
    TP_CHECK_EQ(in.taken, b.n);
    input_close(&in);
    input_close(&s.in);
    unlink(path);
    help_free(&b);
    help_free(&members);
    help_free(&run);
}
