/* SPDX-License-Identifier: MIT */
/*
 * Two events, recorded once they are enabled and as far as they pass a filter, and two probes that are
 * called for what is recorded. Writes its dump to standard output:
 *
 *     cc -std=gnu11 -DTP_PORT_HEADER='<tp/port/hosted/port.h>' usage.c -ltracepoint -o usage
 *     ./usage | tpdecode
 */
#define TP_CREATE
#include <tp/control.h>
#include <tp/event.h>
#include <tp/trace.h>

#include <stdio.h>
#include <string.h>

/* Every field is in the format; %.0s records one without printing it. */
TP_EVENT(example, TEST, "Hello from tracepoint! a=%u,%.0s b=%u", u32 a, arr(char, 4) tag, u32 b)
TP_EVENT(example, TEST2, "Hello from tracepoint! a=%u, b=%u", u32 a, u32 b)

#define FILTER "(a > 8 && a<=10) || b >5"

static uint8_t region[1 << 16] __attribute__((aligned(64)));
static uint8_t memory[1 << 14] __attribute__((aligned(16))); /* for filters and probes */

/* The record as it is in the ring: 8 bytes of header, then the fields. */
static void on_record(void *data, const struct tp_event *event, uint64_t time, const void *record,
                      uint32_t bytes)
{
    uint32_t a;

    (void)data;
    (void)time;
    memcpy(&a, (const char *)record + 8, sizeof(a));
    fprintf(stderr, "record of %s: %u bytes, a=%u\n", event->name, bytes, a);
}

/* The arguments as they were given. */
static void on_call(void *data, const struct tp_event *event, const uint64_t *args, uint32_t count)
{
    (void)data;
    fprintf(stderr, "call of %s: %u arguments, the last is %u\n", event->name, count,
            (unsigned)args[count - 1]);
}

static void fire(uint32_t a, uint32_t b)
{
    trace_example_TEST(a, "tag", b);
    trace_example_TEST2(a, b);
}

/* What the crate forgets: the filter holds for who is called, too. */
static int choose(struct tp_trace *trace)
{
    struct tp_probe_options with = {.trace = trace};
    struct tp_filter_error error;
    char text[200];
    int err = tp_control_set_memory(memory, sizeof(memory), 1);

    if (!err)
        err = tp_filter_set(trace, "example:*", "a > 8 && c", &error);
    if (err == TP_EFILTER) {
        tp_filter_explain(&error, "a > 8 && c", 10, text, sizeof(text));
        fputs(text, stderr);
    }
    err = tp_filter_set(trace, "example:*", FILTER, NULL);
    if (!err)
        err = tp_probe_record_add("example:*", on_record, NULL, &with, NULL);
    if (!err)
        err = tp_probe_raw_add("example:*", on_call, NULL, &with, NULL);
    return err;
}

int main(void)
{
    struct tp_config config = {.name = "usage", .cpus = 1, .context = true};
    struct tp_trace *trace;
    struct tp_trace_stats stats;
    char buffer[4096];
    long n;
    int err = tp_trace_open(&trace, region, sizeof(region), &config);

    if (err) {
        fprintf(stderr, "tp_trace_open: %s\n", tp_strerror(err));
        return 1;
    }
    tp_hosted_cpu = 0;                       /* this thread is CPU 0 ... */
    tp_hosted_context = tp_context(1, 0, 0); /* ... and runs task 1 */
    tp_task_name(1, 0, "test_process");
    tp_trace_disable(trace, "*");
    err = choose(trace);
    if (err) {
        fprintf(stderr, "choose: %s\n", tp_strerror(err));
        return 1;
    }
    tp_trace_start(trace);

    fire(1, 2);
    fire(3, 4);
    tp_trace_stats(trace, 0, &stats);
    fprintf(stderr, "before enabling: %u records\n", stats.unread);

    tp_trace_enable(trace, "example:TEST");
    tp_trace_enable(trace, "example:TEST2");
    fire(1, 2);
    fire(9, 2);
    fire(3, 4);
    fire(10, 4);
    fire(11, 6);
    tp_trace_stats(trace, 0, &stats);
    fprintf(stderr, "after enabling: %u records\n", stats.unread);

    tp_trace_stop(trace);
    while ((n = tp_pipe_read(trace, buffer, sizeof(buffer))) > 0)
        fwrite(buffer, 1, (size_t)n, stdout);
    return 0;
}
