/* SPDX-License-Identifier: MIT */
/* A kernel that has the recorder and nothing else: streams in discard mode with a loss, two traces at
 * once, a snapshot of a flight recorder, patterns. Writes `stream`, `second` and `snapshot`. */
#define TP_CREATE
#include <tp/event.h>

#include <tp/trace.h>

#include <stdio.h>
#include <stdlib.h>

TP_EVENT(alone, tick, "n=%u", u32 n)
TP_EVENT(alone, text, "n=%u %s", u32 n, str text)
TP_EVENT(other, tick, "n=%u", u32 n)

uint64_t alone_clock;
static uint8_t region[2][1 << 15] __attribute__((aligned(64)));

static void must(int err)
{
    if (err) {
        fprintf(stderr, "%s\n", tp_strerror(err));
        exit(1);
    }
}

static void write_all(struct tp_trace *t, const char *name,
                      long (*read)(struct tp_trace *, void *, size_t))
{
    FILE *out = fopen(name, "wb");
    char buffer[700];
    long n;

    while ((n = read(t, buffer, sizeof(buffer))) > 0)
        fwrite(buffer, 1, (size_t)n, out);
    if (n || fclose(out))
        must(TP_EINVAL);
}

int main(void)
{
    struct tp_config config = {.name = "alone", .cpus = 1, .subbuf_bytes = 1024, .subbufs = 4};
    struct tp_trace *t[2];

    must(tp_trace_open(&t[0], region[0], sizeof(region[0]), &config));
    config.mode = TP_OVERWRITE;
    must(tp_trace_open(&t[1], region[1], sizeof(region[1]), &config));
    must(tp_trace_disable(t[1], "*"));
    must(tp_trace_enable(t[1], "*:tick"));
    must(tp_trace_disable(t[0], "other"));
#ifdef NAMES
    tp_task_name(7, 0, "name of task 7");
#endif
    must(tp_trace_start(t[0]));
    must(tp_trace_start(t[1]));
    for (uint32_t i = 0; i < 300; i++) {
        trace_alone_tick(i);
        if (i % 100 == 0)
            trace_alone_text(i, "hundred");
        trace_other_tick(i);
    }
    must(tp_snapshot_begin(t[1]));
    write_all(t[1], "snapshot", tp_snapshot_read);
    must(tp_trace_stop(t[0]));
    write_all(t[0], "stream", tp_pipe_read);
    must(tp_trace_stop(t[1]));
    write_all(t[1], "second", tp_pipe_read);
    must(tp_trace_close(t[0]));
    must(tp_trace_close(t[1]));
    return 0;
}
