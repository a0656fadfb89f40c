/* SPDX-License-Identifier: MIT */
/* The hosted port's clock. */
#include "port.h"

#include <time.h>
#if defined(__linux__)
#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

__thread uint32_t tp_hosted_cpu = TP_HOSTED_NO_CPU;
__thread uint64_t tp_hosted_context;

uint64_t tp_hosted_clock(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

#ifdef tp_port_barrier_all
bool tp_hosted_barrier_all(void)
{
    static bool asked;

    if (!asked) {
        if (syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0))
            return false;
        asked = true;
    }
    return !syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0);
}
#endif

#if defined(__x86_64__)
/* Counts against CLOCK_MONOTONIC for 20 ms; good to about a hundredth of a percent. */
uint64_t tp_hosted_clock_hz(void)
{
    static uint64_t hz;
    uint64_t ns, ns0, ticks0;

    if (hz)
        return hz;
    ns0 = tp_hosted_clock();
    ticks0 = tp_port_clock();
    do
        ns = tp_hosted_clock() - ns0;
    while (ns < 20000000);
    hz = (uint64_t)((unsigned __int128)(tp_port_clock() - ticks0) * 1000000000u / ns);
    return hz;
}
#elif defined(__aarch64__)
uint64_t tp_hosted_clock_hz(void)
{
    uint64_t hz;

    __asm__("mrs %0, cntfrq_el0" : "=r"(hz));
    return hz;
}
#else
uint64_t tp_hosted_clock_hz(void)
{
    return 1000000000;
}
#endif
