/* SPDX-License-Identifier: MIT */
/*
 * What exporting costs, as a ratio to memcpy of the same bytes: 64 MiB of records of one CPU are read from the pipe into one
 * buffer. Printed as bench.c does. Compiled for each way to make the checksum (TP_CRC_TABLE_BYTES):
 *
 *   pipe_copy              with the processor's instruction
 *   pipe_copy_table        with the table of 8,192 bytes
 *   pipe_copy_small_table  with that of 64 bytes, which small processors have
 */
#define TP_CREATE
#include <tp/event.h>

TP_EVENT(bench, pipe, "a=%llu b=%llu c=%llu", u64 a, u64 b, u64 c)

#include <stdio.h>
#include <string.h>
#include <tp/trace.h>

#include "measure.h"

#define PIPE_BYTES (64u << 20)
#define PIPE_EVENTS (PIPE_BYTES / 32)
#define PIPE_RUNS 15

static uint8_t region[PIPE_BYTES + (4u << 20)] __attribute__((aligned(64)));
static uint8_t copy[PIPE_BYTES + (4u << 20)];

static double pipe_ratio(struct tp_trace *trace)
{
    double start, plain;
    long n;

    for (uint32_t i = 0; i < PIPE_EVENTS; i++)
        trace_bench_pipe(i, i * 7ull, i * 13ull);
    start = seconds();
    memcpy(copy, region, PIPE_BYTES);
    __asm__ __volatile__("" : : "r"(copy) : "memory");
    plain = seconds() - start;
    start = seconds();
    n = tp_pipe_read(trace, copy, sizeof(copy));
    if (n < (long)PIPE_BYTES / 2) {
        fprintf(stderr, "bench: only %ld bytes were read\n", n);
        exit(1);
    }
    return (seconds() - start) / (double)n * PIPE_BYTES / plain;
}

int main(void)
{
    const struct tp_config config = {.cpus = 1, .subbuf_bytes = 65536, .subbufs = 1024};
    const char *name = !TP_CRC_TABLE_BYTES          ? "pipe_copy"
                       : TP_CRC_TABLE_BYTES == 8192 ? "pipe_copy_table"
                                                    : "pipe_copy_small_table";
    const char *bound = !TP_CRC_TABLE_BYTES          ? "at most 3"
                        : TP_CRC_TABLE_BYTES == 8192 ? "at most 12"
                                                     : "for comparison";
    struct tp_trace *trace;
    double r[PIPE_RUNS];

    tp_hosted_cpu = 0;
    if (tp_trace_open(&trace, region, sizeof(region), &config) || tp_trace_start(trace)) {
        fprintf(stderr, "bench: no trace\n");
        return 1;
    }
    for (unsigned i = 0; i < PIPE_RUNS; i++)
        r[i] = pipe_ratio(trace);
    printf("bench %s %.2f %s\n", name, median(r, PIPE_RUNS), bound);
    return 0;
}
