/* SPDX-License-Identifier: MIT */
/* decoder_input.c - files of every kind: none, foreign, gzip, several, full disks, no memory. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <tp/wire.h>
#include <unistd.h>

#include "decoder/tool/decode.h"
#include "decoder/base/mem.h"
#include "decoder/bytes/socket.h"
#include "decoder/order/stream.h"
#include "help.h"
#include "tp_test.h"

static void input_expect(const char *name, const void *bytes, size_t n, int code, const char *err)
{
    struct help_run run = help_decode(name, bytes, n, HELP_TEXT);

    TP_CHECK_STREQ(run.out, "");
    TP_CHECK_STREQ(run.err, err);
    TP_CHECK_EQ(run.code, code);
    help_run_free(&run);
}

static int input_full(void *context, const void *bytes, size_t n)
{
    (void)context;
    (void)bytes;
    (void)n;
    return ENOSPC;
}

static struct help_run input_run(const struct decode_input *in, size_t count)
{
    return help_run((struct decode_options){.inputs = in, .input_count = count});
}

/* Two dumps in memory, merged. */
static struct help_run input_merge(const struct help_bytes *a, const struct help_bytes *b)
{
    const struct decode_input in[] = {{.path = "a", .bytes = a->p, .size = a->n},
                                      {.path = "b", .bytes = b->p, .size = b->n}};

    return input_run(in, 2);
}

TP_TEST(DecoderInput, WhatIsNoDump)
{
    static const char png[] = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR", elf[] = "\x7f"
                                                                       "ELF\2\1\1";

    input_expect("e", "", 0, 3, "tpdecode: e: empty, not a dump\n");
    input_expect("p", png, 16, 3,
                 "tpdecode: p: not a tracepoint dump (no chunk found in 16 bytes)\n");
    input_expect(
        "\x1b[2J\xff", elf, 7, 3,
        "tpdecode: \\x1b[2J\\xff: an ELF file with no trace in it: of a kernel's, --symbols takes "
        "names for addresses\n");
    input_expect("c", "\xf5tp\xfa\2\1", 6, 3,
                 "tpdecode: c: ends inside the header of chunk 0 at byte 0x0 (6 bytes)\n"
                 "0 records, 0 lost, 1 chunks damaged\n");
}

TP_TEST(DecoderInput, DirectoryAndMissingFile)
{
    char path[] = "/tmp/tpdecode-test-XXXXXX", want[300];
    struct decode_input in[2] = {{.path = path}, {.path = "/nonexistent/file"}};
    struct help_run run;

    TP_ASSERT(mkdtemp(path) != NULL);
    run = input_run(in, 2);
    snprintf(
        want, sizeof(want),
        "tpdecode: %s: Is a directory\ntpdecode: /nonexistent/file: No such file or directory\n",
        path);
    TP_CHECK_STREQ(run.err, want);
    TP_CHECK_EQ(run.code, 3);
    help_run_free(&run);
    rmdir(path);
}

TP_TEST(DecoderInput, Gzip)
{
    struct help_bytes dump = help_example(), one = help_gzip(dump.p, dump.n);
    struct help_bytes two = help_gzip(dump.p, 500), rest = help_gzip(dump.p + 500, dump.n - 500);
    struct help_run plain = help_decode("x", dump.p, dump.n, HELP_TEXT), run;

    run = help_decode("x", one.p, one.n, HELP_TEXT);
    TP_CHECK_STREQ(run.out, plain.out);
    TP_CHECK_STREQ(run.err, plain.err);
    help_run_free(&run);
    help_add(&two, rest.p, rest.n);
    run = help_decode("x", two.p, two.n, HELP_TEXT);
    TP_CHECK_STREQ(run.out, plain.out);
    TP_CHECK_EQ(run.code, 0);
    help_run_free(&run);
    /* Every cut of a gzip file is told, except that of an empty member. */
    for (size_t n = 3; n < one.n; n++) {
        run = help_decode("x", one.p, n, HELP_TEXT);
        TP_CHECK(run.code == 1 || run.code == 3);
        TP_CHECK(strstr(run.err, "the gzip data ends too early") != NULL);
        help_run_free(&run);
    }
    help_add(&one, "garbage", 7);
    run = help_decode("x", one.p, one.n, HELP_TEXT);
    TP_CHECK_STREQ(run.out, plain.out);
    TP_CHECK_EQ(run.code, 1);
    help_run_free(&run);
    help_run_free(&plain);
    help_free(&one);
    help_free(&two);
    help_free(&rest);
    help_free(&dump);
}

TP_TEST(DecoderInput, FullDisk)
{
    struct help_bytes dump = help_example();
    struct decode_input in = {.path = "x", .bytes = dump.p, .size = dump.n};
    struct help_run run = help_run(
        (struct decode_options){.inputs = &in, .input_count = 1, .out = {.write = input_full}});

    TP_CHECK_EQ(run.code, 4);
    TP_CHECK_STREQ(
        run.err,
        "tpdecode: cannot write standard output: No space left on device\n2 records, 3 lost\n");
    help_run_free(&run);
    help_free(&dump);
}

/* Each allocation fails once: the run ends with code 4, and what was printed is right. */
TP_TEST(DecoderInput, NoMemory)
{
    struct help_bytes dump = help_example();
    struct decode_input in[2] = {{.path = "x", .bytes = dump.p, .size = dump.n},
                                 {.path = "y", .bytes = dump.p, .size = dump.n}};
    struct help_run good = input_run(in, 2), run;
    unsigned long n = 0;

    TP_CHECK_EQ(good.code, 0);
    do {
        mem_fail_at(++n);
        run = input_run(in, 2);
        TP_CHECK(run.code == 4 || run.code == 0);
        TP_CHECK(strncmp(run.out, good.out, strlen(run.out)) == 0);
        if (run.code == 4)
            TP_CHECK(strstr(run.err, "tpdecode: out of memory\n") != NULL);
        help_run_free(&run);
    } while (run.code == 4 && n < 1000);
    mem_fail_at(0);
    TP_CHECK(n > 10 && n < 1000);
    help_run_free(&good);
    help_free(&dump);
}

TP_TEST(DecoderInput, SeveralFilesByTime)
{
    struct help_bytes a = {0}, b = {0};
    struct help_run run;

    for (int i = 0; i < 2; i++) {
        struct help_bytes *d = i ? &b : &a;

        help_add_metadata(d, 1);
        help_add_records(d, 0, 0, 3, i ? 1500000000 : 1000000000, 1000000000);
        help_add_chunk(d, (struct help_chunk){.type = TP_CHUNK_END}, NULL, 0);
    }
    run = input_merge(&a, &b);
    TP_CHECK_STREQ(run.out, "[a]            <...>-0       [000] .....     1.000000: t_num: v=0\n"
                            "[b]            <...>-0       [000] .....     1.500000: t_num: v=0\n"
                            "[a]            <...>-0       [000] .....     2.000000: t_num: v=1\n"
                            "[b]            <...>-0       [000] .....     2.500000: t_num: v=1\n"
                            "[a]            <...>-0       [000] .....     3.000000: t_num: v=2\n"
                            "[b]            <...>-0       [000] .....     3.500000: t_num: v=2\n");
    TP_CHECK_STREQ(run.err, "6 records, 0 lost\n");
    help_run_free(&run);
    help_free(&a);
    help_free(&b);
}

/* Takes away what says of which input a line is, and the table of captures at the end of --stats. */
static void input_forget_names(char *text)
{
    char *to = text, *table = strstr(text, "\n     count     lost  capture\n");

    if (table)
        *table = '\0';
    for (char *line = text; *line;) {
        char *end = strchr(line, '\n'), *name = *line == '[' ? strstr(line, "] ") : NULL;
        size_t n;

        line = name && end && name < end ? name + 2 : line;
        n = end ? (size_t)(end + 1 - line) : strlen(line);
        memmove(to, line, n);
        to += n;
        line += n;
    }
    *to = '\0';
}

/* What is shown of a dump is shown of its parts, one for each CPU. */
TP_TEST(DecoderInput, OneFileOrSeveral)
{
    struct help_bytes dump[4] = {{0}}; /* the whole, the parts */
    struct decode_input in[4];

    for (uint32_t i = 0; i < 4; i++)
        help_add_metadata(&dump[i], 3);
    for (uint32_t i = 0; i < 300; i++) {
        uint32_t cpu = i * 7 % 3, step = 10 + i % 30;

        for (uint32_t part = 0; part < 2; part++)
            help_add_records(&dump[part ? cpu + 1 : 0], (uint16_t)cpu, i / 3 * 20, 20,
                             1000 + i * 300 + cpu, step);
    }
    for (uint32_t i = 0; i < 4; i++) {
        help_add_chunk(&dump[i], (struct help_chunk){.type = TP_CHUNK_END}, NULL, 0);
        in[i] = (struct decode_input){.path = "dump", .bytes = dump[i].p, .size = dump[i].n};
    }
    for (enum answer_kind kind = ANSWER_NONE; kind <= ANSWER_STATS; kind++) {
        struct decode_options o = {.inputs = in, .input_count = 1, .answer.kind = kind};
        struct help_run whole = help_run(o), parts;

        o.inputs = in + 1;
        o.input_count = 3;
        parts = help_run(o);
        input_forget_names(parts.out);
        TP_CHECK_STREQ(parts.out, whole.out);
        TP_CHECK_STREQ(parts.err, "6000 records, 0 lost\n");
        TP_CHECK_STREQ(whole.err, "6000 records, 0 lost\n");
        help_run_free(&parts);
        help_run_free(&whole);
    }
    for (uint32_t i = 0; i < 4; i++)
        help_free(&dump[i]);
}

/* Clocks that count at different rates are compared in nanoseconds. */
TP_TEST(DecoderInput, SeveralClocks)
{
    struct help_bytes a = {0}, b = {0};
    struct help_run run;

    help_add_metadata_hz(&a, 1, 1000);
    help_add_records(&a, 0, 0, 3, 1000, 1000);
    help_add_metadata_hz(&b, 1, 3000000000u);
    help_add_records(&b, 0, 0, 2, 4500000000u, 2147483648u);
    run = input_merge(&a, &b);
    TP_CHECK_STREQ(run.out, "[a]            <...>-0       [000] .....     1.000000: t_num: v=0\n"
                            "[b]            <...>-0       [000] .....     1.500000: t_num: v=0\n"
                            "[a]            <...>-0       [000] .....     2.000000: t_num: v=1\n"
                            "[b]            <...>-0       [000] .....     2.215827: t_num: v=1\n"
                            "[a]            <...>-0       [000] .....     3.000000: t_num: v=2\n");
    TP_CHECK_EQ(run.code, 0);
    help_run_free(&run);
    help_free(&a);
    help_free(&b);
}

/* A CPU that never shows anything must not hold the others up beyond the window. */
TP_TEST(DecoderInput, SilentCpuAndLateRecords)
{
    struct help_bytes d = {0};
    struct help_run run;

    help_add_metadata(&d, 2);
    for (uint32_t i = 0; i < 300; i++)
        help_add_records(&d, 0, 4096u * i, 4096, 1000 + 4096u * i, 1);
    help_add_records(&d, 1, 0, 1, 5, 1);
    help_add_chunk(&d, (struct help_chunk){.type = TP_CHUNK_END}, NULL, 0);
    run = help_decode("x", d.p, d.n, HELP_TEXT);
    TP_CHECK_EQ(run.code, 0);
    TP_CHECK_STREQ(
        run.err, "tpdecode: 1 records came too late to be put in order\n1228801 records, 0 lost\n");
    help_run_free(&run);
    help_free(&d);
}

#define INPUT_UNITS 4095u /* of a record, the most there can be */

/* A record that is long, in a chunk of its own. */
static void input_long(struct help_bytes *d, uint64_t number, uint32_t time)
{
    static uint32_t words[INPUT_UNITS * TP_RECORD_UNIT / 4];
    const struct help_chunk c = {
        .type = TP_CHUNK_DATA, .first_record = number, .records = 1, .time = time};

    words[0] = time;
    words[1] = TP_RECORD_COMMITTED | INPUT_UNITS << 16 | 1;
    help_add_chunk(d, c, words, sizeof(words));
}

/* Of many CPUs more waits: each may have a chunk. */
static void input_silent(uint32_t cpus, uint32_t chunks, const char *said)
{
    struct help_bytes d = {0};
    struct help_run run;
    char want[120];

    help_add_metadata(&d, 2);
    for (uint32_t cpu = 0; cpu < cpus; cpu++)
        help_add_records(&d, (uint16_t)cpu, 0, 1, cpu, 1);
    for (uint32_t i = 0; i < chunks; i++)
        input_long(&d, 1 + i, 10000 + i);
    help_add_records(&d, 1, 1, 1, 9999, 1);
    help_add_chunk(&d, (struct help_chunk){.type = TP_CHUNK_END}, NULL, 0);
    run = help_decode("x", d.p, d.n, HELP_TEXT);
    snprintf(want, sizeof(want), "%s%u records, 0 lost\n", said, cpus + chunks + 1);
    TP_CHECK_STREQ(run.err, want);
    help_run_free(&run);
    help_free(&d);
}

TP_TEST(DecoderInput, WindowGrowsWithCpus)
{
    const char *late = "tpdecode: 1 records came too late to be put in order\n";
    const uint32_t chunk = INPUT_UNITS * TP_RECORD_UNIT, more = 1000, most = 5000;

    input_silent(2, STREAM_WINDOW_BYTES / chunk - 8, "");
    input_silent(2, STREAM_WINDOW_BYTES / chunk + 1, late);
    input_silent(more, more * STREAM_WINDOW_CPU_BYTES / chunk - 32, "");
    input_silent(more, more * STREAM_WINDOW_CPU_BYTES / chunk + 1, late);
    input_silent(most, STREAM_WINDOW_MOST / chunk - 100, "");
    input_silent(most, STREAM_WINDOW_MOST / chunk + 1, late);
}

TP_TEST(DecoderInput, DamageLinesAreCapped)
{
    struct help_bytes d = {0};
    struct help_run run;
    size_t lines = 0;

    help_add_metadata(&d, 1);
    for (uint32_t i = 0; i < 50; i++) {
        help_add_records(&d, 0, i, 1, i, 1);
        d.p[d.n - 1] ^= 1;
    }
    run = help_decode("x", d.p, d.n, HELP_TEXT);
    for (const char *p = run.err; (p = strchr(p, '\n')); p++)
        lines++;
    TP_CHECK_EQ(lines, 20 + 1 + 1 + 1);
    TP_CHECK(strstr(run.err,
                    "\ntpdecode: x: and 30 more\n0 records, 50 lost, 50 chunks damaged\n") != NULL);
    TP_CHECK_EQ(run.code, 1);
    help_run_free(&run);
    help_free(&d);
}

/* A debugger's stub that acknowledges would else take 40 ms for each read of memory: the question waits until the "+" before it has
 * arrived, and the other side takes its time to say so. */
TP_TEST(DecoderInput, AQuestionOverTcpIsSentAtOnce)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t at_bytes = sizeof(at), on_bytes = sizeof(int);
    int server = socket(AF_INET, SOCK_STREAM, 0), fd, on = 0;
    const char *problem = NULL;
    char name[32];

    TP_CHECK_EQ(bind(server, (struct sockaddr *)&at, sizeof(at)), 0);
    TP_CHECK_EQ(listen(server, 1), 0);
    TP_CHECK_EQ(getsockname(server, (struct sockaddr *)&at, &at_bytes), 0);
    snprintf(name, sizeof(name), "gdb:127.0.0.1:%u", ntohs(at.sin_port));
    fd = socket_open(name, &problem);
    TP_CHECK_EQ(problem == NULL, true);
    TP_CHECK_EQ(getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, &on_bytes), 0);
    TP_CHECK_EQ(on != 0, true);
    close(fd);
    close(server);
}
