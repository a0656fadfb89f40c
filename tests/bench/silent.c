/* SPDX-License-Identifier: MIT */
/*
 * What CPUs that are silent cost a reader: one CPU fills a sub-buffer of 8 KiB, the pipe is read until there is nothing more,
 * and so on. Printed as bench.c does:
 *
 *   silent_64, silent_1024  a chunk with so many CPUs against a chunk with one, with all marks that came
 *
 *   tpbench_silent read CPUS     200 such chunks, to count instructions of
 *   tpbench_silent open CPUS     opens a trace, to count instructions of
 */
#define TP_CREATE
#include <tp/event.h>

TP_EVENT(bench, silent, "a=%llu b=%llu c=%llu", u64 a, u64 b, u64 c)

#include <stdio.h>
#include <string.h>
#include <tp/trace.h>

#include "measure.h"

#define SILENT_BYTES 8192u
#define SILENT_CHUNKS 200u
#define SILENT_RUNS 31

static struct tp_trace *silent_trace;
static uint8_t silent_copy[1 << 16];

static struct tp_trace *silent_open(uint32_t cpus)
{
    const struct tp_config config = {.cpus = cpus, .subbuf_bytes = SILENT_BYTES, .subbufs = 4};
    size_t bytes = tp_region_bytes(&config);
    void *region = aligned_alloc(4096, (bytes + 4095) & ~(size_t)4095);
    struct tp_trace *trace;

    if (!region || tp_trace_open(&trace, region, bytes, &config)) {
        fprintf(stderr, "bench: no trace of %u CPUs\n", cpus);
        exit(1);
    }
    return trace;
}

/* Not inlined: its instructions are counted. */
__attribute__((__noinline__)) void silent_read(void)
{
    while (tp_pipe_read(silent_trace, silent_copy, sizeof(silent_copy)) > 0)
        ;
}

static double silent_time(struct tp_trace *trace)
{
    double sum = 0, start;

    silent_trace = trace;
    tp_trace_start(trace);
    for (uint32_t i = 0; i < SILENT_CHUNKS; i++) {
        for (uint32_t k = 0; k < SILENT_BYTES / 32; k++)
            trace_bench_silent(i, k * 7ull, k * 13ull);
        start = seconds();
        silent_read();
        sum += seconds() - start;
    }
    tp_trace_stop(trace);
    return sum;
}

static void silent_ratio(uint32_t cpus, const char *bound)
{
    struct tp_trace *many = silent_open(cpus), *one = silent_open(1);
    double r[SILENT_RUNS];

    for (unsigned i = 0; i < SILENT_RUNS; i++) {
        double plain = silent_time(one);

        r[i] = silent_time(many) / plain;
    }
    printf("bench silent_%u %.2f %s\n", cpus, median(r, SILENT_RUNS), bound);
}

int main(int argc, char **argv)
{
    tp_hosted_cpu = 0;
    if (argc == 3) {
        struct tp_trace *trace = silent_open((uint32_t)atoi(argv[2]));

        if (strcmp(argv[1], "read") == 0)
            silent_time(trace);
        return 0;
    }
    silent_ratio(64, "at most 2");
    silent_ratio(1024, "at most 40");
    return 0;
}
