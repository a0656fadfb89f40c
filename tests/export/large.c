/* SPDX-License-Identifier: MIT */
/*
 * Writes a dump of two CPUs to standard output, for the tests of exports.
 *
 *     large COUNT [BYTES]
 *
 * COUNT records of large:number; now and then the ring is full, and some are lost. With BYTES some in between are
 * of large:text, with a text of so many.
 */
#define TP_CREATE
#include <tp/event.h>
#include <tp/trace.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define READ_EVERY 1000u
#define TEXT_EVERY 777u

TP_EVENT(large, number, "v=%u w=%lld", u32 v, s64 w)
TP_EVENT(large, text, "s=%s", str(32000) s)

static uint8_t region[1 << 20] __attribute__((aligned(64)));
static char text[TP_LIMIT_TAIL_BYTES + 1];

static void drain(struct tp_trace *trace)
{
    static char buffer[65536];
    long n;

    while ((n = tp_pipe_read(trace, buffer, sizeof(buffer))) > 0)
        fwrite(buffer, 1, (size_t)n, stdout);
}

int main(int argc, char **argv)
{
    static const char *const names[] = {"init", "a b", "kworker/0:1", "x", "fifteen letters"};
    struct tp_config config = {
        .name = "large", .cpus = 2, .subbuf_bytes = 65536, .subbufs = 4, .context = true};
    unsigned long count = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
    unsigned long bytes = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;
    struct tp_trace *trace;

    if (bytes >= sizeof(text) || tp_trace_open(&trace, region, sizeof(region), &config))
        return 1;
    memset(text, 'x', bytes);
    for (uint32_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        tp_task_name(i + 1, 0, names[i]);
    tp_trace_start(trace);
    /* trace-cmd shows no NMI. */
    for (unsigned long i = 0; i < count; i++) {
        tp_hosted_cpu = i % 5 == 0;
        tp_hosted_context = tp_context((int)(i % 7), i % TP_CTX_NMI, i % 20);
        trace_large_number((uint32_t)i, (int64_t)(i * 0x9e3779b97f4a7c15u));
        if (bytes && i % TEXT_EVERY == 0)
            trace_large_text(text);
        if (i % READ_EVERY == 0 && i / 100000 % 2 == 0)
            drain(trace);
    }
    tp_trace_stop(trace);
    drain(trace);
    return fflush(stdout) != 0;
}
