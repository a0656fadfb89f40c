/* SPDX-License-Identifier: MIT */
/* tp_rate_set with clocks of which a second, or what lies between two events, is more than 32 bits.
 * Prints what is wrong. */
#define TP_CREATE
#include <tp/event.h>

TP_EVENT(rate, one, "n=%u", u32 n)

#include <stdio.h>
#include <tp/control.h>
#include <tp/port.h>
#include <tp/trace.h>

uint64_t rate_now, rate_hz;

/* One event each `step` for 20 s: the first of each second passes. */
static int wrong(struct tp_trace *t, uint64_t hz, uint64_t step)
{
    uint32_t fired = 0, expected = 0;
    struct tp_rule_stats before, s;
    uint64_t since = 0, end;

    rate_hz = hz;
    rate_now += 100 * hz;
    tp_rule_stats(t, &tp_event_rate_one, &before);
    for (end = rate_now + 20 * hz; rate_now < end; rate_now += step, fired++) {
        trace_rate_one(fired);
        if (!expected || rate_now - since >= hz) {
            since = rate_now;
            expected++;
        }
    }
    tp_rule_stats(t, &tp_event_rate_one, &s);
    if (fired - (s.suppressed - before.suppressed) == expected)
        return 0;
    printf("%llu Hz: %u of %u passed, %u should\n", (unsigned long long)hz,
           fired - (uint32_t)(s.suppressed - before.suppressed), fired, expected);
    return 1;
}

int main(void)
{
    static uint8_t memory[1024] __attribute__((aligned(64)));
    static uint8_t region[1 << 17] __attribute__((aligned(64)));
    struct tp_config config = {.cpus = 1};
    struct tp_trace *t;

    rate_hz = 1000;
    if (tp_control_set_memory(memory, sizeof(memory), 1) ||
        tp_trace_open(&t, region, sizeof(region), &config) || tp_rate_set(t, "rate:one", 1) ||
        tp_trace_start(t))
        return 2;
    return wrong(t, 1000, 100) | wrong(t, 1000000000, 100000000) |
           wrong(t, 3000000000u, 300000000) | wrong(t, 3000000000u, 4350000000u) |
           wrong(t, 5000000000u, 500000000) | wrong(t, 5000000000u, 4294967296u);
}
