/* SPDX-License-Identifier: MIT */
/* How much may be printed: of an array, and for what was read. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tp/wire.h>

#include "base/zip.h"
#include "help.h"
#include "tp_test.h"

/* CBOR by hand: event 1, t:num, whose field v is an array of so many u8 and is printed by `fmt`, six bytes. */
static void output_metadata(struct help_bytes *dump, uint16_t count, const char *fmt)
{
    static const char start[] = "\xa6\x64tool\x61x\x65"
                                "clock\xa2\x62hz\x01\x64name\x61t\x64"
                                "cpus\x01\x66"
                                "buffer\xa4\x64name\x61m\x64mode\x67"
                                "discard\x6csubbuf_bytes\x19\x10\x00"
                                "\x67subbufs\x04\x66tables\x80\x66"
                                "events\x81\xa6\x62id\x01\x63sys\x61t\x64name\x63num\x63"
                                "fmt\x66";
    static const char fields[] = "\x66"
                                 "fields\x81\xa5\x64name\x61v\x64type\x62u8\x62"
                                 "at\x00";
    uint8_t number[3] = {0x19, (uint8_t)(count >> 8), (uint8_t)count};
    struct help_bytes b = {0};

    TP_ASSERT_EQ(strlen(fmt), 6);
    help_add(&b, start, sizeof(start) - 1);
    help_add(&b, fmt, 6);
    help_add(&b,
             "\x65"
             "bytes",
             6);
    help_add(&b, number, 3);
    help_add(&b, fields, sizeof(fields) - 1);
    help_add(&b, "\x64size", 5);
    help_add(&b, number, 3);
    help_add(&b,
             "\x65"
             "count",
             6);
    help_add(&b, number, 3);
    help_add_chunk(dump, (struct help_chunk){.type = TP_CHUNK_METADATA, .cpu = TP_CHUNK_NO_CPU},
                   b.p, b.n);
    help_free(&b);
}

/* A chunk of so many records of zeros, compressed. */
static void output_chunk(struct help_bytes *dump, uint16_t count, uint64_t first, uint32_t records,
                         uint64_t time)
{
    uint32_t units = 1 + (count + 7u) / 8, bytes = records * units * 8;
    uint8_t *p = calloc(1, bytes), *packed = malloc(bytes + 1000);
    size_t n;

    TP_ASSERT(p && packed);
    for (uint32_t i = 0; i < records; i++)
        memcpy(p + i * units * 8 + 4, &(uint32_t){TP_RECORD_WORD(1, units) | TP_RECORD_COMMITTED},
               4);
    memcpy(packed, &bytes, 4);
    n = zip_deflate(p, bytes, packed + 4, bytes + 900);
    TP_ASSERT(n > 0);
    help_add_chunk(dump,
                   (struct help_chunk){.type = TP_CHUNK_DATA,
                                       .flags = TP_CHUNK_ZLIB,
                                       .records = records,
                                       .time = time,
                                       .first_record = first},
                   packed, n + 4);
    free(p);
    free(packed);
}

static void output_records(struct help_bytes *dump, uint16_t count, uint32_t records, uint64_t time)
{
    output_chunk(dump, count, 0, records, time);
    help_add_chunk(dump, (struct help_chunk){.type = TP_CHUNK_END, .cpu = TP_CHUNK_NO_CPU}, NULL,
                   0);
}

static struct help_run output_array(uint16_t count, enum help_mode mode)
{
    struct help_bytes dump = {0};
    struct help_run run;

    output_metadata(&dump, count, "%1024u");
    output_records(&dump, count, 1, 0);
    run = help_decode("x", dump.p, dump.n, mode);
    help_free(&dump);
    return run;
}

/* 1,025 bytes each with its comma, after a brace: element 1,023 would begin at byte 2^20. */
TP_TEST(Output, AnArrayIsPrintedUpToALimit)
{
    struct help_run run = output_array(1023, HELP_TEXT);

    TP_CHECK_EQ(run.code, 0);
    TP_CHECK_STREQ(run.err, "1 records, 0 lost\n");
    TP_CHECK_STREQ(run.out + run.out_bytes - 6, "   0}\n");
    help_run_free(&run);
    run = output_array(1024, HELP_TEXT);
    TP_CHECK_EQ(run.code, 1);
    TP_CHECK_STREQ(
        run.err,
        "tpdecode: 1 arrays are longer than 1048576 bytes as text, the rest of them is not shown\n"
        "1 records, 0 lost\n");
    TP_CHECK_STREQ(run.out + run.out_bytes - 10, "   0,...}\n");
    TP_CHECK_EQ(strrchr(run.out, '}') - strchr(run.out, '{'), (1 << 20) + 3);
    help_run_free(&run);
    /* JSON has no width: the same array is all there. */
    run = output_array(1024, HELP_JSON);
    TP_CHECK_EQ(run.code, 0);
    help_run_free(&run);
}

/* --- all output for all input --- */

#define OUTPUT_ARRAYS 20u

static uint64_t output_bytes;

static int output_count(void *context, const void *bytes, size_t n)
{
    (void)context;
    (void)bytes;
    output_bytes += n;
    return 0;
}

/* Records of a mebibyte of text each; *input: how long the dump is. */
static struct help_run output_many(uint32_t records, uint64_t *input)
{
    struct help_bytes dump = {0};
    struct decode_input in = {.path = "x"};
    struct decode_options o = {.inputs = &in, .input_count = 1, .out = {.write = output_count}};
    struct help_run run;

    output_metadata(&dump, 1023, "%1024u");
    output_records(&dump, 1023, records, 0);
    in.bytes = dump.p;
    in.size = *input = dump.n;
    output_bytes = 0;
    run = help_run(o);
    help_free(&dump);
    return run;
}

/* 256 MiB are free, then 4,096 bytes for each that was read. */
TP_TEST(Output, AFewBytesDoNotBecomeGigabytes)
{
    const uint64_t free_bytes = 256u << 20, ratio = 4096;
    uint64_t input;
    struct help_run run = output_many(255, &input);

    TP_CHECK_EQ(run.code, 0);
    TP_CHECK_STREQ(run.err, "255 records, 0 lost\n");
    help_run_free(&run);
    /* Within what its own bytes allow. */
    TP_CHECK(input * ratio > 2u << 20);
    run = output_many(256 + (uint32_t)(input * ratio >> 20), &input);
    TP_CHECK_EQ(run.code, 0);
    help_run_free(&run);
    run = output_many(2000, &input);
    TP_CHECK_EQ(run.code, 1);
    TP_CHECK(
        strstr(run.err,
               "tpdecode: more than 4096 bytes to print for each that was read: ended here\n") ==
        run.err);
    TP_CHECK_LE(output_bytes, free_bytes + (input + 1) * ratio);
    TP_CHECK_GE(output_bytes, free_bytes);
    help_run_free(&run);
}

static void output_file(char *path, const struct help_bytes *dump)
{
    int fd;

    strcpy(path, "/tmp/tp-output-XXXXXX");
    fd = mkstemp(path);
    TP_ASSERT(fd >= 0 && write(fd, dump->p, dump->n) == (ssize_t)dump->n);
    close(fd);
}

/* A chunk each, so that each process has some of them, and some processes several windows. */
TP_TEST(Output, ArraysOfAllProcessesAreCounted)
{
    char path[32];
    struct decode_input in = {.path = path};
    struct decode_options o = {.inputs = &in, .input_count = 1, .out = {.write = output_count}};
    struct help_bytes dump = {0};

    output_metadata(&dump, 1024, "%1024u");
    for (uint32_t i = 0; i < OUTPUT_ARRAYS; i++)
        output_chunk(&dump, 1024, i, 1, 1000u * i);
    help_add_chunk(&dump, (struct help_chunk){.type = TP_CHUNK_END, .cpu = TP_CHUNK_NO_CPU}, NULL,
                   0);
    output_file(path, &dump);
    for (o.jobs = 1; o.jobs <= 4; o.jobs++) {
        struct help_run run = help_run(o);

        TP_CHECK_EQ(run.code, 1);
        TP_CHECK_STREQ(run.err,
                       "tpdecode: 20 arrays are longer than 1048576 bytes as text, the rest "
                       "of them is not shown\n20 records, 0 lost\n");
        help_run_free(&run);
    }
    unlink(path);
    help_free(&dump);
}

/* As much of a file that several processes do not share, since time ends in it: that they have looked at it does not count as read. */
TP_TEST(Output, SeveralProcessesMakeNoMore)
{
    char path[32];
    struct decode_input in = {.path = path};
    struct decode_options o = {.inputs = &in, .input_count = 1, .out = {.write = output_count}};
    static uint8_t tasks[32 << 10];
    struct help_bytes dump = {0};
    uint64_t bytes[2];

    output_metadata(&dump, 1023, "%1024u");
    help_add_chunk(&dump, (struct help_chunk){.type = TP_CHUNK_TASKS, .cpu = TP_CHUNK_NO_CPU},
                   tasks, sizeof(tasks));
    output_records(&dump, 1023, 2000, UINT64_MAX);
    output_file(path, &dump);
    for (uint32_t i = 0; i < 2; i++) {
        struct help_run run;

        o.jobs = 1 + 2 * i;
        output_bytes = 0;
        run = help_run(o);
        TP_CHECK_EQ(run.code, 1);
        bytes[i] = output_bytes;
        help_run_free(&run);
    }
    TP_CHECK_EQ(bytes[0], bytes[1]);
    unlink(path);
    help_free(&dump);
}
