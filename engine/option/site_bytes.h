/* SPDX-License-Identifier: MIT */
/*
 * site_bytes.h - what a site is on x86_64, for site.c: a nop of five bytes, or a call of one of the
 * hooks below.
 *
 * The hooks are C: a function that saves each register that it uses may be called from anywhere. Since
 * it saves no vector registers, gcc wants -mgeneral-regs-only here, and a kernel is compiled so as a
 * whole.
 */
#ifndef TP_ENGINE_SITE_BYTES_H
#define TP_ENGINE_SITE_BYTES_H

#include "../control/control.h"
#include "../control/patch.h"
#include "function.h"

#define SITE_BYTES 5
#define SITE_HOOK __attribute__((__no_caller_saved_registers__))

static const uint8_t site_nop[SITE_BYTES] = TP_X86_NOP;
static const uint8_t site_nops[SITE_BYTES] = {0x90, 0x90, 0x90, 0x90, 0x90};

static __attribute__((__noinline__, __cold__)) SITE_HOOK void site_more(struct tp_event *e,
                                                                        uintptr_t ip)
{
    tp_function_more(e, ip);
}

/* The return address is the one after the call. */
static SITE_HOOK void site_enter(void)
{
    uintptr_t ip = (uintptr_t)__builtin_return_address(0) - SITE_BYTES;

    if (__builtin_expect(function_try(&tp_event_fn_enter, ip), 0))
        site_more(&tp_event_fn_enter, ip);
}

static SITE_HOOK void site_exit(void)
{
    uintptr_t ip = (uintptr_t)__builtin_return_address(0) - SITE_BYTES;

    if (__builtin_expect(function_try(&tp_event_fn_exit, ip), 0))
        site_more(&tp_event_fn_exit, ip);
}

static inline bool site_is_call(uintptr_t site)
{
    return *(const uint8_t *)site == TP_X86_CALL;
}

/* As the compiler has left it, and not to be patched while it is. */
static inline bool site_is_raw(uintptr_t site)
{
    return tp_memory_same((const void *)site, site_nops, SITE_BYTES);
}

static inline int site_prepare(uintptr_t site, void (*hook)(void))
{
    (void)hook;
    return tp_port_patch((void *)site, site_nop, SITE_BYTES) ? 0 : TP_EBUSY;
}

static inline int site_write(uintptr_t site, void (*hook)(void), bool on)
{
    uint8_t call[SITE_BYTES];

    if (!tp_x86_jump(call, (int64_t)((uintptr_t)hook - site)))
        return TP_ELIMIT;
    call[0] = TP_X86_CALL;
    return tp_port_patch((void *)site, on ? call : site_nop, SITE_BYTES) ? 0 : TP_EBUSY;
}

#endif
