/* SPDX-License-Identifier: MIT */
/*
 * Writes a dump with each type of field, and with names that are words of languages, for the tests of exports.
 *
 *     typed [COUNT]
 */
#define TP_FLOAT
#define TP_CREATE
#include <tp/event.h>
#include <tp/trace.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

TP_ENUM(mood, TP_NAME(-2, "below"), TP_NAME(0, "a \"quoted\" \\ name"), TP_NAME(1, "tab\there"),
        TP_NAME(7, "below"), TP_NAME(2000000000, "h\xc3\xb6her"))
TP_FLAGS(bits, TP_NAME(1, "ONE"), TP_NAME(2, "TWO"), TP_NAME(0xf0, "FOUR"),
         TP_NAME(0x80000000, "TOP"))

TP_EVENT(t, integers, "%u %u %u %llu %d %d %d %lld %d %c %p %s %s", u8 a, u16 b, u32 c, u64 d, s8 e,
         s16 f, s32 g, s64 h, bool i, char j, ptr k, enum(mood) l, flags(bits) m)
TP_EVENT(t, floats, "%g %g %f %f", f32 a, f64 b, arr(f32, 3) c, seq(f64, 4) d)
TP_EVENT(t, arrays, "%u %d %x %lld %d %s %p", arr(u8, 3) a, arr(s16, 2) b, arr(u32, 2) c,
         arr(s64, 2) d, arr(bool, 2) e, arr(char, 5) f, arr(ptr, 2) g)
TP_EVENT(t, sequences, "%u %d %u %llu %s %p", seq(u8, 9) a, seq(s16, 9) b, seq(u32, 9) c,
         seq(u64, 9) d, seq(char, 9) e, seq(ptr, 9) f)
TP_EVENT(t, texts, "%s %s %x %x", str a, str(8) b, bytes c, bytes(3) d)
TP_EVENT(t, nothing, "")
TP_EVENT(event, stream, "%u %u %u %u %u %u %u %u %u %u %u %u %u %u %u %u", u32 event, u32 stream,
         u32 trace, u32 env, u32 clock, u32 callsite, u32 struct_, u32 variant, u32 string,
         u32 integer, u32 floating_point, u32 align, u32 id, u32 timestamp, u32 fields, u32 name)
TP_EVENT(t, clashes, "%u %u %x %u %u %u %u %u", seq(u8, 4) a, u32 _a_length, bytes _a, u32 a_length,
         u32 __a_length, u32 _a_length_, u32 cpu_id, u32 events_discarded)

static uint8_t region[1 << 20] __attribute__((aligned(64)));

static void fire(uint64_t i)
{
    uint64_t v = i * 0x9e3779b97f4a7c15u;
    const uint8_t u8[] = {(uint8_t)v, 0, 255, 1, 2, 3, 4, 5, 6, 7, 8, 9};
    const int16_t s16[] = {(int16_t)v, -1, 32767, -32768, 5, 6, 7, 8, 9, 10};
    const uint32_t u32[] = {(uint32_t)v, UINT32_MAX, 2, 3, 4, 5, 6, 7, 8, 9};
    const uint64_t u64[] = {v, UINT64_MAX, 2, 3, 4, 5, 6, 7, 8, 9};
    const int64_t s64[] = {INT64_MIN, (int64_t)v};
    const bool yes[] = {i & 1, true};
    const void *pointers[] = {
        (const void *)(uintptr_t)v, NULL, &region, NULL, NULL, NULL, NULL, NULL, NULL};
    const float f32[] = {(float)v / 7, -0.0f, i % 2 ? INFINITY : 1e-40f};
    const double f64[] = {(double)v / 7, NAN, 1e308, 0.1};
    const int32_t moods[] = {-2, 0, 1, 7, 2000000000, 5};

    trace_t_integers((uint8_t)v, (uint16_t)v, (uint32_t)v, v, (int8_t)v, (int16_t)v, (int32_t)v,
                     (int64_t)v, i & 1, (char)v, (const void *)(uintptr_t)v, moods[i % 6],
                     (uint32_t)(v & 0x800000ff));
    trace_t_floats(f32[i % 3], f64[i % 4], f32, f64, i % 5);
    trace_t_arrays(u8, s16, u32, s64, yes, i % 2 ? "ab\0cd" : "abcde", pointers);
    trace_t_sequences(u8, i % 12, s16, i % 10, u32, i % 10, u64, i % 10, "\xc3\xa4 text", i % 9,
                      pointers, i % 9);
    trace_t_texts(i % 2 ? "a\xff\xc3(\x1b[0m\"\\" : "\xf0\x9f\x98\x80 h\xc3\xb6",
                  "0123456789abcdef", u8, i % 12, u8, i % 6);
    trace_t_nothing();
    trace_event_stream(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, (uint32_t)i);
    trace_t_clashes(u8, i % 5, 1, u8, 2, 3, 4, 5, 6, 7);
}

int main(int argc, char **argv)
{
    static char buffer[65536];
    struct tp_config config = {
        .name = "typed", .cpus = 2, .subbuf_bytes = 16384, .subbufs = 16, .context = true};
    unsigned long count = argc > 1 ? strtoul(argv[1], NULL, 10) : 60;
    struct tp_trace *trace;
    long n;

    if (tp_trace_open(&trace, region, sizeof(region), &config))
        return 1;
    tp_task_name(1, 0, "h\xc3\xb6 \xff");
    tp_trace_start(trace);
    for (unsigned long i = 0; i < count; i++) {
        tp_hosted_cpu = i % 3 == 0;
        tp_hosted_context = tp_context((int)(i % 3), i % 32, i % 20);
        fire(i);
    }
    tp_trace_stop(trace);
    while ((n = tp_pipe_read(trace, buffer, sizeof(buffer))) > 0)
        fwrite(buffer, 1, (size_t)n, stdout);
    return fflush(stdout) != 0;
}
