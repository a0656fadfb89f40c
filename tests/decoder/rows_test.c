/* SPDX-License-Identifier: MIT */
/* rows_test.c - tpdecode.h: columns of many records, sizes of structs, names of addresses, following. */
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "decoder/base/mem.h"
#include "dump_help.h"
#include "elf_help.h"
#include "tp_test.h"

#define ROWS_MOST 16u
#define ROWS_TEXT 4096u

/* Room for one column, and what it is. */
struct rows_column {
    union {
        uint64_t number[ROWS_MOST];
        int64_t signed_number[ROWS_MOST];
        double real[ROWS_MOST];
    };
    uint64_t ends[ROWS_MOST + 1];
    char text[ROWS_TEXT];
    uint8_t given[ROWS_MOST];
};

static struct tp_dump_column rows_numbers(struct rows_column *c, enum tp_dump_what what,
                                          const char *name)
{
    return (struct tp_dump_column){.what = what,
                                   .cells = TP_DUMP_NUMBERS,
                                   .name = name,
                                   .values = c->number,
                                   .given = c->given};
}

static struct tp_dump_column rows_texts(struct rows_column *c, enum tp_dump_what what,
                                        const char *name)
{
    return (struct tp_dump_column){.what = what,
                                   .cells = TP_DUMP_TEXTS,
                                   .name = name,
                                   .ends = c->ends,
                                   .text = c->text,
                                   .text_bytes = ROWS_TEXT,
                                   .given = c->given};
}

static long rows_fill(struct tp_dump *d, const struct tp_dump_column *columns, size_t count,
                      size_t rows)
{
    return tp_dump_columns(d, columns, count, sizeof(*columns), rows);
}

static void rows_text_is(const struct rows_column *c, unsigned row, const char *want)
{
    size_t n = (size_t)(c->ends[row + 1] - c->ends[row]);

    if (n != strlen(want) || memcmp(c->text + c->ends[row], want, n) != 0)
        TP_FAIL("row %u: '%.*s', not '%s'", row, (int)n, c->text + c->ends[row], want);
}

/* A golden dump that stands behind its first capture. */
static struct tp_dump *rows_open(struct help_bytes *bytes, const char *name)
{
    const struct tp_dump_item *item;
    struct tp_dump *d;

    *bytes = help_golden(name);
    d = dump_open(bytes->p, bytes->n);
    TP_CHECK_EQ(rows_fill(d, NULL, 0, ROWS_MOST), 0); /* the capture comes first, and stays */
    TP_CHECK_EQ(rows_fill(d, NULL, 0, ROWS_MOST), 0);
    TP_CHECK_EQ(tp_dump_next(d, &item), TP_DUMP_CAPTURE);
    TP_CHECK_EQ(item->kind, TP_DUMP_CAPTURE);
    return d;
}

/* What stands in tests/golden/good-types.txt. */
TP_TEST(DecoderRows, EachType)
{
    static struct rows_column a, h, i, l, l_number, m, none, c_real, text, e_text, event;
    struct help_bytes bytes;
    struct tp_dump *d = rows_open(&bytes, "types");
    struct tp_dump_column columns[] = {
        rows_numbers(&a, TP_DUMP_FIELD, "a"),        rows_numbers(&h, TP_DUMP_FIELD, "h"),
        rows_numbers(&i, TP_DUMP_FIELD, "i"),        rows_texts(&l, TP_DUMP_FIELD, "l"),
        rows_numbers(&l_number, TP_DUMP_FIELD, "l"), rows_texts(&m, TP_DUMP_FIELD, "m"),
        rows_numbers(&none, TP_DUMP_FIELD, "aa"),    rows_numbers(&c_real, TP_DUMP_FIELD, "h"),
        rows_texts(&text, TP_DUMP_TEXT, NULL),       rows_texts(&e_text, TP_DUMP_FIELD, "e"),
        rows_texts(&event, TP_DUMP_EVENT, NULL),
    };
    const struct tp_dump_item *item;

    columns[7].cells = TP_DUMP_REALS;
    TP_CHECK_EQ(rows_fill(d, columns, 11, ROWS_MOST), 5);
    TP_CHECK_EQ(a.number[0], 255);
    TP_CHECK_EQ(a.number[2], 1);
    TP_CHECK_EQ(a.number[3], 0); /* of the event that has no fields */
    TP_CHECK_EQ(a.given[2], 1);
    TP_CHECK_EQ(a.given[3], 0);
    TP_CHECK_EQ(h.signed_number[0], INT64_MIN);
    TP_CHECK_EQ(h.signed_number[1], INT64_MAX);
    TP_CHECK_EQ(h.signed_number[2], -1);
    TP_CHECK_EQ(i.number[0], 1);
    TP_CHECK_EQ(i.number[1], 0);
    rows_text_is(&l, 0, "hello");
    rows_text_is(&l, 1, "");
    rows_text_is(&l, 2, "ab");
    rows_text_is(&l, 3, "");
    TP_CHECK(l.given[1] && !l.given[3]);
    TP_CHECK(!l_number.given[0] && !l_number.number[0]);
    TP_CHECK(!none.given[0] && !none.given[4]);
    rows_text_is(&m, 0, "\xde\xad\xbe\xef");
    rows_text_is(&e_text, 0, "-128");
    rows_text_is(&event, 2, "t:types");
    rows_text_is(&event, 3, "t:empty");
    rows_text_is(&text, 4, "nothing % here");
    TP_CHECK(c_real.real[0] == -9223372036854775808.0);
    TP_CHECK(c_real.real[2] == -1.0);
    TP_CHECK_EQ(rows_fill(d, columns, 10, ROWS_MOST), 0);
    TP_CHECK_EQ(tp_dump_next(d, &item), TP_DUMP_END);
    tp_dump_free(d);
    help_free(&bytes);
}

/* Losses come between the rows, and tp_dump_next() between the calls. */
TP_TEST(DecoderRows, StopBeforeWhatIsNoRecord)
{
    static struct rows_column time, cpu, v;
    struct help_bytes bytes;
    struct tp_dump *d = rows_open(&bytes, "loss");
    struct tp_dump_column columns[] = {rows_numbers(&time, TP_DUMP_TIME_NS, NULL),
                                       rows_numbers(&cpu, TP_DUMP_CPU, NULL),
                                       rows_numbers(&v, TP_DUMP_FIELD, "v")};
    const struct tp_dump_item *item;
    struct tp_dump_totals t = {.struct_bytes = sizeof(t)};

    TP_CHECK_EQ(rows_fill(d, columns, 3, ROWS_MOST), 0);
    TP_CHECK_EQ(tp_dump_next(d, &item), TP_DUMP_LOSS);
    TP_CHECK_EQ(item->loss.records, 2);
    TP_CHECK_EQ(rows_fill(d, columns, 3, ROWS_MOST), 1);
    TP_CHECK_EQ(time.number[0], 1000000000);
    TP_CHECK_EQ(v.number[0], 1);
    for (int i = 0; i < 3; i++) {
        TP_CHECK_EQ(rows_fill(d, columns, 3, ROWS_MOST), 0);
        TP_CHECK_EQ(tp_dump_next(d, &item), TP_DUMP_LOSS);
    }
    TP_CHECK_EQ(rows_fill(d, columns, 3, 1), 1);
    TP_CHECK_EQ(v.number[0], 2);
    TP_CHECK_EQ(tp_dump_next(d, &item), TP_DUMP_RECORD);
    TP_CHECK_EQ(item->cpu, 1);
    TP_CHECK_EQ(item->ticks, 2500);
    while (tp_dump_next(d, &item) > 0)
        continue;
    TP_CHECK_EQ(tp_dump_sum(d, &t), 0);
    TP_CHECK_EQ(t.given, 4);
    TP_CHECK_EQ(t.lost, 17);
    tp_dump_free(d);
    help_free(&bytes);
}

/* Whoever takes ids is let go behind the first record of each event, and may ask what it is. */
TP_TEST(DecoderRows, EachEventOnce)
{
    static struct rows_column id;
    struct help_bytes bytes;
    struct tp_dump *d = rows_open(&bytes, "types");
    struct tp_dump_column column = rows_numbers(&id, TP_DUMP_ID, NULL);
    const struct tp_dump_item *item;

    TP_CHECK_EQ(tp_dump_peek(d, &item), TP_DUMP_RECORD);
    TP_CHECK_STREQ(tp_dump_event_name(item->record.event), "types");
    TP_CHECK_EQ(tp_dump_peek(d, &item), TP_DUMP_RECORD);
    TP_CHECK_EQ(item->ticks, 1);
    TP_CHECK_EQ(rows_fill(d, &column, 1, ROWS_MOST), 1); /* types */
    TP_CHECK_EQ(rows_fill(d, &column, 1, ROWS_MOST), 3); /* two more, and empty */
    TP_CHECK_EQ(id.number[1], 1);
    TP_CHECK_EQ(id.number[2], 2);
    TP_CHECK_EQ(rows_fill(d, &column, 1, ROWS_MOST), 1); /* text */
    TP_CHECK_EQ(rows_fill(d, &column, 1, ROWS_MOST), 0);
    TP_CHECK_EQ(tp_dump_peek(d, &item), TP_DUMP_END);
    TP_CHECK(item == NULL);
    tp_dump_free(d);
    help_free(&bytes);
}

/* What stands in tests/golden/good-tasks.txt. */
TP_TEST(DecoderRows, Tasks)
{
    static struct rows_column pid, context, comm;
    struct help_bytes bytes;
    struct tp_dump *d = rows_open(&bytes, "tasks");
    struct tp_dump_column columns[] = {rows_numbers(&pid, TP_DUMP_PID, NULL),
                                       rows_numbers(&context, TP_DUMP_CONTEXT, NULL),
                                       rows_texts(&comm, TP_DUMP_COMM, NULL)};

    TP_CHECK_EQ(rows_fill(d, columns, 3, ROWS_MOST), 10);
    TP_CHECK_EQ(pid.number[4], 4294967295);
    TP_CHECK_EQ(pid.given[4], 1);
    TP_CHECK_EQ(context.number[1], TP_DUMP_IRQS_OFF | 1 << 8);
    rows_text_is(&comm, 0, "init");
    rows_text_is(&comm, 1, "twenty-four_bytes_are_ok");
    rows_text_is(&comm, 3, "");
    TP_CHECK_EQ(comm.given[3], 0);
    rows_text_is(&comm, 9, "a b");
    tp_dump_free(d);
    help_free(&bytes);
}

/* 8 bytes for each field; of texts their size, and they. */
TP_TEST(DecoderRows, AllFieldsOfARecord)
{
    static const uint64_t first[] = {255,
                                     65535,
                                     4294967295u,
                                     UINT64_MAX,
                                     (uint64_t)-128,
                                     (uint64_t)-32768,
                                     (uint64_t)-2147483648ll,
                                     1ull << 63,
                                     1,
                                     'x',
                                     UINT64_MAX,
                                     5};
    static struct rows_column all;
    struct help_bytes bytes;
    struct tp_dump *d = rows_open(&bytes, "types");
    struct tp_dump_column column = rows_texts(&all, TP_DUMP_FIELDS, NULL);
    uint64_t four = 4;

    TP_CHECK_EQ(rows_fill(d, &column, 1, ROWS_MOST), 5);
    TP_CHECK_EQ(all.ends[1], sizeof(first) + 8 + 8 + 8);
    TP_CHECK(memcmp(all.text, first, sizeof(first)) == 0);
    TP_CHECK(memcmp(all.text + sizeof(first), "hello\0\0", 8) == 0);
    TP_CHECK(memcmp(all.text + sizeof(first) + 8, &four, 8) == 0);
    TP_CHECK(memcmp(all.text + sizeof(first) + 16, "\xde\xad\xbe\xef\0\0\0", 8) == 0);
    TP_CHECK_EQ(all.ends[2] - all.ends[1], sizeof(first) + 8); /* both are empty */
    TP_CHECK_EQ(all.ends[4], all.ends[3]);
    TP_CHECK(all.given[3]);
    tp_dump_free(d);
    help_free(&bytes);
}

/* On each side of the room that a text needs. */
TP_TEST(DecoderRows, NoRoomForAText)
{
    static struct rows_column l, a;
    struct help_bytes bytes;
    struct tp_dump *d = rows_open(&bytes, "types");
    struct tp_dump_column columns[] = {rows_texts(&l, TP_DUMP_FIELD, "l"),
                                       rows_numbers(&a, TP_DUMP_FIELD, "a")};
    const struct tp_dump_item *item;

    columns[0].text_bytes = 4;
    TP_CHECK_EQ(rows_fill(d, columns, 2, ROWS_MOST), TP_DUMP_EROOM);
    TP_CHECK_EQ(rows_fill(d, columns, 2, ROWS_MOST), TP_DUMP_EROOM);
    columns[0].text_bytes = 6;
    TP_CHECK_EQ(rows_fill(d, columns, 2, ROWS_MOST), 2); /* "hello", "", then "ab" has no room */
    columns[0].text_bytes = 2;
    TP_CHECK_EQ(rows_fill(d, columns, 2, ROWS_MOST), 3);
    rows_text_is(&l, 0, "ab");
    TP_CHECK_EQ(a.number[0], 1);
    TP_CHECK_EQ(tp_dump_next(d, &item), TP_DUMP_END);
    tp_dump_free(d);
    help_free(&bytes);
}

TP_TEST(DecoderRows, ColumnsThatAreWrong)
{
    static struct rows_column c;
    static struct tp_dump_column many[TP_DUMP_COLUMNS_MAX + 1];
    struct help_bytes bytes;
    struct tp_dump *d = rows_open(&bytes, "loss"), *empty = tp_dump_new();
    struct tp_dump_column wrong[] = {rows_texts(&c, TP_DUMP_TIME_NS, NULL),
                                     rows_numbers(&c, TP_DUMP_COMM, NULL),
                                     rows_numbers(&c, TP_DUMP_FIELD, NULL),
                                     rows_numbers(&c, (enum tp_dump_what)99, NULL),
                                     {.what = TP_DUMP_CPU, .cells = TP_DUMP_NUMBERS},
                                     {.what = TP_DUMP_TEXT, .cells = TP_DUMP_TEXTS}};
    struct tp_dump_column good = rows_numbers(&c, TP_DUMP_CPU, NULL);

    for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
        TP_CHECK_EQ(rows_fill(d, &wrong[i], 1, 1), TP_DUMP_ENONE);
    TP_CHECK_EQ(tp_dump_columns(d, &good, 1, sizeof(good) - 1, 1), TP_DUMP_ESIZE);
    TP_CHECK_EQ(rows_fill(empty, &good, 1, 1), TP_DUMP_EORDER);
    for (size_t i = 0; i <= TP_DUMP_COLUMNS_MAX; i++)
        many[i] = good;
    TP_CHECK_EQ(rows_fill(d, many, TP_DUMP_COLUMNS_MAX + 1, 1), TP_DUMP_ENONE);
    TP_CHECK_EQ(rows_fill(d, many, TP_DUMP_COLUMNS_MAX, 1), 0);
    tp_dump_free(empty);
    tp_dump_free(d);
    help_free(&bytes);
}

/* The n-th allocation fails: no memory then, and from then on. */
TP_TEST(DecoderRows, OutOfMemory)
{
    static struct rows_column text, all;
    unsigned starved = 0;

    for (unsigned long n = 1; n < 60; n++) {
        struct help_bytes bytes;
        struct tp_dump *d = rows_open(&bytes, "types");
        struct tp_dump_column columns[] = {rows_texts(&text, TP_DUMP_TEXT, NULL),
                                           rows_texts(&all, TP_DUMP_FIELDS, NULL)};
        long got;

        mem_fail_at(n);
        got = rows_fill(d, columns, 2, ROWS_MOST);
        mem_fail_at(0);
        TP_CHECK(got == 5 || got == TP_DUMP_ENOMEM);
        starved += got < 0;
        TP_CHECK_EQ(rows_fill(d, columns, 2, ROWS_MOST), got < 0 ? got : 0);
        tp_dump_free(d);
        help_free(&bytes);
    }
    TP_CHECK(starved > 1 && starved < 50);
}

/* --- sizes --- */

/* A program of before has less than the library; one of later more, which is cleared. */
TP_TEST(DecoderSizes, EachStructSaysItsOwn)
{
    struct {
        struct tp_dump_value v;
        uint64_t later;
    } newer = {.v.struct_bytes = sizeof(newer), .later = 7};
    struct help_bytes bytes;
    const struct tp_dump_item *item;
    struct tp_dump *d = dump_record("loss", &bytes, &item);
    struct tp_dump_value v = {.struct_bytes = sizeof(v)};
    struct tp_dump_field f = {0};
    struct tp_dump_totals t = {0};

    TP_CHECK_EQ(tp_dump_get(d, 0, &v), 0);
    TP_CHECK_EQ(v.struct_bytes, sizeof(v));
    TP_CHECK_EQ(v.number, 1);
    TP_CHECK_EQ(tp_dump_get(d, 0, &newer.v), 0);
    TP_CHECK_EQ(newer.v.number, 1);
    TP_CHECK_EQ(newer.later, 0);
    for (size_t wrong = 0; wrong < sizeof(v); wrong++) {
        v.struct_bytes = wrong;
        TP_CHECK_EQ(tp_dump_get(d, 0, &v), TP_DUMP_ESIZE);
    }
    v.struct_bytes = 4097;
    TP_CHECK_EQ(tp_dump_get_named(d, "v", &v), TP_DUMP_ESIZE);
    TP_CHECK_EQ(tp_dump_event_field(item->record.event, 0, &f), TP_DUMP_ESIZE);
    TP_CHECK_EQ(tp_dump_sum(d, &t), TP_DUMP_ESIZE);
    TP_CHECK_STREQ(tp_dump_version(), PACKAGE_VERSION);
    tp_dump_free(d);
    help_free(&bytes);
}

/* --- names of addresses --- */

TP_TEST(DecoderNames, OfAListMovedByASlide)
{
    static const char list[] = "0000000000001000 T first\n0000000000001100 T second\n";
    struct help_bytes bytes = help_golden("loss");
    struct tp_dump *d = dump_open(bytes.p, bytes.n);
    const struct tp_dump_item *item;
    uint64_t slide = 0x500000;
    size_t n;
    int fd;
    const char *path = elf_help_file(list, sizeof(list) - 1, &fd);

    TP_CHECK_EQ(tp_dump_symbols(d, "/nonexistent", NULL), TP_DUMP_ESYMBOLS);
    TP_CHECK_STREQ(tp_dump_error_text(d), "/nonexistent: No such file or directory");
    TP_CHECK_EQ(tp_dump_symbols(d, path, &slide), 0);
    TP_CHECK_EQ(tp_dump_symbols(d, path, &slide), TP_DUMP_EORDER);
    TP_CHECK_EQ(tp_dump_next(d, &item), TP_DUMP_CAPTURE);
    TP_CHECK_STREQ(tp_dump_symbol(d, 0x501012, &n), "first+0x12");
    TP_CHECK_EQ(n, 10);
    TP_CHECK_STREQ(tp_dump_symbol(d, 0x501100, NULL), "second");
    TP_CHECK(tp_dump_symbol(d, 0x1012, NULL) == NULL);
    TP_CHECK_EQ(tp_dump_symbols(d, path, NULL), TP_DUMP_EORDER);
    tp_dump_free(d);
    close(fd);
    help_free(&bytes);
}

/* --- following --- */

struct rows_follow {
    const struct help_bytes *dump;
    int fd;
    size_t written, step;
    unsigned ticks, most; /* then it is given up */
};

/* Each time that it waits some more is written. */
static int rows_tick(void *context)
{
    struct rows_follow *f = context;
    size_t n = f->dump->n - f->written;

    n = n < f->step ? n : f->step;
    TP_CHECK_EQ(write(f->fd, f->dump->p + f->written, n), (ssize_t)n);
    f->written += n;
    return ++f->ticks > f->most;
}

/* Followed by path, or by descriptor. */
static struct help_bytes rows_followed(struct rows_follow *f, bool by_path)
{
    char path[] = "/tmp/tpdecode-test-XXXXXX";
    struct tp_dump *d = tp_dump_new();
    struct help_bytes got;
    int fd;

    f->fd = mkstemp(path);
    fd = open(path, O_RDONLY);
    TP_ASSERT(f->fd >= 0 && fd >= 0);
    TP_CHECK_EQ(tp_dump_follow(d, rows_tick, f), TP_DUMP_EORDER);
    TP_CHECK_EQ(by_path ? tp_dump_add_path(d, path) : tp_dump_add_descriptor(d, "fd", fd), 0);
    TP_CHECK_EQ(tp_dump_follow(d, rows_tick, f), 0);
    got = dump_print(d);
    close(fd);
    close(f->fd);
    unlink(path);
    return got;
}

TP_TEST(DecoderFollow, UntilTheEndMark)
{
    struct help_bytes dump = help_golden("loss"), want = dump_print(dump_open(dump.p, dump.n));

    for (int by_path = 0; by_path < 2; by_path++) {
        struct rows_follow f = {.dump = &dump, .step = 300, .most = 1000};
        struct help_bytes got = rows_followed(&f, by_path);

        TP_CHECK_STREQ((char *)got.p, (char *)want.p);
        TP_CHECK_EQ(f.written, dump.n);
        help_free(&got);
    }
    help_free(&want);
    help_free(&dump);
}

TP_TEST(DecoderFollow, UntilItIsGivenUp)
{
    struct help_bytes dump = help_golden("loss");
    struct rows_follow f = {.dump = &dump, .step = 500, .most = 2};
    struct help_bytes got = rows_followed(&f, true);

    /* What 1000 bytes have, and nothing that is called damage but the end that is missing. */
    TP_CHECK(strstr((char *)got.p, "R0 1000 t:num: v=1\n"));
    TP_CHECK(!strstr((char *)got.p, "ends inside"));
    TP_CHECK(strstr((char *)got.p, "truncated: "));
    help_free(&got);
    help_free(&dump);
}

TP_TEST(DecoderFollow, WhatCannotBeFollowed)
{
    struct help_bytes dump = help_golden("loss");
    struct tp_dump *d = dump_open(dump.p, dump.n);

    TP_CHECK_EQ(tp_dump_follow(d, NULL, NULL), TP_DUMP_EORDER);
    TP_CHECK_STREQ(tp_dump_error_text(d), "one path or descriptor can be followed");
    tp_dump_free(d);
    help_free(&dump);
}
