/* SPDX-License-Identifier: MIT */
/* Numbers with a point, sequences and roles: from the call to what tpdecode prints of them. */
#define TP_FLOAT
#define TP_CREATE
#include <tp/event.h>

TP_EVENT(types, real, "%.2f %g %.3f", f32 a, f64 b, arr(f32, 2) c)
TP_EVENT(types, many, "%x %lld %s %p", seq(u16, 3) a, seq(s64, 2) b, seq(char, 4) c, seq(ptr, 2) d)
TP_ROLE(types, many, begin, (track, TP_CPU), (name, c))
TP_EVENT(types, role, "%u %u", u32 prev, u32 next)
TP_ROLE(types, role, switch, (prev, prev), (next, next), (task, TP_TASK))

#undef TP_CREATE
#include <tp/control.h>
#include <tp/module.h>

#include "support.h"

static void memory(void)
{
    static uint8_t bytes[32768] __attribute__((aligned(16)));

    tp_control_set_memory(bytes, sizeof(bytes), 2); /* the first of these calls counts */
}

/* What tpdecode prints after the name of each record. */
static void expect_text(struct tp_trace *trace, const char *want)
{
    struct test_dump dump = {0}, out = {0}, diag = {0}, got = {0};

    tp_trace_stop(trace);
    test_drain(trace, &dump, 4096);
    TP_CHECK_EQ(test_decode(&dump, &out, &diag), 0);
    for (char *line = strtok((char *)out.bytes, "\n"); line; line = strtok(NULL, "\n")) {
        const char *text = strstr(line, ": ");

        text = text ? strstr(text + 2, ": ") : NULL;
        TP_ASSERT(text != NULL);
        test_append(&got, text + 2, strlen(text + 2));
        test_append(&got, "\n", 1);
    }
    test_append(&got, "", 1);
    TP_CHECK_STREQ((char *)got.bytes, want);
    test_dump_free(&got);
    test_dump_free(&diag);
    test_dump_free(&out);
    test_dump_free(&dump);
    test_close(trace);
}

TP_TEST(Types, NumbersWithAPoint)
{
    struct tp_trace *trace = test_open(&(struct tp_config){.cpus = 1});
    const float pair[2] = {0.5f, -1e10f};

    TP_CHECK_EQ(tp_trace_enable(trace, "types:*"), 0);
    trace_types_real(1.25f, -2.5e-300, pair);
    trace_types_real(-0.0f, 1.0 / 3, pair);
    expect_text(trace, "1.25 -2.5e-300 {0.500,-10000000000.000}\n"
                       "-0.00 0.333333 {0.500,-10000000000.000}\n");
}

TP_TEST(Types, Sequences)
{
    struct tp_trace *trace = test_open(&(struct tp_config){.cpus = 1});
    const uint16_t a[] = {1, 0xbeef, 3, 4};
    const int64_t b[] = {-1, INT64_MIN, 5};
    const void *d[] = {(void *)0x10, NULL};

    TP_CHECK_EQ(tp_trace_enable(trace, "types:*"), 0);
    trace_types_many(a, 3, b, 2, "abcd", 4, d, 2);
    trace_types_many(a, 4, b, 3, "abcde", 5, d, 1);
    trace_types_many(NULL, 0, b, 1, "a", 1, NULL, 0);
    expect_text(trace, "{1,beef,3} {-1,-9223372036854775808} abcd {0x10,0x0}\n"
                       "{1,beef,3,...} {-1,-9223372036854775808,...} abcd... {0x10}\n"
                       "{} {-1} a {}\n");
}

/* The same by the way of an event with a filter, whose fields are values first. */
TP_TEST(Types, FiltersAndProbes)
{
    struct tp_trace *trace = test_open(&(struct tp_config){.cpus = 1});
    struct tp_filter_error error;
    const float pair[2] = {1, 2};
    const uint16_t a[] = {7, 8, 9, 10};

    memory();
    TP_CHECK_EQ(tp_trace_enable(trace, "types:*"), 0);
    TP_CHECK_EQ(tp_filter_set(trace, "types:real", "a > 1.5 && b <= -2e3", &error), 0);
    TP_CHECK_EQ(tp_filter_set(trace, "types:many", "c == 'ab'", &error), 0);
    trace_types_real(1.5f, -2000, pair);
    trace_types_real(1.75f, -2000, pair);
    trace_types_real(1.75f, -1999.5, pair);
    trace_types_real(__builtin_nanf(""), -3000, pair);
    trace_types_many(a, 4, NULL, 0, "ab", 2, NULL, 0);
    trace_types_many(a, 2, NULL, 0, "abc", 3, NULL, 0);
    expect_text(trace, "1.75 -2000 {1.000,2.000}\n{7,8,9,...} {} ab {}\n");
}

static unsigned probed;

static void probe_real(void *data, float a, double b, const float c[2])
{
    (void)data;
    probed += a == -0.5f && b == 1e-310 && c[1] == 2;
}

static void probe_many(void *data, const uint16_t *a, size_t a_count, const int64_t *b,
                       size_t b_count, const char *c, size_t c_count, const void *const *d,
                       size_t d_count)
{
    (void)data;
    (void)b;
    (void)d;
    probed += a_count == 3 && a[2] == 9 && b_count == 0 && c_count == 2 && c[1] == 'y' && !d_count;
}

TP_TEST(Types, TypedProbes)
{
    const float pair[2] = {1, 2};
    const uint16_t a[] = {7, 8, 9, 10};

    probed = 0;
    memory();
    TP_CHECK_EQ(register_trace_types_real(probe_real, NULL), 0);
    TP_CHECK_EQ(register_trace_types_many(probe_many, NULL), 0);
    trace_types_real(-0.5f, 1e-310, pair);
    trace_types_many(a, 4, NULL, 0, "xy", 2, NULL, 0);
    TP_CHECK_EQ(probed, 2);
    TP_CHECK_EQ(unregister_trace_types_real(probe_real, NULL), 0);
    TP_CHECK_EQ(unregister_trace_types_many(probe_many, NULL), 0);
}

/* Is this text, which has NULs, in the metadata? */
static bool has(const struct test_dump *dump, const char *bytes, size_t n)
{
    const struct tp_wire_chunk *h = test_chunk(dump, TP_CHUNK_METADATA, 0);

    return memmem(h, h->size_bytes, bytes, n) != NULL;
}
#define HAS(dump, text) TP_CHECK(has(dump, text, sizeof(text) - 1))

/* Bytes by hand from doc/format.md section 5 and RFC 8949. */
TP_TEST(Types, MetadataSaysThem)
{
    struct tp_trace *trace = test_open(&(struct tp_config){.cpus = 1});
    struct test_dump dump = {0};

    tp_trace_stop(trace);
    test_drain(trace, &dump, 4096);
    HAS(&dump, "\x64name\x61"
               "b\x64type\x63"
               "f64\x62"
               "at\x04\x64size\x08");
    HAS(&dump, "\x64type\x63u16\x62"
               "at\x00\x64size\x02\x63max\x03");
    HAS(&dump, "\x64type\x63s64\x62"
               "at\x02\x64size\x08\x63max\x02");
    HAS(&dump, "\x64role\xa3\x62is\x65"
               "begin\x65track\x20\x64name\x02");
    HAS(&dump, "\x64role\xa4\x62is\x66switch\x64prev\x00\x64next\x01\x64task\x21");
    test_dump_free(&dump);
    test_close(trace);
}

TP_TEST(Types, MetadataSaysWhichMachineAndImage)
{
    static const uint8_t id[] = {0xde, 0xad, 0xbe};
    const struct tp_image_id image = {
        .base = 0xffffffff81000000u, .build_id = id, .build_id_bytes = 3, .machine = 62};
    struct tp_trace *trace = test_open(
        &(struct tp_config){.cpus = 1, .host = "rack 7", .image = &image});
    struct test_dump dump = {0}, out = {0}, diag = {0};

    tp_trace_stop(trace);
    test_drain(trace, &dump, 4096);
    HAS(&dump, "\x64host\x66rack 7");
    HAS(&dump, "\x65image\xa3\x64"
               "base\x1b\xff\xff\xff\xff\x81\x00\x00\x00\x68"
               "build_id\x43\xde\xad\xbe\x67machine\x18\x3e");
    TP_CHECK_EQ(test_decode(&dump, &out, &diag), 0);
    test_dump_free(&diag);
    test_dump_free(&out);
    test_dump_free(&dump);
    test_close(trace);
}

/* The rate of the counter becomes known when events have been recorded: it holds for them too. */
TP_TEST(Types, TheRateOfTheClockMayComeLater)
{
    struct tp_trace *trace;
    struct test_dump dump = {0}, out = {0}, diag = {0};
    uint64_t hz = test_hz;

    test_hz = 0;
    trace = test_open(&(struct tp_config){.cpus = 1, .spare_bytes = 64});
    TP_CHECK_EQ(tp_trace_enable(trace, "types:role"), 0);
    TP_CHECK_EQ(tp_clock_known(), TP_EINVAL);
    trace_types_role(1, 2);
    test_hz = 1000;
    TP_CHECK_EQ(tp_clock_known(), 0);
    trace_types_role(3, 4);
    TP_CHECK_EQ(tp_clock_known(), TP_ESPACE);
    tp_trace_stop(trace);
    test_drain(trace, &dump, 4096);
    TP_CHECK_EQ(test_decode(&dump, &out, &diag), 0);
    TP_CHECK(strstr((char *)out.bytes, "     1.00") &&
             strstr((char *)out.bytes, ": types_role: 1 2\n"));
    TP_CHECK(strstr((char *)out.bytes, ": types_role: 3 4\n") != NULL);
    test_dump_free(&diag);
    test_dump_free(&out);
    test_dump_free(&dump);
    test_close(trace);
    test_hz = hz;
}
