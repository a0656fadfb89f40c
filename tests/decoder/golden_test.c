/* SPDX-License-Identifier: MIT */
/*
 * decoder_golden.c - dumps in tests/golden and what must come of them.
 *
 * CLASS-NAME.hex is the dump, in hex with comments (README.md there says what each is).
 * CLASS-NAME.txt has parts that start
 * with a line "== stdout", "== stderr" and "== exit N" (as text), "== json"
 * and "== list": standard output of the other modes; "== utc", "== utc stderr" and "== utc json":
 * the same with --time utc.
 */
#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decoder/model/object.h"
#include "help.h"
#include "tp_test.h"

/* The part of a .txt that starts with "== NAME\n"; false if there is none. */
static bool golden_part(const char *text, const char *name, char **part)
{
    char mark[32];
    const char *start, *end;

    snprintf(mark, sizeof(mark), "== %s\n", name);
    start = strstr(text, mark);
    if (!start)
        return false;
    start += strlen(mark);
    end = strncmp(start, "== ", 3) == 0 ? start : strstr(start, "\n== ");
    *part = strndup(start, !end ? strlen(start) : end == start ? 0 : (size_t)(end + 1 - start));
    return true;
}

static void golden_same(const char *name, const char *part, const char *want, const char *got)
{
    if (strcmp(want, got) != 0)
        TP_FAIL("golden/%s, %s\n--- wanted\n%s--- got\n%s", name, part, want, got);
}

static void golden_check(const char *name)
{
    static const struct {
        const char *part, *err;
        enum help_mode mode;
    } modes[] = {{"stdout", "stderr", HELP_TEXT},
                 {"json", NULL, HELP_JSON},
                 {"list", NULL, HELP_LIST},
                 {"utc", "utc stderr", HELP_UTC},
                 {"utc json", NULL, HELP_UTC_JSON}};
    char code[20], *want;
    struct help_bytes dump = help_golden(name), txt = help_file(help_golden_path(name, ".txt"));
    struct help_run run;

    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        if (!golden_part((char *)txt.p, modes[i].part, &want))
            continue;
        run = help_decode(name, dump.p, dump.n, modes[i].mode);
        golden_same(name, modes[i].part, want, run.out);
        free(want);
        if (modes[i].err && golden_part((char *)txt.p, modes[i].err, &want)) {
            golden_same(name, modes[i].err, want, run.err);
            free(want);
            snprintf(code, sizeof(code), "\n== exit %d\n", run.code);
            if (!strstr((char *)txt.p, code))
                TP_FAIL("golden/%s: exit code %d", name, run.code);
        }
        help_run_free(&run);
    }
    help_free(&dump);
    help_free(&txt);
}

static int golden_is_hex(const struct dirent *e)
{
    size_t n = strlen(e->d_name);

    return n > 4 && strcmp(e->d_name + n - 4, ".hex") == 0;
}

TP_TEST(DecoderGolden, AllFiles)
{
    struct dirent **names;
    int n = scandir(tp_test_path("tests/golden"), &names, golden_is_hex, alphasort);

    TP_ASSERT(n >= 32);
    for (int i = 0; i < n; i++) {
        char *name = strchr(names[i]->d_name, '-');

        if (!name)
            TP_FAIL_FATAL("golden/%s has no class in its name", names[i]->d_name);
        name[strlen(name) - 4] = 0;
        golden_check(name + 1);
        free(names[i]);
    }
    free(names);
}

/* What doc/format.md says tpdecode prints is what it prints. */
TP_TEST(DecoderGolden, ExampleOfTheSpecification)
{
    struct help_bytes dump = help_example();
    struct help_run run = help_decode("example", dump.p, dump.n, HELP_TEXT);

    TP_CHECK_STREQ(run.out, "           <...>-42      [000] d.h1.     8.589934: sched_switch: "
                            "next=7 why=wake comm=bash\n"
                            "           <...>-42      [000] d.h1.     8.589934: sched_switch: "
                            "next=0 why=idle comm=idl...\n"
                            "--- cpu 0: 3 records lost here (buffer full) ---\n");
    TP_CHECK_STREQ(run.err, "2 records, 3 lost\n");
    TP_CHECK_EQ(run.code, 0);
    help_run_free(&run);
    run = help_decode("example", dump.p, dump.n, HELP_JSON);
    TP_CHECK_STREQ(
        run.out,
        "{\"schema\":\"tracepoint\",\"version\":1,\"tool\":\"tracepoint "
        "0.1.0\",\"clock_hz\":1000000000,"
        "\"cpus\":1,\"stream\":\"0x5eed\"}\n"
        "{\"time_ns\":8589934336,\"cpu\":0,\"common_pid\":42,\"common_comm\":\"<...>\",\"flags\":"
        "\"d.h1.\","
        "\"sys\":\"sched\","
        "\"event\":\"switch\",\"fields\":{\"next\":7,\"why\":\"wake\",\"comm\":\"bash\"}}\n"
        "{\"time_ns\":8589934608,\"cpu\":0,\"common_pid\":42,\"common_comm\":\"<...>\",\"flags\":"
        "\"d.h1.\","
        "\"sys\":\"sched\","
        "\"event\":\"switch\",\"fields\":{\"next\":0,\"why\":\"idle\",\"comm\":\"idl...\"},"
        "\"cut\":[\"comm\"]}\n"
        "{\"lost\":3,\"cpu\":0,\"cause\":\"full\",\"time_ns\":8589938688}\n");
    TP_CHECK_EQ(run.code, 0);
    help_run_free(&run);
    help_free(&dump);
}

/* A record of event e: k and d. */
static void golden_record(struct help_bytes *dump, uint32_t event, uint32_t k, uint64_t number)
{
    uint32_t r[6] = {(uint32_t)number,
                     TP_RECORD_WORD(event + 1, 3) | TP_RECORD_COMMITTED,
                     k,
                     UINT32_MAX,
                     UINT32_MAX,
                     0};

    help_add_chunk(dump,
                   (struct help_chunk){
                       .type = TP_CHUNK_DATA, .records = 1, .time = number, .first_record = number},
                   r, sizeof(r));
}

/* What JSON has put together for an event gives way to that of another one. */
TP_TEST(DecoderGolden, JsonOfManyEvents)
{
    static const uint32_t events[] = {0, OBJECT_EVENTS, 0, 0, OBJECT_EVENTS, 7, 0};
    struct help_bytes dump = {0}, want = {0};
    struct help_run run;

    help_add_events(&dump, OBJECT_EVENTS + 1, 1);
    for (uint32_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
        char line[200];

        golden_record(&dump, events[i], 10 * i, i);
        help_add(&want, line,
                 (size_t)snprintf(line, sizeof(line),
                                  "{\"time_ns\":%" PRIu32
                                  ",\"cpu\":0,\"sys\":\"s\",\"event\":\"e%" PRIu32
                                  "\",\"fields\":{\"k\":%" PRIu32 ",\"d\":-1}}\n",
                                  i, events[i], 10 * i));
    }
    run = help_decode("dump", dump.p, dump.n, HELP_JSON);
    TP_CHECK_STREQ(strchr(run.out, '\n') + 1, (char *)want.p);
    help_run_free(&run);
    help_free(&dump);
    help_free(&want);
}

/* The longest names, of which each byte takes six. */
TP_TEST(DecoderGolden, JsonOfLongNames)
{
    static const char start[] = "\xa6\x64tool\x61x\x65"
                                "clock\xa2\x62hz\x01\x64name\x61t\x64"
                                "cpus\x01\x66"
                                "buffer\xa4\x64name\x61m\x64mode\x67"
                                "discard\x6csubbuf_bytes\x19\x10\x00"
                                "\x67subbufs\x04\x66tables\x80\x66"
                                "events\x81\xa6\x62id\x01\x65"
                                "bytes\x04\x63"
                                "fmt\x60\x66"
                                "fields\x81\xa4\x64type\x63u32\x62"
                                "at\x00\x64size\x04\x64name";
    struct help_bytes b = {0}, dump = {0};
    char name[2 + TP_LIMIT_NAME_BYTES + 1] = "\x78\x7f", escaped[6 * TP_LIMIT_NAME_BYTES + 1] = "",
                                        want[4000];
    struct help_run run;

    memset(name + 2, 1, TP_LIMIT_NAME_BYTES);
    for (unsigned i = 0; i < TP_LIMIT_NAME_BYTES; i++)
        strcat(escaped, "\\u0001");
    help_add(&b, start, sizeof(start) - 1);
    help_add(&b, name, sizeof(name) - 1);
    help_add(&b, "\x63sys", 4);
    help_add(&b, name, sizeof(name) - 1);
    help_add(&b, "\x64name", 5);
    help_add(&b, name, sizeof(name) - 1);
    help_add_chunk(&dump, (struct help_chunk){.type = TP_CHUNK_METADATA}, b.p, b.n);
    golden_record(&dump, 0, 5, 0);
    run = help_decode("dump", dump.p, dump.n, HELP_JSON);
    snprintf(want, sizeof(want),
             "{\"time_ns\":0,\"cpu\":0,\"sys\":\"%s\",\"event\":\"%s\",\"fields\":{\"%s\":5}}\n",
             escaped, escaped, escaped);
    TP_CHECK_STREQ(strchr(run.out, '\n') + 1, want);
    help_run_free(&run);
    help_free(&b);
    help_free(&dump);
}
