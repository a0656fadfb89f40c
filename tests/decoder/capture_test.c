/* SPDX-License-Identifier: MIT */
/* capture_test.c - several captures in one input, and chunks that are not in order. */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "decoder/answer/origin.h"
#include "decoder/order/capture.h"
#include "decoder/order/gap.h"
#include "decoder/order/window.h"
#include "help.h"
#include "tp_test.h"

/* A dump as the numbers of its chunks, so that they can be put together in any way. */
#define CHUNKS 400u

struct parts {
    struct help_bytes bytes;
    size_t at[CHUNKS + 1];
    unsigned count;
};

static void parts_next(struct parts *p)
{
    TP_ASSERT(p->count < CHUNKS);
    p->at[++p->count] = p->bytes.n;
}

/* One event, one CPU: metadata, then `data` chunks of two records, perhaps an end. */
static struct parts parts_make(uint64_t stream, unsigned data, uint32_t value, uint32_t boot,
                               bool end)
{
    struct help_bytes metadata = {0};
    struct parts p = {.count = 0};

    help_add_metadata(&metadata, 1);
    help_add_chunk(&p.bytes,
                   (struct help_chunk){.type = TP_CHUNK_METADATA, .stream = stream, .time = boot},
                   metadata.p + TP_WIRE_CHUNK_BYTES, metadata.n - TP_WIRE_CHUNK_BYTES);
    parts_next(&p);
    for (unsigned i = 0; i < data; i++) {
        uint32_t time = 1000 * (2 * i + 1), v = value + 2 * i;
        uint32_t r[8] = {time,     0x80020001, v,     0, /* 16 bytes, id 1 */
                         time + 9, 0x80020001, v + 1, 0};

        help_add_chunk(&p.bytes,
                       (struct help_chunk){.type = TP_CHUNK_DATA,
                                           .stream = stream,
                                           .time = time,
                                           .records = 2,
                                           .first_record = 2 * i},
                       r, sizeof(r));
        parts_next(&p);
    }
    if (end) {
        help_add_chunk(&p.bytes, (struct help_chunk){.type = TP_CHUNK_END, .stream = stream}, NULL,
                       0);
        parts_next(&p);
    }
    free(metadata.p);
    return p;
}

static void parts_add(struct help_bytes *to, const struct parts *p, unsigned from, unsigned end)
{
    for (; from < end && from < p->count; from++)
        help_add(to, p->bytes.p + p->at[from], p->at[from + 1] - p->at[from]);
}

static size_t count_lines(const char *text, const char *what)
{
    size_t n = 0;

    while ((text = strstr(text, what))) {
        n++;
        text += strlen(what);
    }
    return n;
}

/* A dump as the file "m", or as a pipe. */
static struct help_run run_as(const struct help_bytes *dump, bool piped)
{
    struct decode_input in = {.path = "m", .bytes = dump->p, .size = dump->n};
    struct help_run run;
    int ends[2], keep;
    FILE *f;

    if (!piped)
        return help_run((struct decode_options){.inputs = &in, .input_count = 1});
    in = (struct decode_input){.path = "-"};
    TP_ASSERT(pipe(ends) == 0);
    TP_ASSERT(dump->n <= 65536); /* what a pipe holds */
    f = fdopen(ends[1], "w");
    TP_ASSERT(f && fwrite(dump->p, 1, dump->n, f) == dump->n && fclose(f) == 0);
    keep = dup(STDIN_FILENO);
    dup2(ends[0], STDIN_FILENO);
    run = help_run((struct decode_options){.inputs = &in, .input_count = 1});
    dup2(keep, STDIN_FILENO);
    close(keep);
    close(ends[0]);
    return run;
}

/* As a file and as a pipe: the values in order, a space between, and what was said last. */
static void expect(const char *what, const struct help_bytes *dump, const char *values,
                   const char *sum, int code)
{
    for (int piped = 0; piped < 2; piped++) {
        struct help_run run = run_as(dump, piped);
        char got[8192] = "";

        for (const char *p = run.out; (p = strstr(p, "v=")); p++)
            snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s%ld", *got ? " " : "",
                     strtol(p + 2, NULL, 10));
        TP_CHECK_STREQ(got, values);
        if (!strstr(run.err, sum) || run.code != code)
            TP_FAIL("%s, %s: code %d\n%s", what, piped ? "pipe" : "file", run.code, run.err);
        help_run_free(&run);
    }
}

/* Messages as lines without the name of the input. */
static void cut_names(char *text)
{
    static const char *const names[] = {"tpdecode: m: ", "tpdecode: standard input: "};

    for (int i = 0; i < 2; i++)
        for (char *p = text; (p = strstr(p, names[i]));)
            memmove(p, p + strlen(names[i]), strlen(p + strlen(names[i])) + 1);
}

/* The first bytes of a chunk of 2 MiB. */
static void add_cut_chunk(struct help_bytes *dump)
{
    struct help_bytes all = {0};
    size_t size = 2u << 20;
    uint8_t *zeros = calloc(1, size);

    help_add_chunk(&all, (struct help_chunk){.type = TP_CHUNK_DATA, .stream = 1}, zeros, size);
    help_add(dump, all.p, TP_WIRE_CHUNK_BYTES + 16);
    help_free(&all);
    free(zeros);
}

static void same_as_pipe(const char *path, bool cut)
{
    struct help_bytes hex = help_file(path), other = help_hex((char *)hex.p, hex.n), dump = {0};
    struct parts own = parts_make(1, 3, 10, 5, true);
    struct help_run file, pipe;

    parts_add(&dump, &own, 0, 2);
    if (cut)
        add_cut_chunk(&dump);
    help_add(&dump, other.p, other.n);
    parts_add(&dump, &own, 2, CHUNKS);
    help_add(&dump, "no chunk", 8);
    if (dump.n <= 65536) {
        file = run_as(&dump, false);
        pipe = run_as(&dump, true);
        cut_names(file.err);
        cut_names(pipe.err);
        /* Of a pipe it cannot be known before how fast its counter counts; an image is none. */
        if (!strstr(pipe.err, "not known yet") && !strstr(pipe.err, "has a region at") &&
            (strcmp(file.out, pipe.out) != 0 || strcmp(file.err, pipe.err) != 0))
            TP_FAIL("%s: as a file\n%s%s\nas a pipe\n%s%s", path, file.out, file.err, pipe.out,
                    pipe.err);
        TP_CHECK(strstr(file.out, "v=10"));
        help_run_free(&file);
        help_run_free(&pipe);
    }
    help_free(&hex);
    help_free(&other);
    help_free(&dump);
    free(own.bytes.p);
}

/* Each vector between the chunks of another capture, of which one may be cut, and at the end what is
 * no chunk. */
TP_TEST(DecoderCapture, AFileAndAPipeSayTheSame)
{
    static const char *const folders[] = {"tests/golden/*.hex", "tests/conformance/vectors/*.hex"};

    for (int i = 0; i < 2; i++) {
        glob_t found;

        TP_ASSERT_EQ(glob(tp_test_path(folders[i]), 0, NULL, &found), 0);
        for (size_t k = 0; k < 2 * found.gl_pathc; k++)
            same_as_pipe(found.gl_pathv[k / 2], k & 1);
        globfree(&found);
    }
}

/* Two boots: end marks or none, the same `stream` or another, the same time at the start or
 * another, one after the other or joined with a third. */
TP_TEST(DecoderCapture, Boots)
{
    for (unsigned i = 0; i < 16; i++) {
        bool end = i & 1, same = i & 2, alike = i & 4, third = i & 8;
        struct parts a = parts_make(1, 3, 10, 5, end);
        struct parts b = parts_make(same ? 1 : 2, 2, 20, alike ? 5 : 6, end);
        struct parts c = parts_make(1, 1, 30, alike ? 5 : 7, end);
        struct help_bytes dump = {0};
        char what[64];

        snprintf(what, sizeof(what), "end %d same %d alike %d third %d", end, same, alike, third);
        parts_add(&dump, &a, 0, CHUNKS);
        parts_add(&dump, &b, 0, CHUNKS);
        parts_add(&dump, &c, 0, third ? CHUNKS : 0);
        expect(what, &dump,
               third ? "10 11 12 13 14 15 20 21 22 23 30 31" : "10 11 12 13 14 15 20 21 22 23",
               third ? "12 records, 0 lost\n" : "10 records, 0 lost\n", 0);
        free(dump.p);
        free(a.bytes.p);
        free(b.bytes.p);
        free(c.bytes.p);
    }
}

/* A boot that is like the one before it in all of its chunk 0, and chunks of another capture before it is
 * known by its data to be no copy. */
TP_TEST(DecoderCapture, ABootAndOthersAmongItsFirstChunks)
{
    struct parts a = parts_make(1, 3, 10, 5, false), b = parts_make(1, 2, 20, 5, true),
                 c = parts_make(2, 1, 30, 5, true);

    for (unsigned before = 0; before < 3; before++) {
        struct help_bytes dump = {0};

        parts_add(&dump, &a, 0, CHUNKS);
        parts_add(&dump, &b, 0, 1);
        parts_add(&dump, &c, 0, before);
        parts_add(&dump, &b, 1, CHUNKS);
        parts_add(&dump, &c, before, CHUNKS);
        expect("boot", &dump, "10 11 12 13 14 15 20 21 22 23 30 31", "12 records, 0 lost\n", 0);
        free(dump.p);
    }
    free(a.bytes.p);
    free(b.bytes.p);
    free(c.bytes.p);
}

/* Between the same chunk 0 again and the data that shows a boot there is data that shows nothing, since no
 * other of its CPU came before it: it is of the first capture, and given once. */
TP_TEST(DecoderCapture, DataThatDoesNotShowWhetherItIsACopy)
{
    struct parts a = parts_make(1, 3, 10, 5, false), b = parts_make(1, 1, 20, 5, false),
                 c = parts_make(2, 1, 30, 5, true);

    for (unsigned before = 0; before < 3; before++) {
        struct help_bytes dump = {0};

        parts_add(&dump, &a, 0, 1);
        parts_add(&dump, &c, 0, before);
        parts_add(&dump, &b, 0, 2);
        parts_add(&dump, &a, 1, CHUNKS);
        parts_add(&dump, &c, before, CHUNKS);
        expect("unsure", &dump,
               before ? "20 21 30 31 10 11 12 13 14 15" : "20 21 10 11 12 13 14 15 30 31",
               "10 records, 0 lost\n", 0);
        free(dump.p);
    }
    free(a.bytes.p);
    free(b.bytes.p);
    free(c.bytes.p);
}

/* A copy of all of it is one capture. */
TP_TEST(DecoderCapture, Copies)
{
    for (int end = 0; end < 2; end++) {
        struct parts a = parts_make(1, 3, 10, 5, end);
        struct help_bytes dump = {0};

        parts_add(&dump, &a, 0, CHUNKS);
        parts_add(&dump, &a, 0, CHUNKS);
        expect("copy", &dump, "10 11 12 13 14 15", "6 records, 0 lost, 3 chunks damaged\n", 1);
        free(dump.p);
        free(a.bytes.p);
    }
}

/* Two captures that alternate, `run` chunks at a time. With so many that others are over: as many as
 * there may be, and one more. */
TP_TEST(DecoderCapture, Alternate)
{
    static const unsigned runs[] = {1, 2, 5, CAPTURE_OTHERS_MAX};

    for (unsigned i = 0; i < sizeof(runs) / sizeof(runs[0]); i++) {
        unsigned n = runs[i] * 2, run = runs[i];
        struct parts a = parts_make(1, n, 1000, 5, true), b = parts_make(2, n, 5000, 5, true);
        struct help_bytes dump = {0};
        char values[8192] = "", sum[64];

        for (unsigned k = 0; k < a.count; k += run) {
            parts_add(&dump, &a, k, k + run);
            parts_add(&dump, &b, k, k + run);
        }
        for (unsigned k = 0; k < 4 * n; k++)
            snprintf(values + strlen(values), sizeof(values) - strlen(values), "%s%u", k ? " " : "",
                     k < 2 * n ? 1000 + k : 5000 + k - 2 * n);
        snprintf(sum, sizeof(sum), "%u records, 0 lost\n", 4 * n);
        expect("alternate", &dump, values, sum, 0);
        free(dump.p);
        free(a.bytes.p);
        free(b.bytes.p);
    }
}

/* Of a pipe what is of others is kept, up to so many bytes: then the first capture is over, although fewer chunks
 * than may follow each other came. */
TP_TEST(DecoderCapture, OverAfterSoManyBytesOfOthers)
{
    size_t each = CAPTURE_KEPT_BYTES / 4,
           head = 200; /* what a chunk takes beyond its payload, at most */
    uint8_t *big = calloc(1, each);
    struct diag diag = {.useful = true};
    struct diag_file file = {.diag = &diag, .name = "m"};
    struct input in = {.fd = -1, .slow = true};
    struct chunk_reader r = {.in = &in, .diag = &file};
    struct chunk own = {.head = {.type = TP_CHUNK_DATA, .stream = 1}}, other = own;

    TP_ASSERT(big != NULL);
    other.head.stream = 2;
    other.payload = big;
    for (unsigned more = 0; more < 2; more++) {
        struct capture k = {.begun = false};

        TP_CHECK_EQ(capture_judge(&k, &r, &own, false), CAPTURE_OWN);
        other.payload_bytes = more ? each : each - head;
        for (unsigned i = 0; i < 3; i++)
            TP_CHECK_EQ(capture_judge(&k, &r, &other, false), CAPTURE_ASIDE);
        TP_CHECK_EQ(capture_judge(&k, &r, &other, false), more ? CAPTURE_OVER : CAPTURE_ASIDE);
        capture_close(&k);
    }
    free(big);
}

/* A chunk 0 that comes after so many chunks of its capture may still be its own; after one more it is another's. */
TP_TEST(DecoderCapture, AChunk0ThatIsLate)
{
    struct diag diag = {.useful = true};
    struct diag_file file = {.diag = &diag, .name = "m"};
    struct input in = {.fd = -1, .slow = true};
    struct chunk_reader r = {.in = &in, .diag = &file};
    struct chunk data = {.head = {.type = TP_CHUNK_DATA, .stream = 1}};
    struct chunk zero = {.head = {.type = TP_CHUNK_METADATA, .cpu = TP_CHUNK_NO_CPU, .stream = 1}};

    for (unsigned before = CAPTURE_LATE_CHUNKS - 1; before <= CAPTURE_LATE_CHUNKS; before++) {
        struct capture k = {.begun = false};

        for (unsigned i = 0; i < before; i++)
            TP_CHECK_EQ(capture_judge(&k, &r, &data, false), CAPTURE_OWN);
        TP_CHECK_EQ(capture_judge(&k, &r, &zero, false),
                    before < CAPTURE_LATE_CHUNKS ? CAPTURE_OWN : CAPTURE_OVER);
        capture_close(&k);
    }
}

/* Of so many captures the rate is known before they come; of one more it is not. */
TP_TEST(DecoderCapture, SoManyAreLookedThrough)
{
    struct help_bytes dump = {0};
    struct input in = {.fd = -1};
    struct survey v = {.done = false};
    size_t last = 0;

    for (unsigned i = 0; i <= SURVEY_CAPTURES; i++) {
        struct parts p = parts_make(i + 1, 0, 0, 5, false);

        last = dump.n;
        parts_add(&dump, &p, 0, CHUNKS);
        free(p.bytes.p);
        if (i < SURVEY_CAPTURES - 1)
            continue;
        input_open_memory(&in, dump.p, dump.n);
        survey_look(&v, &in, 0);
        TP_CHECK_EQ(v.count, SURVEY_CAPTURES);
        TP_CHECK((survey_find(&v, last) != NULL) == (i < SURVEY_CAPTURES));
        survey_close(&v);
        input_close(&in);
    }
    free(dump.p);
}

/* One more than may follow each other: the first one is over, and says so by what is missing. */
TP_TEST(DecoderCapture, OverAfterSoManyOthers)
{
    struct parts a = parts_make(1, 2, 10, 5, false),
                 b = parts_make(2, CAPTURE_OTHERS_MAX + 1, 5000, 5, true);
    struct help_bytes dump = {0};
    struct help_run run;

    parts_add(&dump, &a, 0, 2);
    parts_add(&dump, &b, 0, CHUNKS);
    parts_add(&dump, &a, 2, CHUNKS);
    run = help_decode("m", dump.p, dump.n, HELP_TEXT);
    TP_CHECK(count_lines(run.out, "v=") == 2 + 2 * (CAPTURE_OTHERS_MAX + 1));
    TP_CHECK(strstr(run.err, "1 data chunks at byte") != NULL); /* nothing defines its event */
    TP_CHECK(strstr(run.err, "no metadata: records cannot be decoded") != NULL);
    help_run_free(&run);
    free(dump.p);
    free(a.bytes.p);
    free(b.bytes.p);
}

/* A chunk moved by `by` places: in order as far as the window reaches, and never lost. */
TP_TEST(DecoderCapture, OutOfOrder)
{
    static const unsigned moved[] = {1, 2, 7, WINDOW_CHUNKS - 1, WINDOW_CHUNKS, WINDOW_CHUNKS + 1};

    for (unsigned i = 0; i < sizeof(moved) / sizeof(moved[0]); i++) {
        struct parts a = parts_make(1, WINDOW_CHUNKS + 20, 1000, 5, true);
        unsigned by = moved[i], n = 2 * (WINDOW_CHUNKS + 20);

        for (unsigned from = 1; from < 4; from++) { /* the very first chunk of data, too */
            struct help_bytes dump = {0};
            char values[8192] = "";

            parts_add(&dump, &a, 0, from);
            parts_add(&dump, &a, from + 1, from + 1 + by);
            parts_add(&dump, &a, from, from + 1);
            parts_add(&dump, &a, from + 1 + by, CHUNKS);
            for (unsigned k = 0; k < n; k++)
                snprintf(values + strlen(values), sizeof(values) - strlen(values), "%s%u",
                         k ? " " : "", 1000 + k);
            if (by <= WINDOW_CHUNKS) {
                expect("moved", &dump, values, "168 records, 0 lost\n", 0);
                expect("moved", &dump, values, "1 chunks came out of order, and were put in order",
                       0);
            } else {
                struct help_run run = help_decode("m", dump.p, dump.n, HELP_TEXT);

                TP_CHECK(count_lines(run.out, "v=") == n);
                TP_CHECK(strstr(run.err,
                                "2 records came too late to be put in order: they are not lost") !=
                         NULL);
                TP_CHECK(strstr(run.err, "168 records, 0 lost\n") != NULL);
                help_run_free(&run);
            }
            free(dump.p);
        }
        free(a.bytes.p);
    }
}

TP_TEST(DecoderCapture, Gaps)
{
    struct gap_list g = {.count = 0};
    struct gap got;

    gap_add(&g, (struct gap){5, 5, true}); /* nothing */
    TP_CHECK(g.count == 0);
    gap_add(&g, (struct gap){10, 20, true});
    TP_CHECK(!gap_take(&g, 0, 10, &got));
    TP_CHECK(!gap_take(&g, 20, 30, &got));
    TP_CHECK(gap_take(&g, 12, 15, &got) && got.first == 12 && got.end == 15);
    TP_CHECK(!gap_take(&g, 12, 15, &got));
    TP_CHECK(gap_take(&g, 0, 11, &got) && got.first == 10 && got.end == 11);
    TP_CHECK(gap_take(&g, 19, 99, &got) && got.first == 19 && got.end == 20);
    while (gap_take(&g, 0, 99, &got))
        TP_CHECK(got.end - got.first == 1 || got.end - got.first == 4);
    for (uint64_t i = 0; i <= GAP_MAX; i++)
        gap_add(&g, (struct gap){10 * i, 10 * i + 1, true});
    TP_CHECK(g.count == GAP_MAX);
    TP_CHECK(!gap_take(&g, 0, 1, &got)); /* the oldest was forgotten */
    TP_CHECK(gap_take(&g, 10, 11, &got));
    gap_free(&g);
}

/* A rate that is told later, and a clock pair: of a file they serve all of it. */
/* Whether it was looked through or not, no chunk is counted twice. */
TP_TEST(DecoderCapture, ChunksKeepTheirNumbersWithoutARate)
{
    struct help_bytes dump = {0};

    help_add_metadata_hz(&dump, 1, 0);
    help_add_records(&dump, 0, 0, 2, 1000, 1000);
    dump.p[dump.n - 1] ^= 1;
    for (int piped = 0; piped < 2; piped++) {
        struct help_run run = run_as(&dump, piped);

        TP_CHECK(strstr(run.err, ": chunk 1 (cpu 0) at byte "));
        help_run_free(&run);
    }
    help_free(&dump);
}

TP_TEST(DecoderCapture, RateIsToldLater)
{
    struct help_bytes dump = {0};
    struct decode_input in = {.path = "m"};
    struct help_run run;

    help_add_metadata_hz(&dump, 1, 0);
    help_add_records(&dump, 0, 0, 2, 1000, 1000);
    help_add_metadata_hz(&dump, 1, 1000);
    help_add_records(&dump, 0, 2, 1, 3000, 1000);
    help_add_chunk(&dump, (struct help_chunk){.type = TP_CHUNK_END}, NULL, 0);
    in.bytes = dump.p;
    in.size = dump.n;
    for (int piped = 0; piped < 2; piped++) {
        run = run_as(&dump, piped);
        TP_CHECK(strstr(run.out, " 3.000000: t_num: v=2") != NULL);
        TP_CHECK((strstr(run.out, " 1.000000: t_num: v=0") != NULL) == !piped);
        TP_CHECK((strstr(run.err, "it is not known yet how fast the counter counts: times are as "
                                  "if by 1 GHz; --clock-hz gives what is right") != NULL) == piped);
        TP_CHECK((strstr(run.err, "from here on times are right: the counter has 1000 Hz") !=
                  NULL) == piped);
        help_run_free(&run);
    }
    run = help_run((struct decode_options){.inputs = &in, .input_count = 1, .clock_hz = 100});
    TP_CHECK(strstr(run.out, "10.000000: t_num: v=0") != NULL);
    TP_CHECK(strstr(run.out, "30.000000: t_num: v=2") != NULL);
    help_run_free(&run);
    free(dump.p);
}

static int capture_take(void *context, const void *bytes, size_t n)
{
    help_add(context, bytes, n);
    return 0;
}

/* A counter that is told to have 1000 Hz, and has `real` ticks in the 100 s between two clock pairs. */
static void expect_rate(uint64_t ticks, const char *said, const char *json)
{
    uint64_t pairs[2][2] = {{5000, 1000000000}, {5000 + ticks, 101000000000}};
    struct help_bytes dump = {0};

    help_add_metadata_hz(&dump, 1, 1000);
    for (unsigned i = 0; i < 2; i++) {
        help_add_chunk(&dump, (struct help_chunk){.type = TP_CHUNK_CLOCK, .records = 1}, pairs[i],
                       sizeof(pairs[i]));
        help_add_records(&dump, 0, i, 1, 6000 + i, 1);
    }
    help_add_chunk(&dump, (struct help_chunk){.type = TP_CHUNK_END}, NULL, 0);
    for (unsigned as_json = 0; as_json < 2; as_json++) {
        struct decode_input in = {.path = "m", .bytes = dump.p, .size = dump.n};
        struct decode_options o = {.inputs = &in, .input_count = 1};
        const char *want = as_json ? json : said;
        struct help_run run;

        o.answer.kind = ANSWER_STATS;
        o.format = as_json ? DECODE_JSON : DECODE_TEXT;
        run = help_run(o);
        if (want ? !strstr(run.out, want)
                 : strstr(run.out, "counter:") || strstr(run.out, "measured"))
            TP_FAIL("%u: not %s:\n%s", (unsigned)ticks, want ? want : "silent", run.out);
        help_run_free(&run);
    }
    free(dump.p);
}

/* 100 parts of a million are 10 of 100,000 ticks: by rounding to whole Hz 1001 is the first beyond. */
TP_TEST(DecoderCapture, TheRateByClockPairs)
{
    expect_rate(100000, NULL, NULL);
    expect_rate(100099, NULL, NULL);
    expect_rate(100100, "\ncounter: 1000 Hz told, 1001 Hz by clock pairs\n",
                "\"clock_hz\":1000,\"measured_hz\":1001}]");
    expect_rate(99900, "\ncounter: 1000 Hz told, 999 Hz by clock pairs\n",
                "\"clock_hz\":1000,\"measured_hz\":999}]");
}

/* The limit itself: 100 of a million Hz are not said, 101 are. */
TP_TEST(DecoderCapture, HowFarARateMayBe)
{
    struct stream s = {.number = 0, .captures = 1};
    struct tally_input in = {.stream = &s};
    struct origin_list l = {.count = 0};
    char got[2][64] = {{0}};

    s.metadata.clock_told = 1000000;
    for (unsigned i = 0; i < 2; i++) {
        struct help_bytes to = {0};
        struct out o = {.at = NULL};

        s.pairs.count = 2;
        s.pairs.at[0] = (struct tp_wire_clock){0, 0};
        s.pairs.at[1] = (struct tp_wire_clock){1000000 + ORIGIN_PPM + i, 1000000000};
        origin_add(&l, &in);
        out_open(&o, (struct out_sink){capture_take, &to});
        origin_text(&l, &o);
        out_flush(&o);
        snprintf(got[i], sizeof(got[i]), "%.*s", (int)to.n, to.p ? (char *)to.p : "");
        out_close(&o);
        help_free(&to);
        origin_close(&l);
    }
    TP_CHECK_STREQ(got[0], "");
    TP_CHECK_STREQ(got[1], "\ncounter: 1000000 Hz told, 1000101 Hz by clock pairs\n");
}

/* So many captures are listed, and one more is counted. */
TP_TEST(DecoderCapture, SoManyAreListed)
{
    struct stream s = {.number = 0};
    struct tally_input in = {.stream = &s};
    struct origin_list l = {.count = 0};

    for (unsigned i = 0; i <= ORIGIN_MAX; i++) {
        TP_CHECK_EQ(l.more, 0u);
        TP_CHECK_EQ(l.count, i);
        origin_add(&l, &in);
    }
    TP_CHECK_EQ(l.count, ORIGIN_MAX);
    TP_CHECK_EQ(l.more, 1u);
    origin_close(&l);
}
