/* SPDX-License-Identifier: MIT */
/*
 * hooks.h - for the ports of all boards: a doorbell, and hooks that fire events themselves when a test
 * asks for that, around what the board's port has. With KERNEL_NO_HOOKS only the doorbell.
 */
#ifndef KERNEL_HOOKS_H
#define KERNEL_HOOKS_H

void bell_ring(unsigned trace); /* bell.c */
void hook_context(void);        /* hook.c */
void hook_clock(void);
extern bool hook_in_context, hook_in_clock;

#define tp_port_doorbell tp_port_doorbell
static inline void tp_port_doorbell(unsigned trace)
{
    bell_ring(trace);
}

#ifndef KERNEL_NO_HOOKS
static inline uint64_t kernel_port_context(void)
{
    if (__builtin_expect(hook_in_context, 0))
        hook_context();
    return tp_port_context();
}
#undef tp_port_context
#define tp_port_context kernel_port_context

#ifndef tp_port_clock_bits /* else the engine makes a clock of the port's counter */
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
#endif

#endif
