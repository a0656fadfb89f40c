/* SPDX-License-Identifier: MIT */
/* convert_test.c - dumps that are damaged anywhere, converted; memory that runs out in that. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decoder/base/mem.h"
#include "help.h"
#include "tp_test.h"

static struct help_bytes convert(const struct help_bytes *dumps, size_t count, bool zlib,
                                 const char *filter, int *code)
{
    struct decode_input in[3] = {{"a", dumps[0].p, dumps[0].n}};
    struct decode_options o = {
        .inputs = in, .input_count = count, .convert = true, .zlib = zlib, .select.filter = filter};
    struct help_run run;

    for (size_t i = 1; i < count; i++)
        in[i] = (struct decode_input){"b", dumps[i].p, dumps[i].n};
    run = help_run(o);
    *code = run.code;
    free(run.err);
    return (struct help_bytes){.p = (uint8_t *)run.out, .n = run.out_bytes, .room = run.out_bytes};
}

/* Without the lines that number captures: one of which nothing can be decoded is not written, and
 * those after it have other numbers. */
static void convert_unnumber(char *text)
{
    char *at;

    while ((at = strstr(text, "--- capture ")) != NULL)
        memmove(at, strchr(at, '\n') + 1, strlen(strchr(at, '\n') + 1) + 1);
}

static void convert_check(const char *what, const struct help_bytes *dump, bool zlib,
                          const char *filter)
{
    int code;
    struct help_bytes to = convert(dump, 1, zlib, filter, &code);
    struct decode_input in = {"want", dump->p, dump->n};
    struct help_run want = help_run((struct decode_options){
                        .inputs = &in, .input_count = 1, .select.filter = filter}),
                    got = help_decode("got", to.p, to.n, HELP_TEXT);

    /* Of events that no metadata defines there is nothing to say when they are copied. */
    TP_CHECK(code == want.code || (code == DECODE_GOOD && strstr(want.err, "shown as bytes")));
    if (want.code != DECODE_GOOD) {
        convert_unnumber(want.out);
        convert_unnumber(got.out);
    }
    if (strcmp(want.out, got.out) != 0)
        TP_FAIL("%s\n--- wanted\n%s--- got\n%s", what, want.out, got.out);
    help_run_free(&want);
    help_run_free(&got);
    help_free(&to);
}

/* Makes the checksums of a chunk right again. */
static void convert_seal(uint8_t *chunk, uint32_t size)
{
    uint8_t head[TP_WIRE_CHUNK_BYTES - 4];
    uint32_t crc = help_crc(chunk + TP_WIRE_CHUNK_BYTES, size - TP_WIRE_CHUNK_BYTES);

    memcpy(chunk + 24, &crc, sizeof(crc));
    memcpy(head, chunk, 28);
    memcpy(head + 28, chunk + 32, TP_WIRE_CHUNK_BYTES - 32);
    crc = help_crc(head, sizeof(head));
    memcpy(chunk + 28, &crc, sizeof(crc));
}

/* A wrong byte, in headers with their checksum made right again, so that it is believed. */
static void convert_flip(const char *name)
{
    struct help_bytes dump = help_golden(name);

    for (size_t at = 0, start = 0; at < dump.n; at++) {
        uint32_t size;
        uint8_t *p = dump.p + start;
        struct help_bytes wrong = {0};
        uint8_t with = (uint8_t)(1 << (at % 4 ? at % 8 : at / 4 % 8));
        char what[80];

        memcpy(&size, p + 16, sizeof(size));
        if (at == start + size) {
            start = at;
            p += size;
            memcpy(&size, p + 16, sizeof(size));
        }
        if (at % 4 && !getenv("TP_LONG"))
            continue;
        help_add(&wrong, dump.p, dump.n);
        wrong.p[at] ^= with;
        convert_seal(wrong.p + start, size);
        snprintf(what, sizeof(what), "%s, byte %zu ^ %u", name, at, with);
        convert_check(what, &wrong, at % 2, NULL);
        help_free(&wrong);
    }
    help_free(&dump);
}

TP_TEST(DecoderConvert, WrongBytes)
{
    static const char *const names[] = {"loss",  "unfinished", "overwrite", "tasks",
                                        "merge", "utc",        "gap",       "joined"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        convert_flip(names[i]);
}

/* Times that go back, in a CPU and between CPUs that speak late, stay where they are printed. */
TP_TEST(DecoderConvert, Disorder)
{
    uint32_t seed = 1;

    for (unsigned round = 0; round < 300; round++) {
        struct help_bytes dump = {0};
        uint64_t first[4] = {0};
        char what[40];

        help_add_metadata(&dump, 4);
        for (unsigned i = 0; i < 40; i++) {
            uint16_t cpu = (uint16_t)((seed = seed * 1664525u + 1013904223u) >> 30);
            uint32_t count = (seed >> 20) % 5 + 1;

            help_add_records(&dump, cpu, first[cpu], count, (seed >> 8) % 1000, (seed >> 5) % 50);
            first[cpu] += count;
        }
        snprintf(what, sizeof(what), "round %u", round);
        convert_check(what, &dump, round % 2, round % 3 ? "v > 10 && v < 20" : NULL);
        help_free(&dump);
    }
}

/* Whichever allocation fails: nothing leaks, and it is said. */
TP_TEST(DecoderConvert, MemoryRunsOut)
{
    struct help_bytes dumps[3] = {help_golden("types"), help_golden("tasks"), help_golden("utc")};
    bool done = false;

    for (size_t count = 1; count <= 3; count += 2, done = false)
        for (unsigned long n = 1; !done; n++) {
            struct help_bytes to;
            int code;

            mem_fail_at(n);
            to = convert(dumps, count, true, NULL, &code);
            mem_fail_at(0);
            done = code == DECODE_GOOD;
            TP_CHECK(done || code == DECODE_FAILED);
            TP_ASSERT(n < 1000);
            help_free(&to);
        }
    for (size_t i = 0; i < 3; i++)
        help_free(&dumps[i]);
}

/* A count of an event that has no record, which comes to the dump with it. */
static void convert_add_counts(struct help_bytes *dump, const char *second, size_t n, uint32_t id,
                               uint64_t count, uint64_t time)
{
    struct tp_wire_count c = {id, TP_COUNT_SUPPRESSED, count};

    struct help_bytes payload = {0};

    help_add_metadata(dump, 1);
    help_add(&payload, dump->p + TP_WIRE_CHUNK_BYTES, dump->n - TP_WIRE_CHUNK_BYTES);
    help_add(&payload, second, n);
    help_add_records(dump, 0, 0, 1, time, 0);
    help_add_chunk(dump, (struct help_chunk){.type = TP_CHUNK_METADATA}, payload.p, payload.n);
    help_free(&payload);
    help_add_chunk(dump, (struct help_chunk){.type = TP_CHUNK_COUNTS, .records = 1}, &c, sizeof(c));
    help_add_chunk(dump, (struct help_chunk){.type = TP_CHUNK_END}, NULL, 0);
}

/* What sampling has left out of an event is one sum in a dump of several inputs. Their events keep
 * apart, whatever their ids, and one that was defined last is defined there too. */
TP_TEST(DecoderConvert, CountsOfSeveral)
{
    /* Two maps of metadata, by hand: event 2 is t:late or t:new, "", without fields. */
    static const char late[] = "\xa2\x66tables\x80\x66"
                               "events\x81\xa6\x62id\x02\x63sys\x61t\x64name\x64late\x63"
                               "fmt\x60\x65"
                               "bytes\x00\x66"
                               "fields\x80";
    static const char new[] = "\xa2\x66tables\x80\x66"
                              "events\x81\xa6\x62id\x02\x63sys\x61t\x64name\x63new\x63"
                              "fmt\x60\x65"
                              "bytes\x00\x66"
                              "fields\x80";
    struct help_bytes dumps[3] = {{0}}, to;
    struct help_run got;
    int code;

    convert_add_counts(&dumps[0], late, sizeof(late) - 1, 2, 5000000000, 1000);
    convert_add_counts(&dumps[1], late, sizeof(late) - 1, 2, 1, 2000);
    /* When this is defined, all records are written. */
    convert_add_counts(&dumps[2], new, sizeof(new) - 1, 2, 7, 3000);
    to = convert(dumps, 3, false, NULL, &code);
    TP_CHECK(code == DECODE_GOOD);
    got = help_decode("got", to.p, to.n, HELP_TEXT);
    TP_CHECK_STREQ(got.err, "t:late: 5000000001 records left out by sampling\n"
                            "t:new: 7 records left out by sampling\n"
                            "3 records, 0 lost\n");
    help_run_free(&got);
    help_free(&to);

    /* A sum that does not fit stays at the most there is. */
    help_free(&dumps[0]);
    convert_add_counts(&dumps[0], NULL, 0, 1, UINT64_MAX - 1, 1000);
    help_free(&dumps[1]);
    convert_add_counts(&dumps[1], NULL, 0, 1, 2, 2000);
    to = convert(dumps, 2, false, NULL, &code);
    got = help_decode("got", to.p, to.n, HELP_TEXT);
    TP_CHECK_STREQ(got.err, "t:num: 18446744073709551615 records left out by sampling\n"
                            "2 records, 0 lost\n");
    help_run_free(&got);
    help_free(&to);
    for (size_t i = 0; i < 3; i++)
        help_free(&dumps[i]);
}

/* Of two that become one dump, or cannot. */
/* What their metadata leaves out that of the result leaves out too: it can be read. */
TP_TEST(DecoderConvert, SeveralWithoutATool)
{
    static const char map[] = "\xa5\x65"
                              "clock\xa1\x62hz\x19\x03\xe8\x64"
                              "cpus\x01\x66"
                              "buffer\xa0\x66tables\x80\x66"
                              "events\x81\xa6\x62id\x01\x63sys\x61t\x64name\x63num\x63"
                              "fmt\x64v=%u\x65"
                              "bytes\x04\x66"
                              "fields\x81\xa4\x64name\x61v\x64type\x63u32\x62"
                              "at\x00\x64size\x04";
    struct help_bytes dumps[2] = {{0}}, to;
    struct help_run got;
    int code;

    for (unsigned i = 0; i < 2; i++) {
        help_add_chunk(&dumps[i], (struct help_chunk){.type = TP_CHUNK_METADATA}, map,
                       sizeof(map) - 1);
        help_add_records(&dumps[i], 0, 0, 1, 1000 * (1 + i), 1);
        help_add_chunk(&dumps[i], (struct help_chunk){.type = TP_CHUNK_END}, NULL, 0);
    }
    to = convert(dumps, 2, false, NULL, &code);
    TP_CHECK_EQ(code, DECODE_GOOD);
    got = help_decode("got", to.p, to.n, HELP_TEXT);
    TP_CHECK_STREQ(got.err, "2 records, 0 lost\n");
    help_run_free(&got);
    help_free(&to);
    for (unsigned i = 0; i < 2; i++)
        help_free(&dumps[i]);
}

static void convert_says(const struct help_bytes *dumps, int code, const char *text)
{
    struct decode_input in[2] = {{"a", dumps[0].p, dumps[0].n}, {"b", dumps[1].p, dumps[1].n}};
    struct help_run run = help_run(
        (struct decode_options){.inputs = in, .input_count = 2, .convert = true});

    TP_CHECK_EQ(run.code, code);
    TP_CHECK_STREQ(run.err, text);
    help_run_free(&run);
}

static void convert_add_capture(struct help_bytes *dump, uint32_t hz, uint8_t stream)
{
    size_t at = dump->n;
    uint32_t size;

    help_add_metadata_hz(dump, 1, hz);
    help_add_records(dump, 0, 0, 1, 1000, 0);
    help_add_chunk(dump, (struct help_chunk){.type = TP_CHUNK_END}, NULL, 0);
    for (; at < dump->n; at += size) {
        memcpy(&size, dump->p + at + 16, sizeof(size));
        dump->p[at + 32] = stream;
        convert_seal(dump->p + at, size);
    }
}

TP_TEST(DecoderConvert, OtherClockFollows)
{
    struct help_bytes dumps[2] = {{0}};

    convert_add_capture(&dumps[0], 1000000000, 0);
    convert_add_capture(&dumps[0], 500000000, 1);
    convert_add_capture(&dumps[1], 1000000000, 0);
    convert_says(dumps, DECODE_USAGE,
                 "tpdecode: cannot convert: captures with different clocks follow each other in "
                 "several inputs\n");
    help_free(&dumps[0]);
    help_free(&dumps[1]);
}

/* `count` events without fields: t:`letter`00001 ... */
static struct help_bytes convert_many(char letter, uint16_t count)
{
    static const uint8_t more[] = {0xa2, 0x66, 't', 'a', 'b', 'l', 'e', 's', 0x80,
                                   0x66, 'e',  'v', 'e', 'n', 't', 's', 0x99};
    struct help_bytes dump = {0}, payload = {0};
    const uint8_t big[2] = {(uint8_t)(count >> 8), (uint8_t)count};

    help_add_metadata(&dump, 1);
    help_add(&payload, dump.p + TP_WIRE_CHUNK_BYTES, dump.n - TP_WIRE_CHUNK_BYTES);
    help_free(&dump);
    help_add(&payload, more, sizeof(more));
    help_add(&payload, big, sizeof(big));
    for (uint32_t id = 2; id < count + 2u; id++) {
        char event[64] = "\xa6\x62id\x19..\x63sys\x61t\x64name\x66";
        static const char rest[] = "\x63"
                                   "fmt\x60\x65"
                                   "bytes\x00\x66"
                                   "fields\x80";
        size_t n = strlen(event);

        event[5] = (char)(id >> 8);
        event[6] = (char)id;
        n += (size_t)snprintf(event + n, sizeof(event) - n, "%c%05u", letter, (unsigned)id);
        help_add(&payload, event, n);
        help_add(&payload, rest, sizeof(rest) - 1);
    }
    help_add_chunk(&dump, (struct help_chunk){.type = TP_CHUNK_METADATA}, payload.p, payload.n);
    help_add_chunk(&dump, (struct help_chunk){.type = TP_CHUNK_END}, NULL, 0);
    help_free(&payload);
    return dump;
}

/* All that the ids of one dump are for, t:num among them; and one more. */
TP_TEST(DecoderConvert, ManyEvents)
{
    struct help_bytes dumps[2] = {convert_many('a', 32639), convert_many('b', 32639)};

    convert_says(dumps, DECODE_GOOD, "0 records, 0 lost\n");
    help_free(&dumps[1]);
    dumps[1] = convert_many('b', 32640);
    convert_says(dumps, DECODE_USAGE, "tpdecode: cannot convert: too many events\n");
    help_free(&dumps[0]);
    help_free(&dumps[1]);
}

/* Modules that come one after the other: an engine's metadata then says all of before and one more. */
static void convert_modules(struct help_bytes *dump, uint32_t modules)
{
    struct help_bytes all = {0};
    struct tp_wire_chunk h;

    help_add_events(dump, 1, 1);
    memcpy(&h, dump->p, sizeof(h));
    help_add(&all, dump->p + sizeof(h), h.size_bytes - sizeof(h));
    for (uint32_t i = 0; i < modules; i++) {
        static const char map[] = "\xa2\x66tables\x80\x66"
                                  "events\x81\xa6\x62id\x19..\x63sys\x61m\x64name\x61"
                                  "e\x63"
                                  "fmt\x61x\x65"
                                  "bytes\x00\x66"
                                  "fields\x80";
        uint32_t id = i + 2, r[4] = {i, TP_RECORD_WORD(id, 2) | TP_RECORD_COMMITTED, i, 0};
        uint8_t one[sizeof(map) - 1 + 8] = {0};

        memcpy(one, map, sizeof(map) - 1);
        ((uint8_t *)memchr(one, '.', sizeof(one)))[1] = (uint8_t)id;
        ((uint8_t *)memchr(one, '.', sizeof(one)))[0] = (uint8_t)(id >> 8);
        help_add(&all, one, (sizeof(map) - 1 + 7) & ~(size_t)7);
        help_add_chunk(dump, (struct help_chunk){.type = TP_CHUNK_METADATA}, all.p, all.n);
        help_add_chunk(
            dump,
            (struct help_chunk){.type = TP_CHUNK_DATA, .records = 1, .first_record = i, .time = i},
            r, sizeof(r));
    }
    help_add_chunk(dump, (struct help_chunk){.type = TP_CHUNK_END, .time = 99999}, NULL, 0);
    help_free(&all);
}

/* All together they are more than a payload may be, and more than 256. */
TP_TEST(Convert, ManyModules)
{
    struct help_bytes dump = {0}, to;
    struct help_run got;
    int code;

    convert_modules(&dump, 400);
    TP_CHECK(dump.n > 5u << 20);
    to = convert(&dump, 1, false, NULL, &code);
    TP_CHECK_EQ(code, 0);
    got = help_decode("got", to.p, to.n, HELP_TEXT);
    TP_CHECK_EQ(got.code, 0);
    TP_CHECK_STREQ(got.err, "400 records, 0 lost\n");
    TP_CHECK(strstr(got.out, "unknown") == NULL);
    help_run_free(&got);
    help_free(&to);
    help_free(&dump);
}
