/* SPDX-License-Identifier: MIT */
/* engine.c - a trace in memory for the fuzz targets that have an engine. */
#define TP_CREATE
#include "engine.h"

#include <stdlib.h>
#include <string.h>
#include <tp/control.h>

#include "events.h"
#include "fuzz.h"

#define ENGINE_MEMORY (256u << 10)

uint32_t fuzz_cpu;
uint64_t fuzz_time = 1000;

/* Control memory, which is given once. */
static void engine_memory(void)
{
    static void *memory;

    if (memory)
        return;
    memory = aligned_alloc(64, ENGINE_MEMORY);
    fuzz_require(memory && tp_control_set_memory(memory, ENGINE_MEMORY, 2) == 0,
                 "no control memory");
}

struct tp_trace *engine_open(const struct tp_config *config)
{
    size_t bytes = tp_region_bytes(config);
    uint8_t *region = aligned_alloc(64, bytes);
    struct tp_trace *t;

    engine_memory();
    fuzz_cpu = 0;
    fuzz_time = 1000;
    fuzz_require(region, "no memory");
    memset(region, 0xa5, bytes);
    fuzz_require(tp_trace_open(&t, region, bytes, config) == 0, "a trace is not opened");
    fuzz_require(tp_trace_start(t) == 0, "a trace is not started");
    return t;
}

uint8_t *engine_region(struct tp_trace *t)
{
    return (uint8_t *)t - 2 * TP_REGION_COPY_BYTES; /* doc/region.md */
}

void engine_close(struct tp_trace *t)
{
    (void)tp_trace_stop(t);
    fuzz_require(tp_trace_close(t) == 0, "a trace is not closed");
    free(engine_region(t));
}

void engine_fire(uint32_t n)
{
    static const uint32_t three[3] = {1, 2, 3};
    static const int8_t two[2] = {-1, 1};

    fuzz_cpu = n / 5 % 2;
    switch (n % 5) {
    case 0:
        trace_sched_pair(n, 2);
        break;
    case 1:
        trace_mm_wide(n, -1);
        break;
    case 2:
        trace_fs_open("/etc/motd", n & 7, (int)(n % 3) - 1);
        break;
    case 3:
        trace_fs_arrays(three, two, "abcde");
        break;
    default:
        tp_task_name(n, n / 2, "task");
        break;
    }
    fuzz_cpu = 0;
}
