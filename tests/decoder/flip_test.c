/* SPDX-License-Identifier: MIT */
/*
 * Every golden dump with every bit wrong, cut at every length, with each byte gone and each byte
 * twice: what differs from the good output is reported. In one process without a sanitizer, since it is
 * a quarter of a million runs.
 */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tp/wire.h>

#include "help.h"
#include "tp_test.h"

#define FLIP_FAILURES 20u

enum flip_kind { FLIP_BIT, FLIP_CUT, FLIP_GONE, FLIP_TWICE, FLIP_KINDS };
static const char *const flip_names[FLIP_KINDS] = {"a wrong bit", "a cut", "a byte gone",
                                                   "a byte twice"};

static struct {
    unsigned long runs, same, between; /* same: nothing differs; between: cuts between two chunks */
} flip_count[FLIP_KINDS];

struct flip_dump {
    const char *name;
    bool good;   /* nothing is wrong in it as it is: then nothing may be the same after a change */
    bool region; /* memory has no checksums of records (doc/region.md) */
    bool ended;  /* it has an end mark */
    struct help_bytes bytes;
    struct help_run run;
    bool is_start[1 << 16]; /* a chunk begins there, or the dump ends */
};

static bool flip_same(const struct help_run *a, const struct help_run *b)
{
    return a->code == b->code && !strcmp(a->out, b->out) && !strcmp(a->err, b->err);
}

/* A message beside the sum, which is the last line. */
static bool flip_says(const struct help_run *run, const struct help_run *good)
{
    return strcmp(run->err, good->err) != 0 && strstr(run->err, "tpdecode: ");
}

/* The first of them say enough. */
static void flip_fail(const struct flip_dump *d, enum flip_kind kind, size_t at, const char *what,
                      const struct help_run *run)
{
    static unsigned failures;

    TP_FAIL("%s, %s at %zu: %s: exit code %d\n%s", d->name, flip_names[kind], at, what, run->code,
            run->err);
    if (++failures == FLIP_FAILURES)
        TP_FAIL_FATAL("and perhaps more");
}

static void flip_judge(const struct flip_dump *d, enum flip_kind kind, size_t at,
                       const struct help_run *run)
{
    bool between = kind == FLIP_CUT && d->is_start[at];

    flip_count[kind].runs++;
    if (run->code < 0 || run->code > 3)
        flip_fail(d, kind, at, "not a code of its list", run);
    if (flip_same(run, &d->run)) {
        flip_count[kind].same++;
        if (d->good && !d->region && !(between && !d->ended))
            flip_fail(d, kind, at, "shows nowhere", run);
        return;
    }
    if (between)
        flip_count[kind].between++;
    /* Where it stops between two chunks that is a note: tracing may have gone on. */
    if (!d->region && !between && (!flip_says(run, &d->run) || run->code == 0))
        flip_fail(d, kind, at, "no message", run);
}

static void flip_run(const struct flip_dump *d, enum flip_kind kind, size_t at, const void *bytes,
                     size_t n)
{
    struct help_run run = help_decode(d->name, bytes, n, HELP_TEXT);

    flip_judge(d, kind, at, &run);
    help_run_free(&run);
}

static void flip_all(struct flip_dump *d)
{
    uint8_t *p = d->bytes.p, *other = malloc(d->bytes.n + 1);
    size_t n = d->bytes.n;

    TP_ASSERT(other != NULL);
    for (size_t bit = 0; bit < 8 * n; bit++) {
        p[bit / 8] ^= (uint8_t)(1u << bit % 8);
        flip_run(d, FLIP_BIT, bit, p, n);
        p[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    for (size_t at = 0; at < n; at++) {
        flip_run(d, FLIP_CUT, at, p, at);
        memcpy(other, p, at);
        memcpy(other + at, p + at + 1, n - at - 1);
        flip_run(d, FLIP_GONE, at, other, n - 1);
        memcpy(other + at, p + at, 1);
        memcpy(other + at + 1, p + at, n - at);
        flip_run(d, FLIP_TWICE, at, other, n + 1);
    }
    free(other);
}

/* Chunks of a dump that is whole, by doc/format.md section 4. */
static void flip_starts(struct flip_dump *d)
{
    for (size_t at = 0; at + TP_WIRE_CHUNK_BYTES <= d->bytes.n;) {
        const uint8_t *p = d->bytes.p + at;
        size_t bytes = p[4] == 1 ? (size_t)p[16] << 24 | p[17] << 16 | p[18] << 8 | p[19]
                                 : (size_t)p[19] << 24 | p[18] << 16 | p[17] << 8 | p[16];

        if (memcmp(p, "\xf5tp\xfa", 4) != 0) {
            at++;
            continue;
        }
        d->is_start[at] = true;
        d->ended = p[8] == TP_CHUNK_END;
        at += bytes >= TP_WIRE_CHUNK_BYTES && bytes <= d->bytes.n - at ? bytes : 1;
    }
}

static void flip_dump(const char *path)
{
    static struct flip_dump d;
    const char *name = strrchr(path, '/') + 1;
    struct help_bytes hex = help_file(path);

    memset(&d, 0, sizeof(d));
    d.name = name;
    d.good = strncmp(name, "good-", 5) == 0;
    d.bytes = help_hex((char *)hex.p, hex.n);
    TP_ASSERT(d.bytes.n < sizeof(d.is_start));
    d.region = d.bytes.p[3] == TP_REGION_MAGIC3 || strstr(name, "bare");
    flip_starts(&d);
    d.run = help_decode(d.name, d.bytes.p, d.bytes.n, HELP_TEXT);
    flip_all(&d);
    help_run_free(&d.run);
    help_free(&d.bytes);
    help_free(&hex);
}

TP_TEST(Flip, EveryBitCutAndByteOfEveryGoldenDump)
{
    glob_t found;

    TP_ASSERT_EQ(glob(tp_test_path("tests/golden/*.hex"), 0, NULL, &found), 0);
    TP_ASSERT(found.gl_pathc >= 24);
    for (size_t i = 0; i < found.gl_pathc; i++)
        flip_dump(found.gl_pathv[i]);
    globfree(&found);
    for (int i = 0; i < FLIP_KINDS; i++)
        printf("# %s: %lu runs, %lu the same, %lu between two chunks\n", flip_names[i],
               flip_count[i].runs, flip_count[i].same, flip_count[i].between);
    TP_CHECK(flip_count[FLIP_BIT].runs > 200000);
    TP_CHECK(flip_count[FLIP_CUT].between > 20);
}
