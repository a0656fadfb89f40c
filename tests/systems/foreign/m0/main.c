/* SPDX-License-Identifier: MIT */
/*
 * Fires events while two timers and SysTick, each of a higher priority than the one before, fire
 * others in the middle of them; reads along, then not, then is quiet for a whole period and more
 * of the clock's counter. Each event has the number of those before it from its own context, and
 * those of main the time that an independent timer shows. The dump goes to the host.
 */
#define TP_CREATE
#include <tp/event.h>

#include "m0.h"
#include "port.h"
#include <tp/inner/ring.h>
#include <tp/trace.h>

TP_EVENT(m0, main, "n=%u t=%u", u32 n, u32 t)
TP_EVENT(m0, low, "n=%u", u32 n)
TP_EVENT(m0, high, "n=%u", u32 n)
TP_EVENT(m0, wrap, "n=%u", u32 n)

#define TIMER(i, offset) M0_REG(0x40008000 + 0x1000 * (i) + (offset))
#define QUIET 24000000u /* 1.5 s: longer than a period of the clock's counter */
#define ROUNDS 3

static uint8_t region[8384] __attribute__((aligned(64)));
static unsigned fired, low, high, wraps;
static unsigned inside; /* interrupts that came while an event was being recorded */
static volatile bool quiet;

static uint32_t now(void)
{
    TIMER(2, 0x040) = 1;
    return TIMER(2, 0x540);
}

static void timer_start(unsigned i, uint32_t period)
{
    TIMER(i, 0x508) = 3; /* 32 bits */
    TIMER(i, 0x510) = 0; /* 16 MHz */
    if (period) {
        TIMER(i, 0x540) = period;
        TIMER(i, 0x200) = 1; /* starts again at each compare */
        TIMER(i, 0x304) = 1 << 16;
        M0_REG(0xe000e100) = 1u << (8 + i);
    }
    TIMER(i, 0x000) = 1;
}

static void count_inside(void)
{
    inside += tp_rings[0].ring[0].depth != 0;
}

void on_low(void)
{
    TIMER(0, 0x140) = 0;
    count_inside();
    if (quiet)
        tp_clock_tick(); /* nobody else reads the clock now */
    else
        trace_m0_low(low++);
}

void on_high(void)
{
    TIMER(1, 0x140) = 0;
    count_inside();
    if (!quiet)
        trace_m0_high(high++);
}

void on_wrap(void)
{
    count_inside();
    if (!quiet)
        trace_m0_wrap(wraps++);
}

static void drain(struct tp_trace *trace, int32_t file)
{
    const void *bytes;
    long n;

    while ((n = tp_pipe_peek(trace, &bytes)) > 0) {
        host_write(file, bytes, (uint32_t)n);
        tp_pipe_consume(trace, (size_t)n);
    }
}

static void interrupts_start(void)
{
    M0_REG(0xe000ed20) = 0x40000000; /* SysTick between ... */
    M0_REG(0xe000e408) = 0x00000080; /* ... TIMER0 (low) and TIMER1 (high) */
    M0_REG(0xe000e014) = 0xffffff;
    SYST_CVR = 0;
    M0_REG(0xe000e010) = 7;
    timer_start(2, 0);
}

/* By the engine's own books. */
static void check_books(struct tp_trace *trace)
{
    struct tp_trace_stats s;
    uint64_t all;

    tp_trace_stats(trace, 0, &s);
    all = s.read + s.unread;
    for (unsigned i = 0; i < 5; i++)
        all += s.lost[i];
    if (all != fired + low + high + wraps || s.unfinished || !s.lost[0])
        host_exit("the books do not balance\n");
}

int main(void)
{
    static const struct tp_config config = {.cpus = 1, .subbuf_bytes = 512};
    struct tp_trace *trace;
    int32_t file = host_create("dump", 4);

    interrupts_start();
    if (tp_trace_open(&trace, region, sizeof(region), &config))
        host_exit("tp_trace_open\n");
    tp_trace_start(trace);
    timer_start(0, 6007);
    timer_start(1, 8447);
    for (int round = 0; round < ROUNDS; round++) {
        uint32_t start;

        for (unsigned i = 0; i < 3000; i++) {
            trace_m0_main(fired++, now());
            if (i % 16 == 0 && i < 2500)
                drain(trace, file);
        }
        quiet = true;
        drain(trace, file);
        for (start = now(); now() - start < QUIET;)
            __asm__ __volatile__("wfi");
        quiet = false;
    }
    __asm__ __volatile__("cpsid i");
    drain(trace, file);
    check_books(trace);
    tp_printk("fired main=%u low=%u high=%u wraps=%u inside=%u", fired, low, high, wraps, inside);
    tp_trace_stop(trace);
    drain(trace, file);
    return 0;
}
