/* SPDX-License-Identifier: MIT */
/*
 * wall_test.c - several inputs in the order of wall time, each of any kind: a file, an image, compressed, a pipe.
 *
 * Two machines record in turns: the first the even values, the second the odd ones. The counter of the second is far ahead, so
 * that only the clock pairs say which record comes first. And captures of one image: the even values are of one, the odd ones of
 * another, by one counter.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "region_help.h"
#include "tp_test.h"

#define WALL_AHEAD 40000000u /* counts */

enum wall_kind { WALL_FILE, WALL_IMAGE, WALL_GZIP, WALL_PIPE, WALL_KINDS };

static const char *const wall_kinds[] = {"file", "image", "gzip", "pipe"};

/* Counts of a machine when value v is recorded. */
static uint32_t wall_ticks(unsigned machine, uint32_t v)
{
    return 1000000 + 1000 * v + machine * WALL_AHEAD;
}

static struct help_bytes wall_dump(unsigned machine, bool pair)
{
    uint64_t at[2] = {machine * WALL_AHEAD, MEMORY_WALL_NS}, stream = 0xa0 + machine;
    struct help_bytes dump = {0}, m = {0};
    uint32_t r[MEMORY_TURNS][4] = {{0}};

    help_add_metadata(&m, 1);
    help_add_chunk(&dump, (struct help_chunk){.type = TP_CHUNK_METADATA, .stream = stream},
                   m.p + TP_WIRE_CHUNK_BYTES, m.n - TP_WIRE_CHUNK_BYTES);
    help_free(&m);
    if (pair)
        help_add_chunk(&dump,
                       (struct help_chunk){.type = TP_CHUNK_CLOCK, .records = 1, .stream = stream},
                       at, sizeof(at));
    for (uint32_t i = 0; i < MEMORY_TURNS; i++) {
        uint32_t v = 2 * i + machine;

        memcpy(r[i], (uint32_t[4]){wall_ticks(machine, v), MEMORY_EVENT(2), v, 0}, 16);
    }
    help_add_chunk(
        &dump,
        (struct help_chunk){
            .type = TP_CHUNK_DATA, .stream = stream, .records = MEMORY_TURNS, .time = r[0][0]},
        r, sizeof(r));
    help_add_chunk(&dump, (struct help_chunk){.type = TP_CHUNK_END, .stream = stream}, NULL, 0);
    return dump;
}

static struct help_bytes wall_image(unsigned machine, bool pair)
{
    uint64_t at[2] = {machine * WALL_AHEAD, MEMORY_WALL_NS};

    return memory_turns(0xa0 + machine, machine, machine * WALL_AHEAD, pair ? at : NULL, 0);
}

/* A pipe that has all of it: it fits. */
static int wall_pipe(const struct help_bytes *dump)
{
    int fds[2];

    TP_ASSERT(pipe(fds) == 0);
    TP_ASSERT(write(fds[1], dump->p, dump->n) == (ssize_t)dump->n);
    close(fds[1]);
    return fds[0];
}

struct wall_input {
    struct help_bytes bytes;
    char path[32];
    int fd; /* of a pipe; else -1 */
};

static void wall_open(struct wall_input *w, struct decode_input *in, unsigned machine,
                      enum wall_kind kind, bool pair)
{
    struct help_bytes dump = kind == WALL_IMAGE ? wall_image(machine, pair)
                                                : wall_dump(machine, pair);

    *w = (struct wall_input){.bytes = dump, .fd = -1};
    snprintf(w->path, sizeof(w->path), "m%u", machine);
    *in = (struct decode_input){.path = w->path};
    if (kind == WALL_PIPE) {
        w->fd = wall_pipe(&dump);
        snprintf(w->path, sizeof(w->path), "/dev/fd/%d", w->fd);
        return;
    }
    if (kind == WALL_GZIP) {
        w->bytes = help_gzip(dump.p, dump.n);
        help_free(&dump);
    }
    in->bytes = w->bytes.p;
    in->size = w->bytes.n;
}

/* The values that come after `before`, in the order of the output, each as a letter: a is 0. */
static void wall_after(const char *out, const char *before, char *to, size_t room)
{
    size_t n = strlen(before);

    for (const char *p = out; (p = strstr(p, before)) && room > 1; p += n, room--)
        *to++ = (char)('a' + strtol(p + n, NULL, 10));
    *to = '\0';
}

static void wall_values(const char *out, char *to, size_t room)
{
    wall_after(out, ": v=", to, room);
}

/* Lines with this in them; how many there are. */
static unsigned wall_count(const char *out, const char *text)
{
    unsigned n = 0;

    for (const char *p = out; (p = strstr(p, text)); p++)
        n++;
    return n;
}

/* pairs: how many of the two inputs have one. */
static void wall_check(enum wall_kind a, enum wall_kind b, unsigned pairs, const char *values,
                       const char *note)
{
    struct wall_input w[2];
    struct decode_input in[2];
    struct help_run run;
    char got[32];

    wall_open(&w[0], &in[0], 0, a, pairs > 0);
    wall_open(&w[1], &in[1], 1, b, pairs > 1);
    run = help_run((struct decode_options){.inputs = in, .input_count = 2});
    wall_values(run.out, got, sizeof(got));
    if (strcmp(got, values) != 0 || run.code)
        TP_FAIL("%s and %s: %s, not %s, exit %d\n%s", wall_kinds[a], wall_kinds[b], got, values,
                run.code, run.err);
    if (note ? !strstr(run.err, note) : strstr(run.err, "are put in order") != NULL)
        TP_FAIL("%s and %s: not %s:\n%s", wall_kinds[a], wall_kinds[b], note ? note : "silent",
                run.err);
    help_run_free(&run);
    for (unsigned i = 0; i < 2; i++) {
        help_free(&w[i].bytes);
        if (w[i].fd >= 0)
            close(w[i].fd);
    }
}

TP_TEST(DecoderWall, InputsOfEachKindWithEachOther)
{
    for (enum wall_kind a = 0; a < WALL_KINDS; a++)
        for (enum wall_kind b = 0; b < WALL_KINDS; b++)
            wall_check(a, b, 2, "abcdefgh", NULL);
}

/* Then it is by the counters, and that is said. */
TP_TEST(DecoderWall, OneHasNoPair)
{
    static const char *const notes[] = {
        "in order by their counters: not all have clock pairs\n",
        "in order by their counters: not all have clock pairs\n",
        "in order by their counters: clock pairs of m1 are not known before it is read, as of a "
        "pipe or compressed file that does not begin with one\n",
        "in order by their counters: clock pairs of /dev/fd/",
    };

    for (enum wall_kind a = 0; a < WALL_KINDS; a++)
        for (enum wall_kind b = 0; b < WALL_KINDS; b++)
            wall_check(a, b, 1, "acegbdfh", notes[b]);
}

/* The same where none has one, but for inputs of which each could have: then nothing is known of both. */
TP_TEST(DecoderWall, NoneHasAPair)
{
    for (enum wall_kind a = 0; a < WALL_KINDS; a++)
        for (enum wall_kind b = 0; b < WALL_KINDS; b++)
            wall_check(a, b, 0, "acegbdfh",
                       a < WALL_GZIP && b < WALL_GZIP
                           ? "in order by their counters: none has clock pairs\n"
                           : "in order by their counters: clock pairs of ");
}

/* Nothing is said where there is nothing to doubt: parts of one capture, one that cannot be read, offsets that the user gives,
 * a comparison. */
TP_TEST(DecoderWall, NoneHasAPairAndThatIsGood)
{
    static struct offset_list offsets;
    struct help_bytes dump[2] = {wall_dump(0, false), wall_dump(1, false)};
    struct decode_input in[2] = {{.path = "a", .bytes = dump[0].p, .size = dump[0].n},
                                 {.path = "b", .bytes = dump[1].p, .size = dump[1].n}};
    struct decode_options o = {.inputs = in, .input_count = 2};
    struct help_run run;

    for (unsigned i = 0; i < 5; i++) {
        o = (struct decode_options){.inputs = in, .input_count = 2};
        in[1] = i == 1   ? in[0]
                : i == 2 ? (struct decode_input){.path = "/nowhere/b"}
                         : (struct decode_input){.path = "b", .bytes = dump[1].p, dump[1].n};
        if (i == 3) {
            TP_CHECK_STREQ(offset_read(&offsets, "b=-0.04"), NULL);
            o.offsets = offsets;
        }
        if (i == 4)
            o.answer.kind = ANSWER_DIFF;
        run = help_run(o);
        if ((i == 0) != (wall_count(run.err, "are put in order by their counters") == 1))
            TP_FAIL("%u:\n%s", i, run.err);
        help_run_free(&run);
    }
    help_free(&dump[0]);
    help_free(&dump[1]);
}

/* --- regions of one image --- */

#define WALL_REGIONS_MAX 16u /* as tpdecode(1) has it */

struct wall_region {
    uint64_t stream, pair[2]; /* pair: nanoseconds 0 is none */
    uint32_t hz;
};

static struct help_bytes wall_regions(const struct wall_region *r, uint32_t count)
{
    struct help_bytes image = {0};

    for (uint32_t i = 0; i < count; i++) {
        struct help_bytes one = memory_turns(r[i].stream, i, 0, r[i].pair[1] ? r[i].pair : NULL,
                                             r[i].hz);

        help_add(&image, one.p, one.n);
        help_free(&one);
    }
    return image;
}

static struct help_run wall_read(const struct help_bytes *image, struct decode_options o)
{
    struct decode_input in = {.path = "m", .bytes = image->p, .size = image->n};

    o.inputs = &in;
    o.input_count = 1;
    return help_run(o);
}

enum wall_kin { WALL_APART, WALL_UNSURE, WALL_ONE };

static void wall_kin(const char *what, const struct wall_region r[2], enum wall_kin kin)
{
    struct help_bytes image = wall_regions(r, 2);
    struct help_run run = wall_read(&image, (struct decode_options){.inputs = NULL});
    char got[32];

    wall_values(run.out, got, sizeof(got));
    if (strcmp(got, kin == WALL_ONE ? "abcdefgh" : "acegbdfh") != 0 || run.code ||
        !strstr(run.err, "\n8 records, 0 lost\n"))
        TP_FAIL("%s: %s, exit %d\n%s", what, got, run.code, run.err);
    if ((kin == WALL_ONE) == (strstr(run.out, "--- capture 2 begins ---") != NULL))
        TP_FAIL("%s:\n%s", what, run.out);
    if ((kin == WALL_UNSURE) !=
        (wall_count(run.err, "m: the 2 captures are shown one after the other: not all have clock "
                             "pairs, so nothing says that they are of one boot\n") == 1))
        TP_FAIL("%s:\n%s", what, run.err);
    help_run_free(&run);
    help_free(&image);
}

TP_TEST(DecoderWall, RegionsThatShareAClock)
{
    static const struct {
        const char *what;
        struct wall_region r[2];
        enum wall_kin kin;
    } cases[] = {
        {"no pairs", {{.stream = 1}, {.stream = 2}}, WALL_UNSURE},
        {"one pair", {{1, {5, MEMORY_WALL_NS}, 0}, {.stream = 2}}, WALL_UNSURE},
        {"the other pair", {{.stream = 1}, {2, {5, MEMORY_WALL_NS}, 0}}, WALL_UNSURE},
        {"pairs that agree",
         {{1, {5, MEMORY_WALL_NS}, 0}, {2, {1005, MEMORY_WALL_NS + 1000}, 0}},
         WALL_ONE},
        {"a second apart",
         {{1, {5, MEMORY_WALL_NS}, 0}, {2, {5, MEMORY_WALL_NS + 1000000000}, 0}},
         WALL_ONE},
        {"a second before",
         {{1, {5, MEMORY_WALL_NS + 1000000000}, 0}, {2, {5, MEMORY_WALL_NS}, 0}},
         WALL_ONE},
        {"two boots",
         {{1, {5, MEMORY_WALL_NS}, 0}, {2, {5, MEMORY_WALL_NS + 1000000001}, 0}},
         WALL_APART},
        {"two, turned",
         {{1, {5, MEMORY_WALL_NS + 1000000001}, 0}, {2, {5, MEMORY_WALL_NS}, 0}},
         WALL_APART},
        {"two clocks", {{.stream = 1}, {.stream = 2, .hz = 999999999}}, WALL_APART},
        {"a copy", {{.stream = 1}, {.stream = 1}}, WALL_APART},
    };

    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        wall_kin(cases[i].what, cases[i].r, cases[i].kin);
}

/* Outputs of an image with two captures: in each it can be seen of which one a line is, and none has them among each other,
 * or on one axis, without saying so, if they are not known to be of one boot. */
static const struct wall_output {
    const char *name, *before; /* before: each value; NULL: it has none */
    const char *marks[2]; /* what the second capture's lines have: merged, one after the other */
    unsigned counts[2];   /* of those */
    struct decode_options o;
} wall_outputs[] = {
    {"text",
     ": v=",
     {"[capture 2]", "--- capture 2 begins ---\n"},
     {4, 1},
     {.format = DECODE_TEXT}},
    {"JSON",
     "\"v\":",
     {"\"capture\":2,\"sys\"", ",\"capture\":2}\n"},
     {4, 1},
     {.format = DECODE_JSON}},
    {"CSV",
     "\"v=",
     {"\n\"capture 2\",", "\"capture\",\"begins\",2,"},
     {4, 1},
     {.format = DECODE_CSV}},
    {"--graph",
     " t ",
     {"[capture 2]", "--- capture 2 begins ---\n"},
     {4, 1},
     {.answer.kind = ANSWER_GRAPH}},
    {"--graph JSON",
     "\"t ",
     {"\"capture\":2", "\"capture\":2"},
     {4, 4},
     {.answer.kind = ANSWER_GRAPH, .format = DECODE_JSON}},
    {"--stats",
     NULL,
     {"4        0  capture 2", "4        0  capture 2"},
     {1, 1},
     {.answer.kind = ANSWER_STATS}},
    {"--timeline",
     NULL,
     {"cpu 0", "cpu 0"},
     {1, 1},
     {.answer = {.kind = ANSWER_TIMELINE, .timeline.width = 80}}},
};

static void wall_output(const struct wall_output *w, bool one_boot, bool pairs)
{
    static struct roles_options roles;
    uint64_t boot_ns = one_boot ? 0 : 3600000000000;
    struct help_bytes image = wall_regions(
        (struct wall_region[]){{1, {5, pairs ? MEMORY_WALL_NS : 0}, 0},
                               {2, {9, pairs ? MEMORY_WALL_NS + 4 + boot_ns : 0}, 0}},
        2);
    bool known = one_boot && pairs, merged = known && w->before;
    struct decode_options o = w->o;
    struct help_run run;
    char got[32];

    if (!roles.count)
        TP_CHECK_STREQ(roles_read(&roles, "t:num=span duration=v name=v"), NULL);
    o.answer.roles = &roles;
    run = wall_read(&image, o);
    wall_after(run.out, w->before ? w->before : "no value", got, sizeof(got));
    if (run.code || (w->before && strcmp(got, merged ? "abcdefgh" : "acegbdfh") != 0))
        TP_FAIL("%s, %d boot, pairs: %d: %s\n%s", w->name, one_boot, pairs, got, run.out);
    if (wall_count(run.out, w->marks[!merged]) != w->counts[!merged])
        TP_FAIL("%s, %d boot, pairs: %d:\n%s", w->name, one_boot, pairs, run.out);
    if (wall_count(run.err, "the 2 captures are shown one after the other") !=
            (w->before && !pairs) ||
        wall_count(run.err, "the times of 2 captures are taken as if of one boot") !=
            (!w->before && !known))
        TP_FAIL("%s, %d boot, pairs: %d:\n%s", w->name, one_boot, pairs, run.err);
    help_run_free(&run);
    help_free(&image);
}

TP_TEST(DecoderWall, RegionsInEachOutput)
{
    for (unsigned i = 0; i < sizeof(wall_outputs) / sizeof(wall_outputs[0]); i++)
        for (unsigned k = 0; k < 4; k++)
            wall_output(&wall_outputs[i], k & 1, k & 2);
}

/* One that is known to be of another boot, one that may be: neither is among the others. */
TP_TEST(DecoderWall, OneOfThreeRegions)
{
    static const struct {
        struct wall_region third;
        const char *values;
        bool note;
    } cases[] = {{{3, {5, MEMORY_WALL_NS}, 0}, "abccdeefgghi", false},
                 {{.stream = 3}, "acegbdfhcegi", true},
                 {{3, {5, 2 * MEMORY_WALL_NS}, 0}, "acegbdfhcegi", false}};

    for (unsigned i = 0; i < 3; i++) {
        struct wall_region r[3] = {
            {1, {5, MEMORY_WALL_NS}, 0}, {2, {5, MEMORY_WALL_NS}, 0}, cases[i].third};
        struct help_bytes image = wall_regions(r, 3);
        struct help_run run = wall_read(&image, (struct decode_options){.inputs = NULL});
        char got[32];

        wall_values(run.out, got, sizeof(got));
        TP_CHECK_STREQ(got, cases[i].values);
        TP_CHECK_EQ(wall_count(run.err, "the 3 captures are shown one after the other"),
                    cases[i].note);
        help_run_free(&run);
        help_free(&image);
    }
}

TP_TEST(DecoderWall, RegionsAreToldApart)
{
    struct help_bytes image = memory_two();
    struct help_bytes dump = wall_dump(1, false);
    struct decode_input in[2] = {{.path = "a", .bytes = image.p, .size = image.n},
                                 {.path = "b", .bytes = dump.p, .size = dump.n}};
    struct help_run run = wall_read(&image, (struct decode_options){.format = DECODE_TEXT});

    TP_CHECK_EQ(wall_count(run.out, "[capture 1] "), MEMORY_TURNS);
    TP_CHECK_EQ(wall_count(run.out, "[capture 2] "), MEMORY_TURNS);
    TP_CHECK(strstr(run.out, "\n[capture 2]      0.001001") == NULL);
    help_run_free(&run);
    run = wall_read(&image, (struct decode_options){.format = DECODE_JSON});
    TP_CHECK_EQ(wall_count(run.out, ",\"stream\":\"0x2\",\"capture\":2}\n"), 1);
    TP_CHECK_EQ(wall_count(run.out, ",\"cpu\":0,\"capture\":1,"), MEMORY_TURNS);
    TP_CHECK_EQ(wall_count(run.out, ",\"cpu\":0,\"capture\":2,"), MEMORY_TURNS);
    TP_CHECK_EQ(wall_count(run.out, "\"input\""), 0);
    help_run_free(&run);
    run = wall_read(&image, (struct decode_options){.format = DECODE_CSV});
    TP_CHECK_EQ(wall_count(run.out, "input,time,"), 1);
    TP_CHECK_EQ(wall_count(run.out, "\n\"capture 2\",0.00100"), MEMORY_TURNS);
    help_run_free(&run);
    run = help_run((struct decode_options){.inputs = in, .input_count = 2});
    TP_CHECK_EQ(wall_count(run.out, "[a capture 1] "), MEMORY_TURNS);
    TP_CHECK_EQ(wall_count(run.out, "[a capture 2] "), MEMORY_TURNS);
    TP_CHECK_EQ(wall_count(run.out, "[b]           "), MEMORY_TURNS);
    help_run_free(&run);
    run = help_run((struct decode_options){.inputs = in, .input_count = 2, .format = DECODE_JSON});
    TP_CHECK_EQ(wall_count(run.out, ",\"capture\":2,\"input\":1,\"common"), 0);
    TP_CHECK_EQ(wall_count(run.out, "\"cpu\":0,\"capture\":2,\"input\":1,"), MEMORY_TURNS);
    TP_CHECK_EQ(wall_count(run.out, "\"cpu\":0,\"input\":2,"), MEMORY_TURNS);
    help_run_free(&run);
    help_free(&image);
    help_free(&dump);
}

/* One that is asked for is alone, as ever; and so is each in an answer. */
TP_TEST(DecoderWall, RegionsThatAreNotMerged)
{
    struct help_bytes image = memory_two();
    struct decode_options o = {.select.captures = {.count = 1, .at = {{2, 2}}}};
    struct help_run run = wall_read(&image, o);
    char got[32];

    wall_values(run.out, got, sizeof(got));
    TP_CHECK_STREQ(got, "bdfh");
    TP_CHECK(!strstr(run.out, "[capture"));
    help_run_free(&run);
    o.select.captures.at[0] = (struct range){1, 2};
    run = wall_read(&image, o);
    TP_CHECK_EQ(wall_count(run.out, "[capture 2] "), MEMORY_TURNS);
    help_run_free(&run);
    o = (struct decode_options){.answer.kind = ANSWER_INFO};
    run = wall_read(&image, o);
    TP_CHECK_EQ(wall_count(run.out, "m, capture 2\n"), 1);
    help_run_free(&run);
    help_free(&image);
}

TP_TEST(DecoderWall, SoManyRegions)
{
    struct wall_region r[WALL_REGIONS_MAX + 1];

    for (uint32_t i = 0; i <= WALL_REGIONS_MAX; i++)
        r[i] = (struct wall_region){i + 1, {5, MEMORY_WALL_NS}, 0};
    for (uint32_t n = WALL_REGIONS_MAX; n <= WALL_REGIONS_MAX + 1; n++) {
        struct help_bytes image = wall_regions(r, n);
        struct help_run run = wall_read(&image, (struct decode_options){.format = DECODE_TEXT});

        TP_CHECK_EQ(wall_count(run.out, ": v="), n * MEMORY_TURNS);
        TP_CHECK_EQ(wall_count(run.out, "[capture 16] "), n == WALL_REGIONS_MAX ? MEMORY_TURNS : 0);
        TP_CHECK_EQ(wall_count(run.out, "begins ---"), n == WALL_REGIONS_MAX ? 0 : n - 1);
        help_run_free(&run);
        help_free(&image);
    }
}
