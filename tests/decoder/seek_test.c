/* SPDX-License-Identifier: MIT */
/*
 * seek_test.c - --from and --to in a long dump: what is shown is what a model of the dump has
 * there, damaged or not, and what is elsewhere is not even looked at.
 *
 * Three CPUs. In each round of a millisecond CPU 0 writes a chunk of four long records, CPU 1 one
 * of two whose first is from the round before, CPU 2 a mark, or, every 16 rounds, a chunk that
 * began 10 rounds ago.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tp/wire.h>
#include <unistd.h>

#include "decoder/bytes/seek.h"
#include "help.h"
#include "tp_test.h"

#define ROUNDS 230u
#define ROUND_NS 1000000u
#define RECORDS (ROUNDS * 7)
#define RECORD_BYTES 32760u

struct seek_record {
    uint64_t time;
    uint32_t cpu, value;
};

static struct {
    struct help_bytes dump;
    struct seek_record record[RECORDS];
    uint32_t records;
    uint64_t next[3];     /* number of the next record of a CPU */
    size_t round[ROUNDS]; /* where each starts */
} seek;

/* n records of a CPU at these times. */
static void seek_chunk(uint32_t cpu, const uint64_t *time, uint32_t n)
{
    static uint8_t payload[4 * RECORD_BYTES];
    uint32_t bytes = n * RECORD_BYTES;

    memset(payload, 0, sizeof(payload));
    for (uint32_t i = 0; i < n; i++) {
        uint32_t head[3] = {(uint32_t)time[i],
                            TP_RECORD_WORD(1, RECORD_BYTES / 8) | TP_RECORD_COMMITTED,
                            seek.records};

        memcpy(payload + (size_t)i * RECORD_BYTES, head, sizeof(head));
        seek.record[seek.records] = (struct seek_record){time[i], cpu, seek.records};
        seek.records++;
    }
    help_add_chunk(&seek.dump,
                   (struct help_chunk){.type = TP_CHUNK_DATA,
                                       .cpu = (uint16_t)cpu,
                                       .records = n,
                                       .time = time[0],
                                       .first_record = seek.next[cpu]},
                   payload, bytes);
    seek.next[cpu] += n;
}

static void seek_mark(uint32_t cpu, uint64_t time)
{
    help_add_chunk(&seek.dump,
                   (struct help_chunk){.type = TP_CHUNK_DATA,
                                       .cpu = (uint16_t)cpu,
                                       .time = time,
                                       .first_record = seek.next[cpu]},
                   NULL, 0);
}

static void seek_round(uint32_t i)
{
    uint64_t t = (uint64_t)(i + 20) * ROUND_NS;

    seek.round[i] = seek.dump.n;
    if (i % 8 == 0)
        help_add_metadata(&seek.dump, 3);
    seek_chunk(0, (uint64_t[]){t, t + 100, t + 500000, t + 999999}, 4);
    seek_chunk(1, (uint64_t[]){t - 300000, t + 500000}, 2);
    if (i % 16 == 15)
        seek_chunk(2, (uint64_t[]){t - 10 * ROUND_NS, t + 1}, 2);
    else if (i % 16 < 5)
        seek_mark(2, t);
}

static int seek_compare(const void *a, const void *b)
{
    const struct seek_record *x = a, *y = b;

    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    if (x->cpu != y->cpu)
        return x->cpu < y->cpu ? -1 : 1;
    return x->value < y->value ? -1 : 1;
}

/* The dump, made once; the records in order. */
static void seek_make(void)
{
    if (seek.records)
        return;
    for (uint32_t i = 0; i < ROUNDS; i++)
        seek_round(i);
    help_add_chunk(&seek.dump, (struct help_chunk){.type = TP_CHUNK_END}, NULL, 0);
    qsort(seek.record, seek.records, sizeof(seek.record[0]), seek_compare);
    TP_ASSERT(seek.dump.n > 2 * SEEK_WINDOW_BYTES);
}

/* Lines of the records from..to. */
static struct help_bytes seek_want(uint64_t from, uint64_t to)
{
    struct help_bytes want = {0};

    help_add(&want, "", 0);
    for (uint32_t i = 0; i < seek.records; i++) {
        const struct seek_record *r = &seek.record[i];
        char line[100];
        int n;

        if (r->time < from || r->time > to)
            continue;
        n = snprintf(line, sizeof(line),
                     "           <...>-0       [00%" PRIu32 "] .....     0.%06" PRIu64
                     ": t_num: v=%" PRIu32 "\n",
                     r->cpu, r->time / 1000, r->value);
        help_add(&want, line, (size_t)n);
    }
    return want;
}

/* Times to the microsecond: `to` with all of its last one. */
static struct help_run seek_run(const struct help_bytes *dump, uint64_t from, uint64_t to)
{
    struct decode_input in = {.path = "long", .bytes = dump->p, .size = dump->n};
    struct decode_options o = {.inputs = &in, .input_count = 1};

    o.select.from = (struct moment){.kind = MOMENT_SECONDS, .ns = from};
    o.select.to = (struct moment){.kind = MOMENT_SECONDS, .ns = to};
    return help_run(o);
}

static uint64_t seek_time(uint32_t round)
{
    return (uint64_t)(round + 20) * ROUND_NS;
}

TP_TEST(DecoderSeek, ShowsWhatIsThere)
{
    static const struct {
        uint32_t round;
        uint64_t more, length;
    } parts[] = {{0, 0, 0},          {0, 0, 3000000},      {9, 700000, 2000},   {50, 0, 999000},
                 {79, 0, 0},         {95, 1000, 20000000}, {120, 501000, 1000}, {150, 0, 1000000},
                 {150, 1000, 30000}, {159, 2000, 1000},    {199, 999000, 2000}, {229, 0, 5000000},
                 {229, 999000, 0},   {300, 0, 1000000}};

    seek_make();
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        uint64_t from = seek_time(parts[i].round) + parts[i].more, to = from + parts[i].length;
        struct help_bytes want = seek_want(from, to + 999);
        struct help_run run = seek_run(&seek.dump, from, to);
        bool outside = parts[i].round >= ROUNDS;
        uint32_t lines = 0;
        char books[80];

        for (const char *p = (char *)want.p; (p = strchr(p, '\n')); p++)
            lines++;
        if (strcmp((char *)want.p, run.out) != 0)
            TP_FAIL("round %" PRIu32 "\n--- wanted\n%s--- got\n%s", parts[i].round, (char *)want.p,
                    run.out);
        snprintf(books, sizeof(books), "%" PRIu32 " of %" PRIu32 " records shown, 0 lost\n", lines,
                 lines);
        /* After the last record: that is said in a line before. */
        TP_CHECK_STREQ(run.err + (outside ? strcspn(run.err, "\n") + 1 : 0), books);
        TP_CHECK_EQ(run.code, outside ? 2 : 0);
        help_run_free(&run);
        help_free(&want);
    }
}

/* Is a wrong bit in a round seen by a run over other rounds? */
static bool seek_sees(uint32_t damaged, uint32_t from, uint32_t to)
{
    size_t at = seek.round[damaged] + (damaged % 8 ? 0 : 400) + 200;
    struct help_run run;
    bool seen;

    seek.dump.p[at] ^= 1;
    run = seek_run(&seek.dump, seek_time(from), seek_time(to));
    seek.dump.p[at] ^= 1;
    seen = strstr(run.err, "payload checksum wrong");
    TP_CHECK_EQ(run.code, seen);
    help_run_free(&run);
    return seen;
}

TP_TEST(DecoderSeek, LeavesOutWhatIsElsewhere)
{
    seek_make();
    /* What is far before, */
    TP_CHECK(!seek_sees(33, 200, 201));
    TP_CHECK(!seek_sees(100, 200, 201));
    /* and what is near, but is followed by a chunk that is early enough; */
    TP_CHECK(!seek_sees(185, 200, 201));
    TP_CHECK(!seek_sees(198, 200, 201));
    /* but not what is asked for, or may be. */
    TP_CHECK(seek_sees(199, 200, 201));
    TP_CHECK(seek_sees(200, 200, 201));
    TP_CHECK(seek_sees(201, 200, 201));
    TP_CHECK(seek_sees(33, 0, 201));
    /* Behind it, too, and without a search. */
    TP_CHECK(!seek_sees(150, 0, 20));
    TP_CHECK(seek_sees(15, 0, 20));
}

/* With another dump behind it nothing is left out: that is what to compare with. */
static void seek_same(const struct help_bytes *dump, bool damaged)
{
    struct help_bytes plain = {0};

    help_add(&plain, dump->p, dump->n);
    help_add_chunk(&plain, (struct help_chunk){.type = TP_CHUNK_END, .stream = 77}, NULL, 0);
    for (uint32_t round = 0; round < ROUNDS + 10; round += 23) {
        struct help_run a = seek_run(dump, seek_time(round), seek_time(round + 2)),
                        b = seek_run(&plain, seek_time(round), seek_time(round + 2));

        TP_CHECK_STREQ(a.out, b.out);
        TP_CHECK((round >= ROUNDS) == (strlen(a.out) == 0));
        TP_CHECK_EQ(strstr(b.err, "long: ") != NULL, true); /* it has no metadata */
        TP_CHECK(damaged || a.code == (round >= ROUNDS ? 2 : 0));
        help_run_free(&a);
        help_run_free(&b);
    }
    help_free(&plain);
}

TP_TEST(DecoderSeek, DamagedDumpsGiveTheSame)
{
    struct help_bytes dump = {0};
    size_t middle;

    seek_make();
    seek_same(&seek.dump, false);
    /* Bytes that look like the start of a chunk, in the middle. */
    middle = seek.round[115];
    help_add(&dump, seek.dump.p, middle);
    for (int i = 0; i < 5000; i++)
        help_add(&dump, "\xf5tp\xfa\xf5", 5);
    help_add(&dump, seek.dump.p + middle, seek.dump.n - middle);
    seek_same(&dump, true);
    /* A header that is none, where halving looks first; an end that is missing. */
    dump.p[middle + 25000 + 30] ^= 4;
    dump.n -= 500;
    seek_same(&dump, true);
    /* Nothing to begin with, and a piece of another dump in between: not searched. */
    memset(dump.p, 0x55, 1000);
    seek_same(&dump, true);
    help_free(&dump);
}

/* The same from a file: by its name, and as standard input that does not stand at its start. */
TP_TEST(DecoderSeek, FilesGiveTheSame)
{
    char path[] = "/tmp/tp-seek-XXXXXX";
    int fd = mkstemp(path), saved = dup(STDIN_FILENO);
    FILE *f = fdopen(fd, "w");

    seek_make();
    TP_ASSERT(f != NULL);
    for (size_t front = 0; front <= 1000; front += 1000) {
        struct decode_input in = {.path = front ? "-" : path};
        struct decode_options o = {.inputs = &in, .input_count = 1};

        rewind(f);
        for (size_t i = 0; i < front; i++)
            fputc(0xf5, f);
        fwrite(seek.dump.p, 1, seek.dump.n, f);
        fflush(f);
        for (uint32_t round = 0; round < ROUNDS + 10; round += 23) {
            uint64_t from = seek_time(round), to = seek_time(round + 2);
            struct help_run want = seek_run(&seek.dump, from, to), got;

            o.select.from = (struct moment){.kind = MOMENT_SECONDS, .ns = from};
            o.select.to = (struct moment){.kind = MOMENT_SECONDS, .ns = to};
            if (front) {
                fd = open(path, O_RDONLY);
                TP_ASSERT(lseek(fd, (off_t)front, SEEK_SET) == (off_t)front);
                TP_ASSERT(dup2(fd, STDIN_FILENO) == STDIN_FILENO);
                close(fd);
            }
            got = help_run(o);
            TP_CHECK_STREQ(got.out, want.out);
            TP_CHECK_STREQ(got.err, want.err);
            TP_CHECK_EQ(got.code, want.code);
            help_run_free(&got);
            help_run_free(&want);
        }
    }
    dup2(saved, STDIN_FILENO);
    close(saved);
    fclose(f);
    unlink(path);
}

/* A time in ticks that no record has, at the ends of the counter. */
TP_TEST(DecoderSeek, Ends)
{
    struct help_run run;

    seek_make();
    run = seek_run(&seek.dump, UINT64_MAX, UINT64_MAX);
    TP_CHECK_STREQ(run.out, "");
    TP_CHECK_STREQ(run.err, "tpdecode: no record is so late: the dump is 0.019700 to 0.249999\n"
                            "0 of 0 records shown, 0 lost\n");
    help_run_free(&run);
    run = seek_run(&seek.dump, 0, 0);
    TP_CHECK_STREQ(run.out, "");
    help_run_free(&run);
    help_free(&seek.dump);
    seek.records = 0;
    memset(seek.next, 0, sizeof(seek.next));
}
