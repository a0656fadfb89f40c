/* SPDX-License-Identifier: MIT */
/*
 * The hosted port: an ordinary process. A thread is a CPU, a signal is an
 * interrupt. Each thread that fires events says once which CPU it is; no two
 * threads may be the same CPU at the same time. What fires on a thread that
 * has not said so, in a signal for instance, is counted by tp_trace_strangers().
 *
 *     tp_hosted_cpu = 1;
 *
 * The counter is the processor's own where a process may read it, else
 * CLOCK_MONOTONIC.
 */
#ifndef TP_PORT_HOSTED_H
#define TP_PORT_HOSTED_H

#include <stdbool.h>
#include <stdint.h>
#include <tp/wire.h>

#define TP_HOSTED_NO_CPU UINT32_MAX
extern __thread uint32_t tp_hosted_cpu __attribute__((tls_model("initial-exec")));
/* As tp_context() makes it. */
extern __thread uint64_t tp_hosted_context __attribute__((tls_model("initial-exec")));

uint64_t tp_hosted_clock(void); /* CLOCK_MONOTONIC in nanoseconds */
uint64_t tp_hosted_clock_hz(void);

#define TP_PORT_NAME hosted
#define tp_port_leaf

#if defined(__linux__) && !defined(__SANITIZE_THREAD__)
bool tp_hosted_barrier_all(void); /* membarrier(2) */
#define tp_port_barrier_all tp_hosted_barrier_all
#endif

#define tp_port_cpu tp_port_cpu
static inline uint32_t tp_port_cpu(void)
{
    return tp_hosted_cpu;
}

#if defined(__x86_64__)
#define tp_port_clock_halves tp_port_clock_halves
static inline uint32_t tp_port_clock_halves(uint32_t *high)
{
    uint32_t low;

    __asm__ __volatile__("rdtsc" : "=a"(low), "=d"(*high));
    return low;
}
#endif

#define tp_port_clock tp_port_clock
static inline uint64_t tp_port_clock(void)
{
#if defined(__x86_64__)
    uint32_t high, low = tp_port_clock_halves(&high);

    return (uint64_t)high << 32 | low;
#elif defined(__aarch64__)
    uint64_t v;

    __asm__ __volatile__("isb; mrs %0, cntvct_el0" : "=r"(v)); /* isb: else it may be read early */
    return v;
#else
    return tp_hosted_clock();
#endif
}

#define tp_port_clock_hz tp_port_clock_hz
static inline uint64_t tp_port_clock_hz(void)
{
    return tp_hosted_clock_hz();
}

#if defined(__x86_64__)
#define tp_port_clock_name "tsc"
#elif defined(__aarch64__)
#define tp_port_clock_name "cntvct"
#else
#define tp_port_clock_name "monotonic"
#endif

#define tp_port_context tp_port_context
static inline uint64_t tp_port_context(void)
{
    return tp_hosted_context;
}

#endif
