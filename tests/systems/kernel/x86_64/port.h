/* SPDX-License-Identifier: MIT */
/*
 * The test kernel's port: that of x86-64 as it is, and, around it, what a kernel may add: a doorbell,
 * code patching, and hooks that fire events themselves when a test asks for that.
 */
#ifndef KERNEL_PORT_H
#define KERNEL_PORT_H

#include "engine/port/x86_64/port.h"

void bell_ring(unsigned trace); /* bell.c */
void hook_context(void);        /* hook.c */
void hook_clock(void);
extern bool hook_in_context, hook_in_clock;

#define tp_port_doorbell tp_port_doorbell
static inline void tp_port_doorbell(unsigned trace)
{
    bell_ring(trace);
}

bool patch_text(void *site, const void *bytes, size_t n); /* patch.c */

#define tp_port_patch tp_port_patch
static inline bool tp_port_patch(void *site, const void *bytes, size_t n)
{
    return patch_text(site, bytes, n);
}

static inline uint64_t kernel_port_context(void)
{
    if (__builtin_expect(hook_in_context, 0))
        hook_context();
    return tp_port_context();
}
#undef tp_port_context
#define tp_port_context kernel_port_context

static inline uint64_t kernel_port_clock(void)
{
    if (__builtin_expect(hook_in_clock, 0))
        hook_clock();
    return tp_port_clock();
}
#undef tp_port_clock
#undef tp_port_clock_halves
#define tp_port_clock kernel_port_clock

#endif
