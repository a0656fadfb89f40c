/* SPDX-License-Identifier: MIT */
/*
 * systick.c - a clock of 64 bits from SysTick: periods that its handler has counted, and what the counter
 * has counted since. Of two places for the sum of the periods the handler writes the one that is not
 * in use, so that a context that interrupts it, or is interrupted by it, reads a whole one.
 */
#include <tp/port.h>

#include <tp/inner/arch.h>

uint32_t tp_cortex_m_clock_hz;

static uint64_t systick_sum[2];
static uint32_t systick_periods; /* its lowest bit says which of them */
static tp_word systick_last;     /* the latest time that was read, its lower 32 bits */

static uint32_t systick_period(void)
{
    return TP_CORTEX_M_RELOAD + 1u;
}

void tp_cortex_m_tick(void)
{
    const uint32_t next = systick_periods + 1;

    systick_sum[next & 1] = systick_sum[systick_periods & 1] + systick_period();
    __atomic_store_n(&systick_periods, next, __ATOMIC_RELEASE);
    tp_cortex_m_clock(); /* at least once in a period */
}

static void systick_read(uint32_t time)
{
    tp_word last;

    do {
        last = __atomic_load_n(&systick_last, __ATOMIC_RELAXED);
        if ((int32_t)(time - (uint32_t)last) <= 0)
            return;
    } while (!tp_arch_local_cas(&systick_last, last, time));
}

/*
 * While the handler is pending the counter has begun anew, and the period is not counted. The counter is
 * read between two looks that agree: so it began before both or after both. A period begins where 0
 * is reached, which is when it is pending.
 *
 * A time before the last one is of a context that has interrupted the handler before its count. `last`
 * is loaded first, so what another context reads meanwhile does not look like that.
 */
uint64_t tp_cortex_m_clock(void)
{
    const uint32_t period = systick_period();

    for (;;) {
        uint32_t last = (uint32_t)__atomic_load_n(&systick_last, __ATOMIC_ACQUIRE);
        uint32_t periods = __atomic_load_n(&systick_periods, __ATOMIC_ACQUIRE);
        uint32_t pending = TP_CORTEX_M_ICSR & TP_CORTEX_M_PENDING;
        uint32_t left = TP_CORTEX_M_COUNT;
        uint64_t time = systick_sum[periods & 1] + (left ? period - left : 0);

        if ((TP_CORTEX_M_ICSR & TP_CORTEX_M_PENDING) != pending ||
            __atomic_load_n(&systick_periods, __ATOMIC_ACQUIRE) != periods)
            continue;
        if (pending || (int32_t)((uint32_t)time - last) < 0)
            time += period;
        systick_read((uint32_t)time);
        return time;
    }
}
