/* SPDX-License-Identifier: MIT */
/*
 * shadow.c - what the hooks in assembly call, on aarch64 and riscv64 (engine/port/.../hooks.S): the records
 * of functions that are entered and that return, and the shadow stack, where a function's return address is
 * kept while the function returns to a hook instead.
 *
 * A shadow stack is a task's (tp_port_shadow), so no other CPU touches it. What interrupts the task pushes and
 * pops on the same one, and leaves it as it was.
 */
#include "function.h"

/* False: there is no shadow stack, it is full, or returns are not recorded. */
static bool shadow_push(uintptr_t ip, uintptr_t back, uintptr_t stack)
{
    struct tp_shadow *s = trace_fn_exit_enabled() ? tp_port_shadow() : NULL;
    uint32_t n;

    if (!s)
        return false;
    n = __atomic_load_n(&s->depth, __ATOMIC_RELAXED);
    if (n == TP_SHADOW_CALLS)
        return false;
    __atomic_store_n(&s->depth, n + 1, __ATOMIC_RELAXED);
    tp_arch_barrier(); /* what interrupts from here on pushes above it */
    s->calls[n] = (struct tp_shadow_call){ip, back, stack};
    return true;
}

/* What has left functions by longjmp has left their calls here, above the one that returns now: that
 * is the one whose stack pointer was the same. */
static struct tp_shadow_call shadow_pop(uintptr_t stack)
{
    struct tp_shadow *s = tp_port_shadow();
    uint32_t n = __atomic_load_n(&s->depth, __ATOMIC_RELAXED);
    struct tp_shadow_call call;

    do
        call = s->calls[--n];
    while (call.stack != stack && n);
    tp_arch_barrier(); /* it has been read */
    __atomic_store_n(&s->depth, n, __ATOMIC_RELAXED);
    return call;
}

/* `ip`: the function that is entered; `back`: where it returns to, `stack`: the stack pointer. Not 0: it must
 * return to the hook, which calls tp_shadow_leave. */
TP_NOTRACE uintptr_t tp_shadow_enter(uintptr_t ip, uintptr_t back, uintptr_t stack)
{
    if (__builtin_expect(function_try(&tp_event_fn_enter, ip), 0))
        tp_function_more(&tp_event_fn_enter, ip);
    return shadow_push(ip, back, stack);
}

/* Returns where the function must return to. */
TP_NOTRACE uintptr_t tp_shadow_leave(uintptr_t stack)
{
    const struct tp_shadow_call call = shadow_pop(stack);

    if (__builtin_expect(function_try(&tp_event_fn_exit, call.ip), 0))
        tp_function_more(&tp_event_fn_exit, call.ip);
    return call.back;
}
