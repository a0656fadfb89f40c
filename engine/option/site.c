/* SPDX-License-Identifier: MIT */
/*
 * Functions that are traced by patching: the nops that the compiler leaves where they are entered and
 * where they return become calls of the hooks below.
 *
 * The compiler lists its nops in sections. Nothing is kept of what is selected: a site's code says
 * whether it is a call. The hooks are C: a function that saves each register that it uses may be
 * called from anywhere. Since it saves no vector registers, gcc wants -mgeneral-regs-only here, and a
 * kernel is compiled so as a whole.
 */
#include "function.h" /* first: it decides how pins end */

#include "../control/control.h"
#include "../control/patch.h"

#define SITE_BYTES 5
#define SITE_HOOK __attribute__((__no_caller_saved_registers__))

static const uint8_t site_nop[SITE_BYTES] = TP_X86_NOP;
static const uint8_t site_nops[SITE_BYTES] = {0x90, 0x90, 0x90, 0x90, 0x90};

/* Weak: an image has the sections of the options that it is compiled with. */
#define SITE_SECTION(name)                                                                         \
    extern const uintptr_t __start_##name[] __attribute__((__weak__, __visibility__("hidden")));   \
    extern const uintptr_t __stop_##name[] __attribute__((__weak__, __visibility__("hidden")));
SITE_SECTION(__mcount_loc)
SITE_SECTION(__patchable_function_entries)
SITE_SECTION(__return_loc)

/* --- the hooks --- */

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

static const struct site_list {
    const uintptr_t *from, *to;
    void (*hook)(void); /* called from code, never from C */
} site_lists[] = {
    {__start___mcount_loc, __stop___mcount_loc, (void (*)(void))site_enter},
    {__start___patchable_function_entries, __stop___patchable_function_entries,
     (void (*)(void))site_enter},
    {__start___return_loc, __stop___return_loc, (void (*)(void))site_exit},
};
#define SITE_LISTS (sizeof(site_lists) / sizeof(site_lists[0]))
#define SITE_LISTS_OF_ENTRIES 2

/* --- patching --- */

static bool site_is_call(uintptr_t site)
{
    return *(const uint8_t *)site == TP_X86_CALL;
}

static int site_patch(uintptr_t site, void (*hook)(void), bool on)
{
    uint8_t call[SITE_BYTES];

    if (tp_memory_same((const void *)site, site_nops, SITE_BYTES))
        return TP_EINVAL;
    if (site_is_call(site) == on)
        return 0;
    if (!tp_x86_jump(call, (int64_t)((uintptr_t)hook - site)))
        return TP_ELIMIT;
    call[0] = TP_X86_CALL;
    return tp_port_patch((void *)site, on ? call : site_nop, SITE_BYTES) ? 0 : TP_EBUSY;
}

/* By address, and by the name of the function if there is a pattern. */
struct site_choice {
    uintptr_t from, to;
    const char *pattern;
};

static bool site_is_named(const char *pattern, uintptr_t site)
{
    const char *name = tp_port_symbol(site);

    return name && tp_filter_glob(pattern, tp_memory_text(pattern), name, tp_memory_text(name));
}

static bool site_is_meant(const struct site_choice *c, uintptr_t site)
{
    return site >= c->from && site < c->to && (!c->pattern || site_is_named(c->pattern, site));
}

static int site_patch_list(const struct site_list *l, const struct site_choice *c, bool on,
                           bool *any)
{
    int all = 0;

    for (const uintptr_t *s = l->from; s != l->to; s++) {
        int err = site_is_meant(c, *s) ? site_patch(*s, l->hook, on) : 0;

        *any |= site_is_meant(c, *s);
        if (err)
            all = err;
    }
    return all;
}

static int site_select(const struct site_choice *c, bool on)
{
    bool any = false;
    int all = 0;

    if (!tp_patch_begin())
        return TP_EBUSY;
    for (unsigned i = 0; i < SITE_LISTS; i++) {
        int err = site_patch_list(&site_lists[i], c, on, &any);

        if (err)
            all = err;
    }
    tp_patch_end();
    return any ? all : TP_ENOENT;
}

int tp_fn_select(uintptr_t from, uintptr_t to, bool on)
{
    return site_select(&(struct site_choice){from, to, NULL}, on);
}

int tp_fn_select_named(const char *pattern, bool on)
{
    const bool all = pattern[0] == '*' && !pattern[1];

    return site_select(&(struct site_choice){0, UINTPTR_MAX, all ? NULL : pattern}, on);
}

uintptr_t tp_fn_entry(uint32_t i, bool *on)
{
    for (unsigned list = 0; list < SITE_LISTS_OF_ENTRIES; list++) {
        const struct site_list *l = &site_lists[list];

        if (i < (uint32_t)(l->to - l->from)) {
            if (on)
                *on = site_is_call(l->from[i]);
            return l->from[i];
        }
        i -= (uint32_t)(l->to - l->from);
    }
    return 0;
}

int tp_fn_prepare(void)
{
    int all = 0;

    for (unsigned list = 0; list < SITE_LISTS; list++)
        for (const uintptr_t *s = site_lists[list].from; s != site_lists[list].to; s++)
            if (tp_memory_same((const void *)*s, site_nops, SITE_BYTES) &&
                !tp_port_patch((void *)*s, site_nop, SITE_BYTES))
                all = TP_EBUSY;
    return all;
}
