/* SPDX-License-Identifier: MIT */
/*
 * main.c - a Cortex-M3 (mps2-an385) with the port of engine/port/cortex-m: events from main, from SysTick, whose
 * period of 1 ms is the clock's too, from an interrupt of priority 0, which nothing masks but PRIMASK, and from NMIs
 * that main and the interrupt ask for. Now and then interrupts are off while a period ends. Each event has
 * its number, and the time that an independent timer shows. The dump goes to the host.
 */
#define TP_CREATE
#include <tp/event.h>

#include "../drain.h"
#include <tp/port.h>

TP_EVENT(m3, main, "n=%u t=%u", u32 n, u32 t)
TP_EVENT(m3, high, "n=%u t=%u", u32 n, u32 t)
TP_EVENT(m3, nmi, "n=%u t=%u", u32 n, u32 t)
TP_EVENT(m3, tick, "n=%u t=%u", u32 n, u32 t)

#define REGISTER(address) (*(volatile uint32_t *)(uintptr_t)(address))
#define TIMER(i, offset) REGISTER(0x40000000 + 0x1000 * (i) + (offset))
#define SYSTICK(offset) REGISTER(0xe000e010 + (offset))
#define ICSR REGISTER(0xe000ed04)
#define ASK_NMI (1u << 31)
#define HZ 25000000u
#define ROUNDS 24000u
#define DRAIN_ROUNDS 16u
#define NMI_ROUNDS 7u
#define MASKED_ROUNDS 300u
#define MASKED_TIME 30000u /* a period is 25000 */
#define LOSING_ROUNDS 20000u

int main(void);
void on_tick(void);
void on_high(void);
void on_nmi(void);

static uint8_t region[8384] __attribute__((aligned(64)));
static unsigned fired, high, nmis, ticks, inside;
static volatile bool over, firing;

static uint32_t now(void)
{
    return UINT32_MAX - TIMER(1, 0x4);
}

static void count_inside(void)
{
    inside += firing;
}

void on_tick(void)
{
    tp_cortex_m_tick();
    count_inside();
    if (!over)
        trace_m3_tick(ticks++, now());
}

void on_high(void)
{
    TIMER(0, 0xc) = 1;
    count_inside();
    if (over)
        return;
    trace_m3_high(high++, now());
    if (high % NMI_ROUNDS == 0)
        ICSR = ASK_NMI;
}

void on_nmi(void)
{
    count_inside();
    if (!over)
        trace_m3_nmi(nmis++, now());
}

static void interrupts_start(void)
{
    TIMER(1, 0x8) = UINT32_MAX;
    TIMER(1, 0x4) = UINT32_MAX;
    TIMER(1, 0x0) = 1;
    TIMER(0, 0x8) = 6007; /* odd, so that it comes everywhere */
    TIMER(0, 0x0) = 9;
    REGISTER(0xe000ed20) = 0x40000000; /* SysTick below the interrupt, which has 0 */
    REGISTER(0xe000e100) = 1u << 8;
    SYSTICK(4) = HZ / 1000 - 1;
    SYSTICK(8) = 0;
    SYSTICK(0) = 7;
}

/* From just after a tick until after the next one, which has to wait: nobody reads the clock meanwhile. */
static void masked(void)
{
    const unsigned before = ticks;
    uint32_t start;

    while (*(volatile unsigned *)&ticks == before)
        ;
    __asm__ __volatile__("cpsid i" : : : "memory");
    for (start = now(); now() - start < MASKED_TIME;)
        ;
    trace_m3_main(fired++, now());
    ICSR = ASK_NMI;
    trace_m3_main(fired++, now());
    __asm__ __volatile__("cpsie i" : : : "memory");
}

int main(void)
{
    static const struct tp_config config = {.cpus = 1, .subbuf_bytes = 512, .context = true};
    struct tp_trace *trace;
    intptr_t file = tp_semihosting_open("dump");

    tp_cortex_m_clock_hz = HZ;
    if (file == -1 || tp_trace_open(&trace, region, sizeof(region), &config))
        tp_semihosting_exit(2);
    tp_trace_start(trace);
    interrupts_start();
    for (unsigned i = 0; i < ROUNDS; i++) {
        firing = true;
        trace_m3_main(fired++, now());
        firing = false;
        if (i % NMI_ROUNDS == 0)
            ICSR = ASK_NMI;
        if (i % MASKED_ROUNDS == 0)
            masked();
        if (i % DRAIN_ROUNDS == 0 && i < LOSING_ROUNDS)
            drain(trace, file);
    }
    over = true;
    __asm__ __volatile__("cpsid i");
    drain(trace, file);
    tp_printk("fired main=%u high=%u nmi=%u tick=%u inside=%u", fired, high, nmis, ticks, inside);
    tp_trace_stop(trace);
    drain(trace, file);
    return 0;
}
