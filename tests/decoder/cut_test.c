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
