/* SPDX-License-Identifier: MIT */
/*
 * tp/fn.h - traces the functions of a kernel: an event where each is entered, and one where it
 * returns.
 *
 *     #include <tp/fn.h>
 *
 *     TP_NOTRACE uint32_t cpu_number(void); // what tp_port_cpu() calls
 *     int follow_memory(void);
 *
 *     int follow_memory(void)
 *     {
 *         return tp_fn_select(0x101000, 0x102000, true);
 *     }
 *
 * For a kernel that is compiled with one of the options of doc/functions.md and has $(TP_FUNCTION) of
 * engine/tp.mk. fn:enter and fn:exit are ordinary events: traces choose them, filters and triggers
 * work on `ip`. It knows code addresses, and no names of functions: tpdecode --symbols has those, and
 * tpdecode --functions prints addresses for names.
 *
 * With -finstrument-functions each function calls the hooks of engine/option/function.c, always. Where
 * the compiler leaves nops instead (x86_64, aarch64, riscv64), engine/option/site.c makes those that
 * tp_fn_select selects calls; all others stay nops.
 *
 * A file that defines TP_CREATE must not include this header: engine/option/function.c creates the
 * two events.
 */
#ifndef TP_FN_H
#define TP_FN_H

#include <stdbool.h>
#include <stdint.h>
#include <tp/event.h>

/* ip: of fn:enter the function, of fn:exit an address in it: with -finstrument-functions that of the
 * function, else where it returns. */
TP_EVENT(fn, enter, "%p", ptr ip)
TP_EVENT(fn, exit, "%p", ptr ip)
TP_ROLE(fn, enter, begin, (track, TP_TASK), (name, ip))
TP_ROLE(fn, exit, end, (track, TP_TASK), (name, ip))

/* In the declaration of a function: it is never traced. For what runs before tp_port_cpu() works, what the
 * port calls, what patches code, and what reads the pipe. The second attribute is for
 * -fpatchable-function-entry, which the first does not concern. */
#define TP_NOTRACE __attribute__((__no_instrument_function__)) TP_FN_NO_NOPS
#define TP_FN_NO_NOPS
#if defined(__has_attribute)
#if __has_attribute(__patchable_function_entry__)
#undef TP_FN_NO_NOPS
#define TP_FN_NO_NOPS __attribute__((__patchable_function_entry__(0)))
#endif
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* --- which functions: engine/option/site.c --- */

/*
 * Traces all sites at addresses from `from` up to, not including, `to`, or no longer does. Each entry and
 * each return is a site. Every CPU does so when the call returns; like all that patches code, it must
 * come from where tp_port_patch can wait for the other CPUs.
 *
 * 0; TP_ENOENT: there is no site; TP_EBUSY: not all could be patched now, because the port refused or
 * another call is patching: call again; TP_ELIMIT: a site is more than 2 GiB from the hooks;
 * TP_EINVAL: a site is as the compiler has left it, and tp_fn_prepare was not called, or could not change it.
 * On aarch64 ELIMIT is for 128 MiB.
 */
int tp_fn_select(uintptr_t from, uintptr_t to, bool on);

/* The same for functions whose names match: * and ? as in tp_trace_enable. It needs tp_port_symbol, but for
 * "*". TP_ENOENT: no name matches. */
int tp_fn_select_named(const char *pattern, bool on);

/* The entry of number i, and *on (may be NULL): whether it is traced. 0: there are not so many. */
uintptr_t tp_fn_entry(uint32_t i, bool *on);

/*
 * For -fpatchable-function-entry: makes one nop of the five that gcc leaves on x86_64, and on aarch64 and
 * riscv64, of the first of two, what a call there needs. Once at boot, before any other context can have been
 * interrupted between them. Errors as of tp_fn_select; TP_EINVAL: a site is not at an address that is a
 * multiple of 4 (riscv64), and will not be traced.
 */
int tp_fn_prepare(void);

/*
 * --- the shadow stack: engine/option/shadow.c ---
 *
 * On aarch64 and riscv64 a function whose return is traced returns to a hook, and its own return address is
 * here meanwhile. There is one for each task, all zero at its beginning; tp_port_shadow (tp/port.h) says which.
 * A call that is deeper than it has room for is recorded without its return.
 */
#ifndef TP_SHADOW_CALLS
#define TP_SHADOW_CALLS 48 /* the same in all files */
#endif

struct tp_shadow_call {
    uintptr_t ip, back, stack; /* the function, where it returns to, its stack pointer */
};

struct tp_shadow {
    uint32_t depth;
    struct tp_shadow_call calls[TP_SHADOW_CALLS];
};

#ifdef __cplusplus
}
#endif
#endif
