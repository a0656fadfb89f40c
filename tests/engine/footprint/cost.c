/* SPDX-License-Identifier: MIT */
/*
 * cost.c - instructions of an event on a Cortex-M3 that QEMU runs with -icount shift=0, where one takes a
 * nanosecond: the time of many, by SysTick, which counts down at 25 MHz. Prints `NAME NUMBER`.
 */
#define TP_CREATE
#include <tp/event.h>

#include <tp/trace.h>

TP_EVENT(cost, two, "a=%u b=%u", u32 a, u32 b)

void put(const char *text); /* by the machine */

volatile uint32_t footprint_clock;

#define EVENTS 5000u
#define TICK_INSTRUCTIONS 40u

static volatile uint32_t *const systick = (volatile uint32_t *)0xe000e010;
static uint8_t region[256 << 10] __attribute__((aligned(64)));

static void report(const char *name, uint32_t n)
{
    char digits[12];
    unsigned i = sizeof(digits) - 1;

    digits[i] = 0;
    do
        digits[--i] = (char)('0' + n % 10);
    while ((n /= 10) > 0);
    put(name);
    put(" ");
    put(digits + i);
    put("\n");
}

static uint32_t of_all(bool fire)
{
    uint32_t began = systick[2];

    for (uint32_t i = 0; i < EVENTS; i++) {
        __asm__ __volatile__("" : "+r"(i) : : "memory");
        if (fire)
            trace_cost_two(i, 2);
    }
    return (began - systick[2]) & 0xffffffu;
}

/* Rounded, without the loop. */
static uint32_t of_each(void)
{
    return ((of_all(true) - of_all(false)) * TICK_INSTRUCTIONS + EVENTS / 2) / EVENTS;
}

static int measure(const char *name, struct tp_config config)
{
    struct tp_trace *t;

    config.cpus = 1;
    config.name = "cost";
    if (tp_trace_open(&t, region, sizeof(region), &config))
        return 1;
    if (config.subbuf_bytes > 512 && tp_trace_start(t))
        return 1;
    if (config.subbuf_bytes == 512 && (tp_trace_start(t) || !of_all(true))) /* it is full */
        return 1;
    report(name, of_each());
    return tp_trace_stop(t) || tp_trace_close(t);
}

int main(void)
{
    systick[1] = 0xffffff;
    systick[2] = 0;
    systick[0] = 5; /* on, by the processor's clock */
    report("instructions of an event that is off", of_each());
    return measure("instructions of an event, 16 bytes",
                   (struct tp_config){.subbuf_bytes = 4096, .subbufs = 32}) ||
           measure("instructions of an event with context, 24 bytes",
                   (struct tp_config){.subbuf_bytes = 4096, .subbufs = 32, .context = true}) ||
           measure("instructions of an event in a flight recorder",
                   (struct tp_config){.subbuf_bytes = 4096, .subbufs = 8, .mode = TP_OVERWRITE}) ||
           measure("instructions of an event that is refused",
                   (struct tp_config){.subbuf_bytes = 512, .subbufs = 2});
}
