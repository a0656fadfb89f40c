/* SPDX-License-Identifier: MIT */
/* library_test.c - tpdecode.h: each way to open and to select; what is no dump, cut or damaged;
 * dumps side by side; no memory. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tp/wire.h>
#include <unistd.h>

#include "decoder/base/mem.h"
#include "decoder/order/select.h"
#include "dump_help.h"
#include "tp_test.h"

#define LIBRARY_START "capture 0x5eed 1000 Hz, 2 cpus, main\n"
#define LIBRARY_LOSSES                                                                             \
    "L0 2000 1 nested\n"                                                                           \
    "L0 2000 1 oversize\n"                                                                         \
    "L0 2000 1 recursion\n"
/* All of tests/golden/loss. */
static const char library_loss[] = LIBRARY_START "L0 1000 2 full\n"
                                                 "R0 1000 t:num: v=1\n" LIBRARY_LOSSES
                                                 "R0 2000 t:num: v=2\n"
                                                 "R1 2500 t:num: v=4\n"
                                                 "L0 3000 5 overwritten\n"
                                                 "L0 3000 2 missing\n"
                                                 "R0 3000 t:num: v=3\n"
                                                 "L0 4000 4 full\n"
                                                 "L1 4000 1 full\n"
                                                 "complete: 4 of 4, 17 lost\n";

/* --- opening --- */

TP_TEST(DecoderLibrary, FromAPathAndADescriptor)
{
    char path[] = "/tmp/tpdecode-test-XXXXXX";
    struct help_bytes dump = help_golden("loss");
    struct tp_dump *d = tp_dump_new();
    int fd = mkstemp(path);

    TP_ASSERT(fd >= 0);
    TP_ASSERT_EQ(write(fd, dump.p, dump.n), (ssize_t)dump.n);
    TP_CHECK_EQ(tp_dump_add_path(d, path), 0);
    dump_expect(d, library_loss);
    /* From where it stands, and it stays open. */
    d = tp_dump_new();
    TP_ASSERT_EQ(lseek(fd, 0, SEEK_SET), 0);
    TP_CHECK_EQ(tp_dump_add_descriptor(d, "fd", fd), 0);
    dump_expect(d, library_loss);
    TP_CHECK(fcntl(fd, F_GETFD) >= 0);
    close(fd);
    unlink(path);
    help_free(&dump);
}

TP_TEST(DecoderLibrary, WhatCannotBeOpened)
{
    struct help_bytes dump = help_golden("loss");
    struct tp_dump *d = tp_dump_new();
    const struct tp_dump_item *item;

    TP_CHECK_STREQ(tp_dump_error_text(d), "");
    TP_CHECK_EQ(tp_dump_add_path(d, "/nonexistent/file"), TP_DUMP_EOPEN);
    TP_CHECK_STREQ(tp_dump_error_text(d), "/nonexistent/file: No such file or directory");
    TP_CHECK_EQ(tp_dump_add_path(d, "/"), TP_DUMP_EOPEN);
    TP_CHECK_STREQ(tp_dump_error_text(d), "/: Is a directory");
    TP_CHECK_EQ(tp_dump_next(d, &item), TP_DUMP_EORDER);
    TP_CHECK(item == NULL);
    /* The others can be read. */
    TP_CHECK_EQ(tp_dump_add_memory(d, "m", dump.p, dump.n), 0);
    TP_CHECK_EQ(tp_dump_next(d, &item), TP_DUMP_CAPTURE);
    TP_CHECK_EQ(tp_dump_add_memory(d, "m", dump.p, dump.n), TP_DUMP_EORDER);
    TP_CHECK_EQ(tp_dump_select(d, TP_DUMP_CPUS, "0"), TP_DUMP_EORDER);
    TP_CHECK_EQ(tp_dump_next(d, &item), TP_DUMP_LOSS);
    tp_dump_free(d);
    help_free(&dump);
}

/* Gives a dump in parts, then perhaps an error. */
struct library_reader {
    const uint8_t *at;
    size_t left, part;
    long last;
};

static long library_read(void *context, void *to, size_t size)
{
    struct library_reader *r = context;
    size_t n = r->part < size ? r->part : size;

    TP_CHECK(size > 0);
    n = n < r->left ? n : r->left;
    if (!n)
        return r->last;
    memcpy(to, r->at, n);
    r->at += n;
    r->left -= n;
    return (long)n;
}

static struct tp_dump *library_reader(struct library_reader *r)
{
    struct tp_dump *d = tp_dump_new();

    TP_ASSERT_EQ(tp_dump_add_reader(d, "m", library_read, r), 0);
    return d;
}

TP_TEST(DecoderLibrary, FromAFunction)
{
    struct help_bytes dump = help_golden("loss");
    struct library_reader one = {dump.p, dump.n, 1, 0}, all = {dump.p, dump.n, SIZE_MAX, 0};
    struct library_reader bad = {dump.p, 500, 100, -EACCES}, mad = {dump.p, 500, 100, LONG_MAX};
    /* Chunk 1 ends at byte 424, and has a record that is whole. */
    static const char want[] = "capture 0x5eed 1000 Hz, 2 cpus, main\n"
                               "bad m: ends inside the header of chunk 2 at byte 0x1a8 (76 bytes)\n"
                               "bad m: %s\n"
                               "bad m: no end mark: tracing went on, or the dump was cut\n"
                               "L0 1000 2 full\n"
                               "R0 1000 t:num: v=1\n"
                               "damaged: 1 of 1, 2 lost\n";
    char text[1000];

    dump_expect(library_reader(&one), library_loss);
    dump_expect(library_reader(&all), library_loss);
    snprintf(text, sizeof(text), want, "Permission denied");
    dump_expect(library_reader(&bad), text);
    snprintf(text, sizeof(text), want, "Input/output error");
    dump_expect(library_reader(&mad), text);
    help_free(&dump);
}

/* A dump, what is no chunk, and the start of one more chunk: however little a call gives. */
static void library_tail(const struct help_bytes *dump, size_t junk, size_t more)
{
    static const size_t parts[] = {1, 7, 100, 104, 150, SIZE_MAX};
    struct help_bytes all = {0};
    char skipped[100] = "", want[200];

    help_add(&all, dump->p, dump->n);
    for (size_t i = 0; i < junk; i++)
        help_add(&all, "x", 1);
    help_add(&all, dump->p, more);
    if (junk)
        snprintf(skipped, sizeof(skipped), "bad m: %zu bytes at 0x%zx are not part of any chunk\n",
                 junk, dump->n);
    snprintf(want, sizeof(want),
             "%sbad m: ends inside the header of chunk 8 at byte 0x%zx (%zu bytes)\n", skipped,
             dump->n + junk, more);
    for (int i = 0; i < 6; i++) {
        struct library_reader r = {all.p, all.n, parts[i], 0};
        struct help_bytes got = dump_print(library_reader(&r));

        if (!strstr((char *)got.p, want))
            TP_FAIL("%zu and %zu in parts of %zu: no %sin\n%s", junk, more, parts[i], want,
                    (char *)got.p);
        help_free(&got);
    }
    help_free(&all);
}

TP_TEST(DecoderLibrary, TheStartOfAHeaderAtTheEnd)
{
    static const size_t junk[] = {0, 1, 8, 20, 103, 104, 105, 250},
                        more[] = {4, 5, 79, 100, TP_WIRE_CHUNK_BYTES - 1};
    struct help_bytes dump = help_golden("loss");

    for (int i = 0; i < 8; i++)
        for (int k = 0; k < 5; k++)
            library_tail(&dump, junk[i], more[k]);
    help_free(&dump);
}

/* As terminals change what they pass on. */
static struct help_bytes library_cook(const struct help_bytes *dump, int way)
{
    static const char keys[] = "\x03\x04\x0d\x11\x12\x13\x15\x17\x1a\x1c\x7f";
    struct help_bytes to = {0};

    for (size_t i = 0; i < dump->n; i++) {
        uint8_t byte = dump->p[i];

        if (way == 2 && byte && strchr(keys, byte))
            continue;
        if (way == 0 && byte == '\n')
            help_add(&to, "\r", 1);
        if (way == 1 && byte == '\r')
            byte = '\n';
        help_add(&to, &byte, 1);
    }
    return to;
}

TP_TEST(DecoderLibrary, CookedDumpsInParts)
{
    static const char *const said[] = {"became two bytes", "became line feeds", "are missing"};
    static const size_t parts[] = {1, 7, 104, 150, 300, 4096};
    struct help_bytes dump = {0};

    help_add_metadata(&dump, 1);
    for (uint32_t i = 0; i < 20; i++)
        help_add_records(&dump, 0, 8 * i, 8, 0x0a0d0000 + 0x10000 * i, 0x0d0a);
    for (int way = 0; way < 3; way++) {
        struct help_bytes cooked = library_cook(&dump, way);
        struct help_bytes whole = dump_print(dump_open(cooked.p, cooked.n));

        if (!strstr((char *)whole.p, said[way]))
            TP_FAIL("way %d: no '%s' in\n%s", way, said[way], (char *)whole.p);
        for (int i = 0; i < 6; i++) {
            struct library_reader r = {cooked.p, cooked.n, parts[i], 0};

            dump_expect(library_reader(&r), (char *)whole.p);
        }
        help_free(&whole);
        help_free(&cooked);
    }
    help_free(&dump);
}

TP_TEST(DecoderLibrary, SeveralAreMerged)
{
    struct help_bytes a = {0}, b = {0};
    struct tp_dump *d;
    const struct tp_dump_item *item;
    unsigned inputs = 0;

    help_add_metadata(&a, 1);
    help_add_records(&a, 0, 0, 2, 1000, 2000);
    help_add_chunk(&a, (struct help_chunk){.type = TP_CHUNK_END, .time = 9000}, "", 0);
    help_add_metadata(&b, 1);
    help_add_records(&b, 0, 0, 2, 2000, 2000);
    help_add_chunk(&b, (struct help_chunk){.type = TP_CHUNK_END, .time = 9000}, "", 0);
    d = dump_open(a.p, a.n);
    TP_CHECK_EQ(tp_dump_add_memory(d, "n", b.p, b.n), 0);
    while (tp_dump_next(d, &item) > 0)
        if (item->kind == TP_DUMP_RECORD) {
            TP_CHECK_EQ(item->ticks, 1000 * ++inputs);
            TP_CHECK_EQ(item->input, (inputs - 1) % 2);
        }
    TP_CHECK_EQ(inputs, 4);
    tp_dump_free(d);
    help_free(&a);
    help_free(&b);
}

/* --- selecting --- */

static struct tp_dump *library_select(const struct help_bytes *dump, enum tp_dump_choice choice,
                                      const char *text)
{
    struct tp_dump *d = dump_open(dump->p, dump->n);
    char copy[100];

    snprintf(copy, sizeof(copy), "%s", text);
    TP_ASSERT_EQ(tp_dump_select(d, choice, copy), 0);
    memset(copy, 'x', sizeof(copy)); /* it is not needed any more */
    return d;
}

TP_TEST(DecoderLibrary, Selections)
{
    struct help_bytes dump = help_golden("loss"), tasks = help_golden("tasks");

    dump_expect(library_select(&dump, TP_DUMP_CPUS, "1"), LIBRARY_START "R1 2500 t:num: v=4\n"
                                                                        "L1 4000 1 full\n"
                                                                        "complete: 1 of 4, 17 "
                                                                        "lost\n");
    dump_expect(library_select(&dump, TP_DUMP_FROM, "2.5"),
                LIBRARY_START "R1 2500 t:num: v=4\n"
                              "L0 3000 5 overwritten\n"
                              "L0 3000 2 missing\n"
                              "R0 3000 t:num: v=3\n"
                              "L0 4000 4 full\n"
                              "L1 4000 1 full\n"
                              "complete: 2 of 4, 17 lost\n");
    dump_expect(library_select(&dump, TP_DUMP_TO, "+1s"),
                LIBRARY_START "L0 1000 2 full\n"
                              "R0 1000 t:num: v=1\n" LIBRARY_LOSSES "R0 2000 t:num: v=2\n"
                              "complete: 2 of 3, 17 lost\n");
    dump_expect(library_select(&dump, TP_DUMP_EVENTS, "t:n*"), library_loss);
    dump_expect(library_select(&tasks, TP_DUMP_PIDS, "1234567"),
                "capture 0x5eed 1000000000 Hz, 1 cpus, main\n"
                "R0 4 t:num: v=3\n"
                "R0 10 t:num: v=9\n"
                "complete: 2 of 10, 0 lost\n");
    dump_expect(library_select(&tasks, TP_DUMP_FILTER, "v >= 8"),
                "capture 0x5eed 1000000000 Hz, 1 cpus, main\n"
                "R0 9 t:num: v=8\n"
                "R0 10 t:num: v=9\n"
                "complete: 2 of 10, 0 lost\n");
    dump_expect(library_select(&tasks, TP_DUMP_EVENTS, "irq"),
                "capture 0x5eed 1000000000 Hz, 1 cpus, main\n"
                "note -: no event matches 'irq'\n"
                "complete: 0 of 10, 0 lost\n");
    help_free(&dump);
    help_free(&tasks);
}

static void library_filter_is_wrong(const char *filter, int column, const char *text)
{
    struct help_bytes dump = help_golden("loss");
    struct tp_dump *d = library_select(&dump, TP_DUMP_FILTER, filter);
    const struct tp_dump_item *item;

    TP_CHECK_EQ(tp_dump_next(d, &item), TP_DUMP_EFILTER);
    TP_CHECK_EQ(tp_dump_error_column(d), column);
    TP_CHECK_STREQ(tp_dump_error_text(d), text);
    TP_CHECK_EQ(tp_dump_next(d, &item), TP_DUMP_EFILTER);
    TP_CHECK(item == NULL);
    tp_dump_free(d);
    help_free(&dump);
}

TP_TEST(DecoderLibrary, AFilterThatIsWrong)
{
    library_filter_is_wrong("v > 1 && w", 9,
                            "no such field at column 10\nv > 1 && w\n         ^\n");
}

/* No event can have it: then it is refused at once, and all else is as before. */
TP_TEST(DecoderLibrary, AFilterThatNoEventCanHave)
{
    static const struct {
        const char *text;
        int column;
    } wrong[] = {{"", 0},
                 {"v >", 3},
                 {"v = 1", 2},
                 {"(v > 1", 6},
                 {"v > 1)", 5},
                 {"v > \"x", 4},
                 {"v + 1", 2},
                 {"v ~ \"a\" && v > 1", 13},
                 {"common_pid >", 12},
                 {"v & 0x10000000000000000", 4}};
    static const char *const good[] = {"v > 1",
                                       "v == RUNNING",
                                       "v & READ|WRITE",
                                       "v & 'READ|WRITE' == READ",
                                       "v == 'two words' && w",
                                       "!(v == w) || w ~ \"a*\"",
                                       "x < 1.5e3 && x == y",
                                       "v == 'a' && cpu ~ \"x\"",
                                       "comm == \"sh\" && common_pid > 3",
                                       "v == \"a\\\"b\"",
                                       "v == -1 && v & 0xff > 3"};
    struct help_bytes dump = help_golden("loss");
    struct tp_dump *d = dump_open(dump.p, dump.n);

    for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
        TP_CHECK_EQ(tp_dump_select(d, TP_DUMP_FILTER, wrong[i].text), TP_DUMP_EFILTER);
        if (tp_dump_error_column(d) != wrong[i].column)
            TP_FAIL("%s: column %d: %s", wrong[i].text, tp_dump_error_column(d),
                    tp_dump_error_text(d));
    }
    dump_expect(d, library_loss);
    d = dump_open(dump.p, dump.n);
    for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
        if (tp_dump_select(d, TP_DUMP_FILTER, good[i]) != 0)
            TP_FAIL("%s: %s", good[i], tp_dump_error_text(d));
    tp_dump_free(d);
    help_free(&dump);
}

TP_TEST(DecoderLibrary, SelectionsThatMakeNoSense)
{
    struct help_bytes dump = help_golden("loss");
    struct tp_dump *d = dump_open(dump.p, dump.n);

    TP_CHECK_EQ(tp_dump_select(d, TP_DUMP_CPUS, "1,x"), TP_DUMP_ESELECT);
    TP_CHECK_STREQ(tp_dump_error_text(d), "not a list of numbers: '1,x'");
    TP_CHECK_EQ(tp_dump_error_column(d), -1);
    TP_CHECK_EQ(tp_dump_select(d, TP_DUMP_PIDS, ""), TP_DUMP_ESELECT);
    TP_CHECK_EQ(tp_dump_select(d, TP_DUMP_EVENTS, ":"), TP_DUMP_ESELECT);
    TP_CHECK_EQ(tp_dump_select(d, TP_DUMP_FROM, "noon"), TP_DUMP_ESELECT);
    TP_CHECK_EQ(tp_dump_select(d, TP_DUMP_TO, "1x"), TP_DUMP_ESELECT);
    TP_CHECK_EQ(tp_dump_select(d, (enum tp_dump_choice)99, "1"), TP_DUMP_ESELECT);
    dump_expect(d, library_loss); /* as if nothing had been selected */
    d = dump_open(dump.p, dump.n);
    for (unsigned i = 0; i < GLOB_MAX; i++)
        TP_ASSERT_EQ(tp_dump_select(d, TP_DUMP_EVENTS, "t:num"), 0);
    TP_CHECK_EQ(tp_dump_select(d, TP_DUMP_EVENTS, "t:num"), TP_DUMP_ESELECT);
    dump_expect(d, library_loss);
    help_free(&dump);
}

/* --- what is wrong with a dump --- */

/* 832 bytes: the last chunk is the end mark, and that of data before it is a mark of CPU 0. */
static enum tp_dump_state library_state(const void *bytes, size_t n)
{
    struct tp_dump *d = dump_open(bytes, n);
    const struct tp_dump_item *item;
    struct tp_dump_totals t = {.struct_bytes = sizeof(t)};
    int got;

    while ((got = tp_dump_next(d, &item)) > 0)
        continue;
    TP_CHECK_EQ(tp_dump_sum(d, &t), 0);
    TP_CHECK_EQ(got, t.state == TP_DUMP_FOREIGN       ? TP_DUMP_EFOREIGN
                     : t.state == TP_DUMP_UNSUPPORTED ? TP_DUMP_EUNSUPPORTED
                                                      : TP_DUMP_END);
    tp_dump_free(d);
    return t.state;
}

TP_TEST(DecoderLibrary, FiveAnswers)
{
    struct help_bytes dump = help_example(), damaged = help_golden("damaged"),
                      major = help_golden("major");
    size_t first = 0x1b8, end = dump.n - TP_WIRE_CHUNK_BYTES;

    TP_CHECK_EQ(library_state(dump.p, dump.n), TP_DUMP_COMPLETE);
    /* At each byte behind the metadata. */
    for (size_t n = first; n < dump.n; n++)
        TP_CHECK_EQ(library_state(dump.p, n), TP_DUMP_TRUNCATED);
    TP_CHECK_EQ(library_state(dump.p, end), TP_DUMP_TRUNCATED);
    TP_CHECK_EQ(library_state(damaged.p, damaged.n), TP_DUMP_DAMAGED);
    TP_CHECK_EQ(library_state(major.p, major.n), TP_DUMP_UNSUPPORTED);
    TP_CHECK_EQ(library_state("\x89PNG\r\n\x1a\n", 8), TP_DUMP_FOREIGN);
    TP_CHECK_EQ(library_state("", 0), TP_DUMP_FOREIGN);
    help_free(&dump);
    help_free(&damaged);
    help_free(&major);
}

/* Of several inputs the worst, and each is told by its name. */
TP_TEST(DecoderLibrary, OneOfSeveralIsForeign)
{
    struct help_bytes dump = help_golden("loss");
    struct tp_dump *d = dump_open(dump.p, dump.n);
    struct help_bytes got;

    TP_CHECK_EQ(tp_dump_add_memory(d, "a\npng", "\x89PNG\r\n\x1a\n", 8), 0);
    got = dump_print(d);
    TP_CHECK(
        strstr((char *)got.p, "bad a\\npng: not a tracepoint dump (no chunk found in 8 bytes)\n"));
    TP_CHECK(strstr((char *)got.p, "foreign: 4 of 4, 17 lost\n"));
    help_free(&got);
    help_free(&dump);
}

TP_TEST(DecoderLibrary, GzipThatIsCut)
{
    struct help_bytes dump = help_example(), zipped = help_gzip(dump.p, dump.n);

    TP_CHECK_EQ(library_state(zipped.p, zipped.n), TP_DUMP_COMPLETE);
    /* All of the dump is there. */
    TP_CHECK_EQ(library_state(zipped.p, zipped.n - 1), TP_DUMP_TRUNCATED);
    zipped.p[zipped.n - 6] ^= 1; /* its checksum */
    TP_CHECK_EQ(library_state(zipped.p, zipped.n), TP_DUMP_DAMAGED);
    help_free(&zipped);
    help_free(&dump);
}

/* What a run of tpdecode says of the same bytes: how many records, how many lost, its code. */
static void library_agrees(const void *bytes, size_t n)
{
    struct tp_dump *d = dump_open(bytes, n);
    struct help_run run = help_decode("m", bytes, n, HELP_TEXT);
    const struct tp_dump_item *item;
    struct tp_dump_totals t = {.struct_bytes = sizeof(t)};
    uint64_t records = 0, lost = 0;
    char want[100];
    bool bad;

    while (tp_dump_next(d, &item) > 0) {
        records += item->kind == TP_DUMP_RECORD;
        if (item->kind == TP_DUMP_LOSS)
            lost += item->loss.records;
    }
    tp_dump_sum(d, &t);
    bad = t.state >= TP_DUMP_FOREIGN;
    TP_CHECK_EQ(records, t.records);
    TP_CHECK_EQ(records, t.given);
    TP_CHECK_LE(lost, t.lost); /* of what no metadata explains there is no item */
    snprintf(want, sizeof(want), "%" PRIu64 " records, %" PRIu64 " lost", t.records, t.lost);
    if ((t.records || t.lost || run.code != DECODE_NOTHING) && !strstr(run.err, want))
        TP_FAIL("%s, but tpdecode: %s", want, run.err);
    if (run.code == DECODE_GOOD)
        TP_CHECK(t.state <= TP_DUMP_TRUNCATED);
    else
        TP_CHECK(t.state != TP_DUMP_COMPLETE && bad <= (run.code == DECODE_NOTHING));
    tp_dump_free(d);
    help_run_free(&run);
}

TP_TEST(DecoderLibrary, EveryDamageAsTpdecodeHasIt)
{
    struct help_bytes dump = help_golden("loss");

    for (size_t bit = 0; bit < 8 * dump.n; bit++) {
        dump.p[bit / 8] ^= (uint8_t)(1u << bit % 8);
        library_agrees(dump.p, dump.n);
        dump.p[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    for (size_t n = 0; n <= dump.n; n++)
        library_agrees(dump.p, n);
    help_free(&dump);
}

/* --- side by side --- */

TP_TEST(DecoderLibrary, TwoAtATime)
{
    struct help_bytes loss = help_golden("loss"), tasks = help_golden("tasks");
    struct tp_dump *a = dump_open(loss.p, loss.n), *b = dump_open(tasks.p, tasks.n);
    const struct tp_dump_item *x, *y;
    const char *text_of_a, *text_of_b;
    uint64_t records = 0;

    while (tp_dump_next(b, &y) > 0) {
        do
            TP_ASSERT(tp_dump_next(a, &x) >= 0);
        while (x && x->kind != TP_DUMP_RECORD);
        if (!x || y->kind != TP_DUMP_RECORD)
            continue;
        text_of_a = tp_dump_text(a, NULL);
        text_of_b = tp_dump_text(b, NULL);
        TP_CHECK(strcmp(text_of_a, text_of_b) != 0);
        TP_CHECK_EQ(text_of_b[2], '0' + (int)records++);
    }
    TP_CHECK_EQ(records, 3); /* the first of a was beside the capture of b */
    tp_dump_free(a);
    tp_dump_free(b);
    help_free(&loss);
    help_free(&tasks);
}

/* A function that reads from another dump. */
static long library_nested_read(void *context, void *to, size_t size)
{
    struct help_bytes dump = help_golden("loss");

    dump_expect(dump_open(dump.p, dump.n), library_loss);
    help_free(&dump);
    return library_read(context, to, size);
}

TP_TEST(DecoderLibrary, OneInsideAnother)
{
    struct help_bytes dump = help_golden("loss");
    struct library_reader r = {dump.p, dump.n, 100, 0};
    struct tp_dump *d = tp_dump_new();

    TP_ASSERT_EQ(tp_dump_add_reader(d, "m", library_nested_read, &r), 0);
    dump_expect(d, library_loss);
    help_free(&dump);
}

/* --- no memory --- */

/* As above, but whatever comes of it. */
static long library_hungry_read(void *context, void *to, size_t size)
{
    struct tp_dump *d = tp_dump_new();
    const struct tp_dump_item *item;

    TP_ASSERT(d != NULL);
    if (!tp_dump_add_memory(d, "empty", NULL, 0))
        while (tp_dump_next(d, &item) > 0)
            continue;
    tp_dump_free(d);
    return library_read(context, to, size);
}

/* All that may allocate; the n-th time fails, here or in the reader. True: here. */
static bool library_starve(const struct help_bytes *dump, unsigned long n)
{
    struct library_reader r = {dump->p, dump->n, 100, 0};
    struct tp_dump *d = tp_dump_new();
    const struct tp_dump_item *item;
    struct tp_dump_totals t = {.struct_bytes = sizeof(t)};
    bool starved;

    TP_ASSERT(d != NULL);
    mem_fail_at(n);
    if (!tp_dump_add_reader(d, "m", library_hungry_read, &r) &&
        !tp_dump_select(d, TP_DUMP_EVENTS, "t,*") && !tp_dump_select(d, TP_DUMP_FILTER, "v >= 0"))
        while (tp_dump_next(d, &item) > 0)
            (void)tp_dump_text(d, NULL);
    mem_fail_at(0);
    starved = strcmp(tp_dump_error_text(d), "out of memory") == 0;
    if (starved) {
        TP_CHECK_EQ(tp_dump_next(d, &item), TP_DUMP_ENOMEM);
        TP_CHECK(item == NULL);
        TP_CHECK(tp_dump_text(d, NULL) == NULL);
        TP_CHECK(tp_dump_event_next(d, NULL) == NULL);
        TP_CHECK_EQ(tp_dump_add_path(d, "/dev/null"), TP_DUMP_EORDER);
        TP_CHECK_EQ(tp_dump_sum(d, &t), 0);
    }
    tp_dump_free(d);
    return starved;
}

TP_TEST(DecoderLibrary, OutOfMemoryAnywhere)
{
    struct help_bytes dump = help_golden("loss");
    unsigned starved = 0;

    for (unsigned long n = 1; n < 300; n++)
        starved += library_starve(&dump, n);
    TP_CHECK(starved > 20);
    TP_CHECK(!library_starve(&dump, 300)); /* it needs no more than that */
    help_free(&dump);
}

/* --- threads: some run out of memory, the others do not --- */

struct library_thread {
    const struct help_bytes *dump;
    bool starves;
    pthread_t thread;
};

static void *library_thread(void *context)
{
    const struct library_thread *t = context;

    for (unsigned long n = 1; n <= 100; n++)
        if (t->starves)
            library_starve(t->dump, n);
        else
            dump_expect(dump_open(t->dump->p, t->dump->n), library_loss);
    return NULL;
}

TP_TEST(DecoderLibrary, Threads)
{
    struct help_bytes dump = help_golden("loss");
    struct library_thread threads[4];

    for (int i = 0; i < 4; i++) {
        threads[i] = (struct library_thread){.dump = &dump, .starves = i % 2};
        TP_ASSERT_EQ(pthread_create(&threads[i].thread, NULL, library_thread, &threads[i]), 0);
    }
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i].thread, NULL);
    help_free(&dump);
}
