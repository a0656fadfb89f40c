/* SPDX-License-Identifier: MIT */
/*
 * traced.c - traces the functions of calls.c and writes what is recorded to the file `dump`.
 *
 *     traced TIMES [PATTERN...]
 *
 * With patterns they are sites, of which those whose names match are calls; without, the functions call the hooks by
 * themselves. Says how many of the functions were entered in the end.
 */
#include "calls.h"

#include <tp/port.h>
#include <tp/trace.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static uint8_t region[1 << 16] __attribute__((aligned(64)));

static const struct {
    const char *name;
    unsigned (*function)(unsigned n);
} functions[] = {{"calls_leaf", calls_leaf}, {"calls_quiet", calls_quiet},
                 {"calls_twig", calls_twig}, {"calls_down", calls_down},
                 {"calls_root", calls_root}, {NULL, NULL}};

const char *text_symbol(uintptr_t address)
{
    const char *name = NULL;
    uintptr_t nearest = 0;

    for (int i = 0; functions[i].name; i++) {
        uintptr_t at = (uintptr_t)functions[i].function;

        if (at <= address && at > nearest) {
            nearest = at;
            name = functions[i].name;
        }
    }
    return name;
}

bool text_write(void *site, const void *bytes, size_t n)
{
    uintptr_t page = (uintptr_t)site & ~(uintptr_t)4095;

    if (mprotect((void *)page, 8192, PROT_READ | PROT_WRITE | PROT_EXEC))
        return false;
    memcpy(site, bytes, n);
    return true;
}

static void must(int err)
{
    if (err) {
        fprintf(stderr, "%s\n", tp_strerror(err));
        exit(1);
    }
}

static void write_all(struct tp_trace *t)
{
    FILE *out = fopen("dump", "wb");
    char buffer[700];
    long n;

    while ((n = tp_pipe_read(t, buffer, sizeof(buffer))) > 0)
        fwrite(buffer, 1, (size_t)n, out);
    if (n || fclose(out))
        must(TP_EINVAL);
}

#ifdef SITES
static void choose(char **patterns)
{
    uintptr_t entry;
    bool on;

    printf("unprepared %s\n", tp_strerror(tp_fn_select_named("*", true)));
    must(tp_fn_select_named("*", false) == TP_EINVAL ? tp_fn_prepare() : 0);
    must(tp_fn_select_named("*", false));
    for (uint32_t i = 0; (entry = tp_fn_entry(i, &on)); i++)
        printf("site %s%s\n", text_symbol(entry),
               on                                             ? " is on"
               : memcmp((void *)entry, "\x0f\x1f\x44\x00", 4) ? " is no nop"
                                                              : "");
    if (tp_fn_select_named("nothing", true) != TP_ENOENT || tp_fn_select(1, 2, true) != TP_ENOENT)
        must(TP_EEXIST);
    for (; *patterns; patterns++)
        must(tp_fn_select_named(*patterns, true));
    for (uint32_t i = 0; (entry = tp_fn_entry(i, &on)); i++)
        if (on)
            printf("on %s\n", text_symbol(entry));
}
#else
static void choose(char **patterns)
{
    (void)patterns;
}
#endif

int main(int argc, char **argv)
{
    const struct tp_config config = {
        .name = "functions", .cpus = 1, .subbuf_bytes = 4096, .subbufs = 8, .context = true};
    struct tp_trace *t;

    if (argc < 2)
        return 2;
    tp_hosted_cpu = 0;
    tp_hosted_context = tp_context(7, 0, 0);
    must(tp_trace_open(&t, region, sizeof(region), &config));
    choose(argv + 2);
    must(tp_trace_start(t));
    for (int i = 0; i < atoi(argv[1]); i++)
        calls_root((unsigned)i);
    must(tp_trace_stop(t));
    calls_root(0); /* nothing records it */
    write_all(t);
    return 0;
}
