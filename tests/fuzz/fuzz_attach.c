/* SPDX-License-Identifier: MIT */
/*
 * fuzz_attach.c - a region that a kernel finds after a reset, through tp_trace_attach and the pipe: it
 * comes to an end, stays inside of the region, and gives a dump whose chunks are whole.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tp/trace.h>

#include "engine.h"
#include "fuzz.h"
#include "mutate.h"

/* A read gives a chunk or more; each has a record of 8 bytes at least, or is one of the few others, or a mark. */
static uint64_t attach_most_reads(size_t size)
{
    return 4096 + size;
}

static void attach_read(struct tp_trace *t, size_t size, struct fuzz_bytes *dump)
{
    static uint8_t part[1 << 19];
    uint64_t reads = 0;
    long n;

    while ((n = tp_pipe_read(t, part, sizeof(part))) > 0) {
        fuzz_add(dump, part, (size_t)n);
        fuzz_require(++reads < attach_most_reads(size), "the pipe of an old region has no end");
    }
    fuzz_require(n == 0, "the pipe of an old region ends with an error");
    fuzz_require(tp_pipe_ended(t), "the pipe of an old region does not end");
}

/* Does a payload that is no metadata have a wrong checksum? (Metadata is given as it was found.) */
static bool attach_bad_sum(const char *text)
{
    for (const char *at = text; (at = strstr(at, "payload checksum wrong")); at++) {
        const char *line = at;

        while (line > text && line[-1] != '\n')
            line--;
        if (memmem(line, (size_t)(at - line), "(cpu ", 5))
            return true;
    }
    return strstr(text, "header checksum") != NULL;
}

static void attach_dump(const struct fuzz_bytes *dump)
{
    struct fuzz_run r = fuzz_decode((struct decode_options){0}, dump->p, dump->n);
    const char *said = (char *)r.err.p;
    bool whole = !attach_bad_sum(said) && !strstr(said, "not part of any chunk") &&
                 !strstr(said, "no end mark") && !strstr(said, "ends inside");

    if (getenv("FUZZ_SHOW"))
        fprintf(stderr, "%s%s", r.out.p, said);
    /* In damaged metadata the header of another region may be found, and that one is not whole. */
    fuzz_require(whole || strstr(said, "region at 0x"), "the dump of an old region is not whole");
    fuzz_run_free(&r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *region = aligned_alloc(64, (size + 64) & ~(size_t)63);
    struct fuzz_bytes dump = {0};
    struct tp_trace *t;

    fuzz_require(region, "no memory");
    if (size)
        memcpy(region, data, size);
    if (tp_trace_attach(&t, region, size) == 0) {
        attach_read(t, size, &dump);
        fuzz_require(tp_trace_close(t) == 0, "an old region is not closed");
        attach_dump(&dump);
    } else {
        fuzz_require(!size || memcmp(region, data, size) == 0,
                     "a region that is refused was changed");
    }
    fuzz_free(&dump);
    free(region);
    return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed)
{
    return mutate_region(data, size, max, seed);
}
