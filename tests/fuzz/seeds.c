/* SPDX-License-Identifier: MIT */
/*
 * seeds.c - what fuzzing begins with, made when it is built: from the golden dumps, from the texts in
 * tests/fuzz/corpus, and regions that an engine leaves.
 *
 *     seeds OUT SRCDIR      into OUT/dump, OUT/metadata, OUT/region, OUT/attach, OUT/filter, OUT/tree, OUT/options, OUT/remote
 */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <tp/wire.h>

#include "engine.h"
#include "fuzz.h"

/* A region has addresses of its own in it. Here they are the same each time: this program is linked
 * for a fixed place, and its regions are in it. */
#define SEEDS_ARENA (64u << 20)

void *__wrap_aligned_alloc(size_t align, size_t n);
void __wrap_free(void *p);
void __real_free(void *p);

static uint8_t seeds_arena[SEEDS_ARENA] __attribute__((aligned(4096)));

void *__wrap_aligned_alloc(size_t align, size_t n)
{
    static size_t used;
    size_t at = (used + align - 1) / align * align;

    if (n > SEEDS_ARENA - at)
        return NULL;
    used = at + n;
    return seeds_arena + at;
}

void __wrap_free(void *p)
{
    uintptr_t at = (uintptr_t)p - (uintptr_t)seeds_arena;

    if (at >= SEEDS_ARENA)
        __real_free(p);
}

static const char *seeds_out;

static void seeds_write(const char *target, unsigned number, const void *bytes, size_t n)
{
    char path[600];
    FILE *f;

    snprintf(path, sizeof(path), "%s/%s", seeds_out, target);
    (void)mkdir(path, 0777);
    snprintf(path, sizeof(path), "%s/%s/seed-%u", seeds_out, target, number);
    f = fopen(path, "wb");
    fuzz_require(f && fwrite(bytes, 1, n, f) == n && fclose(f) == 0, path);
}

/* Hex digits with # comments. */
static struct fuzz_bytes seeds_hex(const char *path)
{
    struct fuzz_bytes b = {0};
    FILE *f = fopen(path, "r");
    char line[4096];

    fuzz_require(f, path);
    while (fgets(line, sizeof(line), f)) {
        line[strcspn(line, "#")] = 0;
        for (char *p = strtok(line, " \t\n"); p; p = strtok(NULL, " \t\n"))
            for (; p[0] && p[1]; p += 2) {
                char two[3] = {p[0], p[1], 0};
                uint8_t byte = (uint8_t)strtoul(two, NULL, 16);

                fuzz_add(&b, &byte, 1);
            }
    }
    fclose(f);
    return b;
}

/* The metadata of a dump is a seed by itself. */
static void seeds_metadata(const struct fuzz_bytes *dump, unsigned number)
{
    struct tp_wire_chunk h;

    for (size_t at = 0; at + sizeof(h) <= dump->n; at += h.size_bytes) {
        memcpy(&h, dump->p + at, sizeof(h));
        if (h.order != TP_WIRE_ORDER || h.size_bytes < sizeof(h) || h.size_bytes > dump->n - at)
            return;
        if (h.type == TP_CHUNK_METADATA && !(h.flags & TP_CHUNK_ZLIB)) {
            seeds_write("metadata", number, dump->p + at + sizeof(h), h.size_bytes - sizeof(h));
            return;
        }
    }
}

static void seeds_golden(const char *srcdir)
{
    char pattern[600];
    glob_t found;

    snprintf(pattern, sizeof(pattern), "%s/tests/golden/*.hex", srcdir);
    fuzz_require(glob(pattern, 0, NULL, &found) == 0, "no golden dumps");
    for (unsigned i = 0; i < found.gl_pathc; i++) {
        struct fuzz_bytes b = seeds_hex(found.gl_pathv[i]);
        uint8_t how = (uint8_t)i;

        if (b.n > 3 && b.p[3] == TP_REGION_MAGIC3)
            seeds_write("region", i, b.p, b.n);
        seeds_metadata(&b, i);
        fuzz_add(&b, &how, 1);
        seeds_write("dump", i, b.p, b.n);
        fuzz_free(&b);
    }
    globfree(&found);
}

/* Regions in both modes, before and after they were lapped. */
static void seeds_regions(void)
{
    for (unsigned i = 0; i < 8; i++) {
        struct tp_config c = {.name = "t", .cpus = 2, .subbuf_bytes = 512, .subbufs = 4};
        struct tp_trace *t;

        c.mode = i & 1 ? TP_OVERWRITE : TP_DISCARD;
        c.context = i & 2;
        c.tasks = 8;
        t = engine_open(&c);
        for (uint32_t n = 0; n < (i & 4 ? 400u : 50u); n++)
            engine_fire(n);
        seeds_write("attach", i, engine_region(t), tp_region_bytes(&c));
        seeds_write("region", 1000 + i, engine_region(t), tp_region_bytes(&c));
        engine_close(t);
    }
}

/* tests/fuzz/corpus/TARGET.txt: texts with a line of -- between them. */
static void seeds_texts(const char *srcdir, const char *target)
{
    struct fuzz_bytes b = {0};
    char line[4096];
    unsigned number = 0;
    FILE *f;

    snprintf(line, sizeof(line), "%s/tests/fuzz/corpus/%s.txt", srcdir, target);
    f = fopen(line, "r");
    fuzz_require(f, line);
    while (fgets(line, sizeof(line), f)) {
        if (strcmp(line, "--\n") != 0) {
            fuzz_add(&b, line, strlen(line));
            continue;
        }
        seeds_write(target, number++, b.p, b.n - (b.n > 0));
        b.n = 0;
    }
    seeds_write(target, number, b.p, b.n - (b.n > 0));
    fclose(f);
    fuzz_free(&b);
}

/* A dump as a C array, for fuzz_options.c. */
static int seeds_array(const char *path)
{
    struct fuzz_bytes b = seeds_hex(path);

    printf("static const unsigned char fuzz_golden[] = {");
    for (size_t i = 0; i < b.n; i++)
        printf("%u,", b.p[i]);
    printf("};\n");
    fuzz_free(&b);
    return fflush(stdout);
}

int main(int argc, char **argv)
{
    if (argc == 2)
        return seeds_array(argv[1]);
    fuzz_require(argc == 3, "seeds OUT SRCDIR, or seeds FILE.hex");
    seeds_out = argv[1];
    seeds_golden(argv[2]);
    seeds_regions();
    seeds_texts(argv[2], "filter");
    seeds_texts(argv[2], "tree");
    seeds_texts(argv[2], "options");
    seeds_texts(argv[2], "remote");
    return 0;
}
