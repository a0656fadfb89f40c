/* SPDX-License-Identifier: MIT */
/* demangle.c - names as C++ and Rust have them in the source: all that libiberty does here. */
#include "model/demangle.h"

#include <libiberty/demangle.h>
#include <setjmp.h>
#include <string.h>

/* Where a name goes. libiberty has no way to stop: when there is no more room it is left by a jump. */
struct demangle_text {
    char *to;
    size_t n, room;
    jmp_buf full;
};

static void demangle_put(const char *text, size_t n, void *context)
{
    struct demangle_text *t = context;
    size_t part = n < t->room - t->n ? n : t->room - t->n;

    memcpy(t->to + t->n, text, part);
    t->n += part;
    if (part < n)
        longjmp(t->full, 1);
}

/* By the function of a language. 0: no, 1: yes, 2: as far as there is room. */
static int demangle_try(struct demangle_text *t,
                        int (*with)(const char *, int, demangle_callbackref, void *),
                        const char *name, int options)
{
    t->n = 0;
    if (setjmp(t->full))
        return 2;
    return with(name, options, demangle_put, t) != 0;
}

static size_t demangle_rust(const char *name, struct demangle_text *t, bool *cut)
{
    int got = demangle_try(t, rust_demangle_callback, name, DMGL_NO_OPTS);

    *cut = got == 2;
    return got ? t->n : 0;
}

/* `_Z1fi.cold`: up to the dot. */
static size_t demangle_cxx(char *name, struct demangle_text *t, bool *cut)
{
    char nothing[1];
    struct demangle_text none = {.to = nothing, .room = 0};
    char *dot = strchr(name, '.');
    int got;

    if (dot)
        *dot = '\0';
    /* Only with parameters it looks at all of a name, and not only whether it begins like one. */
    got = demangle_try(&none, cplus_demangle_v3_callback, name, DMGL_PARAMS);
    if (got)
        got = demangle_try(t, cplus_demangle_v3_callback, name, DMGL_NO_OPTS);
    if (!got || !t->n)
        return 0;
    *cut = got == 2;
    if (dot && !*cut) {
        size_t n = strlen(dot + 1) + 1, part = n < t->room - t->n ? n : t->room - t->n;

        *dot = '.';
        memcpy(t->to + t->n, dot, part);
        t->n += part;
        *cut = part < n;
    }
    return t->n;
}

size_t demangle(const char *name, size_t n, char *to, size_t room, bool *cut)
{
    struct demangle_text t = {.to = to, .room = room};
    char copy[DEMANGLE_BYTES + 1];
    size_t got;

    *cut = false;
    if (n < 3 || n > DEMANGLE_BYTES || name[0] != '_' || (name[1] != 'Z' && name[1] != 'R'))
        return 0;
    memcpy(copy, name, n);
    copy[n] = '\0';
    got = demangle_rust(copy, &t, cut);
    return got ? got : demangle_cxx(copy, &t, cut);
}
