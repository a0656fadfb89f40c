/* SPDX-License-Identifier: MIT */
/*
 * Benchmarks: one line a figure, `bench NAME VALUE at most B` or `at least B`.
 * Each is the median, over many rounds, of the ratio of two loops timed one after the
 * other; times themselves say little on a shared machine.
 *
 *   enabled_event    an enabled event of two u32, hosted, one CPU, against the least that a call
 *                    can do: read the counter, store the same 16 bytes into a flat buffer, and
 *                    remember how full it is
 *   enabled_inline   the same against a loop that has all that in registers and calls nothing
 *   disabled_event   a loop with a disabled event in it against the same loop without
 *   decode_text      rate of tpdecode's text against a straight loop that prints the same lines
 *                    from the same bytes, with hand-written printing of numbers
 */
#define TP_CREATE
#include <tp/event.h>

TP_EVENT(bench, two, "a=%u b=%u", u32 a, u32 b)

#include "../../decoder/decode.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <tp/trace.h>

#define ROUNDS 101
#define EVENTS 20000u
#define RECORDS 1000000u

static uint8_t region[64 << 20] __attribute__((aligned(64)));
static struct tp_trace *trace;

static double seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median(double *times, unsigned n)
{
    qsort(times, n, sizeof(*times), compare);
    return times[n / 2];
}

static void report(const char *name, double value, const char *bound)
{
    printf("bench %s %.2f %s\n", name, value, bound);
}

static void empty_pipe(void)
{
    static uint8_t buffer[1 << 16];

    while (tp_pipe_read(trace, buffer, sizeof(buffer)) > 0)
        ;
}

/* --- enabled --- */

static struct { uint32_t time, word, a, b; } flat[EVENTS];

static void loop_flat(void)
{
    for (uint32_t i = 0; i < EVENTS; i++) {
        flat[i].time = (uint32_t)tp_port_clock();
        flat[i].word = 0x80020001u;
        flat[i].a = i;
        flat[i].b = i + 1;
        __asm__ __volatile__("" : : : "memory");
    }
}

static uint32_t used;

static __attribute__((noinline)) void store_flat(uint32_t a, uint32_t b)
{
    uint32_t i = used;
    uint32_t time = (uint32_t)tp_port_clock();

    used = i + 1;
    flat[i].time = time;
    flat[i].word = 0x80020001u;
    flat[i].a = a;
    flat[i].b = b;
}

static void loop_flat_calls(void)
{
    used = 0;
    for (uint32_t i = 0; i < EVENTS; i++)
        store_flat(i, i + 1);
}

static void loop_event(void)
{
    for (uint32_t i = 0; i < EVENTS; i++)
        trace_bench_two(i, i + 1);
}

static void loop_empty(void)
{
    for (uint32_t i = 0; i < EVENTS; i++)
        __asm__ __volatile__("" : : "r"(i) : "memory");
}

static void loop_disabled(void)
{
    for (uint32_t i = 0; i < EVENTS; i++) {
        __asm__ __volatile__("" : : "r"(i) : "memory");
        trace_bench_two(i, i + 1);
    }
}

/* Both loops in each round, so that what disturbs the machine disturbs both. */
static double ratio(void (*tested)(void), void (*limit)(void), unsigned times)
{
    double r[ROUNDS];

    for (unsigned round = 0; round < ROUNDS; round++) {
        double start = seconds(), between;

        for (unsigned i = 0; i < times; i++)
            limit();
        between = seconds();
        for (unsigned i = 0; i < times; i++)
            tested();
        r[round] = (seconds() - between) / (between - start);
        empty_pipe();
    }
    return median(r, ROUNDS);
}

/* --- decoding --- */

static char *lines; /* where both put their text */
static size_t lines_size;

static int take(void *context, const void *bytes, size_t size)
{
    (void)context;
    memcpy(lines + lines_size, bytes, size);
    lines_size += size;
    return 0;
}

static int take_nothing(void *context, const void *bytes, size_t size)
{
    (void)context;
    (void)bytes;
    (void)size;
    return 0;
}

static char *put_number(char *to, uint64_t v, int width, char pad)
{
    char digits[20];
    int n = 0;

    do
        digits[n++] = (char)('0' + v % 10);
    while (v /= 10);
    while (width-- > n)
        *to++ = pad;
    while (n)
        *to++ = digits[--n];
    return to;
}

/* Knows the one event there is, and that nothing in the dump is wrong. */
static void print_by_hand(const uint8_t *dump, size_t size, uint64_t hz)
{
    static const char head[] = "           <...>-0       [000] ..... ";
    char *to = lines;

    for (size_t at = 0; at < size;) {
        struct tp_wire_chunk h;
        uint32_t w[4];
        uint64_t high;

        memcpy(&h, dump + at, sizeof(h));
        high = h.time >> 32;
        for (size_t r = at + sizeof(h); h.type == TP_CHUNK_DATA && r < at + h.size_bytes;
             r += TP_RECORD_UNITS(w[1]) * 8) {
            uint64_t time;

            memcpy(w, dump + r, sizeof(w));
            if (TP_RECORD_ID(w[1]) == TP_ID_TIME) {
                high = w[3];
                continue;
            }
            time = high << 32 | w[0];
            memcpy(to, head, sizeof(head) - 1);
            to = put_number(to + sizeof(head) - 1, time / hz, 5, ' ');
            *to++ = '.';
            to = put_number(to, time % hz * 1000000u / hz, 6, '0');
            memcpy(to, ": two: a=", 9);
            to = put_number(to + 9, w[2], 0, 0);
            memcpy(to, " b=", 3);
            to = put_number(to + 3, w[3], 0, 0);
            *to++ = '\n';
        }
        at += h.size_bytes;
    }
    lines_size = (size_t)(to - lines);
}

static double decode_ratio(void)
{
    size_t size = 0, room = 64u << 20, by_hand_size;
    char *by_hand;
    double r[7];
    uint8_t *dump = malloc(room);
    long n;

    lines = malloc(128u << 20);
    by_hand = malloc(128u << 20);
    if (!dump || !lines || !by_hand)
        abort();
    tp_pipe_flush(trace);
    empty_pipe();
    tp_close(trace);
    tp_open(&trace, region, sizeof(region), &(struct tp_config){.cpus = 1, .subbuf_bytes = 65536});
    tp_start(trace);
    for (uint32_t i = 0; i < RECORDS; i++)
        trace_bench_two(i, i + 1);
    tp_stop(trace);
    while ((n = tp_pipe_read(trace, dump + size, room - size)) > 0)
        size += (size_t)n;
    for (unsigned round = 0; round < 7; round++) {
        struct decode_input in = {.path = "dump", .bytes = dump, .size = size};
        struct decode_options o = {.inputs = &in,
                                   .input_count = 1,
                                   .out = {.write = take},
                                   .diag = {.write = take_nothing}};
        double start = seconds(), by_hand_time;

        print_by_hand(dump, size, tp_port_clock_hz());
        by_hand_time = seconds() - start;
        by_hand_size = lines_size;
        memcpy(by_hand, lines, lines_size);
        lines_size = 0;
        start = seconds();
        if (decode_run(&o))
            abort();
        r[round] = by_hand_time / (seconds() - start);
        if (lines_size != by_hand_size || memcmp(lines, by_hand, lines_size)) {
            fprintf(stderr, "decode_text: the two texts differ\n");
            exit(1);
        }
    }
    return median(r, 7);
}

int main(void)
{
    struct tp_config config = {.cpus = 1, .subbuf_bytes = 65536, .subbufs = 8};
    int err;

    tp_hosted_cpu = 0;
    err = tp_open(&trace, region, sizeof(region), &config);
    if (err) {
        fprintf(stderr, "tp_open: %s\n", tp_strerror(err));
        return 1;
    }
    tp_start(trace);
    report("enabled_event", ratio(loop_event, loop_flat_calls, 1), "at most 1.5");
    report("enabled_inline", ratio(loop_event, loop_flat, 1), "at most 1.5");
    tp_stop(trace);
    report("disabled_event", ratio(loop_disabled, loop_empty, 20), "at most 2.5");
    report("decode_text", decode_ratio(), "at least 0.3");
    return 0;
}
