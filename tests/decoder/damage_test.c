/* SPDX-License-Identifier: MIT */
/*
 * decoder_damage.c - every bit wrong, every length, bytes gone or doubled:
 * what is printed is right or reported, and the rest survives.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tp/wire.h>

#include "help.h"
#include "tp_test.h"

/* Each line is one of the good output, or tells of records that are missing. */
static bool damage_lines_good(const char *out, const char *good)
{
    char line[512];

    while (*out) {
        size_t n = strcspn(out, "\n");

        if (n + 2 > sizeof(line) || out[n] != '\n')
            return false;
        memcpy(line, out, n + 1);
        line[n + 1] = 0;
        if (!strstr(good, line) && !strstr(line, "records lost here (missing from the dump)"))
            return false;
        out += n + 1;
    }
    return true;
}

static size_t damage_count(const char *text, const char *what)
{
    size_t n = 0;

    for (; (text = strstr(text, what)); text++)
        n++;
    return n;
}

/* Metadata twice, CPUs 0 to 2, three chunks of each with four records, marks, end. */
static struct help_bytes damage_dump(void)
{
    struct help_bytes b = {0};

    for (uint16_t round = 0; round < 3; round++) {
        if (round < 2)
            help_add_metadata(&b, 3);
        for (uint16_t cpu = 0; cpu < 3; cpu++)
            help_add_records(&b, cpu, 4u * round, 4, 1000u * round + cpu, 10);
    }
    for (uint16_t cpu = 0; cpu < 3; cpu++)
        help_add_chunk(&b,
                       (struct help_chunk){
                           .type = TP_CHUNK_DATA, .cpu = cpu, .time = 9000, .first_record = 12},
                       NULL, 0);
    help_add_chunk(&b, (struct help_chunk){.type = TP_CHUNK_END, .time = 9000}, NULL, 0);
    return b;
}

TP_TEST(DecoderDamage, EveryBitOfTheExample)
{
    struct help_bytes dump = help_example();
    struct help_run good = help_decode("x", dump.p, dump.n, HELP_TEXT);

    TP_ASSERT_EQ(dump.n, 832);
    for (size_t bit = 0; bit < 8 * dump.n; bit++) {
        struct help_run run;

        dump.p[bit / 8] ^= (uint8_t)(1u << bit % 8);
        run = help_decode("x", dump.p, dump.n, HELP_TEXT);
        if (run.code != 1 && run.code != 3)
            TP_FAIL("bit %zu: exit code %d\n%s%s", bit, run.code, run.out, run.err);
        if (!damage_lines_good(run.out, good.out))
            TP_FAIL("bit %zu: wrong lines\n%s%s", bit, run.out, run.err);
        dump.p[bit / 8] ^= (uint8_t)(1u << bit % 8);
        help_run_free(&run);
    }
    help_run_free(&good);
    help_free(&dump);
}

TP_TEST(DecoderDamage, EveryLengthOfTheExample)
{
    static const size_t ends[] = {0, 440, 624, 728, 832};
    struct help_bytes dump = help_example();
    struct help_run good = help_decode("x", dump.p, dump.n, HELP_TEXT);

    for (size_t n = 0; n <= dump.n; n++) {
        uint8_t *cut = malloc(n + 1); /* so that a sanitizer sees a byte too many */
        struct help_run run;
        size_t whole = 0;

        memcpy(cut, dump.p, n);
        run = help_decode("x", cut, n, HELP_TEXT);
        while (whole < 4 && ends[whole + 1] <= n)
            whole++;
        TP_CHECK_EQ(run.code, whole == 0 ? 3 : ends[whole] == n ? 0 : 1);
        if (n >= 8 && ends[whole] + 4 <= n && !strstr(run.err, "ends inside"))
            TP_FAIL("%zu bytes: the cut is not told\n%s", n, run.err);
        if (n < 832 && n >= 440 && !strstr(run.err, "no end mark"))
            TP_FAIL("%zu bytes: the missing end is not told\n%s", n, run.err);
        if (!damage_lines_good(run.out, good.out))
            TP_FAIL("%zu bytes: wrong lines\n%s", n, run.out);
        TP_CHECK_EQ(damage_count(run.out, "switch:"), whole >= 2 ? 2 : 0);
        help_run_free(&run);
        free(cut);
    }
    help_run_free(&good);
    help_free(&dump);
}

static void damage_expect(struct help_bytes *b, size_t chunks)
{
    char line[128];

    for (unsigned round = 0; round < 3; round++)
        for (unsigned i = 0; i < 4; i++)
            for (unsigned cpu = 0; cpu < 3; cpu++) {
                size_t chunk = round < 2 ? 4 * round + 1 + cpu : 8 + cpu;

                if (chunk >= chunks)
                    continue;
                snprintf(line, sizeof(line),
                         "           <...>-0       [%03u] .....     0.00000%u: t_num: v=%u\n", cpu,
                         round, 4 * round + i);
                help_add(b, line, strlen(line));
            }
    help_add(b, "", 0);
}

/* Without the lines that tell of what is missing. */
static void damage_records(char *out)
{
    char *to = out;

    while (*out) {
        size_t n = strcspn(out, "\n") + 1;

        if (strncmp(out, "---", 3) != 0) {
            memmove(to, out, n);
            to += n;
        }
        out += n;
    }
    *to = 0;
}

/*
 * The power went while a dump was being written: all chunks that are whole give what they hold, and
 * one line tells of the one that is not.
 */
TP_TEST(DecoderDamage, EveryLengthOfALargerDump)
{
    struct help_bytes dump = damage_dump();
    size_t ends[16] = {0}, count = 0, whole = 0;

    for (size_t at = 0; at < dump.n; ends[++count] = at) {
        struct tp_wire_chunk h;

        memcpy(&h, dump.p + at, sizeof(h));
        at += h.size_bytes;
    }
    TP_ASSERT_EQ(count, 15);
    for (size_t n = 1; n < dump.n; n++) {
        struct help_bytes want = {0};
        struct help_run run;
        size_t lines;
        bool cut;

        while (ends[whole + 1] <= n)
            whole++;
        cut = n > ends[whole];
        damage_expect(&want, whole);
        run = help_decode("x", dump.p, n, HELP_TEXT);
        damage_records(run.out);
        TP_CHECK_STREQ(run.out, (char *)want.p);
        lines = damage_count(run.err, "tpdecode: x: ") - damage_count(run.err, "no end mark") -
                damage_count(run.err, "no metadata") - damage_count(run.err, "no chunk found");
        /* Three bytes of a first chunk are no chunk at all. */
        if (lines != (cut && n >= 4) || run.code != (whole == 0 ? 3 : cut ? 1 : 0))
            TP_FAIL("%zu bytes: exit code %d\n%s", n, run.code, run.err);
        help_run_free(&run);
        help_free(&want);
    }
    help_free(&dump);
}

/* A byte that is gone or there twice costs no more than its chunk. */
static void damage_byte(struct help_bytes *dump, const struct help_run *good, size_t at, bool twice)
{
    struct help_bytes b = {0};
    struct help_run run;
    size_t lines;

    help_add(&b, dump->p, twice ? at + 1 : at);
    help_add(&b, dump->p + (twice ? at : at + 1), dump->n - (twice ? at : at + 1));
    run = help_decode("x", b.p, b.n, HELP_TEXT);
    lines = damage_count(run.out, "num: v=");
    if (run.code != 1 || lines < 32 || !damage_lines_good(run.out, good->out))
        TP_FAIL("byte %zu %s: exit code %d, %zu of 36 records\n%s%s", at, twice ? "twice" : "gone",
                run.code, lines, run.out, run.err);
    help_run_free(&run);
    help_free(&b);
}

TP_TEST(DecoderDamage, EveryByteGoneOrDoubled)
{
    struct help_bytes dump = damage_dump();
    struct help_run good = help_decode("x", dump.p, dump.n, HELP_TEXT);

    TP_CHECK_EQ(good.code, 0);
    TP_CHECK_EQ(damage_count(good.out, "num: v="), 36);
    for (size_t at = 0; at < dump.n; at++) {
        damage_byte(&dump, &good, at, false);
        damage_byte(&dump, &good, at, true);
    }
    help_run_free(&good);
    help_free(&dump);
}

TP_TEST(DecoderDamage, EveryBitOfALargerDump)
{
    struct help_bytes dump = damage_dump();
    struct help_run good = help_decode("x", dump.p, dump.n, HELP_TEXT);

    for (size_t bit = 0; bit < 8 * dump.n; bit++) {
        struct help_run run;
        size_t lines;

        dump.p[bit / 8] ^= (uint8_t)(1u << bit % 8);
        run = help_decode("x", dump.p, dump.n, HELP_TEXT);
        lines = damage_count(run.out, "num: v=");
        if (run.code != 1 || lines < 32 || !damage_lines_good(run.out, good.out))
            TP_FAIL("bit %zu: exit code %d, %zu of 36 records\n%s%s", bit, run.code, lines, run.out,
                    run.err);
        dump.p[bit / 8] ^= (uint8_t)(1u << bit % 8);
        help_run_free(&run);
    }
    help_run_free(&good);
    help_free(&dump);
}

/* The same damage under checksums that fit: what a hostile writer would make. */
static void damage_repair(struct help_bytes *dump)
{
    for (size_t at = 0; at + TP_WIRE_CHUNK_BYTES <= dump->n;) {
        struct tp_wire_chunk h;
        uint8_t head[TP_WIRE_CHUNK_BYTES - 4];

        memcpy(&h, dump->p + at, sizeof(h));
        if (h.size_bytes < sizeof(h) || h.size_bytes > dump->n - at || h.header_bytes != sizeof(h))
            return;
        h.payload_crc = help_crc(dump->p + at + sizeof(h), h.size_bytes - sizeof(h));
        memcpy(head, &h, 28);
        memcpy(head + 28, (uint8_t *)&h + 32, sizeof(h) - 32);
        h.header_crc = help_crc(head, sizeof(head));
        memcpy(dump->p + at, &h, sizeof(h));
        at += h.size_bytes;
    }
}

static void damage_decode(const struct help_bytes *dump, struct decode_options o, size_t at)
{
    struct decode_input in = {.path = "x", .bytes = dump->p, .size = dump->n};
    bool export = o.format == DECODE_EXPORT, binary = export && export_binary(o.export.kind);
    struct help_run run;

    o.inputs = &in;
    o.input_count = 1;
    run = help_run(o);
    /* Anything may come out, but it ends, and nothing steers the terminal. What is asked for may not
     * be there any more, and what has one capture may get two. */
    TP_CHECK(run.code >= 0 && run.code <= 3 &&
             (run.code != 2 || export || o.answer.kind || o.columns || o.template ||
              select_wanted(&o.select)));
    for (size_t i = 0; i < run.out_bytes && !binary; i++)
        if ((uint8_t)run.out[i] < 32 && run.out[i] != '\n')
            TP_FAIL("byte %zu: control character in the output", at);
    help_run_free(&run);
}

/* Every `step`-th of the values and bits. */
static void damage_all_bytes(const struct decode_options *o, size_t n, size_t step)
{
    static const uint8_t values[] = {0x00, 0xff, 0x7f, 0x80, 0x01, 0x5f, 0x9f, 0xbf, 0xfb};
    struct help_bytes dump = help_example(), copy = {0};

    for (size_t at = 0; at < dump.n; at++)
        for (size_t v = at % step; v < sizeof(values) + 8; v += step) {
            copy.n = 0;
            help_add(&copy, dump.p, dump.n);
            if (v < sizeof(values))
                copy.p[at] = values[v];
            else
                copy.p[at] ^= (uint8_t)(1u << (v - sizeof(values)));
            damage_repair(&copy);
            for (size_t i = 0; i < n; i++)
                damage_decode(&copy, o[i], at);
        }
    help_free(&copy);
    help_free(&dump);
}

TP_TEST(DecoderDamage, EveryByteUnderGoodChecksums)
{
    static const struct decode_options o[] = {
        {.format = DECODE_TEXT},
        {.format = DECODE_JSON},
        {.format = DECODE_LIST},
        {.format = DECODE_EXPORT, .export = {.kind = EXPORT_FTRACE}},
        {.format = DECODE_EXPORT, .export = {.kind = EXPORT_VCD}},
        {.format = DECODE_EXPORT, .export = {.kind = EXPORT_PERFETTO}},
        {.format = DECODE_EXPORT, .export = {.kind = EXPORT_CHROME}},
        {.format = DECODE_EXPORT, .export = {.kind = EXPORT_DAT}},
        {.format = DECODE_EXPORT, .export = {.kind = EXPORT_CTF_LTTNG}},
        {.format = DECODE_EXPORT, .export = {.kind = EXPORT_PARQUET}},
        {.format = DECODE_EXPORT, .export = {.kind = EXPORT_SHELF}},
        {.format = DECODE_TEXT, .shard = {2, 3}},
        {.format = DECODE_EXPORT, .export = {.kind = EXPORT_HTML}}};

    damage_all_bytes(o, sizeof(o) / sizeof(o[0]), 1);
}

TP_TEST(DecoderDamage, EveryByteUnderGoodChecksumsSql)
{
    static const struct decode_options o[] = {
        {.answer = {.kind = ANSWER_SQL, .sql = {.query = "select * from records, sched_switch"}}}};

    if (sqlite_is_there)
        damage_all_bytes(o, 1, 17); /* each opens a database */
}

TP_TEST(DecoderDamage, EveryByteUnderGoodChecksumsExplored)
{
    static const struct decode_options o[] = {{.explore = {.wanted = true}}};

    damage_all_bytes(o, 1, 17); /* each opens a terminal, and looks at it all several times */
}

TP_TEST(DecoderDamage, EveryByteUnderGoodChecksumsSelected)
{
    static struct decode_options o[] = {
        {.format = DECODE_CSV,
         .time = {.mode = STAMP_DELTA},
         .select = {.from = {.kind = MOMENT_SINCE, .ns = 0},
                    .to = {.kind = MOMENT_SECONDS, .ns = UINT64_MAX},
                    .filter = "next < 9 && (why == wake || comm ~ \"*d*\") || common_pid == 42"}},
        {.format = DECODE_TEMPLATE, .time = {.mode = STAMP_RELATIVE}},
        {.format = DECODE_TEXT, .time = {.mode = STAMP_RAW}}};
    static struct columns columns;
    static struct template template;

    TP_CHECK_STREQ(columns_read(&columns, "comm,next,why"), NULL);
    TP_CHECK_STREQ(template_read(&template, "%t%c%s%e%p%n%f%m%{next}%{comm}%{why}"), NULL);
    TP_CHECK_STREQ(select_read_events(&o[2].select, "sched:sw*,*:x"), NULL);
    o[0].columns = o[2].columns = &columns;
    o[1].template = &template;
    damage_all_bytes(o, 3, 1);
}

/* A mark (no payload) that claims records: they are not there, so they are missing. */
TP_TEST(DecoderDamage, MarkThatClaimsRecords)
{
    struct help_bytes dump = {0};
    struct help_run run;

    help_add_metadata(&dump, 1);
    help_add_records(&dump, 0, 0, 1, 1000, 1);
    help_add_chunk(
        &dump,
        (struct help_chunk){.type = TP_CHUNK_DATA, .records = 3, .first_record = 1, .time = 2000},
        NULL, 0);
    help_add_chunk(&dump,
                   (struct help_chunk){.type = TP_CHUNK_DATA, .first_record = 4, .time = 3000},
                   NULL, 0);
    help_add_chunk(&dump, (struct help_chunk){.type = TP_CHUNK_END, .cpu = TP_CHUNK_NO_CPU}, NULL,
                   0);
    run = help_decode("x", dump.p, dump.n, HELP_TEXT);
    TP_CHECK_EQ(run.code, 1);
    TP_CHECK_STREQ(run.err, "tpdecode: x: chunk 2 (cpu 0): a mark that claims 3 records\n"
                            "1 records, 3 lost, 1 chunks damaged\n");
    help_run_free(&run);
    help_free(&dump);
}

/* Bytes were lost in a chunk, and the one after it, which is the last, ends where it should end. */
TP_TEST(DecoderDamage, TheLastChunkHasAnotherInside)
{
    struct help_bytes dump = {0}, last = {0};
    struct help_run run;
    size_t at;

    help_add_metadata(&dump, 1);
    help_add_records(&dump, 0, 0, 1, 1000, 1);
    at = dump.n + TP_WIRE_CHUNK_BYTES + 16;
    help_add_records(&dump, 0, 1, 20, 2000, 1);
    help_add_records(&last, 1, 0, 1, 3000, 1);
    TP_ASSERT(at + last.n < dump.n);
    memmove(dump.p + at, dump.p + at + last.n, dump.n - at - last.n);
    dump.n -= last.n;
    help_add(&dump, last.p, last.n);
    run = help_decode("x", dump.p, dump.n, HELP_TEXT);
    TP_CHECK_EQ(run.code, 1);
    TP_CHECK(strstr(run.out, "[001]") != NULL);
    TP_CHECK(strstr(run.err, "\n2 records, 20 lost, 1 chunks damaged\n") != NULL);
    help_run_free(&run);
    help_free(&dump);
    help_free(&last);
}

/* ID and COUNT of kind 1, in a chunk that claims so many entries. */
static struct help_run damage_counts(bool metadata, uint32_t id, uint64_t count, uint32_t claimed,
                                     size_t bytes)
{
    struct help_bytes dump = {0};
    struct tp_wire_count entry = {.id = id, .kind = TP_COUNT_SUPPRESSED, .count = count};
    struct help_run run;

    if (metadata)
        help_add_metadata(&dump, 1);
    help_add_chunk(&dump, (struct help_chunk){.type = TP_CHUNK_COUNTS, .records = claimed}, &entry,
                   bytes);
    help_add_chunk(&dump, (struct help_chunk){.type = TP_CHUNK_END}, NULL, 0);
    run = help_decode("x", dump.p, dump.n, HELP_TEXT);
    help_free(&dump);
    return run;
}

static void damage_counts_say(struct help_run run, int code, const char *err)
{
    TP_CHECK_EQ(run.code, code);
    TP_CHECK_STREQ(run.err, err);
    TP_CHECK_STREQ(run.out, "");
    help_run_free(&run);
}

TP_TEST(DecoderDamage, Counts)
{
    damage_counts_say(damage_counts(true, 1, UINT64_MAX, 1, 16), 0,
                      "t:num: 18446744073709551615 records left out by sampling\n"
                      "0 records, 0 lost\n");
    damage_counts_say(damage_counts(true, 1, 0, 1, 16), 0, "0 records, 0 lost\n");
    damage_counts_say(damage_counts(true, 1, 3, 2, 16), 1,
                      "tpdecode: x: chunk 1: declares 2 counts and has room for 1\n"
                      "t:num: 3 records left out by sampling\n"
                      "0 records, 0 lost, 1 chunks damaged\n");
    damage_counts_say(damage_counts(true, 1, 3, 1, 8), 1,
                      "tpdecode: x: chunk 1: declares 1 counts and has room for 0\n"
                      "0 records, 0 lost, 1 chunks damaged\n");
    damage_counts_say(damage_counts(true, 0, 3, 1, 16), 1,
                      "tpdecode: x: chunk 1: a count of 0, which is no event\n"
                      "0 records, 0 lost, 1 chunks damaged\n");
    damage_counts_say(damage_counts(true, 65280, 3, 1, 16), 1,
                      "tpdecode: x: chunk 1: a count of 65280, which is no event\n"
                      "0 records, 0 lost, 1 chunks damaged\n");
    damage_counts_say(damage_counts(true, 65279, 3, 1, 16), 1,
                      "tpdecode: x: 1 counts of events that no metadata defines\n"
                      "0 records, 0 lost\n");
    damage_counts_say(damage_counts(false, 1, 3, 1, 16), 3,
                      "tpdecode: x: no metadata: nothing can be decoded\n");
}

/* Without metadata there is no clock, which what answers must not use: of records of which the last one
 * is damaged it is not known either when they were lost. */
TP_TEST(DecoderDamage, AnswersWithoutMetadata)
{
    static const enum answer_kind kinds[] = {
        ANSWER_NONE,     ANSWER_INFO,  ANSWER_STATS, ANSWER_HIST,  ANSWER_LATENCY,
        ANSWER_TIMELINE, ANSWER_TASKS, ANSWER_SPANS, ANSWER_GRAPH, ANSWER_PROFILE};
    const uint32_t payload[] = {TP_RECORD_WORD(1, 2) | TP_RECORD_COMMITTED, 1, 7, 0, 0xffffffff, 2};
    struct help_bytes dump = {0};

    help_add_chunk(&dump, (struct help_chunk){.type = TP_CHUNK_DATA, .records = 2}, payload,
                   sizeof(payload));
    help_add_chunk(&dump, (struct help_chunk){.type = TP_CHUNK_END}, NULL, 0);
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        struct decode_input in = {.path = "x", .bytes = dump.p, .size = dump.n};
        struct decode_options o = {.inputs = &in, .input_count = 1};
        struct help_run run;

        o.answer = (struct answer_options){.kind = kinds[i], .timeline.width = 80};
        TP_CHECK_STREQ(hist_read(&o.answer.hist, "v"), NULL);
        TP_CHECK_STREQ(latency_read(&o.answer.latency, "t:num:t:num"), NULL);
        TP_CHECK_STREQ(latency_read_key(&o.answer.latency, "v"), NULL);
        run = help_run(o);
        TP_CHECK_EQ(run.code, 3);
        help_run_free(&run);
        o.explore.wanted = true;
        run = help_run(o);
        TP_CHECK_EQ(run.code, 3);
        help_run_free(&run);
    }
    help_free(&dump);
}
