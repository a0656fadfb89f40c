/* SPDX-License-Identifier: MIT */
/* Where an input is cut into windows. */
#include <string.h>
#include <unistd.h>

#include "jobs_help.h"
#include "order/cut.h"
#include "tp_test.h"

#define CUT_TEST_CPUS 64u
#define CUT_TEST_ROUNDS 24u
#define CUT_TEST_RECORDS 50u
#define CUT_TEST_STEP 100u
#define CUT_TEST_RECORD_BYTES 16u
#define CUT_TEST_SLOTS 40u
#define CUT_TEST_PARTS 5u /* windows of what all CPUs record in a round */

struct cut_test_chunk {
    uint64_t at, end, time;
    uint32_t cpu;
};

/* A chunk of each CPU in each round, of which `at_once` rounds are read at a time, CPU after CPU, and metadata again between.
 * CPUs begin their chunks at the same time, but for a few counts. */
static uint32_t cut_test_rounds(struct help_bytes *b, struct cut_test_chunk *chunks,
                                uint32_t at_once)
{
    uint32_t n = 0;

    for (uint32_t round = 0; round < CUT_TEST_ROUNDS; round += at_once) {
        help_add_metadata(b, CUT_TEST_CPUS);
        for (uint32_t i = 0; i < CUT_TEST_CPUS * at_once; i++) {
            uint32_t cpu = i / at_once, r = round + i % at_once;
            uint64_t time = 1000 + (uint64_t)r * CUT_TEST_RECORDS * CUT_TEST_STEP + cpu;

            chunks[n] = (struct cut_test_chunk){.at = b->n, .time = time, .cpu = cpu};
            help_add_records(b, (uint16_t)cpu, r * CUT_TEST_RECORDS, CUT_TEST_RECORDS, time,
                             CUT_TEST_STEP);
            chunks[n++].end = b->n;
        }
    }
    return n;
}

/* All that an edge says of chunks, by another way than that of cut.c: from all of them. */
static void cut_test_check_edge(const struct cut_edge *e, const struct cut_test_chunk *chunks,
                                uint32_t n)
{
    uint64_t starts[CUT_TEST_CPUS], data_end = 0, first_at = CUT_NOWHERE;

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
    for (uint32_t i = 0; i < CUT_TEST_CPUS; i++)
        TP_CHECK_EQ(i < e->cpu_slots ? e->start[i].at : CUT_NOWHERE, starts[i]);
}

/* Records of all CPUs in a window. */
static uint64_t cut_test_records(uint64_t from, uint64_t to, const struct cut_test_chunk *chunks,
                                 uint32_t n)
{
    uint64_t records = 0;

    for (uint32_t i = 0; i < n; i++)
        for (uint32_t k = 0; k < CUT_TEST_RECORDS; k++) {
            uint64_t time = chunks[i].time + k * CUT_TEST_STEP;

            records += time >= from && time < to;
        }
    return records;
}

static void cut_test_all(uint32_t at_once)
{
    static struct cut_test_chunk chunks[CUT_TEST_CPUS * CUT_TEST_ROUNDS];
    static struct cut_edge edges[CUT_TEST_SLOTS];
    static struct cut_side sides[CUT_SIDES];
    const uint64_t part = CUT_TEST_CPUS * CUT_TEST_RECORDS / CUT_TEST_PARTS;
    struct help_bytes b = {0};
    uint32_t n = cut_test_rounds(&b, chunks, at_once), made = 0, good = 0;
    uint64_t before = 0;
    const struct cut_edge *e;
    struct input in;
    struct cut c;
    char path[32];

    jobs_write(path, b.p, b.n);
    TP_ASSERT(input_open(&in, path) == 0 && cut_open(&c, &in, edges, CUT_TEST_SLOTS, sides));
    c.unit = part * CUT_TEST_RECORD_BYTES;
    while ((e = cut_next(&c))) {
        uint64_t records = cut_test_records(before, e->time, chunks, n);

        cut_test_check_edge(e, chunks, n);
        TP_CHECK(e->time > before);
        good += records >= part * 9 / 10 && records <= part * 11 / 10;
        before = e->time;
        c.used = ++made;
    }
    TP_CHECK(cut_ended(&c));
    /* Of the first rounds it is not known yet how fast CPUs record. */
    if (made < CUT_TEST_PARTS * (CUT_TEST_ROUNDS - 2 * at_once) || made - good > 4 + 2 * at_once)
        TP_FAIL("%u rounds at once: %u edges, %u windows are of other sizes", at_once, made,
                made - good);
    cut_close(&c);
    input_close(&in);
    unlink(path);
    help_free(&b);
}

TP_TEST(Cut, WindowsHaveAsMuchWhateverTheNumberOfCpus)
{
    cut_test_all(1);
    cut_test_all(3);
}

/* --- what is not cut --- */

#define CUT_TEST_BYTES 160u /* of records: what is in them is not looked at */

/* Opens it, and looks at as much as is as expected. Returns how far that is; 0: it is not cut at all. */
static uint64_t cut_test_reaches(const struct help_bytes *b)
{
    static struct cut_edge edges[CUT_TEST_SLOTS];
    static struct cut_side sides[CUT_SIDES];
    uint64_t at = 0;
    struct input in;
    struct cut c;
    char path[32];

    jobs_write(path, b->p, b->n);
    TP_ASSERT(input_open(&in, path) == 0);
    if (cut_open(&c, &in, edges, CUT_TEST_SLOTS, sides)) {
        while (cut_next(&c))
            c.used = c.given;
        TP_CHECK(cut_ended(&c));
        at = in.offset;
        cut_close(&c);
    }
    input_close(&in);
    unlink(path);
    return at;
}

static void cut_test_add(struct help_bytes *b, struct help_chunk c, size_t bytes)
{
    static const uint8_t records[CUT_TEST_BYTES];

    help_add_chunk(b, c, bytes ? records : NULL, bytes);
}

/* Metadata, and ten chunks of CPU 0: records 0 to 99, times 0 to 9,000, two lost of each cause but one. */
static void cut_test_begin(struct help_bytes *b)
{
    b->side = 0;
    help_add_metadata(b, 2);
    for (uint32_t i = 0; i < 10; i++)
        cut_test_add(b,
                     (struct help_chunk){.type = TP_CHUNK_DATA,
                                         .records = 10,
                                         .time = 1000u * i,
                                         .first_record = 10u * i,
                                         .lost = {2, 2, 2, 2}},
                     CUT_TEST_BYTES);
}

#define CUT_TEST_DATA(...) .chunk = {.type = TP_CHUNK_DATA, __VA_ARGS__}

/* Each is the eleventh. */
TP_TEST(Cut, UpToWhatNoEngineWrites)
{
    static const struct {
        bool good;
        const char *what;
        size_t bytes;
        struct help_chunk chunk;
    } odd[] = {
        {true, "what is next", 160,
         CUT_TEST_DATA(.records = 10, .time = 9000, .first_record = 100, .lost = {2, 3, 2, 2})},
        {true, "a flag that need not be known", 160,
         CUT_TEST_DATA(.flags = 0x8000, .records = 10, .time = 9000, .first_record = 100,
                       .lost = {2, 2, 2, 2})},
        {false, "another stream", 160,
         CUT_TEST_DATA(.stream = 1, .records = 10, .time = 9000, .first_record = 100,
                       .lost = {2, 2, 2, 2})},
        {false, "in memory only", 160,
         CUT_TEST_DATA(.flags = TP_CHUNK_LIVE, .records = 10, .time = 9000, .first_record = 100,
                       .lost = {2, 2, 2, 2})},
        {false, "a flag that must be known", 160,
         CUT_TEST_DATA(.flags = 8, .records = 10, .time = 9000, .first_record = 100,
                       .lost = {2, 2, 2, 2})},
        {false, "not finished", 160,
         CUT_TEST_DATA(.flags = TP_CHUNK_UNFINISHED, .records = 10, .time = 9000,
                       .first_record = 100, .lost = {2, 2, 2, 2})},
        {false, "damaged", 160,
         CUT_TEST_DATA(.flags = TP_CHUNK_DAMAGED, .records = 10, .time = 9000, .first_record = 100,
                       .lost = {2, 2, 2, 2})},
        {false, "of an earlier boot", 160,
         CUT_TEST_DATA(.flags = TP_CHUNK_PREVIOUS, .records = 10, .time = 9000, .first_record = 100,
                       .lost = {2, 2, 2, 2})},
        {false, "time goes back", 160,
         CUT_TEST_DATA(.records = 10, .time = 8999, .first_record = 100, .lost = {2, 2, 2, 2})},
        {false, "a number again", 160,
         CUT_TEST_DATA(.records = 10, .time = 9000, .first_record = 99, .lost = {2, 2, 2, 2})},
        {false, "a number is missing", 160,
         CUT_TEST_DATA(.records = 10, .time = 9000, .first_record = 101, .lost = {2, 2, 2, 2})},
        {true, "it was overwritten", 160,
         CUT_TEST_DATA(.records = 10, .time = 9000, .first_record = 101, .lost = {2, 2, 2, 2, 1})},
        {false, "fewer are lost", 160,
         CUT_TEST_DATA(.records = 10, .time = 9000, .first_record = 100, .lost = {2, 2, 2, 1})},
        {false, "records of no bytes", 0,
         CUT_TEST_DATA(.records = 10, .time = 9000, .first_record = 100, .lost = {2, 2, 2, 2})},
        {true, "a mark", 0,
         CUT_TEST_DATA(.time = 9000, .first_record = 105, .lost = {2, 2, 2, 2, 5})},
        {false, "a mark of other numbers", 0,
         CUT_TEST_DATA(.time = 9000, .first_record = 104, .lost = {2, 2, 2, 2, 5})},
        {false, "numbers end", 160,
         CUT_TEST_DATA(.records = 10, .time = 9000, .first_record = UINT64_MAX - 9,
                       .lost = {2, 2, 2, 2, UINT64_MAX})},
        {true, "the last CPU", 160, CUT_TEST_DATA(.cpu = CUT_CPUS - 1, .records = 10)},
        {false, "a CPU more", 160, CUT_TEST_DATA(.cpu = CUT_CPUS, .records = 10)},
        {false, "it begins later", 160,
         CUT_TEST_DATA(.cpu = 1, .records = 10, .first_record = 3, .lost = {3})},
        {true, "its first ones are overwritten", 160,
         CUT_TEST_DATA(.cpu = 1, .records = 10, .first_record = 3, .lost = {[4] = 3})},
        {true, "names", 0, .chunk = {.type = TP_CHUNK_TASKS}},
        {false, "names that are not finished", 0,
         .chunk = {.type = TP_CHUNK_TASKS, .flags = TP_CHUNK_UNFINISHED}},
        {false, "other metadata", 160, .chunk = {.type = TP_CHUNK_METADATA}},
        {false, "the end", 0, .chunk = {.type = TP_CHUNK_END}},
    };

    for (unsigned i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
        struct help_bytes b = {0};
        uint64_t at, reached;

        cut_test_begin(&b);
        at = b.n;
        cut_test_add(&b, odd[i].chunk, odd[i].bytes);
        reached = cut_test_reaches(&b);
        if (reached != (odd[i].good ? b.n : at))
            TP_FAIL("%s: looked at %llu bytes of %zu, it is at %llu", odd[i].what,
                    (unsigned long long)reached, b.n, (unsigned long long)at);
        help_free(&b);
    }
}

TP_TEST(Cut, MetadataIsThereOnceAndAtFirst)
{
    struct help_bytes b = {0};
    uint64_t at;

    cut_test_begin(&b);
    help_add_metadata(&b, 2);
    at = b.n;
    TP_CHECK_EQ(cut_test_reaches(&b), at);
    help_add_metadata(&b, 3); /* other metadata, as long */
    TP_CHECK_EQ(cut_test_reaches(&b), at);
    b.n = at;
    b.side = 0;
    help_add_metadata(&b, 2); /* another capture */
    TP_CHECK_EQ(cut_test_reaches(&b), at);
    b.n = 0;
    b.side = 1; /* the first one is missing */
    help_add_metadata(&b, 2);
    TP_CHECK_EQ(cut_test_reaches(&b), 0);
    b.n = 0;
    cut_test_add(&b, (struct help_chunk){.type = TP_CHUNK_DATA, .records = 10}, CUT_TEST_BYTES);
    TP_CHECK_EQ(cut_test_reaches(&b), 0);
    help_free(&b);
}

/* Its header is there, its last byte is not. */
TP_TEST(Cut, NoChunkThatIsCutOff)
{
    struct help_bytes b = {0};

    cut_test_begin(&b);
    b.n--;
    TP_CHECK_EQ(cut_test_reaches(&b), b.n + 1 - TP_WIRE_CHUNK_BYTES - CUT_TEST_BYTES);
    help_free(&b);
}

/* As many gaps of a CPU as there is room for, and one more; the same of chunks that are not data, of which metadata is one. */
TP_TEST(Cut, UpToItsLimits)
{
    struct help_bytes b = {0};
    uint64_t at = 0;

    cut_test_begin(&b);
    for (uint32_t i = 0; i <= CUT_GAPS; i++) {
        at = b.n;
        cut_test_add(&b,
                     (struct help_chunk){.type = TP_CHUNK_DATA,
                                         .records = 10,
                                         .time = 10000,
                                         .first_record = 101 + 11 * i,
                                         .lost = {2, 2, 2, 2, 1 + i}},
                     CUT_TEST_BYTES);
    }
    TP_CHECK_EQ(cut_test_reaches(&b), at);
    b.n = 0;
    cut_test_begin(&b);
    for (uint32_t i = 0; i < CUT_SIDES; i++) {
        at = b.n;
        cut_test_add(&b, (struct help_chunk){.type = TP_CHUNK_TASKS}, 0);
    }
    TP_CHECK_EQ(cut_test_reaches(&b), at);
    help_free(&b);
}
