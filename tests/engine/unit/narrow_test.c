/* SPDX-License-Identifier: MIT */
/* A clock of 64 bits out of a counter of 24: doc of tp/inner/clock.h. */
#define TP_CREATE
#include <tp/event.h>

TP_EVENT(narrow, tick, "time=%llu", u64 time)

#include "tp_test.h"

#include <stdlib.h>
#include <string.h>
#include <tp/trace.h>

#define HALF (1u << 23)

uint64_t narrow_time;
void (*narrow_hook)(void);

TP_TEST(Narrow, GoesOnOverWraps)
{
    for (unsigned i = 0; i < 2000; i++) {
        TP_CHECK_EQ(tp_port_clock(), narrow_time);
        narrow_time += 1 + i * 7919ull % HALF;
    }
    TP_CHECK(narrow_time >> 24 > 400);
}

/* A half period that only tp_clock_tick sees. */
TP_TEST(Narrow, TickIsEnough)
{
    tp_clock_tick();
    for (unsigned i = 0; i < 10; i++) {
        narrow_time += HALF - 1;
        tp_clock_tick();
    }
    TP_CHECK_EQ(tp_port_clock(), narrow_time);
}

static unsigned halves;

/* An interrupt that takes long, and reads the clock all the while. */
static void interrupt(void)
{
    for (unsigned i = 0; i < halves; i++) {
        narrow_time += HALF - 100;
        TP_CHECK_EQ(tp_port_clock(), narrow_time);
    }
}

/* ... between the two loads of the interrupted one: it must not take an old number of periods. */
TP_TEST(Narrow, InterruptedForSeveralPeriods)
{
    uint64_t time;

    for (halves = 1; halves < 40; halves++)
        for (unsigned phase = 0; phase < 8; phase++) {
            narrow_time += HALF / 8;
            tp_clock_tick();
            narrow_hook = interrupt;
            time = tp_port_clock();
            TP_CHECK_EQ(time, narrow_time);
        }
}

/* Records carry it: 32 bits of it, and stamps. */
TP_TEST(Narrow, RecordsHaveTheWholeTime)
{
    static uint8_t region[1 << 16] __attribute__((aligned(64))), dump[1 << 16];
    struct tp_config c = {.cpus = 1, .subbuf_bytes = 4096, .subbufs = 2};
    struct tp_wire_chunk h;
    struct tp_trace *t;
    unsigned events = 0;
    uint64_t high = 0;
    long n;

    narrow_time = tp_port_clock() + ((uint64_t)1 << 32) - (narrow_time & 0xffffffffu) - 5 * HALF;
    tp_clock_tick();
    /* It was moved on by many periods that nobody saw: what the clock shows now is the time. */
    narrow_time = tp_port_clock();
    TP_ASSERT_EQ(tp_trace_open(&t, region, sizeof(region), &c), 0);
    tp_trace_start(t);
    for (unsigned i = 0; i < 100; i++) {
        trace_narrow_tick(narrow_time);
        narrow_time += HALF - 1;
    }
    tp_trace_stop(t);
    n = tp_pipe_read(t, dump, sizeof(dump));
    for (long at = 0; at < n; at += h.size_bytes) {
        memcpy(&h, dump + at, sizeof(h));
        if (h.type != TP_CHUNK_DATA || !h.records)
            continue;
        high = h.time >> 32;
        for (const uint8_t *r = dump + at + 104; r < dump + at + h.size_bytes;) {
            uint32_t w[2];
            uint64_t value;

            memcpy(w, r, sizeof(w));
            memcpy(&value, r + 8, sizeof(value));
            if (TP_RECORD_ID(w[1]) == TP_ID_TIME) {
                high = value >> 32;
            } else {
                TP_CHECK_EQ(value, high << 32 | w[0]);
                events++;
            }
            r += 8 * TP_RECORD_UNITS(w[1]);
        }
    }
    TP_CHECK_EQ(events, 100);
    TP_CHECK_EQ(tp_trace_close(t), 0);
}
