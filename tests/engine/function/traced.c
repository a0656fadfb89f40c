/* SPDX-License-Identifier: MIT */
/*
 * traced.c - traces the functions of calls.c and writes what is recorded to the file `dump`.
 *
 *     traced TIMES [PATTERN...]
 *
 * Or, if TIMES is 0, those of registers.c, all of which have one name. With patterns they are sites, of which those
 * whose names match are calls; without, the functions call the hooks by themselves. Says how many of the
 * functions were entered in the end.
 */
#include "calls.h"

#include <tp/port.h>
#include <tp/trace.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define PAGE 4096u
#define NOP_BYTES 4 /* of the first instruction that says whether it is one */
#if defined(__x86_64__)
#define NOP "\x0f\x1f\x44\x00"
#define NOP_AT 0
#elif defined(__aarch64__)
#define NOP "\x1f\x20\x03\xd5"
#define NOP_AT 4
#else
#define NOP "\x13\x00\x00\x00"
#define NOP_AT 4
#endif

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
    for (int i = 0; registers_functions[i]; i++) {
        uintptr_t at = (uintptr_t)registers_functions[i];

        if (at <= address && at > nearest) {
            nearest = at;
            name = "registers";
        }
    }
    return name;
}

/* All that a function may overwrite: what the hooks in assembly do not save is lost, whatever the
 * compiler uses. */
static void text_overwrite(void)
{
#if defined(__aarch64__)
    __asm__ __volatile__("mov x0, #-1\n\tmov x1, x0\n\tmov x2, x0\n\tmov x3, x0\n\tmov x4, x0\n\t"
                         "mov x5, x0\n\tmov x6, x0\n\tmov x7, x0\n\tmov x8, x0\n\tmov x9, x0\n\t"
                         "mov x10, x0\n\tmov x18, x0"
                         :
                         :
                         : "x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10",
                           "x18");
#elif defined(__riscv)
    __asm__ __volatile__(
        "li a0, -1\n\tmv a1, a0\n\tmv a2, a0\n\tmv a3, a0\n\tmv a4, a0\n\tmv a5, a0\n\t"
        "mv a6, a0\n\tmv a7, a0\n\tmv t0, a0\n\tmv t1, a0\n\tmv t2, a0"
        :
        :
        : "a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7", "t0", "t1", "t2");
#endif
}

struct tp_shadow *text_shadow(void)
{
    static struct tp_shadow shadow; /* there is one thread */

    text_overwrite();
    return &shadow;
}

bool text_write(void *site, const void *bytes, size_t n)
{
    uintptr_t page = (uintptr_t)site & ~(uintptr_t)(PAGE - 1);

    if (mprotect((void *)page, 2 * PAGE, PROT_READ | PROT_WRITE | PROT_EXEC))
        return false;
    memcpy(site, bytes, n);
    __builtin___clear_cache((char *)site, (char *)site + n);
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
               on                                                     ? " is on"
               : memcmp((const char *)entry + NOP_AT, NOP, NOP_BYTES) ? " is no nop"
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
    if (!atoi(argv[1]) && !registers_are_kept())
        must(TP_EINVAL);
    must(tp_trace_stop(t));
    calls_root(0); /* nothing records it */
    write_all(t);
    return 0;
}
