/* SPDX-License-Identifier: MIT */
/*
 * How fast the TSC counts, measured against the 8254 timer. Channel 0, because
 * the gate of channel 2 sits in a port that some machines do not have.
 */
#include <tp/port.h>

#define PIT_HZ 1193182u
#define PIT_COUNT 5966u /* 5 ms */
#define PIT_DATA 0x40
#define PIT_COMMAND 0x43
#define PIT_ONE_SHOT 0x30     /* channel 0, low then high byte, mode 0 */
#define PIT_READ_STATUS 0xe2  /* channel 0, status only */
#define PIT_OUT 0x80          /* status: the count is over */
#define PIT_UNLOADED 0x40     /* status: the count has not begun */
#define PIT_POLLS_MAX 1000000 /* no PIT answers, or one that does not run */
#define TRIES_MAX 20
#define AGREE_SHIFT 8 /* two measurements are the same if they differ by less than 1 in 2^8 */

uint64_t tp_x86_tsc_hz;

static void tsc_out(uint16_t port, uint8_t value)
{
    __asm__ __volatile__("outb %0, %1" : : "a"(value), "Nd"(port));
}

static uint8_t tsc_in(uint16_t port)
{
    uint8_t value;

    __asm__ __volatile__("inb %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

/* Counts of the TSC while the PIT counts down once; 0: it does not. */
static uint64_t tsc_measure(void)
{
    uint64_t start;

    tsc_out(PIT_COMMAND, PIT_ONE_SHOT);
    tsc_out(PIT_DATA, PIT_COUNT & 0xff);
    start = tp_port_clock(); /* before it counts, so that a disturbance cannot shorten the time */
    tsc_out(PIT_DATA, PIT_COUNT >> 8);
    for (int i = 0; i < PIT_POLLS_MAX; i++) {
        tsc_out(PIT_COMMAND, PIT_READ_STATUS);
        if ((tsc_in(PIT_DATA) & (PIT_OUT | PIT_UNLOADED)) == PIT_OUT)
            return tp_port_clock() - start;
    }
    return 0;
}

/* The shortest, once another agrees: whatever disturbs a measurement makes it longer. */
uint64_t tp_x86_tsc_calibrate(void)
{
    uint64_t best = 0;

    for (int i = 0; i < TRIES_MAX; i++) {
        uint64_t counts = tsc_measure();
        uint64_t apart = counts < best ? best - counts : counts - best;

        if (!counts)
            return 0;
        if (!best || counts < best)
            best = counts;
        if (apart <= best >> AGREE_SHIFT)
            break;
    }
    return best * PIT_HZ / PIT_COUNT;
}
