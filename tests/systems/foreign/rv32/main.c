/* SPDX-License-Identifier: MIT */
/*
 * main.c - RISC-V of 32 bits, one hart or two (HARTS) in M mode, QEMU's virt, with the port of engine/port/riscv64: events from
 * each and from its timer, while the first reads the pipe. The lower half of the clock wraps meanwhile. Each event has its
 * number, and the time that the timer's register shows. The dump goes to the host.
 */
#define TP_CREATE
#include <tp/event.h>

#include "../drain.h"
#include <tp/port.h>

TP_EVENT(rv, main, "n=%u t=%llu", u32 n, u64 t)
TP_EVENT(rv, tick, "n=%u t=%llu", u32 n, u64 t)

#define REGISTER(address) (*(volatile uint32_t *)(uintptr_t)(address))
#define CLINT_COMPARE(hart) (0x2004000u + 8 * (hart))
#define CLINT_TIME 0x200bff8u
#define BEFORE_WRAP 0xffc00000u /* 0.4 seconds */
#define AFTER_WRAP 0x100001000u
#define AHEAD 8u
#define PERIOD 3001u
#define ROUNDS 2000u
#define TICKS 50u
#define DRAIN_ROUNDS 16u
#define LOST_ROUNDS 4000u /* nobody reads meanwhile */

void main(uint32_t hart);
void on_trap(void);

uint32_t hart_words[2][8] __attribute__((aligned(64))) = {{[2] = 0, [4] = 1}, {[2] = 1, [4] = 2}};
uint64_t tp_riscv64_clock_hz = 10000000;

static uint8_t region[16 << 10] __attribute__((aligned(64)));
static uint32_t fired[2], ticks[2];
static bool begun, done = HARTS == 1;

void tp_riscv64_preempt(void)
{
}

static uint64_t now(void)
{
    uint32_t high, low;

    do {
        high = REGISTER(CLINT_TIME + 4);
        low = REGISTER(CLINT_TIME);
    } while (REGISTER(CLINT_TIME + 4) != high);
    return (uint64_t)high << 32 | low;
}

static uint32_t count_of(const uint32_t *count)
{
    return __atomic_load_n(count, __ATOMIC_RELAXED);
}

static void count_up(uint32_t *count)
{
    __atomic_store_n(count, *count + 1, __ATOMIC_RELAXED);
}

static void timer_ask(uint32_t hart, uint64_t time)
{
    REGISTER(CLINT_COMPARE(hart) + 4) = UINT32_MAX;
    REGISTER(CLINT_COMPARE(hart)) = (uint32_t)time;
    REGISTER(CLINT_COMPARE(hart) + 4) = (uint32_t)(time >> 32);
}

/* Aligned: the lowest bits of its address are a mode. */
__attribute__((interrupt("machine"), aligned(4))) void on_trap(void)
{
    uint32_t hart = tp_port_cpu(), cause;

    __asm__ __volatile__("csrr %0, mcause" : "=r"(cause));
    if (cause != 0x80000007u)
        tp_semihosting_exit(4);
    hart_words[hart][5]++;
    timer_ask(hart, now() + PERIOD);
    trace_rv_tick(ticks[hart], now());
    count_up(&ticks[hart]);
    hart_words[hart][5]--;
}

static void timer_start(uint32_t hart)
{
    timer_ask(hart, now() + PERIOD);
    __asm__ __volatile__("csrw mie, %0" : : "r"(0x80));
    __asm__ __volatile__("csrs mstatus, %0" : : "r"(0x8));
}

/* However slow the host is, and whichever hart it lets run. */
static bool enough(void)
{
    for (uint32_t hart = 0; hart < HARTS; hart++)
        if (count_of(&fired[hart]) < ROUNDS || count_of(&ticks[hart]) < TICKS)
            return false;
    return now() >= AFTER_WRAP;
}

static void fire(uint32_t hart, struct tp_trace *trace, intptr_t file)
{
    timer_start(hart);
    for (uint32_t i = 0; !enough(); i++) {
        if (hart && fired[1] > count_of(&fired[0]) + AHEAD)
            continue; /* else nearly all that it fires is lost before the other one reads */
        trace_rv_main(fired[hart], now());
        count_up(&fired[hart]);
        if (trace && i % DRAIN_ROUNDS == 0)
            drain(trace, file);
    }
    for (uint32_t i = 0; i < LOST_ROUNDS; i++) {
        trace_rv_main(fired[hart], now());
        count_up(&fired[hart]);
    }
    __asm__ __volatile__("csrc mstatus, %0" : : "r"(0x8) : "memory");
}

void main(uint32_t hart)
{
    static const struct tp_config config = {.cpus = HARTS, .subbuf_bytes = 512, .context = true};
    struct tp_trace *trace;
    intptr_t file;

    if (hart) {
        while (!__atomic_load_n(&begun, __ATOMIC_ACQUIRE))
            ;
        fire(hart, NULL, 0);
        __atomic_store_n(&done, true, __ATOMIC_RELEASE);
        return;
    }
    file = tp_semihosting_open("dump");
    if (file == -1 || tp_trace_open(&trace, region, sizeof(region), &config))
        tp_semihosting_exit(2);
    tp_trace_start(trace);
    REGISTER(CLINT_TIME) = BEFORE_WRAP;
    __atomic_store_n(&begun, true, __ATOMIC_RELEASE);
    fire(hart, trace, file);
    while (!__atomic_load_n(&done, __ATOMIC_ACQUIRE))
        ;
    drain(trace, file);
    tp_printk("fired %u", fired[0] + fired[1] + ticks[0] + ticks[1]);
    tp_trace_stop(trace);
    drain(trace, file);
    tp_semihosting_exit(0);
}
