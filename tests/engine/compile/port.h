/* SPDX-License-Identifier: MIT */
/*
 * A port to nothing: what the engine needs, from variables that nobody defines.
 * For tests that compile but do not run; the names also tell tests/engine/compile/matrix.sh
 * which undefined symbols are the port's.
 */
#ifndef TP_PORT_STUB_H
#define TP_PORT_STUB_H

#include <stdbool.h>
#include <stdint.h>

extern volatile uint32_t tp_port_stub_cpu;
extern volatile uint32_t tp_port_stub_clock[2]; /* low, high */
extern volatile uint32_t tp_port_stub_pinned;
extern volatile uint32_t tp_port_stub_masked;
extern volatile uint32_t tp_port_stub_rung;
extern void *volatile tp_port_stub_patched;

#define tp_port_cpu tp_port_cpu
static inline uint32_t tp_port_cpu(void)
{
    return tp_port_stub_cpu;
}

#ifdef TP_STUB_BITS
#define tp_port_clock_bits TP_STUB_BITS
static inline uint32_t tp_port_counter(void)
{
    return tp_port_stub_clock[0];
}
#else
#define tp_port_clock tp_port_clock
static inline uint64_t tp_port_clock(void)
{
    uint32_t low = tp_port_stub_clock[0];

    return low | (uint64_t)tp_port_stub_clock[1] << 32;
}
#endif

#define tp_port_clock_hz tp_port_clock_hz
static inline uint64_t tp_port_clock_hz(void)
{
    return 1000000;
}

#define tp_port_pin tp_port_pin
static inline void tp_port_pin(void)
{
    tp_port_stub_pinned = tp_port_stub_pinned + 1;
}

#define tp_port_unpin tp_port_unpin
static inline void tp_port_unpin(void)
{
    tp_port_stub_pinned = tp_port_stub_pinned - 1;
}

#define tp_port_context tp_port_context
static inline uint64_t tp_port_context(void)
{
    return 1;
}

#ifdef TP_STUB_LEAF
#define tp_port_leaf
#endif

#ifdef TP_STUB_DOORBELL
#define tp_port_doorbell tp_port_doorbell
static inline void tp_port_doorbell(unsigned trace)
{
    tp_port_stub_rung = trace;
}
#endif

#ifdef TP_STUB_PATCH
#include <stddef.h>
#define tp_port_patch tp_port_patch
static inline bool tp_port_patch(void *site, const void *bytes, size_t n)
{
    tp_port_stub_patched = site;
    return bytes && n;
}
#endif

#ifdef TP_STUB_MASK
#define tp_port_mask tp_port_mask
static inline uintptr_t tp_port_mask(void)
{
    uint32_t was = tp_port_stub_masked;

    tp_port_stub_masked = 1;
    return was;
}

static inline void tp_port_unmask(uintptr_t was)
{
    tp_port_stub_masked = (uint32_t)was;
}
#endif

#endif
