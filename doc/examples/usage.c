/* SPDX-License-Identifier: MIT */
/*
 * Two events, recorded only once they are enabled. Writes its dump to standard output:
 *
 *     cc -std=gnu11 -DTP_PORT_HEADER='<tp/port/hosted/port.h>' usage.c -ltracepoint -o usage
 *     ./usage | tpdecode
 */
#define TP_CREATE
#include <tp/event.h>
#include <tp/trace.h>

#include <stdio.h>

/* Every field is in the format; %.0s records one without printing it. */
TP_EVENT(example, TEST, "Hello from tracepoint! a=%u,%.0s b=%u", u32 a, arr(char, 4) tag, u32 b)
TP_EVENT(example, TEST2, "Hello from tracepoint! a=%u, b=%u", u32 a, u32 b)

static uint8_t region[1 << 16] __attribute__((aligned(64)));

static void fire(uint32_t a, uint32_t b)
{
    trace_example_TEST(a, "tag", b);
    trace_example_TEST2(a, b);
}

int main(void)
{
    struct tp_config config = {.name = "usage", .cpus = 1, .context = true};
    struct tp_trace *trace;
    struct tp_stats stats;
    char buffer[4096];
    long n;
    int err = tp_open(&trace, region, sizeof(region), &config);

    if (err) {
        fprintf(stderr, "tp_open: %s\n", tp_strerror(err));
        return 1;
    }
    tp_hosted_cpu = 0; /* this thread is CPU 0 ... */
    tp_hosted_context = tp_context(1, 0, 0); /* ... and runs task 1 */
    tp_task_name(1, "test_process");
    tp_disable(trace, "*");
    tp_start(trace);

    fire(1, 2);
    fire(3, 4);
    tp_stats(trace, 0, &stats);
    fprintf(stderr, "before enabling: %u records\n", stats.unread);

    tp_enable(trace, "example:TEST");
    tp_enable(trace, "example:TEST2");
    fire(1, 2);
    fire(9, 2);
    fire(3, 4);
    fire(10, 4);
    fire(11, 6);
    tp_stats(trace, 0, &stats);
    fprintf(stderr, "after enabling: %u records\n", stats.unread);

    tp_stop(trace);
    while ((n = tp_pipe_read(trace, buffer, sizeof(buffer))) > 0)
        fwrite(buffer, 1, (size_t)n, stdout);
    return 0;
}
