/* SPDX-License-Identifier: MIT */
/*
 * site.c - functions that are traced by patching: the nops that the compiler leaves where they are entered
 * and, on x86_64, where they return become calls of hooks.
 *
 * The compiler lists its nops in sections. Nothing is kept of what is selected: a site's code says
 * whether it is a call. What that code is on each processor is in site_bytes.h and site_words.h.
 */
#include "function.h" /* first: it decides how pins end */

#include "../control/control.h"
#if defined(__x86_64__)
#include "site_bytes.h"
#else
#include "site_words.h"
#endif

/* Weak: an image has the sections of the options that it is compiled with. */
#define SITE_SECTION(name)                                                                         \
    extern const uintptr_t __start_##name[] __attribute__((__weak__, __visibility__("hidden")));   \
    extern const uintptr_t __stop_##name[] __attribute__((__weak__, __visibility__("hidden")));
SITE_SECTION(__mcount_loc)
SITE_SECTION(__patchable_function_entries)
SITE_SECTION(__return_loc)

static const struct site_list {
    const uintptr_t *from, *to;
    void (*hook)(void); /* called from code, never from C */
} site_lists[] = {
#if defined(__x86_64__)
    {__start___mcount_loc, __stop___mcount_loc, (void (*)(void))site_enter},
    {__start___patchable_function_entries, __stop___patchable_function_entries,
     (void (*)(void))site_enter},
    {__start___return_loc, __stop___return_loc, (void (*)(void))site_exit},
#define SITE_LISTS_OF_ENTRIES 2
#else
    {__start___patchable_function_entries, __stop___patchable_function_entries, tp_site_enter},
#define SITE_LISTS_OF_ENTRIES 1
#endif
};
#define SITE_LISTS (sizeof(site_lists) / sizeof(site_lists[0]))

/* --- patching --- */

static int site_patch(uintptr_t site, void (*hook)(void), bool on)
{
    if (site_is_raw(site))
        return TP_EINVAL;
    return site_is_call(site) == on ? 0 : site_write(site, hook, on);
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

    for (unsigned list = 0; list < SITE_LISTS; list++) {
        const struct site_list *l = &site_lists[list];

        for (const uintptr_t *s = l->from; s != l->to; s++) {
            int err = site_is_raw(*s) ? site_prepare(*s, l->hook) : 0;

            if (err)
                all = err;
        }
    }
    return all;
}
